"""The pages of families that a link leads to, in a real browser at 360 pixels: closed, stopped, asked anew, refused."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from django_scopes import scope
from playwright.sync_api import Browser, expect

from agreements.models import ImageConsent, SigningLink
from agreements.operations.consent_links import send_consent_form
from tests.agreements.test_link_attacks import World
from tests.journeys.conftest import findings

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_family_answers_about_images_and_finds_its_way_from_a_closed_link(
    scripts: bool, browser: Browser, live_server: Any
) -> None:
    """CON-01, AGR-07, security 5.3, ux 6: axe finds nothing, nothing scrolls sideways, and no script is needed."""
    world = World()
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=scripts, color_scheme="dark"
    )
    page = context.new_page()
    seen: list[str] = []

    def judge(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        if scripts:
            seen.extend(findings(page))
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            seen.append(f"{page.url} scrolls sideways")

    def press(name: str, leads_to: str) -> None:
        page.get_by_role("button", name=name).first.click()
        judge(leads_to)

    def follow(name: str, leads_to: str) -> None:
        page.get_by_role("link", name=name, exact=True).first.click()
        judge(leads_to)

    start = live_server.url
    page.goto(f"{start}{world.path(secrets.token_urlsafe(32))}/")
    judge("This page is closed")
    press("Send me a new link", "Look at your email")

    page.goto(f"{start}{world.path(world.send())}/")
    judge("Something for you to read")
    press("Start", "Home-school agreement")
    follow("Print it large", "Home-school agreement")
    follow("Back", "Home-school agreement")
    press("Check your answers", "Home-school agreement")
    expect(page.get_by_role("link", name="Choose whether you agree")).to_be_visible()
    page.goto(start + world.path())
    follow("This is not my child", "Not your child?")
    press("This is not my child", "Thank you for telling us")
    page.goto(start + world.path())
    judge("This page is closed")

    with scope(school=world.school):
        send_consent_form(school=world.school, actor=world.office, at=world.at, contacts=[world.contacts[0]])
    page.goto(f"{start}{world.path(world.token())}/")
    press("Start", "Photographs and film")
    press("Check your answers", "Photographs and film")
    for group in page.get_by_role("group").all():
        group.get_by_label("Yes").check()
    page.get_by_label("Your full name").fill("Jo Moor")
    press("Check your answers", "Check your answers")
    press("Accept and send", "Sent")
    follow("Go on to the next", "Something for you to read")
    press("Start", "Photographs and film")
    for group in page.get_by_role("group").all():
        group.get_by_label("No", exact=True).check()
    page.get_by_label("Your full name").fill("Jo Moor")
    press("Check your answers", "Check your answers")
    press("Accept and send", "Sent")
    press("Change my answer", "Look at your email")
    with scope(school=world.school):
        assert ImageConsent.objects.get(state="given").giver_name == "Jo Moor"
        assert SigningLink.objects.filter(purpose="consent", withdrawn_at__isnull=True).count() == 1
    page.goto(start + world.path())
    judge("This page is closed")
    assert not re.search("Lee|Ann", page.content())
    assert seen == []
    context.close()
