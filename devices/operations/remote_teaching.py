"""Remote teaching on a school device, or on an own one by exception; on nothing else (SDV-07)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.times import day
from core.people.access import has, require
from core.people.models import School, User
from core.people.roles import Permission
from devices.models import RemoteTeaching
from devices.queries.remote_teaching import Ground, grounds_of


class NothingToTeachOn(Refusal):
    """Neither a school device in one’s hands nor an exception in force (SDV-07)."""

    recorded = True
    default_field = "ground"


class DaysWrong(Refusal):
    """It would end before it begins, or after the exception that it stands on."""

    default_field = "ends_on"


class SayWhat(Refusal):
    """Which lessons was left out."""

    default_field = "what"


class OverAlready(Refusal):
    """It was ended before."""


class NotOnesOwn(Refusal):
    """Somebody else’s."""


@operation("devices.log_remote_teaching")
def log_remote_teaching(
    *,
    school: School,
    actor: User,
    at: datetime,
    what: str,
    starts_on: date,
    ends_on: date,
    ground: str,
    submission: UUID | None = None,
) -> RemoteTeaching:
    """Put on record that one teaches remotely, from day to day, and on what: `ground` is the key of one of
    `grounds_of`.

    Who may: ASK_PERMISSION, for oneself. Raises `NothingToTeachOn`, which is on record, `DaysWrong`, `SayWhat`.
    """
    require(actor, Permission.ASK_PERMISSION, school)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    found = next((one for one in grounds_of(school, actor, at) if one.key == ground), None)
    if found is None:
        raise NothingToTeachOn(
            "Remote teaching is on a school device that you were given, or on your own by a permission in force.",
            rule="SDV-07",
        )
    _check(found, what, starts_on, ends_on)
    row = RemoteTeaching(
        school=school, user=actor, what=what.strip(), starts_on=starts_on, ends_on=ends_on, issue=found.issue,
        exception=found.exception,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="devices.log_remote_teaching", at=at, obj=row, submission=submission,
        detail={"ground": ground},
    )  # fmt: skip
    return row


@operation("devices.end_remote_teaching")
def end_remote_teaching(
    *, school: School, actor: User, at: datetime, row: RemoteTeaching, submission: UUID | None = None
) -> RemoteTeaching:
    """Say that it is over before its last day. Who may: whose it is, and LEAD_CUSTODY. Raises `NotOnesOwn`,
    `OverAlready`."""
    require(actor, Permission.ASK_PERMISSION, school)
    held: RemoteTeaching = RemoteTeaching.objects.select_for_update(of=("self",)).get(pk=row.pk, school=school)
    if held.user_id != actor.pk and not has(actor, Permission.LEAD_CUSTODY, school):
        raise NotOnesOwn("Only the person who teaches, or a senior leader, ends it.", rule="SDV-07")
    if held.ended_at is not None:
        raise OverAlready("It was ended already.", rule="SDV-07")
    held.ended_at, held.ended_by = at, actor
    held.stamp(by=actor, at=at)
    held.save()
    record(school=school, actor=actor, action="devices.end_remote_teaching", at=at, obj=held, submission=submission)
    return held


def _check(ground: Ground, what: str, starts_on: date, ends_on: date) -> None:
    if not what.strip():
        raise SayWhat("Say which lessons, and for whom.", rule="SDV-07")
    if ends_on < starts_on:
        raise DaysWrong("The last day is before the first.", rule="SDV-07")
    if ground.until is not None and ends_on > ground.until:
        raise DaysWrong(f"Your permission ends on {day(ground.until)}. End by then, or ask anew.", rule="STA-12")
