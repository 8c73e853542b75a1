"""Forms about consent to images. Nothing is chosen for anybody, and no field takes a picture (CON-01)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agreements.enums import ConsentGround, ConsentPurpose, ParentsAsked, PublishingDutyKind, SignMode
from agreements.models import ImageConsent
from core.kit.forms import BaseForm, LineField, SubmissionForm, TextField
from core.people.models import Contact, FormGroup, User

OWN = "own"
NAME = "name"
_AT_SCHOOL = [
    (SignMode.PAPER.value, "On paper, signed; the paper is on file"),
    (SignMode.DESK.value, "At school, signed on the school’s device"),
]
_WITHDRAWN = [
    (SignMode.PAPER.value, "In writing"),
    (SignMode.DESK.value, "By word of mouth, in person or on the telephone"),
]
_YES_NO = [("yes", "Yes"), ("no", "No")]


class AnswersForm(SubmissionForm):
    """Yes or no to each use, by itself; what goes with it; and how it came."""

    submit_label = "Record the answer"

    mode = forms.ChoiceField(
        label="How it came", choices=_AT_SCHOOL, widget=forms.RadioSelect,
        error_messages={"required": "Choose how it came"},
    )  # fmt: skip
    other_purpose = LineField(
        label="The other purpose", max_length=200, required=False, help_text="If there is one, as the form names it."
    )
    first_name_for = LineField(
        label="A first name may go with the image, for", max_length=200, required=False,
        help_text="The need, such as “The programme of the play”. Left empty, no name goes with any image.",
    )  # fmt: skip
    ends_on = forms.DateField(
        label="Last day, if it has one", required=False, help_text="Left empty, it holds until it is withdrawn."
    )
    note = LineField(label="Note", max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in ConsentPurpose:
            self.fields[f"use_{purpose.value}"] = forms.ChoiceField(
                label=str(purpose.label), choices=_YES_NO, widget=forms.RadioSelect,
                error_messages={"required": f"Say yes or no to: {purpose.label}"},
            )  # fmt: skip
        uses = [f"use_{purpose.value}" for purpose in ConsentPurpose]
        self.order_fields([*self.first, "mode", *uses, "other_purpose", "first_name_for", "ends_on", "note"])

    first: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """What the operation is given."""
        data = self.cleaned_data
        kept = ("mode", "other_purpose", "first_name_for", "ends_on", "note", "submission")
        return {name: data[name] for name in kept} | {
            "purposes": [one.value for one in ConsentPurpose if data[f"use_{one.value}"] == "yes"]
        }


class RecordConsentForm(AnswersForm):
    """One person's answer about a pupil: a parent's, or the pupil's own."""

    first = ("who",)

    who = forms.ChoiceField(
        label="Who answers", widget=forms.RadioSelect, error_messages={"required": "Choose who answers"}
    )

    def __init__(self, *args: Any, adults: Iterable[Contact], child: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.adults = {str(one.pk): one for one in adults}
        named = [
            (key, f"{one.display_name}{f', {one.relationship.lower()}' if one.relationship else ''}")
            for key, one in self.adults.items()
        ]
        self.offer("who", [*named, (OWN, f"The {child}, for themselves")])

    @property
    def contact(self) -> Contact | None:
        return self.adults.get(self.cleaned_data["who"])


class AdultConsentForm(AnswersForm):
    """An adult's answer about images of themselves."""

    first = ("user",)

    user = forms.ChoiceField(label="Who answers for themselves", error_messages={"required": "Choose who answers"})

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in people}
        self.offer("user", [("", "Choose somebody"), *((key, one.full_name) for key, one in self.people.items())])

    @property
    def adult(self) -> User:
        return self.people[self.cleaned_data["user"]]


class WithdrawConsentForm(SubmissionForm):
    """What is withdrawn, by whom, and how they said so: no reason is asked (AG-4)."""

    submit_label = "Record the withdrawal"

    purposes = forms.MultipleChoiceField(
        label="Withdrawn for", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick what is withdrawn"},
    )  # fmt: skip
    said_by = LineField(label="Who said so", max_length=160, error_messages={"required": "Enter who said so"})
    mode = forms.ChoiceField(
        label="How it came", choices=_WITHDRAWN, widget=forms.RadioSelect,
        error_messages={"required": "Choose how it came"},
    )  # fmt: skip
    note = LineField(label="Note", max_length=500, required=False)

    def __init__(self, *args: Any, consent: ImageConsent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = set(consent.purposes)
        offered = [(one.value, str(one.label)) for one in ConsentPurpose if one in given]
        if consent.first_name_for:
            offered.append((NAME, "The permission for the first name"))
        self.offer("purposes", offered)

    def values(self) -> dict[str, Any]:
        """What the operation is given."""
        chosen = self.cleaned_data["purposes"]
        return self.cleaned_data | {
            "purposes": [one for one in chosen if one != NAME],
            "first_name": NAME in chosen,
        }


class AskOwnConsentForm(SubmissionForm):
    """What a pupil wants, for the head to judge."""

    submit_label = "Ask the headteacher"

    wish = TextField(
        label="What they want", max_length=500, rows=3, help_text="In their own words where possible.",
        error_messages={"required": "Enter what they want"},
    )  # fmt: skip


class DecideOwnConsentForm(SubmissionForm):
    """The head's judgement in one case."""

    submit_label = "Record the decision"

    may_decide = forms.ChoiceField(
        label="May they decide for themselves?", choices=_YES_NO, widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no"},
    )  # fmt: skip
    grounds = forms.MultipleChoiceField(
        label="What was weighed", choices=ConsentGround.choices, widget=forms.CheckboxSelectMultiple,
        help_text="Age alone never decides.", error_messages={"required": "Tick what you weighed"},
    )  # fmt: skip
    parents = forms.ChoiceField(
        label="Were the parents or carers asked?", choices=ParentsAsked.choices, widget=forms.RadioSelect,
        error_messages={"required": "Say whether they were asked"},
    )  # fmt: skip
    parents_note = LineField(
        label="What they said, or why they were not asked", max_length=500,
        error_messages={"required": "Enter what they said, or why they were not asked"},
    )  # fmt: skip
    reason = TextField(label="Why, in this case", max_length=1000, error_messages={"required": "Say why"})
    review_on = forms.DateField(label="To be looked at again on", required=False)

    def values(self) -> dict[str, Any]:
        """What the operation is given."""
        return self.cleaned_data | {"may_decide": self.cleaned_data["may_decide"] == "yes"}


class DutyForm(SubmissionForm):
    """Who takes or publishes images for the school, from when."""

    submit_label = "Name them"

    user = forms.ChoiceField(label="Who", error_messages={"required": "Choose who"})
    kind = forms.ChoiceField(
        label="What they do", choices=PublishingDutyKind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what they do"},
    )  # fmt: skip
    account = LineField(label="The account", max_length=120, required=False, help_text="If they manage one.")
    starts_on = forms.DateField(label="From")

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in people}
        self.offer("user", [("", "Choose somebody"), *((key, one.full_name) for key, one in self.people.items())])

    def clean_user(self) -> User:
        return self.people[self.cleaned_data["user"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == PublishingDutyKind.ACCOUNTS and not data.get("account"):
            self.add_error("account", "Name the account")
        return data


class NotToShowForm(BaseForm):
    """Which forms the list is for, and what it is for."""

    submit_label = "Make the list"

    form_groups = forms.MultipleChoiceField(
        label="Forms", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick at least one form"}
    )
    event = LineField(
        label="Event", max_length=80, required=False, help_text="Stands at the top, such as “Sports day”."
    )

    def __init__(self, *args: Any, groups: Iterable[FormGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(one.pk): one for one in groups}
        self.offer("form_groups", [(key, one.name) for key, one in self.groups.items()])

    @property
    def chosen(self) -> list[FormGroup]:
        return [self.groups[key] for key in self.cleaned_data["form_groups"]]


class ConsentPaperForm(BaseForm):
    """Which of the two forms is put on paper."""

    kind = forms.ChoiceField(label="Which", choices=[("consent", "Consent form"), ("withdrawal", "Withdrawal form")])
