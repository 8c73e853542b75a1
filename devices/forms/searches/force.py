"""Force used, and searches that the police made."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import LineField, TextField
from devices.enums import InterventionKind
from devices.forms.searches.fields import AnswerForm, day_field, moment_of, said_yes, time_field, yes_no


class ForceForm(AnswerForm):
    """Every field that the law asks for (SE-13)."""

    submit_label = "Record the use of force"

    staff = LineField(label="Every member of staff involved", max_length=300)
    on = day_field("Day")
    time = time_field("Time")
    place = LineField(label="Where", max_length=120)
    lead_up = TextField(label="What led up to it", max_length=1000, rows=3)
    de_escalation = TextField(label="What was tried to calm it", max_length=1000, rows=3)
    kinds = forms.MultipleChoiceField(
        label="What was done",
        choices=InterventionKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what was done"},
    )
    minutes = forms.IntegerField(label="For how many minutes", min_value=1, max_value=600)
    necessary = TextField(label="Why it was necessary", max_length=1000, rows=3)
    injuries = LineField(label="Injuries to anybody", max_length=500, help_text="If there were none, enter “none”.")
    support = LineField(label="Support offered to the pupil and to staff", max_length=500)

    def values(self) -> dict[str, Any]:
        """The facts, as `ForceFacts` takes them."""
        given = self.cleaned_data
        names = (
            "staff", "place", "lead_up", "de_escalation", "minutes", "necessary", "injuries", "support",
        )  # fmt: skip
        return {name: given[name] for name in names} | {
            "kinds": tuple(given["kinds"]),
            "happened_at": moment_of(given["on"], given["time"]),
        }


class PoliceSearchForm(AnswerForm):
    """What was weighed, who stood by the pupil, and what came of it (SE-11)."""

    submit_label = "Record the police search"

    strip_search = yes_no("Was more than outer clothing removed?")
    risk_weighed = TextField(
        label="What was weighed before calling the police",
        max_length=1000,
        rows=3,
        help_text="The risk of a search to the pupil, against that of waiting.",
    )
    on = day_field("Day")
    called = time_field("Police called at")
    reference = LineField(label="Police reference", max_length=60, required=False)
    officers = LineField(label="Officers", max_length=300, help_text="Names and numbers.")
    appropriate_adult = LineField(label="Appropriate adult", max_length=160, help_text="Who stood by the pupil.")
    parent_told = time_field("Parent told at", required=False)
    parent_told_note = LineField(label="How, or why not before", max_length=300)
    began = time_field("Search began at")
    ended = time_field("Search ended at")
    place = LineField(label="Where", max_length=120)
    found = LineField(label="What was found", max_length=500, help_text="If nothing, enter “nothing”.")
    aftercare = TextField(label="What is done for the pupil afterwards", max_length=1000, rows=3)

    def values(self) -> dict[str, Any]:
        """The facts, as `PoliceSearchFacts` takes them."""
        given = self.cleaned_data
        names = (
            "risk_weighed", "reference", "officers", "appropriate_adult", "parent_told_note", "place", "found",
            "aftercare",
        )  # fmt: skip
        on = given["on"]
        told = given.get("parent_told")
        return {name: given[name] for name in names} | {
            "strip_search": said_yes(given, "strip_search"),
            "called_at": moment_of(on, given["called"]),
            "started_at": moment_of(on, given["began"]),
            "ended_at": moment_of(on, given["ended"]),
            "parent_told_at": moment_of(on, told) if told else None,
        }
