"""Periodic jobs about devices: ids or nothing in, one operation each."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django_scopes import scope


@shared_task
def mark_uncollected() -> int:
    """After each school's office close, mark what nobody fetched and tell the office of it, once a day (NOT-02); before
    a weekend or holiday, tell senior leaders which taken devices stay over it (CNF-16).

    Runs every few minutes; running twice is harmless.
    """
    from core.people.queries import all_schools
    from devices.operations import mark_uncollected as mark
    from devices.operations import tell_uncollected, uncollected_is_due
    from devices.operations.taken import tell_held_over

    marked, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            marked += len(mark(school=school, actor=None, at=now))
            if uncollected_is_due(school, now):
                tell_uncollected(school=school, at=now)
                tell_held_over(school=school, at=now)
    return marked


@shared_task
def send_chase_lists() -> int:
    """A few minutes after each school's cut-off, tell tutors and the office who has not been seen (NOT-01).

    Runs every few minutes; each school is told once a day by itself. Returns how many schools were told now.
    """
    from core.people.queries import all_schools
    from devices.operations import chase_is_due, send_chase
    from devices.queries import last_chase

    sent, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            if chase_is_due(school, now) and last_chase(school, timezone.localdate(now)) is None:
                send_chase(school=school, actor=None, at=now)
                sent += 1
    return sent


@shared_task
def make_print(job_id: int) -> None:
    """Make one print that was asked for; rung twice, or by two workers at once, it is made once."""
    from devices.operations import printing

    printing.make_print(job_id=job_id, at=timezone.now())


@shared_task
def resume_prints() -> int:
    """Ring again for prints that nobody began, or whose worker is gone."""
    from devices.operations import printing

    return len(printing.resume_prints(at=timezone.now()))


@shared_task
def purge_prints() -> int:
    """Drop the content of prints a day after they were asked for."""
    from devices.operations import printing

    return printing.purge_prints(at=timezone.now())


@shared_task
def remind_parent_notices() -> int:
    """Remind the office and the DSL of each school of parents who should have been told by now (NOT-03, CO-5).

    Runs through the school day; each school is reminded once a day. Returns how many notices are overdue.
    """
    from core.people.queries import all_schools
    from devices.operations.taken import remind_parent_notices as remind

    overdue, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            overdue += remind(school=school, at=now)
    return overdue
