"""“Record a breach” on a phone, in a real browser: the taps counted, with scripts and without."""

from __future__ import annotations

import time

import pytest
from django_scopes import scope
from playwright.sync_api import expect

from core.people.roles import Role
from devices.models import Confiscation
from incidents.models import Incident
from tests.journeys.conftest import Visit, World, findings
from tests.journeys.test_staff_take_a_device import PHONE, SECONDS, TAPS, Thumb

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(("scripts", "takes"), [(True, False), (True, True), (False, True)])
def test_staff_record_a_breach_in_four_taps(transactional_db: None, visit: Visit, scripts: bool, takes: bool) -> None:
    """DEV-13, DEV-22, CNF-02: pupil, what, where, done; with the device taken in the same act it is no tap more."""
    world = World()
    pupil = world.pupils[0]
    page = visit(
        world.person(Role.TEACHER), f"/harbour-view/devices/may-use/{pupil.pk}/", java_script_enabled=scripts, **PHONE
    )
    thumb, begun = Thumb(page), time.monotonic()
    thumb.tap(page.get_by_role("link", name="Record a breach"))
    thumb.tap(page.get_by_text("Device kept on the person"))
    thumb.tap(page.get_by_text("Corridor"))
    thumb.tap(page.get_by_role("button", name="Record it, and the device as taken" if takes else "Record the breach"))
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
    assert (thumb.taps <= TAPS, time.monotonic() - begun < SECONDS) == (True, True)
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert not findings(page)
    with scope(school=world.school):
        case = Incident.objects.get()
        assert (case.custody is not None, Confiscation.objects.count()) == (takes, int(takes))
    assert not page.breaches  # type: ignore[attr-defined]
