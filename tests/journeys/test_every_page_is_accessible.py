"""Every page of the site in a real browser: accessible in light, dark and narrow, filled, empty and refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from django_scopes import scope
from playwright.sync_api import Page

from core.people.models import User
from core.people.roles import Role
from schoolsafe.access import ACCESS
from tests.architecture.records import Records, kwargs_of
from tests.architecture.test_every_address import IN_SCHOOL, address
from tests.journeys.conftest import Visit, World, findings

pytestmark = pytest.mark.journey

EVERYTHING = (Role.ADMINISTRATOR, Role.DSL, Role.HEADTEACHER, Role.OFFICE, Role.SAFEGUARDING_GOVERNOR)
WIDE = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
NARROW = {"viewport": {"width": 360, "height": 800}, "color_scheme": "dark"}


def pages() -> list[str]:
    """Addresses that answer GET with a page for one person who may see everything of the school."""
    return [name for name in IN_SCHOOL if "GET" in ACCESS[name].methods and not ACCESS[name].own]


def look(page: Page, url: str, wrong: list[str], *, submit: bool) -> None:
    """Open, scan, and where there is a form send it empty and scan what comes back."""
    answer = page.goto(url)
    if answer is None or "text/html" not in answer.headers.get("content-type", ""):
        return
    assert answer.status < 400, f"{url} answered {answer.status}"
    wrong += findings(page)
    sideways = page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    if sideways:
        wrong.append(f"{url} scrolls sideways")
    form = page.locator("main form.form button[type=submit]")
    if submit and form.count():
        form.first.click()
        page.wait_for_load_state()
        wrong += findings(page)


def sweep(
    world: World, visit: Visit, user: User, names: list[str], options: dict[str, Any], *, submit: bool
) -> list[str]:
    wrong: list[str] = []
    with scope(school=world.school):
        records = Records(world.school, timezone.now())
        urls = [address(name, records) for name in names]
    page = visit(user, urls[0], **options)
    page.set_default_timeout(10_000)
    for url in urls:
        try:
            look(page, url, wrong, submit=submit)
        except Exception as error:  # a download, or a page that fails: named, and the sweep goes on
            if "Download is starting" not in str(error):
                wrong.append(f"{url}: {error}")
    return wrong + [f"breach: {text}" for text in page.breaches]  # type: ignore[attr-defined]


def test_every_page_filled_is_accessible_wide_and_when_refused(world: World, visit: Visit) -> None:
    """ORG-23, ux 6: axe finds nothing on any page, nor on what an empty form gets back; the policy is kept."""
    world.hand_in(0)
    assert sweep(world, visit, world.person(*EVERYTHING), pages(), WIDE, submit=True) == []


def test_every_page_is_accessible_dark_at_360_pixels(world: World, visit: Visit) -> None:
    """ux 6: dark and narrow, long names; no page scrolls sideways."""
    world.hand_in(5)
    assert sweep(world, visit, world.person(*EVERYTHING), pages(), NARROW, submit=False) == []


def test_every_list_empty_is_accessible(transactional_db: None, visit: Visit) -> None:
    """ux 5: first-use and done states."""
    world = World(filled=False)
    names = [name for name in pages() if kwargs_of(name) <= {"school"}]
    assert sweep(world, visit, world.person(*EVERYTHING), names, WIDE, submit=False) == []


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_home_of_every_role_is_accessible(role: Role, world: World, visit: Visit) -> None:
    """The shell: each role's own home page."""
    page = visit(world.person(role), "/harbour-view/", **WIDE)
    assert findings(page) == []
    assert page.breaches == []  # type: ignore[attr-defined]


def test_signed_out_pages_are_accessible(transactional_db: None, visit: Visit) -> None:
    page = visit(None, "/account/login/", **NARROW)
    wrong = findings(page)
    page.goto("/account/password/reset/")
    wrong += findings(page)
    assert wrong + page.breaches == []  # type: ignore[attr-defined]
