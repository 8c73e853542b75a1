"""Forms about notices: the shape of input only."""

from __future__ import annotations

from django import forms

from core.kit.forms import SubmissionForm
from core.notices.enums import Delivery


class PreferencesForm(SubmissionForm):
    """How what is not urgent comes by email."""

    submit_label = "Save"

    delivery = forms.ChoiceField(
        label="Emails about what is not urgent",
        choices=Delivery.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you want to be emailed"},
    )


class ActForm(SubmissionForm):
    """A button: nothing to fill in but the key that makes a second click harmless."""
