"""Forms about parents and carers to tell: told, withheld by the DSL, not needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import Contact
from devices.enums import ToldHow


class TellParentForm(SubmissionForm):
    """Who was told, how, and in which words; by email, the words are the school's own and name nobody."""

    submit_label = "Record that they were told"

    contact = forms.ChoiceField(
        label="Who?", widget=forms.RadioSelect, error_messages={"required": "Choose who is told"}
    )
    how = forms.ChoiceField(
        label="How?",
        choices=ToldHow.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they are told"},
    )
    message = TextField(
        label="What were they told?",
        max_length=1000,
        rows=4,
        error_messages={"required": "Enter what they were told"},
        help_text="In neutral words. An email has words of its own, shown on this page, and leaves this out.",
    )

    def __init__(self, *args: Any, contacts: Iterable[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(one.pk): one for one in contacts}
        self.offer("contact", [(key, _said(one)) for key, one in self.contacts.items()])

    def full_clean(self) -> None:
        """An email has words of its own; everything else is said in the person's."""
        self.fields["message"].required = self.data.get(self.add_prefix("how")) != ToldHow.EMAIL
        super().full_clean()
        self.fields["message"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cleaned["contact"] = self.contacts.get(cleaned.get("contact", ""))
        return cleaned


def _said(contact: Contact) -> str:
    relation = f", {contact.relationship.lower()}" if contact.relationship else ""
    ways = [number for number in (contact.mobile, contact.phone) if number]
    ways.append("has an email address" if contact.email else "no email address")
    return f"{contact.display_name}{relation} ({', '.join(ways)})"


class WithholdForm(SubmissionForm):
    """Why telling would put a child at risk; the DSL alone reads it."""

    submit_label = "Keep it from parents"

    because = LineField(
        label="Why would telling put a child at risk?",
        max_length=500,
        help_text="Only the DSL and deputies read this.",
        error_messages={"required": "Say why. Only the DSL reads it"},
    )


class DropNoticeForm(SubmissionForm):
    """Why it is not appropriate to tell a parent (matrix A-51)."""

    submit_label = "Record that nobody is told"

    because = LineField(
        label="Why need a parent not be told?",
        max_length=300,
        help_text="The school’s rules leave it to a decision. Your name stays with it.",
        error_messages={"required": "Say why it is not appropriate"},
    )
