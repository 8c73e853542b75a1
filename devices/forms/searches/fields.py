"""What the forms about searches share: yes or no, and a moment as a day and a time."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms

from core.kit.forms import SubmissionForm
from core.people.calendar import LONDON

NEVER_DESCRIBE = "Plain facts. Never describe a picture."


class AnswerForm(SubmissionForm):
    """A form that knows what its operation takes."""

    def values(self) -> dict[str, Any]:
        """The answers by the names that the operation has for them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "submission"}


def yes_no(label: str, *, required: bool = True, help_text: str = "") -> forms.ChoiceField:
    """A question with two answers, neither of them ticked beforehand."""
    return forms.ChoiceField(
        label=label,
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        required=required,
        help_text=help_text,
        error_messages={"required": "Choose yes or no"},
    )


def day_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        error_messages={"invalid": "Enter a day such as 23/11/2026", "required": "Enter the day"},
    )


def time_field(label: str, *, required: bool = True, help_text: str = "") -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time such as 10:45", "required": "Enter the time"},
    )


def moment_of(on: date, clock: time) -> datetime:
    """The moment that a day and a time in London name."""
    return datetime.combine(on, clock, LONDON)


def said_yes(given: dict[str, Any], name: str) -> bool:
    return bool(given.get(name) == "yes")
