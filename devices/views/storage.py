"""Where devices are kept: the list of places, one place with its slots, and what changes them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.clash import VersionedFormView
from devices import operations
from devices.enums import PlaceKind, PlacePurpose, SlotState
from devices.forms.storage import ActForm, AddPlaceForm, AddSlotsForm, ChangePlaceForm, SlotStateForm
from devices.judgement import UNSPECIFIED, allowed_place_kinds, place_is_allowed
from devices.models import Slot, StoragePlace
from devices.queries import (
    all_places,
    closed_places,
    custody_in_slot,
    device_types,
    loose_in,
    open_places,
    place_counts,
    slots_of,
    slots_with_state,
)
from devices.views.base import DevicesView


def fit(rules: Any, place: StoragePlace) -> dict[str, str]:
    """How a place stands to the school's rule on where handed-in devices are kept (DEV-06)."""
    if place.closed_on is not None:
        return {"kind": "neutral", "word": "Closed"}
    if place.purpose != PlacePurpose.DAILY:
        return {"kind": "neutral", "word": "Not for hand-ins"}
    if rules.storage_kind == UNSPECIFIED:
        return {"kind": "info", "word": "The rules name no kind"}
    if place_is_allowed(rules, place):
        return {"kind": "ok", "word": "Meets your rule"}
    return {"kind": "attention", "word": "Other than your rule names"}


def takes_hand_ins(rules: Any, place: StoragePlace) -> bool:
    """Whether the desk may put an ordinary hand-in there; without any such place it must stop."""
    return place.purpose == PlacePurpose.DAILY and place_is_allowed(rules, place)


def count(number: int, one: str, many: str = "") -> str:
    """ "1 slot", "40 slots"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class StorageView(DevicesView, abstract=True):
    """What the pages about storage share."""

    permission = Permission.MANAGE_STORAGE

    def crumbs(self, *trail: tuple[str, str]) -> list[dict[str, str]]:
        first = {"label": "Storage", "url": self.url("storage") if self.may(Permission.MANAGE_STORAGE) else ""}
        return [first, *({"label": label, "url": url} for label, url in trail)]


class PlaceView(StorageView, abstract=True):
    """A page about one place in use."""

    @property
    def place(self) -> StoragePlace:
        if not hasattr(self, "_place"):
            self._place: StoragePlace = get_or_404(open_places(self.school), pk=self.kwargs["place"])
        return self._place

    def place_url(self) -> str:
        """The page of the place for people who may see what is in it, else the list."""
        shown = self.may(Permission.LOG_CUSTODY)
        return self.url("place", self.place.pk) if shown else self.url("storage")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(place=self.place, back_url=self.place_url(), **kwargs)


class ListStorageView(StorageView):
    """Every place, how full it is, and whether it is what the school's rule names."""

    template_name = "devices/list_storage.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = self.rules
        every = place_counts(self.school)
        return super().get_context_data(
            rows=[{"counts": counts, "place": counts.place, "fit": fit(rules, counts.place)} for counts in every],
            closed=list(closed_places(self.school)),
            has_types=device_types(self.school).exists(),
            has_allowed=any(takes_hand_ins(rules, counts.place) for counts in every),
            wanted=_kinds_in_words(rules),
            may_see_inside=self.may(Permission.LOG_CUSTODY),
            **kwargs,
        )


def _kinds_in_words(rules: Any) -> str:
    """ "safe", "locked place or safe": what the school's rule accepts."""
    if rules.storage_kind == UNSPECIFIED:
        return "a place of any kind, for they name none"
    if rules.storage_kind == PlaceKind.SECURE_PLACE:
        return "a secure place of any kind"
    allowed = allowed_place_kinds(rules)
    named = [PlaceKind(rules.storage_kind), *(kind for kind in PlaceKind if kind != rules.storage_kind)]
    return " or ".join(f"a {kind.label.lower()}" for kind in named if kind in allowed)


class AddPlaceView(SchoolFormView, StorageView):
    """A new place; the kind that the rule names is chosen beforehand."""

    form_class = AddPlaceForm
    template_name = "devices/add_place.html"

    def get_initial(self) -> dict[str, Any]:
        named = self.rules.storage_kind
        kind = named if named in PlaceKind.values else PlaceKind.SECURE_PLACE
        return {"kind": kind, "lockable": True, "purpose": PlacePurpose.DAILY}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            breadcrumbs=self.crumbs(("Add a place", "")), back_url=self.url("storage"), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        place = operations.add_place(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        said = f"{place.name} is added."
        if place.purpose == PlacePurpose.DAILY and not takes_hand_ins(self.rules, place):
            said += f" Your school’s rules keep handed-in devices in another kind: {_kinds_in_words(self.rules)}."
        return self.done(said, self.url("storage"))


class ShowPlaceView(StorageView):
    """One place: each slot with what it holds. For the people at the desk."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/show_place.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place = get_or_404(all_places(self.school), pk=self.kwargs["place"])
        slots: list[Any] = list(slots_with_state(place))
        taken = sum(slot.holding is not None for slot in slots)
        unusable = sum(slot.state == SlotState.OUT_OF_USE and slot.holding is None for slot in slots)
        loose = list(loose_in(place))
        items = [
            {"label": "taken", "value": taken, "of": len(slots), "kind": "info"},
            {"label": "free", "value": len(slots) - taken - unusable, "kind": "ok"},
        ]
        if unusable:
            items.append({"label": "out of use", "value": unusable, "kind": "attention"})
        if loose:
            items.append({"label": "without a slot", "value": len(loose), "kind": "attention"})
        return super().get_context_data(
            place=place,
            slots=slots,
            loose=loose,
            items=items,
            fit=fit(self.rules, place),
            may_manage=self.may(Permission.MANAGE_STORAGE) and place.closed_on is None,
            breadcrumbs=self.crumbs((place.name, "")),
            **kwargs,
        )


class ChangePlaceView(VersionedFormView, PlaceView):
    """What a place is called, is, and is for."""

    form_class = ChangePlaceForm
    template_name = "devices/change_place.html"

    def record(self) -> StoragePlace:
        return get_or_404(all_places(self.school).select_related("changed_by"), pk=self.kwargs["place"])

    def said(self, record: StoragePlace) -> dict[str, str]:
        return {
            "name": record.name,
            "kind": record.get_kind_display(),
            "lockable": "Yes" if record.lockable else "No",
            "purpose": record.get_purpose_display(),
        }

    def get_initial(self) -> dict[str, Any]:
        place = self.place
        return {name: getattr(place, name) for name in ("name", "kind", "lockable", "purpose", "version")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = self.crumbs((self.place.name, self.place_url()), ("Change", ""))
        return super().get_context_data(breadcrumbs=crumbs, **kwargs)

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.change_place(
            school=self.school, actor=self.actor, at=self.now, place=self.place, **form.cleaned_data
        )
        return self.done("Saved.", self.place_url())


class AddSlotsView(SchoolFormView, PlaceView):
    """More slots, numbered on."""

    form_class = AddSlotsForm
    template_name = "devices/add_slots.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = self.crumbs((self.place.name, self.place_url()), ("Add slots", ""))
        return super().get_context_data(breadcrumbs=crumbs, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.add_slots(school=self.school, actor=self.actor, at=self.now, place=self.place, **form.cleaned_data)
        return self.done(f"{count(form.cleaned_data['slots'], 'slot')} added to {self.place.name}.", self.place_url())


class ClosePlaceView(SchoolFormView, PlaceView):
    """Take a place out of use for good. Refused while it holds a device."""

    form_class = ActForm
    template_name = "devices/close_place.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules, place = self.rules, self.place
        counts = place_counts(self.school)
        held = next((found.held for found in counts if found.place.pk == place.pk), 0)
        others = any(takes_hand_ins(rules, found.place) for found in counts if found.place.pk != place.pk)
        return super().get_context_data(
            held=held,
            held_words=count(held, "device"),
            is_last=takes_hand_ins(rules, place) and not others,
            breadcrumbs=self.crumbs((place.name, self.place_url()), ("Close", "")),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.close_place(
            school=self.school,
            actor=self.actor,
            at=self.now,
            place=self.place,
            submission=form.cleaned_data["submission"],
        )
        return self.done(f"{self.place.name} is closed. What was recorded about it stays.", self.url("storage"))


class SetSlotStateView(SchoolFormView, StorageView):
    """Take a slot out of use with a reason, or put it back."""

    form_class = SlotStateForm
    template_name = "devices/set_slot_state.html"

    @property
    def slot(self) -> Slot:
        if not hasattr(self, "_slot"):
            self._slot: Slot = get_or_404(slots_of(self.school), pk=self.kwargs["slot"])
        return self._slot

    def back(self) -> str:
        shown = self.may(Permission.LOG_CUSTODY)
        return self.url("place", self.slot.place_id) if shown else self.url("storage")

    def get_initial(self) -> dict[str, Any]:
        return {"state": self.slot.state, "reason": self.slot.out_of_use_reason}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        slot = self.slot
        return super().get_context_data(
            slot=slot,
            holding=custody_in_slot(slot),
            back_url=self.back(),
            breadcrumbs=self.crumbs((slot.place.name, self.back()), (f"Slot {slot.label}", "")),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        slot = operations.set_slot_state(
            school=self.school, actor=self.actor, at=self.now, slot=self.slot, **form.cleaned_data
        )
        word = "in use again" if slot.state == SlotState.USABLE else "out of use"
        return self.done(f"Slot {slot.label} is {word}.", self.back())
