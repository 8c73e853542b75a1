"""What every page about searches keeps: the same number of statements for more rows, and one record for one form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import School, User
from core.rules.operations import change_rule
from devices.models import Confiscation
from devices.operations.searches import decide_deletion
from tests.architecture.records import Records
from tests.factories import make_user

Clients = Callable[[User], Client]
_DAY = {"on": "23/11/2026", "time": "08:00"}
_FORCE = {
    **_DAY, "staff": "R. Reed", "place": "Corridor", "lead_up": "A shout", "de_escalation": "A calm word",
    "kinds": ["hold"], "minutes": "1", "necessary": "A blade", "injuries": "None", "support": "A talk",
}  # fmt: skip
# The list, and what stands in it.
LISTS = {
    "searches": "search", "deletions": "deletion", "prohibited": "prohibited_item", "searchers": "searcher",
    "screenings": "screening", "police-searches": "police_search",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def records(school: School, headteacher_user: User, at: datetime) -> Records:
    """What the pages show, made by the headteacher, who may do everything here."""
    return Records(school, at, headteacher_user)


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


@pytest.mark.parametrize("name", LISTS)
def test_a_list_about_searches_costs_the_same_for_one_row_and_for_three(
    school: School, headteacher_user: User, at: datetime, client_for: Clients, name: str
) -> None:
    """Speed: no statement for each row, on any of them."""
    browser = client_for(headteacher_user)

    def one_more() -> None:
        made = Records(school, at, make_user("headteacher", school))
        made.make(LISTS[name])

    def cost() -> int:
        browser.get(url(name))
        with CaptureQueriesContext(connection) as statements:
            assert browser.get(url(name)).status_code == 200
        return len(statements)

    one_more()
    first = cost()
    one_more()
    one_more()
    assert cost() == first


def _seized_by_force(records: Records) -> int:
    """The stay of a taking with force that nobody has recorded."""
    taking = Confiscation.objects.get(custody=records.make("stay_seized"))
    taking.force_used = True
    taking.stamp(by=records.reader, at=records.at)
    taking.save()
    return int(taking.custody_id)


def _approved(records: Records) -> int:
    deletion = records.make("deletion")
    decide_deletion(
        school=records.school, actor=records.reader, at=records.at, deletion=deletion, approve=True, decision="Agreed."
    )
    return int(deletion.pk)


_TOLD = {"place": "Office", "found": "Nothing", "aftercare": "A talk"}
# The page, the record in its address, and what is sent.
FORMS: dict[str, tuple[str, Callable[[Records], int], dict[str, Any]]] = {
    "force of a search": ("search-force", lambda made: made.make("search").pk, _FORCE),
    "force of a taking": ("seizure-force", _seized_by_force, _FORCE),
    "ask for a deletion": (
        "request-deletion",
        lambda made: made.make("stay_seized").pk,
        {"content": "A copied sheet", "rule_broken": "Exams", "reason": "Passed on", "suspected": "no"},
    ),
    "decide on a deletion": (
        "deletion",
        lambda made: made.make("deletion").pk,
        {"approve": "yes", "decision": "Agreed with the pupil."},
    ),
    "carry out a deletion": ("deletion", _approved, {"step": "done_by_staff"}),
    "the police searched": (
        "record-police-search",
        lambda made: made.make("pupil").pk,
        {
            **_TOLD, "strip_search": "no", "risk_weighed": "A blade", "on": "23/11/2026", "called": "08:00",
            "officers": "Officer 4417", "appropriate_adult": "M. Osei", "parent_told_note": "By phone",
            "began": "08:10", "ended": "08:20",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", FORMS)
def test_a_form_about_force_deletion_or_police_sent_twice_is_one_record(
    records: Records, headteacher_user: User, client_for: Clients, at: datetime, which: str
) -> None:
    """ORG-09: a double click or a lost answer leaves one act, and leads to the same page."""
    name, make, given = FORMS[which]
    page = url(name, make(records))
    if which.endswith("deletion"):
        change_rule(
            school=records.school, actor=None, at=at, key="deletion_by", value=["headteacher"],
            effective_from=at.date(), reason="For a test.",
        )  # fmt: skip
    browser, key = client_for(headteacher_user), str(uuid4())
    assert browser.get(page).status_code == 200
    answers = [browser.post(page, {**given, "submission": key}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302], answers[-1].content.decode()
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Entry.objects.filter(submission=key, outcome=Outcome.DONE).count() == 1


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("add-prohibited", {"name": "Vapes", "searchable": "yes", "starts_on": "2026-11-23", "source": "Policy"}),
        (
            "authorise-searcher",
            {"person": "", "scope": "device", "classes": "school", "starts_on": "2026-11-23"},
        ),
        (
            "screenings",
            {"kind": "arch", "place": "Gate", "on": "23/11/2026", "began": "08:00", "ended": "08:10", "screened": "120",
             "led_to_searches": "1"},
        ),
    ],
)  # fmt: skip
def test_a_register_form_sent_twice_is_one_entry(
    headteacher_user: User, teacher_user: User, client_for: Clients, name: str, given: dict[str, Any]
) -> None:
    """ORG-09"""
    sent = given | ({"person": teacher_user.pk} if "person" in given else {}) | {"submission": str(uuid4())}
    browser = client_for(headteacher_user)
    answers = [browser.post(url(name), sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302], answers[-1].content.decode()
    assert Entry.objects.filter(submission=sent["submission"], outcome=Outcome.DONE).count() == 1
