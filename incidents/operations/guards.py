"""What must be settled before a record is taken into review; parts of the app that know more add to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from incidents.models import Incident

# Each is given the locked record and the moment, and raises a refusal, or does not. They are asked in this order.
REVIEW_GUARDS: list[Callable[[Incident, datetime], None]] = []


def review_guard(guard: Callable[[Incident, datetime], None]) -> Callable[[Incident, datetime], None]:
    """Let `guard` be asked whenever a record is taken into review (matrix 4.4)."""
    REVIEW_GUARDS.append(guard)
    return guard
