"""Reads of the calendar's rows, for the pages that show and edit them; rules ask `core.people.calendar` instead."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db.models import QuerySet

from core.people.calendar import calendar_for
from core.people.enums import DayKind, DayTimeKey
from core.people.models import CalendarDay, DayTime, School, Term


@dataclass(frozen=True)
class Day:
    """One cell of a month: what the day is, in a word and a kind for its tag."""

    date: date
    in_month: bool
    kind: str
    word: str
    note: str = ""


@dataclass(frozen=True)
class TimesRow:
    """A named time: what it is on most weekdays, and the weekdays on which it is another."""

    key: str
    label: str
    usual: time | None
    others: list[tuple[str, time | None]]


def terms_of(school: School) -> QuerySet[Term]:
    """The school's terms, earliest first."""
    return Term.objects.filter(school=school)


def odd_days_of(school: School, since: date) -> QuerySet[CalendarDay]:
    """The days from `since` on that are not what term and weekday would make them."""
    return CalendarDay.objects.filter(school=school, date__gte=since)


def month_of(school: School, year: int, month: int) -> list[list[Day]]:
    """The weeks of a month, Monday first, each day with what it is (ORG-17). Two statements at most."""
    known = calendar_for(school)
    weeks = calendar.Calendar().monthdatescalendar(year, month)
    notes = dict(
        CalendarDay.objects.filter(school=school, date__range=(weeks[0][0], weeks[-1][-1])).values_list("date", "note")
    )
    return [
        [_day(day, day.month == month, known.days.get(day), known.is_school_day(day), notes) for day in week]
        for week in weeks
    ]


def _day(day: date, in_month: bool, odd: str | None, is_school_day: bool, notes: dict[date, str]) -> Day:
    if odd is not None and odd != DayKind.SCHOOL:
        word = {DayKind.INSET: "Inset", DayKind.CLOSED: "Closed", DayKind.HOLIDAY: "Holiday"}[DayKind(odd)]
        kind = "attention" if odd == DayKind.INSET else "neutral"
    elif is_school_day:
        kind, word = "ok", "School"
    else:
        kind, word = "none", "Weekend" if day.weekday() > 4 else "No school"
    return Day(day, in_month, kind, word, notes.get(day, ""))


def times_in_force(school: School, on: date) -> list[TimesRow]:
    """The named times of the next Monday to Friday from `on`, as the rules read them."""
    known = calendar_for(school)
    days = [on + timedelta(days=(weekday - on.weekday()) % 7) for weekday in range(5)]
    rows = []
    for key in DayTimeKey:
        times = [known.time_on(day, key.value) for day in days]
        usual = max(times, key=times.count)
        others = [(f"{day:%A}s", moment) for day, moment in zip(days, times, strict=True) if moment != usual]
        rows.append(TimesRow(key.value, key.label, usual, others))
    return rows


def times_to_come(school: School, today: date) -> QuerySet[DayTime]:
    """Times that have been set and are not in force yet."""
    return DayTime.objects.filter(school=school, effective_from__gt=today)


def own_times(school: School) -> set[str]:
    """The named times that the school has set itself; the others stand at their defaults."""
    return set(DayTime.objects.filter(school=school).values_list("key", flat=True).distinct())
