"""Forms about what staff declare: the shape of input only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agreements.enums import DeclarationContext, RelationshipNature
from agreements.queries.conduct import Consultee
from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.models import User

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class DeclareForm(SubmissionForm):
    """A tie that makes the no-contact rule hard to keep."""

    submit_label = "Declare it"

    context = forms.ChoiceField(
        label="What it is about", choices=DeclarationContext.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is about"},
    )  # fmt: skip
    nature = forms.ChoiceField(
        label="What kind of tie it is", choices=RelationshipNature.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of tie it is"},
    )  # fmt: skip
    parties = TextField(label="Who it is with", max_length=1000, rows=2)
    since = LineField(label="Since when", max_length=60, help_text="As well as you know, such as “spring 2024”.")
    circumstances = TextField(
        label="What the circumstance is", max_length=4000, rows=6,
        help_text="What contact there is or may be, and why the usual rule is hard to keep.",
    )  # fmt: skip


class ConsultForm(SubmissionForm):
    """Whom to consult."""

    submit_label = "Consult them"

    people = forms.MultipleChoiceField(
        label="Whom", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose whom to consult"}
    )
    reason = TextField(label="Why these people", max_length=1000, rows=2, required=False)

    def __init__(self, *args: Any, consultees: Iterable[Consultee], is_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(one.user.pk): one for one in consultees}
        self.offer(
            "people",
            (
                (key, f"{one.user.display_name}, {one.label}{' (named by the rule)' if one.is_named else ''}")
                for key, one in self.by_key.items()
            ),
        )
        if not is_open:
            del self.fields["reason"]

    def clean_people(self) -> list[User]:
        return [self.by_key[key].user for key in self.cleaned_data["people"]]


class AdviseForm(SubmissionForm):
    """One's advice."""

    submit_label = "Give this advice"

    advice = TextField(label="Your advice", max_length=4000, rows=6, help_text="It stands as you give it.")


class DecideDeclarationForm(SubmissionForm):
    """The decision, and whether it goes on record."""

    submit_label = "Decide"

    decision = TextField(label="Decision", max_length=4000, rows=6)
    on_record = forms.BooleanField(label="Put decision and advice formally on record", required=False)
    review_on = forms.DateField(
        label="Look at it again on", required=False, error_messages=_DAY, help_text="Needed when it goes on record."
    )
    reason = TextField(label="Why it goes on record, or does not", max_length=1000, rows=2, required=False)

    def __init__(self, *args: Any, recorded: str, is_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if recorded == "required":
            del self.fields["on_record"]
            self.fields["review_on"].help_text = "The rules put decision and advice on record, with this day."
        if not is_open:
            del self.fields["reason"]


class PutOnRecordForm(SubmissionForm):
    """The day on which it is looked at again."""

    submit_label = "Put it on record"

    review_on = forms.DateField(label="Look at it again on", error_messages={**_DAY, "required": "Enter the day"})


class BecauseForm(SubmissionForm):
    """An act that needs a reason."""

    reason = TextField(label="Why", max_length=300, rows=2, error_messages={"required": "Say why"})
