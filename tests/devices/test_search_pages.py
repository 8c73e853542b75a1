"""The pages about searches: a question a page without JavaScript, drafts that wait, lists, and who reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import Pupil, School, User
from devices.enums import SearchState
from devices.forms.searches import after, before, deletions, force, making, registers
from devices.models import SearchRecord
from devices.operations import add_device, seed_device_types
from tests.factories import make_pupil
from tests.factories.searching import item_of, make_search
from tests.factories.taking import make_taken

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


def test_a_search_a_question_a_page_from_open_to_complete(
    pupil: Pupil, headteacher_user: User, client_for: Clients
) -> None:
    """SEA-01, SEA-03, SEA-06, SE-5: plain forms lead from page to page; back links; everything is checked first."""
    browser = client_for(headteacher_user)
    assert "Governed by" in words(browser.get(url("open-search", pupil.pk)))
    page = browser.post(url("open-search", pupil.pk), {"of": "possessions"}, follow=True)
    search = SearchRecord.objects.get()
    answers: list[tuple[str, dict[str, Any]]] = [
        ("search-sought", {"item": item_of(pupil).pk, "sought": "A blade"}),
        ("search-why", {"grounds": "Seen by two", "necessity": "It may be used"}),
        ("search-weigh", {"weighed": ""}),
        ("search-explain", {"explained": "Why and how", "cooperation": "agreed"}),
        ("search-start", {}),
        ("search-surroundings", {"place": "Office", "others_present": "nobody", "witness_name": "M. Osei"}),
        ("search-manner", dict.fromkeys(("same_sex_searcher", "same_sex_witness", "outer_clothing_only"), "yes")),
        ("search-found", {"kind": "weapon", "what": "A blade", "disposal": "police"}),
        ("search-outcome", {"force_used": "no", "risk": "no", "follow_up": "None"}),
        ("search-complete", {}),
    ]
    for name, given in answers:
        assert page.status_code == 200 and page.redirect_chain[-1][0] == url(name, search.pk), name
        assert browser.get(url(name, search.pk)).status_code == 200
        page = browser.post(url(name, search.pk), given, follow=True)
        if name == "search-found":
            assert "Written down" in words(page)
            page = browser.get(url("search-outcome", search.pk), follow=True)
            page.redirect_chain = [(url("search-outcome", search.pk), 302)]
    search.refresh_from_db()
    assert search.state == SearchState.COMPLETED_FOUND
    assert page.redirect_chain[-1][0] == url("search", search.pk)
    assert "A blade" in words(page)


def test_a_draft_waits_and_goes_on_at_its_first_open_question(
    pupil: Pupil, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """SEA-06: what was answered is kept; "Go on" leads to what is missing; Change leads back to the check."""
    search = make_search(pupil, by=headteacher_user, at=at, state=SearchState.AUTHORISED)
    browser = client_for(headteacher_user)
    assert url("search-why", search.pk) in browser.get(url("search", search.pk)).content.decode()
    wrong = browser.post(url("search-why", search.pk), {"grounds": "Seen by two", "necessity": ""})
    assert wrong.status_code == 422 and "Seen by two" in wrong.content.decode()
    stated = make_search(pupil, by=headteacher_user, at=at, state=SearchState.GROUNDS_STATED)
    changed = browser.post(url("search-sought", stated.pk), {"item": item_of(pupil).pk, "sought": "A knife"})
    assert changed.url == url("search-start", stated.pk)
    assert "A knife" in words(browser.get(changed.url))


def test_a_refused_searcher_reads_who_may(pupil: Pupil, teacher_user: User, client_for: Clients) -> None:
    """SEA-01: the refusal stands at the form, and on the record."""
    page = client_for(teacher_user).post(url("open-search", pupil.pk), {"of": "possessions"})
    assert page.status_code == 422 and "the headteacher; named staff who have been authorised" in words(page)
    assert not SearchRecord.objects.exists()
    assert Entry.objects.filter(action="devices.open_search", outcome=Outcome.REFUSED).count() == 1


def test_reading_a_search_is_recorded_and_hidden_from_others(
    pupil: Pupil, headteacher_user: User, dsl_user: User, teacher_user: User, at: datetime, client_for: Clients
) -> None:
    """ORG-09, SEA-06: whoever looked is on record; to others a search does not exist."""
    search = make_search(pupil, by=headteacher_user, at=at, state=SearchState.COMPLETED_NOTHING)
    assert client_for(dsl_user).get(url("search", search.pk)).status_code == 200
    looked = Entry.objects.get(action="devices.view_search")
    assert (looked.actor_id, looked.object_id, looked.outcome) == (dsl_user.pk, search.pk, Outcome.VIEWED)
    assert client_for(teacher_user).get(url("search", search.pk)).status_code == 404
    assert "Kovacs" not in words(client_for(teacher_user).get(url("searches")))


def test_a_search_that_is_over_takes_no_more_answers(
    pupil: Pupil, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    search = make_search(pupil, by=headteacher_user, at=at, state=SearchState.COMPLETED_NOTHING)
    browser = client_for(headteacher_user)
    assert browser.get(url("search-found", search.pk)).url == url("search", search.pk)
    page = browser.post(url("search-found", search.pk), {"kind": "weapon", "what": "x", "disposal": "police"})
    assert page.status_code == 422 and not search.findings.exists()


def test_staff_read_the_lists_and_only_the_head_edits_them(
    school: School, headteacher_user: User, teacher_user: User, client_for: Clients
) -> None:
    """SEA-13, SEA-05: every member of staff may know what is prohibited and who searches."""
    for name in ("prohibited", "searchers"):
        assert client_for(teacher_user).get(url(name)).status_code == 200
    for name in ("add-prohibited", "authorise-searcher"):
        assert client_for(teacher_user).get(url(name)).status_code == 403
    vape = {"name": "Vapes", "searchable": "yes", "starts_on": "2026-11-23", "source": "Policy, edition 3"}
    page = client_for(headteacher_user).post(url("add-prohibited"), vape, follow=True)
    assert "Vapes" in words(page) and "Knives and weapons" in words(page)
    entry = {"person": teacher_user.pk, "scope": "device", "classes": "school", "starts_on": "2026-11-23"}
    page = client_for(headteacher_user).post(url("authorise-searcher"), entry, follow=True)
    assert teacher_user.display_name in words(page) and "In force" in words(page)


@pytest.mark.parametrize("name", ["searches", "deletions"])
def test_lists_cost_the_same_for_one_row_and_for_three(
    school: School, headteacher_user: User, at: datetime, client_for: Clients, name: str
) -> None:
    from devices.operations.searches import request_deletion

    types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    browser = client_for(headteacher_user)

    def one_more() -> None:
        pupil = make_pupil(school)
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
        stay = make_taken(pupil, device, by=headteacher_user, at=at)
        make_search(pupil, by=headteacher_user, at=at, custody=stay)
        request_deletion(
            school=school, actor=headteacher_user, at=at, custody=stay, content="A sheet", rule_broken="Exams",
            reason="Passed on", suspected=False,
        )  # fmt: skip

    def cost() -> int:
        browser.get(url(name))
        with CaptureQueriesContext(
            connection,
        ) as statements:
            assert browser.get(url(name)).status_code == 200
        return len(statements)

    one_more()
    first = cost()
    one_more()
    one_more()
    assert cost() == first


@pytest.mark.parametrize("module", [after, before, deletions, force, making, registers])
def test_no_form_about_searches_takes_a_file(module: Any) -> None:
    """SEA-16: no field of any of them is a door for a picture."""
    from django import forms

    found = [
        (name, field)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, forms.Form)
        for field in kind.base_fields.values()
        if isinstance(field, forms.FileField)
    ]
    assert found == []
