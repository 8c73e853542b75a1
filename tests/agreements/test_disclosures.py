"""Passwords are asked for by two roles alone, decided by the other, never written, and reset (SDV-11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django_scopes import scope

from agreements.models import PasswordDisclosure
from agreements.operations.disclosures import (
    LooksLikeASecret,
    NotForYouToAsk,
    NotOfYourself,
    NotYoursToDecide,
    WhyMissing,
    ask_disclosure,
    confirm_disclosed,
    confirm_reset,
    decide_disclosure,
    remind_overdue_resets,
)
from agreements.workflow import MoveNotPossible
from core.audit.models import Entry
from core.notices.models import Notice
from core.people.models import School, User
from tests.factories import make_school, make_user

PRESETS = [
    "image-and-conduct",
    "primary-by-agreement",
    "primary-online-safety",
    "group-locked-storage",
    "phone-free-agreement",
]
World = dict[str, Any]


@pytest.fixture(params=["image-and-conduct"])
def world(db: None, request: Any) -> Any:
    school = make_school(preset=request.param)
    with scope(school=school):
        people = {role: make_user(role, school) for role in ("headteacher", "systems_manager", "teacher", "dsl")}
        yield {"school": school, **people}


def ask(world: World, at: datetime, by: str, **given: Any) -> PasswordDisclosure:
    values = {"holder": world["teacher"], "system": "Mailbox", "reason": "An audit", "reset_by": at.date()} | given
    return ask_disclosure(school=world["school"], actor=world[by], at=at, **values)


def step(world: World, at: datetime, by: str, act: Any, row: PasswordDisclosure, **given: Any) -> PasswordDisclosure:
    done: PasswordDisclosure = act(school=world["school"], actor=world[by], at=at, disclosure=row, **given)
    return done


@pytest.mark.parametrize("world", PRESETS, indirect=True)
def test_only_head_and_systems_manager_ask_and_the_other_decides(world: World, at: datetime) -> None:
    """SDV-11: anybody else is refused by name and on record; the holder is told; who asked does not decide."""
    with pytest.raises(NotForYouToAsk):
        ask(world, at, "dsl")
    assert Entry.objects.filter(action="agreements.ask_disclosure", outcome="refused").count() == 1
    row = ask(world, at, "headteacher")
    assert Notice.objects.filter(recipient=world["teacher"], kind="agreements.disclosure").count() == 1
    with pytest.raises(NotYoursToDecide):
        step(world, at, "headteacher", decide_disclosure, row, allow=True)
    with pytest.raises(WhyMissing):
        step(world, at, "systems_manager", decide_disclosure, row, allow=False)
    assert step(world, at, "systems_manager", decide_disclosure, row, allow=True).state == "allowed"


def test_course_to_the_reset_and_no_other(world: World, at: datetime) -> None:
    """SDV-11, matrix 4.11: the holder discloses; reset is confirmed; late resets are reminded of each day."""
    row = ask(world, at, "systems_manager")
    with pytest.raises(MoveNotPossible):
        step(world, at, "teacher", confirm_disclosed, row)
    step(world, at, "headteacher", decide_disclosure, row, allow=True)
    with pytest.raises(NotYoursToDecide):
        step(world, at, "headteacher", confirm_disclosed, row)
    step(world, at, "teacher", confirm_disclosed, row)
    late = at + timedelta(days=1)
    assert remind_overdue_resets(school=world["school"], at=at) == 0
    assert remind_overdue_resets(school=world["school"], at=late) == 1
    assert step(world, late, "teacher", confirm_reset, row).state == "password_reset"
    assert remind_overdue_resets(school=world["school"], at=late) == 0
    with pytest.raises(MoveNotPossible):
        step(world, late, "teacher", confirm_reset, row)


@pytest.mark.parametrize("said", ["password: hunter2", "The PIN is 4411", "pwd=abc", "Passwort? passcode - 12"])
def test_text_that_looks_like_a_password_is_refused(world: World, at: datetime, said: str) -> None:
    """SDV-11: the password itself is never stored, in no field; the model has none for it."""
    for field in ("reason", "system"):
        with pytest.raises(LooksLikeASecret):
            ask(world, at, "headteacher", **{field: said})
    assert not {field.name for field in PasswordDisclosure._meta.fields} & {"password", "secret", "code"}


def test_a_head_alone_decides_where_nobody_manages_systems(db: None, at: datetime) -> None:
    school: School = make_school(preset="image-and-conduct")
    with scope(school=school):
        head: User = make_user("headteacher", school)
        world = {"school": school, "headteacher": head, "teacher": make_user("teacher", school)}
        with pytest.raises(NotOfYourself):
            ask(world, at, "headteacher", holder=head)
        row = ask(world, at, "headteacher")
        assert step(world, at, "headteacher", decide_disclosure, row, allow=True).decided_by == head
