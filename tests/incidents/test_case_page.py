"""The page of one record: what was written stays, what is added stands beside it, and who looked is on record (W7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.people.access import NotPermitted
from core.people.enums import Phase
from core.people.models import School, User
from core.people.roles import Role
from incidents import operations
from incidents.enums import CaseState, NoteKind, ParentsDecision, PersonKind, PersonRole, RiskArea, Track
from incidents.models import CaseAccess, Incident, IncidentNote, IncidentPerson
from incidents.operations.moves import NothingThere
from tests.factories import make_pupil
from tests.factories.cases import ACCOUNT, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(school: School, teacher_user: User, at: datetime) -> Incident:
    return make_case(
        school, by=teacher_user, at=at, pupil=make_pupil(school, "Wilma", year_group=8), own_words="“It was mine.”",
        opinion="She seemed tired.", immediate_action="Asked her to put it away.", track=Track.SERIOUS,
        risk_area=RiskArea.CONDUCT,
    )  # fmt: skip


@pytest.fixture
def dsl(dsl_user: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(dsl_user)


def page(case: Incident, name: str = "case", *args: Any) -> str:
    return reverse(f"incidents:{name}", args=[case.school.slug, case.pk, *args])


def test_report_is_read_as_it_was_written_with_corrections_beside_what_they_correct(
    case: Incident, dsl: Client, dsl_user: User, teacher_user: User, at: datetime
) -> None:
    """SG-2: own words and opinion apart from the facts; a correction stands beside the original."""
    added = IncidentNote.objects.create(
        school=case.school, incident=case, kind=NoteKind.ADDED, text="It was after lunch.", at=at, by=teacher_user
    )
    answer = dsl.post(page(case, "correct-note", added.pk), {"text": "It was before lunch.", "submission": uuid4()})
    assert answer.status_code == 302
    shown = dsl.get(page(case)).content.decode()
    for words in (ACCOUNT, "“It was mine.”", "She seemed tired.", "Asked her to put it away.", "It was after lunch.",
                  "It was before lunch.", "As it was written", "Corrected"):  # fmt: skip
        assert words in shown, words
    assert shown.index("In their own words") < shown.index("Opinion of the reporter")
    assert shown.index("It was after lunch.") < shown.index("It was before lunch.")
    added.refresh_from_db()
    assert added.text == "It was after lunch."


def test_note_is_added_once_about_its_time_and_may_not_be_of_the_future(
    case: Incident, dsl_user: User, at: datetime
) -> None:
    """SG-2, INC-29: work with parents and pupils; author, time and the time it tells of are kept apart."""
    key, before = uuid4(), at - timedelta(days=1)
    given: dict[str, Any] = {"school": case.school, "actor": dsl_user, "at": at, "incident": case}
    first = operations.add_note(
        **given, kind=NoteKind.PARENT_WORK, text="Met both; agreed to speak weekly.", about_at=before, submission=key
    )
    again = operations.add_note(**given, kind=NoteKind.PARENT_WORK, text="Something else", submission=key)
    assert first == again
    assert (first.about_at, first.at, first.by) == (before, at, dsl_user)
    with pytest.raises(operations.NothingWritten):
        operations.add_note(**given, kind=NoteKind.MEETING, text="  ")
    with pytest.raises(operations.NotOfTheFuture):
        operations.add_note(**given, kind=NoteKind.MEETING, text="Later", about_at=at + timedelta(days=1))
    other = make_case(case.school, by=dsl_user, at=at)
    with pytest.raises(operations.NoteOfAnotherRecord):
        operations.correct_note(**given | {"incident": other}, corrects=first, text="No.")


def test_what_was_typed_is_still_there_after_a_refusal(case: Incident, dsl: Client) -> None:
    """Nothing typed is lost: the form comes back with its words."""
    answer = dsl.post(
        page(case, "case-notes"), {"kind": "meeting", "text": "Long words.", "about_at": "2199-01-01T10:00"}
    )
    assert answer.status_code == 422
    assert b"Long words." in answer.content


def test_page_says_who_can_see_it_and_who_has_looked(
    case: Incident, dsl: Client, dsl_user: User, school: School, client_for: Callable[[User], Client],
    make_user: Callable[..., User], at: datetime,
) -> None:  # fmt: skip
    """SG-3, ORG-10: it names roles and who was let in; each look is on record; for all others it is not there."""
    inspector = make_user(Role.SLT)
    access = CaseAccess(
        school=school, incident=case, user=inspector, reason="investigator", given_at=at, given_by=dsl_user
    )
    access.stamp(by=dsl_user, at=at)
    access.save()
    shown = dsl.get(page(case)).content.decode()
    for words in ("Restricted:", "Designated safeguarding lead", "Headteacher", inspector.display_name):
        assert words in shown, words
    reading = client_for(inspector)
    assert reading.get(page(case)).status_code == 200
    assert reading.get(page(case, "case-looks")).status_code == 403
    looks = dsl.get(page(case, "case-looks")).content.decode()
    assert inspector.display_name in looks
    assert client_for(case.reporter).get(page(case)).status_code == 404


def test_investigator_reads_and_adds_but_decides_nothing(
    case: Incident, school: School, dsl_user: User, make_user: Callable[..., User], at: datetime,
    client_for: Callable[[User], Client],
) -> None:  # fmt: skip
    """STA-17, matrix 1.21: pages that decide do not exist for somebody who was let in."""
    inspector = make_user(Role.TEACHER)
    access = CaseAccess(
        school=school, incident=case, user=inspector, reason="investigator", given_at=at, given_by=dsl_user
    )
    access.stamp(by=dsl_user, at=at)
    access.save()
    reading = client_for(inspector)
    assert reading.post(page(case, "case-notes"), {"kind": "meeting", "text": "Met."}).status_code == 302
    for name in ("decide", "case-serious", "case-people"):
        assert reading.get(page(case, name)).status_code == 404
    with pytest.raises(NotPermitted):
        operations.decide_case(school=school, actor=inspector, at=at, incident=case, decision_reason="Mine.")


def test_people_are_added_and_taken_out_and_the_phase_follows(
    case: Incident, dsl: Client, dsl_user: User, school: School, teacher_user: User, at: datetime
) -> None:
    """INC-02, INC-04: each person in a role once; removed, never deleted; of two phases the record is of none."""
    assert Incident.objects.get().phase == Phase.SECONDARY or case.phase
    small = make_pupil(school, "Ferdinand", "Quillfeather", year_group=3)
    sent = {"role": "affected", "kind": "pupil", "name": "Quillfeather"}
    assert dsl.post(page(case, "case-people"), sent).status_code == 302
    case.refresh_from_db()
    assert case.phase == ""
    person = IncidentPerson.objects.get(pupil=small)
    given: dict[str, Any] = {"school": school, "actor": dsl_user, "at": at, "incident": case}
    with pytest.raises(operations.AlreadyInIt):
        operations.add_person(**given, role=PersonRole.AFFECTED, pupil=small)
    with pytest.raises(operations.NobodyNamed):
        operations.add_person(**given, role=PersonRole.WITNESS, kind=PersonKind.UNKNOWN)
    with pytest.raises(operations.LastSubject):
        operations.remove_person(**given, person=case.people.get(role=PersonRole.SUBJECT))
    assert dsl.post(page(case, "remove-person", person.pk)).status_code == 302
    person.refresh_from_db()
    case.refresh_from_db()
    assert (person.removed_by, case.phase) == (dsl_user, Phase.SECONDARY)
    with pytest.raises(NothingThere):
        operations.add_person(**given | {"actor": teacher_user}, role=PersonRole.WITNESS, user=dsl_user)


@pytest.mark.parametrize("name", ["case", "case-notes", "case-actions", "case-people"])
def test_page_costs_the_same_for_three_rows_as_for_one(
    name: str, case: Incident, dsl: Client, dsl_user: User, teacher_user: User, at: datetime
) -> None:
    given: dict[str, Any] = {"school": case.school, "actor": dsl_user, "at": at, "incident": case}

    def one_more() -> None:
        note = operations.add_note(**given, kind=NoteKind.MEETING, text="Met.")
        operations.correct_note(**given, corrects=note, text="Not met.")
        pupil = make_pupil(case.school, year_group=8)
        operations.add_person(**given, role=PersonRole.AFFECTED, pupil=pupil)
        operations.decide_parents(**given, pupil=pupil, decision=ParentsDecision.NOT_YET, reason="Later.")
        operations.start_referral(**given, body="Police", reason="Crime.")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert dsl.get(page(case, name)).status_code == 200
        return len(queries)

    case.state = CaseState.ACTION
    one_more()
    dsl.get(page(case, name))
    first = count()
    one_more()
    one_more()
    assert count() == first
