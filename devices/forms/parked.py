"""The form that settles a device put aside."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from core.kit.forms import LineField
from devices.enums import ParkedOutcome
from devices.forms.which import WhichPupilForm


class SettleParkedForm(WhichPupilForm):
    """What became of it; a name that fits several is asked back as a choice."""

    submit_label = "Settle"

    outcome = forms.ChoiceField(
        label="What became of it?",
        choices=ParkedOutcome.choices,
        widget=forms.RadioSelect,
        initial=ParkedOutcome.HANDED_IN,
        error_messages={"required": "Choose what became of it"},
    )
    whose = LineField(
        label="Whose is it?",
        help_text="A name, code or admission number; only if it is a pupil’s.",
        max_length=80,
        required=False,
    )
    pupil = forms.ChoiceField(label="Which one?", widget=forms.RadioSelect, required=False)
    kind = forms.ChoiceField(label="What is it?", required=False)
    switched_off = forms.BooleanField(label="I have seen that it is switched off", required=False)
    note = LineField(label="Note", max_length=200, required=False)

    def __init__(self, *args: object, kinds: Sequence[tuple[str, str]], asks_off: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", kinds)
        if not asks_off:
            del self.fields["switched_off"]
        self.hide_which()

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        cleaned.setdefault("switched_off", False)
        if cleaned.get("outcome") != ParkedOutcome.HANDED_IN and not cleaned.get("note"):
            self.add_error("note", "Say in a few words what happened")
        return cleaned
