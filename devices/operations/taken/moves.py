"""What becomes of a taken device while the school has it: put away, signed for, or withdrawn as taken in error."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import has, require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import Basis, EventKind, Flag, PlacePurpose, SlotState, State
from devices.models import Confiscation, CustodyEvent, CustodyRecord, ParentNotice, Slot, StoragePlace
from devices.operations.moves import add_events, locked, lost_race
from devices.operations.refusals import OtherPlaceNeedsReason, SlotTaken
from devices.operations.taken.evidence import refuse_if_held
from devices.queries.taken.held import is_long_held
from devices.workflow import TAKEN_STATES


class UnableToChangeTaken(Refusal):
    """Something about a taken device was not recorded."""


class NotTheTaker(UnableToChangeTaken):
    """Only who took it, on the same day, or somebody who leads custody withdraws a taking."""

    recorded = True


class NotTaken(UnableToChangeTaken):
    """The device is not, or not any more, one that was taken."""


class TakenSaysWhy(UnableToChangeTaken):
    """A withdrawal says why."""

    default_field = "note"


class NoSignOffNeeded(UnableToChangeTaken):
    """It is not held beyond the school's limit, or somebody signed already (law CO-4)."""


class SignedByAnother(UnableToChangeTaken):
    """Who took the device does not sign that it is kept longer (law CO-4)."""

    recorded = True


def check_place(
    place: StoragePlace | None, slot: Slot | None, reason: str, *purposes: str
) -> tuple[StoragePlace | None, Slot | None, bool]:
    """The place and slot, and whether it is another than taken devices are kept in, which needs a reason (CNF-03)."""
    if slot is not None and slot.state != SlotState.USABLE:
        raise SlotTaken(f"Slot {slot.label} is out of use: {slot.out_of_use_reason}.", rule="CNF-03")
    allowed = purposes or (PlacePurpose.CONFISCATED, PlacePurpose.EVIDENCE)
    other = place is not None and place.purpose not in allowed
    if other and not reason:
        raise OtherPlaceNeedsReason(
            f"{place} is not where your school keeps taken devices. Say why it goes there.", rule="CNF-03"
        )
    return place, slot, other


@operation("devices.store_taken")
def store_taken(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    place: StoragePlace | None = None,
    slot: Slot | None = None,
    note: str = "",
    submission: UUID | None = None,
) -> CustodyRecord:
    """Put a taken device away, or move it: to a place for taken devices, with or without a slot (CNF-03).

    Who may: VIEW_HELD, the office and leaders. Another place needs `note`. A held device may be moved, and stays held.
    Raises `NotTaken`, `SlotTaken` or `OtherPlaceNeedsReason`.
    """
    require(actor, Permission.VIEW_HELD, school)
    stay = locked(custody)
    _refuse_unless_taken(stay)
    wanted, into, other = check_place(slot.place if slot is not None else place, slot, note)
    if wanted is None:
        raise NotTaken("Choose where it goes.", rule="CNF-03", field="place")
    stay.place, stay.slot = wanted, into
    stay.flags = [flag for flag in stay.flags if flag not in (Flag.NO_SLOT, Flag.OTHER_PLACE)]
    if other:
        stay.flags, stay.place_reason = [*stay.flags, Flag.OTHER_PLACE.value], note[:200]
    stay.stamp(by=actor, at=at)
    try:
        stay.save()
    except IntegrityError as error:
        raise lost_race(error, slot) from error
    state = State(stay.state)
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.MOVE, "from_state": state, "to_state": state, "place": wanted, "slot": into, "note": note},
    )  # fmt: skip
    record(
        school=school,
        actor=actor,
        action="devices.store_taken",
        at=at,
        obj=stay,
        submission=submission,
        detail={"place": wanted.pk, "slot": into.label if into else ""},
    )
    return stay


def _refuse_unless_taken(stay: CustodyRecord) -> None:
    if not stay.is_open or stay.state not in (*TAKEN_STATES, State.EVIDENCE_HOLD, State.BACK_FROM_POLICE):
        raise NotTaken("It is not here as a taken device any more.", rule="CNF-03")


@operation("devices.sign_off_hold")
def sign_off_long_hold(
    *,
    school: School,
    actor: User,
    at: datetime,
    taking: Confiscation,
    note: str,
    submission: UUID | None = None,
) -> Confiscation:
    """A senior leader signs that a device is kept beyond the school's limit, and says why (law CO-4).

    Who may: LEAD_CUSTODY, and not who took it. Raises `NotTaken`, `NoSignOffNeeded`, `SignedByAnother` or
    `TakenSaysWhy`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    stay = locked(taking.custody)
    _refuse_unless_taken(stay)
    live: Confiscation = Confiscation.objects.select_for_update(of=("self",)).get(pk=taking.pk)
    if live.signed_off_at is not None or not is_long_held(live, stay, at):
        raise NoSignOffNeeded("It is signed already, or not kept beyond the school’s limit.", rule="law CO-4")
    if live.taken_by_id == actor.pk:
        raise SignedByAnother("You took it. Another senior leader signs that it is kept.", rule="law CO-4")
    if not note:
        raise TakenSaysWhy("Say why it is kept longer.", rule="law CO-4")
    live.needs_sign_off, live.signed_off_at, live.signed_off_by = True, at, actor
    live.stamp(by=actor, at=at)
    live.save()
    state = State(stay.state)
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.NOTE, "from_state": state, "to_state": state, "place": stay.place, "slot": stay.slot,
         "note": note},
    )  # fmt: skip
    record(school=school, actor=actor, action="devices.sign_off_hold", at=at, obj=live, submission=submission)
    return live


@operation("devices.withdraw_taking")
def withdraw_taking(
    *, school: School, actor: User, at: datetime, custody: CustodyRecord, note: str, submission: UUID | None = None
) -> CustodyRecord:
    """Say that a device was recorded as taken in error: the wrong pupil, or not taken at all. Adds, never erases.

    Who may: LEAD_CUSTODY, or the person who took it, on the same day. The stay is left out of every count from now on;
    a device that had been handed in before is as handed in again, in a stay of its own. Parents who were still to be
    told are not told. A held device must have its hold lifted first. Raises a kind of `UnableToChangeTaken`.
    """
    require(actor, Permission.TAKE_DEVICE, school)
    stay = locked(custody)
    taking = Confiscation.objects.filter(custody=stay).first()
    refuse_if_held(stay)
    if taking is None or not stay.is_open or stay.state not in TAKEN_STATES:
        raise NotTaken("It is not here as a taken device any more.", rule="DEV-33")
    own = taking.taken_by_id == actor.pk and london_day(taking.taken_at) == london_day(at)
    if not own and not has(actor, Permission.LEAD_CUSTODY, school):
        raise NotTheTaker("Who took it withdraws it on the same day; after that a senior leader does.", rule="DEV-33")
    if not note:
        raise TakenSaysWhy("Say what was wrong.", rule="DEV-33")
    origin = State(stay.state)
    lay = (stay.place, stay.slot)
    stay.state, stay.voided = State.WITH_PUPIL_OFF_SITE, True
    stay.closed_at, stay.closed_by = max(at, stay.opened_at), actor
    stay.stamp(by=actor, at=at)
    stay.save()
    wrong = CustodyEvent.objects.filter(custody=stay, kind=EventKind.TAKE).order_by("-id").first()
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.CORRECTION, "from_state": origin, "to_state": State.WITH_PUPIL_OFF_SITE, "place": lay[0],
         "slot": lay[1], "note": note, "corrects": wrong},
    )  # fmt: skip
    again = _hand_in_again(stay, actor, at)
    _nothing_to_tell(stay, actor, at)
    record(
        school=school,
        actor=actor,
        action="devices.withdraw_taking",
        at=at,
        obj=stay,
        submission=submission,
        detail={"was": origin.value, "handed_in_again": again.pk if again is not None else None},
    )
    return stay


def _hand_in_again(stay: CustodyRecord, actor: User, at: datetime) -> CustodyRecord | None:
    """The hand-in of before the taking, as a stay of its own with its own time, in its slot where that is free."""
    stored = CustodyEvent.objects.filter(custody=stay, kind=EventKind.STORE).order_by("id").first()
    if stored is None:
        return None
    lay = (
        CustodyEvent.objects.filter(custody=stay, basis=Basis.HAND_IN, kind__in=[EventKind.STORE, EventKind.MOVE])
        .select_related("slot", "place")
        .order_by("-id")
        .first()
    )
    slot, place = (lay.slot, lay.place) if lay is not None else (None, None)
    if slot is not None and CustodyRecord.objects.filter(slot=slot, closed_at__isnull=True).exists():
        slot = None
    again = CustodyRecord(
        school=stay.school,
        device=stay.device,
        pupil=stay.pupil,
        day=stay.day,
        basis=Basis.HAND_IN,
        state=State.STORED,
        place=place,
        slot=slot,
        switched_off=stay.switched_off,
        condition=stay.condition,
        bring_reason=stay.bring_reason,
        gate_id=stay.gate_id,
        flags=[flag for flag in stay.flags if flag != Flag.OTHER_PLACE],
        rules_version=stay.rules_version,
        opened_at=stay.opened_at,
        opened_by=stay.opened_by,
    )
    again.stamp(by=actor, at=at)
    again.save()
    out, note = State.WITH_PUPIL_OFF_SITE, "As handed in: the taking was withdrawn."
    add_events(
        again, actor, stay.opened_at, at,
        {"kind": EventKind.HAND_IN, "from_state": out, "to_state": State.HANDED_IN, "note": note},
        {"kind": EventKind.STORE, "from_state": State.HANDED_IN, "to_state": State.STORED, "place": place,
         "slot": slot},
    )  # fmt: skip
    return again


def _nothing_to_tell(stay: CustodyRecord, actor: User, at: datetime) -> None:
    """What parents were still to be told of a taking that was none is told to nobody."""
    for notice in ParentNotice.objects.select_for_update(of=("self",)).filter(custody=stay):
        if notice.is_open:
            notice.dropped_at, notice.dropped_by = at, actor
            notice.dropped_because = "The taking was withdrawn as recorded in error."
            notice.stamp(by=actor, at=at)
            notice.save()
