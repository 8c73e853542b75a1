"""Forms about what people read and acknowledge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from policies.enums import ACKNOWLEDGED, AcknowledgedHow, DocumentKind, Readership
from policies.operations import Wording

_DAY = {"invalid": "Enter a day such as 23/11/2026"}
_MOST = 20_000


class NameDocumentForm(SubmissionForm):
    """What a document is called and who has to acknowledge it."""

    submit_label = "Save the document"

    kind = forms.ChoiceField(
        label="What it is about",
        choices=[(kind.value, kind.label) for kind in ACKNOWLEDGED],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is about"},
    )
    title = LineField(
        label="Document", max_length=200, error_messages={"required": "Enter what the document is called"}
    )
    asked_of = forms.MultipleChoiceField(
        label="Who has to acknowledge it",
        choices=Readership.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick who has to acknowledge it"},
    )

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind:
            self.offer("kind", [(kind, DocumentKind(kind).label)])


class PublishVersionForm(SubmissionForm):
    """A version: what it is called, from when it holds, and what it says to each of those asked."""

    submit_label = "Publish this version"

    label = LineField(
        label="Version", max_length=60, help_text="For example “September 2026”.",
        error_messages={"required": "Enter the version"},
    )  # fmt: skip
    starts_on = forms.DateField(label="In force from", error_messages={**_DAY, "required": "Enter the first day"})
    change_note = LineField(
        label="What has changed", max_length=400, required=False, help_text="Shown to those who have to read it anew."
    )

    def __init__(self, *args: Any, asked_of: Iterable[str], ready: Iterable[Wording] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = {(one.readership, one.plain): one for one in ready}
        wanted = [(one, False) for one in asked_of] + [key for key in given if key[1]]
        self.parts = [(one, plain) for one in Readership for plain in (False, True) if (one.value, plain) in wanted]
        for readership, plain in self.parts:
            known = given.get((readership.value, plain))
            name, whom = _part(readership, plain), f"{readership.label}{', in short sentences' if plain else ''}"
            self.fields[f"{name}_title"] = LineField(
                label=f"{whom}: heading", max_length=160, required=False, initial=known.title if known else ""
            )
            self.fields[f"{name}_text"] = TextField(
                label=f"{whom}: text", max_length=_MOST, rows=8, required=False, initial=known.text if known else ""
            )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for readership, plain in self.parts:
            name = _part(readership, plain)
            if given.get(f"{name}_text") and not given.get(f"{name}_title"):
                self.add_error(f"{name}_title", "Enter a heading")
        return given

    def texts(self) -> list[Wording]:
        """What the operation takes."""
        given = self.cleaned_data
        return [
            Wording(readership.value, given[f"{name}_title"], given[f"{name}_text"], plain=plain)
            for readership, plain in self.parts
            if given[f"{(name := _part(readership, plain))}_text"]
        ]


class WriteTextForm(SubmissionForm):
    """What a version says to one readership, in one language."""

    submit_label = "Save the text"

    readership = forms.ChoiceField(
        label="For whom", choices=Readership.choices, error_messages={"required": "Choose for whom it is"}
    )
    plain = forms.BooleanField(label="In short sentences, for those who read these better", required=False)
    language = LineField(
        label="Language",
        max_length=12,
        initial="en",
        help_text="As browsers name it: “en” for English, “pl” for Polish.",
    )
    title = LineField(label="Heading", max_length=160)
    text = TextField(label="Text", max_length=_MOST, rows=14, error_messages={"required": "Write what it says"})

    def wording(self) -> Wording:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        given.pop("submission")
        return Wording(**given)


class ReadForm(SubmissionForm):
    """The confirmation of one's own reading."""

    submit_label = "Confirm"

    confirmed = forms.BooleanField(
        label="I have read and understood this",
        error_messages={"required": "Tick that you have read and understood it"},
    )


class AcknowledgeParentForm(SubmissionForm):
    """A parent or carer's confirmation, written down."""

    submit_label = "Record it"

    how = forms.ChoiceField(
        label="How they told us",
        choices=[
            (one.value, one.label) for one in (AcknowledgedHow.PAPER, AcknowledgedHow.MEETING, AcknowledgedHow.ONLINE)
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how"},
    )
    talked_over = forms.BooleanField(label="They talked it through with the child", required=False)


def _part(readership: Readership, plain: bool) -> str:
    return f"{readership.value}_{'plain' if plain else 'full'}"
