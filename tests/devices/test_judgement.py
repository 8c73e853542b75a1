"""What the five presets say about a device: pure judgement, rules and facts in, words out."""

from __future__ import annotations

from datetime import date, datetime
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django_scopes import scope

from core.people.calendar import Calendar, calendar_for
from core.people.enums import Cohort
from core.people.models import School
from core.rules.operations import change_rule
from core.rules.queries import for_school
from devices.enums import STANDARD_TYPES, Flag, PlaceKind
from devices.judgement import (
    OFF_SITE,
    allowed_place_kinds,
    bring_flags,
    desk_terms,
    handin_duty,
    is_in_scope,
    judge_use,
    may_use,
    place_is_allowed,
)
from devices.models import DeviceType, StoragePlace
from tests.factories import BEGAN, BEGIN, make_school

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
KEYS = [row[0] for row in STANDARD_TYPES]
CALENDAR = Calendar(terms=(), days={}, times=())

# Lessons, break and lunch of a Monday under the times a school starts with.
LESSON, BREAK, LUNCH = (datetime(2026, 11, 23, *clock, tzinfo=LONDON) for clock in ((9, 30), (10, 50), (12, 30)))
BEFORE, AFTER = (datetime(2026, 11, 23, *clock, tzinfo=LONDON) for clock in ((8, 20), (16, 0)))
SATURDAY = datetime(2026, 11, 28, 10, 50, tzinfo=LONDON)


def kind(key: str) -> DeviceType:
    """A kind as the standard catalogue has it."""
    row = next(row for row in STANDARD_TYPES if row[0] == key)
    return DeviceType(
        key=row[0], label=row[1], communicates=row[2], goes_online=row[3], records_sound=row[4], records_pictures=row[5]
    )


@pytest.fixture
def rules_of(db: None) -> Any:
    """The rules of a preset, read as the product reads them."""

    def read(preset: str) -> Any:
        school = make_school(preset=preset)
        with scope(school=school):
            return for_school(school, on=DAY)

    return read


# --- DEV-01: which kinds are covered ---


@pytest.mark.parametrize(
    ("preset", "covered", "outside"),
    [
        (LOCKED, {"phone", "tablet", "e_reader", "console", "smartwatch", "fitness_tracker"}, {"earphones", "other"}),
        (PRIMARY, {"phone", "tablet", "e_reader", "console", "smartwatch", "fitness_tracker"}, {"earphones", "other"}),
        (ONLINE, {"phone", "smartwatch", "laptop"}, {"earphones", "other"}),
        (CONDUCT, {"phone", "tablet", "laptop"}, {"earphones", "other"}),
        (FREE, {"phone", "smartwatch", "earphones", "laptop"}, {"other"}),
    ],
)
def test_is_in_scope_by_name_or_by_what_the_kind_can_do(
    rules_of: Any, preset: str, covered: set[str], outside: set[str]
) -> None:
    """DEV-01"""
    rules = rules_of(preset)
    assert {key for key in KEYS if is_in_scope(rules, kind(key))} >= covered
    assert not {key for key in outside if is_in_scope(rules, kind(key))}


@pytest.mark.parametrize("flag", ["communicates", "goes_online", "records_sound", "records_pictures"])
def test_is_in_scope_any_flag_brings_an_unnamed_kind_in(rules_of: Any, flag: str) -> None:
    """DEV-01: a type is in scope when any flag is set."""
    rules, gadget = rules_of(FREE), DeviceType(key="brooch", label="Brooch")
    assert is_in_scope(rules, gadget) is False
    setattr(gadget, flag, True)
    assert is_in_scope(rules, gadget) is True


# --- DEV-02, DEV-38: what a pupil does with it on arrival ---


@pytest.mark.parametrize(
    ("preset", "phone", "watch", "earphones"),
    [
        (LOCKED, "hand_in", "keep_secure", "out_of_scope"),
        (PRIMARY, "hand_in", "hand_in", "out_of_scope"),
        (ONLINE, "hand_in", "hand_in", "out_of_scope"),
        (CONDUCT, "undecided", "undecided", "out_of_scope"),
        (FREE, "hand_in", "hand_in", "hand_in"),
    ],
)
def test_handin_duty_under_each_preset(rules_of: Any, preset: str, phone: str, watch: str, earphones: str) -> None:
    """DEV-38: where only phones are handed in, other devices are kept secure, not chased."""
    rules = rules_of(preset)
    assert [handin_duty(rules, kind(key)) for key in ("phone", "smartwatch", "earphones")] == [phone, watch, earphones]


@pytest.mark.parametrize(
    ("preset", "agreed", "reason", "flags"),
    [
        (LOCKED, False, False, []),
        (PRIMARY, False, False, [Flag.NO_AGREEMENT]),
        (PRIMARY, True, False, []),
        (ONLINE, False, False, [Flag.NO_REASON]),
        (ONLINE, False, True, []),
        (CONDUCT, False, False, []),
        (FREE, False, False, []),
    ],
)
def test_bring_flags_warn_and_do_not_forbid(
    rules_of: Any, preset: str, agreed: bool, reason: bool, flags: list[Flag]
) -> None:
    """DEV-02: a hand-in that breaks the rule is stored but flagged."""
    assert bring_flags(desk_terms(rules_of(preset)), has_agreement=agreed, has_reason=reason) == flags


# --- DEV-05: seen switched off ---


@pytest.mark.parametrize(
    ("preset", "off", "decision"),
    [
        (LOCKED, "none", False),
        (PRIMARY, "required", False),
        (ONLINE, "none", False),
        (CONDUCT, "advised", True),
        (FREE, "required", False),
    ],
)
def test_desk_terms_off_check_and_open_question(rules_of: Any, preset: str, off: str, decision: bool) -> None:
    """DEV-05: demanded by the rule, left out by the rule, or advised where the rules are silent; matrix 0.3."""
    terms = desk_terms(rules_of(preset))
    assert (terms.off_check, terms.needs_decision) == (off, decision)


# --- DEV-06: where it is put ---


@pytest.mark.parametrize(
    ("preset", "allowed"),
    [
        (LOCKED, {PlaceKind.LOCKED_PLACE, PlaceKind.SAFE}),
        (PRIMARY, {PlaceKind.SAFE}),
        (ONLINE, {PlaceKind.OFFICE, PlaceKind.SAFE}),
        (CONDUCT, set(PlaceKind)),
        (FREE, set(PlaceKind)),
    ],
)
def test_place_is_allowed_under_each_preset(rules_of: Any, preset: str, allowed: set[str]) -> None:
    """DEV-06"""
    rules = rules_of(preset)
    assert allowed_place_kinds(rules) == allowed
    assert {sort for sort in PlaceKind if place_is_allowed(rules, StoragePlace(kind=sort))} == allowed


# --- DEV-13, DEV-14: use seen ---


@pytest.mark.parametrize(
    ("preset", "key", "lesson", "at_break", "lunch"),
    [
        (LOCKED, "phone", "breach", "breach", "no_breach"),
        (LOCKED, "smartwatch", "breach", "no_breach", "no_breach"),
        (LOCKED, "earphones", "no_breach", "no_breach", "no_breach"),
        (PRIMARY, "phone", "breach", "breach", "breach"),
        (PRIMARY, "smartwatch", "breach", "breach", "breach"),
        (ONLINE, "phone", "breach", "breach", "breach"),
        (ONLINE, "earphones", "no_breach", "no_breach", "no_breach"),
        (CONDUCT, "phone", "ask", "ask", "ask"),
        (FREE, "phone", "breach", "breach", "breach"),
        (FREE, "earphones", "breach", "breach", "breach"),
        (FREE, "other", "no_breach", "no_breach", "no_breach"),
    ],
)
def test_judge_use_by_part_of_the_day_under_each_preset(
    rules_of: Any, preset: str, key: str, lesson: str, at_break: str, lunch: str
) -> None:
    """DEV-13, DEV-14, DEV-15: a privilege at break covers what need not be handed in; silence is asked of a person."""
    rules = rules_of(preset)
    seen = [judge_use(rules, CALENDAR, kind(key), seen_at=moment).verdict for moment in (LESSON, BREAK, LUNCH)]
    assert seen == [lesson, at_break, lunch]


@pytest.mark.parametrize("preset", [LOCKED, PRIMARY, ONLINE, FREE])
def test_judge_use_before_and_after_the_day_is_other_time_on_site(rules_of: Any, preset: str) -> None:
    """DEV-14"""
    rules = rules_of(preset)
    for moment in (BEFORE, AFTER):
        assert judge_use(rules, CALENDAR, kind("phone"), seen_at=moment).verdict == "breach"


@pytest.mark.parametrize("preset", [LOCKED, PRIMARY, ONLINE, FREE])
def test_judge_use_on_a_day_without_school_is_no_breach(rules_of: Any, preset: str) -> None:
    """ORG-17: says which day it was."""
    judged = judge_use(rules_of(preset), CALENDAR, kind("phone"), seen_at=SATURDAY)
    assert (judged.verdict, judged.sentence) == ("no_breach", "28 November 2026 was not a school day.")


def test_judge_use_names_the_rule_that_says_so(rules_of: Any) -> None:
    """ORG-16: the rule in force is shown with the judgement."""
    assert judge_use(rules_of(FREE), CALENDAR, kind("phone"), seen_at=BREAK).rule == "base_use_on_site"
    assert judge_use(rules_of(LOCKED), CALENDAR, kind("phone"), seen_at=BREAK).rule == "break_use_scope"
    assert judge_use(rules_of(FREE), CALENDAR, kind("other"), seen_at=BREAK).rule == "device_types_in_scope"
    assert judge_use(rules_of(CONDUCT), CALENDAR, kind("phone"), seen_at=BREAK).rule == "base_use_on_site"


def test_judge_use_break_switched_on_for_all_is_no_breach_then_alone(db: None) -> None:
    """DEV-15: use at break can be switched on; lessons stay as they were."""
    school: School = make_school(preset=FREE)
    with scope(school=school):
        change_rule(
            school=school, actor=None, at=BEGAN, key="break_use", value="yes", effective_from=BEGIN, reason="Asked for."
        )
        rules, calendar = for_school(school, on=DAY), calendar_for(school)
    assert judge_use(rules, calendar, kind("phone"), seen_at=BREAK).verdict == "no_breach"
    assert judge_use(rules, calendar, kind("phone"), seen_at=LESSON).verdict == "breach"


def test_judge_use_on_clock_change_days_follows_london(rules_of: Any) -> None:
    """House §4.10: ten to eleven is break on the first school days after the clocks change."""
    for day in (date(2026, 10, 26), date(2027, 3, 29)):
        moment = datetime(day.year, day.month, day.day, 10, 50, tzinfo=LONDON).astimezone(ZoneInfo("UTC"))
        assert CALENDAR.day_part(moment) == "break"
        assert judge_use(rules_of(LOCKED), CALENDAR, kind("smartwatch"), seen_at=moment).verdict == "no_breach"


# --- A sighting follows what groups and places are allowed, as the answer to "may they use it?" does ---

COMMON_ROOM, HOUSE, LIBRARY = "Sixth-form common room", "Boarding house", "Library"
GROUPS: dict[str, Any] = {
    "sixth_form_devices": ["phone"],
    "sixth_form_places": [COMMON_ROOM],
    "sixth_form_times": ["break", "lunch"],
    "boarder_devices": ["phone"],
    "boarder_places": [HOUSE],
    "boarder_times": ["before", "after"],
}


@pytest.fixture
def rules_with(db: None) -> Any:
    """The rules of a school that has changed some of its preset's."""

    def read(preset: str, **values: Any) -> Any:
        school = make_school(preset=preset)
        with scope(school=school):
            for key, value in values.items():
                change_rule(
                    school=school, actor=None, at=BEGAN, key=key, value=value, effective_from=BEGIN, reason="Decided."
                )
            return for_school(school, on=DAY)

    return read


@pytest.mark.parametrize("preset", [PRIMARY, ONLINE, FREE])
@pytest.mark.parametrize(
    ("cohorts", "area", "at", "verdict", "rule"),
    [
        ((Cohort.SIXTH_FORM,), COMMON_ROOM, BREAK, "no_breach", "sixth_form_devices"),
        ((Cohort.SIXTH_FORM,), COMMON_ROOM, LESSON, "breach", "sixth_form_devices"),
        ((Cohort.SIXTH_FORM,), "", BREAK, "breach", "sixth_form_devices"),
        ((Cohort.SIXTH_FORM,), None, BREAK, "ask", "sixth_form_devices"),
        ((Cohort.SIXTH_FORM,), None, LESSON, "breach", "sixth_form_devices"),
        ((Cohort.BOARDER,), HOUSE, AFTER, "no_breach", "boarder_devices"),
        ((Cohort.BOARDER,), HOUSE, LESSON, "breach", "boarder_devices"),
        ((), COMMON_ROOM, BREAK, "breach", "base_use_on_site"),
        ((), None, BREAK, "breach", "base_use_on_site"),
    ],
)
def test_judge_use_follows_the_rules_of_groups(
    rules_with: Any, preset: str, cohorts: tuple[str, ...], area: str | None, at: datetime, verdict: str, rule: str
) -> None:
    """Law PH-3, DEV-13: a sixth former in the common room at break breaks no rule; the same pupil elsewhere, or a
    younger one there, does; where nobody said the place and it matters, a person is asked."""
    rules = rules_with(preset, **GROUPS)
    found = judge_use(rules, CALENDAR, kind("phone"), seen_at=at, area=area, cohorts=cohorts)
    barred = found.rule == "barred_areas" and not cohorts and area  # a site closed as a whole says so of a named place
    assert (found.verdict, "base_use_on_site" if barred else found.rule) == (verdict, rule)


def test_judge_use_of_a_group_opens_no_no_device_area(rules_with: Any) -> None:
    """Law PH-3, DEV-17: toilets are closed to everybody, whatever a group may do."""
    rules = rules_with(PRIMARY, **GROUPS | {"sixth_form_places": ["toilets"]})
    found = judge_use(rules, CALENDAR, kind("phone"), seen_at=BREAK, area="toilets", cohorts=[Cohort.SIXTH_FORM])
    assert (found.verdict, found.rule) == ("breach", "barred_areas")


def test_judge_use_without_the_places_of_a_group_asks(rules_with: Any) -> None:
    """Law PH-3, matrix 0.3: a rule of a group that names no place is asked of a person."""
    rules = rules_with(PRIMARY, sixth_form_devices=["phone"], sixth_form_times=["break"])
    for area in (None, "", COMMON_ROOM):
        found = judge_use(rules, CALENDAR, kind("phone"), seen_at=BREAK, area=area, cohorts=[Cohort.SIXTH_FORM])
        assert (found.verdict, found.rule) == ("ask", "sixth_form_places")


@pytest.mark.parametrize(
    ("area", "verdict"), [(LIBRARY, "no_breach"), (LIBRARY.upper(), "no_breach"), ("", "breach"), (None, "ask")]
)
def test_judge_use_in_certain_places_goes_by_the_place(rules_with: Any, area: str | None, verdict: str) -> None:
    """Law PH-3, DEV-13: where use is allowed in named places, a sighting there is no breach."""
    rules = rules_with(PRIMARY, base_use_on_site="allowed_in_places", allowed_places=[LIBRARY])
    assert judge_use(rules, CALENDAR, kind("phone"), seen_at=LESSON, area=area).verdict == verdict


@pytest.mark.parametrize(
    ("rule", "verdict"), [("same_as_site", "breach"), ("provider_rule", "ask"), ("none", "no_breach")]
)
def test_judge_use_at_a_placement_goes_by_its_rule(rules_with: Any, rule: str, verdict: str) -> None:
    """DEV-20"""
    rules = rules_with(PRIMARY, offsite_rule=rule)
    assert judge_use(rules, CALENDAR, kind("phone"), seen_at=LESSON, area=OFF_SITE).verdict == verdict


def test_judge_use_says_what_may_use_would_have_said(rules_with: Any) -> None:
    """DEV-13, law PH-3: the sighting and the question before it never quarrel."""
    rules = rules_with(FREE, **GROUPS, lesson_devices=["laptop"])
    agree = {"no_breach": "allowed", "breach": "not_allowed", "ask": "ask"}
    for key, at, area, cohort in product(
        ("phone", "laptop", "other"), (BEFORE, LESSON, BREAK, LUNCH, AFTER, SATURDAY),
        ("", "toilets", COMMON_ROOM, HOUSE, OFF_SITE), Cohort,
    ):  # fmt: skip
        seen = judge_use(rules, CALENDAR, kind(key), seen_at=at, area=area, cohorts=[cohort])
        answer = may_use(rules, CALENDAR, [kind(key)], at=at, area=area, cohorts=[cohort])
        assert (agree[seen.verdict], seen.rule) == (answer.answer, answer.rule), (key, at, area, cohort)
