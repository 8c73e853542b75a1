"""Image consent by a link: asked, answered use by use, changed and taken back by a new link (CON-01, CON-05, AG-4)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from agreements.enums import AgreementKind, ConsentPurpose, ConsentState
from agreements.models import ConsentEvent, ImageConsent, LinkItem
from agreements.operations.consent_links import answer_by_link, send_consent_form
from agreements.operations.links import send_links
from agreements.operations.refusals import ChoicesMissing, LinkNotUsable, NameMissing, NoLongerAsked
from agreements.queries.consent_standing import standings_of
from agreements.queries.links import open_visit
from core.notices.models import Notice, OutboxEmail
from core.people.operations.links import token_hash
from tests.agreements.test_link_attacks import World, answers, item_of, opened
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_user
from tests.factories.agreements import make_agreement, make_version
from tests.factories.consents import PRESETS, parent_says

pytestmark = pytest.mark.django_db
P = ConsentPurpose
ASKED = [one for one in P if one != P.OTHER]


@pytest.fixture
def world() -> World:
    cache.clear()
    return World()


def form_sent(world: World) -> str:
    """Send the form to the mother, from her first child's page."""
    with scope(school=world.school):
        contacts = [world.contacts[0]]
        send_consent_form(school=world.school, actor=world.office, at=world.at, contacts=contacts)
    return world.token()


def said(*yes: str) -> dict[str, Any]:
    return {f"use_{one.value}": "yes" if one in yes else "no" for one in ASKED} | {"name": "Jo Moor"}


def answer(world: World, client: Client, *yes: str, number: int = 0) -> LinkItem:
    """Answer about one child through the pages: start, answer, check, send, and send once more."""
    item = item_of(world, number)
    assert client.post(world.path(), {"item": item.pk})["Location"] == world.path(f"{item.pk}/images/")
    assert client.post(world.path(f"{item.pk}/images/"), {"name": "Jo Moor"}).status_code == 422
    check = client.post(world.path(f"{item.pk}/images/"), said(*yes), follow=True)
    assert "Check your answers" in check.content.decode()
    for _ in range(2):
        sent = client.post(world.path(f"{item.pk}/images/check/"))
        assert sent["Location"] == world.path(f"{item.pk}/images/sent/")
    return item


@pytest.mark.parametrize("preset", PRESETS)
def test_form_is_sent_answered_changed_and_taken_back_by_links(preset: str) -> None:
    """CON-01, CON-05, NOT-24, law AG-4, under every preset: from the office's page to the parent and back; brothers and
    sisters in one visit; what is taken back holds at once and those who publish are told; the email names nobody."""
    cache.clear()
    world = World(preset=preset)
    desk = Client()
    desk.force_login(world.office)
    pupil = world.contacts[0].pupil
    page = reverse("agreements:send-consent-form", args=[world.school.slug, pupil.pk])
    assert desk.post(page, {}).status_code == 422
    assert desk.post(page, {"contacts": [world.contacts[0].pk]}).status_code == 302
    mail = OutboxEmail.objects.get(template="signing-link")
    assert not {"Lee", "Ann", "Moor"} & set(re.findall(r"\w+", mail.text + mail.subject))
    client = opened(world, world.token())
    assert client.get(world.path()).content.decode().count('value="start"') == 2
    first = answer(world, client, P.WEBSITE, P.PRINT)
    assert "Change my answer" not in client.get(world.path()).content.decode(), "it would end the visit"
    answer(world, client, number=1)
    assert "Change my answer" in client.get(world.path()).content.decode()
    with scope(school=world.school):
        rows = {row.pupil_id: row for row in ImageConsent.objects.all()}
        assert [rows[one.pupil_id].state for one in world.contacts] == [ConsentState.GIVEN, ConsentState.REFUSED]
        assert (rows[pupil.pk].giver_name, rows[pupil.pk].contact_id) == ("Jo Moor", world.contacts[0].pk)
        assert standings_of(world.school, [pupil], world.at.date())[pupil.pk].allows(P.WEBSITE)
        assert {event.mode for event in ConsentEvent.objects.all()} == {"link"}
        assert not Notice.objects.filter(kind="agreements.consent_ended").exists()
    assert OutboxEmail.objects.filter(template="signing-receipt").count() == 2
    assert client.get(world.path(f"{first.pk}/images/")).status_code == 404
    assert client.post(world.path("anew/"))["Location"] == world.path("asked/")
    again = opened(world, world.token())
    answer(world, again)
    with scope(school=world.school):
        row = ImageConsent.objects.get(pupil=pupil)
        assert (row.state, row.purposes) == (ConsentState.WITHDRAWN, [])
        assert not standings_of(world.school, [pupil], world.at.date())[pupil.pk].allows(P.WEBSITE)
        assert ConsentEvent.objects.filter(consent=row).latest("id").taken_back == [P.PRINT, P.WEBSITE]
        assert Notice.objects.filter(kind="agreements.consent_ended").exists()


def test_form_signed_by_a_link_is_changed_by_a_link(world: World) -> None:
    """CON-05, AG-4: who gave a consent with a form that they signed takes it back as easily as one who answered."""
    with scope(school=world.school):
        pupil = world.contacts[0].pupil
    version = make_version(world.school, AgreementKind.IMAGE_CONSENT)
    made = make_agreement(world.school, world.office, world.at, pupil=pupil, version=version)
    with scope(school=world.school):
        rows = list(made.signatories.filter(capacity="parent"))
        send_links(school=world.school, actor=world.office, at=world.at, signatories=rows)
        item = LinkItem.objects.select_related("signatory").get(signatory__agreement=made)
    client = opened(world, world.token())
    given = answers(world, item.signatory) | {f"use_{one.value}": "yes" for one in P}
    client.post(world.path(f"{item.pk}/"), given)
    client.post(world.path(f"{item.pk}/check/"))
    assert "Change my answer" in client.get(world.path(f"{item.pk}/sent/")).content.decode()
    assert "Change my answer" in client.get(world.path()).content.decode()
    client.post(world.path("anew/"))
    with scope(school=world.school):
        found = list(LinkItem.objects.filter(consent__isnull=False))
    assert [one.consent.pupil_id for one in found] == [pupil.pk]


def test_what_was_answered_stands_until_the_answer_and_a_named_permission_is_asked_about(world: World) -> None:
    """CON-01, CON-06: asking anew changes nothing; the other purpose and the first name keep their words, or go."""
    with scope(school=world.school):
        pupil = world.contacts[0].pupil
    parent_says(
        pupil, world.office, world.at, [P.PRINT, P.OTHER], contact=world.contacts[0],
        other_purpose="A calendar", first_name_for="The programme",
    )  # fmt: skip
    client = opened(world, form_sent(world))
    item = item_of(world)
    with scope(school=world.school):
        assert ImageConsent.objects.get(pupil=pupil).state == ConsentState.GIVEN
    page = client.get(world.path(f"{item.pk}/images/")).content.decode()
    assert "A calendar" in page
    assert "The programme" in page
    assert "checked" not in page
    given = said(P.PRINT) | {"use_other": "yes", "first_name": "no"}
    client.post(world.path(f"{item.pk}/images/"), given)
    client.post(world.path(f"{item.pk}/images/check/"))
    with scope(school=world.school):
        row = ImageConsent.objects.get(pupil=pupil)
        assert (row.state, row.other_purpose, row.first_name_for) == (ConsentState.CHANGED, "A calendar", "")


@pytest.mark.parametrize("how", ["used", "withdrawn", "barred", "no responsibility", "an answer missing", "no name"])
def test_answer_by_link_is_refused(how: str, world: World) -> None:
    """Security 5.3, law AG-5, CON-01: each refusal by its name; nothing is recorded."""
    client = opened(world, form_sent(world))
    item = item_of(world)
    doing: dict[str, Any] = {"answers": {one.value: "yes" for one in ASKED}, "name": "Jo Moor"}
    with scope(school=world.school):
        visit = open_visit(token_hash(client.cookies["signing"].value), world.at)
        assert visit is not None
        contact = world.contacts[0]
        if how == "used":
            LinkItem.objects.filter(pk=item.pk).update(used_at=world.at)
        elif how == "withdrawn":
            item.link.withdrawn_at = world.at
            item.link.save()
        elif how == "barred":
            contact.do_not_inform, contact.may_collect = True, False
            contact.save()
        elif how == "no responsibility":
            contact.has_parental_responsibility = False
            contact.save()
        elif how == "an answer missing":
            del doing["answers"][P.PRESS.value]
        else:
            doing["name"] = " "
        refusal = {
            "used": LinkNotUsable, "withdrawn": LinkNotUsable, "barred": NoLongerAsked,
            "no responsibility": NoLongerAsked, "an answer missing": ChoicesMissing, "no name": NameMissing,
        }[how]  # fmt: skip
        with pytest.raises(refusal):
            answer_by_link(school=world.school, actor=None, at=world.at, visit=visit, item=item, **doing)
        assert not ConsentEvent.objects.exists()
        if how not in ("an answer missing", "no name"):
            assert client.get(world.path(f"{item.pk}/images/")).status_code == 404


def test_form_goes_to_who_can_be_written_to_and_to_each_apart(world: World) -> None:
    """Law AG-5: no address, barred, no responsibility: given back; two adults have a link each."""
    with scope(school=world.school):
        pupil = world.contacts[0].pupil
        others = [
            make_contact(pupil, "Moor", forename="Sam", email="sam@example.org"),
            make_contact(pupil, "Hill", email=""),
            make_contact(pupil, "Dale", email="d@example.org", do_not_inform=True, may_collect=False),
            make_contact(pupil, "Peak", email="p@example.org", has_parental_responsibility=False),
        ]
        left = send_consent_form(
            school=world.school, actor=make_user("office", world.school), at=world.at,
            contacts=[world.contacts[0], *others],
        )  # fmt: skip
        assert [one.pk for one in left] == [one.pk for one in others[1:]]
        assert sorted(one.address for one in OutboxEmail.objects.all()) == ["jo@example.org", "sam@example.org"]
        assert ImageConsent.objects.filter(pupil=pupil).count() == 2


@pytest.mark.parametrize("kind", ["sign", "consent"])
def test_visit_costs_the_same_for_three_children_as_for_one(kind: str, world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.factories import make_pupil

    def cost() -> int:
        client = opened(world, world.send() if kind == "sign" else form_sent(world))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(world.path()).content.decode().count('value="start"') == len(world.contacts)
        return len(seen)

    few = cost()
    for name in ("Kit", "Max"):
        pupil = make_pupil(world.school, forename=name)
        with scope(school=world.school):
            contact = make_contact(
                pupil, "Moor", forename="Jo", email="jo@example.org", has_parental_responsibility=True
            )
        world.contacts.append(contact)
        if kind == "sign":
            make_agreement(world.school, world.office, world.at, pupil=pupil)
    assert cost() == few


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one() -> None:
    """Security 5.3: the item is spent by one of them."""
    cache.clear()
    world = World()
    client = opened(world, form_sent(world))
    item = item_of(world)
    key = client.cookies["signing"].value
    client.post(world.path(f"{item.pk}/images/"), said(P.PRINT))

    def send() -> int:
        other = Client()
        other.cookies["signing"] = key
        return other.post(world.path(f"{item.pk}/images/check/")).status_code

    at_once(world.school, send, send)
    with scope(school=world.school):
        assert ConsentEvent.objects.count() == 1
