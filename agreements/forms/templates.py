"""The forms of those who write templates: the shape of a text, a point and a publication."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from agreements.enums import AgreementKind, Party
from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.forms import VersionedForm
from core.rules.catalogue import SETTINGS
from core.rules.queries import UNSPECIFIED
from policies.models import Document

# Pictures of ours that may stand beside a point.
SYMBOLS = (
    "tell", "phone", "device", "tray", "lock", "return", "people", "person", "home", "school", "shield", "help", "info",
    "check", "ok", "stop", "mute", "sound", "book", "calendar", "waiting", "flag", "rules", "leave", "choose", "retry",
    "list", "key", "filter", "print", "clock-off", "plus", "history",
)  # fmt: skip
# Rules that a point may follow: each answer is one of a few.
RULES = (
    "release_rule", "handin_when", "handin_point", "storage_kind", "ordinary_return", "break_use", "barred_areas",
    "offsite_rule", "parent_contact_route", "pupil_bring_authoriser",
)  # fmt: skip


class StartTemplateForm(SubmissionForm):
    """What to write, and from what."""

    submit_label = "Start a draft"

    kind = forms.ChoiceField(label="What it is", choices=AgreementKind.choices)
    beginning = forms.ChoiceField(
        label="Start from",
        choices=[("ready", "The ready text of its kind"), ("empty", "An empty page")],
        widget=forms.RadioSelect,
        initial="ready",
    )
    title = LineField(
        label="Title", max_length=120, required=False, help_text="Leave it empty for the title of the ready text."
    )


class VersionForm(VersionedForm):
    """What stands round the points."""

    submit_label = "Save the draft"

    title = LineField(label="Title", max_length=120)
    intro = TextField(label="Opening", max_length=2000, required=False, rows=5)
    sites = TextField(
        label="Sites that are used", max_length=1000, required=False, rows=3, help_text="One a line; shown to families."
    )
    documents = forms.MultipleChoiceField(
        label="Documents to read with it", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: Iterable[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(one.pk): one for one in offered}
        self.offer("documents", [(key, one.title) for key, one in self.by_key.items()])
        if not self.by_key:
            del self.fields["documents"]

    def ticked(self) -> list[Document]:
        """The documents that were ticked."""
        return [self.by_key[key] for key in self.cleaned_data.get("documents", [])]


def _answers(rule: str) -> list[tuple[str, str]]:
    """The answers of a rule, each sent with its rule's key."""
    said = {**SETTINGS[rule].values, UNSPECIFIED: "Where our rules leave it open"}
    return [(f"{rule}:{answer}", _plain(label)) for answer, label in said.items()]


def _plain(text: str) -> str:
    return text.replace("{children}", "pupils").replace("{child}", "pupil").replace("{head}", "headteacher")


class ClauseForm(VersionedForm):
    """One point: whose it is, what it says, and when it stands. Only the answers of the chosen rule are shown."""

    submit_label = "Save the point"

    party = forms.ChoiceField(
        label="Whose point it is", choices=[one for one in Party.choices if one[0] != Party.PERSONAL]
    )
    text = TextField(
        label="What it says", max_length=1500, rows=3,
        help_text="{child}, {head}, {school}, {behaviour}, {aup}, {child_protection}, {phone}, {from} are filled in.",
    )  # fmt: skip
    plain_text = LineField(label="In a few words", max_length=300, required=False, help_text="For the short reading.")
    symbol = forms.ChoiceField(
        label="Symbol", required=False, choices=[("", "None"), *((one, one.capitalize()) for one in SYMBOLS)]
    )
    is_on = forms.BooleanField(label="It stands in the agreement", required=False, initial=True)
    rule = forms.ChoiceField(label="It follows a rule of ours", required=False)
    answers = forms.MultipleChoiceField(
        label="It stands where our answer is", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        questions = {key: _plain(SETTINGS[key].label) for key in RULES}
        self.offer("rule", [("", "No: it always stands"), *questions.items()])
        self.offer("answers", [one for key in RULES for one in _answers(key)])
        chosen = str(self["rule"].value() or "")
        self.rule_chosen = chosen if chosen in questions else ""
        answers = self.fields["answers"]
        assert isinstance(answers, forms.MultipleChoiceField)
        answers.is_asked = True  # type: ignore[attr-defined]
        answers.widget.choices = _answers(self.rule_chosen) if self.rule_chosen else []

    @classmethod
    def so_far(cls, sent: QueryDict) -> dict[str, Any]:
        """What was typed, to be shown again with the answers of the rule that was chosen."""
        typed: dict[str, Any] = {name: sent.get(name, "") for name in ("submission", "version", *cls.base_fields)}
        return typed | {"is_on": "is_on" in sent, "answers": sent.getlist("answers")}

    def values(self) -> dict[str, Any]:
        """What the operation takes; answers of other rules are left out."""
        given = {name: self.cleaned_data[name] for name in ("party", "text", "plain_text", "symbol", "is_on", "rule")}
        begins = f"{given['rule']}:"
        given["answers"] = [one.removeprefix(begins) for one in self.cleaned_data["answers"] if one.startswith(begins)]
        return given


class PublishForm(VersionedForm):
    """From when it holds, what is new, and whether it has to be signed again."""

    submit_label = "Publish it"

    starts_on = forms.DateField(
        label="It holds from",
        error_messages={"invalid": "Enter a day such as 23/11/2026", "required": "Enter the first day"},
    )
    change_note = LineField(label="What is new", max_length=400, required=False)
    renews = forms.BooleanField(label="Who signed an older one is asked to sign again", required=False, initial=True)


class PreviewForm(forms.Form):
    """How to show it, and under the rules of which day."""

    LOOKS = (
        ("full", "As a parent reads it"),
        ("plain", "As a {child} reads it, in a few words with pictures"),
        ("large", "In large print"),
    )

    look = forms.ChoiceField(required=False, choices=LOOKS)
    language = forms.CharField(required=False, max_length=12)
    on = forms.DateField(required=False)
