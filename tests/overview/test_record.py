"""ORG-09, ORG-10: the investigator's record: in words, narrowed by keys, and itself recorded."""

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.audit.models import Entry
from core.audit.operations import record
from core.notices import operations as notices
from core.people.models import Pupil, School, User
from core.people.roles import Role
from schoolsafe.overview import operations, queries
from schoolsafe.overview.words import act_in_words
from tests.factories import make_contact, make_pupil, make_school
from tests.factories import make_user as build_user

Clients = Callable[[User], Client]
URL = "/harbour-view/record/"


@pytest.fixture
def reader(data_protection_lead_user: User, client_for: Clients) -> Client:
    return client_for(data_protection_lead_user)


def test_record_shows_entries_in_words_and_that_one_looked(
    school: School, reader: Client, office_user: User, pupil: Pupil, at: datetime, data_protection_lead_user: User
) -> None:
    record(school=school, actor=office_user, action="devices.hand_in", at=at, obj=pupil)
    page = reader.get(URL).content.decode()
    assert "Device handed in" in page
    assert office_user.full_name in page
    assert "Amara Kovacs" in page
    looked = Entry.objects.get(action="overview.look_at_record")
    assert (looked.outcome, looked.actor_id) == ("viewed", data_protection_lead_user.pk)


def test_record_first_use_says_what_will_appear(db: None, client_for: Clients) -> None:
    empty = make_school("new-start", preset="")
    reader = build_user(Role.DATA_PROTECTION_LEAD, empty)
    assert "Nothing is recorded yet" in client_for(reader).get("/new-start/record/").content.decode()


@pytest.mark.parametrize("path", ["", "export/", "1/"])
@pytest.mark.parametrize("role", [Role.OFFICE, Role.TEACHER, Role.ADMINISTRATOR, Role.GOVERNOR])
def test_record_is_refused_to_other_roles_and_the_attempt_recorded(
    school: School, make_user: Any, client_for: Clients, role: Role, path: str
) -> None:
    user = make_user(role)
    client = client_for(user)
    answer = client.post(URL + path) if path == "export/" else client.get(URL + path)
    assert answer.status_code == 403
    assert Entry.objects.filter(actor_id=user.pk, outcome="refused").exists()


def acts(page: str) -> list[str]:
    """What the lines of a page of the record say was done."""
    return [html.unescape(act) for act in re.findall(r'<td data-label="Act">([^<]*)</td>', page)]


def test_record_narrowed_by_keys_alone(
    school: School, reader: Client, office_user: User, teacher_user: User, at: datetime
) -> None:
    record(school=school, actor=office_user, action="devices.hand_in_device", at=at)
    record(school=school, actor=teacher_user, action="devices.return_device", at=at, outcome="refused")
    record(school=school, actor=teacher_user, action="devices.return_device", at=at - timedelta(days=30))
    for asked, count in (
        ({"person": teacher_user.pk}, 2),
        ({"act": "devices.return_device"}, 2),
        ({"outcome": "refused"}, 1),
        ({"first": "2026-11-23", "last": "2026-11-23"}, 2),
        ({"person": teacher_user.pk, "first": "2026-11-01"}, 1),
    ):
        shown = acts(reader.get(URL, asked).content.decode())
        named = {act_in_words("devices.hand_in_device"), act_in_words("devices.return_device")}
        assert len([act for act in shown if act in named]) == count, asked


def test_record_of_one_object(school: School, reader: Client, pupil: Pupil, at: datetime) -> None:
    record(school=school, actor=None, action="test.one", at=at, obj=pupil)
    record(school=school, actor=None, action="test.two", at=at, obj=school)
    page = reader.get(URL, {"object_type": "people.pupil", "object_id": pupil.pk}).content.decode()
    assert acts(page) == [act_in_words("test.one")]


def test_record_no_result_says_so(school: School, reader: Client) -> None:
    assert "Nothing matches" in reader.get(URL, {"first": "2001-01-01", "last": "2001-01-02"}).content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"first": "yesterday"},
        {"person": "999999999"},
        {"outcome": "x"},
        {"first": "2026-02-02", "last": "2026-01-01"},
        {"object_type": "../etc", "object_id": "1"},
        {"object_id": "9" * 40},
    ],
)
def test_record_wrong_filter_answers_422_in_words(school: School, reader: Client, asked: dict[str, str]) -> None:
    answer = reader.get(URL, asked)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()


def test_record_pages_by_key(school: School, reader: Client, at: datetime) -> None:
    for _ in range(queries.PAGE + 3):
        record(school=school, actor=None, action="test.many", at=at)
    first = reader.get(URL, {"act": "test.many"}).content.decode()
    (older,) = re.findall(r'href="([^"]*)">Older entries<', first)
    last = reader.get(html.unescape(older)).content.decode()
    assert (len(acts(first)), len(acts(last))) == (queries.PAGE, 3)
    assert "Older entries" not in last


def test_record_takes_as_many_statements_for_three_entries_as_for_one(
    school: School, reader: Client, office_user: User, pupil: Pupil, at: datetime
) -> None:
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            record(school=school, actor=office_user, action=f"test.rows{rows}", at=at, obj=pupil)
        reader.get(URL, {"act": f"test.rows{rows}"})
        with CaptureQueriesContext(connection) as captured:
            reader.get(URL, {"act": f"test.rows{rows}"})
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_record_of_the_neighbour_is_not_there(
    school: School, other_school: School, reader: Client, at: datetime
) -> None:
    entry = record(school=other_school, actor=None, action="test.there", at=at)
    assert reader.get(f"{URL}{entry.pk}/").status_code == 404
    assert "test.there" not in reader.get(URL).content.decode()


def test_entry_shows_fields_before_and_after(
    school: School, reader: Client, dsl_user: User, pupil: Pupil, at: datetime
) -> None:
    """House §4.3: simple-history's diffs are read here and nowhere else."""
    contact = make_contact(pupil, mobile="07700 900001")
    contact.mobile, contact.do_not_inform, contact.may_collect = "07700 900002", True, False
    contact.stamp(by=dsl_user, at=at)
    contact.save()
    entry = record(school=school, actor=dsl_user, action="people.change_contact", at=at, obj=contact)
    page = reader.get(f"{URL}{entry.pk}/").content.decode()
    for said in ("07700 900001", "07700 900002", "Do not inform", "May collect"):
        assert said in page
    assert "Surname" not in page
    assert Entry.objects.filter(action="overview.look_at_entry", object_id=entry.pk, outcome="viewed").exists()


def test_entry_of_an_account_shows_no_password(
    school: School, reader: Client, office_user: User, administrator_user: User, at: datetime
) -> None:
    office_user.given_name = "Renamed"
    office_user.set_password("another long password")
    office_user._history_date = at
    office_user.save()
    entry = record(school=school, actor=administrator_user, action="people.change_account", at=at, obj=office_user)
    page = reader.get(f"{URL}{entry.pk}/").content.decode()
    assert "Renamed" in page
    assert "md5$" not in page
    assert "password" not in page.lower()


def test_entry_of_a_person_shows_what_was_noted(school: School, reader: Client, dsl_user: User, at: datetime) -> None:
    notices.set_preferences(school=school, actor=dsl_user, at=at, delivery="none")
    entry = Entry.objects.get(action="notices.set_preferences")
    page = reader.get(f"{URL}{entry.pk}/").content.decode()
    assert "Emails chosen" in page
    assert "digest" in page


def test_history_of_the_neighbours_row_is_not_shown(school: School, other_school: School, at: datetime) -> None:
    theirs = make_pupil(other_school, "Bertil", "Nygaard")
    entry = record(school=school, actor=None, action="test.forged", at=theirs.created_at, obj=theirs)
    assert queries.history_at(school, entry) == []


def test_export_is_formula_safe_and_itself_recorded(
    school: School, reader: Client, at: datetime, data_protection_lead_user: User
) -> None:
    """F28"""
    record(school=school, actor=None, action="test.export", at=at, detail={"old": "=1+1", "new": "@x"})
    answer = reader.post(f"{URL}export/", {"act": "test.export"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Entry", "Date", "Time", "Who"]
    assert rows[1][3] == "The system"
    assert rows[1][7:9] == ["'=1+1", "'@x"]
    entry = Entry.objects.get(outcome="exported")
    assert (entry.actor_id, entry.detail) == (data_protection_lead_user.pk, {"act": "test.export", "entries": 1})


def test_export_by_opening_a_link_is_not_answered(school: School, reader: Client) -> None:
    assert reader.get(f"{URL}export/").status_code == 405


def test_export_too_large_is_refused_in_words(
    school: School, reader: Client, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "EXPORT_LIMIT", 1)
    for _ in range(2):
        record(school=school, actor=None, action="test.export", at=at)
    answer = reader.post(f"{URL}export/", {"act": "test.export"})
    assert answer.status_code == 422
    assert "Narrow the dates" in answer.content.decode()
    assert not Entry.objects.filter(outcome="exported").exists()


def test_act_without_words_of_its_own_is_readable() -> None:
    assert act_in_words("devices.weigh_in_box") == "Devices: weigh in box"
    assert act_in_words("rules.change_rule") == "Rule changed"
