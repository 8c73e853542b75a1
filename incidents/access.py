"""Who may read a record: one table, and the exceptions that stand above it (ORG-10, STA-17, security 5.2).

Whatever shows incidents asks here, lists and counts among it: what somebody may not read does not exist for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core.people.models import Contact, School, User
from core.people.queries import holdings_of, load_holdings
from core.people.roles import DSL_ROLES, Role
from incidents.enums import CaseState, PersonRole, Route, Track
from incidents.models import CaseAccess, Incident, IncidentPerson, StaffConcern

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


def _saying_something(user: User) -> tuple[Q, ...]:
    """What makes a record say something of this person, or of their own child."""
    there = IncidentPerson.objects.filter(incident=OuterRef("pk"), removed_at__isnull=True)
    mine = there.filter(user=user, role__in=_ABOUT)
    children = Contact.objects.filter(account=user, ended_on__isnull=True).values("pupil")
    child = there.filter(pupil__in=children)
    return Q(Exists(mine)), Q(Exists(child)), Q(staff_concern__subject=user)


def about_me(user: User) -> Q:
    """The records that say something of this person, or of their own child: not for them, whatever their role."""
    mine, child, concern = _saying_something(user)
    return mine | child | concern


@dataclass(frozen=True)
class _Grant:
    """What one role reads: records of these roads, of a phase where it has one, about the head or not, of a track."""

    roads: frozenset[Route]
    phase: str = ""
    about_head: bool = False
    track: str = ""

    def condition(self) -> Q:
        """As the database asks."""
        about_head = Q(staff_concern__head_is_subject=True)
        found = Q(route__in=sorted(self.roads)) & (about_head if self.about_head else ~about_head)
        if self.phase:
            found &= Q(phase__in=[self.phase, ""])
        return found & Q(track=self.track) if self.track else found

    def covers(self, incident: Incident, *, about_head: bool) -> bool:
        """The same of a record at hand."""
        return (
            incident.route in self.roads
            and about_head == self.about_head
            and (not self.phase or incident.phase in (self.phase, ""))
            and (not self.track or incident.track == self.track)
        )


def _grants(user: User, school_id: int) -> list[_Grant]:
    """What the roles give that somebody holds in the school today."""
    found = []
    for holding in holdings_of(user):
        if holding.school_id != school_id:
            continue
        role, phase = Role(holding.role), holding.phase
        roads = frozenset(road for road, readers in READERS.items() if role in readers)
        if roads:
            found.append(_Grant(roads, phase))
        if role in LOW_LEVEL_READERS:
            found.append(_Grant(frozenset({Route.PUPIL}), phase, track=Track.LOW_LEVEL))
        if role in IN_THE_HEADS_PLACE:
            found.append(_Grant(ABOUT_STAFF, about_head=True))
    return found


def _conditions(grants: Iterable[_Grant]) -> list[Q]:
    return [grant.condition() for grant in grants]


def _works_at(user: User, school_id: int) -> bool:
    return any(holding.school_id == school_id for holding in holdings_of(user))


def _let_in(on: date) -> Q:
    return Q(ended_at__isnull=True) & (Q(until__isnull=True) | Q(until__gte=on))


def readable_by(user: Any, school: School, on: date) -> Q:
    """The records that `user` may read whole on a day; nobody reads nothing. A few subqueries, however many records."""
    if user is None or not getattr(user, "is_active", False) or not _works_at(user, school.pk):
        return Q(pk__in=[])
    way_in = CaseAccess.objects.filter(_let_in(on), user=user).values("incident")
    mine, grants = Q(owner=user, route=Route.PUPIL), _grants(user, school.pk)
    if all(grant.about_head for grant in grants):
        # A handful, and looked up first: how long it takes must not tell how many there are beside them.
        few = [Incident.objects.filter(which).order_by().values("pk") for which in (mine, *_conditions(grants))]
        may = Q(pk__in=way_in.union(*few))
    else:
        may = mine | Q(pk__in=way_in)
        for which in _conditions(grants):
            may |= which
    may &= ~Q(state__in=_NOT_YET)
    for said in _saying_something(user):  # one by one: so the database asks each of all records at once
        may &= ~said
    return may


def readers_among(people: Iterable[User], incident: Incident, on: date) -> list[User]:
    """Those of `people` who may read this record whole: the same as `may_read` of each, in a few statements for all."""
    asked = list(people)
    if incident.state in _NOT_YET:
        return []
    load_holdings(asked)
    there = IncidentPerson.objects.filter(incident=incident, removed_at__isnull=True)
    barred = set(there.filter(user__isnull=False, role__in=_ABOUT).values_list("user_id", flat=True))
    barred |= set(
        there.filter(pupil__contacts__account__isnull=False, pupil__contacts__ended_on__isnull=True).values_list(
            "pupil__contacts__account_id", flat=True
        )
    )
    concern = StaffConcern.objects.filter(incident=incident).first()
    about_head = concern is not None and concern.head_is_subject
    if concern is not None:
        barred.add(concern.subject_id)
    let_in = set(CaseAccess.objects.filter(_let_in(on), incident=incident).values_list("user_id", flat=True))
    if incident.route == Route.PUPIL:
        let_in.add(incident.owner_id)

    def reads(user: User) -> bool:
        if user.pk in barred or not user.is_active or not _works_at(user, incident.school_id):
            return False
        grants = _grants(user, incident.school_id)
        return user.pk in let_in or any(grant.covers(incident, about_head=about_head) for grant in grants)

    return [user for user in asked if reads(user)]


def may_read(user: Any, incident: Incident, on: date) -> bool:
    """Whether `user` may read this record whole."""
    return Incident.objects.filter(readable_by(user, incident.school, on), pk=incident.pk).exists()
