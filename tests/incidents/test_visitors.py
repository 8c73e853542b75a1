"""A visitor and a device: reported as staff do it, or from a challenge in one step; whom the rules name is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

import pytest
from django_scopes import scope

from core.notices.models import Notice
from core.people.models import School
from core.people.roles import Role
from incidents import operations
from incidents.enums import CaseEventKind, CaseState, IncidentType, PersonRole, Route
from incidents.models import Incident
from incidents.operations.visitors import NOT_KNOWN
from tests.factories import make_pupil, make_school, make_user

pytestmark = pytest.mark.django_db
HEARS = {
    "group-locked-storage": {Role.DSL, Role.HEADTEACHER},
    "primary-by-agreement": {Role.DSL},  # or a senior leader, who reads no such record: one suffices
    "primary-online-safety": {Role.DSL, Role.HEADTEACHER},
    "image-and-conduct": {Role.DSL},  # the rules name nobody: those who read it
    "phone-free-agreement": {Role.DSL, Role.HEADTEACHER},
}


@pytest.fixture(params=sorted(HEARS))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(preset: str) -> Iterator[School]:
    school = make_school("fernleigh", preset=preset)
    with scope(school=school):
        yield school


def test_raise_from_challenge_makes_one_record_with_its_data_and_tells_whom_the_rules_name(
    place: School, preset: str, at: datetime
) -> None:
    """VIS-14, VIS-13, NOT-13, INC-44: visitor, company, host, place, concern and answer are carried over; lending to a
    pupil is its own reason where the school counts it; the same form twice is one record; who was told and when is an
    event that names posts and nobody."""
    people = {role: make_user(role, place) for role in (Role.DSL, Role.HEADTEACHER, Role.SLT)}
    teacher, pupil, key = make_user(Role.TEACHER, place), make_pupil(place), uuid4()
    made, again = (
        operations.raise_from_challenge(
            school=place, actor=teacher, at=at, visitor_name="Ned Ferrier", company="Ferrier Lifts",
            host="The caretaker", where="Hall", concern="Held a phone out to a pupil.",
            response="Was asked to put it away, and did.", pupil=pupil, submission=key,
        )
        for _time in range(2)
    )  # fmt: skip
    case = Incident.objects.get()
    assert made == again == case
    lent = IncidentType.LENT_BY_VISITOR if preset == "group-locked-storage" else IncidentType.VISITOR
    assert (case.type, case.route, case.state, case.reporter) == (lent, Route.VISITOR, CaseState.REPORTED, teacher)
    assert case.account == "Held a phone out to a pupil.\nComes from: Ferrier Lifts\nVisits: The caretaker"
    assert (case.place, case.immediate_action) == ("Hall", "Was asked to put it away, and did.")
    assert {(one.display_name, one.role) for one in case.people.all()} == {
        ("Ned Ferrier", PersonRole.SUBJECT), (pupil.display_name, PersonRole.AFFECTED),
    }  # fmt: skip
    notices = Notice.objects.filter(kind="incidents.reported")
    assert {notice.recipient for notice in notices} == {people[role] for role in HEARS[preset]}
    told = case.events.get(kind=CaseEventKind.TOLD)
    assert (told.at, case.dsl_notified_at) == (at, at)
    assert all(role.label in told.about for role in HEARS[preset]) and "Robin" not in told.about
    assert all("Ferrier" not in f"{notice.subject} {notice.body} {notice.url}" for notice in notices)


def test_raise_from_challenge_of_an_unknown_visitor_and_without_words(place: School, at: datetime) -> None:
    """VIS-12: any staff may, of somebody whose name they do not have; what was of concern is always said."""
    teacher = make_user(Role.TEACHER, place)
    with pytest.raises(operations.AccountMissing):
        operations.raise_from_challenge(school=place, actor=teacher, at=at, visitor_name="", where="Gate", concern=" ")
    case = operations.raise_from_challenge(
        school=place, actor=teacher, at=at, visitor_name="", where="Gate", concern="Filmed the yard."
    )
    assert (case.people.get().display_name, case.type) == (NOT_KNOWN, IncidentType.VISITOR)
    assert not Incident.objects.filter(state=CaseState.DRAFT).exists()
