"""Forms of the school calendar (ORG-17)."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm
from core.people.enums import DayKind, DayTimeKey
from core.people.forms.base import VersionedForm

_WEEKDAYS = [
    ("", "Every school day"),
    (0, "Mondays only"),
    (1, "Tuesdays only"),
    (2, "Wednesdays only"),
    (3, "Thursdays only"),
    (4, "Fridays only"),
]


class TermForm(VersionedForm):
    """A run of school weeks; half terms are two terms."""

    name = LineField(label="Name", max_length=60, help_text="For example Autumn 1.")
    starts_on = forms.DateField(label="First day", error_messages={"required": "Enter the first day"})
    ends_on = forms.DateField(label="Last day", error_messages={"required": "Enter the last day"})


class DaysForm(SubmissionForm):
    """Days that are not what their term and weekday would make them."""

    first = forms.DateField(label="First day", error_messages={"required": "Enter the first day"})
    last = forms.DateField(label="Last day", required=False, help_text="Leave it empty for one day.")
    kind = forms.ChoiceField(
        label="What these days are",
        choices=[*DayKind.choices, ("ordinary", "Ordinary again")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what these days are"},
    )
    note = LineField(label="Note", max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("last"):
            cleaned["last"] = cleaned.get("first")
        return cleaned


class TimesForm(SubmissionForm):
    """The named times of a day from a date on."""

    weekday = forms.TypedChoiceField(
        label="For", choices=_WEEKDAYS, required=False, coerce=int, empty_value=None,
        help_text="A time for one weekday stands above the time for every day.",
    )  # fmt: skip
    effective_from = forms.DateField(label="From", error_messages={"required": "Enter the day from which they hold"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in DayTimeKey:
            self.fields[key.value] = forms.TimeField(
                label=key.label,
                required=False,
                widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                error_messages={"invalid": "Enter a time like 08:45"},
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.times():
            raise forms.ValidationError("Enter at least one time")
        return cleaned

    def times(self) -> dict[str, time]:
        """The times that were given; the others stay as they are."""
        return {key.value: self.cleaned_data[key.value] for key in DayTimeKey if self.cleaned_data.get(key.value)}
