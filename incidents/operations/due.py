"""For the clock: the team hears what of a record should have been done by now: parents, a serious list, a referral."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.working_days import is_working_day
from core.notices.operations import notify
from core.people.calendar import calendar_for, london_day
from core.people.models import School, User
from core.people.queries import deputies_for, dsls_for
from incidents.enums import CaseState, Route, TellState
from incidents.models import Incident
from incidents.operations.crime import chase_tasks
from incidents.queries.levels import DUE_AFTER, referral_task
from incidents.queries.parents import due_of, parents_undecided
from incidents.queries.telling import notifications_of

_OVER = (CaseState.DRAFT, CaseState.DISCARDED, CaseState.CLOSED, CaseState.MERGED)
_SUBJECTS = {
    "parents": "Parents were to be told today",
    "serious": "Somebody was to be told of a serious record",
    "referral": "A referral is overdue",
}


@operation("incidents.tell_due")
def tell_due(*, school: School, at: datetime) -> int:
    """Tell owners, or the team where nobody owns it, what has passed its time (NOT-09, NOT-10, NOT-11).

    For the clock: on school days; of the police and the LADO on working days. Each thing once a day. Returns how many
    things it told of. The notices name nobody.
    """
    today = london_day(at)
    told = chase_tasks(school=school, at=at) if is_working_day(today) else 0
    if calendar_for(school).is_school_day(today):
        told += _tell_late(school, at)
    if told:
        record(school=school, actor=None, action="incidents.tell_due", at=at, detail={"told": told})
    return told


def _tell_late(school: School, at: datetime) -> int:
    today, told = london_day(at), 0
    open_ones = Incident.objects.filter(school=school, route=Route.PUPIL).exclude(state__in=_OVER)
    for case in open_ones.select_related("school", "owner").order_by("id"):
        for what in _late(case, at):
            notify(
                school=school,
                recipients=_whose(case),
                kind=f"incidents.{what}_due",
                subject=_SUBJECTS[what],
                body="The record says what is still to be done.",
                url=reverse("incidents:case-actions", args=[school.slug, case.pk]),
                at=at,
                dedupe_key=f"incidents.{what}_due:{case.pk}:{today}",
            )
            told += 1
    return told


def _late(case: Incident, at: datetime) -> Iterator[str]:
    """What of a record has passed its time."""
    due = due_of(case)
    if due is not None and due <= at and parents_undecided(case):
        yield "parents"
    waiting = notifications_of(case).filter(state=TellState.NEEDED, due_at__lte=at)
    if case.is_serious and waiting.exists():
        yield "serious"
    task = referral_task(case) if case.level in DUE_AFTER else None
    if task is not None and not task.is_settled and task.due_at <= at:
        yield "referral"


def _whose(case: Incident) -> list[User]:
    if case.owner is not None and case.owner.is_active:
        return [case.owner]
    return [*dsls_for(case.school, case.phase), *deputies_for(case.school)]
