"""Forms about the headteacher's agreement that a pupil brings a device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm
from devices.models import PupilDevice

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class AgreeBringForm(SubmissionForm):
    """Which device, why, and from which day to which (DEV-03)."""

    submit_label = "Agree"

    device = forms.ChoiceField(label="Which device", required=False)
    reason = LineField(
        label="Reason",
        max_length=200,
        help_text="Why the device comes to school, for example “walks home alone”.",
        error_messages={"required": "Enter the reason"},
    )
    starts_on = forms.DateField(label="First day", error_messages={**_DAY, "required": "Enter the first day"})
    ends_on = forms.DateField(
        label="Last day",
        help_text="After it, a hand-in is flagged again until a new agreement is recorded.",
        error_messages={**_DAY, "required": "Enter the last day"},
    )

    def __init__(self, *args: Any, devices: Iterable[PupilDevice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.devices = {str(one.pk): one for one in devices}
        known = ((key, one.description[:1].upper() + one.description[1:]) for key, one in self.devices.items())
        self.offer("device", [("", "Any device of theirs"), *known])

    def clean_device(self) -> PupilDevice | None:
        return self.devices.get(self.cleaned_data["device"])


class EndBringForm(SubmissionForm):
    """End an agreement today."""

    submit_label = "End the agreement"

    because = LineField(label="Why it ends", max_length=300, error_messages={"required": "Say why it ends"})
