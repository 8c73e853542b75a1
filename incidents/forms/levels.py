"""The level of need."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from incidents.queries.levels import Scale

_WORDS = {
    1: "Level 1: needs met in school",
    2: "Level 2: early help",
    3: "Level 3: targeted help from several services",
    4: "Level 4: significant harm, or a risk of it",
}


class LevelForm(SubmissionForm):
    """Which level, by which tool, and why."""

    submit_label = "Set the level"

    level = forms.TypedChoiceField(label="Level of need", coerce=int, widget=forms.RadioSelect)
    tool = LineField(label="Tool by which it was found", max_length=120)
    reason = TextField(label="Why this level", max_length=2000, rows=4)

    def __init__(self, *args: Any, scale: Scale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("level", [(level, _WORDS[level]) for level in range(1, scale.levels + 1)])
        if scale.tool:
            self.fields.pop("tool")
