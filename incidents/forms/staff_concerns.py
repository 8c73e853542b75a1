"""Forms about concerns over staff: what it is, whom outside was spoken to, who is let in; a question in private."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User
from incidents.enums import AccessReason, AllegationKind, OutsideBody
from incidents.queries.staff_concerns import ADVISERS

_LONDON = ZoneInfo("Europe/London")
_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class ClassifyForm(SubmissionForm):
    """What is said, and whether it may meet the harm threshold: a person decides."""

    submit_label = "Save"

    kinds = forms.MultipleChoiceField(
        label="What is said",
        choices=AllegationKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one kind"},
    )
    threshold = forms.ChoiceField(
        label="Does it meet the harm threshold, or may it?",
        choices=[("yes", "Yes, or it may: an allegation"), ("no", "No: a low-level concern, for the head’s register")],
        widget=forms.RadioSelect,
        help_text="Suspected illegal content or a crime with a device always goes to the police and the LADO.",
        error_messages={"required": "Choose whether it meets the threshold"},
    )
    reason = TextField(label="Why", max_length=2000, rows=3, help_text="Kept sealed in this record.")
    context = TextField(label="The context in which it arose", max_length=4000, rows=3, required=False)
    covered = forms.ChoiceField(
        label="Was the contact covered by an arrangement agreed beforehand and in force that day?",
        choices=[("yes", "Yes"), ("no", "No: it is a breach")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether an arrangement covered it"},
    )
    covered_words = TextField(
        label="If yes: agreed by whom, when, for what", max_length=2000, rows=2, required=False,
        help_text="And how you know: look, do not take their word.",
    )  # fmt: skip
    sharer_named = forms.BooleanField(label="Whoever shared it may be named", required=False, initial=True)
    documents = TextField(
        label="Under which documents it is handled", max_length=800, rows=3, required=False,
        help_text="Your school’s rules name none. One on each line; that you decided is kept.",
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, silent: bool, asks_cover: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not silent:
            self.fields.pop("documents")
        if not asks_cover:
            self.fields.pop("covered")
            self.fields.pop("covered_words")

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        given["meets_threshold"] = given.pop("threshold") == "yes"
        if "covered" in given:
            given["covered"] = given["covered"] == "yes"
        return given | {"documents": given.get("documents", "").splitlines()}


class OutsideForm(SubmissionForm):
    """Whom, when, and what they advised."""

    submit_label = "Save the entry"

    body = forms.ChoiceField(
        label="Who was spoken to",
        choices=OutsideBody.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who was spoken to"},
    )
    spoken_to = LineField(label="Name of the person", max_length=120)
    on = forms.DateField(label="Day", error_messages=_DAY)
    spoken_at = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time such as 14:05"},
    )
    reference = LineField(label="Their reference", max_length=60, required=False)
    advice = TextField(label="What they advised", max_length=4000, rows=4)

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = dict(self.cleaned_data)
        return given | {"spoken_at": datetime.combine(given.pop("on"), given["spoken_at"], _LONDON)}


class AccessForm(SubmissionForm):
    """Who is let in, why, until when."""

    submit_label = "Let them read it"

    person = forms.ChoiceField(label="Who", error_messages={"required": "Choose who is let in"})
    reason = forms.ChoiceField(
        label="Why",
        choices=AccessReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why"},
    )
    until = forms.DateField(
        label="Last day", required=False, error_messages=_DAY, help_text="Left empty: until you end it."
    )

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.offer("person", [("", "Choose"), *((key, one.display_name) for key, one in self.people.items())])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        return self.cleaned_data | {"person": self.people[self.cleaned_data["person"]]}


class QuestionForm(SubmissionForm):
    """Whom to ask, and what."""

    submit_label = "Send the question"

    adviser = forms.ChoiceField(
        label="Whom do you ask?",
        choices=[(word, word) for word in ADVISERS],
        widget=forms.RadioSelect,
        help_text="The deputies see what the designated safeguarding lead is asked.",
        error_messages={"required": "Choose whom you ask"},
    )
    question = TextField(label="Your question", max_length=4000, rows=5)


class AnswerQuestionForm(SubmissionForm):
    """The adviser's answer."""

    submit_label = "Send the answer"

    answer = TextField(label="Your answer", max_length=4000, rows=5)
