"""The school's own words: fields from a fixed list, plain replacement, every edition kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.kit.refusals import ChangedMeanwhile
from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from devices import operations
from devices.documents.wording import MERGE_FIELDS, filled, first_wording, wrong_fields
from devices.enums import WORDED_KINDS, DocumentKind
from devices.models import DocumentWording, PupilDevice
from tests.devices.test_papers import text_of
from tests.devices.test_races import at_once
from tests.factories import make_school, make_user
from tests.factories.taking import make_taken

SLIP = DocumentKind.SLIP


def save(school: School, actor: User, at: datetime, body: str, edition: int = 0, **given: Any) -> DocumentWording:
    row: DocumentWording = operations.taken.save_wording(
        school=school, actor=actor, at=at, kind=SLIP, title="Our slip", body=body, edition=edition, **given
    )
    return row


def test_first_wordings_hold_every_field_that_a_family_needs() -> None:
    """CNF-14, COM-06: the product's own words are whole and use known fields alone."""
    for kind in WORDED_KINDS:
        words = first_wording(DocumentKind(kind))
        assert not wrong_fields(words.title) and not wrong_fields(words.body)
        for name in ("device", "collect", "from_when", "calendar", "disclaimer"):
            assert f"{{{name}}}" in words.body
        for word in ("offend", "crime", "punish", "guilty", "confiscat"):
            assert word not in words.body.lower()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Dear {parent}", []),
        ("One\nDear {surname}", ["Line 2: {surname} is not one of the fields."]),
        ("{child} {child.pk}", ["Line 1: {child.pk} is not one of the fields."]),
        ("{% now %}", ["Line 1: {% now %} is not one of the fields."]),
        ("a } b", ["Line 1: a brace has no partner. Fields are written like {child}."]),
        ("{{child}}", ["Line 1: a brace has no partner. Fields are written like {child}."]),
    ],
)
def test_wrong_fields_names_the_line(text: str, wrong: list[str]) -> None:
    """COM-06: a field that does not exist is refused with its line."""
    assert wrong_fields(text) == wrong


def test_filled_replaces_once_and_carries_nothing_out() -> None:
    """COM-06: a brace inside a value stays what it is; a sentence begins with a capital."""
    values = dict.fromkeys(MERGE_FIELDS, "x") | {"child": "{device} <b>", "collect": "a parent"}
    assert filled("{child}. {collect} may.", values) == "{device} <b>. A parent may."


def test_save_wording_keeps_every_edition_and_is_printed(
    school: School, pupil: Pupil, phone: PupilDevice, headteacher_user: User, office_user: User, at: datetime
) -> None:
    """COM-06: the newest edition is printed, escaped; a document says which it was made with; the earlier one stays."""
    stay = make_taken(pupil, phone, by=office_user, at=at)
    save(school, headteacher_user, at, "First {child}")
    save(school, headteacher_user, at, "Second <b>{child}</b> of {school} & co", 1)
    made = operations.taken.issue_document(school=school, actor=office_user, at=at, kind=SLIP, custody=stay)
    text = text_of(made)
    assert "Second <b>Amara Kovacs</b> of Harbour View School & co" in text and "Our slip" in text
    assert made.wording is not None and (made.wording.number, made.facts["wording"]) == (2, 2)
    assert "Who may collect it" in text and made.facts["on_loss"]  # the facts and the words on loss in any case
    assert list(DocumentWording.objects.values_list("number", flat=True).order_by("number")) == [1, 2]


def test_save_wording_refuses_unknown_field_stale_edition_and_records(
    school: School, headteacher_user: User, office_user: User, at: datetime
) -> None:
    with pytest.raises(operations.taken.UnknownField, match="Line 1"):
        save(school, headteacher_user, at, "{nobody}")
    save(school, headteacher_user, at, "First")
    with pytest.raises(ChangedMeanwhile):
        save(school, headteacher_user, at, "Mine")
    with pytest.raises(operations.taken.UnableToWord):
        operations.taken.save_wording(
            school=school, actor=headteacher_user, at=at, kind=DocumentKind.CHAIN, title="T", body="B", edition=0
        )
    with pytest.raises(NotPermitted):
        save(school, office_user, at, "Mine", 1)


def test_save_wording_same_form_twice_is_one(school: School, headteacher_user: User, at: datetime) -> None:
    key = uuid.uuid4()
    first, second = (save(school, headteacher_user, at, "One", submission=key) for _ in range(2))
    assert first.pk == second.pk and DocumentWording.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_save_wording_two_at_once_is_one_edition(at: datetime) -> None:
    """COM-06: of two who save from the same edition, one is told that the other was first."""
    school = make_school("harbour-view")
    with scope(school=school):
        head = make_user("headteacher", school)
    results = at_once(school, *[lambda: save(school, head, at, "Mine")] * 4)
    with scope(school=school):
        assert DocumentWording.objects.count() == 1
    assert sorted(type(result).__name__ for result in results)[0] == "ChangedMeanwhile"


def test_wording_page_previews_on_invented_data_and_refuses_at_the_box(
    school: School, pupil: Pupil, headteacher_user: User, client_for: Callable[[User], Client]
) -> None:
    """COM-06: seen before it is saved, on nobody's data, with the fields beside the box; the first wording to begin."""
    client, page = client_for(headteacher_user), reverse("devices:wording-slip", args=[school.slug])
    shown = client.get(page).content.decode()
    assert all(f"<code>{{{name}}}</code>" in shown for name in MERGE_FIELDS)
    sent = {"title": "T {child}", "body": "Dear <i>{parent}</i>", "edition": 0}
    tried = client.post(page, sent | {"preview": "1"}).content.decode()
    assert "Dear &lt;i&gt;Dana Kovacs&lt;/i&gt;" in tried and "not saved yet" in tried
    assert not DocumentWording.objects.exists()
    wrong = client.post(page, sent | {"body": "One\n{nobody}"})
    assert wrong.status_code == 422 and "Line 2: {nobody} is not one of the fields." in wrong.content.decode()
    assert client.post(page, sent).status_code == 302
    assert DocumentWording.objects.get().body == "Dear <i>{parent}</i>"
    assert client.post(page, sent).status_code == 422  # somebody saved meanwhile
    assert "Edition 1" in client.get(reverse("devices:wordings", args=[school.slug])).content.decode()
