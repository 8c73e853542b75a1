"""Forms of the end of the day: keep overnight, parents told, close the day, and what the school chose about both."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm
from devices.queries import LeftDevice

MOST_ASKED = 8


class DayForm(BaseForm):
    """Which day; a date only, so nothing personal is in an address."""

    submit_label = "Show"

    day = forms.DateField(label="Day", required=False)


class KeepOvernightForm(SubmissionForm):
    """Why a device stays, and until when."""

    submit_label = "Keep it overnight"

    reason = LineField(
        label="Why does it stay?",
        help_text="Keep to facts. This goes on the device’s record with your name.",
        max_length=200,
        error_messages={"required": "Say why it stays"},
    )
    keep_until = forms.DateField(
        label="Until when?",
        help_text="The day it goes back. It may go back sooner.",
        error_messages={"required": "Enter a day", "invalid": "Enter a day, like 24/11/2026"},
    )


class ParentToldForm(SubmissionForm):
    """How and when a parent or carer was told."""

    submit_label = "Record that they were told"

    how = LineField(
        label="Who was told, and how?",
        help_text="For example: rang the mother. Do not write numbers down.",
        max_length=120,
        error_messages={"required": "Say who was told, and how"},
    )
    told_at = forms.DateTimeField(
        label="When?",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "Enter the day and time", "invalid": "Enter a day and a time"},
    )


class CloseDayForm(SubmissionForm):
    """What was counted, and why each device that is left without a decision is still here."""

    submit_label = "Close the day"

    after = forms.IntegerField(widget=forms.HiddenInput, required=False)
    counted = forms.IntegerField(
        label="How many devices are in the places now?",
        help_text="Count them, those put aside under a tag too.",
        min_value=0,
        max_value=9999,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": "Count them and enter the number, 0 if there are none"},
    )
    note = LineField(
        label="If that is not what should be there: what is known about it?",
        max_length=500,
        required=False,
    )

    def __init__(self, *args: Any, left: list[LeftDevice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = [one for one in left if not one.is_kept]
        for one in self.left:
            self.fields[_key(one)] = LineField(
                label=f"Why the {one.stay.device.description} of {one.stay.pupil.display_name} is still here",
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"form": "close-day", "class": "form-control", "autocomplete": "off"}),
            )

    def clean_after(self) -> int:
        return int(self.cleaned_data.get("after") or 0)

    def reason_for(self, one: LeftDevice) -> Any:
        """The box beside a device; nothing for one that is kept by a decision."""
        return self[_key(one)] if _key(one) in self.fields else None

    def reasons(self) -> dict[int, str]:
        """What was said, by stay."""
        return {one.stay.pk: self.cleaned_data[_key(one)] for one in self.left if self.cleaned_data[_key(one)]}

    def add_missing(self, custody_ids: list[int]) -> None:
        """Ask for the reason beside the first devices that have none; how many more there are is said once."""
        missing = [one for one in self.left if one.stay.pk in custody_ids]
        for one in missing[:MOST_ASKED]:
            self.add_error(_key(one), f"Say why the device of {one.stay.pupil.display_name} is still here")
        if len(missing) > MOST_ASKED:
            more = len(missing) - MOST_ASKED
            self.add_error(None, f"{more} more {'has' if more == 1 else 'have'} neither a reason nor a decision")


def _key(one: LeftDevice) -> str:
    return f"reason_{one.stay.pk}"


class DeskSettingsForm(SubmissionForm):
    """What the school chooses about the end of the day."""

    submit_label = "Save"

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    overnight_two_names = forms.BooleanField(
        label="Keeping a device overnight needs two names",
        help_text="Somebody else agrees under their own sign-in before it counts.",
        required=False,
    )
    tell_parents_uncollected = forms.BooleanField(
        label="Email parents when a device was not collected",
        help_text="After the office closes, at most three times for one device. The email names nobody. It goes to "
        "contacts with an email address, never to one who must not be informed.",
        required=False,
    )

    def clean_version(self) -> int:
        return int(self.cleaned_data.get("version") or 0)
