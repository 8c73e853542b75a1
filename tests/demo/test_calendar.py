"""The demonstration's calendar in every week of several years."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from core.people.calendar import Calendar
from schoolsafe.demo.calendar import easter, school_year_around

EVERY_DAY = [date(2025, 1, 1) + timedelta(days=offset) for offset in range(4 * 365)]


def as_calendar(today: date) -> Calendar:
    year = school_year_around(today)
    return Calendar(
        terms=tuple((first, last) for _name, first, last in year.terms),
        days={day.on: day.kind for day in year.odd_days},
        times=(),
    )


def test_school_year_around_any_day_puts_it_in_the_middle_of_term() -> None:
    """ORG-17: whenever the demonstration is made, today is a school day after three weeks of school."""
    for today in EVERY_DAY:
        calendar = as_calendar(today)
        assert calendar.is_school_day(today), today
        assert len(calendar.last_school_days(today, 15, limit=30)) == 15, today
        following = calendar.next_school_day(today, limit=5)
        assert following is not None, today


def test_school_year_around_any_day_has_terms_in_order_and_apart() -> None:
    """ORG-17: no two half-terms share a day, each is shorter than a term may be, and the year after is known too."""
    for today in EVERY_DAY:
        terms = school_year_around(today).terms
        for (_one, _first, last), (_two, first, _last) in pairwise(terms):
            assert last < first, today
        assert all(timedelta(0) <= last - first <= timedelta(days=199) for _name, first, last in terms), today
        assert terms[0][1] <= today - timedelta(days=21), today
        assert terms[-1][2] > today + timedelta(days=250), today


def test_school_year_around_a_plain_week_is_the_usual_english_year() -> None:
    """ORG-17: where nothing has to give way, the dates are those that a council would set."""
    terms = {(name, first): last for name, first, last in school_year_around(date(2027, 2, 3)).terms}
    assert terms[("Autumn term, first half", date(2026, 9, 2))] == date(2026, 10, 23)
    assert terms[("Spring term, first half", date(2027, 1, 4))] == date(2027, 2, 12)
    assert ("Spring term, second half", date(2027, 2, 22)) in terms


def test_school_year_around_a_saturday_opens_it() -> None:
    odd = {day.on: day for day in school_year_around(date(2026, 11, 21)).odd_days}
    assert odd[date(2026, 11, 21)].note == "Open Saturday"


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)]
)
def test_easter_in_a_year_is_the_sunday_of_the_tables(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)
