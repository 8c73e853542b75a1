"""Deciding in the head’s place for a time (law AP-7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import Kind
from core.approvals.kinds import LEADERS
from core.approvals.models import Delegation
from core.approvals.operations.refusals import NotYours, UnableToDelegate
from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.access import holds, require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission


@operation("approvals.delegate")
def delegate(
    *,
    school: School,
    actor: User,
    at: datetime,
    to: User,
    starts_on: date,
    ends_on: date,
    reason: str,
    kinds: Sequence[str] = (),
    url: str = "",
    submission: UUID | None = None,
) -> Delegation:
    """Let another leader decide in the head’s place between two days, about `kinds` or about all.

    Who may: DELEGATE, the head. Raises `UnableToDelegate`, at the field it belongs to.
    """
    require(actor, Permission.DELEGATE, school)
    if to.pk == actor.pk:
        raise UnableToDelegate("Choose somebody else.", rule="AP-7")
    if not holds(to, school, *LEADERS):
        raise UnableToDelegate("Only a senior leader can decide in your place.", rule="AP-7")
    if ends_on < starts_on or ends_on < london_day(at):
        raise UnableToDelegate("The last day is not before the first, and not past.", rule="AP-7", field="ends_on")
    if (ends_on - starts_on).days > 366:
        raise UnableToDelegate("A delegation lasts a year at most.", rule="AP-7", field="ends_on")
    if not reason.strip():
        raise UnableToDelegate("Say why, for example “away at a conference”.", rule="AP-7", field="reason")
    row = Delegation(
        school=school, giver=actor, delegate=to, kinds=[one for one in kinds if one in Kind.values],
        starts_on=starts_on, ends_on=ends_on, reason=reason.strip()[:300], given_at=at,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    if url:
        notify(
            school=school, recipients=[to], kind="approvals.delegation",
            subject="You decide about permissions in the head’s place", url=url, at=at,
            dedupe_key=f"approvals.delegation.{row.pk}",
        )  # fmt: skip
    record(
        school=school, actor=actor, action="approvals.delegate", at=at, obj=row, submission=submission,
        detail={"to": to.pk, "from": starts_on.isoformat(), "until": ends_on.isoformat()},
    )  # fmt: skip
    return row


@operation("approvals.end_delegation")
def end_delegation(
    *, school: School, actor: User, at: datetime, delegation: Delegation, submission: UUID | None = None
) -> Delegation:
    """End it now; what was decided by it stands. Who may: DELEGATE, and the delegate."""
    row: Delegation = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk, school=school)
    if row.delegate_id != actor.pk:
        require(actor, Permission.DELEGATE, school)
    if row.ended_at is not None:
        raise NotYours("This has ended already.", rule="AP-7")
    row.ended_at, row.ended_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="approvals.end_delegation", at=at, obj=row, submission=submission)
    return row
