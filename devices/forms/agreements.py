"""Forms about the headteacher's agreement that a pupil brings a device."""

from __future__ import annotations

from django import forms

from core.kit.forms import LineField, SubmissionForm

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class AgreeBringForm(SubmissionForm):
    """Why, and from which day to which (DEV-03)."""

    submit_label = "Agree"

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


class EndBringForm(SubmissionForm):
    """End an agreement today."""

    submit_label = "End the agreement"

    because = LineField(label="Why it ends", max_length=300, error_messages={"required": "Say why it ends"})
