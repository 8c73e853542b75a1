"""What the clock does: ends what has run out, marks what is due for review, warns of what runs out (AGR-15, NOT-18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from core.approvals.enums import OVER_STATES, State
from core.approvals.models import Approval
from core.approvals.operations.ending import lapse, mark_review_due
from core.approvals.operations.moving import tell
from core.approvals.queries import runs_out
from core.approvals.workflow import MoveNotPossible
from core.audit.operations import operation, record
from core.people.calendar import london_day
from core.people.models import School

WARN_DAYS = 14  # NOT-18


def end_what_ran_out(*, school: School, at: datetime) -> int:
    """End by its date whatever is past it. Every few minutes; no look-up waits for it. Returns how many."""
    past = Approval.objects.filter(school=school, ends_at__lte=at).exclude(state__in=OVER_STATES)
    return _each(past, lambda row: lapse(school=school, at=at, approval=row))


def look_at_the_day(*, school: School, at: datetime) -> int:
    """Mark what is due for review today; warn of what runs out in fourteen days, and again on the last."""
    due = Approval.objects.filter(school=school, state=State.LIVE, review_on__lte=london_day(at), ends_at__gt=at)
    return _each(due, lambda row: mark_review_due(school=school, at=at, approval=row)) + _warn(school=school, at=at)


@operation("approvals.warn")
def _warn(*, school: School, at: datetime) -> int:
    """Tell holder, requester and approver, once at fourteen days and once at one (NOT-18)."""
    near = [(row, days) for row, days in runs_out(school, at) if days <= WARN_DAYS]
    for row, days in near:
        near_end = days <= 1
        subject = "A permission ends by tomorrow" if near_end else "A permission ends within 14 days"
        tell(row, [row.user, row.requested_by, row.decided_by], subject, at, f"ends.{1 if near_end else WARN_DAYS}")
    if near:
        record(school=school, actor=None, action="approvals.warn", at=at, obj=school, detail={"near": len(near)})
    return len(near)


def _each(found: QuerySet[Approval], act: Callable[[Approval], object]) -> int:
    """Each in a transaction of its own; one that somebody moved meanwhile is left as they left it."""
    done = 0
    for row in list(found.only("pk")):
        try:
            act(row)
        except MoveNotPossible:
            continue
        done += 1
    return done
