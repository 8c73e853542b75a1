"""Why a crime is suspected, and what was done about the police."""

from __future__ import annotations

from typing import Any

from core.kit.forms import SubmissionForm, TextField
from incidents.forms.telling import TellBodyForm


class SuspectForm(SubmissionForm):
    """What makes one suspect it."""

    submit_label = "Open the task for the police"

    reason = TextField(
        label="What makes you suspect it?", max_length=4000, rows=3,
        help_text="Nobody opens, copies or looks for anything. It is kept as a note of the record.",
    )  # fmt: skip


class PoliceTaskForm(TellBodyForm):
    """The police were told, or why they need not be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("told_whom", "If they were told: which officer"), ("reason", "If not: why")):
            if name in self.fields:
                self.fields[name].label = label
