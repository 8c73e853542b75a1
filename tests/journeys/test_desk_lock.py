"""Taking turns at a shared desk by keyboard, in a real browser: two keys lock it, seven open it for somebody else."""

from __future__ import annotations

import pytest
from django_scopes import scope
from playwright.sync_api import expect

from core.people.roles import Role
from devices.models import CustodyRecord
from tests.factories import make_user
from tests.journeys.conftest import Visit, World, findings, sign_in
from tests.journeys.test_office_logs_arrivals import Keys

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("path", ["arrivals", "hand-back"])
def test_desk_changes_hands_with_two_keys_and_seven(world: World, visit: Visit, live_server: object, path: str) -> None:
    """ux 8 (Esc Esc, 2 keys and 1 s; PIN + Enter, 7 keys and 5 s), security 5.5: the scan box is ready again."""
    first, second = world.person(Role.OFFICE), make_user(Role.OFFICE, world.school, family_name="Bewick")
    page = visit(world.person(Role.ADMINISTRATOR), "/harbour-view/people/desks/", scan=True)
    page.get_by_label("Name of this computer").fill("Front office PC")
    page.get_by_role("button", name="Enrol this computer").click()
    expect(page.get_by_text("This computer is enrolled as Front office PC").first).to_be_visible()

    sign_in(page.context, second, live_server.url)  # type: ignore[attr-defined]
    page.goto("/account/desk-pin/")
    page.get_by_role("button", name="Get a PIN").click()
    pin = page.locator(".pin-shown").inner_text()
    assert findings(page) == []

    sign_in(page.context, first, live_server.url)  # type: ignore[attr-defined]
    page.goto(f"/harbour-view/devices/{path}/")
    box, keys = page.locator("[data-desk-box]"), Keys(page)
    expect(box).to_be_focused()

    keys.press("Escape", "Escape")
    field = page.get_by_label("Your desk PIN")
    expect(field).to_be_focused()
    assert keys.pressed == 2
    assert findings(page) == []
    expect(page.get_by_text("Kovacs")).to_have_count(0)

    keys.press(*("111117" if pin != "111117" else "111118"), "Enter")
    expect(page.get_by_text("That PIN is not right")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    assert findings(page) == []

    keys.pressed = 0
    keys.press(*pin, "Enter")
    expect(box).to_be_focused()
    assert keys.pressed == 7
    assert page.url.endswith(f"/devices/{path}/")
    expect(page.locator("header")).to_contain_text("Bewick")
    page.wait_for_load_state()  # the desk's own scripts have come
    assert findings(page) == []

    if path == "arrivals":
        keys.scan(world.pupils[0].code)
        expect(page.locator("#desk-outcome")).to_contain_text("Is it off?")
        page.keyboard.press("Enter")
        expect(page.locator("#desk-outcome [data-outcome=ok]")).to_be_visible()
        with scope(school=world.school):
            assert {event.by_id for event in CustodyRecord.objects.get().events.all()} == {second.pk}
    page.goto("/harbour-view/people/pupils/")
    expect(page.get_by_text("This desk was opened with a PIN")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Sign in with password").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert [breach for breach in page.breaches if "axe" not in breach] == []  # type: ignore[attr-defined]
