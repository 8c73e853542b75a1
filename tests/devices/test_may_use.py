"""May this pupil use a device here and now? The five presets, the places, placements, permissions, and the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.people.calendar import Calendar, calendar_for
from core.people.models import Placement, Pupil, School, User
from core.people.roles import Role
from core.rules.operations import change_rule
from core.rules.queries import for_school
from devices.enums import STANDARD_TYPES, BarredFunction, MarkKind
from devices.judgement import OFF_SITE, LivePermission, MayUse, may_use
from devices.models import DeviceType
from devices.operations import mark_day, seed_device_types
from devices.queries import area_choices, barred_functions, may_use_now
from tests.factories import BEGAN, BEGIN, make_form, make_pupil, make_school, make_user

Clients = Callable[[User], Client]

LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 11, 23)
PRESETS = (
    "group-locked-storage",
    "primary-by-agreement",
    "primary-online-safety",
    "image-and-conduct",
    "phone-free-agreement",
)
LOCKED, PRIMARY, ONLINE, CONDUCT, FREE = PRESETS
CALENDAR = Calendar(terms=(), days={}, times=())


def on_monday(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=LONDON)


LESSON, BREAK, LUNCH = on_monday(9, 30), on_monday(10, 50), on_monday(12, 30)
BEFORE, AFTER = on_monday(8, 20), on_monday(16, 0)
SATURDAY = datetime(2026, 11, 28, 10, 50, tzinfo=LONDON)


def kinds(*keys: str) -> list[DeviceType]:
    """Kinds as the standard catalogue has them; all of them without keys."""
    return [
        DeviceType(key=key, label=label, communicates=talks, goes_online=online, records_sound=hears,
                   records_pictures=sees)
        for key, label, talks, online, hears, sees in STANDARD_TYPES
        if not keys or key in keys
    ]  # fmt: skip


@pytest.fixture
def rules_of(db: None) -> Any:
    def read(preset: str, **changed: Any) -> Any:
        school = make_school(preset=preset)
        with scope(school=school):
            for key, value in changed.items():
                change_rule(
                    school=school,
                    actor=None,
                    at=BEGAN,
                    key=key,
                    value=value,
                    effective_from=BEGIN,
                    reason="For a test.",
                )
            school.refresh_from_db()
            return for_school(school, on=DAY)

    return read


def answer(rules: Any, at: datetime, *keys: str, **asked: Any) -> MayUse:
    return may_use(rules, CALENDAR, kinds(*keys), at=at, **asked)


# --- By part of the day, under each preset ---


@pytest.mark.parametrize(
    ("preset", "key", "before", "lesson", "at_break", "lunch", "after"),
    [
        (LOCKED, "phone", "not_allowed", "not_allowed", "not_allowed", "allowed", "not_allowed"),
        (LOCKED, "tablet", "not_allowed", "not_allowed", "allowed", "allowed", "not_allowed"),
        (PRIMARY, "phone", *["not_allowed"] * 5),
        (PRIMARY, "tablet", *["not_allowed"] * 5),
        (ONLINE, "phone", *["not_allowed"] * 5),
        (CONDUCT, "phone", *["ask"] * 5),
        (CONDUCT, "tablet", *["ask"] * 5),
        (FREE, "phone", *["not_allowed"] * 5),
        (FREE, "earphones", *["not_allowed"] * 5),
    ],
)
def test_may_use_by_part_of_the_day_under_each_preset(
    rules_of: Any, preset: str, key: str, before: str, lesson: str, at_break: str, lunch: str, after: str
) -> None:
    """DEV-13, DEV-14, DEV-15: the parts of the day in the rules decide; where the rules are silent a person does."""
    rules = rules_of(preset)
    found = [answer(rules, at, key).answer for at in (BEFORE, LESSON, BREAK, LUNCH, AFTER)]
    assert found == [before, lesson, at_break, lunch, after]


@pytest.mark.parametrize("preset", PRESETS)
def test_may_use_on_a_holiday_is_no_matter_of_the_rules(rules_of: Any, preset: str) -> None:
    """ORG-17: the rules speak of school days; a school without a rule asks even so."""
    found = answer(rules_of(preset), SATURDAY, "phone")
    assert found.answer == ("ask" if preset == CONDUCT else "allowed")
    assert preset == CONDUCT or found.sentence == "28 November 2026 was not a school day."
    assert found.limits == ()


@pytest.mark.parametrize(
    ("said", "expected"), [("movement", "not_allowed"), ("meetings", "allowed"), ("interventions", "allowed")]
)
def test_may_use_in_parts_that_no_timetable_knows(rules_of: Any, said: str, expected: str) -> None:
    """DEV-14: moving between lessons, meetings and interventions are said by whoever asks."""
    rules = rules_of(LOCKED)
    assert answer(rules, LESSON, "tablet", part=said).answer == expected
    assert answer(rules_of(FREE), LESSON, "tablet", part=said).answer == "not_allowed"


def test_may_use_parts_of_the_day_are_settings(rules_of: Any) -> None:
    """DEV-14: taking lunch out of the rule allows use at lunch, and nothing else."""
    rules = rules_of(PRIMARY, rule_day_parts=["lessons", "movement", "break", "other"], barred_areas=["toilets"])
    assert [answer(rules, at, "phone").answer for at in (LESSON, BREAK, LUNCH)] == ["not_allowed"] * 2 + ["allowed"]


def test_may_use_at_break_says_its_limits(rules_of: Any) -> None:
    """DEV-15: a privilege until the end of break, for what need not be handed in, within the behaviour policies."""
    found = answer(rules_of(LOCKED), BREAK)
    assert (found.answer, found.rule) == ("allowed", "break_use")
    assert found.limits == (
        "Until 11:00am",
        "Devices that need not be handed in only",
        "Not: phone",
        "Within the behaviour and anti-bullying policies",
    )


def test_may_use_at_break_where_the_privilege_is_switched_on_for_all(rules_of: Any) -> None:
    """DEV-15: it can be switched on."""
    rules = rules_of(PRIMARY, break_use="yes")
    assert answer(rules, BREAK, "phone").answer == "allowed"
    assert answer(rules, LESSON, "phone").answer == "not_allowed"


def test_may_use_only_in_certain_places_asks_which(rules_of: Any) -> None:
    """Law PH-3: limited use in certain places is no general yes, and nobody guesses the places."""
    rules = rules_of(PRIMARY, base_use_on_site="allowed_in_places")
    assert answer(rules, LESSON, "phone").answer == "ask"
    assert answer(rules, LESSON, "phone", area="toilets").answer == "not_allowed"


# --- Places ---


@pytest.mark.parametrize("area", ["changing_rooms", "toilets"])
def test_may_use_in_a_no_device_area_is_not_allowed_even_at_break(rules_of: Any, area: str) -> None:
    """DEV-17: the area goes before the privilege."""
    rules = rules_of(LOCKED)
    assert answer(rules, BREAK, "tablet").answer == "allowed"
    found = answer(rules, BREAK, "tablet", area=area)
    assert (found.answer, found.rule) == ("not_allowed", "barred_areas")
    assert answer(rules, BREAK, "tablet", area="classrooms").answer == "allowed"


def test_may_use_in_an_area_of_the_schools_own_words(rules_of: Any) -> None:
    """DEV-17"""
    rules = rules_of(LOCKED, barred_areas=["The music corridor"])
    assert answer(rules, LUNCH, "tablet", area="the music corridor").answer == "not_allowed"
    assert ("The music corridor", "The music corridor") in area_choices(rules)


def test_may_use_where_the_whole_site_is_closed(rules_of: Any) -> None:
    """DEV-17: a part of the day without a rule opens nothing on a site that is closed as a whole."""
    rules = rules_of(ONLINE, rule_day_parts=["lessons"])
    assert answer(rules, LUNCH, "phone").rule == "barred_areas"
    assert answer(rules, LUNCH, "phone").answer == "not_allowed"


def test_area_choices_are_named_places_without_the_whole_site(rules_of: Any) -> None:
    """DEV-17"""
    keys = [key for key, _ in area_choices(rules_of(FREE))]
    assert keys == ["changing_rooms", "classrooms", "toilets", "swimming_pools"]


# --- Placements ---


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("same_as_site", "not_allowed"), ("provider_rule", "ask"), ("none", "allowed"), ("unspecified", "ask")],
)
def test_may_use_at_a_placement_follows_the_rule_on_placements(rules_of: Any, rule: str, expected: str) -> None:
    """DEV-20: the school's rules, the provider's, none; where nothing is said a person decides."""
    rules = rules_of(FREE) if rule == "same_as_site" else rules_of(FREE, offsite_rule=rule)
    assert answer(rules, LESSON, "phone", area=OFF_SITE).answer == expected


@pytest.mark.parametrize("preset", [LOCKED, PRIMARY, ONLINE, CONDUCT])
def test_may_use_at_a_placement_of_a_school_without_such_a_rule_asks(rules_of: Any, preset: str) -> None:
    """DEV-20, matrix 0.3"""
    found = answer(rules_of(preset), LESSON, "phone", area=OFF_SITE)
    assert (found.answer, found.rule) == ("ask", "offsite_rule")


# --- Permissions, and what a device may not be used for ---


@pytest.mark.parametrize("preset", PRESETS)
def test_may_use_with_a_live_permission_is_allowed_within_its_limits(rules_of: Any, preset: str) -> None:
    """DEV-13, DEV-35: a permission goes before the rules; only that there is one and its limits are said."""
    found = answer(rules_of(preset), LESSON, "phone", permission=LivePermission(limits=("In the medical room",)))
    assert (found.answer, found.rule) == ("allowed", "permission")
    assert found.limits == ("Within the limits agreed, with the device that was named", "In the medical room")


def test_may_use_with_a_permission_in_an_area_closed_to_everybody_asks(rules_of: Any) -> None:
    """DEV-17: in a changing room a person looks at the limits first."""
    found = answer(rules_of(PRIMARY), LESSON, "phone", area="changing_rooms", permission=LivePermission())
    assert (found.answer, found.rule) == ("ask", "barred_areas")
    assert answer(rules_of(FREE), LESSON, "phone", area="classrooms", permission=LivePermission()).answer == "allowed"


def test_barred_functions_come_with_the_preset_that_has_them(db: None) -> None:
    """DEV-32: short-range sharing, messaging, recording, camera, internet."""
    for preset in PRESETS:
        school = make_school(preset=preset)
        with scope(school=school):
            found = barred_functions(school, DAY)
            assert found == ([str(label) for label in BarredFunction.labels] if preset == FREE else [])


def test_barred_functions_are_shown_as_limits(rules_of: Any) -> None:
    """DEV-32, ROC-S6: permitted for one thing is not permitted for messages."""
    found = answer(rules_of(FREE), LESSON, permission=LivePermission(), barred_functions=BarredFunction.labels)
    assert "Not for short-range sharing, messaging, recording, camera or internet" in found.limits


# --- With the school's own records ---


@pytest.fixture
def amara(school: School, pupil: Pupil, at: datetime) -> Pupil:
    seed_device_types(school=school, actor=None, at=at)
    return pupil


@pytest.fixture
def office(school: School) -> User:
    return make_user(Role.OFFICE, school)


def test_may_use_now_sees_the_days_permission_and_no_other_days(amara: Pupil, office: User, at: datetime) -> None:
    """DEV-35: left out when it was withdrawn, over, or another pupil's."""
    school, other = amara.school, make_pupil(amara.school)
    mark_day(school=school, actor=office, at=at, pupil=amara, kind=MarkKind.PERMITTED, note="Glucose monitor")
    found = may_use_now(school, [amara, other], at=LESSON)
    assert [found[amara.pk].answer, found[other.pk].answer] == ["allowed", "not_allowed"]
    tuesday = datetime(2026, 11, 24, 9, 30, tzinfo=LONDON)
    assert may_use_now(school, [amara], at=tuesday)[amara.pk].answer == "not_allowed"


def test_may_use_now_at_a_placement_that_the_pupil_has(amara: Pupil) -> None:
    """DEV-20: without a placement that day nobody guesses."""
    school = amara.school
    assert may_use_now(school, [amara], at=LESSON, area=OFF_SITE)[amara.pk].answer == "ask"
    Placement.objects.create(school=school, pupil=amara, provider="Forge Training", starts_on=DAY, ends_on=DAY)
    assert may_use_now(school, [amara], at=LESSON, area=OFF_SITE)[amara.pk].answer == "not_allowed"


def test_may_use_now_costs_the_same_for_one_and_for_ten(amara: Pupil) -> None:
    def statements(pupils: list[Pupil]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            may_use_now(amara.school, pupils, at=LESSON)
        return len(found)

    calendar_for(amara.school)
    statements([amara])
    assert statements([amara]) == statements([amara, *[make_pupil(amara.school) for _ in range(9)]])


def test_may_use_now_on_a_school_that_has_set_up_nothing_asks(pupil: Pupil) -> None:
    assert may_use_now(pupil.school, [pupil], at=LESSON)[pupil.pk].answer == "ask"


# --- The page ---


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


@pytest.mark.parametrize("typed", ["ama kov", "8b ama", "admission", "code"])
def test_may_use_one_search_leads_to_the_answer(
    amara: Pupil, teacher_user: User, client_for: Clients, typed: str
) -> None:
    """DEV-13: any member of staff, by name, form, number or code; no name in the address."""
    typed = {"admission": amara.admission_number, "code": amara.code}.get(typed, typed)
    with time_machine.travel(LESSON):
        client = client_for(teacher_user)
        sent = client.post(url("may-use"), {"query": typed, "area": "toilets", "time": "10:50"})
        assert sent.status_code == 302
        assert sent.headers["Location"] == url("may-use-of", amara.pk) + "?area=toilets&time=10%3A50"
        page = words(client.get(sent.headers["Location"]))
    assert "Not allowed" in page and "Toilets" in page and "10:50am" in page


def test_may_use_several_are_offered_to_choose_from(amara: Pupil, teacher_user: User, client_for: Clients) -> None:
    make_pupil(amara.school, "Amara", "Kovac")
    page = client_for(teacher_user).post(url("may-use"), {"query": "ama"})
    assert page.status_code == 200 and "Choose who it is" in words(page)
    assert url("may-use-of", amara.pk) in page.content.decode()


@pytest.mark.parametrize("typed", ["", "zzyzx"])
def test_may_use_nobody_found_says_so(amara: Pupil, teacher_user: User, client_for: Clients, typed: str) -> None:
    page = client_for(teacher_user).post(url("may-use"), {"query": typed})
    assert page.status_code == 422
    assert "Enter a name" in words(page) if not typed else "Nobody on roll matches" in words(page)


def test_may_use_never_says_why_and_writes_nothing_about_the_child(
    amara: Pupil, office: User, teacher_user: User, client_for: Clients, at: datetime
) -> None:
    """Law PH-3: staff see allowed and limits; looking leaves no log of the child."""
    mark_day(school=amara.school, actor=office, at=at, pupil=amara, kind=MarkKind.PERMITTED, note="Glucose monitor")
    with time_machine.travel(LESSON):
        client = client_for(teacher_user)
        before = Entry.objects.count()
        page = client.get(url("may-use-of", amara.pk))
        assert Entry.objects.count() == before
    assert "Allowed" in words(page) and "Within the limits agreed" in words(page)
    assert "Not for short-range sharing" in words(page)
    assert "Glucose" not in page.content.decode()


def test_may_use_with_an_odd_time_is_refused_in_words(amara: Pupil, teacher_user: User, client_for: Clients) -> None:
    page = client_for(teacher_user).get(url("may-use-of", amara.pk), {"time": "soon"})
    assert page.status_code == 422 and "Enter a time such as 10:45" in words(page)


def test_may_use_of_a_pupil_who_left_is_not_there(amara: Pupil, teacher_user: User, client_for: Clients) -> None:
    amara.left_on = date(2025, 9, 2)
    amara.save()
    assert client_for(teacher_user).get(url("may-use-of", amara.pk)).status_code == 404


def test_unity_asks(db: None, client_for: Clients, at: datetime) -> None:
    """Matrix 0.3: a school whose rules say nothing is told whom to ask."""
    school = make_school("harbour-view", preset=CONDUCT)
    with scope(school=school):
        seed_device_types(school=school, actor=None, at=at)
        pupil = make_pupil(school, form=make_form(school))
        with time_machine.travel(LESSON):
            page = words(client_for(make_user(Role.SUPPORT, school)).get(url("may-use-of", pupil.pk)))
    assert "A person decides" in page and "Ask the office or a senior leader" in page


def test_find_any_pupil_says_whether_they_may_use_it_now(
    amara: Pupil, office: User, teacher_user: User, client_for: Clients, at: datetime
) -> None:
    """DEV-13: the search that stands on every page answers, and leads to the whole answer."""
    find = reverse("overview:find", args=["harbour-view"])
    with time_machine.travel(LESSON):
        client = client_for(teacher_user)
        page = client.post(find, {"query": "amara"}, headers={"HX-Request": "true"})
        assert "Device not allowed now" in words(page) and url("may-use-of", amara.pk) in page.content.decode()
        mark_day(school=amara.school, actor=office, at=at, pupil=amara, kind=MarkKind.PERMITTED)
        page = client.post(find, {"query": "amara"}, headers={"HX-Request": "true"})
    assert "Device allowed now, with limits" in words(page)


@pytest.mark.parametrize(
    ("preset", "shown", "who"),
    [
        (LOCKED, ["Changing rooms", "Toilets"], "Everybody"),
        (PRIMARY, ["Changing rooms", "Classrooms", "Toilets", "Swimming pools"], "Everybody"),
        (ONLINE, ["The whole site"], "All pupils"),
        (CONDUCT, ["The rules name no area"], ""),
        (FREE, ["The whole site"], "All"),
    ],
)
def test_areas_lists_where_for_whom_and_since_when(
    db: None, client_for: Clients, preset: str, shown: list[str], who: str
) -> None:
    """DEV-17: one list for signs and handouts."""
    school = make_school("harbour-view", preset=preset)
    with scope(school=school):
        page = words(client_for(make_user(Role.TEACHER, school)).get(url("areas")))
    assert all(area in page for area in shown) and who in page
    assert preset == CONDUCT or "1 September 2025" in page
