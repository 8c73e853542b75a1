"""The demonstration's school year: an English one, moved just so far that today is a school day in mid-term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from core.people.enums import DayKind, DayTimeKey

# As the acceptance scenarios assume: the end of the day at 3:15pm, the office closes at 4pm.
TIMES: dict[str, time] = {
    DayTimeKey.START: time(8, 40),
    DayTimeKey.CUTOFF: time(8, 55),
    DayTimeKey.BREAK_START: time(10, 40),
    DayTimeKey.BREAK_END: time(11, 0),
    DayTimeKey.LUNCH_START: time(12, 20),
    DayTimeKey.LUNCH_END: time(13, 10),
    DayTimeKey.END_OF_DAY: time(15, 15),
    DayTimeKey.OFFICE_CLOSE: time(16, 0),
}

# Around today nothing but term: time for three weeks of history before, and for a week of looking round after.
_DAYS_BEFORE, _DAYS_AFTER = 30, 9
_MONDAY, _FRIDAY, _WEDNESDAY = 0, 4, 2


@dataclass(frozen=True)
class OddDay:
    """A date that is not what its term and weekday make it."""

    on: date
    kind: DayKind
    note: str


@dataclass(frozen=True)
class SchoolYear:
    """Half-terms by name, and the days out of the ordinary."""

    terms: tuple[tuple[str, date, date], ...]
    odd_days: tuple[OddDay, ...]

    @property
    def begins_on(self) -> date:
        return self.terms[0][1]


@dataclass(frozen=True)
class _Break:
    """A holiday between two half-terms, Monday to Sunday; `then` is the name of what follows."""

    first: date
    last: date
    then: str

    def moved(self, first: date) -> _Break:
        return _Break(first, first + (self.last - self.first), self.then)


def school_year_around(today: date) -> SchoolYear:
    """The school year in which `today` is a school day and so are at least fifteen days of the month before it."""
    opens, closes = today - timedelta(days=_DAYS_BEFORE), today + timedelta(days=_DAYS_AFTER)
    years = range(_academic_year(opens), _academic_year(today) + 2)
    breaks = sorted(
        (_out_of_the_way(found, opens, closes) for year in years for found in _breaks(year)),
        key=lambda found: found.first,
    )
    terms = tuple(_terms(breaks))
    return SchoolYear(terms, tuple(_odd_days(terms, today)))


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap, drop = century // 4, century % 4
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    shift = (32 + 2 * drop + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * shift) // 451
    month, day = divmod(moon + shift - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _academic_year(day: date) -> int:
    """The calendar year in which the school year of a day began."""
    return day.year if day.month >= 9 else day.year - 1


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _on_or_before(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def _breaks(year: int) -> list[_Break]:
    """The holidays of the school year that begins in `year`, the summer before it first, as most councils set them."""
    day = timedelta(days=1)
    summer_ends = _on_or_after(date(year, 9, 1), _WEDNESDAY) - day
    october = _on_or_before(date(year, 10, 28), _MONDAY)
    christmas = _on_or_before(date(year, 12, 20), _FRIDAY) + day
    spring = _on_or_after(date(year + 1, 1, 4), _MONDAY)
    february = _on_or_after(date(year + 1, 2, 12), _MONDAY)
    sunday = easter(year + 1)
    whitsun = _on_or_before(date(year + 1, 5, 31), _MONDAY)
    return [
        _Break(_on_or_before(date(year, 7, 22), _WEDNESDAY) + day, summer_ends, "Autumn term, first half"),
        _Break(october, october + 6 * day, "Autumn term, second half"),
        _Break(christmas, spring - day, "Spring term, first half"),
        _Break(february, february + 6 * day, "Spring term, second half"),
        _Break(sunday - 6 * day, sunday + 7 * day, "Summer term, first half"),
        _Break(whitsun, whitsun + 6 * day, "Summer term, second half"),
    ]


def _out_of_the_way(found: _Break, opens: date, closes: date) -> _Break:
    """The holiday itself, or moved to the nearer side of the days that must be term."""
    if found.last < opens or found.first > closes:
        return found
    middle = found.first + (found.last - found.first) / 2
    if middle < opens + (closes - opens) / 2:
        last = _on_or_before(opens, _MONDAY) - timedelta(days=1)
        return found.moved(last - (found.last - found.first))
    return found.moved(_on_or_after(closes + timedelta(days=1), _MONDAY))


def _terms(breaks: list[_Break]) -> list[tuple[str, date, date]]:
    """What lies between one holiday and the next, from its first weekday to its last."""
    terms = []
    until = breaks[0].last
    for found, following in pairwise(breaks):
        until = max(until, found.last)
        first, last = until + timedelta(days=1), following.first - timedelta(days=1)
        while first.weekday() > _FRIDAY:
            first += timedelta(days=1)
        while last.weekday() > _FRIDAY:
            last -= timedelta(days=1)
        if first <= last:
            terms.append((found.then, first, last))
    return terms


def _odd_days(terms: tuple[tuple[str, date, date], ...], today: date) -> list[OddDay]:
    """Inset days at the start of each term, the May bank holiday, and today made a school day at a weekend."""
    found = {}
    for name, first, _last in terms:
        if name.endswith("first half"):
            found[first] = OddDay(first, DayKind.INSET, "Staff training")
    for year in {first.year for _name, first, _last in terms}:
        may = _on_or_after(date(year, 5, 1), _MONDAY)
        if any(first <= may <= last for _name, first, last in terms):
            found[may] = OddDay(may, DayKind.HOLIDAY, "Bank holiday")
    found.pop(today, None)
    if today.weekday() > _FRIDAY:
        found[today] = OddDay(today, DayKind.SCHOOL, f"Open {today:%A}")
    return [found[day] for day in sorted(found)]
