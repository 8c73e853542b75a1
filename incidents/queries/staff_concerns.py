"""Reads about concerns over staff: one with its entries, the register and its patterns, who was let in, questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from core.kit.working_days import next_working_day
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import roles_in
from core.people.roles import DSL_ROLES, Role
from core.rules.words import settings_in, words_for
from incidents.access import ABOUT_STAFF
from incidents.enums import AllegationKind, IncidentType, OutsideBody, Route
from incidents.models import AdviceRecord, CaseAccess, Incident, OutsideEntry, StaffConcern
from incidents.queries.cases import cases_visible_to
from incidents.queries.parents import rules_of

BOTH = frozenset({AllegationKind.ILLEGAL_CONTENT, AllegationKind.DEVICE_CRIME})
# Whom staff may ask in private, by the word that is kept with the question (STA-15).
ADVISERS: dict[str, frozenset[Role]] = {
    Role.DSL.label: DSL_ROLES,
    Role.HEADTEACHER.label: frozenset({Role.HEADTEACHER}),
}


@dataclass(frozen=True)
class Pattern:
    """One person's low-level concerns as the register shows them: figures to look at, nothing is decided by them."""

    key: str
    name: str
    user_id: int | None
    count: int
    this_year: int
    kinds: list[tuple[str, int]]
    last_at: datetime


def needs_both(kinds: Iterable[str]) -> bool:
    """Suspected illegal content or a device crime goes to the police and the LADO both (STA-14)."""
    return not BOTH.isdisjoint(kinds)


def outside_needed(concern: StaffConcern) -> list[OutsideBody]:
    """Who outside must be spoken to before the record can close, under every preset: the matrix sets it as a floor."""
    if concern.needs_outside:
        return [OutsideBody.POLICE, OutsideBody.LADO]
    return [OutsideBody.LADO] if concern.meets_threshold else []


def lado_by(incident: Incident) -> date:
    """The last day on which the LADO is spoken to: one working day after the report, which leaves out weekends and bank
    holidays, but no school holiday (SG-7)."""
    return next_working_day(london_day(incident.reported_at or incident.created_at))


@dataclass(frozen=True)
class ContactRule:
    """What the school's rules say of contact from an own device, in words, and whether a person has to decide."""

    key: str
    words: str

    @property
    def is_asked(self) -> bool:
        """Whether somebody looks if it was covered; where it never is, there is nothing to look for."""
        return self.key != "never"


def contact_rule(incident: Incident) -> ContactRule | None:
    """The rule of the day of a contact with a pupil or family; None of anything else (STA-08)."""
    if incident.type != IncidentType.STAFF_CONTACT:
        return None
    rules = rules_of(incident)
    key = str(rules.staff_contact_own_device)
    said = settings_in(words_for(rules))["staff_contact_own_device"].values
    return ContactRule(key, str(said.get(key, "The rules do not say: you decide, and that is kept")))


def concern_of(incident: Incident) -> StaffConcern | None:
    """What is said about a member of staff in a record."""
    found: QuerySet[StaffConcern] = StaffConcern.objects.filter(incident=incident)
    return found.select_related("subject", "investigator").first()


def entries_of(concern: StaffConcern) -> QuerySet[OutsideEntry]:
    """Each conversation with the police or the LADO, the oldest first."""
    found: QuerySet[OutsideEntry] = OutsideEntry.objects.filter(concern=concern)
    return found.select_related("by").order_by("spoken_at", "id")


def access_of(incident: Incident) -> QuerySet[CaseAccess]:
    """Who was let in and may still read, by name."""
    found: QuerySet[CaseAccess] = CaseAccess.objects.filter(incident=incident, ended_at__isnull=True)
    return found.select_related("user", "given_by", "incident").order_by("id")


def concerns_visible_to(user: Any, school: School, on: date) -> QuerySet[StaffConcern]:
    """The concerns about staff in the records that somebody reads, the newest first."""
    visible = cases_visible_to(user, school, on).filter(route__in=ABOUT_STAFF)
    found: QuerySet[StaffConcern] = StaffConcern.objects.filter(incident__in=visible.values("pk"))
    return found.select_related("incident", "subject").order_by("-incident__reported_at", "-id")


def patterns(user: Any, school: School, on: date) -> list[Pattern]:
    """The register of low-level concerns, a line for each person; those with most first (SG-7)."""
    people: dict[str, list[StaffConcern]] = {}
    for concern in concerns_visible_to(user, school, on).filter(incident__route=Route.LOW_LEVEL_CONCERN):
        people.setdefault(_key(concern), []).append(concern)
    rows = [_pattern(key, found, on) for key, found in people.items()]
    return sorted(rows, key=lambda row: (-row.this_year, -row.count, row.name))


def _key(concern: StaffConcern) -> str:
    return f"u{concern.subject_id}" if concern.subject_id else concern.subject_name.casefold()


def _pattern(key: str, found: list[StaffConcern], on: date) -> Pattern:
    kinds = Counter(AllegationKind(kind).label for concern in found for kind in concern.kinds)
    first = found[0]
    moments = [concern.incident.reported_at for concern in found if concern.incident.reported_at]
    return Pattern(
        key=key,
        name=first.subject.display_name if first.subject else first.subject_name,
        user_id=first.subject_id,
        count=len(found),
        this_year=sum(london_day(moment) > on - timedelta(days=365) for moment in moments),
        kinds=[(str(label), number) for label, number in kinds.most_common()],
        last_at=max(moments),
    )


def _is_asked(user: Any, school: School) -> list[str]:
    held = set(roles_in(user, school))
    return [word for word, roles in ADVISERS.items() if held & roles]


def questions_visible_to(user: User, school: School) -> QuerySet[AdviceRecord]:
    """Private questions: one's own; as adviser those that wait for an answer, and those one answered (STA-15)."""
    found: QuerySet[AdviceRecord] = AdviceRecord.objects.filter(school=school, incident__isnull=True)
    mine = Q(asked_by=user) | Q(answered_by=user)
    waiting = Q(body__in=_is_asked(user, school), answered_at__isnull=True)
    return found.filter(mine | waiting).select_related("asked_by", "answered_by").order_by("-asked_at", "-id")


def may_answer(user: User, question: AdviceRecord) -> bool:
    """Whether this person is the adviser who was asked; nobody answers themselves."""
    return question.asked_by_id != user.pk and question.body in _is_asked(user, question.school)
