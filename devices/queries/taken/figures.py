"""Takings and searches in figures, whole school and by group, with small numbers hidden (law CO-7, SE-10).

No forms, no tutors, no members of staff, no names, and no two groups crossed with each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef

from core.kit.suppression import Shown, per_hundred, suppressed
from core.people.calendar import LONDON, london_day
from core.people.enums import year_label
from core.people.models import Pupil, School
from core.people.queries import pupils_on_roll
from devices.enums import SearchState, State, TakenBecause
from devices.models import Confiscation, Escalation, ReleaseRefusal, SearchEvent, SearchRecord
from devices.queries.searches.records import MADE

NOT_RECORDED = "Not recorded"
_MOST_ROWS = 12
_ELSE = "All others"
_HOURS = (
    ("Before 9am", 9),
    ("9am to 11am", 11),
    ("11am to 1pm", 13),
    ("1pm to 3pm", 15),
    ("After 3pm", 24),
)
_ENDS: dict[str, str] = {
    State.RELEASED_TO_PUPIL: "Released to the {child}",
    State.RELEASED_TO_PARENT: "Released to a parent or carer",
    State.WITH_POLICE: "With the police",
}
_STILL_HERE, _OTHER_END = "Still with the school", "Ended in another way"
_LENGTHS = (("Back the same day", 0), ("1 day", 1), ("2 to 4 days", 4), ("5 days or more", 10_000))


@dataclass(frozen=True)
class FigureRow:
    """One line. A cell is None where it is hidden, and empty text where it has no meaning."""

    label: str
    cells: tuple[int | float | str | None, ...]


@dataclass(frozen=True)
class FigureTable:
    """One table, laid out and told by its own caption."""

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    hides: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether every figure but the last line's is hidden."""
        return all(cell is None for row in self.rows[:-1] for cell in row.cells)


@dataclass(frozen=True)
class Figures:
    """Everything of one span of days; `takings` and `searches` are None where they are under five."""

    since: date
    until: date
    takings: int | None
    searches: int | None
    refused: int | None
    tables: tuple[FigureTable, ...]


@dataclass(frozen=True)
class _Person:
    """What a figure needs of a pupil: no name, no form."""

    year: str
    sex: str
    sen: str
    premium: str
    ethnicity: str


# Each way in which pupils are told apart, with its caption.
_GROUPS: tuple[tuple[str, str, Callable[[_Person], str]], ...] = (
    ("year", "By year group", lambda person: person.year),
    ("sex", "By sex", lambda person: person.sex),
    ("sen", "By special educational needs", lambda person: person.sen),
    ("premium", "By pupil premium", lambda person: person.premium),
    ("ethnicity", "By ethnicity", lambda person: person.ethnicity),
)
_OF_PUPIL = ("year_group", "gender", "sen_status", "pupil_premium", "ethnicity")


def _person(year: int, gender: str, sen: str, premium: bool, ethnicity: str) -> _Person:
    return _Person(
        year=year_label(year),
        sex=gender or NOT_RECORDED,
        sen=Pupil(sen_status=sen).sen_words or "None recorded",
        premium="Yes" if premium else "No",
        ethnicity=ethnicity or NOT_RECORDED,
    )


def figures_of(school: School, since: date, until: date, *, at: datetime, child: str) -> Figures:
    """The figures of the days from `since` to `until`, both included, in five statements whatever their number."""
    begin = datetime.combine(since, time.min, LONDON)
    end = datetime.combine(until + timedelta(days=1), time.min, LONDON)
    in_span = {"taken_at__gte": begin, "taken_at__lt": end}
    here = Confiscation.objects.filter(school=school, custody__voided=False)
    takings = list(
        here.filter(**in_span)
        .annotate(escalated=Exists(Escalation.objects.filter(custody=OuterRef("custody"))))
        .values_list(
            "ground_words", "because", "taken_where", "taken_at", "custody__state", "custody__closed_at", "escalated",
            *(f"pupil__{name}" for name in _OF_PUPIL),
        )
    )  # fmt: skip
    ever = list(here.values_list("ground_words", "taken_where").annotate(times=Count("pk")))
    roll = [_person(*row) for row in pupils_on_roll(school, london_day(at)).order_by().values_list(*_OF_PUPIL)]
    found = SearchEvent.objects.filter(search=OuterRef("pk"), to_state=SearchState.COMPLETED_FOUND)
    searches = list(
        SearchRecord.objects.filter(school=school, state__in=MADE, started_at__gte=begin, started_at__lt=end)
        .annotate(hit=Exists(found))
        .values_list("hit", *(f"pupil__{name}" for name in _OF_PUPIL))
    )
    refused = ReleaseRefusal.objects.filter(school=school, refused_at__gte=begin, refused_at__lt=end).count()
    tables: list[FigureTable] = []
    if takings:
        people = [_person(*row[7:]) for row in takings]
        tables += _of_takings(takings, ever, at, child)
        tables += [_by_group(key, caption, of, people, roll, "Taken") for key, caption, of in _GROUPS]
    if searches:
        tables += _of_searches(searches, roll)
    return Figures(
        since=since,
        until=until,
        takings=_alone(len(takings)),
        searches=_alone(len(searches)),
        refused=_alone(refused),
        tables=tuple(tables),
    )


def _alone(number: int) -> int | None:
    """A number that stands by itself."""
    return suppressed([number]).total


def _of_takings(takings: list[Any], ever: list[Any], at: datetime, child: str) -> list[FigureTable]:
    grounds, places = Counter[str](), Counter[str]()
    for ground, where, times in ever:
        grounds[ground] += times
        places[_place(where)] += times
    ends = [*(said.format(child=child) for said in _ENDS.values()), _STILL_HERE, _OTHER_END]
    return [
        _counted("ground", "By ground", [row[0] for row in takings], _usual(grounds)),
        _counted(
            "because",
            "By what was seen",
            [str(TakenBecause(row[1]).label) for row in takings],
            [str(label) for label in TakenBecause.labels],
        ),
        _counted("place", "By place", [_place(row[2]) for row in takings], _usual(places)),
        _counted("time", "By time of day", [_hour(row[3]) for row in takings], [label for label, _ in _HOURS]),
        _counted("end", "How it ended", [_end(row[4], row[5], child) for row in takings], ends),
        _counted(
            "length",
            "How long it was kept, calendar days",
            [_length(row[3], row[5] or at) for row in takings],
            [label for label, _ in _LENGTHS],
        ),
        _counted(
            "escalated",
            "Decided that a parent or carer collects",
            ["Yes" if row[6] else "No" for row in takings],
            ["Yes", "No"],
        ),
    ]


def _of_searches(searches: list[Any], roll: list[_Person]) -> list[FigureTable]:
    people, hits = [_person(*row[1:]) for row in searches], [row[0] for row in searches]
    return [
        _hit_rate(hits),
        *(
            _by_group(f"searches-{key}", f"Searches: {caption.lower()}", of, people, roll, "Searches", hits)
            for key, caption, of in _GROUPS
        ),
    ]


def _place(where: str) -> str:
    """A place as it is grouped: however it was spelt."""
    plain = " ".join(where.split())
    return plain[:1].upper() + plain[1:].lower()


def _hour(taken_at: datetime) -> str:
    hour = taken_at.astimezone(LONDON).hour
    return next(label for label, before in _HOURS if hour < before)


def _end(state: str, closed_at: datetime | None, child: str) -> str:
    if state in _ENDS:
        return _ENDS[state].format(child=child)
    return _STILL_HERE if closed_at is None else _OTHER_END


def _length(since: datetime, until: datetime) -> str:
    days = (london_day(until) - london_day(since)).days
    return next(label for label, most in _LENGTHS if days <= most)


def _usual(ever: Counter[str]) -> list[str]:
    """The rows of an open list: what was most frequent ever, so that the rows say nothing of these days."""
    usual = [label for label, _times in ever.most_common(_MOST_ROWS)]
    return [*usual, _ELSE] if len(ever) > _MOST_ROWS else usual


def _counted(key: str, caption: str, values: Sequence[str], labels: Sequence[str]) -> FigureTable:
    """How often each value stands among them; what has no row of its own is counted together."""
    counts = Counter(value if value in labels else _ELSE for value in values)
    shown = suppressed([counts[name] for name in labels])
    rows = [FigureRow(name, (cell,)) for name, cell in zip(labels, shown.cells, strict=True)]
    return FigureTable(key, caption, ("Taken",), (*rows, FigureRow("All", (shown.total,))), shown.hides)


def _by_group(
    key: str,
    caption: str,
    of: Callable[[_Person], str],
    people: Iterable[_Person],
    roll: Iterable[_Person],
    what: str,
    hits: Sequence[bool] | None = None,
) -> FigureTable:
    """A number for each group beside its size, and how many in a hundred; with `hits`, how often something was found.

    How often something was found is told by group only where no number behind it is small.
    """
    on_roll = Counter(of(person) for person in roll)
    named = [of(person) for person in people]
    counts = Counter(named)
    names = sorted({*on_roll, *counts}, key=lambda name: (name == NOT_RECORDED, _in_order(name)))
    sizes, shown = suppressed([on_roll[name] for name in names]), suppressed([counts[name] for name in names])
    columns: tuple[str, ...] = ("Pupils on roll", what, "In every 100")
    found: list[int | None] = []
    if hits is not None:
        columns += ("Found, in every 100",)
        found = _found_by_group(names, named, hits, counts)
    rows = []
    for place, name in enumerate(names):
        size, number = sizes.cells[place], shown.cells[place]
        cells = (size, number, per_hundred(number, size))
        rows.append(FigureRow(name, cells if hits is None else (*cells, per_hundred(found[place], number))))
    whole: tuple[int | float | None, ...] = (sizes.total, shown.total, per_hundred(shown.total, sizes.total))
    if hits is not None:
        whole += (_rate(hits),)
    hides = sizes.hides or shown.hides or None in found
    return FigureTable(key, caption, columns, (*rows, FigureRow("All", whole)), hides)


def _in_order(name: str) -> tuple[str, int]:
    """Year 9 before Year 10, the rest by letter."""
    first, _, last = name.rpartition(" ")
    return (first, int(last)) if last.isdigit() else (name, 0)


def _found_by_group(
    names: Sequence[str], named: Sequence[str], hits: Sequence[bool], counts: Counter[str]
) -> list[int | None]:
    found = Counter(name for name, hit in zip(named, hits, strict=True) if hit)
    both = suppressed([*(found[name] for name in names), *(counts[name] - found[name] for name in names)])
    return [None] * len(names) if both.hides else [found[name] for name in names]


def _both(hits: Sequence[bool]) -> Shown:
    return suppressed([sum(hits), len(hits) - sum(hits)])


def _rate(hits: Sequence[bool]) -> float | None:
    shown = _both(hits)
    return per_hundred(shown.cells[0], shown.total)


def _hit_rate(hits: Sequence[bool]) -> FigureTable:
    shown = _both(hits)
    rows = [
        FigureRow("Something found", (shown.cells[0], per_hundred(shown.cells[0], shown.total))),
        FigureRow("Nothing found", (shown.cells[1], per_hundred(shown.cells[1], shown.total))),
        FigureRow("All", (shown.total, "")),
    ]
    return FigureTable(
        "hit-rate", "Searches: what came of them", ("Searches", "In every 100"), tuple(rows), shown.hides
    )
