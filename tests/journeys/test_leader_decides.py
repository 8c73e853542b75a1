"""A senior leader decides on a phone between meetings (ux W8): from home to the decision in five taps at most."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django_scopes import scope
from playwright.sync_api import expect

from core.approvals.enums import State
from core.approvals.models import Approval
from core.approvals.operations import Limits, discuss
from core.people.calendar import LONDON
from core.people.roles import Role
from devices.enums import UseReason
from devices.operations.permissions import Wish, ask_exceptional_use
from tests.journeys.conftest import Visit, World, findings
from tests.journeys.test_staff_take_a_device import PHONE, Thumb

pytestmark = pytest.mark.journey

AT = datetime(2026, 11, 23, 11, 30, tzinfo=LONDON)
TAPS = 5


def ask(world: World) -> None:
    """A teacher has asked, and talked it over with the family."""
    teacher, day = world.person(Role.TEACHER), AT.date()
    with scope(school=world.school):
        row = ask_exceptional_use(
            school=world.school, actor=teacher, at=AT, pupil=world.pupils[0],
            wish=Wish(UseReason.MEDICAL_MONITORING, "Zephyrglow alarms", device_words="black phone"),
            limits=Limits(functions=["the monitoring app"]), starts_on=day, ends_on=day + timedelta(days=9),
        ).approval  # fmt: skip
        discuss(school=world.school, actor=teacher, at=AT, approval=row, discussed_on=day, discussed_with="mother")


@pytest.mark.parametrize("scripts", [True, False])
def test_leader_decides_in_five_taps(transactional_db: None, visit: Visit, scripts: bool) -> None:
    """ux W8, law AP-7: the card on home leads to the one that waits; GET shows, POST decides; a refusal says why."""
    with time_machine.travel(AT, tick=True):
        world = World()
        ask(world)
        page = visit(world.person(Role.SLT), "/harbour-view/", java_script_enabled=scripts, **PHONE)
        thumb = Thumb(page)
        thumb.tap(page.get_by_role("main").get_by_role("link", name="Exceptional use of a device: 1 waits for you"))
        expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
        expect(page.get_by_text("Zephyrglow alarms")).to_be_visible()
        thumb.tap(page.get_by_role("button", name="Refuse"))
        expect(page.get_by_text("Say why it is refused.").first).to_be_visible()
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") == 360
            assert not findings(page)
        thumb.tap(page.get_by_role("button", name="Approve"))
        expect(page.get_by_role("heading", name="Permissions", level=1)).to_be_visible()
        assert thumb.taps <= TAPS
        if scripts:
            assert not findings(page)
        with scope(school=world.school):
            assert Approval.objects.get().state == State.LIVE
    assert not page.breaches  # type: ignore[attr-defined]
