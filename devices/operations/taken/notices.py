"""Senior leaders are told of taken devices that stay over a weekend or a holiday (CNF-16)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from core.audit.operations import operation, record
from core.audit.queries import entries_for
from core.notices.operations import notify
from core.people.calendar import calendar_for, london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role
from devices.holding import Holding, closed_between
from devices.models import Confiscation
from devices.queries.taken.release import taken_now

TOLD_HELD_OVER = "devices.tell_held_over"
_LEADERS = (Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL)


def tell_of_taking(taking: Confiscation, holding: Holding, at: datetime) -> None:
    """Inside the taking: senior leaders hear of one that will stay over a weekend or holiday (CNF-16). The notice names
    no one. The DSL is told of a safeguarding ground with what parents are to be told (NOT-03), and of a hold by it."""
    school = taking.school
    url = reverse("devices:taken", args=[school.slug, taking.custody_id])
    if holding.across:
        notify(
            school=school,
            recipients=_leaders(school, at),
            kind="devices.held_over",
            subject="A taken device stays over days without school",
            body=holding.sentence,
            url=url,
            at=at,
            dedupe_key=f"devices.held_over.{taking.pk}",
        )


def _leaders(school: School, at: datetime) -> list[User]:
    return list(holders_of(school, *_LEADERS, on=london_day(at)))


@operation(TOLD_HELD_OVER)
def tell_held_over(*, school: School, at: datetime) -> int:
    """After office close before a weekend or holiday, tell senior leaders what stays over it (CNF-16), once.

    For the clock; running it again the same day tells nobody twice. Returns how many devices it told of.
    """
    day, calendar = london_day(at), calendar_for(school)
    until = calendar.next_school_day(day)
    across = closed_between(calendar, day, until) if until is not None else "days without school"
    if not across:
        return 0
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two workers do it in turn
    if entries_for(school, action=TOLD_HELD_OVER, first=day, last=day).exists():
        return 0
    count = taken_now(school).count()
    if not count:
        return 0
    notify(
        school=school,
        recipients=_leaders(school, at),
        kind="devices.held_over",
        subject=f"{count} taken device{' stays' if count == 1 else 's stay'} over {across}",
        body="The list says which, whom each waits for, and what is still to be decided.",
        url=f"{reverse('devices:held', args=[school.slug])}?show=over",
        at=at,
        dedupe_key=f"devices.held_over:{day}",
    )
    record(school=school, actor=None, action=TOLD_HELD_OVER, at=at, detail={"devices": count})
    return count
