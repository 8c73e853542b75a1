"""Nobody learns that a record exists that is not for them: not by a page, a list, a count, an error or a way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.urls import NoReverseMatch, reverse

from core.people.enums import Phase
from core.people.models import Pupil, School, User
from core.people.roles import ROLE_PERMISSIONS, Permission, Role
from incidents.enums import AccessReason, PersonRole, Route, Track
from incidents.models import CaseAccess, Incident
from schoolsafe.access import ACCESS, PUBLIC
from tests.architecture.records import kwargs_of
from tests.factories import give_role, make_contact, make_pupil, make_school, make_user
from tests.factories.cases import add_person, make_case
from tests.incidents.test_access import NOTHING, ROADS, TABLE

Clients = Callable[[User], Client]
NOT_THERE = 999_999
# Every address whose only varying part is the record: each is tried by each stranger, by GET and by POST.
OF_A_RECORD = sorted(name for name in ACCESS if name.startswith("incidents:") and ACCESS[name].needs != PUBLIC)


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def pupils(school: School) -> tuple[Pupil, Pupil]:
    return make_pupil(school), make_pupil(school, year_group=3)


@pytest.fixture
def records(school: School, pupils: tuple[Pupil, Pupil], at: datetime) -> dict[str, Incident]:
    """One record of each road, and the pupil is in all but one of them."""
    reporter, subject = make_user(Role.TEACHER, school), make_user(Role.SUPPORT, school)
    secondary, primary = pupils
    common = {"by": reporter, "at": at}
    found = {
        "pupil": make_case(school, pupil=secondary, **common),
        "low_level": make_case(school, pupil=secondary, track=Track.LOW_LEVEL, **common),
        "other_phase": make_case(school, pupil=primary, **common),
        "visitor": make_case(school, route=Route.VISITOR, **common),
        "allegation": make_case(school, staff=subject, **common),
        "staff_low": make_case(school, staff=subject, route=Route.LOW_LEVEL_CONCERN, **common),
        "about_head": make_case(school, staff=make_user(Role.HEADTEACHER, school), **common),
        "system": make_case(school, route=Route.SYSTEM, **common),
    }
    concern = found["about_head"].staff_concern
    concern.head_is_subject = True
    concern.stamp(by=reporter, at=at)
    concern.save()
    for road in set(ROADS) - {"pupil", "low_level", "other_phase"}:
        add_person(found[road], at=at, role=PersonRole.AFFECTED, pupil=secondary)
    return found


def url(name: str, *args: Any) -> str:
    return reverse(f"incidents:{name}", args=["harbour-view", *args])


def plain(answer: Any) -> tuple[int, str, str]:
    """An answer without what differs each time: its status, where it leads, what it says."""
    said = re.sub(r'(csrf\w*"? value|nonce|content|hx-headers)=("[^"]*"|\'[^\']*\')', "", answer.content.decode())
    return answer.status_code, answer.get("Location", ""), said


def sees(browser: Client, road: Incident, path: str) -> bool:
    answer = browser.get(path)
    return answer.status_code == 200 and str(road) in answer.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_role_meets_by_pages_what_the_table_gives_it(
    school: School, records: dict[str, Incident], pupils: tuple[Pupil, Pupil], role: Role, client_for: Clients
) -> None:
    """ORG-10, STA-17, law SG-7: page, inbox and chronology agree with the table, record by record."""
    browser = client_for(make_user(role, school))
    granted = ROLE_PERMISSIONS[role]
    refused = 404 if Permission.VIEW_CASES in granted else 403
    for road, reads in zip(ROADS, TABLE.get(role, NOTHING), strict=True):
        case = records[road]
        assert browser.get(url("case", case.pk)).status_code == (200 if reads else refused), road
        assert sees(browser, case, url("inbox") + "?show=all") == reads, f"inbox: {road}"
        told = pupils[1] if road == "other_phase" else pupils[0]
        in_it = reads and Permission.VIEW_CHRONOLOGY in granted
        assert sees(browser, case, url("chronology", told.pk)) == in_it, f"chronology: {road}"
    if Permission.VIEW_CHRONOLOGY in granted:
        here = [road for road, reads in zip(ROADS, TABLE[role], strict=True) if reads and road != "other_phase"]
        said = browser.get(url("chronology", pupils[0].pk)).content.decode()
        assert f"{len(here)} entr" in said  # counts too


@pytest.mark.parametrize("role", [Role.DSL, Role.DEPUTY_DSL, Role.HEAD_OF_SCHOOL])
def test_role_for_one_phase_meets_that_phase_by_pages(
    school: School, records: dict[str, Incident], role: Role, client_for: Clients
) -> None:
    """ORG-02: the other phase's record is neither opened nor listed."""
    user = make_user(None, school)
    give_role(user, school, role, phase=Phase.SECONDARY)
    browser = client_for(user)
    for road, reads in (("pupil", True), ("other_phase", False)):
        assert (browser.get(url("case", records[road].pk)).status_code == 200) == reads
        assert sees(browser, records[road], url("inbox") + "?show=all") == reads


@pytest.mark.parametrize("tie", ["subject", "adult_involved", "parent", "subject_of_concern"])
@pytest.mark.parametrize("role", [Role.DSL, Role.HEADTEACHER])
def test_nobody_meets_by_pages_what_is_about_them_or_their_child(
    school: School, at: datetime, role: Role, tie: str, client_for: Clients
) -> None:
    """Security 5.2, STA-17: whatever the role, and however else they would read it; being let in opens it neither."""
    user, reporter, child = make_user(role, school), make_user(Role.TEACHER, school), make_pupil(school)
    if tie == "subject_of_concern":
        case = make_case(school, by=reporter, at=at, staff=user)
    else:
        case = make_case(school, by=reporter, at=at, pupil=child)
    if tie == "parent":
        contact = make_contact(child, "Winterbourne")
        contact.account = user
        contact.stamp(by=None, at=at)
        contact.save()
    elif tie != "subject_of_concern":
        add_person(case, at=at, role=PersonRole(tie), user=user)
    way_in = CaseAccess(
        school=school, incident=case, user=user, reason=AccessReason.DECIDES, given_at=at, given_by=reporter
    )
    way_in.stamp(by=reporter, at=at)
    way_in.save()
    browser = client_for(user)
    assert browser.get(url("case", case.pk)).status_code == 404
    assert not sees(browser, case, url("inbox") + "?show=all")
    assert not sees(browser, case, url("chronology", child.pk))
    assert str(case) not in browser.get(url("staff-register")).content.decode()


@pytest.mark.parametrize(
    ("role", "head_is_subject"), [(Role.DSL, False), (Role.HEADTEACHER, True)], ids=["the DSL", "the head"]
)
def test_subject_of_an_allegation_can_do_nothing_at_any_of_its_addresses(
    school: School, at: datetime, client_for: Clients, role: Role, head_is_subject: bool
) -> None:
    """ALL-S3, STA-17: not looked at and not acted on, by any address that names the record, whatever the role gives
    elsewhere; every one answers 404, and nothing of the record changes."""
    subject = make_user(role, school)
    case = make_case(school, by=make_user(Role.TEACHER, school), at=at, staff=subject)
    concern = case.staff_concern
    concern.head_is_subject, concern.dsl_is_subject = head_is_subject, not head_is_subject
    concern.stamp(by=None, at=at)
    concern.save()
    browser, tried, before = client_for(subject), 0, rows_of_the_app()
    for name in OF_A_RECORD:
        keys = kwargs_of(name)
        if "incident" not in keys:
            continue
        path = reverse(name, kwargs=dict.fromkeys(keys, 1) | {"school": school.slug, "incident": case.pk})
        for ask in ("get", "post"):
            if ask.upper() in ACCESS[name].methods:
                given = {"reason": "x", "text": "x", "next_step": "x", "outcome": "spoken_to", "state": "x"}
                answer = browser.get(path) if ask == "get" else browser.post(path, given)
                assert answer.status_code == 404, f"{ask} {name}: {answer.status_code}"
                tried += 1
    assert tried > 90
    assert rows_of_the_app() == before


def rows_of_the_app() -> dict[str, list[tuple[int, Any]]]:
    """Every row of the app, with its version where it has one."""
    found = {}
    for model in apps.get_app_config("incidents").get_models():
        names = ["pk"] + (["version"] if any(field.name == "version" for field in model._meta.fields) else [])
        found[model.__name__] = sorted(model._base_manager.values_list(*names))
    return found


def test_neighbour_of_another_school_meets_nothing(
    records: dict[str, Incident], other_school: School, client_for: Clients
) -> None:
    """House §4.1: by their own school's address, and by this one's."""
    browser = client_for(make_user(Role.DSL, other_school))
    for case in records.values():
        assert browser.get(url("case", case.pk)).status_code == 404
        theirs = reverse("incidents:case", args=[other_school.slug, case.pk])
        assert browser.get(theirs).status_code == 404
    assert make_school().slug not in (other_school.slug, "harbour-view")


@pytest.mark.parametrize(("role", "road"), [(Role.TEACHER, "pupil"), (Role.DEPUTY_DSL, "allegation"),
                                            (Role.DSL, "staff_low"), (Role.HEADTEACHER, "about_head")])  # fmt: skip
def test_stranger_cannot_tell_a_hidden_record_from_none(
    school: School, records: dict[str, Incident], role: Role, road: str, client_for: Clients
) -> None:
    """ORG-10: the same status, words and way back for a record that is hidden and for one that never was."""
    browser = client_for(make_user(role, school))
    hidden, tried = records[road].pk, 0
    for name in OF_A_RECORD:
        try:
            paths = [reverse(name, kwargs={"school": school.slug, "incident": key}) for key in (hidden, NOT_THERE)]
        except NoReverseMatch:
            continue  # an address without a record, or with a part of one
        for ask in ("get", "post"):
            if ask.upper() in ACCESS[name].methods:
                one, none = (plain(getattr(browser, ask)(path)) for path in paths)
                assert one == none, f"{ask} {name}: {one[:2]} and {none[:2]}"
                assert one[0] in (403, 404), f"{ask} {name}"
                tried += 1
    assert tried > 20


@pytest.mark.parametrize("role", [Role.TEACHER, Role.DSL])
def test_draft_is_met_by_its_author_alone(
    school: School, at: datetime, role: Role, client_for: Clients, pupil: Pupil
) -> None:
    """SG-3: what is not sent yet stands in no list of anybody else, and opens to nobody by the record's address."""
    from incidents.enums import CaseState

    draft = make_case(
        school, by=make_user(Role.TEACHER, school), at=at, pupil=pupil, state=CaseState.DRAFT, account="Half a sentence"
    )
    browser = client_for(make_user(role, school))
    assert browser.get(url("case", draft.pk)).status_code == 404
    assert browser.get(url("my-report", draft.pk)).status_code == 404
    for page in (url("inbox") + "?show=all", url("my-reports")):
        assert "Half a sentence" not in browser.get(page).content.decode()
