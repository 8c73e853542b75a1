"""A link that opens nothing any more: its holder asks for a new one, which goes to the address on file alone."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django_scopes import scope

from agreements.models import Signature, SigningLink
from agreements.operations.links import send_links
from agreements.operations.new_links import MOST_A_DAY, ask_for_link
from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from tests.agreements.test_link_attacks import World, answers, item_of, opened, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    cache.clear()
    return World()


def mails() -> int:
    return OutboxEmail.objects.filter(template="signing-link").count()


def ask(world: World, token: str) -> Any:
    return Client().post(world.path(f"{token}/"), follow=True)


@pytest.mark.parametrize("how", ["expired", "newer", "spent"])
def test_holder_of_a_closed_link_gets_a_new_one_at_the_address_on_file(how: str, world: World) -> None:
    """Security 5.3, ux W9: by a button; the new one opens, for what still waits; the act is on record."""
    if how == "expired":
        world.at -= timedelta(days=15)
    token = world.send()
    if how == "newer":
        world.send(reminder=True)
    elif how == "spent":
        client = opened(world, token)
        for number in (0, 1):
            item = item_of(world, number)
            if number == 0:
                client.post(world.path(f"{item.pk}/"), answers(world, item.signatory))
                client.post(world.path(f"{item.pk}/check/"))
    with scope(school=world.school):
        for contact in world.contacts:
            contact.email = "new@example.org"
            contact.save()
    before = mails()
    assert "Send me a new link" in Client().get(world.path(f"{secrets.token_urlsafe(32)}/")).content.decode()
    answer = ask(world, token)
    assert (answer.status_code, answer.redirect_chain) == (200, [(world.path("asked/"), 302)])
    assert token not in answer.content.decode()
    assert mails() == before + 1
    newest = OutboxEmail.objects.filter(template="signing-link").latest("id")
    assert newest.address == "new@example.org"
    page = opened(world, world.token()).get(world.path()).content.decode()
    assert page.count('value="start"') == (1 if how == "spent" else 2)
    assert Entry.objects.filter(action="agreements.ask_for_link").count() == 1


@pytest.mark.parametrize("how", ["unknown", "barred", "left", "no address", "nothing waits", "not theirs", "too many"])
def test_answer_is_the_same_and_nothing_goes_to_who_may_not_have_it(how: str, world: World) -> None:
    """Security 5.3: no page and no status tells whether a link, a child or an adult is there."""
    token = world.send()
    good = ask(world, token)
    with scope(school=world.school):
        held = SigningLink.objects.earliest("pk")
        if how == "not theirs":
            client = opened(world, world.token())
            client.post(world.path(f"{item_of(world).pk}/not-mine/"))
            held = SigningLink.objects.latest("pk")
        for contact in world.contacts:
            if how == "barred":
                contact.do_not_inform, contact.may_collect = True, False
            elif how == "left":
                contact.pupil.left_on = world.at.date() - timedelta(days=2)
                contact.pupil.save()
            elif how == "no address":
                contact.email = ""
            contact.save()
        if how == "nothing waits":
            for row in world.rows():
                row.state, row.decided_at = "signed", world.at
                row.save()
        if how == "too many":
            for _ in range(MOST_A_DAY):
                ask_for_link(school=world.school, actor=None, at=world.at, link=held)
    before = mails()
    given = secrets.token_urlsafe(32) if how == "unknown" else world.token() if how == "not theirs" else token
    answer = ask(world, given)
    assert (answer.status_code, answer.redirect_chain, plain(answer)) == (200, good.redirect_chain, plain(good))
    assert mails() == before
    with scope(school=world.school):
        assert Notice.objects.filter(kind="agreements.link_asked_for").count() == (1 if how == "not theirs" else 0)


def test_who_said_no_may_think_again_by_a_link_they_ask_for_and_is_not_asked_by_us(world: World) -> None:
    """AGR-26, law AG-1: a no stands, and nobody presses; they may change their mind as easily as they gave it."""
    token = world.send()
    client, item = opened(world, token), item_of(world)
    client.post(world.path(f"{item.pk}/"), {"decision": "declines", "name": "Jo Moor", "reason": "Not yet."})
    client.post(world.path(f"{item.pk}/check/"))
    given: dict[str, Any] = {"school": world.school, "at": world.at, "actor": None}
    with scope(school=world.school):
        send_links(**given, signatories=world.rows(), reminder=True)
        assert [one.signatory_id for one in SigningLink.objects.latest("pk").items.all()] != [item.signatory_id]
        assert SigningLink.objects.latest("pk").items.count() == 1
    ask(world, token)
    again = opened(world, world.token())
    (new,) = [one for one in (item_of(world, 0), item_of(world, 1)) if one.signatory_id == item.signatory_id]
    again.post(world.path(f"{new.pk}/"), answers(world, new.signatory))
    assert again.post(world.path(f"{new.pk}/check/"))["Location"] == world.path(f"{new.pk}/sent/")
    with scope(school=world.school):
        assert [one.decision for one in Signature.objects.order_by("pk")] == ["declines", "agrees"]


def test_who_said_not_my_child_is_sent_nothing_until_the_office_sends_it(world: World) -> None:
    """Security 5.3: no reminder and no issue by the worker goes there; the office may, and then reminders go on."""
    client = opened(world, world.send())
    client.post(world.path(f"{item_of(world).pk}/not-mine/"))
    given: dict[str, Any] = {"school": world.school, "at": world.at}
    with scope(school=world.school):
        send_links(**given, actor=None, signatories=world.rows(), reminder=True)
        assert mails() == 1
        send_links(**given, actor=world.office, signatories=world.rows())
        assert mails() == 2
        send_links(**given, actor=None, signatories=world.rows(), reminder=True)
        assert mails() == 3


def test_a_visit_that_is_over_asks_by_its_cookie_and_many_tries_wait(world: World) -> None:
    """Security 5.3: tries from one address are few in a minute; nobody is locked out."""
    client = opened(world, world.send())
    with scope(school=world.school):
        SigningLink.objects.update(withdrawn_at=world.at)
    closed = client.get(world.path())
    assert closed.status_code == 404
    assert f'action="{world.path("anew/")}"' in closed.content.decode()
    assert client.post(world.path("anew/"))["Location"] == world.path("asked/")
    assert mails() == 2
    seen = [Client().post(world.path("anew/")).status_code for _ in range(8)]
    assert set(seen) == {302, 429}
    assert not re.search("Lee|Ann|Moor", client.get(world.path("asked/")).content.decode())
