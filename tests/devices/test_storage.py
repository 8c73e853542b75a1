"""Places, slots and kinds of device: what the operations do, what they refuse, what the database enforces (DEV-06)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from core.audit.models import Entry
from core.kit.refusals import ChangedMeanwhile
from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from devices.enums import PlaceKind, PlacePurpose, SlotState
from devices.models import CustodyRecord, DeviceType, PupilDevice, Slot, StoragePlace
from devices.operations import (
    PlaceClosed,
    PlaceNameTaken,
    PlaceNotEmpty,
    ReasonNeeded,
    SafeMustLock,
    SlotTaken,
    TooManySlots,
    TypeNameTaken,
    add_device,
    add_place,
    add_slots,
    change_device_type,
    change_place,
    close_place,
    hand_in_device,
    seed_device_types,
    set_slot_state,
)
from tests.factories import make_pupil


def place_of(school: School, at: datetime, **changes: Any) -> StoragePlace:
    values = {"name": "Cupboard", "kind": PlaceKind.LOCKED_PLACE, "lockable": True, "purpose": PlacePurpose.DAILY}
    return add_place(school=school, actor=None, at=at, **(values | {"slots": 3} | changes))


def test_add_place_numbers_its_slots_from_one_with_codes_of_their_own(school: School, at: datetime) -> None:
    """DEV-06"""
    place = place_of(school, at)
    slots = list(Slot.objects.filter(place=place))
    assert [slot.label for slot in slots] == ["1", "2", "3"]
    assert len({slot.code for slot in slots}) == 3
    assert Slot.history.filter(place_id=place.pk).count() == 3


def test_add_place_by_a_teacher_is_not_permitted(school: School, teacher_user: User, at: datetime) -> None:
    """ORG-10"""
    with pytest.raises(NotPermitted):
        add_place(
            school=school, actor=teacher_user, at=at, name="Drawer", kind="office", lockable=True, purpose="daily"
        )
    assert not StoragePlace.objects.exists()
    assert Entry.objects.filter(action="devices.add_place", outcome="refused").exists()


def test_add_place_same_submission_twice_makes_one(school: School, office_user: User, at: datetime) -> None:
    """Security §5.11: a double click is one act."""
    key = uuid4()
    made = [
        add_place(
            school=school,
            actor=office_user,
            at=at,
            name="Drawer",
            kind="office",
            lockable=False,
            purpose="daily",
            slots=2,
            submission=key,
        )
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert Slot.objects.count() == 2


def test_add_place_name_in_use_is_refused_whatever_its_case(school: School, at: datetime) -> None:
    """DEV-06"""
    place_of(school, at)
    with pytest.raises(PlaceNameTaken, match="already a place called CUPBOARD"):
        place_of(school, at, name="CUPBOARD")


@pytest.mark.parametrize("kind", [PlaceKind.SAFE, PlaceKind.LOCKED_PLACE])
def test_add_place_safe_that_does_not_lock_is_refused_twice_over(school: School, at: datetime, kind: str) -> None:
    """DEV-06: by the operation in words, by the database in any case."""
    with pytest.raises(SafeMustLock):
        place_of(school, at, kind=kind, lockable=False)
    with pytest.raises(IntegrityError, match="devices_storageplace_safe_locks"), transaction.atomic():
        StoragePlace.objects.create(school=school, name="Odd", kind=kind, lockable=False)


def test_change_place_opened_before_another_saved_is_refused(school: School, office_user: User, at: datetime) -> None:
    """House §4.5: two writers, one true record."""
    place = place_of(school, at)
    values = {"kind": PlaceKind.SAFE, "lockable": True, "purpose": PlacePurpose.DAILY}
    change_place(school=school, actor=office_user, at=at, place=place, name="Big safe", version=1, **values)
    with pytest.raises(ChangedMeanwhile):
        change_place(school=school, actor=office_user, at=at, place=place, name="Small safe", version=1, **values)
    place.refresh_from_db()
    assert (place.name, place.version) == ("Big safe", 2)


def test_change_place_keeps_old_and_new_in_the_record(school: School, office_user: User, at: datetime) -> None:
    """ORG-09"""
    place = place_of(school, at)
    change_place(
        school=school, actor=office_user, at=at, place=place, name="Safe", kind="safe", lockable=True, purpose="daily"
    )
    entry = Entry.objects.get(action="devices.change_place")
    assert (entry.detail["old"]["name"], entry.detail["new"]["name"]) == ("Cupboard", "Safe")


def test_add_slots_goes_on_from_the_last_number(school: School, office_user: User, at: datetime) -> None:
    """DEV-06"""
    place = place_of(school, at)
    add_slots(school=school, actor=office_user, at=at, place=place, slots=2)
    assert [slot.number for slot in Slot.objects.filter(place=place)] == [1, 2, 3, 4, 5]


def test_add_slots_beyond_the_most_a_place_has_is_refused(school: School, office_user: User, at: datetime) -> None:
    place = place_of(school, at)
    with pytest.raises(TooManySlots, match="2,000"):
        add_slots(school=school, actor=office_user, at=at, place=place, slots=1998)
    assert Slot.objects.count() == 3


def test_close_place_while_it_holds_a_device_is_refused(
    phone: PupilDevice, safe: StoragePlace, office_user: User, at: datetime
) -> None:
    """DEV-06"""
    hand_in_device(school=safe.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    with pytest.raises(PlaceNotEmpty):
        close_place(school=safe.school, actor=office_user, at=at, place=safe)


def test_close_place_then_changing_it_is_refused(school: School, office_user: User, at: datetime) -> None:
    place = place_of(school, at)
    close_place(school=school, actor=office_user, at=at, place=place)
    with pytest.raises(PlaceClosed, match="closed on 23 November 2026"):
        add_slots(school=school, actor=office_user, at=at, place=place, slots=1)
    with pytest.raises(PlaceClosed):
        close_place(school=school, actor=office_user, at=at, place=place)


def test_set_slot_state_out_of_use_needs_a_reason(safe: StoragePlace, office_user: User, at: datetime) -> None:
    """DEV-06: by the operation in words, by the database in any case."""
    slot = Slot.objects.get(place=safe, number=1)
    with pytest.raises(ReasonNeeded):
        set_slot_state(school=safe.school, actor=office_user, at=at, slot=slot, state=SlotState.OUT_OF_USE)
    slot.state = SlotState.OUT_OF_USE
    with pytest.raises(IntegrityError, match="devices_slot_out_of_use_has_reason"), transaction.atomic():
        slot.save()


def test_set_slot_state_while_it_holds_a_device_is_refused(
    phone: PupilDevice, safe: StoragePlace, office_user: User, at: datetime
) -> None:
    stay = hand_in_device(school=safe.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    assert stay.slot is not None
    with pytest.raises(PlaceNotEmpty, match=f"Slot {stay.slot.label} holds a device"):
        set_slot_state(
            school=safe.school, actor=office_user, at=at, slot=stay.slot, state=SlotState.OUT_OF_USE, reason="Bent"
        )


def test_set_slot_state_out_of_use_is_passed_over_by_the_desk_and_comes_back(
    phone: PupilDevice, safe: StoragePlace, office_user: User, at: datetime
) -> None:
    """DEV-06"""
    school, first = safe.school, Slot.objects.get(place=safe, number=1)
    set_slot_state(school=school, actor=office_user, at=at, slot=first, state=SlotState.OUT_OF_USE, reason="Lid broken")
    stay = hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    assert stay.slot is not None and stay.slot.label == "2"
    back = set_slot_state(school=school, actor=office_user, at=at, slot=first, state=SlotState.USABLE, reason="Lid")
    assert (back.state, back.out_of_use_reason) == (SlotState.USABLE, "")


def test_slot_holds_one_device_at_a_time(
    phone: PupilDevice, safe: StoragePlace, types: dict[str, Any], office_user: User, at: datetime
) -> None:
    """DEV-06: the second device is refused in words, and by the database in any case."""
    school = safe.school
    stay = hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    other = make_pupil(school)
    second = add_device(school=school, actor=None, at=at, pupil=other, type=types["phone"])
    with pytest.raises(SlotTaken, match="holds another device"):
        hand_in_device(school=school, actor=office_user, at=at, pupil=other, switched_off=True, slot=stay.slot)
    stay.pk = None
    stay._state.adding = True
    stay.device, stay.pupil = second, other
    with pytest.raises(IntegrityError, match="devices_custody_one_device_per_slot"), transaction.atomic():
        stay.save(force_insert=True)
    assert CustodyRecord.objects.count() == 1


def test_slot_numbers_and_codes_are_unique(safe: StoragePlace, at: datetime) -> None:
    """DEV-06: a code is unique in a school, a number in a place."""
    first = Slot.objects.get(place=safe, number=1)
    with pytest.raises(IntegrityError, match="devices_slot_code_unique"), transaction.atomic():
        Slot.objects.create(school=safe.school, place=safe, number=99, label="99", code=first.code)
    with pytest.raises(IntegrityError, match="devices_slot_number_unique"), transaction.atomic():
        Slot.objects.create(school=safe.school, place=safe, number=1, label="1")


def test_seed_device_types_twice_adds_nothing_the_second_time(school: School, office_user: User, at: datetime) -> None:
    """DEV-01"""
    first = seed_device_types(school=school, actor=office_user, at=at)
    assert {kind.key for kind in first} >= {"phone", "tablet", "e_reader", "console", "smartwatch", "earphones"}
    assert seed_device_types(school=school, actor=office_user, at=at) == []
    assert DeviceType.objects.count() == len(first)


def test_seed_device_types_by_a_teacher_is_not_permitted(school: School, teacher_user: User, at: datetime) -> None:
    with pytest.raises(NotPermitted):
        seed_device_types(school=school, actor=teacher_user, at=at)


def test_change_device_type_name_of_another_kind_is_refused(
    types: dict[str, Any], school: School, office_user: User, at: datetime
) -> None:
    """DEV-01"""
    flags = dict.fromkeys(("communicates", "goes_online", "records_sound", "records_pictures"), False)
    with pytest.raises(TypeNameTaken):
        change_device_type(
            school=school, actor=office_user, at=at, device_type=types["earphones"], label="phone", **flags
        )


def test_retire_device_late_in_the_evening_counts_the_london_day(
    phone: PupilDevice, pupil: Pupil, office_user: User, at: datetime
) -> None:
    """House §4.10: just after midnight in summer is still the day before in UTC."""
    from zoneinfo import ZoneInfo

    from devices.operations import DeviceIsRetired, retire_device

    midnight = datetime(2026, 6, 30, 0, 20, tzinfo=ZoneInfo("Europe/London")).astimezone(ZoneInfo("UTC"))
    device = retire_device(school=pupil.school, actor=office_user, at=midnight, device=phone)
    assert device.retired_on is not None and device.retired_on.isoformat() == "2026-06-30"
    with pytest.raises(DeviceIsRetired, match="30 June 2026"):
        retire_device(school=pupil.school, actor=office_user, at=at, device=phone)
