"""Which pupil is meant: what the forms share in which a name may fit several."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from core.kit.forms import SubmissionForm


class WhichPupilForm(SubmissionForm):
    """A form with a field `pupil` that is hidden until a name has fitted several, and then asks which."""

    def hide_which(self) -> None:
        """Hide the question, unless it has been asked and this is its answer."""
        chosen = str(self.data.get("pupil", "")) if self.is_bound else ""
        if chosen.isdigit():  # answered from the list that was offered before
            self.offer("pupil", [(chosen, "The pupil chosen")])
        else:
            self.fields["pupil"].widget = forms.HiddenInput()

    def ask_which(self, pupils: Sequence[tuple[int, str]]) -> None:
        """Ask which of several is meant."""
        self.fields["pupil"].widget = forms.RadioSelect()
        self.offer("pupil", ((str(key), label) for key, label in pupils))
        self.add_error("pupil", "Choose which one it is")
