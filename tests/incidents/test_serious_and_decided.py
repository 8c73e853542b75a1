"""Whom a serious record is told to, what is decided about a record, and two people at one record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.kit.refusals import ChangedMeanwhile
from core.notices.models import Notice, OutboxEmail
from core.people.models import School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from incidents import operations
from incidents.enums import CaseState, IncidentType, NoteKind, ParentsDecision, PersonRole, TellState, Track
from incidents.models import Incident, IncidentNote, Notification
from incidents.operations.acknowledging import NotAcknowledged
from incidents.queries.telling import still_to_tell
from incidents.workflow import TELL_MOVES, StepNotAllowed, check_pair
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user
from tests.factories.cases import add_person, make_case

pytestmark = pytest.mark.django_db

SECRET = "Quernstone words that stand nowhere else"


def make_scene(preset: str, at: datetime, **fields: Any) -> tuple[School, User, Incident]:
    school = make_school(preset=preset)
    with scope(school=school):
        dsl, teacher = make_user(Role.DSL, school), make_user(Role.TEACHER, school)
        values = {"state": CaseState.IN_REVIEW, "track": Track.SERIOUS} | fields
        return school, dsl, make_case(school, by=teacher, at=at, pupil=make_pupil(school), **values)


def leaves_parents(school: School, actor: User, at: datetime, case: Incident) -> None:
    """Nobody is told yet, for a reason: so that the record can be decided."""
    pupil = case.people.get().pupil
    assert pupil is not None
    operations.decide_parents(
        school=school, actor=actor, at=at, incident=case, pupil=pupil, decision=ParentsDecision.NOT_YET, reason="Later."
    )


@pytest.fixture
def bel(at: datetime) -> Iterator[tuple[School, User, Incident]]:
    scene = make_scene("group-locked-storage", at)
    with scope(school=scene[0]):
        yield scene


def test_serious_record_opens_both_lists_due_the_same_day(bel: tuple[School, User, Incident], at: datetime) -> None:
    """INC-23, INC-24, NOT-09, A-08, A-55: the group head must; the LADO is set aside where no adult is in it."""
    school, dsl, case = bel
    group = make_user(Role.GROUP_SAFEGUARDING_HEAD, school)
    key = uuid4()
    for _time in range(2):
        operations.set_serious(school=school, actor=dsl, at=at, incident=case, reason=SECRET, submission=key)
    case.refresh_from_db()
    rows = {row.body: row for row in Notification.objects.all()}
    assert {body for body, row in rows.items() if row.must} == {"The group’s head of safeguarding"}
    assert len(rows) == 7
    assert {row.due_at.date() for row in rows.values()} == {at.date()}
    assert [body for body, row in rows.items() if row.state == TellState.NOT_RELEVANT] == ["LADO"]
    notice = Notice.objects.get(recipient=group)
    words = notice.subject + notice.body + "".join(OutboxEmail.objects.values_list("text", flat=True))
    assert SECRET not in words
    assert case.reference not in words
    assert len(still_to_tell(case)) == 6
    with pytest.raises(operations.SeriousAlready):
        operations.set_serious(school=school, actor=dsl, at=at, incident=case)


def test_lado_is_to_be_told_where_an_adult_is_in_it(bel: tuple[School, User, Incident], at: datetime) -> None:
    """A-55: the LADO is for staff and volunteers."""
    school, dsl, case = bel
    add_person(case, at=at, role=PersonRole.ADULT_INVOLVED, user=make_user(Role.SUPPORT, school))
    operations.set_serious(school=school, actor=dsl, at=at, incident=case)
    assert Notification.objects.get(body="LADO").state == TellState.NEEDED


def test_who_must_be_told_is_told_and_others_may_be_set_aside_for_a_reason(
    bel: tuple[School, User, Incident], at: datetime
) -> None:
    """INC-23, INC-24, BEL-S8: by the operation and by the database."""
    school, dsl, case = bel
    operations.set_serious(school=school, actor=dsl, at=at, incident=case)
    must, police = Notification.objects.get(must=True), Notification.objects.get(body="Police")
    given: dict[str, Any] = {"school": school, "actor": dsl, "at": at}
    with pytest.raises(operations.MustBeToldOfIt):
        operations.body_not_relevant(**given, notification=must, reason="Not today.")
    must.state, must.reason = TellState.NOT_RELEVANT, "Not today."
    must.stamp(by=dsl, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        must.save()
    with pytest.raises(operations.NotRelevantSaysWhy):
        operations.body_not_relevant(**given, notification=police, reason=" ")
    operations.body_not_relevant(**given, notification=police, reason=SECRET)
    operations.tell_after_all(**given, notification=police)
    with pytest.raises(operations.ToldWhomAndWhen):
        operations.tell_body(**given, notification=police, told_whom="", channel="phone")
    told = operations.tell_body(**given, notification=police, told_whom="PC Marsh", channel="phone", reference="9/26")
    assert (told.told_by, told.told_at, told.state) == (dsl, at, TellState.SENT)
    operations.body_acknowledged(**given, notification=police)
    with pytest.raises(StepNotAllowed):
        operations.tell_body(**given, notification=police, told_whom="PC Marsh", channel="phone")
    operations.add_body(**given, incident=case, body="Fire service")
    with pytest.raises(operations.OnTheListAlready):
        operations.add_body(**given, incident=case, body="fire service")
    with pytest.raises(operations.NotSeriousSaysWhy):
        operations.set_serious(**given, incident=case, serious=False)
    operations.set_serious(**given, incident=case, serious=False, reason="Cleared up.")
    case.refresh_from_db()
    assert still_to_tell(case) == []


@pytest.mark.parametrize(
    ("preset", "inside", "outside"),
    [
        ("group-locked-storage", 1, 6),
        ("primary-by-agreement", 0, 0),
        ("primary-online-safety", 1, 2),
        ("image-and-conduct", 1, 3),
        ("phone-free-agreement", 1, 0),
    ],
)
def test_each_preset_opens_its_own_lists(preset: str, inside: int, outside: int, at: datetime) -> None:
    """INC-23, INC-24: where the rules name nobody outside, a person decides, and that is kept (matrix 0.3)."""
    school, dsl, case = make_scene(preset, at)
    with scope(school=school):
        operations.set_serious(school=school, actor=dsl, at=at, incident=case)
        rows = Notification.objects.all()
        assert (rows.filter(inside=True).count(), rows.filter(inside=False).count()) == (inside, outside)
        assert RecordedDecision.objects.filter(key="serious_outside_list").exists() == (outside == 0)


def test_every_move_of_the_list_is_that_of_the_table(bel: tuple[School, User, Incident], at: datetime) -> None:
    """Matrix 4.7: in the program and in the database."""
    school, dsl, case = bel
    for origin in TellState:
        for target in TellState:
            row = Notification(
                school=school, incident=case, body=f"{origin} {target}", state=origin, told_at=at, told_by=dsl,
                reason="Why",
            )  # fmt: skip
            row.stamp(by=dsl, at=at)
            row.save()
            row.state = target
            row.stamp(by=dsl, at=at)
            if origin == target:
                continue
            if (origin, target) in TELL_MOVES:
                row.save()
                continue
            with pytest.raises(StepNotAllowed):
                check_pair(TELL_MOVES, origin, target, "Somebody")
            with pytest.raises(IntegrityError), transaction.atomic():
                row.save()


def decides(school: School, actor: User, at: datetime, case: Incident, **fields: Any) -> Incident:
    leaves_parents(school, actor, at, case)
    done = operations.decide_case(
        school=school, actor=actor, at=at, incident=case, **{"decision_reason": SECRET} | fields
    )
    assert isinstance(done, Incident)
    return done


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"state": CaseState.REPORTED, "track": ""}, None),
        ({"state": CaseState.TRIAGED, "track": Track.LOW_LEVEL}, None),
        ({"state": CaseState.IN_REVIEW}, None),
        ({"state": CaseState.TRIAGED}, operations.ReviewFirst),
        ({"state": CaseState.REPORTED, "track": "", "concern_for_child": True}, operations.ReviewFirst),
        ({"state": CaseState.REPORTED, "track": "", "type": IncidentType.IMAGE}, operations.ReviewFirst),
        ({"state": CaseState.REPORTED, "track": "", "urgent": True}, NotAcknowledged),
        ({"state": CaseState.REOPENED}, StepNotAllowed),
        ({"state": CaseState.CLOSED}, StepNotAllowed),
    ],
)
def test_record_is_decided_from_review_or_as_low_level_behaviour(
    fields: dict[str, Any], refusal: Any, at: datetime
) -> None:
    """INC-08, INC-22, SG-1: with its reason; neither a sanction nor support is asked for."""
    school, dsl, case = make_scene("phone-free-agreement", at, **fields)
    with scope(school=school):
        with pytest.raises(operations.DecisionSaysWhy):
            operations.decide_case(school=school, actor=dsl, at=at, incident=case, decision_reason=" ")
        if refusal is not None:
            with pytest.raises(refusal):
                decides(school, dsl, at, case)
            return
        done = decides(school, dsl, at, case)
        assert (done.state, done.decided_by, done.decision_reason) == (CaseState.ACTION, dsl, SECRET)
        assert done.track == (Track.SERIOUS if fields["state"] == CaseState.IN_REVIEW else Track.LOW_LEVEL)


@pytest.mark.usefixtures("page_contexts")
def test_two_dsls_at_one_record_one_wins_and_the_other_loses_nothing(
    bel: tuple[School, User, Incident], at: datetime, client_for: Callable[[User], Client]
) -> None:
    """Two people decide from pages opened at the same version: the second sees both texts side by side, saves again,
    and both are in the record."""
    school, dsl, case = bel
    other = make_user(Role.DEPUTY_DSL, school)
    leaves_parents(school, dsl, at, case)
    case.refresh_from_db()
    url = reverse("incidents:decide", args=[school.slug, case.pk])
    first, second = client_for(dsl), client_for(other)
    sent = {"version": case.version, "decision_reason": "The first decides on a talk.", "submission": uuid4()}
    assert first.post(url, sent).status_code == 302
    typed = {"version": case.version, "decision_reason": "The second would phone home.", "submission": uuid4()}
    answer = second.post(url, typed)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert shown.count("The first decides on a talk.") == 1
    assert shown.count("The second would phone home.") == 2, "beside what is saved, and still in the form"
    case.refresh_from_db()
    assert (case.decision_reason, case.decided_by) == ("The first decides on a talk.", dsl)
    again = {**typed, "version": answer.context["form"]["version"].value()}
    assert second.post(url, again).status_code == 302
    case.refresh_from_db()
    assert case.decision_reason == "The first decides on a talk."
    note = IncidentNote.objects.get(kind=NoteKind.CASE_NOTE)
    assert (note.text, note.by) == ("The second would phone home.", other)


@pytest.mark.django_db(transaction=True)
def test_two_decisions_in_the_same_second_are_one_and_a_clash(at: datetime) -> None:
    """The record's lock and version: exactly one of two writers wins."""
    school, dsl, case = make_scene("group-locked-storage", at)
    with scope(school=school):
        leaves_parents(school, dsl, at, case)
        case.refresh_from_db()
        version = case.version

    def decide(words: str) -> Any:
        return operations.decide_case(
            school=school, actor=dsl, at=at, incident=case, decision_reason=words, version=version
        )

    results = at_once(school, lambda: decide("One."), lambda: decide("Two."))
    assert sorted(type(result).__name__ for result in results) == ["ChangedMeanwhile", "Incident"]
    assert any(isinstance(result, ChangedMeanwhile) for result in results)
    marks = at_once(
        school,
        lambda: operations.set_serious(school=school, actor=dsl, at=at, incident=case),
        lambda: operations.set_serious(school=school, actor=dsl, at=at, incident=case),
    )
    assert sorted(type(result).__name__ for result in marks) == ["Incident", "SeriousAlready"]
    with scope(school=school):
        assert Notification.objects.count() == 7
