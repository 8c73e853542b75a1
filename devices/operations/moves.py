"""What every move of custody shares: the lock, the events, and what a constraint that objects means."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError

from core.kit.rows import SideBySide, insert
from core.kit.times import moment
from core.people.models import User
from devices.enums import Basis, State
from devices.models import (
    Confiscation,
    CustodyEvent,
    CustodyRecord,
    Slot,
)
from devices.operations.refusals import (
    LostRace,
    SlotTaken,
)
from devices.workflow import check_move


def locked(custody: CustodyRecord) -> CustodyRecord:
    """The stay as it is now, held until the transaction ends."""
    return (
        CustodyRecord.objects.select_for_update(of=("self",))
        .select_related("pupil", "device__type", "slot", "place", "opened_by", "closed_by")
        .get(pk=custody.pk)
    )


_STAY = SideBySide(("c", CustodyRecord, ""))
_HOLD = f"SELECT {_STAY.columns} FROM {CustodyRecord._meta.db_table} c WHERE c.id = %s FOR UPDATE"  # noqa: S608
_BESIDE = ("school", "pupil", "device", "slot", "place")


def held(custody: CustodyRecord) -> CustodyRecord:
    """The stay as it is now, held until the transaction ends, with what was read beside it before (core.kit.rows)."""
    stay: CustodyRecord
    ((stay,), _nothing) = _STAY.read(_HOLD, [custody.pk])[0]
    for name in _BESIDE:
        key = f"{name}_id"
        if name in custody._state.fields_cache and getattr(stay, key) == getattr(custody, key):
            stay._state.fields_cache[name] = custody._state.fields_cache[name]
    return stay


def add_events(
    stay: CustodyRecord, actor: User | None, at: datetime, recorded_at: datetime, *rows: dict[str, Any]
) -> None:
    """Write events in one statement, each move checked against the table."""
    insert(*events_for(stay, actor, at, recorded_at, *rows))


def events_for(
    stay: CustodyRecord, actor: User | None, at: datetime, recorded_at: datetime, *rows: dict[str, Any]
) -> list[CustodyEvent]:
    """Events yet to be written, each move checked against the table: for those who write many stays at once."""
    events = []
    for row in rows:
        check_move(row["from_state"], row["kind"], row["to_state"])
        events.append(
            CustodyEvent(
                school_id=stay.school_id,
                custody=stay,
                device_id=stay.device_id,
                basis=stay.basis,
                at=at,
                recorded_at=recorded_at,
                by=actor,
                **row,
            )
        )
    return events


def lost_race(error: IntegrityError, slot: Slot | None) -> Exception:
    """What the constraint that stopped the second of two desks means; `slot` is the one that a person chose."""
    if "devices_custody_one_device_per_slot" in str(error) and slot is not None:
        return SlotTaken(f"Slot {slot.label} holds another device. Choose another slot.", rule="DEV-06")
    if "devices_custody_one_device_per_slot" in str(error) or "devices_custody_one_open_per_device" in str(error):
        return LostRace("Another desk was quicker. Record it again.", rule="DEV-04")
    return error


def how_taken(stay: CustodyRecord, at: datetime) -> str:
    """Since when and by whom a device is taken, or that it is held; why is for those who may know (CNF-10)."""
    if stay.basis == Basis.EVIDENCE or stay.state in (State.BACK_FROM_POLICE, State.WITH_POLICE):
        return "This device is held. Ask the DSL."
    taking = Confiscation.objects.filter(custody=stay).select_related("taken_by").first()
    word = "collected, because it was not handed in" if stay.basis == Basis.COLLECTED else "confiscated"
    if taking is None:
        return f"This device is {word}, since {moment(stay.opened_at, now=at)}."
    return f"This device is {word}: {moment(taking.taken_at, now=at)}, by {taking.taken_by.display_name}."


def already_here(stay: CustodyRecord, at: datetime) -> str:
    if stay.basis != Basis.HAND_IN:
        return how_taken(stay, at)
    since = moment(stay.opened_at, now=at)
    where = f", {stay.slot}" if stay.slot else ""
    return f"Already in, {since}, by {stay.opened_by.display_name}{where}."
