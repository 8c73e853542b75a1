"""The spans of days that figures of records are of, and who may choose which (INC-40). Pure: days in, spans out.

Whoever may not read the records gets whole terms that have ended, one beside the other: no two of them overlap, so
that none can be taken from another, and none grows while it is looked at. They are fixed by month, so that no change of
the calendar moves their ends. Whoever leads on the records reads them anyway, and chooses any days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_SEPTEMBER, _BEGINS = 9, (1, 4, 9)
_MOST_TERMS = 6
_NAMES = {9: "September to December", 1: "January to March", 4: "April to August"}
DATES = "dates"


@dataclass(frozen=True)
class Span:
    """From a day to a day, both included; `key` stands in the address."""

    key: str
    label: str
    since: date
    until: date


def term_begins(day: date) -> date:
    """The first day of the term, by month, in which a day lies."""
    return date(day.year, max(month for month in _BEGINS if month <= day.month), 1)


def ended_terms(today: date) -> list[Span]:
    """The last terms that are over, newest first."""
    found = []
    begins = term_begins(today)
    for _number in range(_MOST_TERMS):
        until = begins - timedelta(days=1)
        begins = term_begins(until)
        label = f"{_NAMES[begins.month]} {begins.year}"
        found.append(Span(f"{begins:%Y-%m}", label, begins, until))
    return found


def spans_until(today: date, halves: Sequence[tuple[date, date]]) -> list[Span]:
    """The spans that run up to today, for whoever reads the records: half-term by the calendar, term, school year."""
    year = date(today.year if today.month >= _SEPTEMBER else today.year - 1, _SEPTEMBER, 1)
    begun = [first for first, _last in halves if first <= today]
    found = [Span("half-term", "This half-term", max(begun), today)] if begun else []
    return [
        *found,
        Span("term", "This term", term_begins(today), today),
        Span("year", "This school year", year, today),
    ]
