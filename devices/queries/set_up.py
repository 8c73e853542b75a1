"""How far a school is with the two lines of its set-up list that are about devices."""

from __future__ import annotations

from core.people.hooks import TaskState
from core.people.models import School
from devices.models import CustodyRecord
from devices.queries.register import daily_places


def storage_state(school: School) -> TaskState:
    """Done when there is a place to put the day's devices in."""
    number = daily_places(school).count()
    return TaskState(number > 0, f"{number} place{'' if number == 1 else 's'} for the day’s devices." if number else "")


def first_hand_in_state(school: School) -> TaskState:
    """Done when one device has been handed in."""
    return TaskState(CustodyRecord.objects.filter(school=school).exists())
