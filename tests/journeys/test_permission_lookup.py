"""A teacher looks a pupil up on a phone, in a real browser: allowed or not, and within which limits, in four taps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django_scopes import scope
from playwright.sync_api import expect

from core.approvals.operations import Limits, approve, discuss
from core.people.calendar import LONDON
from core.people.roles import Role
from devices.enums import UseReason
from devices.operations.permissions import Wish, ask_exceptional_use
from tests.journeys.conftest import Visit, World, findings
from tests.journeys.test_staff_take_a_device import PHONE, TAPS, Thumb

pytestmark = pytest.mark.journey

AT = datetime(2026, 11, 23, 11, 30, tzinfo=LONDON)


def permit(world: World) -> None:
    """Under these rules it holds once a senior leader has approved it."""
    teacher, leader, day = world.person(Role.TEACHER), world.person(Role.SLT), AT.date()
    with scope(school=world.school):
        row = ask_exceptional_use(
            school=world.school, actor=teacher, at=AT, pupil=world.pupils[0],
            wish=Wish(UseReason.MEDICAL_MONITORING, "Zephyrglow alarms", device_words="black phone"),
            limits=Limits(functions=["the monitoring app"], kept="in the blazer pocket"),
            starts_on=day, ends_on=day + timedelta(days=9),
        ).approval  # fmt: skip
        discuss(school=world.school, actor=teacher, at=AT, approval=row, discussed_on=day, discussed_with="mother")
        approve(school=world.school, actor=leader, at=AT, approval=row)


@pytest.mark.parametrize("scripts", [True, False])
def test_staff_look_a_pupil_up_in_four_taps(transactional_db: None, visit: Visit, scripts: bool) -> None:
    """DEV-13, DEV-35, AGR-15, law AP-6: one search, the answer and its limits; what else it is for, and never why."""
    with time_machine.travel(AT, tick=True):
        world = World()
        permit(world)
        page = visit(world.person(Role.SUPPORT), "/harbour-view/devices/may-use/", java_script_enabled=scripts, **PHONE)
        thumb = Thumb(page)
        box = page.get_by_role("main").get_by_role("textbox").first
        thumb.tap(box)
        box.fill("amara")
        thumb.tap(page.get_by_role("button", name="May they use it?"))
        answer = page.get_by_role("main")
        expect(answer.get_by_text("With the pupil by agreement.")).to_be_visible()
        expect(answer.get_by_text("For: the monitoring app")).to_be_visible()
        assert thumb.taps == 2
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") == 360
            assert not findings(page)
        page.get_by_label("What for").select_option("Something else")
        thumb.taps += 1
        thumb.tap(page.get_by_role("button", name="Ask again"))
        expect(answer.get_by_text("There is a permission, but not for this.")).to_be_visible()
        assert thumb.taps <= TAPS
        assert "monitoring" not in page.url and "Zephyrglow" not in page.content()
    assert not page.breaches  # type: ignore[attr-defined]
