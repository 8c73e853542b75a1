"""Whether and when parents are told of a hold: the DSL decides, and until then nothing goes out (law IM-6, CNF-13)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.notices.models import OutboxEmail
from core.people.access import NotPermitted
from core.people.models import Contact, School, User
from core.people.roles import Role
from core.rules.operations import adopt_preset
from devices import operations
from devices.enums import DocumentKind, HoldReason, NoticeAbout, State, TellOfHold, ToldHow
from devices.models import CustodyRecord, EvidenceHold, ParentNotice, PupilDevice
from devices.operations import add_device
from devices.queries.taken import (
    holds_to_tell_of,
    notices_overdue,
    notices_visible_to,
    to_tell,
    told_of_hold,
    waits_for_dsl,
)
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.taking import make_taken

Clients = Callable[[User], Client]
_TOMORROW = timedelta(days=1)


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


@pytest.fixture
def stay(phone: PupilDevice, teacher_user: User, office_user: User, at: datetime) -> CustodyRecord:
    """A device that was taken, of which a parent is to be told."""
    taken = make_taken(phone.pupil, phone, by=teacher_user, at=at)
    operations.taken.open_notice(
        school=phone.school, actor=office_user, at=at, about=NoticeAbout.TAKEN, pupil=phone.pupil, custody=taken
    )
    return taken


@pytest.fixture
def mother(stay: CustodyRecord) -> Contact:
    return make_contact(stay.pupil, "Kovacs", email="dana@example.org")


@pytest.fixture
def hold(stay: CustodyRecord, teacher_user: User, at: datetime) -> EvidenceHold:
    return operations.taken.place_hold(
        school=stay.school, actor=teacher_user, at=at, custody=stay, reason=HoldReason.CRIME
    )


def decide(hold: EvidenceHold, actor: User, at: datetime, answer: str, **given: Any) -> ParentNotice:
    return operations.taken.decide_telling(school=hold.school, actor=actor, at=at, hold=hold, answer=answer, **given)


def lift(hold: EvidenceHold, actor: User, at: datetime) -> EvidenceHold:
    return operations.taken.lift_hold(
        school=hold.school, actor=actor, at=at, hold=hold, because="The police do not need it."
    )


def listed(person: User, school: School) -> list[str]:
    """What the list of parents to tell shows to a person."""
    return [notice.about for notice in to_tell(notices_visible_to(person, school))]


# --- Until it is decided ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "preset",
    [
        "group-locked-storage", "primary-by-agreement", "primary-online-safety", "image-and-conduct",
        "phone-free-agreement",
    ],
)  # fmt: skip
def test_a_hold_tells_no_parent_before_the_dsl_decides_under_any_preset(
    school: School, stay: CustodyRecord, mother: Contact, teacher_user: User, office_user: User, dsl_user: User,
    at: datetime, preset: str,
) -> None:  # fmt: skip
    """IM-6, CNF-13, matrix 0.3: a hold opens nothing by itself. What was to be told of the taking waits with it: for
    the office it is not there, it is not overdue, and neither a word, an email nor a letter goes out."""
    adopt_preset(
        school=school, actor=None, at=at, preset=preset, effective_from=at.date(), reason="The policy of a test."
    )
    school.refresh_from_db()
    taken = ParentNotice.objects.get(custody=stay)
    hold = operations.taken.place_hold(school=school, actor=teacher_user, at=at, custody=stay, reason=HoldReason.CRIME)
    assert not ParentNotice.objects.filter(about=NoticeAbout.HELD).exists()
    assert [one.pk for one in holds_to_tell_of(school, at)] == [hold.pk]
    assert listed(office_user, school) == []
    assert listed(dsl_user, school) == [NoticeAbout.TAKEN]
    assert not notices_overdue(school, at + _TOMORROW).exists()
    for how in (ToldHow.PHONE, ToldHow.EMAIL):
        with pytest.raises(operations.taken.TheDslDecides, match="Ask the DSL"):
            operations.taken.tell_parent(
                school=school, actor=office_user, at=at, notice=taken, contact=mother, how=how, message="It is here."
            )
    for kind in (DocumentKind.RECEIPT, DocumentKind.LETTER, DocumentKind.SLIP):
        with pytest.raises(operations.taken.WithheldFromFamily):
            operations.taken.issue_document(
                school=school, actor=office_user, at=at, kind=kind, custody=stay, contact=mother
            )
    assert not OutboxEmail.objects.filter(address=mother.email).exists()
    refused = Entry.objects.filter(action="devices.tell_parent", outcome=Outcome.REFUSED)
    assert {entry.detail["refusal"] for entry in refused} == {"the_dsl_decides"}


# --- The decision -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_decide_telling_is_the_dsls_alone(
    hold: EvidenceHold, make_user: Callable[..., User], at: datetime, role: Role
) -> None:
    """IM-6, A-11: the DSL and deputies; not the head, not whoever holds the device, nobody else."""
    person = make_user(role)
    if role in {Role.DSL, Role.DEPUTY_DSL}:
        assert decide(hold, person, at, TellOfHold.YES).about == NoticeAbout.HELD
    else:
        with pytest.raises(NotPermitted):
            decide(hold, person, at, TellOfHold.YES)
        assert not ParentNotice.objects.filter(about=NoticeAbout.HELD).exists()


def test_decide_telling_yes_opens_the_ordinary_notice_in_neutral_words(
    hold: EvidenceHold, stay: CustodyRecord, mother: Contact, office_user: User, dsl_user: User, at: datetime
) -> None:
    """IM-6, CNF-13: due by office close, told by the office as any other; the email says neither why nor of whom."""
    notice = decide(hold, dsl_user, at, TellOfHold.YES)
    assert notice.due_at == at.replace(hour=16, minute=0)
    assert listed(office_user, stay.school) == [NoticeAbout.TAKEN, NoticeAbout.HELD]
    with pytest.raises(operations.taken.MustBeTold):
        operations.taken.drop_notice(
            school=stay.school, actor=dsl_user, at=at, notice=notice, because="Not needed after all."
        )
    operations.taken.tell_parent(
        school=stay.school, actor=office_user, at=at, notice=notice, contact=mother, how=ToldHow.EMAIL
    )
    mail = OutboxEmail.objects.get(address=mother.email)
    assert "keeps it for now" in mail.text
    for hidden in ("Amara", "Kovacs", "evidence", "crime", "police", "DSL", "hold"):
        assert hidden not in mail.text + mail.subject
    assert told_of_hold(hold, at).word == "A parent was told"
    with pytest.raises(operations.taken.NoticeSettled, match=office_user.display_name):
        decide(hold, dsl_user, at, TellOfHold.NOT_NOW, because="Too late.")


def test_decide_telling_not_now_keeps_all_of_the_stay_and_the_reason_to_the_dsl(
    hold: EvidenceHold, stay: CustodyRecord, office_user: User, headteacher_user: User, dsl_user: User, at: datetime
) -> None:
    """IM-6, A-11: with a reason, and not in the record's detail; it stays withheld when the hold is lifted, until the
    DSL says otherwise."""
    with pytest.raises(operations.taken.ReasonForParents):
        decide(hold, dsl_user, at, TellOfHold.NOT_NOW)
    notice = decide(hold, dsl_user, at, TellOfHold.NOT_NOW, because="Fear at home.")
    assert (notice.withheld_by, notice.withheld_because, notice.is_open) == (dsl_user, "Fear at home.", False)
    assert holds_to_tell_of(stay.school, at + 30 * _TOMORROW) == []
    assert "Fear" not in str(Entry.objects.get(action="devices.decide_telling").detail)
    lift(hold, headteacher_user, at)
    assert listed(office_user, stay.school) == listed(headteacher_user, stay.school) == []
    taken = ParentNotice.objects.get(custody=stay, about=NoticeAbout.TAKEN)
    operations.taken.stop_withholding(school=stay.school, actor=dsl_user, at=at, notice=taken)
    assert listed(office_user, stay.school) == [NoticeAbout.TAKEN]  # of the hold there is nothing to tell any more


def test_decide_telling_later_asks_again_on_the_day(
    hold: EvidenceHold, stay: CustodyRecord, office_user: User, dsl_user: User, at: datetime
) -> None:
    """IM-6: until that day it waits, and then the DSL is asked again; nothing is told by the clock alone."""
    for until in (None, at.date()):
        with pytest.raises(operations.taken.LaterNeedsDay):
            decide(hold, dsl_user, at, TellOfHold.LATER, until=until)
    decide(hold, dsl_user, at, TellOfHold.LATER, until=at.date() + 2 * _TOMORROW)
    assert told_of_hold(hold, at + _TOMORROW).word == "To be decided later"
    assert holds_to_tell_of(stay.school, at + _TOMORROW) == []
    assert [one.pk for one in holds_to_tell_of(stay.school, at + 2 * _TOMORROW)] == [hold.pk]
    assert listed(office_user, stay.school) == []
    again = decide(hold, dsl_user, at + 2 * _TOMORROW, TellOfHold.YES)
    assert again.is_open
    assert ParentNotice.objects.filter(custody=stay, about=NoticeAbout.HELD).count() == 1
    assert listed(office_user, stay.school) == [NoticeAbout.TAKEN, NoticeAbout.HELD]


@pytest.mark.parametrize("answer", [TellOfHold.YES, TellOfHold.LATER, None])
def test_a_lifted_hold_leaves_the_ordinary_notice(
    hold: EvidenceHold, stay: CustodyRecord, office_user: User, dsl_user: User, at: datetime, answer: str | None
) -> None:
    """CNF-13: what was taken is told as any other taking; that it was held is not told any more, nor decided."""
    if answer is not None:
        decide(hold, dsl_user, at, answer, until=at.date() + _TOMORROW)
    lift(hold, dsl_user, at)
    assert listed(office_user, stay.school) == [NoticeAbout.TAKEN]
    assert holds_to_tell_of(stay.school, at) == []
    with pytest.raises(operations.taken.HoldIsOver):
        decide(hold, dsl_user, at, TellOfHold.YES)


def test_a_second_hold_is_decided_by_itself(
    hold: EvidenceHold, stay: CustodyRecord, mother: Contact, office_user: User, dsl_user: User, at: datetime
) -> None:
    """IM-6: that a parent was told of the first hold says nothing about the next."""
    notice = decide(hold, dsl_user, at, TellOfHold.YES)
    operations.taken.tell_parent(
        school=stay.school, actor=office_user, at=at, notice=notice, contact=mother, how=ToldHow.PHONE, message="Kept."
    )
    lift(hold, dsl_user, at)
    later = at + timedelta(hours=1)
    second = operations.taken.place_hold(
        school=stay.school, actor=office_user, at=later, custody=stay, reason=HoldReason.POLICE_ASKED
    )
    stay.refresh_from_db()
    assert waits_for_dsl(stay)
    assert listed(office_user, stay.school) == []
    assert [one.pk for one in holds_to_tell_of(stay.school, later)] == [second.pk]
    assert told_of_hold(hold, later).over
    assert decide(second, dsl_user, later, TellOfHold.YES) != notice


def test_what_the_police_have_is_decided_too(
    hold: EvidenceHold, stay: CustodyRecord, office_user: User, dsl_user: User, at: datetime
) -> None:
    """IM-6, CNF-11: the handover ends the hold, not the question."""
    operations.taken.hand_to_police(
        school=stay.school, actor=dsl_user, at=at, custody=stay, officer_name="PC Hale", officer_number="4417",
        station="Northgate", reference="42/1", items="A phone", condition="Off",
    )  # fmt: skip
    hold.refresh_from_db()
    stay.refresh_from_db()
    assert (stay.state, listed(office_user, stay.school)) == (State.WITH_POLICE, [])
    assert [one.pk for one in holds_to_tell_of(stay.school, at)] == [hold.pk]
    decide(hold, dsl_user, at, TellOfHold.YES)
    assert listed(office_user, stay.school) == [NoticeAbout.TAKEN, NoticeAbout.HELD]


def test_decide_telling_the_same_submission_is_one_decision(hold: EvidenceHold, dsl_user: User, at: datetime) -> None:
    """ORG-09"""
    key = uuid4()
    first, second = (decide(hold, dsl_user, at, TellOfHold.YES, submission=key) for _ in range(2))
    assert first == second
    assert ParentNotice.objects.filter(about=NoticeAbout.HELD).count() == 1
    assert Entry.objects.filter(action="devices.decide_telling").count() == 1


@pytest.mark.django_db(transaction=True)
def test_decide_telling_by_two_at_once_leaves_one_notice(transactional_db: None, at: datetime) -> None:
    """IM-6: one thing to tell of one hold, whoever decides in the same second."""
    from devices.operations import seed_device_types

    school = make_school("harbour-view")
    with scope(school=school):
        dsl, deputy = make_user("dsl", school), make_user("deputy_dsl", school)
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        pupil = make_pupil(school)
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        stay = make_taken(pupil, device, by=dsl, at=at)
        hold = operations.taken.place_hold(school=school, actor=dsl, at=at, custody=stay, reason=HoldReason.CRIME)
        at_once(
            school,
            lambda: decide(hold, dsl, at, TellOfHold.YES),
            lambda: decide(EvidenceHold.objects.get(pk=hold.pk), deputy, at, TellOfHold.NOT_NOW, because="Fear."),
        )
        assert ParentNotice.objects.filter(custody=stay, about=NoticeAbout.HELD).count() == 1


# --- The pages --------------------------------------------------------------------------------------------------------


def test_the_dsl_decides_on_the_page_and_others_do_not_find_it(
    hold: EvidenceHold, stay: CustodyRecord, mother: Contact, office_user: User, teacher_user: User,
    headteacher_user: User, dsl_user: User, client_for: Clients, at: datetime,
) -> None:  # fmt: skip
    """IM-6, ORG-10: home list, evidence page and the hold's own page ask the DSL; the office sees "Held. Ask the DSL."
    and nothing more; the head sees that it waits for the DSL."""
    page = url("decide-telling", hold.pk)
    home = reverse("overview:home", args=["harbour-view"])
    with time_machine.travel(at, tick=False):
        for person in (office_user, teacher_user, headteacher_user):
            assert client_for(person).get(page).status_code == 403
            assert client_for(person).post(page, {"answer": "yes"}).status_code == 403
            assert "is a parent told" not in words(client_for(person).get(home))
        dsl, office = client_for(dsl_user), client_for(office_user)
        assert "1 hold: is a parent told of it?" in words(dsl.get(home))
        assert page in dsl.get(url("evidence")).content.decode()
        assert page in dsl.get(url("hold", hold.pk)).content.decode()
        assert "The DSL decides whether and when" in words(client_for(headteacher_user).get(url("hold", hold.pk)))
        assert "Every parent has been told" in words(office.get(url("parents-to-tell")))
        assert "is to be told" not in words(office.get(url("story", stay.device_id)))
        for given in ({}, {"answer": "not_now"}, {"answer": "later"}, {"answer": "later", "until": "23/11/2026"}):
            assert dsl.post(page, given).status_code == 422
        done = dsl.post(page, {"answer": "yes", "because": "", "until": ""}, follow=True)
        assert "A parent is to be told." in words(done)
        assert "is a parent told" not in words(dsl.get(home))
        notice = ParentNotice.objects.get(about=NoticeAbout.HELD)
        shown = words(office.get(url("parent-notice", notice.pk)))
        assert f"keeps it for now. It is locked away at school. Speak to {dsl_user.display_name}." in shown
        assert "crime" not in shown


def test_reading_why_no_parent_is_told_is_on_record(
    hold: EvidenceHold, headteacher_user: User, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    """CNF-13, ORG-09: the reason stands on the DSL's page alone; the head reads neither it there nor in the story."""
    with time_machine.travel(at, tick=False):
        dsl, head = client_for(dsl_user), client_for(headteacher_user)
        done = dsl.post(url("decide-telling", hold.pk), {"answer": "not_now", "because": "Fear at home."}, follow=True)
        assert "Nothing goes out" in words(done) and "Fear" not in words(done)
        assert "Fear at home." in words(dsl.get(url("decide-telling", hold.pk)))
        for where in (url("hold", hold.pk), url("story", hold.custody.device_id)):
            assert "Fear" not in words(head.get(where))
    looked = Entry.objects.get(action="devices.view_withheld_notice")
    assert (looked.actor_id, looked.outcome) == (dsl_user.pk, Outcome.VIEWED)
    assert Entry.objects.filter(action="devices.view_hold", actor_id=dsl_user.pk).exists()


def test_a_hold_of_the_neighbouring_school_is_not_there(hold: EvidenceHold, client_for: Clients, at: datetime) -> None:
    """ORG-10"""
    other = make_school("next-door")
    with scope(school=other):
        stranger = make_user("dsl", other)
    with time_machine.travel(at, tick=False):
        page = reverse("devices:decide-telling", args=["next-door", hold.pk])
        assert client_for(stranger).get(page).status_code == 404
        assert client_for(stranger).post(page, {"answer": "yes"}).status_code == 404


@pytest.mark.parametrize("name", ["evidence", "home"])
def test_what_waits_for_the_dsl_costs_the_same_for_one_and_three(
    school: School, hold: EvidenceHold, types: dict[str, Any], dsl_user: User, client_for: Clients, at: datetime,
    name: str,
) -> None:  # fmt: skip
    where = url("evidence") if name == "evidence" else reverse("overview:home", args=["harbour-view"])

    def cost() -> int:
        client.get(where)
        with CaptureQueriesContext(connection) as statements:
            assert client.get(where).status_code == 200
        return len(statements)

    with time_machine.travel(at, tick=False):
        client = client_for(dsl_user)
        first = cost()
        for _ in range(2):
            pupil = make_pupil(school)
            device = add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
            stay = make_taken(pupil, device, by=dsl_user, at=at)
            operations.taken.place_hold(school=school, actor=dsl_user, at=at, custody=stay, reason=HoldReason.CRIME)
        assert len(holds_to_tell_of(school, at)) == 3
        assert cost() == first


def test_the_day_of_the_next_decision_is_a_whole_day(hold: EvidenceHold, dsl_user: User, at: datetime) -> None:
    notice = decide(hold, dsl_user, at, TellOfHold.LATER, until=date(2026, 11, 25))
    assert notice.due_at.isoformat() == "2026-11-25T00:00:00+00:00"
