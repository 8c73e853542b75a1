"""Forms of evidence holds and of the police. No field describes what a picture shows, and none takes a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from devices.enums import HoldReason, State, TellOfHold
from devices.models import CustodyRecord, StoragePlace

_NEVER = "What led to it, in a few words. Never what a picture shows, and no name of another child."


class PlaceForm(SubmissionForm):
    """A form with a place where the device lies from now on, from the school's places for evidence."""

    place = forms.ChoiceField(label="Where it lies now", required=False)

    def __init__(self, *args: Any, places: Iterable[StoragePlace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(place.pk): place for place in places}
        if not self.places:
            self.fields.pop("place")
            return
        self.offer("place", [("", "Where it was"), *((key, place.name) for key, place in self.places.items())])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["place"] = self.places.get(cleaned.get("place") or "")
        return cleaned


class PlaceHoldForm(PlaceForm):
    """Which device is held, and why."""

    submit_label = "Put on evidence hold"

    custody = forms.ChoiceField(label="Which device", widget=forms.RadioSelect)
    reason = forms.ChoiceField(label="Why it is held", choices=HoldReason.choices, widget=forms.RadioSelect)
    note = TextField(label="What led to it", max_length=500, rows=2, required=False, help_text=_NEVER)
    bag = LineField(label="Number of the sealed bag", max_length=40, required=False)

    def __init__(self, *args: Any, stays: Sequence[CustodyRecord], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stays = {str(stay.pk): stay for stay in stays}
        self.offer("custody", [(key, stay.device.description) for key, stay in self.stays.items()])
        if len(self.stays) == 1:
            self.fields["custody"].initial = next(iter(self.stays))
        self.order_fields(["submission", "custody", "reason", "note", "bag", "place"])

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        given = self.cleaned_data
        return {
            "custody": self.stays[given["custody"]],
            **{name: given[name] for name in ("reason", "note", "bag", "place", "submission")},
        }


class KeepForm(SubmissionForm):
    """Where a device goes from here; one that was handed in and is kept gets a ground and what was seen."""

    target = forms.ChoiceField(label="What becomes of it", widget=forms.RadioSelect)
    ground = forms.ChoiceField(label="Ground, if it is kept", required=False)
    own_ground = LineField(label="Ground, if it is kept", max_length=120, required=False)
    seen = TextField(
        label="What was seen or heard, if it is kept", max_length=1000, rows=2, required=False,
        help_text="Plain facts. Never what a picture shows.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, targets: Sequence[tuple[str, str]], grounds: Sequence[tuple[str, str]], has_ground: bool,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.grounds = dict(grounds)
        self.offer("target", targets)
        if len(targets) == 1:
            self.fields["target"].initial = targets[0][0]
        if has_ground:
            self.fields.pop("seen")
        if has_ground or not grounds:
            self.fields.pop("ground")
        if has_ground or grounds:
            self.fields.pop("own_ground")
        if "ground" in self.fields:
            self.offer("ground", [("", "Choose a ground"), *grounds])

    def values(self) -> dict[str, Any]:
        """What the operations take."""
        given = self.cleaned_data
        ground = given.get("ground") or given.get("own_ground") or ""
        return {
            "target": given["target"],
            "ground": ground,
            "ground_words": self.grounds.get(ground, ground),
            "seen": given.get("seen") or "",
            "submission": given["submission"],
        }


class LiftHoldForm(KeepForm):
    """Why a hold is lifted, and what the device is from then on."""

    submit_label = "Lift the hold"

    because = TextField(label="Why it is lifted", max_length=500, rows=3)

    def __init__(self, *args: Any, why_help: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["because"].help_text = why_help
        self.order_fields(["submission", "because", "target", "ground", "own_ground", "seen"])


class DecideTellingForm(SubmissionForm):
    """Whether a parent is told that a device is held, and when it is asked again."""

    submit_label = "Keep the decision"

    answer = forms.ChoiceField(
        label="Tell a parent about the hold?",
        choices=TellOfHold.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether a parent is told"},
    )
    because = LineField(
        label="Why not, if not now", max_length=500, required=False, help_text="Only the DSL and deputies read this."
    )
    until = forms.DateField(
        label="Ask me again on, if not yet", required=False, error_messages={"invalid": "Enter a day, like 24/11/2026"}
    )


class DecideForm(KeepForm):
    """What becomes of a device that the police gave back."""

    submit_label = "Keep the decision"

    reason = TextField(label="Why", max_length=300, rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["submission", "target", "reason", "ground", "own_ground", "seen"])


class HandToPoliceForm(SubmissionForm):
    """Everything that a handover to the police holds (CNF-11, law EX-5)."""

    submit_label = "Record the handover"

    officer_name = LineField(label="Officer’s name", max_length=160)
    officer_number = LineField(label="Collar or warrant number", max_length=40)
    station = LineField(label="Station or team", max_length=120)
    reference = LineField(
        label="Police reference", max_length=60, help_text="The crime or log number the officer gives."
    )
    items = TextField(label="What is handed over", max_length=500, rows=2)
    condition = LineField(label="Its condition", max_length=200, help_text="As it looks from outside. Switched off.")
    bag = LineField(label="Number of the sealed bag", max_length=40, required=False)
    officer_signed = forms.ChoiceField(
        label="Has the officer signed the receipt?", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )

    def values(self) -> dict[str, Any]:
        """What the operation takes."""
        return self.cleaned_data | {"officer_signed": self.cleaned_data["officer_signed"] == "yes"}


class BackFromPoliceForm(PlaceForm):
    """What the school signed for when the police gave a device back (CNF-12)."""

    submit_label = "Record the return"

    officer = LineField(label="Officer who gave it back", max_length=160)
    reference = LineField(label="Police reference", max_length=60, required=False)
    condition = LineField(label="Its condition", max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["submission", "officer", "reference", "condition", "place"])


TARGETS = {
    State.STORED: "It is an ordinary hand-in again",
    State.CONFISCATED: "It is confiscated; the school’s rule says who collects it",
    State.PARENT_COLLECTION: "A parent or carer collects it",
}
