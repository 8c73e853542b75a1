"""The decision about telling parents: what was said to whom, or why nobody is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import SubmissionForm, TextField
from core.people.models import Contact
from incidents.enums import Channel, ParentsDecision


class MomentField(forms.DateTimeField):
    """A day and a time of the past."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ParentsForm(SubmissionForm):
    """Told, not yet, or withheld."""

    submit_label = "Save the decision"

    decision = forms.ChoiceField(
        label="Are parents told?", choices=ParentsDecision.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose whether parents are told"},
    )  # fmt: skip
    contact = forms.ChoiceField(label="If they were told: who", required=False)
    told_at = MomentField(label="If they were told: when", required=False)
    channel = forms.ChoiceField(label="If they were told: how", required=False)
    summary = TextField(label="If they were told: what, and what they said", max_length=4000, rows=3, required=False)
    reason = TextField(
        label="If not, or not yet: why", max_length=2000, rows=3, required=False,
        help_text="Kept sealed in this record.",
    )  # fmt: skip

    def __init__(self, *args: Any, contacts: Iterable[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        named = [(key, _named(contact)) for key, contact in self.contacts.items()]
        self.offer("contact", [("", "Nobody yet"), *named])
        ways = [(way.value, way.label) for way in Channel if way != Channel.FORM]
        self.offer("channel", [("", "Choose"), *ways])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return given | {"decision": ParentsDecision(given["decision"]), "contact": self.contacts.get(given["contact"])}


def _named(contact: Contact) -> str:
    return f"{contact.display_name} ({contact.relationship})" if contact.relationship else contact.display_name
