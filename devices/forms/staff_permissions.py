"""Forms about staff’s own devices: the shape of input only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms

from core.approvals.enums import GivenHow
from core.approvals.operations import after_day, first_moment
from core.kit.forms import BaseForm, LineField, SubmissionForm, TextField
from core.people.calendar import LONDON
from core.people.models import User
from devices.enums import ContactChannel, LessonUseReason

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_TIME = {"invalid": "Enter a time such as 10:45"}


def _time(label: str, missing: str) -> forms.TimeField:
    return forms.TimeField(
        label=label, error_messages={**_TIME, "required": missing},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip


class ColleagueForm(BaseForm):
    """Whom to look up; by key, so that no name stands in an address."""

    who = forms.TypedChoiceField(label="Colleague", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in staff}
        self.offer("who", [("", "Choose"), *((one.pk, one.full_name) for one in self.people.values())])

    @property
    def colleague(self) -> User | None:
        """Whoever was chosen, once the form is valid."""
        return self.people.get(self.cleaned_data["who"])


class MomentsForm(SubmissionForm):
    """From which moment to which."""

    first_day = forms.DateField(label="Day", error_messages={**_DAY, "required": "Enter the day"})
    from_time = _time("From", "Enter from when")
    last_day = forms.DateField(
        label="Last day", required=False, help_text="Left empty: the same day.", error_messages=_DAY
    )
    to_time = _time("Until", "Enter until when")

    def moments(self) -> dict[str, datetime]:
        """Both, in London."""
        given = self.cleaned_data

        def at(day: date, clock: time) -> datetime:
            return datetime.combine(day, clock, LONDON)

        return {
            "starts_at": at(given["first_day"], given["from_time"]),
            "ends_at": at(given["last_day"] or given["first_day"], given["to_time"]),
        }


class LessonUseForm(MomentsForm):
    """An own device in teaching time: why, when and where (STA-01)."""

    submit_label = "Ask for it"
    FIRST: tuple[str, ...] = ()

    reason = forms.ChoiceField(label="Why", choices=LessonUseReason.choices, widget=forms.RadioSelect)
    why = LineField(label="In words", max_length=500, required=False, help_text="Needed where it is no emergency.")
    place = LineField(label="Where", max_length=120, error_messages={"required": "Say where"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*self.FIRST, "reason", "why", "first_day", "from_time", "last_day", "to_time", "place"])

    def given(self) -> dict[str, Any]:
        """What the operation takes."""
        said = self.cleaned_data
        return {
            "reason": LessonUseReason(said["reason"]), "why": said["why"], "place": said["place"],
            "submission": said["submission"], **self.moments(),
        }  # fmt: skip


class LogLessonUseForm(LessonUseForm):
    """A spoken permission that one was given: by whom."""

    submit_label = "Log it"
    FIRST = ("giver",)

    giver = forms.TypedChoiceField(label="Who gave it", coerce=int, error_messages={"required": "Choose who gave it"})

    def __init__(self, *args: Any, givers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in givers}
        self.offer("giver", [("", "Choose"), *((one.pk, one.full_name) for one in self.people.values())])

    def given(self) -> dict[str, Any]:
        return super().given() | {"giver": self.people[self.cleaned_data["giver"]]}


class GiveLessonUseForm(LessonUseForm):
    """Leave that one gives a colleague, in writing or by word of mouth."""

    submit_label = "Give it"
    FIRST = ("who", "given_how")

    who = forms.TypedChoiceField(label="To whom", coerce=int, error_messages={"required": "Choose to whom"})
    given_how = forms.ChoiceField(label="How it is given", choices=GivenHow.choices, widget=forms.RadioSelect)
    because = LineField(label="Why you decide this", max_length=300, required=False)

    def __init__(
        self, *args: Any, staff: Iterable[User], forms_taken: Iterable[str], is_open: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {one.pk: one for one in staff}
        self.offer("who", [("", "Choose"), *((one.pk, one.full_name) for one in self.people.values())])
        self.offer("given_how", [(one, str(GivenHow(one).label)) for one in forms_taken])
        if not is_open:
            del self.fields["because"]

    def given(self) -> dict[str, Any]:
        said = self.cleaned_data
        return super().given() | {
            "user": self.people[said["who"]], "given_how": GivenHow(said["given_how"]),
            "because": said.get("because", ""),
        }  # fmt: skip


class DaysForm(SubmissionForm):
    """From which day to which."""

    starts_on = forms.DateField(label="First day", error_messages={**_DAY, "required": "Enter the first day"})
    ends_on = forms.DateField(label="Last day", error_messages={**_DAY, "required": "Enter the last day"})


class StaffContactForm(DaysForm):
    """Whom, for what and by what means (STA-09)."""

    submit_label = "Ask for it"

    whom = TextField(
        label="Whom", max_length=500, rows=2, help_text="Read by whoever decides and the DSL alone.",
        error_messages={"required": "Say whom"},
    )  # fmt: skip
    purpose = TextField(label="For what", max_length=500, rows=2, error_messages={"required": "Say for what"})
    channel = forms.ChoiceField(label="By what means", choices=ContactChannel.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["whom", "purpose", "channel", "starts_on", "ends_on"])


class RemoteTeachingForm(DaysForm):
    """Why no school device, and which device (STA-12)."""

    submit_label = "Ask for it"

    why = TextField(label="Why no school device", max_length=1000, rows=3, error_messages={"required": "Say why"})
    device = LineField(label="Which own device", max_length=120, error_messages={"required": "Say which device"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["why", "device", "starts_on", "ends_on"])


class LogRemoteTeachingForm(DaysForm):
    """That one teaches remotely, and on what (SDV-07)."""

    submit_label = "Put it on record"

    what = LineField(
        label="What", max_length=160, help_text="Which lessons, and for whom. No pupil’s name.",
        error_messages={"required": "Say which lessons"},
    )  # fmt: skip
    ground = forms.ChoiceField(
        label="On which device", widget=forms.RadioSelect, error_messages={"required": "Choose on which device"}
    )

    def __init__(self, *args: Any, grounds: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = list(grounds)
        self.offer("ground", offered)
        if not offered:
            del self.fields["ground"]  # there is nothing to choose: what is sent all the same is refused by the rule
        self.order_fields(["what", "ground", "starts_on", "ends_on"])

    def given(self) -> dict[str, Any]:
        """What the operation takes."""
        return {"ground": "", **self.cleaned_data}


class ChangeDaysForm(DaysForm):
    """Other days, and an answer to why it was sent back; for what runs by days."""

    submit_label = "Save the request"

    note = TextField(label="What you say to it", max_length=1000, rows=3, error_messages={"required": "Say something"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["note", "starts_on", "ends_on"])

    def moments(self) -> dict[str, datetime]:
        """From the first moment of the first day to the end of the last."""
        return {
            "starts_at": first_moment(self.cleaned_data["starts_on"]),
            "ends_at": after_day(self.cleaned_data["ends_on"]),
        }


class ChangeStaffForm(MomentsForm):
    """Other times, and an answer to why it was sent back."""

    submit_label = "Save the request"

    note = TextField(label="What you say to it", max_length=1000, rows=3, error_messages={"required": "Say something"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["note", "first_day", "from_time", "last_day", "to_time"])
