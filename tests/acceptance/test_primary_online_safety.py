"""The scenarios of the primary-online-safety preset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.people.models import School
from core.people.roles import Role
from devices.enums import Flag, State
from devices.models import BringAgreement, CustodyEvent, CustodyRecord
from devices.operations import add_device, add_place, seed_device_types
from tests.acceptance.conftest import Person, shown
from tests.factories import make_form, make_pupil


@pytest.fixture
def preset() -> str:
    return "primary-online-safety"


def test_rus_s1_a_phone_is_left_with_the_office_for_the_bus_and_may_be_used_nowhere_on_site(
    place: School, as_role: Callable[[Role], Person], clock: Callable[[int, int], None], at: datetime
) -> None:
    """RUS-S1, this side of the counter (DEV-02, DEV-13, DEV-37): given a child who travels by bus, when a phone is
    left with office staff, then it is stored without prior approval and the reason is kept; seen with a phone on any
    part of the site, the answer is that it is not allowed there."""
    types = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    add_place(school=place, actor=None, at=at, name="Office", kind="office", lockable=True, purpose="daily", slots=5)
    theo = make_pupil(place, "Theo", "Marsh", form=make_form(place, "Year 5", year=5))
    device = add_device(school=place, actor=None, at=at, pupil=theo, type=types["phone"])
    office, teacher = as_role(Role.OFFICE), as_role(Role.TEACHER)

    left = office.sends("devices/arrivals/", code="theo")
    assert left.status_code == 200
    stay = CustodyRecord.objects.get()
    assert stay.state == State.STORED
    assert not BringAgreement.objects.exists()
    assert "Travels by bus or train" in shown(left), "the reason is asked beside the record, not before it"

    office.sends("devices/arrivals/", custody=stay.pk, bring_reason="travel")
    stay.refresh_from_db()
    device.refresh_from_db()
    assert stay.get_bring_reason_display() == device.get_bring_reason_display() == "Travels by bus or train"
    assert Flag.NO_REASON not in stay.flags
    assert "travels by bus" in CustodyEvent.objects.filter(custody=stay).last().note

    for hour, minute in ((8, 45), (10, 40), (12, 30), (14, 0)):
        clock(hour, minute)
        answer = shown(teacher.opens(f"devices/may-use/{theo.pk}/"))
        assert "Not allowed" in answer, (hour, minute)
