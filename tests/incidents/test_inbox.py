"""The inbox page and the small pages behind it, as the people who use them see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from core.people.models import School, User
from core.people.roles import Role
from core.rules.presets import all_presets
from incidents import operations, queries
from incidents.enums import CaseState, IncidentType, Track
from incidents.models import Incident, IncidentEvent, SubType
from tests.factories import make_form, make_pupil, make_school, make_user
from tests.factories.cases import ACCOUNT, make_case

pytestmark = pytest.mark.django_db

Browser = Callable[[User], Client]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def dsl(school: School) -> User:
    return make_user(Role.DSL, school, title="Mrs", family_name="Shah")


@pytest.fixture
def reporter(school: School) -> User:
    return make_user(Role.TEACHER, school, given_name="Jo", family_name="Cole")


def url(school: School, name: str, *keys: int, **query: str) -> str:
    tail = "?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else ""
    return reverse(f"incidents:{name}", args=[school.slug, *keys]) + tail


def test_inbox_is_by_urgency_then_age_with_short_names_alone(
    school: School, dsl: User, reporter: User, now: datetime, client_for: Browser
) -> None:
    """INC-31, SG-6: unacknowledged first, then the oldest; time since logged, not told in person, no owner."""
    form = make_form(school, "9C")
    pupil = make_pupil(school, "Rosalind", "Tarrabay", form=form)
    ago = [now - timedelta(minutes=minutes) for minutes in (12, 600, 60)]
    new = make_case(school, by=reporter, at=ago[0], pupil=pupil, urgent=True, told_in_person=False)
    old = make_case(school, by=reporter, at=ago[1], pupil=pupil)
    mid = make_case(school, by=reporter, at=ago[2], pupil=pupil, urgent=True, acknowledged_at=now, acknowledged_by=dsl)
    page = client_for(dsl).get(url(school, "inbox")).content.decode()
    assert [key for _, key in sorted((page.index(one.reference), one.pk) for one in (new, old, mid))] == [
        new.pk, mid.pk, old.pk,
    ]  # fmt: skip
    for words in ("R. T. 9C", "12 minutes ago", "Jo Cole", "Not told in person", "No owner", "Urgent: nobody has it"):
        assert words in page
    assert "Tarrabay" not in page and "Rosalind" not in page and ACCOUNT not in page
    assert url(school, "acknowledge", new.pk) in page and url(school, "triage", old.pk) in page


def test_empty_inbox_says_when_the_last_one_came(
    school: School, dsl: User, reporter: User, now: datetime, client_for: Browser
) -> None:
    """SG-6, W5: no new concerns, the last one, and when this was asked."""
    browser = client_for(dsl)
    assert "There has not been one." in browser.get(url(school, "inbox")).content.decode()
    make_case(school, by=reporter, at=now, pupil=make_pupil(school), state=CaseState.CLOSED)
    page = browser.get(url(school, "inbox")).content.decode()
    assert "No new concerns." in page and " today. Checked " in page


@pytest.mark.parametrize("slug", list(all_presets()))
def test_tabs_hold_what_is_new_mine_and_with_others_under_every_preset(slug: str, client_for: Browser) -> None:
    """INC-31, matrix 1.21: each list by itself, filters on top, whatever the rules; a teacher finds only their own."""
    school, now = make_school(preset=slug), timezone.now()
    with scope(school=school):
        dsl, teacher = make_user(Role.DSL, school), make_user(Role.TEACHER, school)
        cases = {
            "new": make_case(school, by=teacher, at=now, pupil=make_pupil(school, year_group=7)),
            "mine": make_case(school, by=teacher, at=now, pupil=make_pupil(school), owner=dsl, state=CaseState.TRIAGED),
            "waiting": make_case(
                school, by=dsl, at=now, pupil=make_pupil(school), owner=teacher, state=CaseState.TRIAGED,
                track="low_level", type=IncidentType.REFUSED,
            ),
        }  # fmt: skip
    browser, theirs = client_for(dsl), client_for(teacher)
    for show in ("new", "mine", "waiting", "all"):
        page = browser.get(url(school, "inbox", show=show)).content.decode()
        assert {key for key, case in cases.items() if case.reference in page} == (
            set(cases) if show == "all" else {show}
        )
    found = browser.get(url(school, "inbox", show="all", type="refused", owner=str(teacher.pk))).content.decode()
    assert cases["waiting"].reference in found and cases["mine"].reference not in found
    assert "Type: Refused" in found
    assert cases["new"].reference in browser.get(url(school, "inbox", show="all", year="7")).content.decode()
    nothing = browser.get(url(school, "inbox", show="all", until="2020-01-01", level="3")).content.decode()
    assert "No record in this list fits the filter." in nothing
    page = theirs.get(url(school, "inbox")).content.decode()
    assert cases["waiting"].reference in page and "With ticked" not in page
    assert cases["new"].reference not in theirs.get(url(school, "inbox", show="all")).content.decode()


def test_ticked_records_go_to_one_owner_and_none_ticked_is_an_error(
    school: School, dsl: User, reporter: User, now: datetime, client_for: Browser
) -> None:
    """INC-31, W5: an error names what is missing and keeps the owner; sent twice it is one act."""
    cases = [make_case(school, by=reporter, at=now, pupil=make_pupil(school)) for _ in range(2)]
    browser, key = client_for(dsl), str(uuid4())
    wrong = browser.post(url(school, "inbox"), {"owner": dsl.pk, "submission": key})
    assert wrong.status_code == 422 and "Tick at least one record first." in wrong.content.decode()
    given = {"owner": dsl.pk, "ticked": [one.pk for one in cases], "submission": key}
    for _ in range(2):
        assert browser.post(url(school, "inbox"), given).status_code in (302, 422)
    assert Incident.objects.filter(owner=dsl).count() == 2
    assert IncidentEvent.objects.filter(kind="assigned").count() == 2
    stranger = make_case(school, by=reporter, at=now, staff=make_user(Role.SUPPORT, school), route="low_level_concern")
    forged = {"owner": dsl.pk, "ticked": [stranger.pk], "submission": str(uuid4())}
    assert browser.post(url(school, "inbox"), forged).status_code == 422


def test_triage_takes_one_page_and_goes_on_to_the_next(
    school: School, dsl: User, reporter: User, now: datetime, client_for: Browser
) -> None:
    """INC-07, INC-31, W7: save and next; an urgent one is acknowledged on the way; at the end back to the inbox."""
    first, second = (make_case(school, by=reporter, at=now, pupil=make_pupil(school)) for _ in range(2))
    urgent = make_case(school, by=reporter, at=now, pupil=make_pupil(school), urgent=True)
    browser = client_for(dsl)

    def triage(case: Incident) -> Any:
        case.refresh_from_db()
        page = browser.get(url(school, "triage", case.pk)).content.decode()
        assert ACCOUNT in page and "How is it answered?" in page
        body = {"track": "low_level", "owner": dsl.pk, "version": case.version, "submission": str(uuid4())}
        return browser.post(url(school, "triage", case.pk), body)

    assert triage(first).url == url(school, "acknowledge", urgent.pk)
    assert triage(urgent).status_code == 422
    acknowledged = browser.post(url(school, "acknowledge", urgent.pk), {"submission": str(uuid4())})
    assert acknowledged.headers["Location"] == url(school, "triage", urgent.pk)
    assert triage(urgent).url == url(school, "triage", second.pk)
    assert triage(second).url == url(school, "inbox")
    assert Incident.objects.filter(state=CaseState.TRIAGED, owner=dsl, track=Track.LOW_LEVEL).count() == 3
    assert browser.get(url(school, "triage", first.pk)).status_code == 200


def test_two_dsls_at_one_record_see_both_texts(
    school: School, dsl: User, reporter: User, now: datetime, client_for: Browser
) -> None:
    """INC-31, ux W7: the first stands, the second loses nothing and may save again."""
    case = make_case(school, by=reporter, at=now, pupil=make_pupil(school))
    version, day = case.version, timezone.localdate(now) + timedelta(days=1)
    deputy = client_for(make_user(Role.DEPUTY_DSL, school))
    operations.set_next_step(
        school=school, actor=dsl, at=now, incident=case, next_step="Ring the aunt", next_step_on=day
    )
    body = {"next_step": "See the form tutor", "next_step_on": day.isoformat(), "version": version}
    clash = deputy.post(url(school, "next-step", case.pk), body | {"submission": str(uuid4())})
    page = clash.content.decode()
    assert clash.status_code == 422 and "Ring the aunt" in page and page.count("See the form tutor") == 2
    assert "Mrs Shah" in page
    case.refresh_from_db()
    assert case.next_step == "Ring the aunt"
    again = deputy.post(url(school, "next-step", case.pk), body | {"version": case.version, "submission": str(uuid4())})
    assert again.status_code == 302
    case.refresh_from_db()
    assert case.next_step == "See the form tutor"
    body = {"track": "victim", "title": "Near the gate", "version": version, "submission": str(uuid4())}
    clash = deputy.post(url(school, "triage", case.pk), body)
    assert clash.status_code == 422 and "Near the gate" in clash.content.decode()


@pytest.mark.parametrize("name", ["acknowledge", "triage", "assign", "next-step", "protect", "raise", "merge"])
def test_pages_of_a_record_are_not_there_for_others(
    school: School, reporter: User, now: datetime, client_for: Browser, name: str
) -> None:
    """ORG-10: a teacher cannot tell hidden from absent; who handles it finds the page."""
    case = make_case(school, by=reporter, at=now, pupil=make_pupil(school))
    deputy, teacher = client_for(make_user(Role.DEPUTY_DSL, school)), client_for(reporter)
    assert deputy.get(url(school, name, case.pk)).status_code == 200
    assert [teacher.get(url(school, name, key)).status_code for key in (case.pk, case.pk + 999)] == [404, 404]
    assert teacher.post(url(school, name, case.pk), {}).status_code == 404


def test_acts_on_a_record_from_its_page(
    school: School, dsl: User, reporter: User, now: datetime, client_for: Browser
) -> None:
    """INC-31, INC-42, matrix 4.4: protected, raised, joined by reference, opened again, through pages."""
    case, twin, closed = (
        make_case(school, by=reporter, at=now, pupil=make_pupil(school), state=state)
        for state in (CaseState.REPORTED, CaseState.REPORTED, CaseState.CLOSED)
    )
    browser = client_for(dsl)

    def post(name: str, one: Incident, **body: Any) -> Any:
        return browser.post(url(school, name, one.pk), body | {"submission": str(uuid4())})

    assert post("protect", case, text="Stays here.").status_code == 422
    for name, one, body in (
        ("acknowledge", case, {}), ("protect", case, {"text": "Stays here."}), ("raise", case, {"reason": "More."}),
        ("assign", case, {"owner": dsl.pk, "version": 0}), ("merge", twin, {"reference": case.reference.lower()}),
        ("reopen", closed, {"reason": "New facts."}), ("review", closed, {}),
    ):  # fmt: skip
        one.refresh_from_db()
        sent = post(name, one, **(body | ({"version": one.version} if "version" in body else {})))
        assert sent.status_code == 302, (name, sent.content.decode())
    assert post("merge", case, reference="I-9999-0001").status_code == 422
    closed.refresh_from_db()
    assert closed.state == CaseState.IN_REVIEW
    page = browser.get(url(school, "case-actions", case.pk)).content.decode()
    assert twin.reference in page and "Joined to this record" in page


@pytest.mark.parametrize("show", ["new", "all"])
def test_inbox_costs_the_same_for_one_record_and_for_many(
    school: School, dsl: User, reporter: User, now: datetime, client_for: Browser, show: str
) -> None:
    """INC-31: at most twenty statements, however many records."""
    browser, counts = client_for(dsl), []
    for number in (1, 2, 5):
        for _ in range(number):
            make_case(school, by=reporter, at=now, pupil=make_pupil(school, form=make_form(school)), owner=None)
        browser.get(url(school, "inbox", show=show))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url(school, "inbox", show=show)).status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1 and counts[0] <= 20, counts


def test_last_in_words_knows_today_from_before() -> None:
    """SG-6: the day is said where it is not today."""
    at = datetime(2026, 11, 23, 9, 12, tzinfo=timezone.get_default_timezone())
    assert queries.last_in_words(at, date(2026, 11, 23)) == "Last one 9:12am today."
    assert queries.last_in_words(at, date(2026, 11, 24)) == "Last one 23 November 2026, 9:12am."


# The school's lists


def test_types_page_changes_what_is_offered_and_keeps_the_floor(school: School, dsl: User, client_for: Browser) -> None:
    """INC-03, INC-20: each type switchable; the way to say that a child is in trouble is not."""
    browser = client_for(dsl)
    before = {kind.value for kind in queries.offered_types(school)}
    assert "social_media" in before and "contact_received" not in before
    wanted = sorted((before - {"social_media"}) | {"contact_received"})
    sent = browser.post(url(school, "types"), {"types": wanted, "submission": str(uuid4())})
    assert sent.status_code == 302
    assert sorted(queries.offered_types(school)) == wanted
    wanted.remove("harm_to_child")
    sent = browser.post(url(school, "types"), {"types": wanted, "submission": str(uuid4())})
    assert sent.status_code == 422 and "Always offered" in sent.content.decode()
    assert client_for(make_user(Role.SLT, school)).get(url(school, "types")).status_code == 403


def test_types_of_each_preset_are_those_of_its_policy(at: datetime) -> None:
    """INC-03, INC-44, SOC-25, DEV-20, DEV-21: named by the preset's policy, or left to the school."""
    offered = {}
    for slug in all_presets():
        school = make_school(preset=slug)
        with scope(school=school):
            offered[slug] = {kind.value for kind in queries.offered_types(school)}

    def offer(kind: str) -> set[str]:
        return {slug for slug, kinds in offered.items() if kind in kinds}

    assert offer("lent_by_visitor") == {"group-locked-storage"}
    assert offer("underage_service") == {"primary-by-agreement", "primary-online-safety"}
    assert offer("placement") == offer("second_device") == offer("own_arrangements") == {"phone-free-agreement"}
    assert offer("out_of_school") == {"primary-online-safety"}
    for kind in ("image", "harm_to_child", "staff_conduct", "other", "monitoring_alert", "equipment"):
        assert offer(kind) == set(offered)


def test_sub_types_are_edited_and_ended_never_removed(client_for: Browser) -> None:
    """INC-06: begun with the usual kinds, added to, taken off; the same name twice is refused in one area."""
    school = make_school(preset="primary-online-safety")
    with scope(school=school):
        browser = client_for(make_user(Role.DSL, school))
        assert browser.post(url(school, "seed-sub-types"), {"submission": str(uuid4())}).status_code == 302
        assert browser.post(url(school, "seed-sub-types"), {"submission": str(uuid4())}).status_code == 302
        assert SubType.objects.count() == 23
        body = {"area": "commerce", "name": "Loot boxes"}
        answers = [
            browser.post(url(school, "sub-types"), body | {"submission": str(uuid4())}).status_code for _ in range(2)
        ]
        assert answers == [302, 422]
        kind = SubType.objects.get(name="Loot boxes")
        browser.post(url(school, "end-sub-type", kind.pk), {"submission": str(uuid4())})
        assert kind not in queries.sub_types_of(school) and SubType.objects.count() == 24
        assert "Loot boxes" in browser.get(url(school, "sub-types")).content.decode()


# Two writers at once


@pytest.mark.django_db(transaction=True)
def test_two_at_once_acknowledge_join_and_triage_one_way(at: datetime) -> None:
    """INC-31, matrix 4.4: one acknowledges, one triages, one of two crossing joins stands; nobody is lost."""
    from tests.devices.test_races import at_once

    school = make_school()
    with scope(school=school):
        one, two = make_user(Role.DSL, school), make_user(Role.DEPUTY_DSL, school)
        pupil = make_pupil(school)
        first, second = (make_case(school, by=one, at=at, pupil=pupil) for _ in range(2))
    act: dict[str, Any] = {"school": school, "at": at}
    at_once(
        school,
        lambda: operations.acknowledge_case(**act, actor=one, incident=first),
        lambda: operations.acknowledge_case(**act, actor=two, incident=first),
    )
    classing = operations.Classing(track=Track.SERIOUS)
    with scope(school=school):
        version = Incident.objects.get(pk=second.pk).version
    triaged = at_once(
        school,
        lambda: operations.triage_case(**act, actor=one, incident=second, classing=classing, version=version),
        lambda: operations.triage_case(**act, actor=two, incident=second, classing=classing, version=version),
    )
    assert sorted(type(found).__name__ for found in triaged) == ["ChangedMeanwhile", "Incident"], triaged
    joined = at_once(
        school,
        lambda: operations.merge_case(**act, actor=one, incident=first, into=second),
        lambda: operations.merge_case(**act, actor=two, incident=second, into=first),
    )
    assert sorted(type(found).__name__ for found in joined) == ["Incident", "NotThereToJoin"], joined
    with scope(school=school):
        assert IncidentEvent.objects.filter(incident=first, kind="acknowledged").count() == 1
        assert Incident.objects.filter(state=CaseState.MERGED).count() == 1


# The home page


def test_home_cards_say_what_waits_for_whom(school: School, dsl: User, reporter: User, now: datetime) -> None:
    """INC-31, INC-32, SG-6, matrix 1.21: the team, owners and senior leaders; nothing for others, and no names."""
    from schoolsafe.overview.cards import Viewer
    from schoolsafe.overview.cards.concerns import low_level, my_cases, new_concerns

    leader, today = make_user(Role.SLT, school), timezone.localdate(now)
    empty = new_concerns(Viewer(user=dsl, school=school, now=now, today=today))
    assert empty is not None and empty.is_done and "There has not been one." in empty.done
    case = make_case(school, by=reporter, at=now, pupil=make_pupil(school, "Rosalind"), urgent=True)
    make_case(school, by=reporter, at=now, pupil=make_pupil(school), track=Track.LOW_LEVEL, state=CaseState.TRIAGED)
    make_case(
        school, by=reporter, at=now, pupil=make_pupil(school), owner=dsl, state=CaseState.TRIAGED,
        next_step="Ring home", next_step_on=today - timedelta(days=1),
    )  # fmt: skip
    found = {}
    for user in (dsl, leader, reporter):
        viewer = Viewer(user=user, school=school, now=now, today=today)
        found[user.pk] = [made(viewer) for made in (new_concerns, my_cases, low_level)]
    assert [card is not None for user in (dsl, leader, reporter) for card in found[user.pk]] == [
        True, True, False, False, False, True, False, False, False,
    ]  # fmt: skip
    concerns, steps, _ = found[dsl.pk]
    assert concerns is not None and steps is not None
    assert concerns.tasks[0]["url"] == url(school, "acknowledge", case.pk)
    assert concerns.counters[0]["value"] == 2 and steps.tasks[0]["word"] == "Overdue"
    assert "Rosalind" not in str(concerns) and "Ring home" not in str(steps)
