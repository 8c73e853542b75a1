"""ORG-17: school days and named times, right on the days the clocks change (F16, F17)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from core.people.calendar import Calendar, calendar_for, london_day
from core.people.enums import DayKind
from core.people.models import CalendarDay, DayTime, School, Term

TERMS = ((date(2026, 9, 1), date(2026, 12, 18)), (date(2027, 1, 4), date(2027, 3, 26)))


def calendar(**more: object) -> Calendar:
    return Calendar(**{"terms": TERMS, "days": {}, "times": ()} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "in_school"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 22), False),
        (date(2026, 12, 21), False),
        (date(2028, 2, 29), False),
    ],
)
def test_is_school_day_follows_terms_and_weekdays(day: date, in_school: bool) -> None:
    assert calendar().is_school_day(day) is in_school


def test_is_school_day_an_odd_day_stands_above_the_term() -> None:
    odd = {date(2026, 11, 23): DayKind.INSET, date(2026, 11, 28): DayKind.SCHOOL}
    assert not calendar(days=odd).is_school_day(date(2026, 11, 23))
    assert calendar(days=odd).is_school_day(date(2026, 11, 28))


@pytest.mark.parametrize(
    ("day", "in_utc"),
    [(date(2026, 10, 23), 14), (date(2026, 10, 26), 15), (date(2027, 3, 26), 15), (date(2027, 3, 29), 14)],
)
def test_at_end_of_day_is_the_same_on_the_clock_before_and_after_a_change(day: date, in_utc: int) -> None:
    """F16: 3:15pm in London is another hour in UTC after the change, and never drifts."""
    end = calendar().at(day, "end_of_day")
    assert end is not None
    assert (end.hour, end.minute) == (15, 15)
    assert end.astimezone(UTC).hour == in_utc


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), date(2026, 11, 22)),
    ],
)
def test_london_day_is_neither_lost_nor_doubled(moment: datetime, day: date) -> None:
    """F16, F17: half past one happens twice on 25 October 2026, on one and the same school day."""
    assert london_day(moment) == day


def test_time_on_a_weekday_of_its_own_stands_above_the_rest() -> None:
    since = date(2026, 9, 1)
    times = (("end_of_day", None, since, time(15, 15)), ("end_of_day", 4, since, time(13, 0)))
    assert calendar(times=times).time_on(date(2026, 11, 27), "end_of_day") == time(13, 0)
    assert calendar(times=times).time_on(date(2026, 11, 26), "end_of_day") == time(15, 15)


def test_time_on_holds_from_its_date() -> None:
    """ORG-16, ORG-17: a new end of day does not reach back."""
    times = (("cutoff", None, date(2026, 9, 1), time(9, 0)), ("cutoff", None, date(2026, 11, 23), time(8, 50)))
    assert calendar(times=times).time_on(date(2026, 11, 20), "cutoff") == time(9, 0)
    assert calendar(times=times).time_on(date(2026, 11, 23), "cutoff") == time(8, 50)


@pytest.mark.parametrize(
    ("hour", "minute", "part"),
    [(8, 0, "before"), (9, 30, "lessons"), (10, 50, "break"), (12, 30, "lunch"), (15, 15, "after")],
)
def test_day_part_follows_the_times(hour: int, minute: int, part: str, at: datetime) -> None:
    """DEV-14"""
    assert calendar().day_part(at.replace(hour=hour, minute=minute)) == part


def test_calendar_for_reads_once_for_each_version(school: School) -> None:
    Term.objects.create(school=school, name="Autumn", starts_on=TERMS[0][0], ends_on=TERMS[0][1])
    DayTime.objects.create(school=school, key="start", time=time(8, 40), effective_from=date(2026, 9, 1))
    known = calendar_for(school)
    CalendarDay.objects.create(school=school, date=date(2026, 11, 23), kind=DayKind.INSET)
    assert calendar_for(school) is known
    school.calendar_version += 1
    assert not calendar_for(school).is_school_day(date(2026, 11, 23))
