"""Forms about documents: which to make and for whom, several letters at once, and the school's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import Contact
from devices.documents.wording import wrong_fields
from devices.enums import DocumentKind


class IssueForm(SubmissionForm):
    """Which document about a stay; a letter is written to one of those who may be told."""

    submit_label = "Make the document"

    kind = forms.ChoiceField(
        label="Which document?", widget=forms.RadioSelect, error_messages={"required": "Choose the document"}
    )
    contact = forms.TypedChoiceField(
        label="A letter: to whom?", required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, kinds: Sequence[DocumentKind], adults: Sequence[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", [(kind.value, kind.label) for kind in kinds])
        self._adults = {adult.pk: adult for adult in adults}
        if DocumentKind.LETTER in kinds:
            self.offer("contact", [(adult.pk, _named(adult)) for adult in adults])
        else:
            del self.fields["contact"]

    def values(self) -> dict[str, Any]:
        """What the operation takes; the adult counts for a letter alone."""
        kind = DocumentKind(self.cleaned_data["kind"])
        contact = self._adults.get(self.cleaned_data.get("contact") or 0) if kind == DocumentKind.LETTER else None
        return {"kind": kind, "contact": contact, "submission": self.cleaned_data["submission"]}


def _named(adult: Contact) -> str:
    return f"{adult.display_name} ({adult.relationship.lower()})" if adult.relationship else adult.display_name


class LettersForm(SubmissionForm):
    """The devices to write about; the letters are seen before they are made."""

    submit_label = "Show the letters first"

    chosen = forms.TypedMultipleChoiceField(
        label="Write about",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one device"},
    )

    def __init__(self, *args: Any, stays: Sequence[tuple[int, str]], most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        self.offer("chosen", stays)

    def clean_chosen(self) -> list[int]:
        chosen: list[int] = self.cleaned_data["chosen"]
        if len(chosen) > self.most:
            raise forms.ValidationError(f"Tick at most {self.most} at once")
        return chosen


class WordingForm(SubmissionForm):
    """A wording of the school's own: plain text, with fields in braces."""

    submit_label = "Save this wording"

    title = LineField(label="Title", max_length=120, error_messages={"required": "Enter a title"})
    body = TextField(
        label="Text",
        rows=16,
        max_length=6000,
        help_text="Plain text. An empty line begins a new paragraph. The facts stand below it in any case. Do not "
        "write that the law frees the school of loss: it does so for a lawful penalty alone, never for a hand-in.",
        error_messages={"required": "Enter the text"},
    )
    edition = forms.IntegerField(widget=forms.HiddenInput)

    def clean_title(self) -> str:
        return self._known("title")

    def clean_body(self) -> str:
        return self._known("body")

    def _known(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        wrong = wrong_fields(text)
        if wrong:
            raise forms.ValidationError(wrong)
        return text
