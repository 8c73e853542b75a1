"""The office prints 300 labels in a real browser: three clicks, a bar that moves by itself, a PDF (ux 5, ux 8)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from django_scopes import scope
from playwright.sync_api import expect

from core.kit.pdf import Part
from core.people.roles import Role
from devices import operations
from devices.enums import PrintState
from devices.models import PrintJob
from devices.operations import printing
from tests.journeys.conftest import Visit, World, findings

pytestmark = pytest.mark.journey


def the_print(world: World) -> Any:
    with scope(school=world.school):
        return PrintJob.objects.get()


def test_office_prints_300_labels_in_three_clicks(world: World, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """ux 8: at most four clicks; the bar is there within a second and moves without a reload; nothing axe finds."""
    with scope(school=world.school):
        operations.add_place(
            school=world.school, actor=None, at=world.at, name="Lockers", kind="safe", lockable=True,
            purpose="daily", slots=260,
        )  # fmt: skip
    page = visit(world.person(Role.OFFICE), f"/{world.school.slug}/devices/print/?kind=command_cards", scan=True)
    page.get_by_role("link", name="Labels for slots").click()
    page.get_by_role("button", name="Make the PDF").click()
    bar = page.get_by_role("progressbar")
    expect(bar).to_be_visible()
    expect(page.get_by_text("0 of 300 labels")).to_be_visible()
    expect(page.get_by_role("link", name="Check progress")).to_be_hidden()
    assert not findings(page)

    job = the_print(world)
    seen: list[str] = []

    def watched(part: Part) -> None:
        if not seen:  # after the first sheet the office looks up
            expect(page.get_by_text("24 of 300 labels")).to_be_visible()
            seen.append("24")

    whole = printing.join_pdf

    def slow(parts: Any, *, after_each: Any, **rest: Any) -> Any:
        def note(part: Part) -> None:
            after_each(part)
            watched(part)

        return whole(parts, after_each=note, **rest)

    monkeypatch.setattr(printing, "join_pdf", slow)
    assert operations.make_print(job_id=job.pk, at=timezone.now())
    assert seen == ["24"]
    link = page.get_by_role("link", name="Open the PDF")
    expect(link).to_be_visible()
    assert not findings(page)
    opened = page.request.get(str(link.get_attribute("href")))
    assert opened.headers["content-type"] == "application/pdf"
    assert opened.body() == bytes(the_print(world).content)
    assert not page.breaches  # type: ignore[attr-defined]


def test_office_tries_again_without_javascript(world: World, visit: Visit) -> None:
    """ux 6: asked for, looked at, failed, tried again and opened with scripts off."""
    page = visit(
        world.person(Role.OFFICE), f"/{world.school.slug}/devices/print/?kind=command_cards", java_script_enabled=False
    )
    page.get_by_role("button", name="Make the PDF").click()
    page.get_by_role("link", name="Check progress").click()
    job = the_print(world)
    with scope(school=world.school):
        PrintJob.objects.filter(pk=job.pk).update(state=PrintState.FAILED, tries=3)
    page.get_by_role("link", name="Check progress").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert operations.make_print(job_id=job.pk, at=timezone.now())
    page.get_by_role("link", name="Check progress").click()
    expect(page.get_by_role("link", name="Open the PDF")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_and_state_is_accessible(world: World, visit: Visit, scheme: str) -> None:
    """ORG-23: each kind's questions, each state of a print, the receipt; at 360 pixels nothing goes sideways."""
    stay = world.hand_in(0)
    office = world.person(Role.OFFICE)
    with scope(school=world.school):
        jobs = [
            PrintJob.objects.create(
                school=world.school, kind="slot_labels", wanted={}, total=24, done=12, requested_by=office,
                requested_at=world.at, state=state, content=b"%PDF" if state == PrintState.READY else None,
                checksum="0" * 64 if state == PrintState.READY else "",
            )
            for state in PrintState
        ]  # fmt: skip
    root = f"/{world.school.slug}/devices"
    page = visit(
        office, f"{root}/print/", scan=True, viewport={"width": 360, "height": 800}, color_scheme=scheme,
        reduced_motion="reduce",
    )  # fmt: skip
    addresses = [f"{root}/print/?kind={kind}" for kind in ("pupil_labels", "morning_register", "uncollected")]
    addresses += [f"{root}/print/{job.pk}/" for job in jobs]
    addresses += [f"{root}/print/labels/", f"{root}/custody/{stay.pk}/receipt/"]
    wrong: list[str] = []
    for address in addresses:
        page.goto(address)
        wrong += findings(page)
        if page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            wrong.append(f"{address} scrolls sideways")
    assert not wrong + page.breaches, "\n".join(wrong)  # type: ignore[attr-defined]
