"""A contact who also works at the school: proposed by the email, marked by a person, never unmarked by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people import operations
from core.people.access import NotPermitted
from core.people.models import Contact, Pupil, School, User
from core.people.queries import accounts_proposed
from core.people.roles import Role
from tests.factories import make_contact, make_school, make_user

Clients = Callable[[User], Client]


@pytest.fixture
def contact(pupil: Pupil, at: datetime) -> Contact:
    contact = make_contact(pupil, "Winterbourne")
    contact.email = "J.Winterbourne@example.org"
    contact.stamp(by=None, at=at)
    contact.save()
    return contact


def url(contact: Contact) -> str:
    return reverse("people:link-contact", args=["harbour-view", contact.pupil_id, contact.pk])


def test_same_email_is_proposed_and_a_person_decides(
    school: School, contact: Contact, dsl_user: User, client_for: Clients
) -> None:
    """Security 5.2: nothing is linked by itself; the pupil's page shows the proposal, then the mark."""
    colleague = make_user(Role.TEACHER, school, email="j.winterbourne@example.org")
    assert accounts_proposed(school, [contact]) == {contact.pk: colleague}
    browser = client_for(dsl_user)
    page = reverse("people:pupil", args=["harbour-view", contact.pupil_id])
    assert "Works here? Same email" in browser.get(page).content.decode()
    form = browser.get(url(contact)).content.decode()
    assert f'value="{colleague.pk}" selected' in form
    saved = browser.post(url(contact), {"account": colleague.pk, "version": contact.version})
    assert saved.status_code == 302
    contact.refresh_from_db()
    assert contact.account == colleague
    after = browser.get(page).content.decode()
    assert "Works here" in after and "Same email" not in after
    late = browser.post(url(contact), {"account": "", "version": contact.version - 1})
    assert late.status_code == 422


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.DSL, 200), (Role.DEPUTY_DSL, 200), (Role.ADMINISTRATOR, 200), (Role.OFFICE, 404), (Role.TEACHER, 403)],
)
def test_the_mark_is_for_the_dsl_and_whoever_looks_after_accounts(
    school: School, contact: Contact, role: Role, status: int, client_for: Clients, at: datetime
) -> None:
    user = make_user(role, school)
    assert client_for(user).get(url(contact)).status_code == status
    if status != 200:
        with pytest.raises(NotPermitted):
            operations.link_contact(
                school=school, actor=user, at=at, contact=contact, version=contact.version, account=user
            )


def test_nobody_takes_the_mark_off_themselves(
    school: School, contact: Contact, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """Security 5.2: a DSL who is a parent does not open their child's records to themselves; the try is on record."""
    common: dict[str, Any] = {"school": school, "at": at, "contact": contact}
    operations.link_contact(actor=dsl_user, version=contact.version, account=dsl_user, **common)
    contact.refresh_from_db()
    for other in (None, make_user(Role.TEACHER, school)):
        with pytest.raises(operations.OwnLinkStays):
            operations.link_contact(actor=dsl_user, version=contact.version, account=other, **common)
    assert Entry.objects.filter(action="people.link_contact", outcome=Outcome.REFUSED).count() == 2
    operations.link_contact(actor=make_user(Role.DEPUTY_DSL, school), version=contact.version, account=None, **common)


def test_account_of_another_school_is_refused(school: School, contact: Contact, dsl_user: User, at: datetime) -> None:
    stranger = make_user(Role.TEACHER, make_school())
    with pytest.raises(operations.NotOfThisSchool):
        operations.link_contact(
            school=school, actor=dsl_user, at=at, contact=contact, version=contact.version, account=stranger
        )
