"""Contacts, and whom only the DSL may bar (ORG-13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.audit.models import Entry
from core.kit.refusals import ChangedMeanwhile
from core.people import operations, queries
from core.people.access import NotPermitted
from core.people.models import Contact, Pupil, School, User
from core.people.operations.contacts import CollectingIsBarred, ContactEnded
from core.people.roles import Role
from tests.factories import make_contact, make_pupil

SECRET = "Order of the family court"


def bar(school: School, actor: Any, at: datetime, contact: Contact, **more: Any) -> Contact:
    return operations.set_do_not_inform(
        school=school,
        actor=actor,
        at=at,
        contact=contact,
        version=more.pop("version", contact.version),
        reason="Risk to the child",
        **more,
    )


def test_add_and_edit_contact(school: School, office_user: User, pupil: Pupil, at: datetime) -> None:
    """ORG-13: relationship, phone, email, may-collect, priority."""
    values = {"surname": "Kovacs", "relationship": "Mother", "mobile": "07700 900123", "priority": 2}
    contact = operations.add_contact(school=school, actor=office_user, at=at, pupil=pupil, values=values)
    assert contact.may_collect and list(queries.contacts_of(pupil)) == [contact]
    row = operations.edit_contact(
        school=school, actor=office_user, at=at, contact=contact, version=1, values={"may_collect": False}
    )
    assert not row.may_collect and row.version == 2
    with pytest.raises(ChangedMeanwhile):
        operations.edit_contact(
            school=school, actor=office_user, at=at, contact=contact, version=1, values={"priority": 1}
        )


def test_end_contact_keeps_the_row(school: School, office_user: User, pupil: Pupil, at: datetime) -> None:
    contact = make_contact(pupil)
    operations.end_contact(school=school, actor=office_user, at=at, contact=contact)
    assert not queries.contacts_of(pupil).exists() and Contact.objects.get() == contact
    with pytest.raises(ContactEnded):
        operations.end_contact(school=school, actor=office_user, at=at, contact=contact)


def test_set_do_not_inform_bars_collecting_and_keeps_the_reason_restricted(
    school: School, dsl_user: User, pupil: Pupil, at: datetime
) -> None:
    """ORG-13: the record says that it was done; the reason stays with the contact."""
    row = bar(school, dsl_user, at, make_contact(pupil), court_order_note=SECRET)
    assert row.do_not_inform and not row.may_collect and row.court_order_note == SECRET
    entry = Entry.objects.get(action="people.set_do_not_inform")
    assert SECRET not in str(entry.detail) and "Risk" not in str(entry.detail)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DSL, Role.DEPUTY_DSL}))
def test_set_do_not_inform_is_the_dsls_alone(
    school: School, make_user: Any, pupil: Pupil, at: datetime, role: Role
) -> None:
    """ORG-13: settable only by the DSL; the head and the administrator neither."""
    contact = make_contact(pupil)
    with pytest.raises(NotPermitted):
        bar(school, make_user(role), at, contact)
    with pytest.raises(NotPermitted):
        operations.lift_do_not_inform(
            school=school, actor=make_user(role), at=at, contact=contact, version=1, reason="x"
        )


def test_edit_contact_cannot_let_a_barred_person_collect(
    school: School, office_user: User, deputy_dsl_user: User, pupil: Pupil, at: datetime
) -> None:
    contact = bar(school, deputy_dsl_user, at, make_contact(pupil))
    with pytest.raises(CollectingIsBarred):
        operations.edit_contact(
            school=school,
            actor=office_user,
            at=at,
            contact=contact,
            version=contact.version,
            values={"may_collect": True},
        )
    assert Entry.objects.filter(action="people.edit_contact", outcome="refused").count() == 1


def test_lift_do_not_inform_leaves_collecting_off_unless_said(
    school: School, dsl_user: User, pupil: Pupil, at: datetime
) -> None:
    contact = bar(school, dsl_user, at, make_contact(pupil))
    lifted = operations.lift_do_not_inform(
        school=school, actor=dsl_user, at=at, contact=contact, version=contact.version, reason="Order ended"
    )
    assert not lifted.do_not_inform and not lifted.may_collect


def test_barred_contact_never_collects_in_the_database_either(school: School, pupil: Pupil) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.create(school=school, pupil=pupil, surname="X", do_not_inform=True, may_collect=True)


@pytest.fixture
def barred(school: School, dsl_user: User, pupil: Pupil, at: datetime) -> Contact:
    contact = make_contact(pupil, "Stone", forename="Peter", mobile="07700 900124")
    return bar(school, dsl_user, at, contact, court_order_note=SECRET)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.ADMINISTRATOR, Role.HEADTEACHER, Role.SLT])
def test_pupil_page_shows_others_only_that_the_dsl_is_to_be_asked(
    school: School, pupil: Pupil, barred: Contact, make_user: Any, client_for: Any, role: Role
) -> None:
    """ORG-13: no court order, no reason, no word "inform", no number to ring; nor can another bar be told apart."""
    make_contact(pupil, "Plain", forename="Una", may_collect=False)
    text = client_for(make_user(role)).get(f"/{school.slug}/people/pupils/{pupil.pk}/").content.decode()
    assert text.count("May not collect") == 2 and "Ask the DSL" in text
    for word in (SECRET, "Risk to the child", "Do not inform", "07700 900124", "Lift the bar"):
        assert word not in text


def test_pupil_page_shows_the_dsl_and_notes_the_look(
    school: School, pupil: Pupil, barred: Contact, dsl_user: User, client_for: Any
) -> None:
    """ORG-09: the DSL sees it, and that they looked is on record."""
    text = client_for(dsl_user).get(f"/{school.slug}/people/pupils/{pupil.pk}/").content.decode()
    assert SECRET in text and "Do not inform" in text and "07700 900124" in text
    looks = Entry.objects.filter(action="people.view_restricted_contact", outcome="viewed", object_id=pupil.pk)
    assert looks.count() == 1


def test_pupil_page_without_restricted_contact_notes_nothing(
    school: School, pupil: Pupil, dsl_user: User, client_for: Any
) -> None:
    make_contact(pupil)
    client_for(dsl_user).get(f"/{school.slug}/people/pupils/{pupil.pk}/")
    assert not Entry.objects.filter(action="people.view_restricted_contact").exists()


def test_contact_pages_add_change_take_out(school: School, pupil: Pupil, office_user: User, client_for: Any) -> None:
    client, base = client_for(office_user), f"/{school.slug}/people/pupils/{pupil.pk}/contacts/"
    form = {"surname": "Kovacs", "priority": "1", "may_collect": "on", "has_parental_responsibility": "yes"}
    assert client.post(base + "add/", form | {"mobile": "call"}).status_code == 422
    assert client.post(base + "add/", form).status_code == 302
    contact = Contact.objects.get()
    assert contact.has_parental_responsibility is True and contact.may_collect
    one = f"{base}{contact.pk}/"
    assert 'value="yes" selected' in client.get(one).content.decode()
    assert client.post(one, form | {"version": "1", "relationship": "Aunt"}).status_code == 302
    assert client.post(one, form | {"version": "1", "relationship": "Uncle"}).status_code == 422
    assert client.get(one + "bar/").status_code == 403
    assert client.get(one + "end/").status_code == 200
    assert client.post(one + "end/").status_code == 302
    assert client.get(one).status_code == 404


def test_bar_pages_for_the_dsl(school: School, pupil: Pupil, dsl_user: User, client_for: Any) -> None:
    contact = make_contact(pupil)
    client, one = client_for(dsl_user), f"/{school.slug}/people/pupils/{pupil.pk}/contacts/{contact.pk}/"
    assert client.get(one + "bar/").status_code == 200
    assert client.post(one + "bar/", {"version": "1"}).status_code == 422
    assert client.post(one + "bar/", {"version": "1", "reason": "Risk"}).status_code == 302
    assert client.post(one + "bar/", {"version": "1", "reason": "Again"}).status_code == 422
    assert client.get(one + "lift/").status_code == 200
    assert client.post(one + "lift/", {"version": "2", "reason": "Ended", "may_collect": "on"}).status_code == 302
    contact.refresh_from_db()
    assert contact.may_collect and not contact.do_not_inform


def test_contact_of_another_pupil_is_not_there(
    school: School, pupil: Pupil, office_user: User, client_for: Any
) -> None:
    other = make_contact(make_pupil(school))
    base = f"/{school.slug}/people/pupils/{pupil.pk}/contacts/{other.pk}/"
    assert client_for(office_user).get(base).status_code == 404
