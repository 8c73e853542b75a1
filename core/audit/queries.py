"""Reading the record: for the investigator's page and for replies to a repeated submission."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from core.audit.models import Entry

_LONDON = ZoneInfo("Europe/London")


def entries_for(
    school: Any,
    *,
    actor_id: int | None = None,
    action: str = "",
    outcome: str = "",
    object_type: str = "",
    object_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[Entry]:
    """Entries of one school, newest first, narrowed by what is given; days are London days, both included."""
    found: QuerySet[Entry] = Entry.objects.filter(school_id=school.pk).order_by("-id")
    if actor_id is not None:
        found = found.filter(actor_id=actor_id)
    if action:
        found = found.filter(action__startswith=action)
    if outcome:
        found = found.filter(outcome=outcome)
    if object_type:
        found = found.filter(object_type=object_type)
    if object_id is not None:
        found = found.filter(object_id=object_id)
    if first is not None:
        found = found.filter(at__gte=datetime.combine(first, time.min, _LONDON))
    if last is not None:
        found = found.filter(at__lt=datetime.combine(last + timedelta(days=1), time.min, _LONDON))
    return found


def actions_in(school: Any) -> list[str]:
    """The distinct acts that this school's record holds, for the filter."""
    entries = Entry.objects.filter(school_id=school.pk).order_by("action")
    return list(entries.values_list("action", flat=True).distinct())


def was_acted_on(school: Any, submission: UUID) -> bool:
    """Whether a form's key stands in the record already, whoever sent it and whatever it did."""
    return Entry.objects.filter(school_id=getattr(school, "pk", None), submission=submission).exists()
