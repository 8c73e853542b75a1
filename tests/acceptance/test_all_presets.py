"""The scenarios that hold under every preset."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django_scopes import scope

from core.people.calendar import calendar_for
from core.people.models import School
from core.people.roles import Role
from core.rules.operations import adopt_preset, change_rule
from core.rules.presets import all_presets
from core.rules.queries import for_school, rules_as_judged
from devices.enums import GivenTo
from devices.judgement import UseJudgement, handin_duty, judge_use
from devices.models import DeviceType
from devices.operations import (
    MustGoToParent,
    add_device,
    add_place,
    correct_custody,
    decide_hand_in,
    hand_in_device,
    return_device,
    seed_device_types,
)
from devices.queries import device_types
from tests.acceptance.conftest import Person, shown
from tests.factories import make_contact, make_pupil, make_school, make_user

LONDON = ZoneInfo("Europe/London")
SLUGS = sorted(all_presets())
EVENT = datetime(2026, 6, 30, 10, 50, tzinfo=LONDON)
CHANGE = date(2026, 7, 1)
LATER = datetime(2026, 7, 6, 9, 0, tzinfo=LONDON)


@pytest.fixture(params=SLUGS)
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kinds(place: School, at: datetime) -> Iterator[dict[str, DeviceType]]:
    seed_device_types(school=place, actor=None, at=at)
    yield {kind.key: kind for kind in device_types(place)}


def judged(school: School, kind: DeviceType, seen_at: datetime) -> UseJudgement:
    rules = for_school(school, on=seen_at.astimezone(LONDON).date())
    return judge_use(rules, calendar_for(school), kind, seen_at=seen_at)


def become(school: School, preset: str) -> None:
    """The school takes another preset from 1 July 2026."""
    adopt_preset(
        school=school, actor=None, at=EVENT, preset=preset, effective_from=CHANGE, reason="A new policy was adopted."
    )
    school.refresh_from_db()


def test_all_s9_a_past_event_is_judged_by_the_rule_of_its_day(
    place: School, preset: str, kinds: dict[str, DeviceType]
) -> None:
    """ALL-S9 (ORG-16): whatever preset comes after, the event of 30 June keeps its judgement and its rule."""
    before = {key: judged(place, kind, EVENT) for key, kind in kinds.items()}
    for after in [slug for slug in SLUGS if slug != preset]:
        become(place, after)
        assert {key: judged(place, kind, EVENT) for key, kind in kinds.items()} == before
        new = for_school(place, on=LATER.date())
        for key, kind in kinds.items():
            duty = handin_duty(new, kind)
            assert duty == handin_duty(for_school(place, on=CHANGE), kind), key


def test_all_s9_the_rules_of_both_days_are_told_apart(db: None) -> None:
    """ALL-S9 (ORG-16): each pair of presets differs in some judgement or duty on the two sides of the change."""
    for first, second in itertools.permutations(SLUGS, 2):
        school = make_school(preset=first)
        with scope(school=school):
            become(school, second)
            old, new = for_school(school, on=EVENT.date()), for_school(school, on=CHANGE)
            assert (old.storage_kind, old.pupil_bring_rule, old.device_types_in_scope) != (
                new.storage_kind,
                new.pupil_bring_rule,
                new.device_types_in_scope,
            )


def test_all_s9_a_device_kept_over_a_change_goes_back_under_the_rule_it_came_in_by(
    place: School, preset: str, kinds: dict[str, DeviceType]
) -> None:
    """ALL-S9 (ORG-16): taken in on 30 June, it goes back to the pupil on 6 July although since 1 July the rule gives
    devices to a parent only; one taken in on 6 July does not. The device's page shows by which day's rules."""
    office = make_user(Role.OFFICE, place)
    morning = EVENT.replace(hour=8)
    add_place(school=place, actor=None, at=morning, name="Safe", kind="safe", lockable=True, purpose="daily", slots=5)
    old, new = make_pupil(place, "Amara", "Kovacs"), make_pupil(place, "Ben", "Tull")
    mother = make_contact(new, "Tull", may_collect=True)
    for pupil in (old, new):
        add_device(school=place, actor=None, at=morning, pupil=pupil, type=kinds["phone"])
    unsettled = for_school(place, on=EVENT.date()).handin_required == "unspecified"
    if unsettled:
        decide_hand_in(school=place, actor=office, at=morning, reason="As every day this week.")
    kept = hand_in_device(school=place, actor=office, at=morning, pupil=old, switched_off=True)
    change_rule(
        school=place,
        actor=None,
        at=EVENT,
        key="ordinary_return",
        value="end_of_day_parent",
        effective_from=CHANGE,
        reason="Parents fetch from July.",
    )
    place.refresh_from_db()
    if unsettled:
        decide_hand_in(school=place, actor=office, at=LATER, reason="As every day this week.")
    fresh = hand_in_device(school=place, actor=office, at=LATER, pupil=new, switched_off=True)
    evening = LATER.replace(hour=16)
    with pytest.raises(MustGoToParent):
        return_device(school=place, actor=office, at=evening, custody=fresh)
    return_device(school=place, actor=office, at=evening, custody=fresh, given_to=GivenTo.CONTACT, contact=mother)
    returned = return_device(school=place, actor=office, at=evening, custody=kept)
    assert returned.closed_at == evening

    # The rules a stay was judged by can be read again, whatever was decided since.
    then = rules_as_judged(place, on=kept.day, version=kept.rules_version)
    assert then.ordinary_return == for_school(place, on=EVENT.date()).ordinary_return != "end_of_day_parent"

    # The page says by which day's rules the entry with a warning was judged.
    reopened = correct_custody(
        school=place, actor=office, at=evening, custody=returned, kind="not_returned", note="Wrong slot."
    )
    page = shown(Person(office, place).opens(f"devices/records/{reopened.device_id}/"))
    if reopened.flags:
        assert "Judged by the school’s rules of 30 June 2026." in page
    assert "30 June 2026, 8:50am Handed in" in page
