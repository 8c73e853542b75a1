"""The office issues an agreement to a form in one go (ux W9): five clicks and no typing, every state accessible."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django_scopes import scope
from playwright.sync_api import Page, expect

from agreements.models import Agreement, IssueBatch
from agreements.operations.batches import issue_batch, stop_issue
from core.people.roles import Role
from tests.architecture.stage import AT
from tests.factories.agreements import make_version
from tests.journeys.conftest import Visit, World, findings

pytestmark = pytest.mark.journey


@pytest.fixture
def page(world: World, visit: Visit) -> Any:
    with time_machine.travel(AT, tick=True):
        make_version(world.school)
        yield visit(world.person(Role.OFFICE), "/harbour-view/agreements/many/issue/?scope=form", scan=True)


def test_a_form_in_five_clicks(world: World, page: Page) -> None:
    """AGR-01: which agreement, which form, what it would do, yes; the page goes on by itself until all are issued."""
    page.get_by_label("Home-school agreement").check()
    page.get_by_label("Which form?").select_option("8B")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check before it is issued")
    assert findings(page) == []
    with scope(school=world.school):
        assert not IssueBatch.objects.exists()
    page.get_by_role("button", name="Issue 6").click()
    expect(page.get_by_role("heading", name="Issuing")).to_be_visible()
    with scope(school=world.school):
        batch = IssueBatch.objects.get()
        stop_issue(school=world.school, actor=world.person(Role.OFFICE), at=AT, batch=batch)
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Issuing")).to_be_visible()
    issue_batch(batch_id=batch.pk, at=AT)
    expect(page.get_by_role("heading", name="All are issued")).to_be_visible()
    assert findings(page) == []
    with scope(school=world.school):
        assert Agreement.objects.count() == 6
