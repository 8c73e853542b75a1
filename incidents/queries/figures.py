"""Records in figures that name nobody, for leaders and governors, with small numbers hidden (INC-36, INC-39, INC-40).

Every road counts in one register: pupils, staff, visitors, parents, systems. No two groups are crossed, no form, place
in somebody's own words or member of staff is counted apart. A record counts on the day it was reported, which never
changes, so that a term that is over keeps its number; one that was joined to another counts as that other.

Nought is shown, for "none of that kind" says nothing about anybody. Two things are kept from saying that a concern
about staff exists at all: by road nought is hidden like one to four, and by type a concern about staff stands with
everything else, whatever its type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Min,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Extract, ExtractHour, Lag, TruncMonth

from core.kit.suppression import SMALL, per_hundred, suppressed
from core.people.calendar import LONDON, calendar_for, london_day
from core.people.enums import Phase
from core.people.models import School, User
from devices.queries.taken.release import WITHOUT_TERMS, repeat_window
from incidents.access import ABOUT_STAFF
from incidents.enums import CaseState, IncidentType, PersonRole, RiskArea, Route
from incidents.models import Incident, IncidentPerson
from incidents.queries.cases import cases_visible_to
from incidents.queries.reporting import AREA, PLACES, where_choices

_NOT_COUNTED = (CaseState.DRAFT, CaseState.DISCARDED, CaseState.MERGED)
_REST = "About an adult, or something else"
# Whatever of these is about staff is not told from what is not.
_IN_THE_REST = frozenset(
    {
        IncidentType.STAFF_OWN_DEVICE, IncidentType.STAFF_CONTACT, IncidentType.STAFF_CONTENT,
        IncidentType.STAFF_CONDUCT, IncidentType.CONTACT_RECEIVED, IncidentType.CONFLICTING_CONTENT,
        IncidentType.SOCIAL_MEDIA, IncidentType.WORK_SHARED, IncidentType.VISITOR, IncidentType.LENT_BY_VISITOR,
        IncidentType.OTHER,
    }
)  # fmt: skip
_ROUTES: dict[str, str] = {
    Route.PUPIL: "About a pupil",
    Route.ALLEGATION: "About a member of staff",
    Route.LOW_LEVEL_CONCERN: "About a member of staff",
    Route.VISITOR: "About a visitor",
    Route.PARENT: "About a parent or carer",
    Route.SYSTEM: "About a system",
}
_HOURS = (
    ("Before 9am", 9), ("9am to 11am", 11), ("11am to 1pm", 13), ("1pm to 3pm", 15), ("3pm to 6pm", 18),
    ("After 6pm", 24),
)  # fmt: skip
_NO_TIME = "Time not known"
_ONLINE, _PLACEMENT, _OUTSIDE, _ELSEWHERE = "online", "placement", "outside", "elsewhere"
_A_YEAR = timedelta(days=366)  # no half-term is longer
_FOR_NINE_IN_TEN = 20  # of fewer, nine in ten is one record’s own time


@dataclass(frozen=True)
class Row:
    """One line: None where the number is hidden. `asks` narrows the inbox to what was counted."""

    label: str
    number: int | None
    width: int = 0
    asks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The records by one thing; its rows are a whole."""

    key: str
    caption: str
    rows: tuple[Row, ...]
    hides: bool

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it to see."""
        return all(row.number is None for row in self.rows)


@dataclass(frozen=True)
class Pace:
    """How long something took: half of the records within `half`, nine in ten within `most`; None where too few."""

    label: str
    half: str | None
    most: str | None


@dataclass(frozen=True)
class Again:
    """Pupils whom records are about, and those of them with one of the same type shortly before; None where hidden."""

    pupils: int | None
    again: int | None
    window: str

    @property
    def share(self) -> float | None:
        return per_hundred(self.again, self.pupils)


@dataclass(frozen=True)
class CaseFigures:
    """Everything of one span of days; `total` is None where it is from one to four, and then nothing else is told."""

    since: date
    until: date
    total: int | None
    tables: tuple[Table, ...] = ()
    again: Again | None = None
    paces: tuple[Pace, ...] = ()


class _Within(Aggregate):
    """Seconds within which half, and nine in ten, of the values lie."""

    function = "percentile_cont"
    template = "%(function)s(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


def register(school: School) -> QuerySet[Incident]:
    """Every record that counts, whoever may read it, but those about the head: whoever reads all the others could tell
    one of those by taking away what they see."""
    found: QuerySet[Incident] = Incident.objects.filter(~Q(staff_concern__head_is_subject=True), school=school)
    return found.exclude(state__in=_NOT_COUNTED)


def readable(user: User, school: School, on: date) -> QuerySet[Incident]:
    """The records that count of those that somebody may read: what they may not does not exist for them."""
    return cases_visible_to(user, school, on).exclude(state__in=_NOT_COUNTED)


def case_figures(counted: QuerySet[Incident], school: School, since: date, until: date, rules: Any) -> CaseFigures:
    """The figures of what `counted` holds, reported from `since` to `until`; nine statements whatever their number."""
    begin, end = _midnight(since), _midnight(until + timedelta(days=1))
    # The order of a list would be one more thing to group by.
    here = counted.filter(reported_at__gte=begin, reported_at__lt=end).order_by()
    told = here.aggregate(
        number=Count("pk"),
        earliest=Min("happened_at"),
        read=Count("acknowledged_at"),
        decided=Count("decided_at"),
        until_read=_Within(_seconds("acknowledged_at")),
        until_decided=_Within(_seconds("decided_at")),
    )
    found = CaseFigures(
        since,
        until,
        suppressed([told["number"]]).total,
        tables=tuple(_tables(here, since, until, rules)),
        again=_again(counted, school, begin, end, told["earliest"] or begin, rules),
        paces=(
            _pace("Read by the safeguarding team", told["read"], told["until_read"]),
            _pace("Decided", told["decided"], told["until_decided"]),
        ),
    )
    return found if found.total else CaseFigures(since, until, found.total)


def policy_table(counted: QuerySet[Incident], since: date, until: date) -> Table:
    """How many records are handled under each policy (SOC-04): for those alone who may read the records, as a record
    may be under several and the rows are no whole, so that nothing keeps a small one from being worked out."""
    here = counted.filter(reported_at__gte=_midnight(since), reported_at__lt=_midnight(until + timedelta(days=1)))
    each = Func(F("policies"), function="unnest", set_returning=True, output_field=CharField())
    counts = Counter(dict(_counted(here.order_by().annotate(policy=each), "policy")))
    shown = [(title, number if number >= SMALL else None) for title, number in counts.most_common()]
    most = max((number or 0 for _title, number in shown), default=0) or 1
    rows = [Row(title, number, round(100 * (number or 0) / most), {"policy": title}) for title, number in shown]
    hides = any(row.number is None for row in rows)
    return Table("policy", "By policy; a record may be under several", tuple(rows), hides)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LONDON)


def _seconds(moment: str) -> Extract:
    passed = ExpressionWrapper(F(moment) - F("reported_at"), output_field=DurationField())
    return Extract(passed, "epoch")


def _pace(label: str, number: int, seconds: list[float] | None) -> Pace:
    """Nothing is said of how many there were: beside the total that would tell how many there were not."""
    half, most = seconds or (0.0, 0.0)
    return Pace(
        label,
        _in_words(half) if number >= SMALL else None,
        _in_words(most) if number >= _FOR_NINE_IN_TEN else None,
    )


def _in_words(seconds: float) -> str:
    """Rounded up, so that nobody's own minute is in it: "1 hour", "30 hours", "3 days"."""
    hours = max(-int(-seconds // 3600), 1)
    number, unit = (hours, "hour") if hours <= 48 else (-(-hours // 24), "day")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


# --- Tables -----------------------------------------------------------------------------------------------------------


def _tables(here: QuerySet[Incident], since: date, until: date, rules: Any) -> list[Table]:
    kinds, routes = Counter[str](), Counter[str]()
    for kind, route, number in here.values_list("type", "route").annotate(number=Count("pk")):
        kinds["" if route in ABOUT_STAFF or kind in _IN_THE_REST else kind] += number
        routes[_ROUTES[route]] += number
    types = [*((kind.value, str(kind.label)) for kind in IncidentType if kind not in _IN_THE_REST), ("", _REST)]
    found = [_few_of_many(_table("type", "By type", types, kinds, asks="type"))]
    if rules.risk_areas_used != "none":
        areas = [*((area.value, str(area.label)) for area in RiskArea), ("", "No area")]
        found.append(_table("area", "By risk area", areas, _by(here, "risk_area")))
    if rules.threshold_levels != "none":
        levels = [*((str(level), f"Level {level}") for level in range(1, 5)), ("None", "No level")]
        found.append(_table("level", "By level of need", levels, _by(here, "level"), asks="level"))
    by_month = here.annotate(month=TruncMonth("reported_at", tzinfo=LONDON))
    months = Counter({f"{month:%Y-%m}": number for month, number in _counted(by_month, "month")})
    phases = [*((phase.value, str(phase.label)) for phase in Phase), ("", "Of no one phase")]
    labels = dict.fromkeys(_ROUTES.values())
    return [
        *found,
        _table("month", "By month of the report", _months(since, until), months),
        _table("phase", "By phase", phases, _by(here, "phase")),
        _table("route", "By whom it is about", [(label, label) for label in labels], routes, show_nought=False),
        _few_of_many(_table("place", "By place", _places(rules), _by_place(here, rules))),
        _table("time", "By time of day", [(label, label) for label in (*_hours(), _NO_TIME)], _by_hour(here)),
    ]


def _table(
    key: str,
    caption: str,
    groups: Iterable[tuple[str, str]],
    counts: Counter[str],
    *,
    asks: str = "",
    show_nought: bool = True,
) -> Table:
    """One number for each group. Bars are as wide as their share of the largest that is shown."""
    listed = list(groups)
    shown = suppressed([counts[name] for name, _label in listed], show_nought=show_nought)
    most = max((cell or 0 for cell in shown.cells), default=0) or 1
    rows = [
        Row(label, cell, round(100 * (cell or 0) / most), {asks: name} if asks and name not in ("", "None") else {})
        for (name, label), cell in zip(listed, shown.cells, strict=True)
    ]
    return Table(key, caption, tuple(rows), shown.hides)


def _few_of_many(table: Table) -> Table:
    """A long list without its noughts, the largest first. What is hidden keeps the list's own order."""
    if table.is_blank:
        return table
    rows = sorted((row for row in table.rows if row.number != 0), key=lambda row: -(row.number or 0))
    return replace(table, rows=tuple(rows))


def _counted(here: QuerySet[Incident], name: str) -> QuerySet[Incident, tuple[Any, int]]:
    return here.values_list(name).annotate(number=Count("pk"))


def _by(here: QuerySet[Incident], name: str) -> Counter[str]:
    return Counter({str(value): number for value, number in _counted(here, name)})


def _months(since: date, until: date) -> list[tuple[str, str]]:
    found, month = [], since.replace(day=1)
    while month <= until:
        found.append((f"{month:%Y-%m}", f"{month:%B %Y}"))
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def _hours() -> list[str]:
    return [label for label, _before in _HOURS]


def _by_hour(here: QuerySet[Incident]) -> Counter[str]:
    at = Case(When(time_is_known=True, then=ExtractHour("happened_at", tzinfo=LONDON)))
    found = Counter[str]()
    for hour, number in _counted(here.annotate(hour=at), "hour"):
        label = _NO_TIME if hour is None else next(label for label, before in _HOURS if hour < before)
        found[label] += number
    return found


def _places(rules: Any) -> list[tuple[str, str]]:
    """Places of fixed lists alone: in a place that somebody wrote there may be a name."""
    outside = [(_ONLINE, "Online"), (_PLACEMENT, "On a placement"), (_OUTSIDE, "Out of school")]
    return [*where_choices(rules), *outside, (_ELSEWHERE, "Elsewhere, or not said")]


def _by_place(here: QuerySet[Incident], rules: Any) -> Counter[str]:
    known = dict(_places(rules))
    # "Classroom", where the rules speak of classrooms.
    same = {place: next((name for name, words in known.items() if place.split()[0].casefold() in words.casefold()), "")
            for place in PLACES}  # fmt: skip
    kind = Case(
        When(is_online=True, then=Value(_ONLINE)),
        When(~Q(provider=""), then=Value(_PLACEMENT)),
        When(is_offsite=True, then=Value(_OUTSIDE)),
        When(place__in=PLACES, area="", then=F("place")),
        default=F("area"),
        output_field=CharField(),
    )
    found = Counter[str]()
    for name, number in _counted(here.annotate(kind=kind), "kind"):
        key = same.get(name) or (name if name in known else f"{AREA}{name}")
        found[key if key in known else _ELSEWHERE] += number
    return found


# --- Repeats ----------------------------------------------------------------------------------------------------------


def _again(
    counted: QuerySet[Incident], school: School, begin: datetime, end: datetime, earliest: datetime, rules: Any
) -> Again:
    """How many of the pupils whom the records are about have another of the same type in the window before (INC-36).

    The window is the rule's days, else the half-term in which it happened, as on the page of a record.
    """
    rule = rules.repeat_window
    _since, window = repeat_window(calendar_for(school), rule, london_day(end) - timedelta(days=1))
    reach = timedelta(days=rule) if isinstance(rule, int) else _A_YEAR
    known = counted.filter(happened_at__gte=earliest - reach, reported_at__lt=end).order_by()
    about = IncidentPerson.objects.filter(
        school=school, role=PersonRole.SUBJECT, pupil__isnull=False, removed_at__isnull=True, incident__in=known
    )
    # Each beside the one before it, which may have been reported before these days; those themselves do not count.
    before = Window(
        Lag("incident__happened_at"),
        partition_by=["pupil", "incident__type"],
        order_by=["incident__happened_at", "incident"],
    )
    repeats = Case(
        When(incident__reported_at__lt=begin, then=Value(None)),
        When(before__gte=F("floor"), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    told = (
        about.annotate(before=before, floor=_floor(school, rule))
        .annotate(repeats=repeats)
        .filter(repeats__isnull=False)
        .order_by()
        .values_list("pupil", "repeats")
        .distinct()
    )
    pupils, again = set(), set()
    for pupil, is_repeat in told:
        pupils.add(pupil)
        if is_repeat:
            again.add(pupil)
    shown = suppressed([len(again), len(pupils) - len(again)], show_nought=True)
    return Again(shown.total, shown.cells[0], window)


def _floor(school: School, rule: object) -> Any:
    """From when another counts as before a record."""
    begins = sorted((first for first, _last in calendar_for(school).terms), reverse=True)
    days = timedelta(days=rule) if isinstance(rule, int) else WITHOUT_TERMS
    happened = F("incident__happened_at")
    back = ExpressionWrapper(happened - Value(days), output_field=DateTimeField())
    if isinstance(rule, int) or not begins:
        return back
    terms = [When(incident__happened_at__gte=_midnight(first), then=Value(_midnight(first))) for first in begins]
    return Case(*terms, default=back, output_field=DateTimeField())
