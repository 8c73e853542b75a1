"""The joining pack: what each new family was given, and who of it has read which document (AGR-22, COM-04)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from agreements.models import TemplateReading
from agreements.queries.joining import pack_versions
from core.people.models import Pupil, School
from policies.models import Document
from policies.operations import Wording, name_document, publish_version
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as

pytestmark = pytest.mark.django_db
PAGE = "/harbour-view/agreements/joining/"


@pytest.fixture
def school(at: datetime) -> School:
    return make_school("harbour-view", preset="primary-online-safety")


def joiner(school: School, at: datetime, surname: str) -> Pupil:
    pupil = make_pupil(school, "Jo", surname, joined_on=at.date() - timedelta(days=5))
    make_contact(pupil, surname, email="", has_parental_responsibility=True)
    return pupil


def document(school: School, at: datetime, **fields: Any) -> Document:
    with scope(school=school):
        found = name_document(
            school=school, actor=None, at=at, kind="acceptable_use", title="Using the internet", **fields
        )
        publish_version(
            school=school, actor=None, at=at, document=found, label="Autumn", starts_on=at.date() - timedelta(days=9),
            texts=[Wording("parents", "For parents", "We talk about it at home.")],
        )  # fmt: skip
    return found


def test_signing_the_agreement_puts_the_family_on_the_read_by_list(
    school: School, at: datetime, client: Client
) -> None:
    """AGR-22, COM-04: reading inside the agreement, given on joining; who signed has read, the other has not."""
    office = make_user("office", school)
    reading = document(school, at, asked_of=["parents"])
    version = make_version(school, published=False)
    with scope(school=school):
        TemplateReading(school=school, template_version=version, document=reading).save()
        version.state, version.published_at = "published", at
        version.save()
    pupil, _other = joiner(school, at, "Moss"), joiner(school, at, "Lund")
    make_pupil(school, "Al", "Zander", joined_on=at.date() - timedelta(days=400))
    agreement = make_agreement(school, office, at, pupil=pupil, version=version)
    client.force_login(office)
    before = client.get(PAGE).text
    assert "Zander" not in before
    assert before.count("Not yet") == 2
    assert before.count("None given") == 1
    sign_as(agreement, "parent", office, at)
    after = client.get(PAGE).text
    assert after.count("Not yet") == 1
    assert "many/issue/?scope=joiners&amp;since=" in after
    assert client.get(PAGE, {"since": at.date().isoformat()}).text.count("Nobody joined since then") == 1


def test_pack_is_what_parents_are_asked_and_what_an_agreement_names(school: School, at: datetime) -> None:
    reading = document(school, at, asked_of=["staff"])
    with scope(school=school):
        assert pack_versions(school, at.date()) == []
        version = make_version(school, published=False)
        TemplateReading(school=school, template_version=version, document=reading).save()
        assert pack_versions(school, at.date()) == []
        version.state, version.published_at = "published", at
        version.save()
        assert [one.document for one in pack_versions(school, at.date())] == [reading]


def test_list_costs_the_same_for_one_family_and_three(school: School, at: datetime, client: Client) -> None:
    client.force_login(make_user("office", school))
    document(school, at, asked_of=["parents"])
    counts = []
    for surnames in (("Moss",), ("Lund", "Sato")):
        for surname in surnames:
            joiner(school, at, surname)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE)
        counts.append(len(seen))
    assert counts[0] == counts[1]
