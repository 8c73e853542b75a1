"""“I have taken a device” on a phone, in a real browser: the taps counted, with and without scripts, by keyboard."""

from __future__ import annotations

import time

import pytest
from django_scopes import scope
from playwright.sync_api import Locator, Page, expect

from core.people.roles import Role
from devices.models import Confiscation
from tests.journeys.conftest import Visit, World, findings

pytestmark = pytest.mark.journey

TAPS, SECONDS = 4, 10
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


class Thumb:
    """Somebody with a phone in the other hand: each tap counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: Locator) -> None:
        what.tap()
        self.taps += 1


def plain_case(page: Page) -> int:
    """From the answer to "may they use it?" to the page that says what happens next."""
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name="I have taken a device"))
    thumb.tap(page.get_by_text("Used during the school day"))
    thumb.tap(page.get_by_text("Corridor"))
    thumb.tap(page.get_by_role("button", name="Record it as taken"))
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
    return thumb.taps


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("preset", ["phone-free-agreement", "group-locked-storage", "primary-by-agreement"])
def test_staff_take_a_device_in_four_taps(transactional_db: None, visit: Visit, preset: str, scripts: bool) -> None:
    """CNF-01, CNF-02: at 360 pixels in four taps, within ten seconds, with scripts and without."""
    world = World(preset=preset)
    pupil = world.pupils[0]
    page = visit(
        world.person(Role.TEACHER), f"/harbour-view/devices/may-use/{pupil.pk}/", java_script_enabled=scripts, **PHONE
    )
    begun = time.monotonic()
    taps = plain_case(page)
    assert (taps, time.monotonic() - begun < SECONDS) == (TAPS, True)
    assert page.evaluate("document.documentElement.scrollWidth") == 360 if scripts else True
    with scope(school=world.school):
        assert Confiscation.objects.get().pupil == pupil
    assert not page.breaches  # type: ignore[attr-defined]


def test_staff_take_a_device_by_keyboard_and_nothing_is_wrong_with_the_page(world: World, visit: Visit) -> None:
    """The form by keyboard alone; what axe finds, with everything unfolded and with what is missing."""
    page = visit(world.person(Role.TEACHER), f"/harbour-view/devices/take/{world.pupils[0].pk}/", scan=True, **PHONE)
    page.get_by_role("button", name="Record it as taken").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Choose what led to it")).to_be_visible()
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    assert not findings(page)
    page.get_by_label("Used during the school day").focus()
    page.keyboard.press("Space")
    page.get_by_label("Corridor").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Record it as taken").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
    assert not findings(page)
