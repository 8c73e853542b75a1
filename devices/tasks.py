"""Periodic jobs about devices: ids or nothing in, one operation each."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django_scopes import scope


@shared_task
def mark_uncollected() -> int:
    """After each school's office close, mark what nobody fetched. Runs every few minutes; running twice is harmless."""
    from core.people.queries import all_schools
    from devices.operations import mark_uncollected as mark

    marked = 0
    for school in all_schools():
        with scope(school=school):
            marked += len(mark(school=school, actor=None, at=timezone.now()))
    return marked
