"""Rules for groups and named places (law PH-3): may they use it, who is expected at the desk, and what is never so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.people.enums import Cohort
from core.people.models import FormGroup, Pupil, School, User
from core.people.operations import edit_pupil
from core.rules.operations import ValueNotAllowed, change_rule
from core.rules.queries import for_school
from devices.cohorts import cohorts_of
from devices.judgement import MayUse, handin_duty
from devices.models import DeviceType, PupilDevice
from devices.operations import add_device, hand_in_device
from devices.queries import (
    chase_for,
    day_totals,
    desk_counts,
    expected_count,
    form_lines,
    forms_today,
    handin_types,
    kept_secure,
    may_use_now,
    not_seen,
    place_choices,
    register_for,
)
from tests.factories import make_form, make_pupil

Clients = Callable[[User], Client]
LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 11, 23)
COMMON_ROOM, HOUSE = "Sixth-form common room", "Boarding house"


def on_monday(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=LONDON)


LESSON, BREAK, AFTER = on_monday(9, 30), on_monday(10, 50), on_monday(16, 30)

SIXTH_FORM = {
    "sixth_form_devices": ["phone"],
    "sixth_form_places": [COMMON_ROOM],
    "sixth_form_times": ["break", "lunch"],
}
BOARDERS = {
    "boarder_devices": ["phone", "tablet"],
    "boarder_places": [HOUSE],
    "boarder_times": ["before", "after"],
}


@pytest.fixture
def rule(school: School, at: datetime) -> Callable[..., None]:
    """Set rules of the school from today."""

    def change(**values: Any) -> None:
        for key, value in values.items():
            change_rule(
                school=school, actor=None, at=at, key=key, value=value, effective_from=DAY, reason="For a test."
            )

    return change


@pytest.fixture
def sixth(school: School, types: dict[str, Any], safe: object, at: datetime) -> Pupil:
    """A pupil of Year 12 with a phone."""
    pupil = make_pupil(school, "Imani", "Okafor", form=make_form(school, "12A", year=12))
    add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    return pupil


@pytest.fixture
def boarder(phone: PupilDevice) -> Pupil:
    """A boarder of Year 8 with a phone."""
    phone.pupil.is_boarder = True
    phone.pupil.save()
    return phone.pupil


def answer(
    pupil: Pupil, types: dict[str, Any], at: datetime, area: str = "", key: str = "phone", **said: Any
) -> MayUse:
    return may_use_now(pupil.school, [pupil], at=at, area=area, kind=types[key], **said)[pupil.pk]


# --- May they use it? ---


def test_cohorts_are_told_by_year_and_by_the_record() -> None:
    """Law PH-3: years 12 and 13 are the sixth form; boarding is a fact of its own."""
    assert [cohorts_of(Pupil(year_group=year)) for year in (11, 12, 13)] == [(), *[(Cohort.SIXTH_FORM,)] * 2]
    assert cohorts_of(Pupil(year_group=13, is_boarder=True)) == (Cohort.SIXTH_FORM, Cohort.BOARDER)


def test_sixth_form_without_a_rule_keeps_to_the_one_for_everybody(sixth: Pupil, types: dict[str, Any]) -> None:
    """Law PH-3, PH-2: no preset excepts anybody."""
    found = answer(sixth, types, BREAK, COMMON_ROOM)
    assert (found.answer, found.rule, found.limits) == ("not_allowed", "barred_areas", ())


@pytest.mark.parametrize(
    ("at", "area", "key", "expected", "sentence"),
    [
        (BREAK, COMMON_ROOM, "phone", "allowed", "Use is allowed here now."),
        (BREAK, COMMON_ROOM.upper(), "phone", "allowed", "Use is allowed here now."),
        (LESSON, COMMON_ROOM, "phone", "not_allowed", "Not now. Use is allowed at certain times only."),
        (BREAK, "", "phone", "not_allowed", "Not here. Use is allowed in certain places only."),
        (BREAK, COMMON_ROOM, "smartwatch", "not_allowed", "No device is used here."),
    ],
)
def test_sixth_form_has_limited_use_in_its_own_area(
    sixth: Pupil, types: dict[str, Any], rule: Any, at: datetime, area: str, key: str, expected: str, sentence: str
) -> None:
    """Law PH-3: limited, controlled access in sixth-form-only areas; the limits are said either way."""
    rule(**SIXTH_FORM)
    found = answer(sixth, types, at, area, key)
    assert (found.answer, found.sentence) == (expected, sentence)
    only = ("Only in: Sixth-form common room", "Only at break or at lunch")
    assert found.limits[:2] == (only if key == "phone" else ())


def test_rule_of_the_sixth_form_is_nobody_elses(phone: PupilDevice, types: dict[str, Any], rule: Any) -> None:
    """Law PH-3: a pupil of Year 8 in the same room, at the same time."""
    rule(**SIXTH_FORM)
    assert answer(phone.pupil, types, BREAK, COMMON_ROOM).answer == "not_allowed"
    assert answer(phone.pupil, types, BREAK, COMMON_ROOM).limits == ()


def test_sixth_form_rule_opens_no_no_device_area(sixth: Pupil, types: dict[str, Any], rule: Any) -> None:
    """Law PH-3, DEV-17: toilets stay closed to everybody, also where the rule would name them."""
    rule(**SIXTH_FORM | {"sixth_form_places": ["toilets"]}, barred_areas=["toilets"])
    found = answer(sixth, types, BREAK, "toilets")
    assert (found.answer, found.rule) == ("not_allowed", "barred_areas")


@pytest.mark.parametrize("missing", ["sixth_form_places", "sixth_form_times"])
def test_sixth_form_rule_without_place_or_time_asks(
    sixth: Pupil, types: dict[str, Any], rule: Any, missing: str
) -> None:
    """Law PH-3, matrix 0.3: nobody guesses the places or the times."""
    rule(**{key: value for key, value in SIXTH_FORM.items() if key != missing})
    found = answer(sixth, types, BREAK, COMMON_ROOM)
    assert (found.answer, found.rule) == ("ask", missing)


@pytest.mark.parametrize(
    ("at", "area", "expected"),
    [
        (AFTER, HOUSE, "allowed"),
        (on_monday(7, 30), HOUSE, "allowed"),
        (AFTER, "", "not_allowed"),
        (LESSON, HOUSE, "not_allowed"),
        (BREAK, HOUSE, "not_allowed"),
    ],
)
def test_boarders_have_use_outside_the_teaching_day(
    boarder: Pupil, types: dict[str, Any], rule: Any, at: datetime, area: str, expected: str
) -> None:
    """Law PH-3: prohibited in the teaching day, with arrangements outside it; the calendar says when that is."""
    rule(**BOARDERS)
    found = answer(boarder, types, at, area)
    assert found.answer == expected
    assert found.limits[:2] == ("Only in: Boarding house", "Only before 8:45am or after 3:15pm")


def test_a_day_pupil_is_no_boarder(phone: PupilDevice, types: dict[str, Any], rule: Any) -> None:
    """Law PH-3"""
    rule(**BOARDERS)
    assert answer(phone.pupil, types, AFTER, HOUSE).answer == "not_allowed"


def test_any_device_says_which_kinds_the_rule_is_for(sixth: Pupil, rule: Any) -> None:
    """Law PH-3: asked for any device, the answer names the kind that its limits are for."""
    rule(**SIXTH_FORM)
    found = may_use_now(sixth.school, [sixth], at=BREAK, area=COMMON_ROOM)[sixth.pk]
    assert found.answer == "allowed"
    assert found.limits[:2] == ("Only in: Sixth-form common room", "Only at break or at lunch")
    assert any(limit.startswith("Not: ") and "tablet" in limit for limit in found.limits)
    rule(break_use="yes", barred_areas=["toilets"], break_use_scope="devices_not_handed_in", sixth_form_hand_in="keeps")
    rule(break_use="revocable_privilege", handin_device_scope="phones_only")
    beside = may_use_now(sixth.school, [sixth], at=BREAK)[
        sixth.pk
    ]  # tablets by the privilege of all, phones by the rule
    assert beside.answer == "allowed" and "Phone: only in: Sixth-form common room" in beside.limits
    rule(break_use="no")
    elsewhere = may_use_now(sixth.school, [sixth], at=BREAK)[sixth.pk]
    assert elsewhere.answer == "not_allowed"
    assert elsewhere.limits[0] == "Phone: only in: Sixth-form common room"


@pytest.mark.parametrize(("area", "expected"), [("Library", "allowed"), ("library", "allowed"), ("", "not_allowed")])
def test_only_in_certain_places_answers_where_they_are_named(
    phone: PupilDevice, types: dict[str, Any], rule: Any, area: str, expected: str
) -> None:
    """Law PH-3, DEV-13: no longer "ask the office which" once the school has named them."""
    rule(base_use_on_site="allowed_in_places", barred_areas=["toilets"])
    assert answer(phone.pupil, types, LESSON, area).answer == "ask"
    rule(allowed_places=["Library", "Canteen"])
    found = answer(phone.pupil, types, LESSON, area)
    assert (found.answer, found.rule) == (expected, "allowed_places")
    assert found.limits[:1] == (() if expected == "allowed" else ("Only in: Library or Canteen",)) or area
    assert answer(phone.pupil, types, LESSON, "toilets").rule == "barred_areas"


# --- Own devices for lessons ---


def test_own_device_for_lessons_is_used_in_lessons_alone(phone: PupilDevice, types: dict[str, Any], rule: Any) -> None:
    """Law PH-3: a laptop for the lesson; the phone beside it is not."""
    rule(lesson_devices=["laptop"])
    found = answer(phone.pupil, types, LESSON, key="laptop")
    assert (found.answer, found.limits[0]) == ("allowed", "For the lesson, as the teacher says")
    assert answer(phone.pupil, types, BREAK, key="laptop").answer == "not_allowed"
    assert answer(phone.pupil, types, LESSON, key="phone").answer == "not_allowed"
    rules = for_school(phone.school, on=DAY)
    assert [handin_duty(rules, types[key]) for key in ("laptop", "phone")] == ["keep_secure", "hand_in"]


@pytest.mark.parametrize("kinds", [["phone"], ["laptop", "phone"], ["smartwatch"]])
def test_bring_your_own_device_never_covers_phones(school: School, at: datetime, kinds: list[str]) -> None:
    """Law PH-3: refused, with the reason and the rule's name."""
    with pytest.raises(ValueNotAllowed, match=r"laptops and tablets, never phones.*PH-3"):
        change_rule(
            school=school, actor=None, at=at, key="lesson_devices", value=kinds, effective_from=DAY, reason="Try."
        )


@pytest.mark.parametrize("times", [["lessons"], ["after", "break"], ["lunch"]])
def test_boarders_get_no_time_in_the_teaching_day(school: School, at: datetime, times: list[str]) -> None:
    """Law PH-3: prohibited in the teaching day."""
    with pytest.raises(ValueNotAllowed, match=r"teaching day \(PH-3\)"):
        change_rule(
            school=school, actor=None, at=at, key="boarder_times", value=times, effective_from=DAY, reason="Try."
        )


# --- Who is expected at the desk ---


def expected_now(school: School) -> tuple[int, int, int, int]:
    """Expected at the desk and not seen there, by every count that is shown."""
    types = handin_types(school, DAY)
    totals = day_totals(school, DAY, handin_types=types)
    chase = chase_for(school, DAY, handin_types=types)
    missing = list(not_seen(school, DAY, handin_types=types))
    assert expected_count(school, DAY, handin_types=types) - desk_counts(school, DAY, handin_types=types).seen == len(
        missing
    )
    assert chase.not_seen == totals.not_seen == len(missing)
    return expected_count(school, DAY, handin_types=types), totals.expected, totals.not_seen, chase.not_seen


def status(school: School, pupil: Pupil) -> tuple[str, str]:
    rows = register_for(school, DAY, handin_types=handin_types(school, DAY))
    return next((row.status, row.word) for row in rows if row.pupil == pupil)


def test_sixth_former_who_hands_in_is_expected_and_chased(sixth: Pupil, rule: Any) -> None:
    """Law PH-3, DEV-10: leave to use it in one room is no leave to keep it; only a rule that says so is."""
    rule(**SIXTH_FORM)
    assert expected_now(sixth.school) == (1, 1, 1, 1)
    rule(sixth_form_hand_in="like_everybody")
    assert expected_now(sixth.school) == (1, 1, 1, 1)
    assert status(sixth.school, sixth) == ("missing", "Not seen")


def test_sixth_former_who_keeps_it_is_neither_expected_nor_chased(
    sixth: Pupil, phone: PupilDevice, types: dict[str, Any], rule: Any, at: datetime
) -> None:
    """Law PH-3, DEV-10, DEV-36: the register says so, the others are expected as ever."""
    rule(**SIXTH_FORM, sixth_form_hand_in="keeps")
    school = sixth.school
    assert expected_now(school) == (1, 1, 1, 1)
    assert [pupil.pk for pupil in not_seen(school, DAY, handin_types=handin_types(school, DAY))] == [phone.pupil_id]
    assert status(school, sixth) == ("keep_secure", "Keeps it: the sixth form’s rule")
    assert sixth.pk in {device.pupil_id for device in kept_secure(school, DAY)}
    add_device(school=school, actor=None, at=at, pupil=sixth, type=types["smartwatch"])
    assert expected_now(school) == (2, 2, 2, 2)  # a watch, which the rule does not name
    row = next(row for form in chase_for(school, DAY).forms for row in form.not_seen if row.pupil == sixth)
    assert "watch" in row.device.lower()
    assert "phone" not in row.device.lower()


def test_kept_phone_that_is_handed_in_all_the_same_is_taken_in(
    sixth: Pupil, office_user: User, rule: Any, at: datetime
) -> None:
    """Law PH-3, DEV-04: the desk takes it as any other, and no count is upset."""
    rule(**SIXTH_FORM, sixth_form_hand_in="keeps")
    hand_in_device(school=sixth.school, actor=office_user, at=at, pupil=sixth, switched_off=True)
    assert expected_now(sixth.school) == (0, 0, 0, 0)
    assert status(sixth.school, sixth)[0] == "in"
    assert day_totals(sixth.school, DAY).handed_in == 1


def test_boarder_whose_phone_stays_in_the_house_is_not_expected(boarder: Pupil, rule: Any) -> None:
    """Law PH-3, DEV-10"""
    rule(**BOARDERS, boarder_hand_in="stays_in_house")
    assert expected_now(boarder.school) == (0, 0, 0, 0)
    assert status(boarder.school, boarder) == ("keep_secure", "Stays in the boarding house")


def test_form_on_one_page_asks_nothing_of_those_who_keep_theirs(sixth: Pupil, rule: Any, at: datetime) -> None:
    """Law PH-3, ux W2: the line says why, and the form is recorded without them."""
    form = sixth.form
    assert isinstance(form, FormGroup)
    assert not form_lines(sixth.school, form, DAY, at)[0].settled
    rule(**SIXTH_FORM, sixth_form_hand_in="keeps")
    line = form_lines(sixth.school, form, DAY, at)[0]
    assert (line.settled, line.kept) == ("Keeps it: the sixth form’s rule", True)
    assert [(row.recorded, row.is_done) for row in forms_today(sixth.school, DAY) if row.form == form] == [(1, True)]


# --- Pages ---


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


def test_page_offers_the_named_places_and_answers_with_the_limits(
    sixth: Pupil, teacher_user: User, client_for: Clients, rule: Any
) -> None:
    """Law PH-3: the place is chosen on the page; nothing of the child stands in the answer."""
    rule(**SIXTH_FORM, **BOARDERS)
    with time_machine.travel(BREAK):
        client = client_for(teacher_user)
        ask = client.get(reverse("devices:may-use", args=["harbour-view"]))
        assert COMMON_ROOM in words(ask) and HOUSE in words(ask)
        url = reverse("devices:may-use-of", args=["harbour-view", sixth.pk])
        phone = DeviceType.objects.get(key="phone")
        allowed = words(client.get(url, {"area": COMMON_ROOM, "kind": phone.pk}))
        of_any_kind = words(client.get(url, {"area": COMMON_ROOM}))
        refused = words(client.get(url))
        find = reverse("overview:find", args=["harbour-view"])
        found = words(client.post(find, {"query": "imani"}, headers={"HX-Request": "true"}))
    assert "Use is allowed here now." in allowed and "Only at break or at lunch" in allowed
    assert "Some kinds of device may be used now" in of_any_kind and "Not: tablet" in of_any_kind
    assert "Not allowed" in refused and "only in: Sixth-form common room" in refused
    assert "Device at certain places or times only" in found


def test_place_choices_name_each_place_once(school: School, rule: Any) -> None:
    """Law PH-3: a place of two rules is one place; of a rule that names no device, none."""
    rule(**SIXTH_FORM, boarder_places=["Attic"], barred_areas=["toilets", COMMON_ROOM.lower()])
    named = [key for key, _words in place_choices(for_school(school, on=DAY))]
    assert [key.casefold() for key in named].count(COMMON_ROOM.casefold()) == 1
    assert "Attic" not in named


def test_whole_form_page_shows_who_keeps_theirs(
    sixth: Pupil, office_user: User, client_for: Clients, rule: Any, at: datetime
) -> None:
    """Law PH-3"""
    make_pupil(sixth.school, "Tomas", "Reid", form=sixth.form)
    rule(**SIXTH_FORM, sixth_form_hand_in="keeps")
    assert sixth.form is not None
    with time_machine.travel(at):
        page = client_for(office_user).get(reverse("devices:whole-form", args=["harbour-view", sixth.form.pk]))
    assert "Keeps it: the sixth form’s rule" in words(page)
    assert f"answer-{sixth.pk}" not in page.content.decode()


def test_edit_pupil_boarding_is_kept_with_its_history(
    pupil: Pupil, office_user: User, client_for: Clients, at: datetime
) -> None:
    """Law PH-3: who boards is a fact of the record, changed by hand or by the roll."""
    edit_pupil(
        school=pupil.school, actor=office_user, at=at, pupil=pupil, version=pupil.version, values={"is_boarder": True}
    )
    page = client_for(office_user).get(reverse("people:pupil", args=["harbour-view", pupil.pk]))
    assert "Boards at school" in words(page)
