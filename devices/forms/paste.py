"""The form of a pasted list: what the list is of, its lines, and what each line was found to mean."""

from __future__ import annotations

import re
import zlib
from typing import Any

from django import forms

from core.kit.forms import SubmissionForm, TextField
from devices.enums import EarlyReason, PasteAct

MOST_LINES = 300
_LINE = "line-"
_KEY = re.compile(r"^[pdc]\d{1,15}$")


class PasteForm(SubmissionForm):
    """The list, and the answers of its second step: `chosen` has a key for each line that is to be recorded."""

    act = forms.ChoiceField(
        label="What is it a list of?", choices=PasteAct.choices, widget=forms.RadioSelect, initial=PasteAct.HANDED_IN
    )
    text = TextField(
        label="The list",
        help_text=f"One pupil or device a line: code, admission number, slot or name. At most {MOST_LINES} lines.",
        max_length=MOST_LINES * 100,
        rows=8,
        error_messages={"required": "Paste or type at least one line"},
    )
    switched_off = forms.BooleanField(label="Each was seen switched off", required=False)
    reason = forms.ChoiceField(
        label="Why do they go back before the end of the day?",
        choices=[("", "Choose a reason"), *EarlyReason.choices],
        required=False,
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        number = len(lines_of(text))
        if number > MOST_LINES:
            raise forms.ValidationError(f"A list has at most {MOST_LINES} lines; this one has {number}.")
        return text

    @property
    def chosen(self) -> dict[int, str]:
        """The key sent for each line; lines without one are left out."""
        return {
            int(name.removeprefix(_LINE)): str(self.data[name])
            for name in self.data
            if name.startswith(_LINE) and name.removeprefix(_LINE).isdecimal() and _KEY.match(str(self.data[name]))
        }

    def keys_of(self, table: str) -> list[int]:
        """The keys sent for one table: p pupils, d devices, c stays."""
        return [int(key[1:]) for key in self.chosen.values() if key[0] == table]

    @property
    def was_looked_at(self) -> bool:
        """Whether what is to be recorded is what was shown: nobody changed the list or its act in between."""
        data: dict[str, Any] = self.cleaned_data
        return str(self.data.get("looked", "")) == fingerprint(data["act"], data["text"])


def lines_of(text: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def fingerprint(act: str, text: str) -> str:
    """A number that tells whether the list is the one that was looked at; it says nothing about what is in it."""
    return str(zlib.crc32("\n".join([act, *lines_of(text)]).encode()))
