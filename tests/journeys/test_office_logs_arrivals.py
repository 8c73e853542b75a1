"""A morning and an afternoon at the desk, by keyboard, in a real browser."""

from __future__ import annotations

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from core.people.roles import Role
from devices.models import CustodyRecord
from tests.journeys.conftest import Visit, World

pytestmark = pytest.mark.journey

STORED = "() => JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})"


class Keys:
    """A keyboard that counts: each key a person presses, the scanner's own left out."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def scan(self, code: str) -> None:
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def open_stays(world: World) -> int:
    with scope(school=world.school):
        return int(CustodyRecord.objects.filter(closed_at__isnull=True).count())


def test_office_logs_arrivals_by_keyboard_alone(world: World, visit: Visit) -> None:
    """W1, ux 8, DEV-04, DEV-05, DEV-12: scan + the off-check; a name in at most four letters + Enter."""
    page = visit(world.person(Role.OFFICE), "/harbour-view/devices/arrivals/")
    box, outcome = page.locator("[data-desk-box]"), page.locator("#desk-outcome")
    keys = Keys(page)
    expect(box).to_be_focused()

    keys.scan(world.pupils[0].code)
    expect(outcome).to_contain_text("Is it off?")
    expect(box).to_have_value("")
    keys.press("Enter")
    expect(outcome).to_contain_text("Amara K.")
    expect(outcome.locator("[data-outcome=ok]")).to_be_visible()
    assert keys.pressed <= 1, "a scan and one key where the rule asks for the off-check"
    expect(box).to_be_focused()
    expect(page.locator("#desk-recent li").first).to_contain_text("Amara K.")

    keys.pressed = 0
    keys.press("o", "b", "r", "Enter")
    expect(outcome).to_contain_text("Is it off?")
    keys.press("Enter")
    expect(outcome.locator("[data-outcome=ok]")).to_be_visible()
    expect(outcome).to_contain_text("Ben O.")
    assert keys.pressed <= 5
    assert open_stays(world) == 2

    keys.press("k", "o", "v", "Enter")
    expect(outcome).to_contain_text("Which one?")
    keys.press("ArrowDown", "ArrowDown", "Enter")
    expect(outcome).to_contain_text("Is it off?")
    keys.press("Enter")
    expect(outcome.locator("[data-outcome=ok]")).to_be_visible()
    expect(outcome).to_contain_text("Hana K.")
    assert open_stays(world) == 3

    keys.scan(world.pupils[0].code)
    expect(outcome).to_contain_text("Already in")
    assert open_stays(world) == 3

    stored = page.evaluate(STORED)
    for name in ("Amara", "Kovacs", "Ben", "Hana", world.pupils[0].code):
        assert name not in stored, "nothing personal in the browser's storage"
    assert page.breaches == []  # type: ignore[attr-defined]


def test_office_hands_back_by_slot(world: World, visit: Visit) -> None:
    """W3, DEV-07: the slot's number and Enter; the pupil's name is big; a mistake is corrected."""
    stay = world.hand_in(0)
    page = visit(world.person(Role.OFFICE), "/harbour-view/devices/hand-back/")
    outcome = page.locator("#desk-outcome")
    page.keyboard.type(stay.slot.label)
    page.keyboard.press("Enter")
    expect(outcome).to_contain_text("Amara K.")
    if "Early" in outcome.inner_text():
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    expect(outcome).to_contain_text("Give back")
    assert open_stays(world) == 0
    outcome.get_by_role("link", name="Correct").click()
    page.get_by_label("This device was not given back").check()
    page.get_by_label("What happened?").fill("Another slot was scanned")
    page.get_by_role("button", name="Record correction").click()
    expect(page.locator("main")).to_contain_text("Another slot was scanned")
    assert open_stays(world) == 1


def test_office_works_without_javascript(world: World, visit: Visit) -> None:
    """ux 1.10: the desk's main tasks with scripts off."""
    page = visit(world.person(Role.OFFICE), "/harbour-view/devices/arrivals/", java_script_enabled=False)
    page.locator("[data-desk-box]").fill(world.pupils[0].admission_number)
    page.get_by_role("button", name="Record hand-in").click()
    page.get_by_role("button", name="It is switched off: record it").click()
    expect(page.locator("#desk-outcome")).to_contain_text("Amara K.")
    assert open_stays(world) == 1
    page.goto("/harbour-view/devices/register/")
    expect(page.locator("main")).to_contain_text("Kovacs, Amara")


def test_two_clicks_on_the_button_make_one_record(world: World, visit: Visit) -> None:
    """security 5.11: a double submit ends in one true record."""
    page = visit(world.person(Role.OFFICE), "/harbour-view/devices/arrivals/")
    page.locator("[data-desk-box]").fill(world.pupils[0].admission_number)
    page.get_by_role("button", name="Record hand-in").dblclick()
    expect(page.locator("#desk-outcome")).to_contain_text("Is it off?")
    page.get_by_role("button", name="It is switched off: record it").dblclick()
    expect(page.locator("#desk-recent li").first).to_contain_text("Amara K.")
    assert open_stays(world) == 1


def test_the_desk_says_when_the_server_is_gone_and_sends_again(world: World, visit: Visit) -> None:
    """ux 1.4: the answer to "Is it off?" is kept as a code and sent when the line is back, with its key: one record."""
    page = visit(world.person(Role.OFFICE), "/harbour-view/devices/arrivals/")
    box = page.locator("[data-desk-box]")
    box.fill(world.pupils[0].code)
    page.keyboard.press("Enter")
    expect(page.locator("#desk-outcome")).to_contain_text("Is it off?")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#desk-recent li").first).to_contain_text("Kept")
    page.context.set_offline(False)
    expect(page.locator("#desk-outcome [data-outcome=ok]")).to_be_visible(timeout=15_000)
    assert open_stays(world) == 1


def test_any_pupil_is_found_and_a_dsl_is_two_clicks_away(world: World, visit: Visit) -> None:
    """ux 8: Ctrl+K, four letters, Enter; "tell a DSL now" within two clicks of every page."""
    from tests.factories import make_user

    make_user(Role.DSL, world.school, title="Mrs", family_name="Shah")
    page = visit(world.person(Role.OFFICE), "/harbour-view/devices/register/")
    page.keyboard.press("Control+k")
    page.keyboard.type("obri")
    expect(page.locator("[data-find]").get_by_text("Ben O’Brien").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("O’Brien")
    assert "brien" not in page.url.lower()
    page.get_by_role("link", name="Tell a DSL").first.click()
    expect(page.locator("main")).to_contain_text("Mrs Shah")
    expect(page.locator("main")).to_contain_text("999")
