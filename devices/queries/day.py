"""What is known of a day beside the stays: who is absent, who keeps a device by permission, who is at a placement."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from core.approvals.enums import Kind
from core.approvals.queries import in_force_on
from core.approvals.words import limits_in_words
from core.people.models import Pupil, School, User
from core.people.queries import all_placements
from core.rules.queries import for_school
from devices.enums import MarkKind
from devices.models import DayMark
from devices.queries.places import place_choices
from devices.queries.scan import facts_of

BY_PERMISSION = "Keeps it by permission"
BY_AGREEMENT = "With pupil by agreement"

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*")
_SPAN = re.compile(
    r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\s*(?:to|until|till|-|–)\s*(mon|tue|wed|thu|fri|sat|sun)[a-z]*"
)


@dataclass(frozen=True)
class DayFacts:
    """Pupils of whom a day knows something that keeps them off the chase list. A hand-in outweighs all of it."""

    absent: frozenset[int]
    refused: frozenset[int]
    permitted: dict[int, str]
    limits: dict[int, str]
    placed: dict[int, str]

    @property
    def excused(self) -> frozenset[int]:
        """Nobody expects a device of these."""
        return self.absent | self.permitted.keys() | self.placed.keys()


def day_facts(school: School, day: date) -> DayFacts:
    """All of it in four statements, whatever the number of pupils."""
    marked: dict[str, set[int]] = {}
    for kind, pupil_id in live_marks(school, day).values_list("kind", "pupil_id"):
        marked.setdefault(kind, set()).add(pupil_id)
    permitted = permitted_within(school, day)
    return DayFacts(
        absent=frozenset(marked.get(MarkKind.ABSENT, ())),
        refused=frozenset(marked.get(MarkKind.REFUSED, ())),
        permitted={pupil: word for pupil, (word, _limits) in permitted.items()},
        limits={pupil: limits for pupil, (_word, limits) in permitted.items()},
        placed=placed_pupils(school, day),
    )


def live_marks(school: School, day: date) -> QuerySet[DayMark]:
    """The marks of a day that nobody has withdrawn."""
    found: QuerySet[DayMark] = DayMark.objects.filter(school=school, day=day, withdrawn_at__isnull=True)
    return found


def permitted_pupils(school: School, day: date) -> dict[int, str]:
    """Pupils who keep a device that day, each with the register's words for it; left out of the chase (DEV-35).

    The one place to ask: marks of the day, and agreements for exceptional use.
    """
    return {pupil: word for pupil, (word, _limits) in permitted_within(school, day).items()}


def permitted_within(school: School, day: date) -> dict[int, tuple[str, str]]:
    """The same, with the limits in words; in two statements."""
    marked = live_marks(school, day).filter(kind=MarkKind.PERMITTED).values_list("pupil_id", flat=True)
    agreed = {pupil: (BY_AGREEMENT, limits) for pupil, limits in by_agreement(school, day).items()}
    return dict.fromkeys(marked, (BY_PERMISSION, "")) | agreed


def by_agreement(school: School, day: date, pupils: Collection[int] | None = None) -> dict[int, str]:
    """Pupils with a standing agreement for exceptional use in force that day, with its limits in words (DEV-35)."""
    standing = in_force_on(school, day, Kind.EXCEPTIONAL_USE).select_related("supervisor").order_by("starts_at", "id")
    if pupils is not None:
        standing = standing.filter(pupil__in=pupils)
    places: dict[str, str] | None = None
    found: dict[int, str] = {}
    for row in standing:
        if places is None:
            places = dict(place_choices(for_school(school, on=day)))
        said = [(label, value) for label, value in limits_in_words(row, places) if label != "When"]
        limits = "; ".join(f"{label.lower()}: {value}" for label, value in said)
        assert row.pupil_id is not None
        found[row.pupil_id] = " / ".join(one for one in (found.get(row.pupil_id, ""), limits) if one)
    return found


def agreed_in_words(pupil: Pupil, day: date) -> str:
    """ "With pupil by agreement, for: the monitoring app", where that is so; nothing else. One statement for most."""
    facts = facts_of(pupil, day)
    if facts is not None and not facts.agreed:
        return ""
    limits = by_agreement(pupil.school, day, [pupil.pk])
    return ", ".join(one for one in (BY_AGREEMENT, limits[pupil.pk]) if one) if limits else ""


def placed_pupils(school: School, day: date) -> dict[int, str]:
    """Pupils who are with a provider that day, each with the provider's name (DEV-20)."""
    live = all_placements(school).filter(
        Q(starts_on__isnull=True) | Q(starts_on__lte=day), Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    )
    rows = live.values_list("pupil_id", "provider", "days")
    return {pupil_id: provider for pupil_id, provider, days in rows if is_placed_on(days, day)}


def is_placed_on(days: str, day: date) -> bool:
    """Whether a placement's days, as the school wrote them, take in this one: "Tuesdays", "Mon to Wed", "Thu, Fri".

    Where no weekday is named, every school day is meant; "except" turns it round.
    """
    text = days.casefold()
    named = {_WEEKDAYS.index(word) for word in _NAMED.findall(text)}
    if not named:
        return True
    for first, last in _SPAN.findall(text):
        begins, ends = _WEEKDAYS.index(first), _WEEKDAYS.index(last)
        named |= set(range(begins, ends + 1)) if begins <= ends else set()
    return (day.weekday() in named) != ("except" in text or "not " in text)


def absences_of(school: School, day: date) -> QuerySet[DayMark]:
    """Who was marked absent that day, the withdrawn ones too, by form and surname."""
    return (
        DayMark.objects.filter(school=school, day=day, kind=MarkKind.ABSENT)
        .select_related("pupil__form", "marked_by", "withdrawn_by")
        .order_by("pupil__form__year_from", "pupil__form__name", "pupil__legal_surname", "pupil__legal_forename", "id")
    )


def marks_visible_to(user: User, school: School) -> QuerySet[DayMark]:
    """Every mark of a day; the page's permission says who may look."""
    found: QuerySet[DayMark] = DayMark.objects.filter(school=school).select_related("pupil__form", "marked_by")
    return found
