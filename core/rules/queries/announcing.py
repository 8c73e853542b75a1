"""The changes of rules that are on their way or have just come, as they are told: everything written together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from core.people.calendar import london_day
from core.people.models import School
from core.rules.catalogue import SETTINGS, UNSPECIFIED, Setting, read_value
from core.rules.enums import ANNOUNCE_DAYS
from core.rules.models import RuleAnnouncement, RuleValue
from core.rules.presets import Preset, preset_of
from core.rules.queries.standing import Difference, changes_of, in_order_of_effect
from core.rules.queries.timeline import for_school
from core.rules.words import Words, settings_in, words_for

RECENT_DAYS = 28
_CATCH_UP_DAYS = 7


@dataclass(frozen=True)
class Announcement:
    """A change that is on its way or has just taken effect: everything written together, told together."""

    batch: UUID
    effective_from: date
    created_at: datetime
    created_by: Any
    reason: str
    preset: Preset | None
    changes: tuple[Difference, ...]
    change_id: int

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        if self.preset is not None:
            return f"The preset “{self.preset.name}”"
        return self.changes[0].setting.label if self.changes else "A rule"


def future_changes(school: School, today: date, *, words: Words | None = None) -> list[Announcement]:
    """The changes that have been decided and are not in force yet, soonest first (ORG-16)."""
    rows = [row for row in changes_of(school) if row.key in SETTINGS]
    spoken = settings_in(words or words_for(for_school(school, on=today)))
    return [found for found in _announcements(rows, spoken) if found.effective_from > today]


def recent_changes(
    school: School, today: date, *, words: Words | None = None, days: int = RECENT_DAYS
) -> list[Announcement]:
    """The changes that took effect in the last `days`, newest first; the school's first preset is not a change."""
    rows = [row for row in changes_of(school) if row.key in SETTINGS]
    spoken = settings_in(words or words_for(for_school(school, on=today)))
    first = rows[0].batch if rows else None
    since = today - timedelta(days=days)
    found = [change for change in _announcements(rows, spoken) if since <= change.effective_from <= today]
    return [change for change in reversed(found) if change.batch != first and change.changes]


def _announcements(rows: list[RuleValue], spoken: Mapping[str, Setting]) -> list[Announcement]:
    """Every live batch as one change from what stood before it, in order of effect."""
    standing: dict[str, Any] = {}
    batches: dict[tuple[UUID, date], list[tuple[RuleValue, Difference | None]]] = {}
    for row in in_order_of_effect(rows):
        value = read_value(row.key, row.value)
        before = standing.get(row.key, UNSPECIFIED)
        difference = Difference(spoken[row.key], before, value) if before != value else None
        batches.setdefault((row.batch, row.effective_from), []).append((row, difference))
        standing[row.key] = value
    return [
        Announcement(
            batch=batch,
            effective_from=day,
            created_at=found[0][0].created_at,
            created_by=found[0][0].created_by,
            reason=found[0][0].reason,
            preset=preset_of(found[0][0].preset),
            changes=tuple(difference for _row, difference in found if difference is not None),
            change_id=found[0][0].pk,
        )
        for (batch, day), found in batches.items()
    ]


def announcements_due(school: School, *, today: date) -> list[tuple[int, Announcement]]:
    """The changes that staff are to be told of today, each with the step it has reached: 28, 7 or 0 days (NOT-22).

    A step that was missed because nothing ran is caught up, for a change not older than a week; a school's first
    preset, taken for today or earlier, is not a change and is not announced.
    """
    rows = [row for row in changes_of(school) if row.key in SETTINGS]
    sent = set(RuleAnnouncement.objects.filter(school=school).values_list("batch", "days"))
    due: list[tuple[int, Announcement]] = []
    first = rows[0].batch if rows else None
    for found in _announcements(rows, settings_in(words_for(for_school(school, on=today)))):
        left = (found.effective_from - today).days
        if not found.changes or left > max(ANNOUNCE_DAYS) or left < -_CATCH_UP_DAYS:
            continue
        if found.batch == first and found.effective_from <= london_day(found.created_at):
            continue
        step = min(days for days in ANNOUNCE_DAYS if days >= max(left, 0))
        if (found.batch, step) not in sent:
            due.append((step, found))
    return due
