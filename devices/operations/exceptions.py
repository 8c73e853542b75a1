"""Exceptions said at the desk just after a scan, or instead of one: a card, a key or a button (ux 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.enums import BringReason, CorrectionKind, DeskAct, EventKind, Flag, MarkKind, MarkSource, State
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration
from devices.operations.corrections import correct_stay
from devices.operations.marks import write_mark
from devices.operations.moves import add_events, already_here, locked
from devices.operations.no_device import SAID_OTHERWISE, marks_in_force, take_back_mark, write_declaration
from devices.operations.refusals import CorrectionNotPossible, DeviceAlreadyInCustody, NotHandedInYet

# How long after a hand-in the desk's quick keys may still turn it into something else; later it is a correction with
# its own words (DEV-12).
JUST_NOW = timedelta(minutes=10)

_INSTEAD = {DeskAct.NO_DEVICE: "No device after all", DeskAct.REFUSED: "Not handed in after all",
            DeskAct.PERMITTED: "Keeps it by permission"}  # fmt: skip
_MARKS = {DeskAct.REFUSED: MarkKind.REFUSED, DeskAct.PERMITTED: MarkKind.PERMITTED}
_FLAGS = {DeskAct.DAMAGED: Flag.DAMAGED, DeskAct.LATE: Flag.LATE}


@operation("devices.exception")
def make_exception(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    act: DeskAct,
    recorded_at: datetime | None = None,
    extra_flags: Sequence[Flag] = (),
    submission: UUID | None = None,
) -> CustodyRecord | NoDeviceDeclaration | DayMark:
    """Record an exception about a pupil at the desk (DEV-11, DEV-12, DEV-35).

    Who may: whoever holds LOG_CUSTODY. `no_device`, `refused` and `permitted` say what happened instead of a hand-in:
    one that was recorded within the last ten minutes is corrected in the same step, its events stay; an older one is
    refused (`DeviceAlreadyInCustody`). `damaged` and `late` add to the hand-in of the day; without one they raise
    `NotHandedInYet`. Saying it twice is one record.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    stay = _stay_of_the_day(pupil, at)
    result: CustodyRecord | NoDeviceDeclaration | DayMark
    if act in _FLAGS:
        if stay is None:
            raise NotHandedInYet("Nothing was handed in today that this could be said of.", rule="DEV-04")
        result = _add_to(stay, act, actor, at, recorded_at or at, extra_flags)
    elif act in _INSTEAD:
        if stay is not None:
            _undo(stay, _INSTEAD[act], actor, at)
        result = _said_instead(school, actor, at, pupil, act)
    else:
        raise ValueError(f"{act} is no exception")
    record(
        school=school,
        actor=actor,
        action="devices.exception",
        at=at,
        obj=result,
        submission=submission,
        detail={"act": act.value, "undone": stay.pk if stay is not None and act in _INSTEAD else None},
    )
    return result


def _stay_of_the_day(pupil: Pupil, at: datetime) -> CustodyRecord | None:
    newest: CustodyRecord | None = (
        CustodyRecord.objects.filter(pupil=pupil, closed_at__isnull=True, day=london_day(at))
        .order_by("-opened_at", "-id")
        .first()
    )
    return locked(newest) if newest is not None else None


def _undo(stay: CustodyRecord, why: str, actor: User, at: datetime) -> None:
    if not stay.is_open or at - stay.opened_at > JUST_NOW:
        raise DeviceAlreadyInCustody(f"{already_here(stay, at)} Use Correct if that was wrong.", stay)
    correct_stay(stay, State(stay.state), CorrectionKind.NOT_HANDED_IN, actor, at, why)


def _said_instead(
    school: School, actor: User, at: datetime, pupil: Pupil, act: DeskAct
) -> NoDeviceDeclaration | DayMark:
    day = london_day(at)
    if act == DeskAct.NO_DEVICE:
        for mark in marks_in_force(school, pupil, day):
            take_back_mark(mark, actor, at, SAID_OTHERWISE)
        return write_declaration(school, actor, at, pupil, day)[0]
    return write_mark(school, actor, at, pupil, _MARKS[act], MarkSource.DESK, "", day)[0]


def _add_to(
    stay: CustodyRecord, act: DeskAct, actor: User, at: datetime, recorded_at: datetime, extra: Sequence[Flag]
) -> CustodyRecord:
    flag = _FLAGS[act]
    if flag in stay.flags:
        return stay
    said = "Damaged when it was handed in." if act == DeskAct.DAMAGED else "Handed in late."
    stay.flags = [*stay.flags, flag.value, *(more.value for more in extra if more not in stay.flags)]
    if act == DeskAct.DAMAGED and not stay.condition:
        stay.condition = "Damaged"
    stay.stamp(by=actor, at=at)
    stay.save(update_fields=["flags", "condition", "changed_at", "changed_by", "version"])
    state = State(stay.state)
    add_events(
        stay, actor, at, recorded_at,
        {"kind": EventKind.NOTE, "from_state": state, "to_state": state, "note": said,
         "condition": stay.condition if act == DeskAct.DAMAGED else ""},
    )  # fmt: skip
    return stay


@operation("devices.bring_reason")
def state_bring_reason(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    reason: BringReason,
    submission: UUID | None = None,
) -> CustodyRecord:
    """Keep why this pupil brings a device, with the hand-in and for the days to come (DEV-37).

    Who may: whoever holds LOG_CUSTODY. The warning that no reason was known is taken off the hand-in.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    stay = locked(custody)
    if stay.voided:
        raise CorrectionNotPossible("This hand-in was corrected already.", rule="DEV-33")
    stay.bring_reason = reason
    stay.flags = [flag for flag in stay.flags if flag != Flag.NO_REASON]
    stay.stamp(by=actor, at=at)
    stay.save(update_fields=["bring_reason", "flags", "changed_at", "changed_by", "version"])
    device = stay.device
    if device.bring_reason != reason:
        device.bring_reason = reason
        device.stamp(by=actor, at=at)
        device.save(update_fields=["bring_reason", "changed_at", "changed_by", "version"])
    state = State(stay.state)
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.NOTE, "from_state": state, "to_state": state,
         "note": f"Reason for bringing it: {reason.label.lower()}."},
    )  # fmt: skip
    record(
        school=school,
        actor=actor,
        action="devices.bring_reason",
        at=at,
        obj=stay,
        submission=submission,
        detail={"reason": reason.value},
    )
    return stay
