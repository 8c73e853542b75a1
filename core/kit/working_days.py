"""Working days in England and Wales: weekdays that are no bank holiday, whatever the school's own calendar says."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

# What proclamations moved or added; the next one is added here when it is made.
_MOVED = {date(2022, 5, 30): date(2022, 6, 2), date(2020, 5, 4): date(2020, 5, 8)}
_ADDED = (date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8))
_MONDAY, _FRIDAY = 0, 4


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian rule, as Butcher wrote it in 1876."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leaps, over = divmod(century, 4)
    moved = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - moved + 15) % 30
    to_sunday = (32 + 2 * over + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=32)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of a year in England and Wales; one that falls on a weekend is kept on a day after it."""
    sunday = easter(year)
    found = {
        sunday - timedelta(days=2),
        sunday + timedelta(days=1),
        _first_monday(date(year, 5, 1)),
        _first_monday(date(year, 5, 25)),
        _first_monday(date(year, 8, 25)),
    }
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        kept = fixed
        while kept.weekday() > _FRIDAY or kept in found:
            kept += timedelta(days=1)
        found.add(kept)
    return frozenset({_MOVED.get(day, day) for day in found} | {day for day in _ADDED if day.year == year})


def is_working_day(day: date) -> bool:
    """Whether offices outside the school are open: a weekday that is no bank holiday. School holidays are no matter."""
    return day.weekday() <= _FRIDAY and day not in bank_holidays(day.year)


def next_working_day(after: date) -> date:
    """The first working day after a date."""
    day = after + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _first_monday(since: date) -> date:
    return since + timedelta(days=(_MONDAY - since.weekday()) % 7)
