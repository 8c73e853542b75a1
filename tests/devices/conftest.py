"""A school whose desk is open: kinds of device, a place with slots, a pupil with a phone."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.people.models import Pupil, School
from devices.enums import PlaceKind, PlacePurpose
from devices.models import PupilDevice, StoragePlace
from devices.operations import add_device, add_place, seed_device_types


@pytest.fixture
def safe(school: School, at: datetime) -> StoragePlace:
    """A safe with five slots."""
    return add_place(
        school=school,
        actor=None,
        at=at,
        name="Office safe",
        kind=PlaceKind.SAFE,
        lockable=True,
        purpose=PlacePurpose.DAILY,
        slots=5,
    )


@pytest.fixture
def types(school: School, at: datetime) -> dict[str, object]:
    return {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}


@pytest.fixture
def phone(pupil: Pupil, types: dict[str, object], safe: StoragePlace, at: datetime) -> PupilDevice:
    """Amara's phone, with a safe to put it in."""
    return add_device(school=pupil.school, actor=None, at=at, pupil=pupil, type=types["phone"], colour="black")
