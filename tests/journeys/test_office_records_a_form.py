"""A form of thirty recorded at once: keys and clicks counted, and the same without scripts."""

from __future__ import annotations

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from core.people.roles import Role
from devices.models import CustodyRecord
from devices.operations import add_device
from tests.factories import make_pupil
from tests.journeys.conftest import Visit, World

pytestmark = pytest.mark.journey


@pytest.fixture
def thirty(transactional_db: None) -> World:
    """8B with thirty pupils, each with a phone, where the rules ask for no off-check."""
    world = World(preset="group-locked-storage")
    with scope(school=world.school):
        for _ in range(30 - len(world.pupils)):
            pupil = make_pupil(world.school, form=world.form)
            add_device(school=world.school, actor=None, at=world.at, pupil=pupil, type=world.kinds["phone"])
            world.pupils.append(pupil)
    return world


def choose(page: Page, position: int, label: str) -> None:
    page.locator("[data-form-row]").nth(position).get_by_text(label, exact=True).click()


def open_stays(world: World) -> int:
    with scope(school=world.school):
        return int(CustodyRecord.objects.filter(closed_at__isnull=True).count())


def test_office_records_a_form_of_thirty_in_nine_keys_and_clicks(thirty: World, visit: Visit) -> None:
    """W2, ux 8: form code, three exceptions, the count, Record; the totals follow, the next form is offered."""
    page = visit(thirty.person(Role.OFFICE), "/harbour-view/devices/arrivals/")
    pressed = 0
    for key in ("8", "b", "Enter"):
        page.keyboard.press(key)
        pressed += 1
    expect(page.get_by_role("button", name="Record 8B")).to_be_visible()
    expect(page.locator("[data-total=in]")).to_have_text("30 in")
    for position, label in ((2, "No phone"), (9, "Absent"), (20, "Refused")):
        choose(page, position, label)
        pressed += 1
    expect(page.locator("[data-total=in]")).to_have_text("27 in")
    expect(page.locator("[data-total=absent]")).to_have_text("1 absent")
    for key in ("2", "7", "Enter"):
        page.keyboard.press(key)
        pressed += 1
    expect(page.get_by_role("status").first).to_contain_text("8B recorded")
    assert pressed <= 9
    assert open_stays(thirty) == 27
    assert not page.breaches  # type: ignore[attr-defined]


def test_office_records_a_form_without_scripts(thirty: World, visit: Visit) -> None:
    """ux 1.10: a wrong count keeps every choice; the right one records."""
    page = visit(
        thirty.person(Role.OFFICE), f"/harbour-view/devices/forms/{thirty.form.pk}/", java_script_enabled=False
    )
    choose(page, 4, "Permitted")
    page.get_by_label("Phones counted in the box").fill("30")
    page.get_by_role("button", name="Record 8B").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("You counted 30, and 29 are marked In.")
    expect(page.locator("[data-form-row]").nth(4).locator("input:checked")).to_have_value("permitted")
    page.get_by_label("Phones counted in the box").fill("29")
    page.get_by_role("button", name="Record 8B").click()
    expect(page.get_by_role("status").first).to_contain_text("8B recorded")
    assert open_stays(thirty) == 29
