"""The hot path: the frozen object a feature asks; no statement once a school's rules have been read in this process."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import Any

from django_scopes import scopes_disabled

from core.people.models import School
from core.rules.catalogue import SETTINGS, Rules, read_value
from core.rules.enums import ChangeKind
from core.rules.models import RuleValue


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
