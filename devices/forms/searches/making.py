"""While a search is made: where and with whom, how, what is found, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, TextField
from core.people.models import User
from devices.enums import Disposal, FoundKind
from devices.forms.searches.fields import NEVER_DESCRIBE, AnswerForm, said_yes, yes_no
from devices.models import CustodyRecord

_NONE = ("", "Nobody, or not from the staff")


class SurroundingsForm(AnswerForm):
    """Where, and everybody who is there."""

    submit_label = "Save and continue"

    place = LineField(label="Where", max_length=120, error_messages={"required": "Enter where"})
    witness = forms.ChoiceField(label="Witness", required=False)
    witness_name = LineField(
        label="Another witness", max_length=160, required=False, help_text="If it is nobody from the list."
    )
    others_present = LineField(
        label="Everybody else who is there",
        max_length=300,
        help_text="Adults and pupils. If nobody, enter “nobody”.",
        error_messages={"required": "Enter who else is there, or “nobody”"},
    )

    def __init__(self, *args: Any, staff: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        self.offer("witness", [_NONE, *((key, person.display_name) for key, person in self.staff.items())])

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "place": given["place"],
            "witness": self.staff.get(given.get("witness") or ""),
            "witness_name": given["witness_name"],
            "others_present": given["others_present"],
        }


class MannerForm(AnswerForm):
    """Same sex, outer clothing only; or the urgent exception."""

    submit_label = "Save and continue"

    same_sex_searcher = yes_no("Is the searcher of the same sex as the pupil?")
    same_sex_witness = yes_no("Is the witness of the same sex as the pupil?")
    outer_clothing_only = yes_no(
        "Is only outer clothing removed?", help_text="Staff never remove more. Only the police may."
    )
    urgent_reason = TextField(
        label="Why it cannot wait",
        max_length=500,
        rows=3,
        required=False,
        help_text="Only if serious harm is likely without an urgent search, and so the answer above is no.",
    )
    second_adult = LineField(
        label="Which second adult was told at once", max_length=160, required=False, help_text="Needed with the above."
    )

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        asked = ("same_sex_searcher", "same_sex_witness", "outer_clothing_only")
        return {name: said_yes(given, name) for name in asked} | {
            "urgent_reason": given["urgent_reason"],
            "second_adult": given["second_adult"],
        }


class FindingForm(AnswerForm):
    """One thing found, and what is done with it."""

    submit_label = "Add what was found"

    kind = forms.ChoiceField(
        label="What kind of thing",
        choices=FoundKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of thing it is"},
    )
    what = LineField(
        label="What it is",
        max_length=200,
        help_text=NEVER_DESCRIBE,
        error_messages={"required": "Enter what it is"},
    )
    disposal = forms.ChoiceField(
        label="What is done with it",
        required=False,
        choices=[("", "Choose"), *Disposal.choices],
        help_text="Left empty only for an extreme image, or one of a child: then the device is isolated, unseen.",
    )
    reason = LineField(
        label="Why, if it is not the usual",
        max_length=300,
        required=False,
        help_text="The usual comes first in the table below.",
    )


class NothingFoundForm(AnswerForm):
    """Nothing was found: an answer of its own."""

    submit_label = "Nothing was found"


class OutcomeForm(AnswerForm):
    """Force, risk and what follows."""

    submit_label = "Save and continue"

    force_used = yes_no("Was force used?", help_text="Then its own record is asked for before the search is closed.")
    risk = yes_no("Does it show that anybody may be at risk?", help_text="The DSL hears of it at once.")
    risk_note = TextField(label="What the risk is", max_length=500, rows=3, required=False, help_text=NEVER_DESCRIBE)
    follow_up = TextField(
        label="What follows",
        max_length=1000,
        rows=3,
        help_text="What is done next, or “nothing”.",
        error_messages={"required": "Enter what follows, or “nothing”"},
    )
    support = LineField(label="Support offered to the pupil", max_length=500, required=False)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("risk_note", "follow_up", "support")
        return {name: given[name] for name in names} | {
            "force_used": said_yes(given, "force_used"),
            "risk": said_yes(given, "risk"),
        }


class CompleteSearchForm(AnswerForm):
    """The answers are checked; where the rules are silent, whether the DSL hears of it."""

    submit_label = "Complete the search"

    tell_dsl = yes_no("Does the DSL hear of it?", required=False, help_text="Your school’s rules do not say.")
    tell_because = LineField(label="Why", max_length=500, required=False, help_text="Kept, with your name.")

    def __init__(self, *args: Any, silent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not silent:
            del self.fields["tell_dsl"], self.fields["tell_because"]

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        answer = given.get("tell_dsl") or ""
        return {"tell_dsl": answer == "yes" if answer else None, "tell_because": given.get("tell_because") or ""}


class StopSearchForm(AnswerForm):
    """Something indecent or illegal appeared."""

    submit_label = "Stop the search and hold the device"

    is_image = yes_no("May a nude or indecent image of a child be on it?", help_text="Do not look to find out.")
    custody = forms.ChoiceField(label="Which device is held", required=False)
    because = TextField(
        label="What led to it",
        max_length=500,
        rows=3,
        help_text=NEVER_DESCRIBE,
        error_messages={"required": "Say what led to it"},
    )

    def __init__(self, *args: Any, stays: Sequence[CustodyRecord], of_device: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stays = {str(stay.pk): stay for stay in stays}
        if of_device or not stays:
            del self.fields["custody"]
        else:
            devices = ((key, stay.device.description) for key, stay in self.stays.items())
            self.offer("custody", [("", "None: it is about no device"), *devices])

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "is_image": said_yes(given, "is_image"),
            "custody": self.stays.get(given.get("custody") or ""),
            "because": given["because"],
        }
