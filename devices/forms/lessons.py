"""Forms about lessons with own devices, and about the break-time privilege."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.calendar import LONDON
from core.people.models import FormGroup, User

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_TIME = {"invalid": "Enter a time such as 10:45"}


def _time(label: str, missing: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, error_messages={**_TIME, "required": missing},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip


class LessonForm(SubmissionForm):
    """What is done, and when: one activity on one day."""

    submit_label = "Save the proposal"

    title = LineField(label="Activity", max_length=160, error_messages={"required": "Say what is to be done"})
    purpose = TextField(
        label="What is to be learnt by it",
        max_length=500,
        rows=3,
        error_messages={"required": "Say what is to be learnt"},
    )
    day = forms.DateField(label="Day", error_messages={**_DAY, "required": "Enter the day"})
    from_time = _time("From", "Enter from when")
    to_time = _time("Until", "Enter until when")

    def moments(self) -> dict[str, datetime]:
        """From when to when, in London."""
        given = self.cleaned_data
        return {
            "starts_at": datetime.combine(given["day"], given["from_time"], LONDON),
            "ends_at": datetime.combine(given["day"], given["to_time"], LONDON),
        }


class ProposeLessonForm(LessonForm):
    """A proposal: which class, and which teacher."""

    submit_label = "Propose it"

    form = forms.TypedChoiceField(label="Class", coerce=int, error_messages={"required": "Choose the class"})
    teacher = forms.TypedChoiceField(label="Teacher", coerce=int, error_messages={"required": "Choose the teacher"})

    def __init__(self, *args: Any, forms_of: Iterable[FormGroup], teachers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {one.pk: one for one in forms_of}
        self.people = {one.pk: one for one in teachers}
        self.offer("form", [("", "Choose"), *((one.pk, one.name) for one in self.groups.values())])
        self.offer("teacher", [("", "Choose"), *((one.pk, one.full_name) for one in self.people.values())])
        self.order_fields(["title", "purpose", "form", "teacher", "day", "from_time", "to_time"])

    def given(self) -> dict[str, Any]:
        """What the operation takes."""
        said = self.cleaned_data
        return {
            "title": said["title"], "purpose": said["purpose"], "form": self.groups[said["form"]],
            "teacher": self.people[said["teacher"]], "submission": said["submission"], **self.moments(),
        }  # fmt: skip


class RevokeForm(SubmissionForm):
    """From when to when, and why."""

    submit_label = "Revoke the privilege"

    starts_on = forms.DateField(label="First day", error_messages={**_DAY, "required": "Enter the first day"})
    ends_on = forms.DateField(label="Last day", error_messages={**_DAY, "required": "Enter the last day"})
    reason = LineField(label="Why", max_length=300, error_messages={"required": "Say what it is for"})
    breach_reference = LineField(
        label="The breach", max_length=20, required=False, help_text="Its reference, such as I-2611-0142."
    )


class RestoreForm(SubmissionForm):
    """Give it back early."""

    submit_label = "Give it back"

    because = LineField(label="Why", max_length=300, error_messages={"required": "Say why it is given back"})
