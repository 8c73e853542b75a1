"""Finding a record: what is plain by an index, what is sealed one by one, and never what is not for the reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.calendar import london_day
from core.people.enums import Phase
from core.people.models import Pupil, School, User
from core.people.roles import Role
from incidents.enums import CaseState, IncidentType, NoteKind, PersonRole, Route
from incidents.models import Incident, IncidentNote
from incidents.queries import search as queries
from tests.factories import give_role, make_pupil, make_user
from tests.factories.cases import add_person, make_case

Clients = Callable[[User], Client]
URL = reverse("incidents:search", args=["harbour-view"])


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def reporter(school: School) -> User:
    return make_user(Role.TEACHER, school)


def plain(answer: Any) -> tuple[int, str, str]:
    """An answer without what differs each time, nor what was typed: its status, where it leads, what it says."""
    said = re.sub(r'(csrf\w*"? value|nonce|content|hx-headers)=("[^"]*"|\'[^\']*\')', "", answer.content.decode())
    return answer.status_code, answer.get("Location", ""), re.sub(r'value="[^"]*"', "", said)


def found(browser: Client, **asked: str) -> list[str]:
    """The references of the list that is shown, in its order."""
    answer = browser.post(URL, asked)
    assert answer.status_code == 200, answer.content.decode()
    assert answer.get("Location", "") == ""
    return re.findall(r'inbox__reference">(I-[\d-]+)<', answer.content.decode())


def test_a_record_is_found_by_all_that_is_plain_the_newest_first(
    school: School, pupil: Pupil, reporter: User, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """Security 5.8, 14.2.1: title, reference, people, kind and dates by index; nothing of it in an address."""
    colleague = make_user(Role.SUPPORT, school, given_name="Zoë", family_name="Łukasik")
    old = at - timedelta(days=40)
    lesson = make_case(school, by=reporter, at=old, pupil=pupil, title="Film in the corridor (watch)")
    closed = make_case(
        school, by=reporter, at=at, pupil=make_pupil(school), title="Film at lunch", state=CaseState.CLOSED
    )
    visit = make_case(school, by=reporter, at=at, route=Route.VISITOR, type=IncidentType.VISITOR, title="A picture")
    add_person(visit, at=at, name="Quentin O’Hanlon")
    staff = make_case(school, by=reporter, at=at, staff=colleague, title="A message")
    browser = client_for(dsl_user)
    every = [str(case) for case in (staff, visit, closed, lesson)]
    for asked, expected in (
        ({"words": "fil"}, [closed, lesson]),
        ({"words": "WATCH film"}, [lesson]),
        ({"words": "ilm"}, []),
        ({"words": str(visit)}, [visit]),
        ({"words": str(visit)[2:].replace("-", " ")}, [visit]),
        ({"words": str(lesson)[:6]}, [lesson]),
        ({"person": "kovacs ama"}, [lesson]),
        ({"person": "lukas zoe"}, [staff]),
        ({"person": "o’hanlon"}, [visit]),
        ({"person": "kovaks"}, []),
        ({"type": "visitor"}, [visit]),
        ({"route": "allegation"}, [staff]),
        ({"state": "open", "words": "film"}, [lesson]),
        ({"state": "closed"}, [closed]),
        ({"until": str(london_day(old))}, [lesson]),
        ({"since": str(london_day(old) + timedelta(days=1)), "words": "film"}, [closed]),
    ):
        assert found(browser, **asked) == [str(case) for case in expected], asked
    assert found(browser, since="2020-01-01") == every
    page = browser.post(URL, {"words": "corridor"}).content.decode()
    assert "Film in the corridor" in page and "A. K. 8B" in page and "14 October 2026" in page
    assert URL in client_for(reporter).get(reverse("incidents:inbox", args=["harbour-view"])).content.decode()
    for said in ("a", "i-", "?!"):
        assert browser.post(URL, {"words": said}).status_code == 422
    for asked, sentence in (
        ({}, "Type a reference, a word or a name"),
        ({"words": "in a"}, "at least three letters"),
        ({"words": "one two six ten old new big red low"}, "at most 8"),
        ({"words": "x" * 81}, "at most 80"),
        ({"person": "x"}, "at least two letters"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "before the first"),
    ):
        answer = browser.post(URL, asked)
        assert answer.status_code == 422 and sentence in answer.content.decode(), asked


def test_sealed_words_are_looked_for_where_it_is_narrow_and_the_look_is_recorded(
    school: School, pupil: Pupil, reporter: User, dsl_user: User, at: datetime, client_for: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Security 5.8, ORG-09: by a name or by dates, so many at most; it is on record that, and not for what."""
    case = make_case(school, by=reporter, at=at, pupil=pupil, account="By the Zephyrdust bins, a café menu in hand.")
    noted = make_case(school, by=reporter, at=at, pupil=make_pupil(school))
    note = {"school": school, "incident": noted, "kind": NoteKind.CASE_NOTE, "at": at, "by": dsl_user}
    IncidentNote.objects.create(text="The tutor spoke of zephyrdust too.", **note)
    browser = client_for(dsl_user)
    dates = {"since": str(london_day(at) - timedelta(days=91)), "until": str(london_day(at))}
    assert found(browser, sealed="zephyrdust", **dates) == [str(noted), str(case)]
    assert found(browser, sealed="CAFE zeph", **dates) == [str(case)]
    assert found(browser, sealed="zephyrdust", person="kovacs") == [str(case)]
    assert found(browser, sealed="ephyrdust", person="kovacs") == []
    looks = list(Entry.objects.filter(action="incidents.search_sealed").order_by("pk"))
    assert [(one.outcome, one.actor_id, one.detail) for one in looks] == [
        (Outcome.VIEWED, dsl_user.pk, {"records": number}) for number in (2, 2, 1, 1)
    ]
    asks: tuple[tuple[dict[str, str], str], ...] = (
        ({"words": "phone"}, "give both dates"),
        ({"type": "used_in_lesson", "since": dates["since"]}, "give both dates"),
        ({**dates, "since": "2026-08-23"}, "at most 92 days apart"),
    )
    for asked, sentence in asks:
        answer = browser.post(URL, {"sealed": "zephyrdust", **asked})
        assert answer.status_code == 422 and sentence in answer.content.decode(), asked
    monkeypatch.setattr(queries, "MOST_OPENED", 1)
    answer = browser.post(URL, {"sealed": "zephyrdust", **dates})
    assert answer.status_code == 422 and "records to open" in answer.content.decode()
    assert Entry.objects.filter(action="incidents.search_sealed").count() == len(looks)
    assert not any("zephyr" in str(one.detail).casefold() for one in Entry.objects.all())


def hide(who: str, school: School, other: School, reporter: User, at: datetime) -> tuple[User, Incident]:
    """Somebody, and a record with words that stand nowhere else, which is not for them."""
    words = {"title": "Quagmire in the boathouse", "account": "A zephyrdust of quagmire."}
    common = {"by": reporter, "at": at, **words}
    if who == "subject":
        user = make_user(Role.DSL, school)
        return user, make_case(school, staff=user, **common)
    if who == "head":
        user = make_user(Role.HEADTEACHER, school)
        case = make_case(school, staff=user, **common)
        case.staff_concern.head_is_subject = True
        case.staff_concern.stamp(by=reporter, at=at)
        case.staff_concern.save()
        return user, case
    if who == "other_phase":
        user = make_user(None, school)
        give_role(user, school, Role.DSL, phase=Phase.SECONDARY)
        return user, make_case(school, pupil=make_pupil(school, year_group=3), **common)
    if who == "neighbour":
        return make_user(Role.DSL, other), make_case(school, pupil=make_pupil(school), **common)
    if who == "deputy_of_staff_record":
        return make_user(Role.DEPUTY_DSL, school), make_case(school, staff=make_user(Role.SUPPORT, school), **common)
    if who == "dsl_of_low_level_concern":
        low = {"route": Route.LOW_LEVEL_CONCERN}
        return make_user(Role.DSL, school), make_case(school, staff=make_user(Role.SUPPORT, school), **common, **low)
    return make_user(Role.TEACHER, school), make_case(school, pupil=make_pupil(school), **common)


@pytest.mark.parametrize("who", ["subject", "head", "other_phase", "neighbour", "deputy_of_staff_record",
                                 "dsl_of_low_level_concern", "teacher"])  # fmt: skip
def test_a_hidden_record_is_found_by_nothing_and_looks_like_none(
    who: str, school: School, other_school: School, reporter: User, at: datetime, client_for: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """ORG-10, STA-17, law SG-7, ORG-02: the same page, to the letter, for words of a hidden record and for none."""
    user, hidden = hide(who, school, other_school, reporter, at)
    add_person(hidden, at=at, role=PersonRole.WITNESS, name="Vespertine Marrow")
    monkeypatch.setattr(queries, "MOST_OPENED", 0)  # were it counted, it would be too many
    browser = client_for(user)
    address = reverse("incidents:search", args=[other_school.slug if who == "neighbour" else school.slug])
    days = {"since": str(london_day(at)), "until": str(london_day(at))}
    month, number = str(hidden)[2:].split("-")
    asks: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"words": "quagmire"}, {"words": "xylorimba"}),
        ({"words": str(hidden)}, {"words": f"I-{month}-9{number[1:]}"}),
        ({"person": "Vespertine"}, {"person": "Xylorimba"}),
        ({"sealed": "zephyrdust", **days}, {"sealed": "xylorimba", **days}),
        ({"sealed": "zephyrdust", "person": "Vespertine"}, {"sealed": "xylorimba", "person": "Xylorimba"}),
        ({"type": hidden.type}, {"type": "lent_by_visitor"}),
        ({"route": hidden.route}, {"route": "system"}),
    ]
    for asked, none in asks:
        one, other = browser.post(address, asked), browser.post(address, none)
        said, unsaid = plain(one), plain(other)
        if {"type", "route"} & set(asked):  # what was chosen stands there
            said, unsaid = said[:2], unsaid[:2]
            assert "Nothing that you can read fits." in one.content.decode()
        assert said == unsaid and said[0] == 200, asked
        assert str(hidden) not in one.content.decode().replace(f'value="{hidden}"', "")
    assert not {row.detail["records"] for row in Entry.objects.filter(action="incidents.search_sealed")} - {0}


def test_a_list_costs_the_same_for_three_and_goes_on_by_page_without_words_in_the_address(
    school: School, reporter: User, dsl_user: User, at: datetime, client_for: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements for three rows as for one; other pages are asked for as the first was."""
    browser = client_for(dsl_user)
    asked = {"words": "phone", "person": "", "since": str(london_day(at))}
    sealed = {"sealed": "lockers", "person": "", "since": str(london_day(at)), "until": str(london_day(at))}
    counts = []
    for number in (1, 2):
        for _ in range(number):
            case = make_case(school, by=reporter, at=at, pupil=make_pupil(school), title="Phone in a lesson")
            add_person(case, at=at, role=PersonRole.WITNESS, user=reporter)
        for one in (asked, sealed):
            browser.post(URL, one)
            with CaptureQueriesContext(connection) as captured:
                assert len(found(browser, **one)) == (1 if number == 1 else 3)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    monkeypatch.setattr(queries, "PAGE", 2)
    first = browser.post(URL, asked).content.decode()
    assert 'type="hidden" name="words" value="phone"' in first and 'name="page" value="2"' in first
    assert len(found(browser, **asked, page="2")) == 1
    assert len(found(browser, **sealed, page="2")) == 1
    assert found(browser, **asked, page="99999") == []
