"""Permission beforehand to use a school device, where the rules want it: who, for what, given by whom (SDV-04)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.approvals.operations import Limits, after_day, change_request, first_moment, give, open_request
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from devices.queries.assets import is_assignee


class NotForThem(Refusal):
    """A school device is for staff and pupils alone (SDV-03)."""

    recorded = True
    default_field = "person"


class PurposeMissing(Refusal):
    """What it is for was left out."""

    default_field = "purpose"


@operation("devices.ask_school_device")
def ask_school_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    person: Pupil | User,
    purpose: str,
    starts_on: date,
    ends_on: date,
    submission: UUID | None = None,
) -> Approval:
    """Ask that somebody may use a school device; a senior leader decides (SDV-04). What it is for stands in the
    conditions, which all staff read.

    Who may: ASK_PERMISSION, for oneself or a pupil. Raises `NotForThem`, `PurposeMissing`.
    """
    row = _open(school, actor, at, person, purpose, starts_on, ends_on)
    record(school=school, actor=actor, action="devices.ask_school_device", at=at, obj=row, submission=submission)
    return row


@operation("devices.give_school_device")
def give_school_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    person: Pupil | User,
    purpose: str,
    starts_on: date,
    ends_on: date,
    because: str = "",
    submission: UUID | None = None,
) -> Approval:
    """Give somebody permission to use a school device, unasked; it holds from its first day (SDV-04).

    Who may: a senior leader, and not to themselves. Raises `NotTheOneToDecide`, `NotByOneself`, `NotForThem`,
    `PurposeMissing`.
    """
    row = _open(school, actor, at, person, purpose, starts_on, ends_on)
    give(row, actor=actor, at=at, because=because)
    record(school=school, actor=actor, action="devices.give_school_device", at=at, obj=row, submission=submission)
    return row


@operation("devices.change_school_device")
def change_school_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    purpose: str,
    starts_on: date,
    ends_on: date,
    note: str,
    submission: UUID | None = None,
) -> Approval:
    """Answer a request that was sent back: other days, or another purpose. Who may: whoever asked."""
    row = change_request(
        school=school, actor=actor, at=at, approval=approval, starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on), limits=_limits(purpose), note=note,
    )  # fmt: skip
    record(school=school, actor=actor, action="devices.change_school_device", at=at, obj=row, submission=submission)
    return row


def _limits(purpose: str) -> Limits:
    if not purpose.strip():
        raise PurposeMissing("Say what it is for.", rule="SDV-04")
    return Limits(conditions=purpose.strip())


def _open(
    school: School, actor: User, at: datetime, person: Pupil | User, purpose: str, starts_on: date, ends_on: date
) -> Approval:
    if not is_assignee(school, person, london_day(at)):
        raise NotForThem("A school device is for staff and pupils alone.", rule="SDV-03")
    whom = {"pupil": person} if isinstance(person, Pupil) else {"user": person}
    return open_request(
        school=school, actor=actor, at=at, kind=Kind.SCHOOL_DEVICE, starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on), limits=_limits(purpose), **whom,
    )  # fmt: skip
