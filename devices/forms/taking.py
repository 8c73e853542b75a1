"""Forms about taken devices: what was taken and why, where it lies, signatures. No upload, no code, no description of
what is on it (CNF-02, SEA-16)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.people.calendar import LONDON
from core.people.models import School, User
from devices.enums import Authority, BarredFunction, HoldReason, TakenBecause
from devices.models import DeviceType, PupilDevice, Slot, StoragePlace
from devices.queries import slots_labelled, slots_of

NEW = "new"
ELSEWHERE = "elsewhere"
# What is written down where nothing else is typed; the reasons without a sentence need one of one's own.
SENTENCES: dict[str, str] = {
    TakenBecause.USED_IN_DAY: "Was seen using it.",
    TakenBecause.NOT_HANDED_IN: "Had it and had not handed it in.",
    TakenBecause.REFUSED: "Was asked to hand it in and did not.",
    TakenBecause.KEPT_ON_PERSON: "Had it on them.",
    TakenBecause.SECOND_HIDDEN: "Had a second device.",
    TakenBecause.OWN_ARRANGEMENTS: "Was making arrangements with it.",
    TakenBecause.BREAK_REVOKED: "Used it at break.",
    TakenBecause.BARRED_AREA: "Used it where no device is used.",
}
_PLACES = ("Classroom", "Corridor", "Outside", "Toilets or changing rooms")


class TakeForm(SubmissionForm):
    """The taking. What the plain case needs comes first; everything else is folded away by the page."""

    submit_label = "Record it as taken"
    FIRST = ("device", "because", "functions", "area", "ground", "where", "elsewhere", "circumstances_weighed", "seen")

    device = forms.ChoiceField(
        label="Which device", widget=forms.RadioSelect, error_messages={"required": "Choose the device"}
    )
    new_type = forms.ChoiceField(label="Kind of device", required=False)
    new_colour = LineField(label="Colour", max_length=40, required=False, help_text="Of the device, or of its case.")
    because = forms.ChoiceField(
        label="Why", widget=forms.RadioSelect, error_messages={"required": "Choose what led to it"}
    )
    functions = forms.MultipleChoiceField(
        label="What it was used for", widget=forms.CheckboxSelectMultiple, required=False
    )
    area = forms.ChoiceField(label="Which no-device area", required=False)
    ground = forms.ChoiceField(
        label="On what ground", widget=forms.RadioSelect, error_messages={"required": "Choose the ground"}
    )
    where = forms.ChoiceField(
        label="Where", widget=forms.RadioSelect, error_messages={"required": "Choose where it was"}
    )
    elsewhere = LineField(label="Where exactly", max_length=120, required=False, help_text="For example “Room 4”.")
    seen = TextField(
        label="What was seen or heard",
        max_length=1000,
        rows=2,
        required=False,
        help_text="Plain facts. Left empty, the reason above is written down as what was seen.",
    )
    circumstances_weighed = forms.BooleanField(label="I have weighed this, and taking it is reasonable", required=False)
    taken_time = forms.TimeField(
        label="When",
        required=False,
        help_text="Left empty: now.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time such as 10:45"},
    )
    proportionate = TextField(label="Why taking it was reasonable", max_length=500, rows=2, required=False)
    authority = forms.ChoiceField(
        label="By what authority", choices=Authority.choices, initial=Authority.PAID_STAFF, required=False
    )
    witness = forms.ChoiceField(label="Who else saw it", required=False)
    witness_name = LineField(label="Or their name", max_length=160, required=False, help_text="Of somebody else.")
    switched_off = forms.BooleanField(label="It is switched off", required=False)
    sealed = forms.BooleanField(label="It is in a sealed bag", required=False)
    bag = LineField(label="Number of the bag", max_length=40, required=False)
    condition = LineField(
        label="Its condition", max_length=200, required=False, help_text="As it looks from outside, marks and cracks."
    )
    needed_for_home = forms.BooleanField(label="Needed for the way home", required=False)
    home_plan = LineField(
        label="How they get home without it",
        max_length=200,
        required=False,
        help_text="For example “Mum rung”.",
    )
    place = forms.ChoiceField(label="Where it goes", required=False)
    slot = LineField(label="Slot", max_length=12, required=False, help_text="Its number, where it has one.")
    place_reason = LineField(
        label="Why there", max_length=200, required=False, help_text="Only for a place that is not for taken devices."
    )
    force_used = forms.BooleanField(
        label="Force was used", required=False, help_text="It is recorded apart, today, by those who were there."
    )
    hold_reason = forms.ChoiceField(
        label="It may be evidence",
        required=False,
        choices=[("", "No"), *HoldReason.choices],
        help_text="Nobody looks at it, and nobody gets it back, until the DSL or head says so.",
    )
    hold_note = LineField(
        label="Evidence of what",
        max_length=200,
        required=False,
        help_text="In a few words, never what a picture shows",
    )

    def __init__(
        self,
        *args: Any,
        school: School,
        today: date,
        devices: Sequence[PupilDevice],
        types: Iterable[DeviceType],
        reasons: Sequence[tuple[str, str]],
        grounds: Sequence[tuple[str, str]],
        functions: Sequence[tuple[str, str]],
        areas: Sequence[tuple[str, str]],
        staff: Iterable[User],
        places: Iterable[StoragePlace],
        weigh: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.school, self.today = school, today
        self.devices = {str(one.pk): one for one in devices}
        self.types = {str(kind.pk): kind for kind in types}
        self.staff = {str(one.pk): one for one in staff}
        self.places = {str(place.pk): place for place in places}
        self.into: Slot | None = None
        known = [(key, _capital(one.description)) for key, one in self.devices.items()]
        self.offer("device", [*known, (NEW, "Another device" if known else "A device that is not on record yet")])
        self.offer("new_type", [(key, kind.label) for key, kind in self.types.items()])
        self.offer("because", reasons)
        self.offer("functions", functions)
        self.offer("area", [("", "None"), *areas])
        self.offer("where", [*((name, name) for name in _PLACES), (ELSEWHERE, "Somewhere else")])
        self.offer("witness", [("", "Nobody"), *((key, one.display_name) for key, one in self.staff.items())])
        self.offer("place", [("", "Not put away yet"), *((key, place.name) for key, place in self.places.items())])
        if grounds:
            self.offer("ground", grounds)
        else:
            self.fields["ground"] = LineField(
                label="On what ground",
                max_length=120,
                help_text="Your school’s rules name no grounds. Say yours; it is kept with your name.",
                error_messages={"required": "Say on what ground"},
            )
        if not functions:
            del self.fields["functions"]
        if not areas:
            del self.fields["area"]
        if not weigh:
            del self.fields["circumstances_weighed"]
        if len(self.devices) + len(self.types) == 1 and self.devices:
            self.fields["device"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        because = cleaned.get("because", "")
        if cleaned.get("where") == ELSEWHERE and not cleaned.get("elsewhere"):
            self.add_error("elsewhere", "Say where it was")
        if because and not cleaned.get("seen") and not self._sentence(cleaned):
            self.add_error("seen", "Say in plain facts what was seen or heard")
        if because == TakenBecause.BARRED_FUNCTION and "functions" in self.fields and not cleaned.get("functions"):
            self.add_error("functions", "Choose what it was used for")
        if cleaned.get("device") == NEW and not self.types.get(cleaned.get("new_type", "")):
            self.add_error("new_type", "Choose the kind of device")
        if cleaned.get("slot"):
            self.into = self._slot(cleaned["slot"], cleaned.get("place", ""))
        return cleaned

    def _sentence(self, cleaned: dict[str, Any]) -> str:
        """What is written down where nothing was typed."""
        if cleaned.get("because") == TakenBecause.BARRED_FUNCTION and cleaned.get("functions"):
            used = [BarredFunction(key).label.lower() for key in cleaned["functions"]]
            return f"Used for {', '.join(used)}."
        return SENTENCES.get(cleaned.get("because", ""), "")

    def _slot(self, label: str, place: str) -> Slot | None:
        found = [slot for slot in slots_labelled(self.school, label) if not place or str(slot.place_id) == place]
        if len(found) != 1:
            said = "There is no such slot there." if not found else "Choose the place it is in."
            self.add_error("slot" if not found else "place", said)
            return None
        return found[0]

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        moment = given.get("taken_time")
        chosen = given["device"]
        where = given["elsewhere"] or ("" if given["where"] == ELSEWHERE else given["where"])
        plain = ("because", "ground", "proportionate", "witness_name", "sealed", "bag", "condition", "needed_for_home",
                 "home_plan", "place_reason", "force_used", "hold_reason", "hold_note")  # fmt: skip
        return {name: given[name] for name in plain} | {
            "device": self.devices.get(chosen),
            "new_type": self.types[given["new_type"]] if chosen == NEW else None,
            "new_colour": given["new_colour"] if chosen == NEW else "",
            "functions": given.get("functions", ()),
            "area": given.get("area", ""),
            "seen": given["seen"] or self._sentence(given),
            "where": where,
            "witness": self.staff.get(given["witness"]),
            "authority": given["authority"] or Authority.PAID_STAFF,
            "switched_off": True if given["switched_off"] else None,
            "place": self.places.get(given["place"]),
            "slot": self.into,
            "circumstances_weighed": given.get("circumstances_weighed", False),
            "taken_at": datetime.combine(self.today, moment, LONDON) if moment else None,
        }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class PutAwayForm(SubmissionForm):
    """Where a taken device lies: a place for taken devices, with a slot or without."""

    submit_label = "Put it away"

    place = forms.ChoiceField(label="Where it goes", error_messages={"required": "Choose where it goes"})
    slot = LineField(label="Slot", max_length=12, required=False, help_text="Its number, where it has one.")
    note = LineField(
        label="Note", max_length=200, required=False, help_text="A place that is not for taken devices needs a reason."
    )

    def __init__(self, *args: Any, places: Iterable[StoragePlace], school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.school = school
        self.places = {str(place.pk): place for place in places}
        self.into: Slot | None = None
        self.offer("place", [("", "Choose one"), *((key, place.name) for key, place in self.places.items())])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        label, place = cleaned.get("slot"), self.places.get(cleaned.get("place", ""))
        if label and place is not None:
            self.into = slots_of(self.school).filter(place=place, label__iexact=label).first()
            if self.into is None:
                self.add_error("slot", f"There is no slot {label} in {place.name}. Check the number on the slot.")
        return cleaned


class SayWhyForm(SubmissionForm):
    """A reason, which stays on record."""

    note = TextField(label="Why", max_length=300, rows=3, error_messages={"required": "Say why"})


class WithdrawTakingForm(SayWhyForm):
    """What was wrong with a taking."""

    submit_label = "Withdraw it"


class SignOffForm(SayWhyForm):
    """Why a device is kept beyond the school's limit."""

    submit_label = "Sign that it is kept"
