"""Work that time starts: telling staff of rules that are about to change."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task
def announce_changes() -> int:
    """Tell staff of changes whose 28, 7 or 0 days have come (NOT-22); running it twice tells nobody twice."""
    from core.rules import operations  # tasks load operations when they run

    return operations.announce_changes(at=timezone.now())
