"""What a person chooses of a document made from a record: what is put in on purpose, and to whom a letter goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import SubmissionForm
from core.people.models import Contact
from incidents.enums import PaperPart

_HELP = "Without a choice these are left out, and the document says so. Put in only what they need."


class PaperForm(SubmissionForm):
    """What is put in on purpose."""

    submit_label = "Make the document"

    parts = forms.MultipleChoiceField(
        label="Put in as well", widget=forms.CheckboxSelectMultiple, required=False, help_text=_HELP
    )

    def __init__(self, *args: Any, offered: Iterable[tuple[PaperPart, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("parts", [(part.value, label) for part, label in offered])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        parts = frozenset(PaperPart(part) for part in self.cleaned_data["parts"])
        return {"parts": parts, "submission": self.cleaned_data["submission"]}


class LetterForm(SubmissionForm):
    """To whom a letter goes, of those who may have one."""

    submit_label = "Make the letter"

    contact = forms.ChoiceField(label="To whom", widget=forms.RadioSelect)

    def __init__(self, *args: Any, adults: Iterable[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.adults = {str(one.pk): one for one in adults}
        self.offer("contact", [(key, _who(one)) for key, one in self.adults.items()])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        chosen = self.adults[self.cleaned_data["contact"]]
        return {"contact": chosen, "submission": self.cleaned_data["submission"]}


def _who(contact: Contact) -> str:
    name = f"{contact.title} {contact.display_name}".strip()
    return f"{name} ({contact.relationship})" if contact.relationship else name
