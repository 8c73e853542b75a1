"""Forms about places, slots and kinds of device. They clean the shape of what was typed and save nothing."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm
from devices.enums import PlaceKind, PlacePurpose, SlotState
from devices.operations.storage import MOST_SLOTS

_NUMBER = {"invalid": "Enter a number such as 40"}


def _slots_field(*, required: bool) -> forms.IntegerField:
    lowest = 1 if required else 0
    return forms.IntegerField(
        label="How many slots",
        required=required,
        min_value=lowest,
        max_value=MOST_SLOTS,
        help_text="They are numbered on from the last one.",
        error_messages={
            **_NUMBER,
            "required": "Enter how many slots",
            "min_value": f"Enter a number from {lowest} to {MOST_SLOTS:,}",
            "max_value": f"Enter a number from {lowest} to {MOST_SLOTS:,}",
        },
    )


class ActForm(SubmissionForm):
    """A button that acts: nothing to fill in."""


class PlaceForm(SubmissionForm):
    """What a place is called, is, and is for."""

    submit_label = "Save place"

    name = LineField(label="Name", max_length=80, help_text="As staff call it, for example “Main office safe”.")
    kind = forms.ChoiceField(
        label="What it is",
        choices=PlaceKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is"},
    )
    lockable = forms.BooleanField(label="It locks", required=False, help_text="With a key, a code or a combination.")
    purpose = forms.ChoiceField(
        label="What it is for",
        choices=PlacePurpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is for"},
    )


class AddPlaceForm(PlaceForm):
    """A new place and its first slots."""

    submit_label = "Add place"

    slots = _slots_field(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "slots"
        ].help_text = "Numbered from 1. Leave it empty for a place without numbers; more can be added."

    def clean_slots(self) -> int:
        return self.cleaned_data.get("slots") or 0


class ChangePlaceForm(PlaceForm):
    """A place as it was when the page was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class AddSlotsForm(SubmissionForm):
    """More slots for a place."""

    submit_label = "Add slots"

    slots = _slots_field(required=True)


class SlotStateForm(SubmissionForm):
    """Whether a slot is in use, and if not, why."""

    submit_label = "Save slot"

    state = forms.ChoiceField(
        label="This slot is",
        choices=SlotState.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it is in use"},
    )
    reason = LineField(
        label="Why it is out of use", max_length=160, required=False, help_text="For example “the lid is broken”."
    )


class DeviceTypeForm(SubmissionForm):
    """What a kind of device is called and what it can do (DEV-01)."""

    submit_label = "Save kind of device"

    label = LineField(label="Name", max_length=60)
    communicates = forms.BooleanField(label="It can call or send messages", required=False)
    goes_online = forms.BooleanField(label="It goes online", required=False)
    records_sound = forms.BooleanField(label="It records sound", required=False)
    records_pictures = forms.BooleanField(label="It takes pictures or films", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
