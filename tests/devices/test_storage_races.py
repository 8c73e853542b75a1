"""Two people who set up storage at once: the database lets one win, the other reads a plain sentence (DEV-06)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django_scopes import scope

from core.people.models import School, User
from devices.models import DeviceType, Slot, StoragePlace
from devices.operations import PlaceNameTaken, add_place, add_slots, seed_device_types
from tests.devices.test_races import at_once
from tests.factories import make_school, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(at: datetime) -> tuple[School, User, User]:
    school = make_school("harbour-view")
    return school, make_user("office", school), make_user("office", school)


def test_add_slots_two_writers_get_numbers_of_their_own(office: Any, at: datetime) -> None:
    """DEV-06: numbers run on without a gap and without a clash."""
    school, one, two = office
    with scope(school=school):
        place = add_place(
            school=school, actor=one, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=2
        )
        results = at_once(
            school,
            lambda: add_slots(school=school, actor=one, at=at, place=place, slots=10),
            lambda: add_slots(school=school, actor=two, at=at, place=place, slots=10),
        )
        assert not [result for result in results if isinstance(result, Exception)]
        assert list(Slot.objects.values_list("number", flat=True).order_by("number")) == list(range(1, 23))


def test_add_place_two_writers_with_one_name_leave_one_place(office: Any, at: datetime) -> None:
    """DEV-06"""
    school, one, two = office

    def add(actor: User) -> StoragePlace:
        return add_place(
            school=school, actor=actor, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=5
        )

    results = at_once(school, lambda: add(one), lambda: add(two))
    refused = [result for result in results if isinstance(result, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], PlaceNameTaken)
    with scope(school=school):
        assert StoragePlace.objects.count() == 1
        assert Slot.objects.count() == 5


def test_seed_device_types_two_writers_make_one_list(office: Any, at: datetime) -> None:
    """DEV-01"""
    school, one, two = office
    results = at_once(
        school,
        lambda: seed_device_types(school=school, actor=one, at=at),
        lambda: seed_device_types(school=school, actor=two, at=at),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    with scope(school=school):
        keys = list(DeviceType.objects.values_list("key", flat=True))
        assert len(keys) == len(set(keys)) > 5
