"""Deleting content: asked for, decided, carried out. No field takes the content itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, TextField
from devices.enums import DeletionState
from devices.forms.searches.fields import NEVER_DESCRIBE, AnswerForm, said_yes, yes_no


class RequestDeletionForm(AnswerForm):
    """What kind of content, which rule it broke, and why."""

    submit_label = "Ask for the deletion"

    suspected = yes_no(
        "May it be evidence of an offence, or have the police to do with it?", help_text="Then nothing is deleted."
    )
    content = LineField(
        label="What kind of content",
        max_length=200,
        help_text=f"In words. {NEVER_DESCRIBE}",
        error_messages={"required": "Enter what kind of content"},
    )
    rule_broken = LineField(
        label="Which rule it broke", max_length=200, error_messages={"required": "Enter which rule it broke"}
    )
    reason = TextField(
        label="Why it is to be deleted",
        max_length=500,
        rows=3,
        error_messages={"required": "Enter why it is to be deleted"},
    )

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("content", "rule_broken", "reason")
        return {name: given[name] for name in names} | {"suspected": said_yes(given, "suspected")}


class DecideDeletionForm(AnswerForm):
    """Yes or no, and why."""

    submit_label = "Save the decision"

    approve = forms.ChoiceField(
        label="Decision",
        choices=[("yes", "Approve"), ("no", "Refuse")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose approve or refuse"},
    )
    decision = TextField(label="Why", max_length=500, rows=3, required=False)

    def __init__(self, *args: Any, why_help: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].help_text = why_help

    def values(self) -> dict[str, Any]:
        return {"approve": said_yes(self.cleaned_data, "approve"), "decision": self.cleaned_data["decision"]}


class CarryOutDeletionForm(AnswerForm):
    """What was done."""

    submit_label = "Save"

    step = forms.ChoiceField(
        label="What was done", widget=forms.RadioSelect, error_messages={"required": "Choose what was done"}
    )

    def __init__(self, *args: Any, steps: Sequence[DeletionState], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("step", ((step.value, str(step.label)) for step in steps))
