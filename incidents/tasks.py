"""Periodic jobs about records: nothing in, one operation for each school."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django_scopes import scope


@shared_task
def tell_overdue_steps() -> int:
    """Each school-day morning, tell owners of next steps that have passed their day; twice is harmless."""
    from core.people.queries import all_schools
    from incidents.operations import tell_overdue_steps as tell

    told, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            told += tell(school=school, at=now)
    return told


@shared_task
def tell_plan_reviews() -> int:
    """Each morning, tell of plans' reviews that come within seven days, and of overdue ones (NOT-12)."""
    from core.people.queries import all_schools
    from incidents.operations import tell_plan_reviews as tell

    told, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            told += tell(school=school, at=now)
    return told


@shared_task
def tell_due() -> int:
    """Four times a school day, tell what of a record has passed its time (NOT-09, NOT-10, NOT-11)."""
    from core.people.queries import all_schools
    from incidents.operations import tell_due as tell

    told, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            told += tell(school=school, at=now)
    return told


@shared_task
def tell_transfers() -> int:
    """Each school-day morning, open the transfers of who left with a file, and tell of late ones (law SG-4)."""
    from core.people.queries import all_schools
    from incidents.operations.transfers import tell_transfers as tell

    told, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            told += tell(school=school, at=now)
    return told
