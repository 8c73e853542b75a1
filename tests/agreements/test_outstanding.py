"""Signatures that are missing: whose, in which form, who sees them, and a call that is kept (AGR-08)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from agreements.enums import AgreementEventKind, AgreementKind
from agreements.models import Agreement, AgreementEvent, Signatory
from agreements.operations.outstanding import NotToTelephone, record_call
from agreements.queries.outstanding import missing_by_form, missing_visible_to, to_telephone
from core.people.models import Pupil, School, User
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as, signatory_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(at: datetime) -> tuple[School, User, Pupil]:
    school = make_school(preset="phone-free-agreement")
    make_user("headteacher", school)
    pupil = make_pupil(school, form=make_form(school, tutor=make_user("form_tutor", school)))
    make_contact(pupil, has_parental_responsibility=True)
    make_contact(pupil, "Okafor", forename="Ada", has_parental_responsibility=True)
    return school, make_user("office", school), pupil


def missing(school: School, user: User, at: datetime) -> list[str]:
    with scope(school=school):
        return [row.capacity for row in missing_visible_to(user, school, at.date())]


def test_missing_are_those_whose_signature_is_still_needed(world: Any, at: datetime) -> None:
    """AGR-08: by form and by signatory; where one parent is enough, the other is not missing."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    assert missing(school, office, at) == ["pupil", "parent", "parent", "headteacher", "form_tutor"]
    sign_as(agreement, "parent", office, at)
    assert missing(school, office, at) == ["pupil", "headteacher", "form_tutor"]
    with scope(school=school):
        (line,) = missing_by_form(missing_visible_to(office, school, at.date()))
    assert (line.name, line.pupils, line.parents, line.school) == (pupil.form.name, 1, 0, 2)
    for capacity in ("pupil", "headteacher", "form_tutor"):
        sign_as(agreement, capacity, office, at)
    assert missing(school, office, at) == []


def test_every_parent_is_missing_where_every_one_is_needed(world: Any, at: datetime) -> None:
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil, parents_needed="all")
    sign_as(agreement, "parent", office, at)
    assert missing(school, office, at).count("parent") == 1


def test_where_pupil_or_parent_signs_one_of_them_is_enough(at: datetime) -> None:
    """AGR-02: the exceptional use of the group’s rules is signed by the pupil or a parent."""
    school = make_school(preset="group-locked-storage")
    office = make_user("office", school)
    pupil = make_pupil(school, year_group=9)
    make_contact(pupil, has_parental_responsibility=True)
    version = make_version(school, AgreementKind.EXCEPTIONAL_USE)
    agreement = make_agreement(school, office, at, pupil=pupil, version=version)
    assert agreement.needed == [["pupil", "parent"]]
    assert missing(school, office, at) == ["pupil", "parent"]
    sign_as(agreement, "parent", office, at)
    assert missing(school, office, at) == []


def test_tutor_sees_the_form_alone(world: Any, at: datetime) -> None:
    school, office, pupil = world
    stranger = make_user("form_tutor", school)
    make_agreement(school, office, at, pupil=pupil)
    assert missing(school, stranger, at) == []
    assert missing(school, None, at) == []  # type: ignore[arg-type]


def test_call_is_kept_and_signs_nothing(world: Any, at: datetime, client: Client) -> None:
    """AGR-08: who has no email is to be telephoned; the call and its outcome are kept, once however often sent."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    row = signatory_of(agreement, "parent")
    with scope(school=school):
        row.contact.email = ""
        assert to_telephone([row]) == {row.pk}
    client.force_login(office)
    address = f"/{school.slug}/agreements/outstanding/{row.pk}/call/"
    assert client.post(address, {"note": "", "submission": uuid4()}).status_code == 422
    said = {"note": "Will sign at the gate", "submission": uuid4()}
    assert [client.post(address, said).status_code for _time in range(2)] == [302, 302]
    with scope(school=school):
        (event,) = AgreementEvent.objects.filter(agreement=agreement, kind=AgreementEventKind.PHONED)
        assert (event.note, event.by, event.signatory) == ("Will sign at the gate", office, row)
        assert Signatory.objects.get(pk=row.pk).state == "not_sent"
        assert Agreement.objects.get(pk=agreement.pk).state == "issued"
    sign_as(agreement, "parent", office, at + timedelta(hours=1))
    with scope(school=school), pytest.raises(NotToTelephone):
        record_call(school=school, actor=office, at=at, signatory=row, note="Again")
    assert client.get(address).status_code == 404


def test_page_costs_the_same_for_three_as_for_one(world: Any, at: datetime, client: Client) -> None:
    school, office, pupil = world
    version = make_version(school)
    client.force_login(office)
    costs = []
    for number in range(3):
        one = pupil if not number else make_pupil(school, form=pupil.form)
        if number:
            make_contact(one, has_parental_responsibility=True)
        make_agreement(school, office, at, pupil=one, version=version)
        client.get(f"/{school.slug}/agreements/outstanding/")
        with CaptureQueriesContext(connection) as spent:
            page = client.get(f"/{school.slug}/agreements/outstanding/?form={pupil.form_id}&capacity=parent")
        assert page.status_code == 200
        costs.append(len(spent))
    assert costs[0] == costs[2]
