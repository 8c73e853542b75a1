"""A serious record's list: the mark itself, and what was done about each on the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from incidents.enums import Channel
from incidents.forms.parents import MomentField


class SeriousForm(SubmissionForm):
    """Why it is serious, where there is something to say."""

    submit_label = "Mark as serious"

    reason = TextField(label="Why it is serious", max_length=4000, rows=3, required=False)


class NotSeriousForm(SubmissionForm):
    """Why it is not serious after all."""

    submit_label = "Take the mark off"

    reason = TextField(label="Why it is not serious after all", max_length=4000, rows=3)


class AddBodyForm(SubmissionForm):
    """Somebody else to tell."""

    submit_label = "Add to the list"

    body = LineField(label="Who else is to be told", max_length=120)


class TellBodyForm(SubmissionForm):
    """What was done about one on the list: told, acknowledged, not relevant, or to be told after all."""

    submit_label = "Save"

    answer = forms.ChoiceField(label="What was done", widget=forms.RadioSelect)
    told_whom = LineField(label="If they were told: who", max_length=120, required=False)
    told_at = MomentField(label="If they were told: when", required=False)
    channel = forms.ChoiceField(
        label="If they were told: how", choices=[("", "Choose"), *Channel.choices], required=False
    )
    reference = LineField(label="Their reference", max_length=60, required=False)
    reason = TextField(label="If not relevant: why", max_length=2000, rows=3, required=False)

    def __init__(self, *args: Any, answers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("answer", answers)
        offered = {key for key, _label in answers}
        if "sent" not in offered:
            for name in ("told_whom", "told_at", "channel"):
                self.fields.pop(name)
        if "not_relevant" not in offered:
            self.fields.pop("reason")
        if not offered & {"sent", "acknowledged"}:
            self.fields.pop("reference")
