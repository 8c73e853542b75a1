"""Periodic jobs about documents: nothing in, one operation for each school."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django_scopes import scope


@shared_task
def remind_overdue_readers() -> int:
    """Each morning, remind whoever has something to read for more than a week; each once a week (NOT-23)."""
    from core.people.queries import all_schools
    from policies.operations import remind_overdue_readers as remind

    told, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            told += remind(school=school, at=now)
    return told
