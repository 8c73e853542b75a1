"""An entry on the poster for pupils."""

from __future__ import annotations

from django import forms

from core.kit.forms import LineField, SubmissionForm
from incidents.enums import HelpKind


class HelpForm(SubmissionForm):
    """Somebody or some place that a pupil can turn to."""

    submit_label = "Add it to the poster"

    kind = forms.ChoiceField(label="What it is", choices=HelpKind.choices)
    name = LineField(label="Name", max_length=80, help_text="As pupils know it.")
    reach = LineField(
        label="How to reach it", max_length=120, required=False, help_text="A room, a number or a website."
    )
    words = LineField(label="What it is for", max_length=200, required=False, help_text="In words for a child.")
