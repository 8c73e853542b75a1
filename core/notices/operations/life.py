"""Signs of life of the worker and the mailer."""

from __future__ import annotations

from datetime import datetime

from core.notices.models import Heartbeat


def beat(*, name: str, at: datetime) -> None:
    """Note that a part of the service (`Beating`) was alive at `at`: one statement, safe from any number of workers."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, seen_at=at)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["seen_at"],
    )
