"""Forms about lessons with own devices, and about the break-time privilege."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.calendar import LONDON
from core.people.models import FormGroup, Pupil, User

WHOLE, SOME = "whole", "some"
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
    who = forms.ChoiceField(
        label="Who takes part", choices=[(WHOLE, "The whole class"), (SOME, "Some of the class")], required=False,
        widget=forms.RadioSelect, initial=WHOLE,
    )  # fmt: skip
    pupils = forms.MultipleChoiceField(
        label="Who of the class", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose again: not all of these are in the class"},
    )  # fmt: skip

    def __init__(self, *args: Any, pupils_of: Callable[[int], Sequence[Pupil]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: dict[str, Pupil] = {}
        # Who may be chosen is known once the class is: with the first answer, the second asks.
        if self["who"].value() == SOME and (key := self.class_key()):
            self.asked = {str(one.pk): one for one in pupils_of(key)}
        if self.asked:
            self.offer("pupils", [(key, one.display_name) for key, one in self.asked.items()])
        else:
            del self.fields["pupils"]

    def class_key(self) -> int:
        """The key of the class, as far as it has been said."""
        said = str(self["form"].value() or "") if "form" in self.fields else ""
        return int(said) if said.isdecimal() and len(said) < 19 else 0

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = cleaned.get("who") == SOME
        if wanted and not cleaned.get("pupils") and "pupils" not in self.errors:
            said = "Choose who of the class takes part" if self.asked else "Nobody is on roll in this class"
            self.add_error("pupils" if self.asked else "who", said)
        cleaned["pupils"] = [self.asked[key] for key in cleaned.get("pupils", [])] if wanted else []
        return cleaned

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
        self.order_fields(["title", "purpose", "form", "who", "pupils", "teacher", "day", "from_time", "to_time"])

    def given(self) -> dict[str, Any]:
        """What the operation takes."""
        said = self.cleaned_data
        return {
            "title": said["title"], "purpose": said["purpose"], "form": self.groups[said["form"]],
            "teacher": self.people[said["teacher"]], "pupils": said["pupils"], "submission": said["submission"],
            **self.moments(),
        }  # fmt: skip


class ChangeLessonForm(LessonForm):
    """The same of a proposal whose class stands."""

    def __init__(self, *args: Any, group: int, **kwargs: Any) -> None:
        self.group = group
        super().__init__(*args, **kwargs)
        self.order_fields(["title", "purpose", "who", "pupils", "day", "from_time", "to_time"])

    def class_key(self) -> int:
        return self.group


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
