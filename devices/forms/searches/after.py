"""After a search: what leaders do when consent was refused, the DSL's view, and a search recorded afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, TextField
from core.people.models import User
from devices.enums import GoodReason, NextStep, SearchBasis, SearchOf
from devices.forms.searches.fields import NEVER_DESCRIBE, AnswerForm, day_field, moment_of, said_yes, time_field, yes_no
from devices.models import CustodyRecord, ProhibitedItem


class NextStepForm(AnswerForm):
    """What senior leaders do where consent was refused or taken back."""

    submit_label = "Save what is done now"

    next_step = forms.ChoiceField(
        label="What is done now",
        choices=NextStep.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is done now"},
    )


class FollowUpForm(AnswerForm):
    """The DSL's view."""

    submit_label = "Save the follow-up"

    wider_risk = TextField(
        label="Wider risk",
        max_length=1000,
        rows=4,
        help_text="What else it may point to; early help, a referral, or why neither.",
        error_messages={"required": "Enter your view of the wider risk"},
    )
    support = LineField(
        label="Support offered to the pupil",
        max_length=500,
        error_messages={"required": "Enter what support was offered, or “none”"},
    )


class CloseSearchForm(AnswerForm):
    """The search is closed."""

    submit_label = "Close the search"


class PastSearchForm(AnswerForm):
    """A search that was made already: the ten answers, on one page."""

    submit_label = "Record the search"

    searcher = forms.ChoiceField(label="Who searched", error_messages={"required": "Choose who searched"})
    made_on = day_field("Day")
    time = time_field("Time")
    of = forms.ChoiceField(
        label="What was searched",
        choices=SearchOf.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was searched"},
    )
    custody = forms.ChoiceField(label="Which device", required=False, help_text="If it was what is on a device.")
    item = forms.ChoiceField(label="Which prohibited item", required=False)
    sought = LineField(label="What was looked for", max_length=300, help_text=NEVER_DESCRIBE)
    basis = forms.ChoiceField(
        label="By which power",
        choices=SearchBasis.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one"},
    )
    grounds = TextField(label="The reason for the search", max_length=1000, rows=3)
    necessity = TextField(
        label="Why it was necessary", max_length=1000, rows=2, required=False, help_text="Needed without consent."
    )
    good_reason = forms.ChoiceField(
        label="The good reason to look at what is on a device", required=False, choices=[("", "Not of a device")]
    )
    place = LineField(label="Where", max_length=120)
    witness_name = LineField(label="Witness", max_length=160, required=False)
    others_present = LineField(
        label="Everybody else who was there", max_length=300, help_text="If nobody, enter “nobody”."
    )
    same_sex_searcher = yes_no("Was the searcher of the same sex?", required=False)
    outer_clothing_only = yes_no("Was only outer clothing removed?", required=False)
    urgent_reason = LineField(
        label="Why it could not wait", max_length=500, required=False, help_text="If an answer above is no."
    )
    second_adult = LineField(label="Which second adult was told", max_length=160, required=False)
    found = TextField(label="What was found", max_length=1000, rows=2, help_text="If nothing, enter “nothing”.")
    force_used = yes_no("Was force used?")
    risk = yes_no("Does it show that anybody may be at risk?")
    risk_note = LineField(label="What the risk is", max_length=500, required=False)
    follow_up = TextField(label="What follows", max_length=1000, rows=2)

    def __init__(
        self,
        *args: Any,
        staff: Sequence[User],
        stays: Iterable[CustodyRecord],
        items: Iterable[ProhibitedItem],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        self.stays = {str(stay.pk): stay for stay in stays}
        self.items = {str(item.pk): item for item in items}
        self.offer("searcher", [("", "Choose"), *((key, one.display_name) for key, one in self.staff.items())])
        self.offer("custody", [("", "None"), *((key, one.device.description) for key, one in self.stays.items())])
        self.offer("item", [("", "Not on the list"), *((key, one.name) for key, one in self.items.items())])
        self.offer("good_reason", [("", "It was not of a device"), *GoodReason.choices])

    def values(self) -> dict[str, Any]:
        """What the operation takes, besides the pupil: searcher, moment and the answers."""
        given = self.cleaned_data
        texts = (
            "of", "basis", "sought", "grounds", "necessity", "good_reason", "place", "witness_name", "others_present",
            "urgent_reason", "second_adult", "found", "risk_note", "follow_up",
        )  # fmt: skip
        answers: dict[str, Any] = {name: given[name] for name in texts}
        for name in ("same_sex_searcher", "outer_clothing_only"):
            answers[name] = said_yes(given, name) if given[name] else None
        answers |= {name: said_yes(given, name) for name in ("force_used", "risk")}
        answers |= {"item": self.items.get(given["item"]), "custody": self.stays.get(given["custody"])}
        return {
            "searcher": self.staff[given["searcher"]],
            "made_at": moment_of(given["made_on"], given["time"]),
            "answers": answers,
        }
