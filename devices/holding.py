"""How long a taken device stays, by the rules and the calendar of the day. Pure: facts in, words out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.kit.times import day as day_in_words
from core.people.calendar import Calendar, london_day
from core.people.enums import DayTimeKey

UNSPECIFIED = "unspecified"
_WEEKEND = (5, 6)


@dataclass(frozen=True)
class Holding:
    """When a device is due back and what that comes to (law CO-4); `expected_on` is None where a person decides.

    `across` says what lies between: the weekend, a day or days without school, or nothing.
    """

    expected_on: date | None
    days: int = 0
    school_days: int = 0
    across: str = ""
    needs_sign_off: bool = False

    @property
    def sentence(self) -> str:
        """The calendar consequence, as the form and the slip say it."""
        if self.expected_on is None:
            return "The school’s rules do not say when it goes back. A senior leader decides."
        if not self.days:
            return "It can go back today."
        over = f" over {self.across}" if self.across else ""
        until = f"{self.expected_on:%A} {day_in_words(self.expected_on)}"
        return f"It stays{over}: {days_in_words(self.days)}, until {until}."


def days_in_words(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def how_long(rules: Any, calendar: Calendar, at: datetime) -> Holding:
    """What taking a device at `at` comes to: back that day while the office is open, else on the next school day."""
    if rules.release_rule == UNSPECIFIED:
        return Holding(None)
    taken = london_day(at)
    closes = calendar.at(taken, DayTimeKey.OFFICE_CLOSE)
    if calendar.is_school_day(taken) and closes is not None and at < closes:
        return Holding(taken)
    expected = calendar.next_school_day(taken)
    return Holding(None) if expected is None else between(rules, calendar, taken, expected)


def between(rules: Any, calendar: Calendar, taken: date, until: date) -> Holding:
    """What it comes to when a device taken on one day goes back on another."""
    days = (until - taken).days
    school_days = sum(calendar.is_school_day(taken + timedelta(days=offset)) for offset in range(1, days + 1))
    limit = rules.confiscation_days_limit
    return Holding(
        expected_on=until,
        days=days,
        school_days=school_days,
        across=closed_between(calendar, taken, until),
        needs_sign_off=limit != UNSPECIFIED and days > limit,
    )


def closed_between(calendar: Calendar, first: date, until: date) -> str:
    """What lies between two days without school: the weekend, days without school, or nothing."""
    closed = [
        day
        for day in (first + timedelta(days=offset) for offset in range(1, (until - first).days))
        if not calendar.is_school_day(day)
    ]
    if not closed:
        return ""
    return "the weekend" if all(day.weekday() in _WEEKEND for day in closed) else "days without school"
