"""What is typed about a child stands nowhere in the browser: not while it is typed, nor sent, nor signed out."""

from __future__ import annotations

import re

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from core.people.roles import Role
from incidents.models import Incident, IncidentNote
from tests.factories.cases import make_case
from tests.journeys.conftest import Visit, World
from tests.journeys.desk import STORED

pytestmark = pytest.mark.journey
CANARY = "Zanzabelline wept"


def kept(page: Page) -> str:
    """All that the browser keeps for the site, as text."""
    return str(page.evaluate(STORED))


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.locator("main form[method=post] button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/account/login/"))


def test_report_and_note_leave_nothing_in_the_browser(world: World, visit: Visit) -> None:
    """Security 5.8, ux W4, W7: a report's own words and a note of the record, typed, sent, and after signing out."""
    teacher, dsl = world.person(Role.TEACHER), world.person(Role.DSL)
    with scope(school=world.school):
        draft = make_case(world.school, by=teacher, at=world.at, pupil=world.pupils[0], state="draft")
        case = make_case(world.school, by=teacher, at=world.at, pupil=world.pupils[0])
    slug = world.school.slug
    page = visit(teacher, f"/{slug}/incidents/report/{draft.pk}/seen/")
    page.evaluate("localStorage.setItem('canary', 'noticed')")
    assert "noticed" in kept(page)  # the check would notice
    page.locator("textarea[name=account]").press_sequentially(CANARY, delay=20)
    page.wait_for_timeout(1_500)  # longer than anything that saves by itself would wait
    assert CANARY not in kept(page)
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url("**/done/")
    assert CANARY not in kept(page)
    sign_out(page)
    assert CANARY not in kept(page)

    page = visit(dsl, f"/{slug}/incidents/case/{case.pk}/notes/")
    page.locator("textarea[name=text]").press_sequentially(CANARY, delay=20)
    page.wait_for_timeout(1_500)
    assert CANARY not in kept(page)
    page.locator("main form[method=post] button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text(CANARY)
    assert CANARY not in kept(page)
    sign_out(page)
    assert CANARY not in kept(page)
    with scope(school=world.school):
        assert CANARY in Incident.objects.get(pk=draft.pk).account
        assert IncidentNote.objects.get().text == CANARY
