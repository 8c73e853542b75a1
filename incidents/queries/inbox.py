"""The inbox of whoever deals with records: what is new, whose it is, what waits (INC-31, SG-6, W5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When

from core.kit.times import clock, day
from core.people.calendar import LONDON
from core.people.models import School, User
from incidents.enums import CaseState, PersonKind, PersonRole
from incidents.models import Incident, IncidentPerson
from incidents.queries.cases import cases_visible_to

PAGE = 50
OPEN = (
    CaseState.REPORTED, CaseState.TRIAGED, CaseState.IN_REVIEW, CaseState.ACTION, CaseState.AWAITING_OUTSIDE,
    CaseState.DEBRIEF, CaseState.REOPENED,
)  # fmt: skip
SHOWS = {"new": "New", "mine": "Mine", "waiting": "Waiting on others", "all": "All"}
NO_OWNER = "nobody"


@dataclass(frozen=True)
class Line:
    """One record of the inbox: no name in full, nothing of what was reported but its type."""

    case: Incident
    who: str
    number_of_people: int

    @property
    def is_unacknowledged(self) -> bool:
        return self.case.urgent and self.case.acknowledged_at is None

    @property
    def not_told(self) -> bool:
        """Nobody of the team was told in person, though a child may be at risk (SG-6)."""
        return self.case.told_in_person is False and self.case.state == CaseState.REPORTED


@dataclass(frozen=True)
class Inbox:
    """One page of one list, and how many there are in each that somebody works off."""

    lines: list[Line]
    counts: dict[str, int]
    page: int
    has_more: bool


def initials(forename: str, surname: str) -> str:
    """ "R. T.", for a screen that others can see."""
    return " ".join(f"{name[:1]}." for name in (forename, surname) if name)


def short_name(person: IncidentPerson) -> str:
    """ "R. T. 9C" of a pupil, initials of anybody else."""
    if person.pupil is not None:
        form = person.pupil.form.name if person.pupil.form else ""
        return f"{initials(person.pupil.forename, person.pupil.legal_surname)} {form}".strip()
    if person.user is not None:
        return initials(person.user.given_name, person.user.family_name)
    if person.kind == PersonKind.UNKNOWN:
        return "Not known"
    first, _, last = person.name.rpartition(" ")
    return initials(first, last)


def list_of(user: User, school: School, on: date, show: str) -> QuerySet[Incident]:
    """What one list of the inbox holds for somebody, before any filter; what is worked off, by urgency and then age."""
    seen = cases_visible_to(user, school, on)
    if show == "new":
        return _by_urgency(seen.filter(_NEW, state__in=OPEN))
    if show == "mine":
        return _by_urgency(seen.filter(owner=user, state__in=OPEN))
    if show == "waiting":
        return _by_urgency(seen.filter(_WAITING, _not_owned_by(user), state__in=OPEN))
    return seen.order_by("-happened_at", "-id")


# Not triaged, or nobody's.
_NEW = Q(state=CaseState.REPORTED) | Q(owner__isnull=True)
# With somebody outside, or with an owner who is another.
_WAITING = Q(state=CaseState.AWAITING_OUTSIDE) | Q(owner__isnull=False)


def _not_owned_by(user: User) -> Q:
    return Q(owner__isnull=True) | ~Q(owner=user)


def _by_urgency(found: QuerySet[Incident]) -> QuerySet[Incident]:
    nobody_has_it = Case(
        When(urgent=True, acknowledged_at__isnull=True, then=Value(True)), default=Value(False),
        output_field=BooleanField(),
    )  # fmt: skip
    return found.annotate(nobody_has_it=nobody_has_it).order_by(
        "-nobody_has_it", "-urgent", "-concern_for_child", "reported_at", "id"
    )


def narrowed(found: QuerySet[Incident], chosen: Mapping[str, Any]) -> QuerySet[Incident]:
    """The list narrowed by what the filter chose: type, year, level, owner, policy and days."""
    if chosen.get("type"):
        found = found.filter(type=chosen["type"])
    if chosen.get("level"):
        found = found.filter(level=chosen["level"])
    if chosen.get("owner") == NO_OWNER:
        found = found.filter(owner__isnull=True)
    elif chosen.get("owner"):
        found = found.filter(owner_id=chosen["owner"])
    if chosen.get("policy"):
        found = found.filter(policies__contains=[chosen["policy"]])
    if chosen.get("since"):
        found = found.filter(happened_at__gte=_midnight(chosen["since"]))
    if chosen.get("until"):
        found = found.filter(happened_at__lt=_midnight(chosen["until"] + timedelta(days=1)))
    if chosen.get("year") not in (None, ""):
        there = IncidentPerson.objects.filter(
            incident=OuterRef("pk"), removed_at__isnull=True, pupil__year_group=chosen["year"]
        )
        found = found.filter(Exists(there))
    return found


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, LONDON)


def inbox_of(
    user: User, school: School, on: date, *, show: str, chosen: Mapping[str, Any] | None = None, page: int = 1
) -> Inbox:
    """A page of a list of the inbox: three statements, however many records there are."""
    found = narrowed(list_of(user, school, on, show), chosen or {}).select_related("reporter", "owner", "staff_concern")
    first = (page - 1) * PAGE
    rows = list(found.prefetch_related(_subjects())[first : first + PAGE + 1])
    lines = [_line(case) for case in rows[:PAGE]]
    return Inbox(lines=lines, counts=_counts(user, school, on), page=page, has_more=len(rows) > PAGE)


def _subjects() -> Prefetch[Any]:
    there = IncidentPerson.objects.filter(removed_at__isnull=True, role=PersonRole.SUBJECT)
    return Prefetch("people", queryset=there.select_related("pupil__form", "user").order_by("id"), to_attr="subjects")


def _line(case: Incident) -> Line:
    people: list[IncidentPerson] = case.subjects  # type: ignore[attr-defined]
    return Line(case=case, who=short_name(people[0]) if people else "Nobody named", number_of_people=len(people))


def _counts(user: User, school: School, on: date) -> dict[str, int]:
    """How many are new, one's own, and with others; closed ones are not counted, however many there are."""
    told: dict[str, int] = (
        cases_visible_to(user, school, on)
        .filter(state__in=OPEN)
        .aggregate(
            new=Count("pk", filter=_NEW),
            mine=Count("pk", filter=Q(owner=user)),
            waiting=Count("pk", filter=_WAITING & _not_owned_by(user)),
        )
    )
    return told


def last_reported(user: User, school: School, on: date) -> datetime | None:
    """When the newest record that somebody reads was reported."""
    newest = cases_visible_to(user, school, on).order_by("-id").values_list("reported_at", flat=True)
    return newest.first()


def last_in_words(last: datetime | None, on: date) -> str:
    """ "Last one 9:12am today", so that silence can be told from a fault (SG-6)."""
    if last is None:
        return "There has not been one."
    return f"Last one {clock(last)} today." if day(last) == day(on) else f"Last one {day(last)}, {clock(last)}."


def next_to_triage(user: User, school: School, on: date, after: Incident) -> Incident | None:
    """The first record that waits for triage, other than the one just done (W7, "Save and next")."""
    return list_of(user, school, on, "new").filter(state=CaseState.REPORTED).exclude(pk=after.pk).first()


def unacknowledged(user: User, school: School, on: date) -> QuerySet[Incident]:
    """Urgent records that nobody has said they have, the oldest first (INC-32)."""
    seen = cases_visible_to(user, school, on)
    return seen.filter(urgent=True, acknowledged_at__isnull=True, state__in=OPEN).order_by("reported_at", "id")


def steps_due(user: User, school: School, on: date, *, by: date) -> QuerySet[Incident]:
    """One's own open records whose next step is due by a day, the most overdue first."""
    mine = cases_visible_to(user, school, on).filter(owner=user, state__in=OPEN, next_step_on__lte=by)
    return mine.order_by("next_step_on", "id")


def owners_of(user: User, school: School, on: date) -> list[User]:
    """Who owns an open record that somebody reads: what the filter offers."""
    owned = cases_visible_to(user, school, on).filter(state__in=OPEN, owner__isnull=False)
    return list(User.objects.filter(pk__in=owned.order_by().values("owner_id")).order_by("family_name", "given_name"))


def joined_to(incident: Incident, user: User, on: date) -> list[Incident]:
    """The records that were joined to this one, and those joined to them, as far as somebody reads them."""
    seen = cases_visible_to(user, incident.school, on).filter(state=CaseState.MERGED)
    found: list[Incident] = []
    keys = [incident.pk]
    while keys:
        step = list(seen.filter(merged_into__in=keys).select_related("reporter").order_by("id"))
        found += step
        keys = [one.pk for one in step]
    return found
