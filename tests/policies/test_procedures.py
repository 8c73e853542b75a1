"""Complaints and whistleblowing: named in one place, shown where they are needed (INC-30)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from devices.documents.taken import complaints_words
from policies.enums import DocumentKind
from policies.models import Document
from policies.operations import NotWhole, Published, name_procedures
from policies.queries import complaints_link
from tests.devices.test_races import at_once
from tests.factories import make_school, make_user
from tests.factories.cases import make_case

Clients = Callable[[User], Client]

HOW = "https://www.harbour-view.example/how-to-complain"
WHISTLE = "https://www.harbour-view.example/speak-up"
BOTH = {
    DocumentKind.COMPLAINTS: Published("How to complain", HOW),
    DocumentKind.WHISTLEBLOWING: Published("Speaking up", WHISTLE),
}


def name(school: School, at: datetime, **kinds: Published) -> None:
    published = {DocumentKind(kind): said for kind, said in kinds.items()} or BOTH
    name_procedures(school=school, actor=None, at=at, published=published)


def test_procedures_are_shown_on_every_page_about_reports_and_in_letters(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, headteacher_user: User, client_for: Clients,
    at: datetime,
) -> None:  # fmt: skip
    """INC-30: the head names both in one place; staff find both on the pages, parents the first in their letters."""
    case = make_case(school, by=teacher_user, at=at, pupil=pupil)
    pages = {
        teacher_user: ("report", "find-breach", "my-reports", "image-report", "private-questions"),
        dsl_user: ("inbox",),
        headteacher_user: ("staff-register",),
    }

    def foots() -> list[str]:
        found = [client_for(teacher_user).get(reverse("incidents:my-report", args=[school.slug, case.pk]))]
        found.append(client_for(dsl_user).get(reverse("incidents:case", args=[school.slug, case.pk])))
        for user, names in pages.items():
            found += [client_for(user).get(reverse(f"incidents:{page}", args=[school.slug])) for page in names]
        assert {page.status_code for page in found} == {200}
        return [page.content.decode() for page in found]

    for page in foots():
        assert "Ask the school office for the complaints procedure" in page
    assert complaints_words(school) == "Ask the school office for the complaints procedure."

    head = client_for(headteacher_user)
    url = reverse("policies:procedures", args=[school.slug])
    given = {
        "submission": str(uuid4()), "complaints_title": "How to complain", "complaints_address": HOW,
        "whistleblowing_title": "Speaking up", "whistleblowing_address": WHISTLE,
    }  # fmt: skip
    assert head.post(url, given | {"complaints_address": "", "submission": str(uuid4())}).status_code == 422
    assert head.post(url, given).status_code == 302
    assert HOW in head.get(url).content.decode()
    for page in foots():
        assert HOW in page and WHISTLE in page, page[-900:]
    assert complaints_words(school) == f"How to complain: {HOW}"
    poster = client_for(teacher_user).get(reverse("incidents:whom-to-tell", args=[school.slug])).content.decode()
    assert HOW in poster and WHISTLE not in poster, "pupils and parents are shown the complaints procedure"


def test_procedure_is_named_whole_once_and_by_whoever_sets_the_rules(
    school: School, teacher_user: User, headteacher_user: User, at: datetime
) -> None:
    """INC-30: a name without an address helps nobody; named again it is the same document; emptied it is not shown."""
    with pytest.raises(NotPermitted):
        name_procedures(school=school, actor=teacher_user, at=at, published=BOTH)
    with pytest.raises(NotWhole) as refused:
        name(school, at, complaints=Published("How to complain"))
    assert refused.value.field == "complaints_address"
    key = uuid4()
    for _ in range(2):
        name_procedures(school=school, actor=headteacher_user, at=at, published=BOTH, submission=key)
    name(school, at, complaints=Published("Complaints", HOW))
    link = complaints_link(school)
    assert link is not None and (link.title, link.address) == ("Complaints", HOW)
    name(school, at, complaints=Published())
    assert complaints_link(school) is None
    assert Document.objects.count() == 2
    with pytest.raises(IntegrityError, match="policies_document_one_procedure"), transaction.atomic():
        Document.objects.create(school=school, kind=DocumentKind.COMPLAINTS, title="Another")


def test_two_people_name_them_at_once_and_there_is_one(transactional_db: None, at: datetime) -> None:
    """INC-30: one of each kind, whoever comes second."""
    school = make_school()
    people = [make_user("headteacher", school), make_user("administrator", school)]
    acts = [partial(name_procedures, school=school, actor=user, at=at, published=BOTH) for user in people]
    assert at_once(school, *acts) == [school, school]
    with scope(school=school):
        assert Document.objects.count() == 2
