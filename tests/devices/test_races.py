"""Two writers at once, on real connections: each ends in one true record and a plain sentence (F18, F21)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django_scopes import scope

from core.kit.refusals import Refusal
from core.people.models import Pupil, School, User
from devices.enums import EarlyReason
from devices.models import CustodyRecord, DeviceType, NoDeviceDeclaration
from devices.operations import (
    add_device,
    add_place,
    declare_no_device,
    hand_in_device,
    return_device,
    seed_device_types,
)
from tests.factories import make_pupil, make_school, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(school: School, *acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread of its own, started together; returns results and refusals in order."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(position: int, act: Callable[[], Any]) -> None:
        try:
            with scope(school=school):
                gate.wait()
                results[position] = act()
        except Exception as error:
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.fixture
def desk(at: datetime) -> tuple[School, User, list[Pupil]]:
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=40)
        pupils = [make_pupil(school) for _ in range(8)]
        for pupil in pupils:
            add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    return school, office, pupils


def take(desk: tuple[School, User, list[Pupil]], pupil: Pupil, at: datetime, key: uuid.UUID | None = None) -> Any:
    school, office, _ = desk
    return hand_in_device(
        school=school, actor=office, at=at, pupil=pupil, switched_off=True, submission=key or uuid.uuid4()
    )


def test_hand_in_device_two_desks_same_pupil_makes_one_stay(desk: Any, at: datetime) -> None:
    """F21: 1 custody; the second sees "already in, by …, 8:30am"."""
    school, _, pupils = desk
    for pupil in pupils:
        results = at_once(school, lambda p=pupil: take(desk, p, at), lambda p=pupil: take(desk, p, at))
        refusals = [result for result in results if isinstance(result, Exception)]
        assert [type(refusal).__name__ for refusal in refusals] == ["DeviceAlreadyInCustody"], results
        assert "Already in, 8:30am, by" in str(refusals[0])
    with scope(school=school):
        assert CustodyRecord.objects.count() == len(pupils)


def test_hand_in_device_many_pupils_at_once_never_share_a_slot(desk: Any, at: datetime) -> None:
    """DEV-06: free slots are handed out one to each."""
    school, _, pupils = desk
    results = at_once(school, *[lambda p=pupil: take(desk, p, at) for pupil in pupils])
    assert not [result for result in results if isinstance(result, Exception)], results
    assert len({stay.slot_id for stay in results}) == len(pupils)


def test_hand_in_device_same_key_fired_four_times_is_one_act(desk: Any, at: datetime) -> None:
    """F18: one row, and every answer is the same."""
    school, _, pupils = desk
    key = uuid.uuid4()
    results = at_once(school, *[lambda: take(desk, pupils[0], at, key)] * 4)
    assert {getattr(result, "pk", result) for result in results} == {results[0].pk}
    with scope(school=school):
        assert CustodyRecord.objects.count() == 1


def test_return_device_two_desks_gives_back_once(desk: Any, at: datetime) -> None:
    school, office, pupils = desk
    with scope(school=school):
        stay = take(desk, pupils[0], at)

    def give() -> Any:
        return return_device(school=school, actor=office, at=at, custody=stay, reason=EarlyReason.TRIP)

    results = at_once(school, give, give)
    assert sorted(type(result).__name__ for result in results) == ["CustodyRecord", "NotInCustody"]


def test_declare_no_device_two_desks_is_one_declaration(desk: Any, at: datetime) -> None:
    """DEV-11"""
    school, office, pupils = desk

    def say() -> Any:
        return declare_no_device(school=school, actor=office, at=at, pupil=pupils[0])

    results = at_once(school, say, say)
    assert not [result for result in results if isinstance(result, Refusal)], results
    with scope(school=school):
        assert NoDeviceDeclaration.objects.count() == 1


def test_desks_that_only_ever_choose_a_slot_at_the_same_time_are_never_told_to_try_again(
    desk: tuple[School, User, list[Pupil]], at: datetime
) -> None:
    """Scans kept without the line are taken in many a minute, each inside another act, which cannot begin again: a slot
    that another desk has just filled is seen to be full, and the next one is taken (DEV-06, F20)."""
    school, office, _pupils = desk
    with scope(school=school):
        kinds = {kind.key: kind for kind in DeviceType.objects.all()}
        add_place(
            school=school, actor=None, at=at, name="Cupboard", kind="safe", lockable=True, purpose="daily", slots=200
        )
        pupils = [make_pupil(school) for _number in range(160)]
        for pupil in pupils:
            add_device(school=school, actor=office, at=at, pupil=pupil, type=kinds["phone"])

    def stand(mine: list[Pupil]) -> Callable[[], list[int]]:
        def take_in() -> list[int]:
            slots = []
            for pupil in mine:
                with transaction.atomic():
                    slots.append(take(desk, pupil, at).slot_id)
            return slots

        return take_in

    results = at_once(school, *(stand(pupils[start::4]) for start in range(4)))
    assert [one for one in results if isinstance(one, Exception)] == []
    slots = [slot for found in results for slot in found]
    assert len(set(slots)) == len(pupils)
