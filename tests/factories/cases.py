"""Records of incidents as tests need them: anywhere on their course, without the operations that lead there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.people.models import Pupil, School, User
from incidents.enums import CaseEventKind, CaseState, IncidentType, PersonKind, PersonRole, Route
from incidents.models import Incident, IncidentEvent, IncidentPerson, StaffConcern
from incidents.operations.moves import next_reference

ACCOUNT = "Seen at the lockers after the bell, a phone in hand."


def make_case(
    school: School,
    *,
    by: User,
    at: datetime,
    pupil: Pupil | None = None,
    staff: User | None = None,
    state: CaseState = CaseState.REPORTED,
    type: IncidentType = IncidentType.USED_IN_LESSON,
    **fields: Any,
) -> Incident:
    """A record that `by` reported, in `state`; about `pupil`, or about `staff` with its staff concern."""
    values: dict[str, Any] = {
        "account": ACCOUNT,
        "happened_at": at,
        "place": "Corridor B",
        "phase": pupil.phase if pupil is not None else "",
        "route": Route.PUPIL if staff is None else Route.ALLEGATION,
    }
    if state not in (CaseState.DRAFT, CaseState.DISCARDED):
        values |= {"reference": next_reference(school, at), "reported_at": at, "title": IncidentType(type).label}
    if state == CaseState.CLOSED:
        values |= {"closed_at": at, "closed_by": by, "outcome": "spoken_to", "outcome_words": "Agreed with the family."}
    case = Incident(school=school, type=type, state=state, reporter=by, **values | fields)
    case.stamp(by=by, at=at)
    case.save()
    IncidentEvent.objects.create(
        school=school, incident=case, kind=CaseEventKind.DRAFTED, from_state="", to_state=CaseState.DRAFT, at=at, by=by
    )
    if pupil is not None:
        add_person(case, at=at, pupil=pupil)
    if staff is not None:
        add_person(case, at=at, user=staff)
        concern = StaffConcern(school=school, incident=case, subject=staff)
        concern.stamp(by=by, at=at)
        concern.save()
    return case


def add_person(
    case: Incident,
    *,
    at: datetime,
    role: PersonRole = PersonRole.SUBJECT,
    pupil: Pupil | None = None,
    user: User | None = None,
    name: str = "",
) -> IncidentPerson:
    """Somebody in the record: a pupil, a member of staff, or a name."""
    kind = PersonKind.PUPIL if pupil else PersonKind.STAFF if user else PersonKind.UNKNOWN
    person = IncidentPerson(school=case.school, incident=case, role=role, kind=kind, pupil=pupil, user=user, name=name)
    person.stamp(by=case.reporter, at=at)
    person.save()
    return person
