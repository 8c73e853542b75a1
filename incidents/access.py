"""Who may read a record: one table, and the exceptions that stand above it (ORG-10, STA-17, security 5.2).

Whatever shows incidents asks here, lists and counts among it: what somebody may not read does not exist for them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core.people.models import School, User
from core.people.queries import holdings_of
from core.people.roles import DSL_ROLES, Role
from incidents.enums import CaseState, PersonRole, Route, Track
from incidents.models import CaseAccess, Incident, IncidentPerson

_TEAM = DSL_ROLES | {Role.HEADTEACHER, Role.HEAD_OF_SCHOOL}

# Who reads the records of a road by their role. A role held for one phase reads that phase's and those of no one phase.
READERS: dict[Route, frozenset[Role]] = {
    Route.PUPIL: _TEAM,
    Route.VISITOR: _TEAM,
    Route.PARENT: _TEAM,
    Route.SYSTEM: _TEAM | {Role.FILTERING_LEAD},
    Route.ALLEGATION: frozenset({Role.HEADTEACHER, Role.DSL}),
    Route.LOW_LEVEL_CONCERN: frozenset({Role.HEADTEACHER}),
}
# Low-level behaviour of pupils is for senior leaders too (matrix 1.21), and for whoever is given it.
LOW_LEVEL_READERS = frozenset({Role.SLT})
# Where the head is the subject these read in the place of all others (STA-17, law SG-7).
IN_THE_HEADS_PLACE = frozenset({Role.CHAIR, Role.GROUP_SAFEGUARDING_HEAD})
ABOUT_STAFF = frozenset({Route.ALLEGATION, Route.LOW_LEVEL_CONCERN})
_ABOUT = (PersonRole.SUBJECT, PersonRole.ADULT_INVOLVED)
_NOT_YET = (CaseState.DRAFT, CaseState.DISCARDED)


def about_me(user: User) -> Q:
    """The records that say something of this person, or of their own child: not for them, whatever their role."""
    there = IncidentPerson.objects.filter(incident=OuterRef("pk"), removed_at__isnull=True)
    mine = there.filter(user=user, role__in=_ABOUT)
    child = there.filter(pupil__contacts__account=user, pupil__contacts__ended_on__isnull=True)
    return Q(Exists(mine)) | Q(Exists(child)) | Q(staff_concern__subject=user)


def readable_by(user: Any, school: School, on: date) -> Q:
    """The records that `user` may read whole on a day; nobody reads nothing. Two subqueries, however many records."""
    if user is None or not getattr(user, "is_active", False):
        return Q(pk__in=[])
    held = [(Role(holding.role), holding.phase) for holding in holdings_of(user) if holding.school_id == school.pk]
    if not held:
        return Q(pk__in=[])
    may = Q(owner=user, route=Route.PUPIL) | Q(
        Exists(
            CaseAccess.objects.filter(incident=OuterRef("pk"), user=user, ended_at__isnull=True).filter(
                Q(until__isnull=True) | Q(until__gte=on)
            )
        )
    )
    for role, phase in held:
        of_phase = Q(phase__in=[phase, ""]) if phase else Q()
        roads = [road for road, readers in READERS.items() if role in readers]
        if roads:
            may |= Q(route__in=roads) & of_phase & ~Q(staff_concern__head_is_subject=True)
        if role in LOW_LEVEL_READERS:
            may |= Q(route=Route.PUPIL, track=Track.LOW_LEVEL) & of_phase
        if role in IN_THE_HEADS_PLACE:
            may |= Q(route__in=ABOUT_STAFF, staff_concern__head_is_subject=True)
    return may & ~Q(state__in=_NOT_YET) & ~about_me(user)


def may_read(user: Any, incident: Incident, on: date) -> bool:
    """Whether `user` may read this record whole."""
    return Incident.objects.filter(readable_by(user, incident.school, on), pk=incident.pk).exists()
