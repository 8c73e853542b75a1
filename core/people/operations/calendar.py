"""The school calendar: terms, odd days and the named times of a day; every change makes a new version (ORG-17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.kit.history import attribute
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import Calendar, calendar_for
from core.people.enums import DayTimeKey
from core.people.models import CalendarDay, DayTime, School, Term
from core.people.operations.editing import change, locked, plain
from core.people.roles import Permission

# Each named time and the one that must not come before it; True: nor may they be equal.
_ORDER = (
    (DayTimeKey.START, DayTimeKey.CUTOFF, True),
    (DayTimeKey.CUTOFF, DayTimeKey.BREAK_START, False),
    (DayTimeKey.BREAK_START, DayTimeKey.BREAK_END, True),
    (DayTimeKey.BREAK_END, DayTimeKey.LUNCH_START, False),
    (DayTimeKey.LUNCH_START, DayTimeKey.LUNCH_END, True),
    (DayTimeKey.LUNCH_END, DayTimeKey.END_OF_DAY, False),
    (DayTimeKey.END_OF_DAY, DayTimeKey.OFFICE_CLOSE, False),
)
_LONGEST_TERM = timedelta(days=200)
_LONGEST_RUN = 60


class UnableToChangeCalendar(Refusal):
    """The calendar was left as it is."""


class TermDatesOutOfOrder(UnableToChangeCalendar):
    """A term ends on or after the day it starts, and is no longer than a term is."""

    default_field = "ends_on"


class TermsOverlap(UnableToChangeCalendar):
    """A day belongs to one term at most."""

    default_field = "starts_on"


class DaysOutOfOrder(UnableToChangeCalendar):
    """The last day is on or after the first, and not more than two months later."""

    default_field = "last"


class TimesOutOfOrder(UnableToChangeCalendar):
    """The day's times follow one another."""


class NothingToTakeOut(UnableToChangeCalendar):
    """The entry has gone already."""


@operation("people.save_term")
def save_term(
    *,
    school: School,
    actor: Any,
    at: datetime,
    name: str,
    starts_on: date,
    ends_on: date,
    term: Term | None = None,
    version: int | None = None,
    submission: UUID | None = None,
) -> Term:
    """Add a term, or change `term` (ORG-17). Administrator or head.

    Raises `TermDatesOutOfOrder`, `TermsOverlap`, `ChangedMeanwhile`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_CALENDAR, school)
    if ends_on < starts_on:
        raise TermDatesOutOfOrder("The last day must be on or after the first.", rule="ORG-17")
    if ends_on - starts_on > _LONGEST_TERM:
        raise TermDatesOutOfOrder("This is longer than a term. Check the year.", rule="ORG-17")
    held = _hold(school)
    row = locked(term, version) if term is not None else Term(school=school)
    other = (
        Term.objects.filter(school=school, starts_on__lte=ends_on, ends_on__gte=starts_on).exclude(pk=row.pk).first()
    )
    if other is not None:
        raise TermsOverlap(f"Some of these days belong to “{other.name}”.", rule="ORG-17")
    detail = change(row, {"name": name, "starts_on": starts_on, "ends_on": ends_on})
    row.stamp(by=actor, at=at)
    row.save()
    _advance(school, held)
    record(school=school, actor=actor, action="people.save_term", at=at, obj=row, detail=detail, submission=submission)
    return row


def _replayed_school(entry: Entry) -> School:
    return School.objects.get(pk=entry.school_id or 0)


@operation("people.take_out_term", replay=_replayed_school)
def take_out_term(*, school: School, actor: Any, at: datetime, term: Term, submission: UUID | None = None) -> School:
    """Take a term out of the calendar; its history stays. Raises `NothingToTakeOut`, `NotPermitted`."""
    require(actor, Permission.MANAGE_CALENDAR, school)
    held = _hold(school)
    row = Term.objects.filter(school=school, pk=term.pk).first()
    if row is None:
        raise NothingToTakeOut("This term has been taken out already.", rule="ORG-17")
    old = {"name": row.name, "starts_on": plain(row.starts_on), "ends_on": plain(row.ends_on)}
    attribute(row, by=actor)
    record(
        school=school,
        actor=actor,
        action="people.take_out_term",
        at=at,
        obj=row,
        detail={"old": old},
        submission=submission,
    )
    row.delete()
    return _advance(school, held)


@operation("people.set_days", replay=_replayed_school)
def set_days(
    *,
    school: School,
    actor: Any,
    at: datetime,
    first: date,
    last: date,
    kind: str,
    note: str = "",
    submission: UUID | None = None,
) -> School:
    """Say what the days from `first` to `last` are: inset, closed, holiday, or school after all (ORG-17).

    An empty `kind` makes them ordinary again. Weekends inside a run are left alone, unless the run is one day.
    Administrator or head. Raises `DaysOutOfOrder`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_CALENDAR, school)
    if last < first:
        raise DaysOutOfOrder("The last day must be on or after the first.", rule="ORG-17")
    if (last - first).days > _LONGEST_RUN:
        raise DaysOutOfOrder("This is more than two months. Check the dates.", rule="ORG-17")
    held = _hold(school)
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    days = [day for day in days if day.weekday() < 5 or len(days) == 1]
    rows = {row.date: row for row in CalendarDay.objects.filter(school=school, date__range=(first, last))}
    old = {plain(day): row.kind for day, row in rows.items()}
    for day in days:
        row = rows.get(day)
        if not kind:
            if row is not None:
                attribute(row, by=actor)
                row.delete()
            continue
        row = row or CalendarDay(school=school, date=day)
        row.kind, row.note = kind, note
        row.stamp(by=actor, at=at)
        row.save()
    record(
        school=school,
        actor=actor,
        action="people.set_days",
        at=at,
        obj=school,
        detail={"old": old, "new": {plain(day): kind for day in days}},
        submission=submission,
    )
    return _advance(school, held)


@operation("people.set_times", replay=_replayed_school)
def set_times(
    *,
    school: School,
    actor: Any,
    at: datetime,
    effective_from: date,
    times: Mapping[str, time],
    weekday: int | None = None,
    submission: UUID | None = None,
) -> School:
    """Set named times from a day on, for every day or for one weekday (0 Monday), which then stands above (ORG-17).

    Refused where any day from then on would have its times out of order. Administrator or head. Raises
    `TimesOutOfOrder`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_CALENDAR, school)
    held = _hold(school)
    _check_order(calendar_for(held), effective_from, times, weekday)
    rows = {
        row.key: row for row in DayTime.objects.filter(school=school, weekday=weekday, effective_from=effective_from)
    }
    old = {key: plain(row.time) for key, row in rows.items()}
    for key, moment in times.items():
        row = rows.get(key) or DayTime(school=school, key=key, weekday=weekday, effective_from=effective_from)
        if row.pk is not None and row.time == moment:
            continue
        row.time = moment
        row.stamp(by=actor, at=at)
        row.save()
    record(
        school=school,
        actor=actor,
        action="people.set_times",
        at=at,
        obj=school,
        detail={
            "weekday": weekday,
            "effective_from": plain(effective_from),
            "old": old,
            "new": {key: plain(moment) for key, moment in times.items()},
        },
        submission=submission,
    )
    return _advance(school, held)


def _check_order(calendar: Calendar, since: date, times: Mapping[str, time], weekday: int | None) -> None:
    """Raise `TimesOutOfOrder` for the first pair that would be the wrong way round on any kind of day from `since`."""
    kept = tuple(row for row in calendar.times if not (row[0] in times and row[1] == weekday and row[2] == since))
    proposed = replace(calendar, times=kept + tuple((key, weekday, since, moment) for key, moment in times.items()))
    starts = {since, *(row[2] for row in proposed.times if row[2] > since)}
    for start in sorted(starts):
        for day in (start + timedelta(days=offset) for offset in range(7)):
            if day.weekday() > 4:
                continue
            for earlier, later, strictly in _ORDER:
                first, second = proposed.time_on(day, earlier), proposed.time_on(day, later)
                if first is None or second is None or first < second or (first == second and not strictly):
                    continue
                field = later.value if later.value in times else earlier.value
                raise TimesOutOfOrder(
                    f"“{later.label}” ({second:%H:%M}) must be {'after' if strictly else 'at or after'} "
                    f"“{earlier.label}” ({first:%H:%M}) on {day:%A}s from {day.day} {day:%B %Y}.",
                    rule="ORG-17",
                    field=field,
                )


def _hold(school: School) -> School:
    """The school's row under lock: changes of its calendar come one after another."""
    return School.objects.select_for_update().get(pk=school.pk)


def _advance(school: School, held: School) -> School:
    """Make every process read the calendar again. The counter leaves no history row; the change itself does."""
    held.calendar_version = school.calendar_version = held.calendar_version + 1
    held.skip_history_when_saving = True  # type: ignore[attr-defined]
    held.save(update_fields=["calendar_version"])
    return held
