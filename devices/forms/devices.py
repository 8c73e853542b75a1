"""Forms about a pupil's own device. No field takes a file, a picture or an unlock code (DEV-24, DEV-34)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.models import School
from devices.enums import BringReason, DeviceOwner
from devices.models import DeviceType, Slot, StoragePlace
from devices.queries import slots_labelled, slots_of

NO_REASON = "none"


class DeviceForm(SubmissionForm):
    """How the desk tells a device apart, why it is brought, and which slot it usually has."""

    submit_label = "Add device"

    type = forms.ChoiceField(label="Kind of device", error_messages={"required": "Choose the kind of device"})
    make = LineField(label="Make", max_length=60, required=False, help_text="For example “Lumen”.")
    model = LineField(label="Model", max_length=60, required=False)
    colour = LineField(label="Colour", max_length=40, required=False, help_text="Of the device, or of its case.")
    mark = LineField(
        label="Mark", max_length=120, required=False, help_text="A sticker, a scratch, a name on the case."
    )
    bring_reason = forms.ChoiceField(label="Why it is brought", required=False, choices=[("", "Not said")])
    owner = forms.ChoiceField(
        label="Whose it is",
        choices=DeviceOwner.choices,
        initial=DeviceOwner.PUPIL,
        required=False,
        help_text="A phone that belongs to a parent may be wanted back by the parent.",
    )
    usual_slot = LineField(
        label="Usual slot",
        max_length=12,
        required=False,
        help_text="Its number. Left empty, the first slot it is put in becomes the usual one.",
    )
    usual_place = forms.ChoiceField(label="Where that slot is", required=False)
    note = LineField(
        label="Note", max_length=200, required=False, help_text="Never a PIN, a password or what is on the device."
    )

    def __init__(
        self,
        *args: Any,
        school: School,
        types: Iterable[DeviceType],
        places: Iterable[StoragePlace],
        reason_matters: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.school = school
        self.types = {str(kind.pk): kind for kind in types}
        self.places = {str(place.pk): place for place in places}
        self.slot: Slot | None = None
        self.offer("type", [("", "Choose one"), *((key, kind.label) for key, kind in self.types.items())])
        if len(self.places) > 1:
            every = ((key, place.name) for key, place in self.places.items())
            self.offer("usual_place", [("", "Choose one"), *every])
        else:
            del self.fields["usual_place"]
        self.offer("bring_reason", [("", "Not said"), *BringReason.choices])
        if reason_matters:
            reasons = self.fields["bring_reason"]
            reasons.widget = forms.RadioSelect()
            self.offer("bring_reason", [*BringReason.choices, (NO_REASON, "No reason was given")])
            reasons.required = True
            reasons.error_messages["required"] = "Choose why it is brought, or that no reason was given"
            reasons.help_text = (
                "Your school’s rule: a device comes only for a reason. Without one, each hand-in is flagged."
            )
            self.order_fields(["submission", "type", "bring_reason"])

    def clean_type(self) -> DeviceType:
        return self.types[self.cleaned_data["type"]]

    def clean_bring_reason(self) -> str:
        reason: str = self.cleaned_data["bring_reason"]
        return "" if reason == NO_REASON else reason

    def clean_owner(self) -> str:
        return self.cleaned_data["owner"] or DeviceOwner.PUPIL.value

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        label = cleaned.get("usual_slot") or ""
        if label:
            self.slot = self._find_slot(label, cleaned.get("usual_place") or "")
        return cleaned

    def _find_slot(self, label: str, place: str) -> Slot | None:
        if place in self.places:
            found = list(slots_of(self.school).filter(place=self.places[place], label__iexact=label)[:2])
        else:
            found = slots_labelled(self.school, label)
        if not found:
            where = f" in {self.places[place].name}" if place in self.places else ""
            self.add_error("usual_slot", f"There is no slot {label}{where}. Check the number on the slot.")
            return None
        if len(found) > 1:
            names = " and ".join(dict.fromkeys(slot.place.name for slot in found))
            field = "usual_place" if "usual_place" in self.fields else "usual_slot"
            self.add_error(field, f"Slot {label} is in {names}. Choose where it is.")
            return None
        return found[0]

    def values(self) -> dict[str, Any]:
        """What the operation takes: the typed fields, the kind as a record, and the slot that was meant."""
        names = ("type", "make", "model", "colour", "mark", "note", "bring_reason", "owner")
        return {name: self.cleaned_data[name] for name in names} | {"usual_slot": self.slot}


class ChangeDeviceForm(DeviceForm):
    """A device as it was when the page was opened."""

    submit_label = "Save device"

    version = forms.IntegerField(widget=forms.HiddenInput)


class PrintSpanForm(BaseForm):
    """Which days of a device's record go on paper."""

    since = forms.DateField(label="From", required=False, error_messages={"invalid": "Enter a day such as 23/11/2026"})
    until = forms.DateField(label="To", required=False, error_messages={"invalid": "Enter a day such as 23/11/2026"})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day must not be before the first.")
        return cleaned
