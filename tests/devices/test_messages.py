"""Messages for pupils: taken at the office, told to the tutor, marked as delivered (DEV-27, law PH-4)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.models import FormGroup, Pupil, School, User
from core.people.roles import Role
from devices.enums import DeliveredHow
from devices.models import OfficeMessage
from devices.operations import AlreadyDelivered, AskDslFirst, MessageIsEmpty, deliver_message, take_message
from devices.queries import messages_visible_to, undelivered
from schoolsafe.overview.cards import Viewer
from schoolsafe.overview.cards.desk import messages_waiting
from tests.devices.test_races import at_once
from tests.factories import give_role, make_contact, make_form, make_pupil, make_school, make_user

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


def take(pupil: Pupil, actor: User, at: datetime, **given: Any) -> OfficeMessage:
    values: dict[str, Any] = {"text": "Grandma picks you up", "from_name": "Their mother"} | given
    return take_message(school=pupil.school, actor=actor, at=at, pupil=pupil, **values)


@pytest.fixture
def tutor(school: School, form_group: FormGroup) -> User:
    person = make_user(None, None)
    give_role(person, school, Role.FORM_TUTOR, form=form_group)
    return person


def test_take_and_deliver_message_keep_who_when_and_how(pupil: Pupil, office_user: User, at: datetime) -> None:
    """DEV-27: taken, logged, marked as delivered."""
    message = take(pupil, office_user, at, is_urgent=True)
    assert (message.taken_by, message.taken_at, message.delivered_at) == (office_user, at, None)
    later = at + timedelta(minutes=10)
    given = deliver_message(
        school=pupil.school, actor=office_user, at=later, message=message, how=DeliveredHow.IN_PERSON
    )
    assert (given.delivered_by, given.delivered_at, given.delivered_how) == (office_user, later, "in_person")


def test_take_message_same_form_twice_is_one_message(pupil: Pupil, office_user: User, at: datetime) -> None:
    key = uuid.uuid4()
    first, second = (take(pupil, office_user, at, submission=key) for _ in range(2))
    assert first.pk == second.pk and OfficeMessage.objects.count() == 1


def test_take_message_of_nothing_is_refused(pupil: Pupil, office_user: User, at: datetime) -> None:
    with pytest.raises(MessageIsEmpty):
        take(pupil, office_user, at, text=" ")


def test_take_message_leaves_devices_alone(pupil: Pupil, office_user: User, at: datetime) -> None:
    """Law PH-4: the office passes it on; nobody gets a device back for it."""
    assert not take(pupil, office_user, at).pupil.custody.exists()


def test_deliver_message_half_marked_is_refused_by_the_database(pupil: Pupil, office_user: User, at: datetime) -> None:
    message = take(pupil, office_user, at)
    message.delivered_at = at
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save()


def test_take_message_tells_the_tutor_without_a_name(
    pupil: Pupil, office_user: User, tutor: User, at: datetime
) -> None:
    """DEV-27: so that it can be passed on in class; ORG-19: neither notice nor email names anybody."""
    take(pupil, office_user, at)
    notice = Notice.objects.get()
    assert (notice.recipient, notice.url) == (tutor, url("messages"))
    said = f"{notice.subject} {notice.body} " + " ".join(f"{sent.subject} {sent.body}" for sent in mail.outbox)
    assert not {"Amara", "Kovacs", "Grandma"} & set(said.split())


def test_messages_are_seen_by_the_office_and_the_pupils_own_tutor(
    school: School, pupil: Pupil, office_user: User, tutor: User, at: datetime, client_for: Clients
) -> None:
    """DEV-27: the office finds it in the list, and so does who meets the pupil in class."""
    message = take(pupil, office_user, at)
    for person in (office_user, tutor):
        assert messages_visible_to(person, school, today=at.date()).count() == 1
    page = client_for(tutor).get(url("messages"))
    assert "Grandma picks you up" in words(page)
    assert client_for(tutor).post(url("deliver-message", message.pk), {"how": "by_staff"}).status_code == 302


def test_messages_of_other_forms_are_hidden_from_a_tutor(db: None, client_for: Clients, at: datetime) -> None:
    """Where only the office takes devices in, a tutor sees their own form and nothing else."""
    school = make_school("harbour-view", preset="primary-by-agreement")
    with scope(school=school):
        own, other = make_form(school, "4A", year=4), make_form(school, "5B", year=5)
        tutor, office = make_user(None, None), make_user(Role.OFFICE, school)
        give_role(tutor, school, Role.FORM_TUTOR, form=own)
        mine = take(make_pupil(school, form=own), office, at, text="For mine")
        theirs = take(make_pupil(school, form=other), office, at, text="For theirs")
        client = client_for(tutor)
        page = words(client.get(url("messages")))
        assert "For mine" in page and "For theirs" not in page
        assert client.get(url("deliver-message", mine.pk)).status_code == 200
        assert client.get(url("deliver-message", theirs.pk)).status_code == 404
        with pytest.raises(NotPermitted):
            deliver_message(school=school, actor=tutor, at=at, message=theirs, how="in_person")


# --- An adult about whom the DSL is to be asked ---


@pytest.mark.parametrize("by_name", [False, True])
def test_take_message_from_a_barred_adult_asks_the_dsl_first(
    pupil: Pupil, office_user: User, tutor: User, dsl_user: User, at: datetime, by_name: bool
) -> None:
    """ORG-13: warned before it is taken; then the DSL alone is told, and the tutor is not."""
    barred = make_contact(pupil, "Marsh", do_not_inform=True, may_collect=False)
    given = {"from_name": "Dana Marsh"} if by_name else {"contact": barred, "from_name": ""}
    with pytest.raises(AskDslFirst) as refused:
        take(pupil, office_user, at, **given)
    assert "inform" not in str(refused.value)
    message = take(pupil, office_user, at, ask_dsl=True, **given)
    assert message.contact == barred
    assert [notice.recipient for notice in Notice.objects.all()] == [dsl_user]


def test_take_message_from_who_only_may_not_collect_reads_the_same(
    pupil: Pupil, office_user: User, dsl_user: User, at: datetime
) -> None:
    """ORG-13: the office cannot tell a bar from an adult who just may not collect; the DSL hears of bars alone."""
    contact = make_contact(pupil, "Marsh", may_collect=False)
    with pytest.raises(AskDslFirst):
        take(pupil, office_user, at, contact=contact)
    take(pupil, office_user, at, contact=contact, ask_dsl=True)
    assert not Notice.objects.exists()


def test_take_message_page_warns_and_keeps_what_was_typed(pupil: Pupil, office_user: User, client_for: Clients) -> None:
    barred = make_contact(pupil, "Marsh", do_not_inform=True, may_collect=False)
    client, form = client_for(office_user), {"contact": str(barred.pk), "text": "Ring me back"}
    refused = client.post(url("take-message", pupil.pk), form)
    page = refused.content.decode()
    assert refused.status_code == 422 and "Ask the DSL before anything" in page
    assert "Ring me back" in page and "I ask the DSL before it is passed on" in page
    assert client.post(url("take-message", pupil.pk), form | {"ask_dsl": "on"}).status_code == 302
    page = words(client.get(url("messages")))
    assert "Ask the DSL first" in page and "Told them" not in page


# --- Two at once, and late ---


def test_deliver_message_by_two_at_once_is_one_delivery(transactional_db: None, at: datetime) -> None:
    """The second hears who was first."""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user(Role.OFFICE, school)
        message = take(make_pupil(school), office, at)

    def deliver() -> Any:
        return deliver_message(school=school, actor=office, at=at, message=message, how="note")

    results = at_once(school, deliver, deliver)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyDelivered", "OfficeMessage"]
    refused = next(result for result in results if isinstance(result, AlreadyDelivered))
    assert office.display_name in str(refused)


def test_messages_that_wait_stand_urgent_first_then_oldest(pupil: Pupil, office_user: User, at: datetime) -> None:
    """DEV-27: undelivered first."""
    for minutes, urgent, text in ((0, False, "old"), (5, False, "newer"), (9, True, "urgent")):
        take(pupil, office_user, at + timedelta(minutes=minutes), text=text, is_urgent=urgent)
    waiting = undelivered(messages_visible_to(office_user, pupil.school, today=at.date()))
    assert [message.text for message in waiting] == ["urgent", "old", "newer"]


@pytest.mark.parametrize(("minutes", "word"), [(29, "Urgent"), (31, "Urgent, late")])
def test_urgent_message_is_late_after_half_an_hour(
    pupil: Pupil, office_user: User, client_for: Clients, at: datetime, minutes: int, word: str
) -> None:
    take(pupil, office_user, at, is_urgent=True)
    now = at + timedelta(minutes=minutes)
    with time_machine.travel(now):
        page = words(client_for(office_user).get(url("messages")))
    assert f"{word} Grandma" in page and f"{minutes} minutes ago" in page
    card = messages_waiting(Viewer(office_user, pupil.school, now, now.date()))
    assert card is not None and card.note == "1 message not delivered."
    assert (card.tasks[0]["word"] == "Urgent, late") == (minutes > 30)


def test_pupils_page_says_how_many_messages_wait(
    pupil: Pupil, office_user: User, client_for: Clients, at: datetime
) -> None:
    """DEV-27"""
    for _ in range(2):
        take(pupil, office_user, at)
    page = client_for(office_user).get(url("pupil-panel", pupil.pk))
    assert "2 messages not delivered" in words(page)


@pytest.mark.parametrize(
    ("preset", "route"),
    [
        ("group-locked-storage", "advised to ring the office"),
        ("primary-by-agreement", "advised to ring the office"),
        ("primary-online-safety", "not settled"),
        ("image-and-conduct", "not settled"),
        ("phone-free-agreement", "only by way of the office"),
    ],
)
def test_messages_page_says_how_parents_reach_a_child(db: None, client_for: Clients, preset: str, route: str) -> None:
    """DEV-27, law PH-4: the rule in words, under the five presets."""
    school = make_school("harbour-view", preset=preset)
    with scope(school=school):
        page = words(client_for(make_user(Role.OFFICE, school)).get(url("messages")))
    assert route in page.lower()
