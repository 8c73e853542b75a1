"""Pages about issued agreements, through the browser's eyes: issue, follow up, ask another parent, withdraw, end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from agreements.enums import AgreementKind, AgreementState, SignatoryState
from agreements.models import Agreement, ImageConsent, Signatory, Signature, SigningLink
from agreements.operations.refusals import SignedAlready
from core.notices.models import OutboxEmail
from core.people.models import Pupil, School, User
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as, signatory_of

pytestmark = pytest.mark.django_db
A = AgreementState


@pytest.fixture
def world(at: datetime, time_machine: Any) -> tuple[School, User, Pupil, Client]:
    time_machine.move_to(at, tick=False)
    school = make_school(preset="primary-by-agreement")
    office = make_user("office", school)
    pupil = make_pupil(school, form=make_form(school, tutor=make_user("form_tutor", school)))
    make_contact(pupil, has_parental_responsibility=True)
    client = Client()
    client.force_login(office)
    return school, office, pupil, client


def state_of(agreement: Agreement) -> str:
    with scope(school=agreement.school):
        return str(Agreement.objects.get(pk=agreement.pk).state)


def test_the_same_form_sent_twice_issues_one_agreement(world: Any, at: datetime) -> None:
    """AGR-01, security 5.11: one act, and a second one of the kind is refused in words."""
    school, _office, pupil, client = world
    version = make_version(school)
    url = reverse("agreements:issue", args=[school.slug, pupil.pk])
    sent = {
        "version": version.pk,
        "starts_on": at.date(),
        "parents_needed": "one",
        "submission": "7d1c1d0e-6a55-4ac3-9a64-0b7a3f3c1a11",
    }
    first, second = client.post(url, sent), client.post(url, sent)
    assert (first.status_code, first["Location"]) == (302, second["Location"])
    with scope(school=school):
        assert Agreement.objects.count() == 1
    again = client.post(url, sent | {"submission": ""})
    assert again.status_code == 422
    assert "waits for signatures already" in again.content.decode()


def test_follow_up_another_parent_withdraw_and_end(world: Any, at: datetime) -> None:
    """AGR-26, AG-5, matrix 4.13: what was done is kept; each parent is asked apart; what is over asks nobody."""
    school, office, pupil, client = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    page = reverse("agreements:agreement", args=[school.slug, agreement.pk])

    def send(name: str, **fields: Any) -> int:
        return client.post(reverse(f"agreements:{name}", args=[school.slug, agreement.pk]), fields).status_code

    assert send("follow-up", reason="") == 422
    assert send("follow-up", reason="Rang home.") == 302
    other = make_contact(pupil, "Okafor", forename="Ada")
    assert send("ask-also", contact=other.pk) == 302
    assert send("ask-also", contact=other.pk) == 422
    shown = client.get(page).content.decode()
    assert "Rang home." in shown
    assert "Ada Okafor" in shown
    sign_as(agreement, "parent", office, at)
    sign_as(agreement, "parent", office, at, number=1, decision="declines")
    assert "The parents or carers disagree" in client.get(page).content.decode()
    assert send("end", reason="Over") == 422, "it is not in force"
    sign_as(agreement, "pupil", office, at)
    assert state_of(agreement) == A.IN_FORCE
    assert send("end", reason="The child changed class.") == 302
    assert state_of(agreement) == A.ENDED
    assert send("withdraw", reason="Again") == 422

    second = make_agreement(school, office, at, pupil=pupil, version=agreement.template_version)
    client.post(reverse("agreements:withdraw", args=[school.slug, second.pk]), {"reason": "Sent by mistake."})
    assert state_of(second) == A.WITHDRAWN
    with scope(school=school):
        states = set(Signatory.objects.filter(agreement=second).values_list("state", flat=True))
    assert states == {SignatoryState.NOT_ASKED}


def test_a_consent_signed_at_the_desk_answers_each_use(world: Any, at: datetime) -> None:
    """CON-01, AG-4: each use by itself, none chosen beforehand; the answers become the consent."""
    school, office, pupil, client = world
    version = make_version(school, AgreementKind.IMAGE_CONSENT)
    agreement = make_agreement(school, office, at, pupil=pupil, version=version)
    url = reverse("agreements:sign-at-school", args=[school.slug, signatory_of(agreement, "parent").pk])
    assert "checked" not in client.get(url).content.decode()
    said = {"decision": "agrees", "statements": ["read"], "name": "Dana Kovacs"}
    missing = client.post(url, said)
    assert missing.status_code == 422
    assert "Answer yes or no to each use" in missing.content.decode()
    uses = {f"use_{one['key']}": "no" for one in agreement.wording["purposes"]}
    assert client.post(url, said | uses | {"use_website": "yes"}).status_code == 302
    with scope(school=school):
        assert ImageConsent.objects.get(pupil=pupil).purposes == ["website"]


def test_the_office_sends_links_with_the_issue_and_again(world: Any, at: datetime) -> None:
    """AGR-07, NOT-17: who has an email address gets a link; the email names no child; the next one replaces it."""
    school, _office, pupil, client = world
    with scope(school=school):
        contact = pupil.contacts.get()
        contact.email = "dana@example.org"
        contact.stamp(by=None, at=at)
        contact.save()
    version = make_version(school)
    url = reverse("agreements:issue", args=[school.slug, pupil.pk])
    client.post(url, {"version": version.pk, "starts_on": at.date(), "parents_needed": "one", "send": "on"})
    with scope(school=school):
        agreement = Agreement.objects.get()
    page = reverse("agreements:agreement", args=[school.slug, agreement.pk])
    assert "Send the parents a link" in client.get(page).content.decode()
    client.post(reverse("agreements:send-links", args=[school.slug, agreement.pk]))
    with scope(school=school):
        mails = list(OutboxEmail.objects.filter(address="dana@example.org"))
        links = SigningLink.objects.filter(withdrawn_at__isnull=True)
        assert (len(mails), links.count()) == (2, 1)
    assert not any(pupil.forename in mail.subject + mail.text for mail in mails)


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(world: Any, at: datetime) -> None:
    school, office, pupil, client = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    url = reverse("agreements:sign-on-paper", args=[school.slug, signatory_of(agreement, "parent").pk])
    answer = client.post(url, {"decision": "agrees", "name": "Dana K", "signed_on": "2026-11-24"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "between 23 November 2026, when it was issued, and today" in page
    assert 'value="Dana K"' in page


def test_who_may_not_open_one_finds_nothing(world: Any, at: datetime) -> None:
    """Deny by default: a teacher, a tutor of another form, a governor, somebody of another school."""
    school, office, pupil, _client = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    url = reverse("agreements:agreement", args=[school.slug, agreement.pk])
    for role in ("teacher", "form_tutor", "governor"):
        stranger = Client()
        stranger.force_login(make_user(role, school))
        assert stranger.get(url).status_code == 404, role
    outsider = Client()
    outsider.force_login(make_user("office", make_school()))
    assert outsider.get(url).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_record_the_same_signature_at_once_leave_one(at: datetime) -> None:
    """AGR-02: the first stands; the second is told when it was signed."""
    school = make_school(preset="primary-by-agreement")
    office = make_user("office", school)
    pupil = make_pupil(school)
    make_contact(pupil)
    agreement = make_agreement(school, office, at, pupil=pupil)
    results = at_once(school, *[lambda: sign_as(agreement, "parent", office, at)] * 3)
    assert sorted(type(one).__name__ for one in results) == ["Signature", "SignedAlready", "SignedAlready"], results
    assert any(isinstance(one, SignedAlready) for one in results)
    with scope(school=school):
        assert Signature.objects.count() == 1
