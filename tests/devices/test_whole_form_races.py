"""A whole form, a pasted list and a desk in the same second: one true record each, none lost, none doubled (F21)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import pytest
from django_scopes import scope

from core.people.models import FormGroup, Pupil, School, User
from devices.enums import PasteAct
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration
from devices.operations import (
    CountDiffers,
    add_device,
    add_place,
    declare_no_device,
    hand_in_device,
    hand_in_form,
    record_pasted,
    return_device,
    return_form,
    seed_device_types,
)
from tests.devices.test_races import at_once
from tests.factories import make_form, make_pupil, make_school, make_user

pytestmark = pytest.mark.django_db(transaction=True)

Stage = tuple[School, User, FormGroup, list[Pupil]]


@pytest.fixture
def stage(at: datetime) -> Stage:
    """A form of six, each with a phone, and a safe."""
    school = make_school("harbour-view")
    with scope(school=school):
        office, form = make_user("office", school), make_form(school, "8B", year=8)
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=40)
        pupils = [make_pupil(school, form=form) for _ in range(6)]
        for pupil in pupils:
            add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    return school, office, form, pupils


def whole(stage: Stage, at: datetime, answer: str = "in", key: uuid.UUID | None = None) -> Any:
    school, office, form, pupils = stage
    return hand_in_form(
        school=school, actor=office, at=at, form=form, answers={pupil.pk: answer for pupil in pupils},
        counted=len(pupils) if answer == "in" else 0, switched_off=True, submission=key or uuid.uuid4(),
    )  # fmt: skip


def test_hand_in_form_and_a_desk_scan_at_once_make_one_stay_each(stage: Stage, at: datetime) -> None:
    """Whoever is second is told: the desk “already in”, the form that the count no longer fits."""
    school, office, _, pupils = stage

    def scan() -> Any:
        return hand_in_device(
            school=school, actor=office, at=at, pupil=pupils[3], switched_off=True, submission=uuid.uuid4()
        )

    form, desk = at_once(school, lambda: whole(stage, at), scan)
    with scope(school=school):
        stays = CustodyRecord.objects.filter(closed_at__isnull=True)
        if isinstance(form, CountDiffers):
            assert stays.get() == desk
        else:
            assert type(desk).__name__ == "DeviceAlreadyInCustody", (form, desk)
            assert stays.count() == len(pupils)
        assert len(set(stays.values_list("slot", flat=True))) == stays.count()


def test_hand_in_form_twice_at_once_records_it_once(stage: Stage, at: datetime) -> None:
    school, _, _, pupils = stage
    results = at_once(school, lambda: whole(stage, at), lambda: whole(stage, at))
    assert sorted(type(result).__name__ for result in results) == ["CountDiffers", "FormRecorded"], results
    with scope(school=school):
        assert CustodyRecord.objects.count() == len(pupils)


def test_hand_in_form_same_key_at_once_is_one_act(stage: Stage, at: datetime) -> None:
    """F18"""
    school, _, _, pupils = stage
    key = uuid.uuid4()
    results = at_once(school, *[lambda: whole(stage, at, key=key)] * 3)
    assert {type(result).__name__ for result in results} == {"FormRecorded"}, results
    with scope(school=school):
        assert CustodyRecord.objects.count() == len(pupils)


def test_hand_in_form_and_others_at_once_never_share_a_slot(stage: Stage, at: datetime) -> None:
    """DEV-06: a form without usual slots beside desks that look for free ones."""
    school, office, _, pupils = stage
    with scope(school=school):
        others = [make_pupil(school) for _ in range(4)]
        kind = pupils[0].devices.first().type
        for pupil in others:
            add_device(school=school, actor=None, at=at, pupil=pupil, type=kind)

    def scan(pupil: Pupil) -> Any:
        return hand_in_device(school=school, actor=office, at=at, pupil=pupil, switched_off=True)

    results = at_once(school, lambda: whole(stage, at), *[lambda one=pupil: scan(one) for pupil in others])
    assert not [result for result in results if isinstance(result, Exception)], results
    with scope(school=school):
        slots = list(CustodyRecord.objects.values_list("slot", flat=True))
        assert len(set(slots)) == len(slots) == 10


def test_hand_in_form_and_a_declaration_at_once_is_one_declaration(stage: Stage, at: datetime) -> None:
    """DEV-11: the constraint stops the second; it looks again and finds it said."""
    school, office, _, pupils = stage

    def say() -> Any:
        return declare_no_device(school=school, actor=office, at=at, pupil=pupils[0])

    results = at_once(school, lambda: whole(stage, at, "no_device"), say)
    assert not [result for result in results if isinstance(result, Exception)], results
    with scope(school=school):
        assert NoDeviceDeclaration.objects.count() == len(pupils)


def test_record_pasted_same_pupils_at_once_are_marked_once(stage: Stage, at: datetime) -> None:
    school, office, _, pupils = stage

    def paste(keys: list[int]) -> Any:
        return record_pasted(school=school, actor=office, at=at, act=PasteAct.ABSENT, pupils=keys)

    keys = [pupil.pk for pupil in pupils]
    results = at_once(school, lambda: paste(keys), lambda: paste(keys[::-1]))
    assert not [result for result in results if isinstance(result, Exception)], results
    with scope(school=school):
        assert DayMark.objects.count() == len(pupils)


def test_return_form_and_a_desk_at_once_gives_each_back_once(stage: Stage, at: datetime) -> None:
    """DEV-07"""
    school, office, form, pupils = stage
    with scope(school=school):
        whole(stage, at)
        stays = list(CustodyRecord.objects.order_by("pk"))
    later = at.replace(hour=15, minute=30)

    def all_of_them() -> Any:
        return return_form(
            school=school, actor=office, at=later, form=form, custody=[stay.pk for stay in stays], counted=len(stays)
        )

    def one() -> Any:
        return return_device(school=school, actor=office, at=later, custody=stays[2])

    results = at_once(school, all_of_them, one)
    told = sorted(type(result).__name__ for result in results)
    assert told in (["FormReturned", "NotInCustody"], ["CountDiffers", "CustodyRecord"]), results
