"""What is decided about a record."""

from __future__ import annotations

from django import forms

from core.kit.forms import SubmissionForm, TextField


class DecideForm(SubmissionForm):
    """What is decided and why. It carries the record's version: two people do not write over each other."""

    submit_label = "Save the decision"

    version = forms.IntegerField(widget=forms.HiddenInput)
    decision_reason = TextField(
        label="What is decided, and why", max_length=4000, rows=6,
        help_text="Facts, what was weighed, and the reason. It stays in the record.",
    )  # fmt: skip
