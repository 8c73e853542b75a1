"""The form for a promise to a pupil."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agreements.models import Clause
from core.kit.forms import LineField, SubmissionForm

_OWN = "own"


class PromiseForm(SubmissionForm):
    """What the school undertakes: from its own list, or in own words."""

    submit_label = "Promise it"

    clause = forms.ChoiceField(
        label="What the school undertakes", widget=forms.RadioSelect, error_messages={"required": "Choose what"}
    )
    text = LineField(label="In our own words", max_length=300, required=False)
    how = LineField(
        label="What it means here", max_length=300, required=False, help_text="Such as where the quiet room is."
    )
    starts_on = forms.DateField(
        label="From", error_messages={"invalid": "Enter a day such as 23/11/2026", "required": "Enter the first day"}
    )

    def __init__(self, *args: Any, clauses: Iterable[Clause], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clauses = {clause.key: clause.plain_text or clause.text[:300] for clause in clauses}
        self.offer("clause", [*self.clauses.items(), (_OWN, "Something else, in our own words")])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("clause") == _OWN and not given.get("text"):
            self.add_error("text", "Write what the school undertakes")
        return given

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        key = given.pop("clause")
        if key in self.clauses:
            given |= {"clause_key": key, "text": self.clauses[key]}
        return given
