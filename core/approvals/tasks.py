"""Periodic jobs about permissions: nothing in, one operation for each."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django_scopes import scope


@shared_task
def end_what_ran_out() -> int:
    """Every few minutes, end by its date what is past it; look-ups know it the same minute without this."""
    from core.approvals import operations
    from core.people.queries import all_schools

    ended, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            ended += operations.end_what_ran_out(school=school, at=now)
    return ended


@shared_task
def look_at_the_day() -> int:
    """Each morning, mark what is due for review and warn of what runs out."""
    from core.approvals import operations
    from core.people.queries import all_schools

    done, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            done += operations.look_at_the_day(school=school, at=now)
    return done
