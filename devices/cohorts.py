"""What the rules say for groups of pupils: the sixth form, and boarders outside the teaching day. Pure (law PH-3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.kit.text import any_of
from core.kit.times import clock
from core.people.calendar import Calendar, london_day
from core.people.enums import Cohort, DayTimeKey
from core.people.models import Pupil

SIXTH_FORM_FROM = 12

# What leaves a device with its pupil for the day, and how the register says it.
_KEPT = {"keeps": "Keeps it: the sixth form’s rule", "stays_in_house": "Stays in the boarding house"}
_WHEN = {"lessons": "in lesson time", "break": "at break", "lunch": "at lunch"}


@dataclass(frozen=True)
class CohortRule:
    """The rule of one group. `places` or `times` is empty where the school has not said which."""

    cohort: Cohort
    devices: frozenset[str]
    places: tuple[str, ...]
    times: tuple[str, ...]
    kept: str = ""

    def is_in_place(self, area: str) -> bool:
        """Whether the named place is one of the rule's."""
        return is_named(area, self.places)

    def limits(self, calendar: Calendar, at: datetime) -> tuple[str, ...]:
        """Where and when only, in words, with the times of that day."""
        return only_in(self.places), f"Only {any_of([_said(time, calendar, at) for time in self.times])}"


def cohorts_of(pupil: Pupil) -> tuple[Cohort, ...]:
    """The groups with rules of their own that a pupil is in: by year, and by what the record says of boarding."""
    found = [Cohort.SIXTH_FORM] if pupil.year_group >= SIXTH_FORM_FROM else []
    return (*found, Cohort.BOARDER) if pupil.is_boarder else tuple(found)


def cohort_rules(rules: Any, cohorts: Collection[str] = tuple(Cohort)) -> list[CohortRule]:
    """The rules of these groups, without those that name no device: these keep to the rule for everybody."""
    found = []
    for cohort in Cohort:
        devices = _chosen(rules, cohort, "devices")
        if cohort in cohorts and devices:
            found.append(
                CohortRule(
                    cohort,
                    frozenset(devices),
                    _chosen(rules, cohort, "places"),
                    tuple(time for time in ("before", *_WHEN, "after") if time in _chosen(rules, cohort, "times")),
                    _KEPT.get(getattr(rules, f"{cohort}_hand_in"), ""),
                )
            )
    return found


def keeping_rules(rules: Any) -> list[CohortRule]:
    """The rules of groups that do not hand their devices in; as good as always none."""
    return [rule for rule in cohort_rules(rules) if rule.kept]


def kept_words(keeping: Sequence[CohortRule], pupil: Pupil, type_key: str) -> str:
    """In the register's words, that a pupil's group does not hand this kind in; empty where it does."""
    for rule in keeping:
        if type_key in rule.devices and rule.cohort in cohorts_of(pupil):
            return rule.kept
    return ""


def is_named(area: str, places: Collection[str]) -> bool:
    """Whether a place is one of those named, whatever the capitals."""
    return area.casefold() in {place.casefold() for place in places}


def named_places(value: Any) -> tuple[str, ...]:
    """The places that a rule names; none where it is not settled or does not apply."""
    return () if isinstance(value, str) else tuple(value)


def only_in(places: Sequence[str]) -> str:
    """The places as a limit, in the school's own words."""
    return f"Only in: {any_of(places)}"


def _chosen(rules: Any, cohort: str, what: str) -> tuple[str, ...]:
    return named_places(getattr(rules, f"{cohort}_{what}"))


def _said(time: str, calendar: Calendar, at: datetime) -> str:
    day = london_day(at)
    if time in _WHEN:
        return _WHEN[time]
    key, word = (DayTimeKey.START, "before") if time == "before" else (DayTimeKey.END_OF_DAY, "after")
    moment = calendar.at(day, key)
    return f"{word} {clock(moment)}" if moment is not None else f"{word} school"
