"""Every address, held to the access table: by role, by method, by school (house 4.6, security 5.2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django_scopes import scope

from core.people.access import has
from core.people.enums import LinkKind
from core.people.operations.links import make_link
from core.people.roles import Permission
from core.people.views.base import SchoolView
from schoolsafe.access import ACCESS, PUBLIC, SIGNED_IN, Row
from tests.architecture.records import CANARIES, Records, kwargs_of, named_patterns
from tests.architecture.stage import Answer, Browser, Stage

PATTERNS = named_patterns()
IN_SCHOOL = sorted(name for name in PATTERNS if isinstance(ACCESS.get(name, Row(PUBLIC)).needs, Permission))
GOES_ON = {"devices:desk-search", "roll:refresh", "roll:cancel", "roll:resume"}  # a GET leads to the page they stand on
OF_SESSIONS = sorted(name for name in PATTERNS if ACCESS.get(name, Row("")).needs == SIGNED_IN)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(PATTERNS) == set(ACCESS)


@pytest.mark.parametrize("name", IN_SCHOOL)
def test_view_asks_for_what_the_table_says(name: str) -> None:
    view = PATTERNS[name].callback.view_class  # type: ignore[attr-defined]
    assert view.permission == ACCESS[name].needs
    assert view.dispatch is SchoolView.dispatch, f"{name}: the one door, which looks at the role before the method"
    assert view.on_desk == ACCESS[name].desk, f"{name}: a session opened with a desk PIN"
    for method in ("get", "post"):
        answers = hasattr(view, method) and method in view.http_method_names
        assert answers == (method.upper() in ACCESS[name].methods), (
            f"{name} {'answers' if answers else 'does not answer'} {method.upper()}, "
            f"the table says {ACCESS[name].methods}"
        )


def turned_away(answer: Answer) -> bool:
    """Whether somebody was sent to sign in, to unlock or to set up a second step instead of being answered."""
    return answer.location.startswith("/account/")


def faults_of(answer: Answer, *, method: str, fine: bool) -> list[str]:
    """What is wrong with an answer: its status, what looking wrote, who is named in an address or in an email."""
    faults = [] if fine else [f"status {answer.status} {answer.location} {answer.error}"]
    if method == "GET" and answer.writes:
        faults.append(f"looking wrote {answer.writes}")
    named = [address for address in answer.addresses if any(word in address.lower() for word in CANARIES)]
    if named:
        faults.append(f"names in addresses: {named}")
    if any(word in mail.lower() for mail in answer.mails for word in CANARIES):
        faults.append("names in an email")
    return faults


@pytest.mark.parametrize("name", IN_SCHOOL)
def test_every_role_gets_what_the_table_says(name: str, stage: Stage) -> None:
    """ORG-10, matrix 1.21: allowed roles never meet 403, 405 or a crash, all others always meet 403.

    And of every answer (security rows 14, 49 and 57): looking writes nothing but the record of looking, no link, form
    or redirect has a pupil's name in its address, and no email names anybody.
    """
    records, row = stage.records(), ACCESS[name]
    url, body = records.address(name), records.body(name)
    wrong = []
    for number, (role, browser) in enumerate(stage.cast.items()):
        allowed = has(browser.user, row.needs, stage.school)  # type: ignore[arg-type]
        theirs = not row.own or browser.user == records.reader
        # Who may not is turned away before the method is looked at: each asks by one, in turn.
        methods = row.methods if allowed else row.methods[number % len(row.methods) :][:1]
        for method in methods:
            # One page says no to everybody, and one that there is nothing: their frame is judged with the pages shown.
            part = not allowed or (row.few and number > 0)
            answer = browser.ask(method, url, body if method == "POST" else None, part=part)
            if not allowed:
                fine = answer.status == 403
            elif not theirs:
                fine = answer.status == 404
            elif row.few and answer.status == 404:
                fine = True
            elif method == "GET":
                fine = answer.status == (302 if name in GOES_ON else 200) and not turned_away(answer)
            else:
                fine = answer.status not in (403, 404, 405) and answer.status < 500 and not turned_away(answer)
            wrong += [f"{role} {method}: {fault}" for fault in faults_of(answer, method=method, fine=fine)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", IN_SCHOOL)
def test_other_methods_are_not_answered(name: str, stage: Stage) -> None:
    """The table names every method that an address answers: for the rest even who may do everything gets 405."""
    url = stage.records().address(name)
    others = {"GET", "POST"} - set(ACCESS[name].methods)
    for method in sorted(others):
        assert stage.everybody.ask(method, url).status == 405, f"{method} {name}"


@pytest.mark.parametrize("name", IN_SCHOOL)
def test_strangers_get_nothing(name: str, stage: Stage) -> None:
    """Somebody signed out is sent to sign in; somebody without a role in the school is told nothing."""
    records = stage.records()
    url, body = records.address(name), records.body(name)
    for method in ACCESS[name].methods:
        answer = stage.nobody.ask(method, url, body)
        assert (answer.status, answer.location.split("?")[0]) == (302, reverse("account_login"))
        assert stage.stranger.ask(method, url, body).status == 404


WITH_RECORDS = [name for name in IN_SCHOOL if kwargs_of(name) - {"school", "key", "section"}]


@pytest.mark.parametrize("name", [*WITH_RECORDS, "roll:confirm-do-not-inform"])
def test_records_of_the_neighbouring_school_do_not_exist(name: str, stage: Stage) -> None:
    """house 4.1: the neighbour's record under one's own school's address is 404, for a person with every role."""
    with scope(school=stage.neighbour):
        theirs = Records(stage.neighbour, stage.at)
        url = theirs.address(name, school=stage.school.slug)
        body = theirs.body(name)
    for method in ACCESS[name].methods:
        if method == "GET" and name not in WITH_RECORDS:
            continue
        answer = stage.everybody.ask(method, url, body)
        assert (answer.status, answer.writes) == (404, ()), f"{method} {name}"
        assert not any(word in answer.text.lower() for word in CANARIES)


@pytest.mark.parametrize("name", OF_SESSIONS)
def test_session_pages_need_a_signed_in_person(name: str, stage: Stage) -> None:
    for method in ACCESS[name].methods:
        answer = stage.nobody.ask(method, reverse(name))
        assert (answer.status, answer.location.split("?")[0]) == (302, reverse("account_login"))
        for role, browser in stage.cast.items():
            answer = browser.ask(method, reverse(name))
            assert faults_of(answer, method=method, fine=answer.status in (200, 302, 422)) == [], role


@pytest.mark.parametrize("name", OF_SESSIONS)
def test_session_pages_of_a_desk_are_those_of_the_table(name: str) -> None:
    view = PATTERNS[name].callback.view_class  # type: ignore[attr-defined]
    assert getattr(view, "on_desk", False) == ACCESS[name].desk


def test_public_pages_are_exactly_these() -> None:
    """security row 24: the ways in without signing in are few and known."""
    public = {name for name, row in ACCESS.items() if row.needs == PUBLIC}
    open_views = {name for name, pattern in PATTERNS.items() if not getattr(pattern.callback, "login_required", True)}
    assert open_views == public


LINKS = [
    ("session:set-up", LinkKind.SET_UP, {}),
    ("session:invitation", LinkKind.INVITATION, {"user": "person_invited"}),
]


@pytest.mark.parametrize(("name", "kind", "about"), LINKS, ids=[name for name, *_ in LINKS])
def test_link_is_swapped_for_the_session_and_without_one_there_is_nothing(
    name: str, kind: LinkKind, about: dict[str, str], stage: Stage
) -> None:
    """security rows 24, 27 and 49: anybody may knock; only a link that is still good opens, and leaves the address."""
    records = stage.records()
    named: dict[str, Any] = {key: records.value(value, name) for key, value in about.items()}
    if named:
        named = {"user": records.made["person_invited"], "school": stage.school}
    token = make_link(kind, at=stage.at, made_by=None, **named)
    guest = Browser(None)
    for method in ACCESS[name].methods:
        assert guest.ask(method, reverse(name)).status == 404
    assert guest.ask("GET", reverse(f"{name}-link", args=["wrong"])).status == 404
    opened = guest.keep("GET", reverse(f"{name}-link", args=[token]))
    assert (opened.status_code, opened.headers["Location"]) == (302, reverse(name))
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    page = guest.ask("GET", reverse(name))
    assert faults_of(page, method="GET", fine=page.status == 200) == []
    assert token not in page.text
    assert guest.ask("POST", reverse(name)).status == 422


def test_health_pages_say_little(stage: Stage) -> None:
    for name in ("healthz", "readyz"):
        assert stage.nobody.ask("GET", reverse(name)).status in (200, 503)
