"""Links that are guessed, used again, run out, withdrawn or another's open nothing and sign nothing (security 5.3)."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from agreements.enums import AgreementKind
from agreements.models import AgreementEvent, LinkItem, Signatory, Signature, SigningLink, SigningVisit, TemplateReading
from agreements.operations.links import send_links
from agreements.operations.refusals import LinkNotUsable
from agreements.operations.visits import begin_visit, sign_by_link
from agreements.queries.links import open_link, open_visit
from agreements.wording import statements_for
from core.notices.models import Notice, OutboxEmail
from core.people.operations.links import token_hash
from policies.models import Acknowledgement, Document, DocumentVersion
from tests.factories import BEGIN, make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version

pytestmark = pytest.mark.django_db


class World:
    """A school, a mother of two, and what is sent to her."""

    def __init__(self, preset: str = "phone-free-agreement") -> None:
        self.at = timezone.now()
        self.school = make_school(preset=preset)
        make_user("headteacher", self.school)
        self.office = make_user("office", self.school)
        form = make_form(self.school, tutor=make_user("form_tutor", self.school))
        version = make_version(self.school)
        self.agreements, self.contacts = [], []
        for name in ("Lee", "Ann"):
            pupil = make_pupil(self.school, forename=name, form=form)
            contact = make_contact(
                pupil, "Moor", forename="Jo", email="jo@example.org", has_parental_responsibility=True
            )
            decided = {"signatories": ["parent"], "reason": "The head says so."}  # for a school whose rules are silent
            made = make_agreement(self.school, self.office, self.at, pupil=pupil, version=version, **decided)
            self.agreements.append(made)
            self.contacts.append(contact)

    def rows(self) -> list[Signatory]:
        with scope(school=self.school):
            return list(Signatory.objects.filter(contact__in=self.contacts).order_by("pk"))

    def send(self, **fields: Any) -> str:
        """Send links; the token in the newest email."""
        with scope(school=self.school):
            send_links(school=self.school, actor=self.office, at=self.at, signatories=self.rows(), **fields)
        return self.token()

    def token(self) -> str:
        mail = OutboxEmail.objects.filter(template="signing-link").order_by("-id").first()
        assert mail is not None
        found = re.search(r"/agreements/sign/([^/\s]+)/", mail.text)
        assert found is not None
        return found[1]

    def path(self, rest: str = "") -> str:
        return f"/{self.school.slug}/agreements/sign/{rest}"

    def signed(self) -> int:
        with scope(school=self.school):
            return Signature.objects.count()


@pytest.fixture
def world() -> World:
    cache.clear()
    return World()


def opened(world: World, token: str) -> Client:
    client = Client()
    assert client.get(world.path(f"{token}/")).status_code == 302
    return client


def plain(answer: Any) -> str:
    """The page without the token that a form of ours is known by, which is another on every page."""
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", answer.content.decode())


def answers(world: World, row: Signatory) -> dict[str, Any]:
    with scope(school=world.school):
        row = Signatory.objects.select_related("agreement").get(pk=row.pk)
    ticked = [one["key"] for one in statements_for(row.agreement.wording, "parent")]
    return {"decision": "agrees", "statements": ticked, "name": "Jo Moor"}


def item_of(world: World, number: int = 0) -> LinkItem:
    with scope(school=world.school):
        return LinkItem.objects.select_related("signatory__agreement", "link").order_by("-link_id", "pk")[number]


def test_one_link_a_household_and_the_email_names_no_child(world: World) -> None:
    """AGR-07, security 5.3: siblings in one link; only the SHA-256 is kept; each signatory is sent."""
    token = world.send()
    mail = OutboxEmail.objects.get(template="signing-link")
    assert mail.address == "jo@example.org"
    assert not {"Lee", "Ann", "Moor"} & set(re.findall(r"\w+", mail.text + mail.subject))
    with scope(school=world.school):
        link = SigningLink.objects.get()
        assert (link.items.count(), link.token_hash) == (2, token_hash(token))
        assert {row.state for row in world.rows()} == {"sent"}
        assert AgreementEvent.objects.filter(kind="sent").count() == 2


def test_two_adults_at_one_address_get_a_link_each(world: World) -> None:
    """Law AG-5: each parent is asked apart, though they share a mailbox."""
    with scope(school=world.school):
        contact = world.contacts[1]
        contact.forename = "Sam"
        contact.stamp(by=None, at=world.at)
        contact.save()
    world.send()
    with scope(school=world.school):
        assert [link.items.count() for link in SigningLink.objects.all()] == [1, 1]


def test_who_has_no_address_is_given_back_and_a_barred_one_is_passed_over(world: World) -> None:
    with scope(school=world.school):
        first, second = world.contacts
        first.email = ""
        first.save()
        second.do_not_inform, second.may_collect = True, False
        second.save()
        left = send_links(school=world.school, actor=world.office, at=world.at, signatories=world.rows())
        assert [row.contact_id for row in left] == [first.pk]
        assert not SigningLink.objects.exists()


def test_a_token_is_swapped_for_a_visit_and_opening_spends_nothing(world: World) -> None:
    """Security 5.3: GET never spends; the cookie is HttpOnly; the address after it holds no token; nothing is kept."""
    token = world.send()
    client = Client()
    for _ in range(3):
        answer = client.get(world.path(f"{token}/"))
        assert (answer.status_code, answer["Location"]) == (302, world.path())
        assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store")
        assert answer.cookies["signing"]["httponly"]
    page = client.get(world.path())
    assert page.status_code == 200
    assert token not in page.content.decode()
    assert "Moor" not in page.content.decode()
    assert world.signed() == 0


@pytest.mark.parametrize("how", ["unknown", "truncated", "expired", "withdrawn", "newer", "barred", "ended", "left"])
def test_what_opens_nothing_looks_alike(how: str, world: World) -> None:
    """Security 5.3: the same status and body for unknown, run-out and withdrawn links, and for who is not asked now."""
    if how == "expired":
        world.at -= timedelta(days=15)
    token = world.send()
    unknown = Client().get(world.path(f"{secrets.token_urlsafe(32)}/"))
    if how == "newer":
        world.send(reminder=True)
    with scope(school=world.school):
        link = SigningLink.objects.order_by("pk").first()
        assert link is not None
        if how == "withdrawn":
            link.withdrawn_at = world.at
            link.save()
        for contact in world.contacts:
            if how == "barred":
                contact.do_not_inform, contact.may_collect = True, False
            elif how == "ended":
                contact.ended_on = world.at.date() - timedelta(days=2)
            elif how == "left":
                contact.pupil.left_on = world.at.date() - timedelta(days=2)
                contact.pupil.save()
            contact.save()
    given = {"unknown": secrets.token_urlsafe(32), "truncated": token[:-1]}.get(how, token)
    answer = Client().get(world.path(f"{given}/"))
    assert (answer.status_code, plain(answer)) == (404, plain(unknown))
    assert given not in plain(answer)
    assert "signing" not in answer.cookies


def test_ten_thousand_guesses_open_nothing(world: World) -> None:
    """Security 5.3: 0 of 10,000 accepted, as the query and as the page, which slows down and locks no good link out."""
    token = world.send()
    with scope(school=world.school):
        guesses = (token_hash(secrets.token_urlsafe(32)) for _ in range(10_000))
        assert [one for one in guesses if open_link(one, world.at) or open_visit(one, world.at)] == []
    seen = [Client().get(world.path(f"{secrets.token_urlsafe(32)}/")).status_code for _ in range(25)]
    assert set(seen) == {404, 429}
    opened(world, token)


def test_signs_through_the_pages_once_and_a_replay_signs_nothing(world: World) -> None:
    """AGR-07, law AG-2: read, decide, check, send; sent again it is the same; the other child still waits."""
    client = opened(world, world.send())
    item = item_of(world)
    assert client.post(world.path(), {"item": item.pk, "act": "start"}).status_code == 302
    read, check = world.path(f"{item.pk}/"), world.path(f"{item.pk}/check/")
    assert client.post(read, {"decision": "agrees", "name": "Jo Moor"}).status_code == 422
    assert client.post(read, answers(world, item.signatory)).status_code == 302
    assert "Jo Moor" in client.get(check).content.decode()
    assert world.signed() == 0
    for _ in range(2):
        assert client.post(check)["Location"] == world.path(f"{item.pk}/sent/")
    assert world.signed() == 1
    assert item.signatory.agreement.reference in client.get(world.path(f"{item.pk}/sent/")).content.decode()
    assert client.get(read).status_code == 404
    assert OutboxEmail.objects.filter(template="signing-receipt").count() == 1
    with scope(school=world.school):
        (signature,) = Signature.objects.all()
        assert (signature.mode, signature.name, signature.recorded_by) == ("link", "Jo Moor", None)
    assert client.get(world.path()).content.decode().count('value="start"') == 1


def test_who_does_not_agree_needs_no_tick_and_no_reason(world: World) -> None:
    """Law AG-1: no is as plain as yes, and nobody has to say why."""
    client, item = opened(world, world.send()), item_of(world)
    client.post(world.path(f"{item.pk}/"), {"decision": "declines", "name": "Jo Moor"})
    assert client.post(world.path(f"{item.pk}/check/")).status_code == 302
    with scope(school=world.school):
        assert Signature.objects.get().decision == "declines"


def test_another_visits_item_is_nothing(world: World) -> None:
    """Security 5.3: another child's; and a visit of one school opens nothing in another."""
    client = opened(world, world.send())
    strange = World()
    strange.send()
    other = item_of(strange)
    for path in (f"{other.pk}/", f"{other.pk}/check/", f"{other.pk}/sent/"):
        assert client.get(world.path(path)).status_code == 404
        assert client.get(strange.path(path)).status_code == 404
    assert client.post(world.path(), {"item": other.pk, "act": "start"}).status_code == 404
    with scope(school=world.school):
        visit = open_visit(token_hash(client.cookies["signing"].value), timezone.now())
        assert visit is not None
        with pytest.raises(LinkNotUsable):
            sign_by_link(school=world.school, at=world.at, visit=visit, item=other, values={}, ip="", device="")
    assert strange.signed() == 0


def test_not_my_child_stops_the_link_and_tells_the_office(world: World) -> None:
    """Security 5.3: asked once more; then the link and its visits are over, and no page shows anything of the child."""
    client, item = opened(world, world.send()), item_of(world)
    client.post(world.path(f"{item.pk}/"), answers(world, item.signatory))
    page = world.path(f"{item.pk}/not-mine/")
    assert "Lee" in client.get(page).content.decode()
    with scope(school=world.school):
        assert SigningLink.objects.get().withdrawn_at is None
    key = client.cookies["signing"].value
    after = client.post(page, follow=True)
    assert (after.status_code, after.redirect_chain) == (200, [(world.path("stopped/"), 302)])
    assert not {"Lee", "Ann", "8B"} & set(re.findall(r"\w+", after.content.decode()))
    client.cookies["signing"] = key
    for path in ("", f"{item.pk}/", f"{item.pk}/not-mine/", f"{item.pk}/check/", f"{item.pk}/sent/"):
        assert client.get(world.path(path)).status_code == 404
    with scope(school=world.school):
        assert AgreementEvent.objects.filter(kind="not_my_child").count() == 1
        assert SigningVisit.objects.get().typed == {}
        assert Notice.objects.filter(kind="agreements.not_my_child").count() == 1


def test_a_visit_ends_after_half_an_hour_of_silence_and_two_hours_in_all(world: World) -> None:
    world.send()
    with scope(school=world.school):
        key = token_hash(begin_visit(link=SigningLink.objects.get(), at=world.at))
        assert open_visit(key, world.at + timedelta(minutes=29))
        assert open_visit(key, world.at + timedelta(minutes=31)) is None
        visit = open_visit(key, world.at)
        assert visit is not None
        visit.seen_at = world.at + timedelta(minutes=119)
        visit.save()
        assert open_visit(key, world.at + timedelta(minutes=119))
        assert open_visit(key, world.at + timedelta(minutes=121)) is None


@pytest.mark.parametrize("how", ["barred", "left", "withdrawn"])
def test_who_is_not_asked_any_more_signs_nothing_in_an_open_visit(how: str, world: World) -> None:
    """Law AG-5: barred, left or withdrawn between reading and sending, nothing is signed."""
    client, item = opened(world, world.send()), item_of(world)
    client.post(world.path(f"{item.pk}/"), answers(world, item.signatory))
    with scope(school=world.school):
        for contact in world.contacts:
            if how == "barred":
                contact.do_not_inform, contact.may_collect = True, False
                contact.save()
            elif how == "left":
                contact.pupil.left_on = world.at.date() - timedelta(days=2)
                contact.pupil.save()
        if how == "withdrawn":
            link = SigningLink.objects.get()
            link.withdrawn_at = world.at
            link.save()
    assert client.post(world.path(f"{item.pk}/check/")).status_code == 404
    assert world.signed() == 0


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_are_one_signature() -> None:
    """Security 5.3: the item is spent by one of them."""
    from tests.devices.test_races import at_once

    cache.clear()
    world = World()
    client, item = opened(world, world.send()), item_of(world)
    key = client.cookies["signing"].value
    client.post(world.path(f"{item.pk}/"), answers(world, item.signatory))

    def send() -> int:
        other = Client()
        other.cookies["signing"] = key
        return other.post(world.path(f"{item.pk}/check/")).status_code

    at_once(world.school, send, send)
    assert world.signed() == 1


def test_what_is_ticked_as_read_is_acknowledged_and_talked_over(world: World) -> None:
    """AGR-21, AGR-22: a tick for each thing read, and that it was talked through, become an acknowledgement."""
    version = make_version(world.school, AgreementKind.ONLINE_SAFETY, published=False)
    with scope(school=world.school):
        document = Document(school=world.school, kind="acceptable_use", title="Acceptable use policy")
        document.stamp(by=None, at=world.at)
        document.save()
        held = DocumentVersion(school=world.school, document=document, label="2026", starts_on=BEGIN)
        held.stamp(by=None, at=world.at)
        held.save()
        TemplateReading(school=world.school, template_version=version, document=document).save()
        version.state, version.published_at = "published", world.at
        version.save()
        pupil = world.contacts[0].pupil
    world.agreements = [make_agreement(world.school, world.office, world.at, pupil=pupil, version=version)]
    client = opened(world, world.send())
    with scope(school=world.school):
        item = LinkItem.objects.select_related("signatory").get(signatory__agreement=world.agreements[0])
    given = answers(world, item.signatory)
    assert given["statements"] == ["read", f"reading-{held.pk}", "talked"]
    refused = client.post(world.path(f"{item.pk}/"), given | {"statements": ["read", "talked"]})
    assert refused.status_code == 422
    client.post(world.path(f"{item.pk}/"), given)
    client.post(world.path(f"{item.pk}/check/"))
    with scope(school=world.school):
        row = Acknowledgement.objects.get(contact=world.contacts[0])
        assert (row.document_version_id, row.method, row.talked_over) == (held.pk, "link", True)
