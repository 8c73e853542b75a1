"""Whom pupils can tell: the school's own entries, or the usual ones until it has any (COM-05)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from core.people.models import School
from incidents.models import HelpEntry
from incidents.whom_to_tell import USUAL, Help


def help_entries_of(school: School, *, ended: bool = False) -> QuerySet[HelpEntry]:
    """What the school has put on its list; with `ended` also what it has taken off again."""
    found: QuerySet[HelpEntry] = HelpEntry.objects.filter(school=school).order_by("kind", "id")
    return found if ended else found.filter(ended_at__isnull=True)


def help_shown(school: School) -> Sequence[HelpEntry | Help]:
    """What the poster shows. A school that has changed nothing has the usual entries; one statement."""
    rows = list(help_entries_of(school, ended=True))
    return [row for row in rows if row.ended_at is None] if rows else USUAL
