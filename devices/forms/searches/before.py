"""Before a search: what is searched, what is sought and why, what is known, what was said, and consent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, TextField
from core.people.models import Contact, User
from devices.enums import ConsentAnswer, ConsentGiver, Cooperation, GoodReason, SearchBasis, SearchOf
from devices.forms.searches.fields import NEVER_DESCRIBE, AnswerForm
from devices.models import CustodyRecord, ProhibitedItem

NOT_LISTED = "none"


class OpenSearchForm(AnswerForm):
    """What is searched; and where the rules are silent, who searches and why they may."""

    submit_label = "Open the search"

    of = forms.ChoiceField(
        label="What is searched",
        choices=SearchOf.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is searched"},
        help_text="Looking at what is on a device is a search of its own, with its own reason.",
    )
    custody = forms.ChoiceField(
        label="Which device",
        required=False,
        widget=forms.RadioSelect,
        help_text="Only for what is on a device. The school must have taken it first.",
    )
    searcher = forms.ChoiceField(label="Who searches", required=False)
    decision_reason = LineField(
        label="Why they may",
        max_length=500,
        required=False,
        help_text="Your school’s rules do not say who searches. What you decide is kept, with your name.",
    )

    def __init__(
        self, *args: Any, stays: Sequence[CustodyRecord], staff: Sequence[User], decides: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stays = {str(stay.pk): stay for stay in stays}
        self.staff = {str(person.pk): person for person in staff}
        if stays:
            self.offer("custody", ((key, stay.device.description) for key, stay in self.stays.items()))
        else:
            del self.fields["custody"]
        if decides:
            self.offer("searcher", [("", "I do"), *((key, one.display_name) for key, one in self.staff.items())])
        else:
            del self.fields["searcher"], self.fields["decision_reason"]

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return {
            "of": given["of"],
            "custody": self.stays.get(given.get("custody") or ""),
            "searcher": self.staff.get(given.get("searcher") or ""),
            "decision_reason": given.get("decision_reason") or "",
        }


class SoughtForm(AnswerForm):
    """What is looked for."""

    submit_label = "Save and continue"

    item = forms.ChoiceField(
        label="Which prohibited item",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is looked for"},
        help_text="From your school’s list as it stands today.",
    )
    sought = LineField(
        label="What exactly",
        max_length=300,
        help_text=NEVER_DESCRIBE,
        error_messages={"required": "Enter what is looked for"},
    )

    def __init__(self, *args: Any, items: Iterable[ProhibitedItem], may_be_other: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = {str(item.pk): item for item in items}
        listed = [(key, f"{item.name} ({item.get_item_class_display().lower()})") for key, item in self.items.items()]
        other = [(NOT_LISTED, "Something else: with consent only")] if may_be_other else []
        self.offer("item", [*listed, *other])

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"item": self.items.get(given["item"]), "sought": given["sought"]}


class WhyForm(AnswerForm):
    """By which power, and why."""

    submit_label = "Save and continue"

    basis = forms.ChoiceField(
        label="By which power",
        choices=SearchBasis.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one"},
        help_text="The two are never mixed, and the choice is not changed later.",
    )
    basis_reason = LineField(
        label="Why this one",
        max_length=500,
        required=False,
        help_text="Your school’s rules do not say. What you decide is kept, with your name.",
    )
    grounds = TextField(label="The reason for the search", max_length=1000, rows=4, help_text=NEVER_DESCRIBE)
    necessity = TextField(
        label="Why it is necessary, and why this way",
        max_length=1000,
        rows=3,
        required=False,
        help_text="Needed without consent: why nothing milder would do.",
    )
    good_reason = forms.ChoiceField(
        label="The good reason to look at what is on it",
        choices=GoodReason.choices,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, bases: Sequence[SearchBasis], silent: bool, of_device: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bases = bases
        self.fields["grounds"].error_messages["required"] = "Enter the reason for the search"
        if len(bases) == 1:
            del self.fields["basis"]
        if not silent:
            del self.fields["basis_reason"]
        if SearchBasis.GROUNDS not in bases:
            del self.fields["necessity"]
        elif len(bases) == 1:
            self.fields["grounds"].label = "Reasonable grounds"
            necessity = self.fields["necessity"]
            necessity.help_text, necessity.required = "Why nothing milder would do.", True
            necessity.error_messages["required"] = "Say why it is necessary, and why this way"
        if not of_device:
            del self.fields["good_reason"]

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("basis_reason", "grounds", "necessity", "good_reason")
        return {name: given.get(name) or "" for name in names} | {"basis": given.get("basis") or str(self.bases[0])}


class WeighForm(AnswerForm):
    """What is known about the pupil, and how it was weighed."""

    submit_label = "Save and continue"

    weighed = TextField(label="What you weighed, and how", max_length=500, rows=4, required=False)

    def __init__(self, *args: Any, is_known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_known:
            self.fields["weighed"].required = True
            self.fields["weighed"].error_messages["required"] = "Say what you weighed, and how"
        else:
            self.fields["weighed"].label = "Anything else you know that bears on it"
            self.fields["weighed"].help_text = "Age, needs, trauma, faith. Leave empty if there is nothing."


class ExplainForm(AnswerForm):
    """What the pupil was told, and how they met it."""

    submit_label = "Save and continue"

    explained = TextField(
        label="What you told them",
        max_length=500,
        rows=3,
        help_text="Why, how and where they are searched, and that they may ask questions.",
        error_messages={"required": "Enter what you told them"},
    )
    cooperation = forms.ChoiceField(
        label="How they met it",
        choices=Cooperation.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they met it"},
    )
    tried = TextField(
        label="What was tried",
        max_length=500,
        rows=3,
        required=False,
        help_text="If they did not cooperate, or only after talking.",
    )


class ConsentForm(AnswerForm):
    """Who was asked for consent, and what they answered."""

    submit_label = "Record the answer"

    giver = forms.ChoiceField(
        label="Who was asked",
        choices=ConsentGiver.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who was asked"},
    )
    contact = forms.ChoiceField(label="Which parent or carer", required=False)
    answer = forms.ChoiceField(
        label="What they answered",
        choices=ConsentAnswer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they answered"},
    )
    how = LineField(
        label="How",
        max_length=200,
        help_text="In person, by phone, in writing; and that they understood reason and method.",
        error_messages={"required": "Enter how"},
    )

    def __init__(self, *args: Any, contacts: Iterable[Contact], may_withdraw: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        if self.contacts:
            known = ((key, f"{one.display_name}, {one.relationship}") for key, one in self.contacts.items())
            self.offer("contact", [("", "Nobody"), *known])
        else:
            del self.fields["contact"]
            self.offer("giver", [(ConsentGiver.PUPIL.value, ConsentGiver.PUPIL.label)])
            self.fields[
                "giver"
            ].help_text = "You cannot see this pupil’s contacts. Ask the office if a parent is asked."
        if not may_withdraw:
            without = [pair for pair in ConsentAnswer.choices if pair[0] != ConsentAnswer.WITHDRAWN]
            self.offer("answer", without)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "giver": given["giver"],
            "contact": self.contacts.get(given.get("contact") or ""),
            "answer": given["answer"],
            "how": given["how"],
        }


class StartSearchForm(AnswerForm):
    """Everything is answered: the search begins."""

    submit_label = "Start the search"
