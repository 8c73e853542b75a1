"""Many pupils in few statements: what a whole form, a pasted list and a form that goes home have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError

from core.kit.bulk import bulk_create, bulk_insert, bulk_update, next_keys
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import School, User
from core.rules.queries import for_school
from devices.enums import Basis, EventKind, Flag, GivenTo, MarkKind, MarkSource, State
from devices.judgement import desk_terms
from devices.models import (
    CustodyEvent,
    CustodyRecord,
    DayMark,
    Gate,
    NoDeviceDeclaration,
    PupilDevice,
    Slot,
    StoragePlace,
)
from devices.operations.hand_in import (
    check_decided,
    free_slots,
    hand_in_flags,
    is_late,
    place_without_slot,
    usual_slot_of,
)
from devices.operations.moves import events_for, lost_race
from devices.operations.no_device import SAID_OTHERWISE
from devices.operations.refusals import EarlyReasonNeeded, LostRace, MustGoToParent, NoDeviceOnRecord, OffCheckNeeded
from devices.queries import Standing, bring_agreed, device_meant, is_early, lately_taken_in, usual_type
from devices.workflow import check_move

R = TypeVar("R")

_DEADLOCK = "40P01"
_ONCE_A_DAY = ("devices_nodevice_once_a_day", "devices_daymark_once_a_day")


class CountDiffers(Refusal):
    """The number counted in the box is not the number on the list (ux 1.3)."""

    default_field = "counted"


class NothingToRecord(Refusal):
    """Everything on the list is recorded already."""


def twice(act: Callable[[], R]) -> R:
    """Do it, and where another desk was quicker do it once more, with what that desk has recorded."""
    try:
        return act()
    except LostRace:
        return act()
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != _DEADLOCK:
            raise
        return act()


def check_count(counted: int, listed: int, *, noun: str, meanwhile: int = 0) -> None:
    """Raise `CountDiffers` unless as many were counted as the list has; names nobody."""
    if counted == listed:
        return
    are = "is" if listed == 1 else "are"
    since = ""
    if meanwhile:
        pupils = "pupil of this form was" if meanwhile == 1 else "pupils of this form were"
        since = f"{meanwhile} {pupils} recorded at a desk since you opened this page. "
    raise CountDiffers(
        f"{since}You counted {counted}, and {listed} {are} {noun}. Look at the box and at the list again.",
        rule="DEV-04",
    )


def take_in(
    *,
    school: School,
    actor: User,
    at: datetime,
    written: datetime,
    pupils: Sequence[int],
    standing: Standing,
    switched_off: bool,
    chosen: Mapping[int, PupilDevice] | None = None,
    gate: Gate | None = None,
    extra_flags: Sequence[Flag] = (),
) -> list[int]:
    """One device of each of `pupils` into custody, inside the caller's operation, as `hand_in_device` would; returns
    the keys of the stays.

    `chosen` names a pupil's device where somebody did. A pupil with none on record gets one of the usual kind. What
    was said of their day before is for the caller to withdraw. The constraints are the check: raises `LostRace` when
    they object. Rows go in as plain values: a form of thirty must not cost thirty hand-ins (speed).
    """
    if not pupils:
        return []
    day = london_day(at)
    rules = for_school(school, on=day)
    terms = desk_terms(rules)
    if terms.off_check == "required" and not switched_off:
        raise OffCheckNeeded(
            "See that each is switched off, then tick it. Your school’s rule asks for this.", rule="DEV-05"
        )
    if terms.needs_decision:
        check_decided(school, *{day, london_day(written)})
    devices = _devices_for(school, pupils, standing, rules, chosen or {})
    kept = _places_for(school, rules, devices, standing.slots_taken)
    new, changed = _let_slots_be_usual(devices, kept)
    late = is_late(school, terms, day, at)
    agreed = bring_agreed(school, pupils, day) if terms.needs_agreement else set()
    try:
        if new:
            bulk_create(PupilDevice, new, by=actor, at=written, reason="first hand-in, with many others")
        rows: list[dict[str, Any]] = []
        for key, device in zip(next_keys(CustodyRecord, len(devices)), devices, strict=True):
            slot, place = kept[id(device)]
            flags = hand_in_flags(terms, agreed=device.pupil_id in agreed, reason=device.bring_reason, late=late)
            if slot is None:
                flags.append(Flag.NO_SLOT)
            rows.append(
                {
                    "id": key,
                    "school_id": school.pk,
                    "device_id": device.pk,
                    "pupil_id": device.pupil_id,
                    "day": day,
                    "basis": Basis.HAND_IN,
                    "state": State.STORED,
                    "place_id": place.pk,
                    "slot_id": slot.pk if slot is not None else None,
                    "switched_off": switched_off or None,
                    "bring_reason": device.bring_reason,
                    "gate_id": gate.pk if gate is not None else None,
                    "flags": list(dict.fromkeys([*flags, *extra_flags])),
                    "rules_version": rules.version,
                    "opened_at": at.isoformat(),
                    "opened_by_id": actor.pk,
                }
            )
        bulk_insert(CustodyRecord, rows, by=actor, at=written, reason="with many others")
    except IntegrityError as error:
        raise lost_race(error, None) from error
    _write_hand_ins(rows, actor, at, written)
    if changed:  # after the stays, as at the desk: who waits for whom goes one way
        bulk_update(PupilDevice, changed, ["usual_slot"], by=actor, at=written, reason="first slot")
    return [row["id"] for row in rows]


def _devices_for(
    school: School, pupils: Sequence[int], standing: Standing, rules: Any, chosen: Mapping[int, PupilDevice]
) -> list[PupilDevice]:
    """The device of each pupil, new ones unsaved and last; the others in the order of their keys, so that two lists
    that overlap wait for each other and never in a circle."""
    lately = lately_taken_in(standing)
    found: list[PupilDevice] = []
    without: list[int] = []
    for key in pupils:
        owned = standing.devices.get(key, [])
        device = chosen.get(key) or device_meant(rules, owned, standing.here(key), lately)
        if device is None:
            without.append(key)
        else:
            found.append(device)
    found.sort(key=lambda device: device.pk)
    if without:
        kind = usual_type(school)
        if kind is None:
            raise NoDeviceOnRecord(
                "The list of kinds of device is empty. Ask the administrator to fill it.", rule="DEV-34"
            )
        found += [PupilDevice(school=school, pupil_id=key, type=kind) for key in sorted(without)]
    return found


def _let_slots_be_usual(
    devices: Sequence[PupilDevice], kept: Mapping[int, tuple[Slot | None, StoragePlace]]
) -> tuple[list[PupilDevice], list[PupilDevice]]:
    """The first slot of a device is its usual one from now on: the devices that are new, and those it changes."""
    slotless = [device for device in devices if device.usual_slot_id is None and kept[id(device)][0] is not None]
    for device in slotless:
        device.usual_slot = kept[id(device)][0]
    return [device for device in devices if device.pk is None], [device for device in slotless if device.pk is not None]


def _places_for(
    school: School, rules: Any, devices: Sequence[PupilDevice], taken: Collection[int]
) -> dict[int, tuple[Slot | None, StoragePlace]]:
    """Slot and place for each device, by `id()`: usual slots first, then free ones, then a place without a slot."""
    kept: dict[int, tuple[Slot | None, StoragePlace]] = {}
    used = set(taken)
    for device in devices:
        usual = usual_slot_of(device, rules, used)
        if usual is not None:
            used.add(usual.pk)
            kept[id(device)] = (usual, usual.place)
    waiting = [device for device in devices if id(device) not in kept]
    if waiting:
        for device, free in zip(waiting, free_slots(school, rules, len(waiting), but=used), strict=False):
            kept[id(device)] = (free, free.place)
    if len(kept) < len(devices):
        place = place_without_slot(school, rules)
        for device in waiting:
            kept.setdefault(id(device), (None, place))
    return kept


def _write_hand_ins(rows: Sequence[dict[str, Any]], actor: User, at: datetime, written: datetime) -> None:
    check_move(State.WITH_PUPIL_OFF_SITE, EventKind.HAND_IN, State.HANDED_IN)
    check_move(State.HANDED_IN, EventKind.STORE, State.STORED)
    events: list[dict[str, Any]] = []
    for row in rows:
        shared = {
            "school_id": row["school_id"],
            "custody_id": row["id"],
            "device_id": row["device_id"],
            "basis": row["basis"],
            "at": at.isoformat(),
            "recorded_at": written.isoformat(),
            "by_id": actor.pk,
        }
        events += [
            shared
            | {"kind": EventKind.HAND_IN, "from_state": State.WITH_PUPIL_OFF_SITE, "to_state": State.HANDED_IN,
               "switched_off": row["switched_off"]},
            shared
            | {"kind": EventKind.STORE, "from_state": State.HANDED_IN, "to_state": State.STORED,
               "place_id": row["place_id"], "slot_id": row["slot_id"]},
        ]  # fmt: skip
    bulk_insert(CustodyEvent, events, by=actor, at=written, reason="with many others")


def say(
    *,
    school: School,
    actor: User,
    at: datetime,
    written: datetime,
    standing: Standing,
    said: Mapping[int, MarkKind | None],
    taken_in: Collection[int] = (),
    source: MarkSource,
) -> None:
    """Write what is said of each pupil's day, inside the caller's operation: a mark, or None for "no device".

    The last word stands: what was said before and is no longer so is withdrawn, for those `taken_in` all of it.
    Saying the same again changes nothing.
    """
    everybody = sorted({*said, *taken_in})
    marks_gone = [
        mark
        for pupil_id in everybody
        for mark in standing.marks.get(pupil_id, [])
        if pupil_id in taken_in or mark.kind != said[pupil_id]
    ]
    none_gone = [
        standing.declared[pupil_id]
        for pupil_id in everybody
        if pupil_id in standing.declared and (pupil_id in taken_in or said[pupil_id] is not None)
    ]
    gone: list[Any] = [*marks_gone, *none_gone]
    for one in gone:
        one.withdrawn_at, one.withdrawn_by = written, actor
        one.withdrawn_because = "A device was handed in later." if one.pupil_id in taken_in else SAID_OTHERWISE
    fields = ["withdrawn_at", "withdrawn_by", "withdrawn_because"]
    if marks_gone:
        bulk_update(DayMark, marks_gone, fields, by=actor, at=written, reason="said otherwise, with many others")
    if none_gone:
        bulk_update(NoDeviceDeclaration, none_gone, fields, by=actor, at=written, reason="said otherwise")
    new_none = [
        NoDeviceDeclaration(school=school, pupil_id=pupil_id, day=standing.day, declared_at=at, declared_by=actor)
        for pupil_id in everybody
        if pupil_id in said and said[pupil_id] is None and pupil_id not in standing.declared
    ]
    new_marks = [
        DayMark(
            school=school, pupil_id=pupil_id, day=standing.day, kind=kind, source=source, marked_at=at, marked_by=actor
        )
        for pupil_id, kind in sorted(said.items())
        if kind is not None and kind not in {mark.kind for mark in standing.marks.get(pupil_id, [])}
    ]
    try:
        if new_none:
            bulk_create(NoDeviceDeclaration, new_none, by=actor, at=written, reason="said with many others")
        if new_marks:
            bulk_create(DayMark, new_marks, by=actor, at=written, reason="said with many others")
    except IntegrityError as error:
        if any(name in str(error) for name in _ONCE_A_DAY):
            raise LostRace("Another desk was quicker. Record it again.", rule="DEV-11") from error
        raise


def give_back(
    *, school: School, actor: User, at: datetime, stays: Sequence[CustodyRecord], reason: str
) -> list[CustodyRecord]:
    """Give these open stays, held by the caller, back to their pupils; as `return_device` would each (DEV-07, DEV-08).

    Raises `MustGoToParent` when the rules of the day of one of them give devices to a parent or carer only, and
    `EarlyReasonNeeded` when it is before the end of the day and nobody has said why.
    """
    if not stays:
        return []
    early = _early(school, {stay.day for stay in stays}, at)
    if early and not reason:
        raise EarlyReasonNeeded(
            f"It is before the end of the day ({early}). Choose why they go back now.", rule="DEV-08"
        )
    events: list[CustodyEvent] = []
    for stay in stays:
        origin = State(stay.state)
        stay.state, stay.closed_at, stay.closed_by = State.RETURNED, max(at, stay.opened_at), actor
        events += events_for(
            stay,
            actor,
            at,
            at,
            {"kind": EventKind.RETURN, "from_state": origin, "to_state": State.RETURNED, "place": stay.place,
             "slot": stay.slot, "given_to": GivenTo.PUPIL, "given_to_name": stay.pupil.display_name,
             "reason": reason if early else ""},
        )  # fmt: skip
    bulk_update(
        CustodyRecord, stays, ["state", "closed_at", "closed_by"], by=actor, at=at, reason="given back with many others"
    )
    CustodyEvent.objects.bulk_create(events)
    return list(stays)


def _early(school: School, days: Collection[date], at: datetime) -> str:
    early = ""
    for day in sorted(days):
        rules = for_school(school, on=day)
        if rules.ordinary_return == "end_of_day_parent":
            raise MustGoToParent(
                "Your school’s rule: devices go back to a parent or carer only. Give them back one by one.",
                rule="ordinary_return",
            )
        early = early or is_early(school, rules, at)
    return early


def held_stays(keys: Collection[int], **which: Any) -> list[CustodyRecord]:
    """Those of `keys` that are open now, held until the transaction ends, in the order of their keys."""
    return list(
        CustodyRecord.objects.select_for_update(of=("self",))
        .filter(pk__in=keys, closed_at__isnull=True, basis=Basis.HAND_IN, **which)
        .select_related("pupil", "place", "slot")
        .order_by("pk")
    )
