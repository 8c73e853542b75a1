"""The form that adds a gate."""

from __future__ import annotations

from core.kit.forms import LineField, SubmissionForm


class GateForm(SubmissionForm):
    """A gate's name, as the staff say it."""

    submit_label = "Add gate"

    name = LineField(
        label="Name of the gate",
        help_text="For example Front gate. Each gate then has its own count at the desk.",
        max_length=60,
        error_messages={"required": "Enter the name of the gate"},
    )
