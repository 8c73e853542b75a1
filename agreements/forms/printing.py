"""Which agreements are printed to sign on paper, and how."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agreements.enums import STAFF_KINDS, AgreementKind
from core.kit.forms import SubmissionForm
from core.people.models import FormGroup


class PrintManyForm(SubmissionForm):
    """By form and by agreement; in large print; for both sides of the paper."""

    submit_label = "Make the PDF"

    form = forms.ChoiceField(label="Which form?", required=False)
    kind = forms.ChoiceField(
        label="Which agreement?",
        required=False,
        choices=[("", "All"), *((one.value, one.label) for one in AgreementKind if one not in STAFF_KINDS)],
    )
    no_address = forms.BooleanField(label="Only where a parent or carer has no email address", required=False)
    large = forms.BooleanField(label="In large print", required=False)
    own_sheets = forms.BooleanField(
        label="For printing on both sides: each begins on a sheet of its own", required=False, initial=True
    )

    def __init__(self, *args: Any, groups: Iterable[FormGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(group.pk): group for group in groups}
        self.offer("form", [("", "All forms"), *((key, group.name) for key, group in self.groups.items())])

    def which(self) -> dict[str, Any]:
        """What `to_print` takes."""
        given = self.cleaned_data
        return {
            "form": self.groups.get(given["form"]),
            "kind": given["kind"],
            "no_address": given["no_address"],
        }
