"""The DSL's decision whether and when a parent is told that a device is held (law IM-6, CNF-13, matrix 0.3)."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import LONDON, london_day
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import NoticeAbout, TellOfHold
from devices.models import CustodyRecord, EvidenceHold, ParentNotice
from devices.operations.moves import locked
from devices.operations.taken.parents import (
    NoticeSettled,
    ReasonForParents,
    UnableToTell,
    due_the_same_day,
    keep_from_parents,
    open_notice,
    tell_again,
)
from devices.queries.taken.holds_told import told_of_hold

_OVER = "It is not held any more."


class HoldIsOver(UnableToTell):
    """The device is not held any more, so that there is nothing to tell of the hold."""


class LaterNeedsDay(UnableToTell):
    """Not yet says until when: a day that is still to come."""

    default_field = "until"


@operation("devices.decide_telling")
def decide_telling(
    *,
    school: School,
    actor: User,
    at: datetime,
    hold: EvidenceHold,
    answer: str,
    because: str = "",
    until: date | None = None,
    submission: UUID | None = None,
) -> ParentNotice:
    """Decide whether a parent is told that a device is held (law IM-6). Until then nothing goes out to anybody.

    Who may: the DSL and deputies (SET_DO_NOT_INFORM). "yes" opens what is to be told as any other notice. "not_now"
    keeps all of the stay from parents, for a reason that only they read, until they say otherwise. "later" asks them
    again on the day `until`. It may be decided anew until a parent was told. Raises `HoldIsOver`, `NoticeSettled`,
    `ReasonForParents` or `LaterNeedsDay`.
    """
    require(actor, Permission.SET_DO_NOT_INFORM, school)
    wanted = TellOfHold(answer)
    if wanted == TellOfHold.NOT_NOW and not because:
        raise ReasonForParents("Say why a parent is not told. Only the DSL reads it.", rule="IM-6")
    if wanted == TellOfHold.LATER and (until is None or until <= london_day(at)):
        raise LaterNeedsDay("Enter a day that is still to come.", rule="IM-6")
    stay = locked(hold.custody)
    hold.custody = stay
    told = told_of_hold(hold, at)
    if told.notice is not None and told.notice.told_by is not None:
        raise NoticeSettled(f"{told.notice.told_by.display_name} told them already.", rule="CNF-13")
    if told.over:
        raise HoldIsOver(_OVER, rule="CNF-10")
    if wanted == TellOfHold.YES:
        notice = _open(stay, told.notice, actor, at)
    else:
        notice = told.notice or ParentNotice(
            school=school, about=NoticeAbout.HELD, pupil=stay.pupil, custody=stay, opened_at=at, due_at=at
        )
        _keep(notice, wanted, actor, at, because, until)
    record(
        school=school,
        actor=actor,
        action="devices.decide_telling",
        at=at,
        obj=notice,
        submission=submission,
        detail={"custody": stay.pk, "hold": hold.pk, "answer": wanted.value, "until": str(until or "")},
    )
    return notice


def _open(stay: CustodyRecord, known: ParentNotice | None, actor: User, at: datetime) -> ParentNotice:
    """What is to be told: this, and what was kept of the stay with it."""
    tell_again(stay, actor, at)
    if known is None:
        return open_notice(
            school=stay.school, actor=actor, at=at, about=NoticeAbout.HELD, pupil=stay.pupil, custody=stay
        )
    known.refresh_from_db()
    known.due_at = due_the_same_day(stay.school, at)
    known.stamp(by=actor, at=at)
    known.save()
    return known


def _keep(
    notice: ParentNotice, wanted: TellOfHold, actor: User, at: datetime, because: str, until: date | None
) -> None:
    """Nothing goes out: until the DSL says otherwise, or until the day on which the DSL is asked again."""
    if wanted == TellOfHold.NOT_NOW:
        keep_from_parents(notice, actor, at, because)
        return
    assert until is not None
    notice.withheld_at, notice.withheld_by = at, actor
    notice.withheld_because = because or "To be decided again."
    notice.due_at = datetime.combine(until, time(0), LONDON)
    notice.stamp(by=actor, at=at)
    notice.save()


def settle_hold_notices(stay: CustodyRecord, *, actor: User, at: datetime) -> None:
    """A device that is not held any more leaves nothing to tell of the hold, inside the caller's operation.

    What was to be told of the taking itself stays to be told, and what the DSL withholds of it stays withheld.
    """
    open_ones = ParentNotice.objects.select_for_update().filter(
        custody=stay, about=NoticeAbout.HELD, told_at__isnull=True, dropped_at__isnull=True
    )
    for notice in open_ones:
        notice.dropped_at, notice.dropped_by, notice.dropped_because = at, actor, _OVER
        notice.stamp(by=actor, at=at)
        notice.save()
