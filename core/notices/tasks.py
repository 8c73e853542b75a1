"""Work that a bell or the clock starts: sending email, passing on, digests, signs of life."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task
def deliver_outbox() -> int:
    """Send the emails that are due; running it twice, or five times at once, sends each once."""
    from core.notices import operations  # tasks load operations when they run

    return operations.deliver_outbox(at=timezone.now())


@shared_task
def escalate_unacknowledged() -> int:
    """Pass on urgent notices that nobody acknowledged in time; running it twice passes each on once."""
    from core.notices import operations

    return operations.escalate_unacknowledged(at=timezone.now())


@shared_task
def send_digests() -> int:
    """Email what waited for 7:45 or 15:30; running it twice counts each notice once."""
    from core.notices import operations

    return operations.send_digests(at=timezone.now())


@shared_task
def heartbeat() -> None:
    """Show that the worker is alive and that the clock rings it."""
    from core.notices import enums, operations

    operations.beat(name=enums.Beating.WORKER, at=timezone.now())
