"""What the pages show of the rules: where each stands, what a preset would change, and all that was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet

from core.people.models import School
from core.rules.catalogue import SETTINGS, UNSPECIFIED, Rules, Setting, read_value
from core.rules.enums import ChangeKind
from core.rules.models import RecordedDecision, RuleValue
from core.rules.presets import Preset, PresetValue, preset_of
from core.rules.queries.timeline import for_school
from core.rules.words import Words, settings_in, words_for


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
    for row in in_order_of_effect(rows):
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
    for row in in_order_of_effect(rows):
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


def in_order_of_effect(rows: Iterable[RuleValue]) -> list[RuleValue]:
    """The live rows, earliest effect first and on one day the latest written last, which is the one that counts."""
    found = list(rows)
    gone = {row.supersedes_id for row in found if row.supersedes_id}
    live = [row for row in found if row.pk not in gone and row.kind != ChangeKind.WITHDRAWAL]
    return sorted(live, key=lambda row: (row.effective_from, row.pk))


def decisions_about(school: School, subject_type: str, subject_id: int) -> QuerySet[RecordedDecision]:
    """The decisions recorded about one record where a rule was not settled, newest first."""
    return RecordedDecision.objects.filter(
        school=school, subject_type=subject_type, subject_id=subject_id
    ).select_related("decided_by")
