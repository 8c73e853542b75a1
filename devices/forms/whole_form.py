"""Forms of a whole form: what was counted, the answer of each pupil, and the day and time of the paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from core.kit.forms import BaseForm, SubmissionForm
from core.people.calendar import LONDON, Calendar
from devices.enums import EarlyReason, FormAnswer

_ANSWER = "answer-"
_MOST = 500
# How many days back a paper register can still be typed in.
PAPER_DAYS = 14


def _counted(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=_MOST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-count"}),
        error_messages={"required": "Count them and enter the number", "invalid": "Enter the number in figures"},
    )


class WholeFormForm(SubmissionForm):
    """The count, one tick, and an answer for each pupil by key (`answers`)."""

    counted = _counted("Phones counted in the box", "It must be the number of pupils marked In.")
    switched_off = forms.BooleanField(label="Each was seen switched off", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["answers"] = self.answers
        if any(answer not in FormAnswer.values for answer in self.answers.values()):
            raise forms.ValidationError("Choose one of the answers for each pupil.")
        return cleaned

    @property
    def answers(self) -> dict[int, str]:
        """What was sent of each pupil."""
        return {
            int(name.removeprefix(_ANSWER)): str(self.data[name])
            for name in self.data
            if name.startswith(_ANSWER) and name.removeprefix(_ANSWER).isdecimal()
        }


def school_day_or_error(calendar: Calendar, day: date, today: date) -> None:
    """Raise unless a paper register of this day can be typed in: a school day, not to come, not long ago."""
    if day > today:
        raise forms.ValidationError("This day is still to come.")
    if day < today - timedelta(days=PAPER_DAYS):
        raise forms.ValidationError(f"This is more than {PAPER_DAYS} days ago.")
    if day != today and not calendar.is_school_day(day):
        raise forms.ValidationError("This was not a school day.")


class PaperDayForm(BaseForm):
    """Which day the paper is of."""

    day = forms.DateField(label="Day of the paper", error_messages={"required": "Enter the day of the paper"})

    def __init__(self, *args: Any, calendar: Calendar, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._calendar, self._today = calendar, today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        school_day_or_error(self._calendar, day, self._today)
        return day


class PaperForm(WholeFormForm):
    """A whole form as it stands on paper, with the day and the time that were written on it."""

    field_order = ["day", "time", "counted", "switched_off"]

    day = forms.DateField(error_messages={"required": "Choose the day of the paper"})
    time = forms.TimeField(
        label="Time on the paper",
        help_text="When the box was counted, for example 8:45.",
        input_formats=["%H:%M", "%H:%M:%S", "%H.%M"],
        widget=forms.TimeInput(attrs={"type": "time", "class": "form-count"}, format="%H:%M"),
        error_messages={"required": "Enter the time on the paper", "invalid": "Enter a time, such as 8:45"},
    )

    def __init__(self, *args: Any, calendar: Calendar, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].widget = forms.HiddenInput()
        self._calendar, self._now = calendar, now

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        school_day_or_error(self._calendar, day, self._now.astimezone(LONDON).date())
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("day") and cleaned.get("time"):
            cleaned["at"] = datetime.combine(cleaned["day"], cleaned["time"], LONDON)
            if cleaned["at"] > self._now:
                self.add_error("time", "This time is still to come.")
        return cleaned


class ReturnFormForm(SubmissionForm):
    """Which of a form's devices go back, how many were counted out, and why it is early."""

    custody = forms.TypedMultipleChoiceField(
        coerce=int, required=True, error_messages={"required": "Tick at least one device to give back"}
    )
    counted = _counted("Phones counted out", "It must be the number of devices ticked.")
    reason = forms.ChoiceField(
        label="Why do they go back before the end of the day?",
        choices=[("", "Choose a reason"), *EarlyReason.choices],
        error_messages={"required": "Choose why they go back before the end of the day"},
    )

    def __init__(self, *args: Any, here: list[int], early: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = self.data.getlist("custody") if hasattr(self.data, "getlist") else []
        # One given back at a desk meanwhile is no longer here: the operation says so with the count.
        keys = {*here, *(int(key) for key in sent if key.isdecimal())}
        self.offer("custody", ((key, "") for key in keys))
        if not early:
            del self.fields["reason"]
