"""The form that settles a device put aside."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from core.kit.forms import LineField, SubmissionForm
from devices.enums import ParkedOutcome


class SettleParkedForm(SubmissionForm):
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
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]
        if not asks_off:
            del self.fields["switched_off"]
        chosen = str(self.data.get("pupil", "")) if self.is_bound else ""
        if chosen.isdigit():  # answered from the list that was offered before
            self.fields["pupil"].choices = [(chosen, "The pupil chosen")]  # type: ignore[attr-defined]
        else:
            self.fields["pupil"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        cleaned.setdefault("switched_off", False)
        if cleaned.get("outcome") != ParkedOutcome.HANDED_IN and not cleaned.get("note"):
            self.add_error("note", "Say in a few words what happened")
        return cleaned

    def offer(self, pupils: Sequence[tuple[int, str]]) -> None:
        """Ask which of several is meant."""
        self.fields["pupil"].widget = forms.RadioSelect()
        self.fields["pupil"].choices = [(str(key), label) for key, label in pupils]  # type: ignore[attr-defined]
        self.add_error("pupil", "Choose which one it is")
