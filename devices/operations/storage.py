"""Storage places and their numbered slots (DEV-06)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Max

from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.refusals import ChangedMeanwhile, Refusal
from core.kit.times import day as day_in_words
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import PlaceKind, SlotState
from devices.models import CustodyRecord, Slot, StoragePlace

MOST_SLOTS = 2000


class PlaceNameTaken(Refusal):
    """Another place of the school has the name."""

    default_field = "name"


class SafeMustLock(Refusal):
    """A safe or a locked place that does not lock is neither."""

    default_field = "lockable"


class TooManySlots(Refusal):
    """More slots than a place can have."""

    default_field = "slots"


class PlaceNotEmpty(Refusal):
    """Devices are still in it."""


class ReasonNeeded(Refusal):
    """A slot goes out of use for a reason."""

    default_field = "reason"


class PlaceClosed(Refusal):
    """The place was taken out of use for good."""


def _lock_place(place: StoragePlace) -> StoragePlace:
    """The place as it is now, held until the transaction ends, so that two people number its slots in turn."""
    current: StoragePlace = StoragePlace.objects.select_for_update(of=("self",)).get(pk=place.pk)
    if current.closed_on is not None:
        raise PlaceClosed(f"{current.name} was closed on {day_in_words(current.closed_on)}.", rule="DEV-06")
    return current


def _save_place(place: StoragePlace) -> None:
    """Save, and name the constraint that stopped the second of two people who chose the same name at once."""
    try:
        place.save()
    except IntegrityError as error:
        if "devices_storageplace_name_unique" in str(error):
            raise PlaceNameTaken(f"There is already a place called {place.name}.", rule="DEV-06") from error
        raise


def _check_place(school: School, name: str, kind: str, lockable: bool, *, but: int | None = None) -> None:
    if StoragePlace.objects.filter(school=school, name__iexact=name).exclude(pk=but).exists():
        raise PlaceNameTaken(f"There is already a place called {name}.", rule="DEV-06")
    if kind in (PlaceKind.SAFE, PlaceKind.LOCKED_PLACE) and not lockable:
        raise SafeMustLock(
            "A safe or a locked place must lock. Tick “it locks”, or choose another kind.", rule="DEV-06"
        )


@operation("devices.add_place")
def add_place(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    name: str,
    kind: str,
    lockable: bool,
    purpose: str,
    slots: int = 0,
    submission: UUID | None = None,
) -> StoragePlace:
    """Add a storage place with `slots` slots numbered from 1 (DEV-06). Who may: MANAGE_STORAGE."""
    require(actor, Permission.MANAGE_STORAGE, school)
    _check_place(school, name, kind, lockable)
    highest = StoragePlace.objects.filter(school=school).aggregate(n=Max("position"))["n"] or 0
    place = StoragePlace(school=school, name=name, kind=kind, lockable=lockable, purpose=purpose, position=highest + 1)
    place.stamp(by=actor, at=at)
    _save_place(place)
    _make_slots(place, actor, at, slots)
    record(
        school=school,
        actor=actor,
        action="devices.add_place",
        at=at,
        obj=place,
        submission=submission,
        detail={"kind": kind, "purpose": purpose, "slots": slots},
    )
    return place


@operation("devices.change_place")
def change_place(
    *,
    school: School,
    actor: User,
    at: datetime,
    place: StoragePlace,
    name: str,
    kind: str,
    lockable: bool,
    purpose: str,
    version: int | None = None,
    submission: UUID | None = None,
) -> StoragePlace:
    """Change what a place is called, is, and is for. `version` is the one the form was opened with.

    Raises `ChangedMeanwhile` when somebody else saved it since then.
    """
    require(actor, Permission.MANAGE_STORAGE, school)
    place = _lock_place(place)
    if version is not None and place.version != version:
        raise ChangedMeanwhile("Somebody changed this place while you were typing. Compare, then save again.")
    _check_place(school, name, kind, lockable, but=place.pk)
    new = {"name": name, "kind": kind, "lockable": lockable, "purpose": purpose}
    old = {field: getattr(place, field) for field in new}
    for field, value in new.items():
        setattr(place, field, value)
    place.stamp(by=actor, at=at)
    _save_place(place)
    record(
        school=school,
        actor=actor,
        action="devices.change_place",
        at=at,
        obj=place,
        submission=submission,
        detail={"old": old, "new": new},
    )
    return place


@operation("devices.close_place")
def close_place(
    *, school: School, actor: User, at: datetime, place: StoragePlace, submission: UUID | None = None
) -> StoragePlace:
    """Take a place out of use for good; raises `PlaceNotEmpty` while it holds a device."""
    require(actor, Permission.MANAGE_STORAGE, school)
    place = _lock_place(place)
    if CustodyRecord.objects.filter(place=place, closed_at__isnull=True).exists():
        raise PlaceNotEmpty("Devices are still in it. Give them back or move them first.", rule="DEV-06")
    place.closed_on = london_day(at)
    place.stamp(by=actor, at=at)
    place.save()
    record(school=school, actor=actor, action="devices.close_place", at=at, obj=place, submission=submission)
    return place


@operation("devices.add_slots")
def add_slots(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    place: StoragePlace,
    slots: int,
    submission: UUID | None = None,
) -> StoragePlace:
    """Add `slots` more slots to a place, numbered on from the last."""
    require(actor, Permission.MANAGE_STORAGE, school)
    place = _lock_place(place)
    _make_slots(place, actor, at, slots)
    record(
        school=school,
        actor=actor,
        action="devices.add_slots",
        at=at,
        obj=place,
        submission=submission,
        detail={"slots": slots},
    )
    return place


def _make_slots(place: StoragePlace, actor: User | None, at: datetime, slots: int) -> None:
    last = Slot.objects.filter(place=place).aggregate(n=Max("number"))["n"] or 0
    if last + slots > MOST_SLOTS:
        raise TooManySlots(f"A place can have at most {MOST_SLOTS:,} slots.", rule="DEV-06")
    rows = [
        Slot(school_id=place.school_id, place=place, number=number, label=str(number))
        for number in range(last + 1, last + slots + 1)
    ]
    bulk_create(Slot, rows, by=actor, at=at, reason="slots added")


@operation("devices.set_slot_state")
def set_slot_state(
    *,
    school: School,
    actor: User,
    at: datetime,
    slot: Slot,
    state: str,
    reason: str = "",
    submission: UUID | None = None,
) -> Slot:
    """Take a slot out of use, with a reason, or put it back into use."""
    require(actor, Permission.MANAGE_STORAGE, school)
    slot = Slot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    if state == SlotState.OUT_OF_USE:
        if not reason:
            raise ReasonNeeded("Say why the slot is out of use.", rule="DEV-06")
        if CustodyRecord.objects.filter(slot=slot, closed_at__isnull=True).exists():
            raise PlaceNotEmpty(f"Slot {slot.label} holds a device. Give it back or move it first.", rule="DEV-06")
    old = slot.state
    slot.state, slot.out_of_use_reason = state, reason if state == SlotState.OUT_OF_USE else ""
    slot.stamp(by=actor, at=at)
    slot.save()
    record(
        school=school,
        actor=actor,
        action="devices.set_slot_state",
        at=at,
        obj=slot,
        submission=submission,
        detail={"old": old, "new": state, "reason": reason},
    )
    return slot
