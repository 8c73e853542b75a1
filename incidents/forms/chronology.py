"""What a reader asks of a chronology: kinds and an order, nothing personal, so it may stand in an address."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import BaseForm
from incidents.queries.chronology import USUAL, EntryKind

NEWEST, OLDEST = "newest", "oldest"


class ChronologyFilterForm(BaseForm):
    """Which entries, and in which order. Without a choice: all but the hand-ins, the newest first."""

    order = forms.ChoiceField(
        label="Order",
        choices=[(NEWEST, "Newest first"), (OLDEST, "Oldest first")],
        widget=forms.RadioSelect,
        required=False,
        initial=NEWEST,
    )
    kinds = forms.MultipleChoiceField(
        label="Show",
        choices=EntryKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=[kind for kind in EntryKind if kind in USUAL],
    )

    def asked(self) -> dict[str, Any]:
        """What `chronology_of` is given; what is not understood counts as not chosen."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        kinds = frozenset(EntryKind(key) for key in given.get("kinds") or ())
        return {"kinds": kinds or USUAL, "oldest_first": given.get("order") == OLDEST}
