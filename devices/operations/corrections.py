"""Say that an entry of custody was wrong: adds to the record, erases nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.enums import Basis, CorrectionKind, EventKind, Flag, SlotState, State
from devices.judgement import place_is_allowed
from devices.models import (
    CustodyEvent,
    CustodyRecord,
    Slot,
)
from devices.operations.moves import add_events, locked, lost_race
from devices.operations.refusals import (
    CorrectionNotPossible,
    SlotTaken,
)
from devices.operations.taken.evidence import refuse_if_held


@operation("devices.correct")
def correct_custody(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    kind: str,
    note: str,
    slot: Slot | None = None,
    submission: UUID | None = None,
) -> CustodyRecord:
    """Say that an entry was wrong, at any time later (DEV-33). Adds an event that names the one it corrects.

    `kind`: `not_handed_in` takes the stay out of every count; `not_returned` reopens it; `other_slot` moves it to
    `slot`; `detail` adds words only. Raises `CorrectionNotPossible` or `SlotTaken`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    if not note:
        raise CorrectionNotPossible("Say what was wrong.", rule="DEV-33", field="note")
    stay = locked(custody)
    origin = State(stay.state)
    if kind == CorrectionKind.OTHER_SLOT:
        _move(stay, slot, actor, at, note)
    else:
        correct_stay(stay, origin, CorrectionKind(kind), actor, at, note)
    record(
        school=school,
        actor=actor,
        action="devices.correct",
        at=at,
        obj=stay,
        submission=submission,
        detail={"kind": kind, "old": origin.value, "new": stay.state},
    )
    return stay


def correct_stay(
    stay: CustodyRecord, origin: State, kind: CorrectionKind, actor: User, at: datetime, note: str
) -> None:
    """Correct a locked stay inside the caller's operation."""
    event_kind, corrected_kind = EventKind.CORRECTION, EventKind.HAND_IN
    if kind == CorrectionKind.NOT_HANDED_IN:
        if not stay.is_open:
            raise CorrectionNotPossible("It was given back already. Correct the return first.", rule="DEV-33")
        refuse_if_held(stay)
        if stay.basis != Basis.HAND_IN:
            raise CorrectionNotPossible("It was taken, not handed in. Withdraw the taking instead.", rule="DEV-33")
        stay.state, stay.voided = State.WITH_PUPIL_OFF_SITE, True
        stay.closed_at, stay.closed_by = max(at, stay.opened_at), actor
    elif kind == CorrectionKind.NOT_RETURNED:
        if stay.is_open or stay.voided or stay.state != State.RETURNED:
            raise CorrectionNotPossible("It has not been given back.", rule="DEV-33")
        stay.state = State.STORED if stay.day == london_day(at) else State.UNCOLLECTED
        stay.closed_at = stay.closed_by = None
        corrected_kind = EventKind.RETURN
        if stay.slot_id and CustodyRecord.objects.filter(slot_id=stay.slot_id, closed_at__isnull=True).exists():
            stay.slot = None
            if Flag.NO_SLOT not in stay.flags:
                stay.flags = [*stay.flags, Flag.NO_SLOT.value]
    else:
        if stay.voided:
            raise CorrectionNotPossible("This hand-in was corrected already.", rule="DEV-33")
        event_kind = EventKind.NOTE
    earlier = (
        CustodyEvent.objects.filter(custody=stay, kind=corrected_kind).order_by("-id").first()
        if event_kind == EventKind.CORRECTION
        else None
    )
    stay.stamp(by=actor, at=at)
    try:
        stay.save()
    except IntegrityError as error:
        if "devices_custody_one_open_per_device" in str(error):
            raise CorrectionNotPossible("The device was handed in again since then.", rule="DEV-33") from error
        raise
    add_events(
        stay, actor, at, at,
        {"kind": event_kind, "from_state": origin, "to_state": State(stay.state), "place": stay.place,
         "slot": stay.slot, "note": note, "corrects": earlier},
    )  # fmt: skip


def _move(stay: CustodyRecord, slot: Slot | None, actor: User, at: datetime, note: str) -> None:
    if not stay.is_open:
        raise CorrectionNotPossible("It is not here any more, so it has no slot.", rule="DEV-33")
    if slot is None:
        raise CorrectionNotPossible("Enter the number of the slot it is in.", rule="DEV-06", field="slot")
    if slot.state != SlotState.USABLE:
        raise SlotTaken(f"Slot {slot.label} is out of use.", rule="DEV-06")
    stay.slot, stay.place = slot, slot.place
    stay.flags = [flag for flag in stay.flags if flag != Flag.NO_SLOT]
    rules = for_school(stay.school, on=stay.day)
    if not place_is_allowed(rules, slot.place) and Flag.OTHER_PLACE not in stay.flags:
        stay.flags = [*stay.flags, Flag.OTHER_PLACE.value]
        stay.place_reason = note
    stay.stamp(by=actor, at=at)
    try:
        stay.save()
    except IntegrityError as error:
        raise lost_race(error, slot) from error
    state = State(stay.state)
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.MOVE, "from_state": state, "to_state": state, "place": slot.place, "slot": slot,
         "note": note},
    )  # fmt: skip
