"""Every read of the rules: the frozen object a feature asks, and what the pages show of dates, presets and changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from core.people.calendar import london_day
from core.people.models import School
from core.rules.catalogue import SETTINGS, UNSPECIFIED, Rules, Setting, read_value
from core.rules.enums import ANNOUNCE_DAYS, ChangeKind
from core.rules.models import RecordedDecision, RuleAnnouncement, RuleValue
from core.rules.presets import Preset, PresetValue, all_presets, preset_of
from core.rules.words import Words, settings_in, words_for

__all__ = [
    "UNSPECIFIED",
    "Announcement",
    "Change",
    "Difference",
    "Rules",
    "Standing",
    "all_presets",
    "announcements_due",
    "by_version",
    "changes_of",
    "clear_cache",
    "decisions_about",
    "differences_between",
    "differences_from_preset",
    "for_school",
    "future_changes",
    "has_rules",
    "history_for",
    "preset_on",
    "recent_changes",
    "rules_as_judged",
    "standings_for",
    "unspecified_keys",
]

RECENT_DAYS = 28

# --- The hot path: no statement once a school's rules have been read in this process ----------------------------------


@dataclass(frozen=True)
class _Timeline:
    """A school's rules from each date on which something changed."""

    dates: tuple[date, ...]
    rules: tuple[Rules, ...]

    def on(self, day: date) -> Rules:
        place = bisect_right(self.dates, day)
        return self.rules[place - 1] if place else _NOTHING_SETTLED


_NOTHING_SETTLED = Rules()
_timelines: dict[tuple[int, int], _Timeline] = {}
_KEPT = 500


def clear_cache() -> None:
    """Forget every school's rules in this process; the next question reads them again."""
    _timelines.clear()


def for_school(school: School, *, on: date) -> Rules:
    """The rules of `school` as they stand on a day: one frozen object with every key of the catalogue (ORG-16).

    A key without a value on that day is `UNSPECIFIED`. Read once for each `rules_version` and kept in this process,
    so that asking again costs no statement.
    """
    return _timeline(school.pk, school.rules_version).on(on)


def rules_as_judged(school: School, *, on: date, version: int) -> Rules:
    """The rules of a day as a record saw them when it kept `version`, whatever has been decided since (ALL-S9)."""
    return _timeline(school.pk, version).on(on)


def by_version(school: School, version: int, *, on: date) -> Rules:
    """The same as `rules_as_judged`, by the version first."""
    return rules_as_judged(school, on=on, version=version)


def _timeline(school_id: int, version: int) -> _Timeline:
    found = _timelines.get((school_id, version))
    if found is None:
        with scopes_disabled():
            rows = list(RuleValue.objects.filter(school_id=school_id, id__lte=version).order_by("id"))
        found = _build(rows)
        if len(_timelines) >= _KEPT:
            _timelines.clear()
        _timelines[(school_id, version)] = found
    return found


def _build(rows: list[RuleValue]) -> _Timeline:
    gone = {row.supersedes_id for row in rows if row.supersedes_id}
    by_day: dict[date, list[RuleValue]] = {}
    for row in rows:
        if row.key in SETTINGS:
            by_day.setdefault(row.effective_from, []).append(row)
    values: dict[str, Any] = {}
    version = 0
    rules: list[Rules] = []
    for day in sorted(by_day):
        for row in by_day[day]:
            # A withdrawal counts towards the version too: with it in, the same version always gives the same rules.
            version = max(version, row.pk)
            if row.pk not in gone and row.kind != ChangeKind.WITHDRAWAL:
                values[row.key] = read_value(row.key, row.value)
        rules.append(Rules(version=version, **values))
    return _Timeline(tuple(sorted(by_day)), tuple(rules))


# --- What the pages show ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One dated value of one rule, in words, with where it stands: it is to come, in force, past, or was withdrawn."""

    row: RuleValue
    setting: Setting
    value: Any
    state: str
    is_replaced: bool = False

    @property
    def preset_name(self) -> str:
        """The name of the preset that the row came with, or nothing."""
        preset = preset_of(self.row.preset)
        return preset.name if preset is not None else ""

    @property
    def words(self) -> str:
        """The value in words; a withdrawal has none."""
        if self.row.kind == ChangeKind.WITHDRAWAL:
            return "Withdrawn"
        return self.setting.words_for(self.value)


@dataclass(frozen=True)
class Difference:
    """A rule that says one thing here and another there."""

    setting: Setting
    before: Any
    after: Any

    @property
    def before_words(self) -> str:
        return self.setting.words_for(self.before)

    @property
    def after_words(self) -> str:
        return self.setting.words_for(self.after)


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


@dataclass(frozen=True)
class Standing:
    """One rule as a page shows it: its value in words, where it comes from, and what is on the way."""

    setting: Setting
    value: Any
    since: date | None
    preset_value: PresetValue | None
    coming: Change | None = None

    @property
    def words(self) -> str:
        return self.setting.words_for(self.value)

    @property
    def items(self) -> list[str]:
        """The items of a value that holds several, each in words; empty for one that stands alone."""
        if not self.setting.is_several or isinstance(self.value, str):
            return []
        return [self.setting.words_for_item(item) for item in self.setting.in_order(self.value)]

    @property
    def is_unspecified(self) -> bool:
        return bool(self.value == UNSPECIFIED)

    @property
    def differs(self) -> bool:
        """Whether the school has moved away from its preset."""
        return self.preset_value is not None and bool(self.preset_value.value != self.value)

    @property
    def preset_words(self) -> str:
        return self.setting.words_for(self.preset_value.value) if self.preset_value is not None else ""

    @property
    def note(self) -> str:
        """What qualifies the value, while it is still the preset's."""
        return self.preset_value.note if self.preset_value is not None and not self.differs else ""

    @property
    def is_reading(self) -> bool:
        """Whether the value is a reading of the policy behind the preset and not its own words."""
        return self.preset_value is not None and self.preset_value.is_reading and not self.differs

    @property
    def suggested_words(self) -> str:
        """A value worth considering for a rule that is not settled."""
        if not self.is_unspecified or self.preset_value is None or self.preset_value.suggested is None:
            return ""
        return self.setting.words_for(self.preset_value.suggested)


def has_rules(school: School) -> bool:
    """Whether the school has ever adopted a preset or set a rule."""
    return school.rules_version > 0


def changes_of(school: School) -> QuerySet[RuleValue]:
    """Every dated value of the school, oldest first, with its author."""
    return RuleValue.objects.filter(school=school).select_related("created_by")


def preset_on(school: School, on: date, rows: Iterable[RuleValue] | None = None) -> Preset | None:
    """The preset that the school's rules started from on a day; None before any."""
    found = changes_of(school) if rows is None else rows
    gone = {row.supersedes_id for row in found if row.supersedes_id}
    taken = [
        (row.effective_from, row.pk, row.preset)
        for row in found
        if row.kind == ChangeKind.PRESET and row.effective_from <= on and row.pk not in gone
    ]
    return preset_of(max(taken)[2]) if taken else None


def standings_for(school: School, on: date, *, words: Words | None = None) -> Mapping[str, Standing]:
    """Every rule as it stands on a day, with its preset's value and the next change on the way: one statement."""
    rows = list(changes_of(school))
    rules = for_school(school, on=on)
    spoken = settings_in(words or words_for(rules))
    preset = preset_on(school, on, rows)
    since: dict[str, RuleValue] = {}
    coming: dict[str, Change] = {}
    for row in _in_order_of_effect(rows):
        if row.key not in SETTINGS:
            continue
        if row.effective_from <= on:
            since[row.key] = row
        else:
            value = read_value(row.key, row.value)
            if value != getattr(rules, row.key):
                coming.setdefault(row.key, Change(row, spoken[row.key], value, "coming"))
    return MappingProxyType(
        {
            key: Standing(
                setting=spoken[key],
                value=getattr(rules, key),
                since=since[key].effective_from if key in since else None,
                preset_value=preset.values[key] if preset is not None else None,
                coming=coming.get(key),
            )
            for key in SETTINGS
        }
    )


def differences_from_preset(school: School, on: date) -> list[Standing]:
    """The rules in which the school has moved away from its preset, in the catalogue's order (ORG-15)."""
    return [standing for standing in standings_for(school, on).values() if standing.differs]


def unspecified_keys(school: School, on: date) -> list[str]:
    """The keys that are not settled on a day, in the catalogue's order (matrix 0.3)."""
    rules = for_school(school, on=on)
    return [key for key in SETTINGS if getattr(rules, key) == UNSPECIFIED]


def differences_between(before: Rules, preset: Preset, *, words: Words | None = None) -> list[Difference]:
    """What taking a preset would change in `before`."""
    spoken = settings_in(words or words_for(before))
    return [
        Difference(spoken[key], getattr(before, key), preset.value(key))
        for key in SETTINGS
        if getattr(before, key) != preset.value(key)
    ]


def history_for(school: School, key: str = "", *, today: date, words: Words | None = None) -> list[Change]:
    """Every dated value of one rule (of all rules without `key`), newest first, with author and where it stands."""
    found = changes_of(school)
    rows = [row for row in (found.filter(key=key) if key else found) if row.key in SETTINGS]
    gone = {row.supersedes_id for row in rows if row.supersedes_id}
    spoken = settings_in(words or words_for(for_school(school, on=today)))
    current: dict[str, int] = {}
    for row in _in_order_of_effect(rows):
        if row.effective_from <= today:
            current[row.key] = row.pk
    return [
        Change(
            row,
            spoken[row.key],
            read_value(row.key, row.value) if row.kind != ChangeKind.WITHDRAWAL else None,
            _state(row, today, current.get(row.key)),
            row.pk in gone,
        )
        for row in reversed(rows)
    ]


def _state(row: RuleValue, today: date, current: int | None) -> str:
    if row.kind == ChangeKind.WITHDRAWAL:
        return "withdrawal"
    if row.effective_from > today:
        return "coming"
    return "in_force" if row.pk == current else "past"


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
    for row in _in_order_of_effect(rows):
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


def _in_order_of_effect(rows: Iterable[RuleValue]) -> list[RuleValue]:
    """The live rows, earliest effect first and on one day the latest written last, which is the one that counts."""
    found = list(rows)
    gone = {row.supersedes_id for row in found if row.supersedes_id}
    live = [row for row in found if row.pk not in gone and row.kind != ChangeKind.WITHDRAWAL]
    return sorted(live, key=lambda row: (row.effective_from, row.pk))


_CATCH_UP_DAYS = 7


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


def decisions_about(school: School, subject_type: str, subject_id: int) -> QuerySet[RecordedDecision]:
    """The decisions recorded about one record where a rule was not settled, newest first."""
    return RecordedDecision.objects.filter(
        school=school, subject_type=subject_type, subject_id=subject_id
    ).select_related("decided_by")
