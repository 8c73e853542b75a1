"""The school calendar as one frozen answer: school days, named times, parts of a day (ORG-17, house §4.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django_scopes import scopes_disabled

from core.people.enums import DayKind, DayTimeKey
from core.people.models import CalendarDay, DayTime, School, Term

LONDON = ZoneInfo("Europe/London")

# What a school that has not set its times yet is taken to keep; the set-up checklist asks for its own.
DEFAULT_TIMES: dict[str, time] = {
    DayTimeKey.START: time(8, 45),
    DayTimeKey.CUTOFF: time(9, 0),
    DayTimeKey.BREAK_START: time(10, 45),
    DayTimeKey.BREAK_END: time(11, 0),
    DayTimeKey.LUNCH_START: time(12, 15),
    DayTimeKey.LUNCH_END: time(13, 0),
    DayTimeKey.END_OF_DAY: time(15, 15),
    DayTimeKey.OFFICE_CLOSE: time(16, 0),
}


@dataclass(frozen=True)
class Calendar:
    """A school's terms, odd days and times. Built once for each version of the calendar."""

    terms: tuple[tuple[date, date], ...]
    days: dict[date, str]
    times: tuple[tuple[str, int | None, date, time], ...]

    def is_school_day(self, day: date) -> bool:
        """Whether pupils are in: the day's own entry, else a weekday inside a term; without terms, any weekday."""
        kind = self.days.get(day)
        if kind is not None:
            return kind == DayKind.SCHOOL
        if day.weekday() > 4:
            return False
        return not self.terms or any(first <= day <= last for first, last in self.terms)

    def time_on(self, day: date, key: str) -> time | None:
        """The named time on a day: the latest that is in force, one for that weekday first."""
        best: tuple[bool, date, time] | None = None
        for name, weekday, since, moment in self.times:
            if name != key or since > day or weekday not in (None, day.weekday()):
                continue
            candidate = (weekday is not None, since, moment)
            if best is None or candidate[:2] >= best[:2]:
                best = candidate
        return best[2] if best else DEFAULT_TIMES.get(key)

    def at(self, day: date, key: str) -> datetime | None:
        """The named time on a day as an aware London datetime, right on clock-change days too."""
        moment = self.time_on(day, key)
        return datetime.combine(day, moment, LONDON) if moment is not None else None

    def next_school_day(self, after: date, *, limit: int = 120) -> date | None:
        """The first school day after a date; None when none is known within `limit` days."""
        for offset in range(1, limit + 1):
            if self.is_school_day(after + timedelta(days=offset)):
                return after + timedelta(days=offset)
        return None

    def last_school_days(self, before: date, count: int, *, limit: int = 120) -> list[date]:
        """The `count` school days before a date, newest first."""
        found: list[date] = []
        for offset in range(1, limit + 1):
            day = before - timedelta(days=offset)
            if self.is_school_day(day):
                found.append(day)
                if len(found) == count:
                    break
        return found

    def day_part(self, moment: datetime) -> str:
        """The part of the day a moment falls in: closed, before, lessons, break, lunch or after (DEV-14)."""
        local = moment.astimezone(LONDON)
        day = local.date()
        if not self.is_school_day(day):
            return "closed"

        def known(key: DayTimeKey) -> datetime:
            found = self.at(day, key)
            assert found is not None  # every key has a default
            return found

        if local < known(DayTimeKey.START):
            return "before"
        if local >= known(DayTimeKey.END_OF_DAY):
            return "after"
        if known(DayTimeKey.BREAK_START) <= local < known(DayTimeKey.BREAK_END):
            return "break"
        if known(DayTimeKey.LUNCH_START) <= local < known(DayTimeKey.LUNCH_END):
            return "lunch"
        return "lessons"


_cache: dict[tuple[int, int], Calendar] = {}


def calendar_for(school: School) -> Calendar:
    """The school's calendar, read once for each `calendar_version` and kept in this process."""
    key = (school.pk, school.calendar_version)
    found = _cache.get(key)
    if found is None:
        with scopes_disabled():
            found = Calendar(
                terms=tuple(Term.objects.filter(school=school).values_list("starts_on", "ends_on")),
                days=dict(CalendarDay.objects.filter(school=school).values_list("date", "kind")),
                times=tuple(
                    DayTime.objects.filter(school=school).values_list("key", "weekday", "effective_from", "time")
                ),
            )
        if len(_cache) > 500:
            _cache.clear()
        _cache[key] = found
    return found


def london_day(moment: datetime) -> date:
    """The school day a moment belongs to: its date in London."""
    return moment.astimezone(LONDON).date()
