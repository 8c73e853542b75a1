"""The registers: authorised searchers, prohibited items, screening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField
from core.people.models import User
from devices.enums import ItemClass, ScreeningKind, SearchOf
from devices.forms.searches.fields import AnswerForm, day_field, moment_of, said_yes, time_field, yes_no


class SearcherForm(AnswerForm):
    """A member of staff goes on the register."""

    submit_label = "Authorise"

    person = forms.ChoiceField(label="Who", error_messages={"required": "Choose who is authorised"})
    scope = forms.MultipleChoiceField(
        label="What they may search",
        choices=SearchOf.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one"},
    )
    classes = forms.MultipleChoiceField(
        label="For which items",
        choices=ItemClass.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one"},
    )
    starts_on = day_field("From")
    ends_on = day_field("Until", required=False, help_text="Left empty: until you end it.")
    trained_on = day_field("Trained on", required=False)

    def __init__(self, *args: Any, staff: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        self.offer("person", [("", "Choose"), *((key, one.display_name) for key, one in self.staff.items())])

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("scope", "classes", "starts_on", "ends_on", "trained_on")
        return {name: given[name] for name in names} | {"person": self.staff[given["person"]]}


class ProhibitedForm(AnswerForm):
    """Something that the school's rules ban."""

    submit_label = "Put it on the list"

    name = LineField(label="What", max_length=120, error_messages={"required": "Enter what it is"})
    searchable = yes_no("Do the rules name it as something that may be searched for?")
    starts_on = day_field("From")
    source = LineField(
        label="Where it stands",
        max_length=160,
        help_text="The behaviour policy and its edition.",
        error_messages={"required": "Enter the policy and its edition"},
    )

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("name", "starts_on", "source")
        return {name: given[name] for name in names} | {"searchable": said_yes(given, "searchable")}


class EndProhibitedForm(AnswerForm):
    """The last day of an entry."""

    submit_label = "Take it off the list"

    ends_on = day_field("Last day on the list")


class ScreeningForm(AnswerForm):
    """One session with an arch or a wand. No names."""

    submit_label = "Record the session"

    kind = forms.ChoiceField(
        label="With what",
        choices=ScreeningKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose with what"},
    )
    place = LineField(label="Where", max_length=120, error_messages={"required": "Enter where"})
    on = day_field("Day")
    began = time_field("Began")
    ended = time_field("Ended")
    screened = forms.IntegerField(label="How many pupils, roughly", min_value=0, max_value=9999)
    led_to_searches = forms.IntegerField(label="How many searches came of it", min_value=0, max_value=999, initial=0)
    note = LineField(label="Note", max_length=300, required=False, help_text="No names.")

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("kind", "place", "screened", "led_to_searches", "note")
        return {name: given[name] for name in names} | {
            "started_at": moment_of(given["on"], given["began"]),
            "ended_at": moment_of(given["on"], given["ended"]),
        }
