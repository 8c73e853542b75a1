"""A parent signs on a telephone, with and without JavaScript: seven taps at most, and a light first page (ux 8)."""

from __future__ import annotations

from typing import Any

import pytest
from django_scopes import scope
from playwright.sync_api import Browser, Locator, Page, expect

from agreements.models import Signature
from tests.agreements.test_link_attacks import World
from tests.journeys.conftest import findings

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

MOST_TAPS = 7
MOST_BYTES = 100_000


def draw_on(page: Page, pad: Locator) -> None:
    """A line across the pad, and a dot."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=8)
    page.mouse.up()
    page.mouse.click(box["x"] + 100, box["y"] + 70)
    expect(pad.locator("path")).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_parent_signs_within_seven_taps(scripts: bool, browser: Browser, live_server: Any) -> None:
    """AGR-07, ux W9: open, start, tick, agree, name, check, send; drawn too where a script runs; the first page weighs
    at most 100 kB."""
    world = World()
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=scripts, has_touch=True, color_scheme="dark"
    )
    page = context.new_page()
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(0 if answer.status == 302 else len(answer.body())))
    taps = 0

    def tap(what: Locator, leads_to: str = "") -> None:
        nonlocal taps
        what.tap()
        taps += 1
        if leads_to:
            expect(page.get_by_role("heading", level=1)).to_contain_text(leads_to)
        if scripts:
            assert findings(page) == []

    page.goto(live_server.url + world.path(f"{world.send()}/"))
    page.wait_for_load_state("networkidle")
    assert 0 < sum(weights) <= MOST_BYTES
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tap(page.get_by_role("button", name="Start").first, "Home-school agreement")
    tap(page.get_by_label("I have read points 1 to 3."))
    tap(page.get_by_label("I agree", exact=True))
    page.get_by_label("Your full name").fill("Jo Moor")
    pad = page.get_by_role("img", name="Draw your signature too")
    expect(pad).to_be_visible(visible=scripts)  # who has no script misses a drawing that nobody has to make
    if scripts:
        for _ in range(2):
            draw_on(page, pad)
            page.get_by_role("button", name="Clear the drawing").tap()
            expect(pad.locator("path")).to_have_count(0)
        draw_on(page, pad)
        assert findings(page) == []
    tap(page.get_by_role("button", name="Check your answers"), "Check your answers")
    tap(page.get_by_role("button", name="Accept and send"), "Sent")
    assert taps <= MOST_TAPS
    assert world.signed() == 1
    with scope(school=world.school):
        (signature,) = Signature.objects.all()
    assert signature.mark_kind == ("drawn" if scripts else "typed")
    assert bool(signature.mark) == scripts
    context.close()
