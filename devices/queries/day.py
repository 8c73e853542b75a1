"""What is known of a day beside the stays: who is absent, who keeps a device by permission, who is at a placement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from core.people.models import School, User
from core.people.queries import all_placements
from devices.enums import MarkKind
from devices.models import DayMark

BY_PERMISSION = "Keeps it by permission"

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
    placed: dict[int, str]

    @property
    def excused(self) -> frozenset[int]:
        """Nobody expects a device of these."""
        return self.absent | self.permitted.keys() | self.placed.keys()


def day_facts(school: School, day: date) -> DayFacts:
    """All of it in three statements, whatever the number of pupils."""
    marked: dict[str, set[int]] = {}
    for kind, pupil_id in live_marks(school, day).values_list("kind", "pupil_id"):
        marked.setdefault(kind, set()).add(pupil_id)
    return DayFacts(
        absent=frozenset(marked.get(MarkKind.ABSENT, ())),
        refused=frozenset(marked.get(MarkKind.REFUSED, ())),
        permitted=permitted_pupils(school, day),
        placed=placed_pupils(school, day),
    )


def live_marks(school: School, day: date) -> QuerySet[DayMark]:
    """The marks of a day that nobody has withdrawn."""
    found: QuerySet[DayMark] = DayMark.objects.filter(school=school, day=day, withdrawn_at__isnull=True)
    return found


def permitted_pupils(school: School, day: date) -> dict[int, str]:
    """Pupils who keep a device that day, each with the register's words for it; left out of the chase (DEV-35).

    The one place to ask. A standing agreement for exceptional use adds its own pupils and words here.
    """
    marked = live_marks(school, day).filter(kind=MarkKind.PERMITTED)
    return dict.fromkeys(marked.values_list("pupil_id", flat=True), BY_PERMISSION)


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
