"""Which missing signatures to show, and what came of a call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q

from agreements.enums import Capacity
from agreements.queries.outstanding import TO_TELEPHONE
from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.models import FormGroup


class FilterMissingForm(BaseForm):
    """By form and by who signs; no names."""

    form = forms.ChoiceField(label="Form", required=False)
    capacity = forms.ChoiceField(label="Who signs", choices=[("", "Everybody"), *Capacity.choices], required=False)

    calls = forms.BooleanField(label="Only those to telephone", required=False)

    def __init__(self, *args: Any, groups: Iterable[FormGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("form", [("", "All"), *((str(group.pk), group.name) for group in groups)])

    def wanted(self) -> Q:
        """What to filter by; what is not a choice is left out."""
        given = self.cleaned_data if self.is_valid() else {}
        chosen = {"agreement__pupil__form": given.get("form"), "capacity": given.get("capacity")}
        found = Q(**{name: value for name, value in chosen.items() if value})
        return found & TO_TELEPHONE if given.get("calls") else found

    def query(self) -> str:
        """The filter as it stands in the address of the next page."""
        given = self.cleaned_data if self.is_valid() else {}
        kept = {name: "on" if value is True else value for name, value in given.items() if value}
        return f"{urlencode(kept)}&" if kept else ""


class CallForm(SubmissionForm):
    """What came of a telephone call."""

    submit_label = "Record the call"

    note = LineField(
        label="What came of it?",
        max_length=300,
        help_text="Such as: will sign at the gate tomorrow, or nobody answered.",
        error_messages={"required": "Say what came of the call"},
    )
