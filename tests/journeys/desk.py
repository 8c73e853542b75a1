"""A desk in a browser, worked by a scanner and a keyboard; and everything that its browser keeps."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from django_scopes import scope
from playwright.sync_api import Page, expect

from core.people.models import Pupil, School
from core.people.roles import Role
from devices.operations import add_device, add_place, seed_device_types
from tests.factories import make_form, make_pupil, make_school, make_user
from tests.journeys.conftest import Visit

FORENAME, SURNAME = "Quillamine", "Wrenfeatherby"

STORED = """async () => {
    const told = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie];
    for (const {name} of await indexedDB.databases()) {
        const database = await new Promise((resolve) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => resolve(asked.result);
        });
        for (const store of database.objectStoreNames) {
            told.push(await new Promise((resolve) => {
                const asked = database.transaction(store).objectStore(store).getAll();
                asked.onsuccess = () => resolve(asked.result.map((row) => JSON.stringify(row)).join("\\n"));
            }));
        }
        database.close();
    }
    for (const key of await caches.keys()) {
        const shelf = await caches.open(key);
        for (const request of await shelf.keys()) {
            const answer = await shelf.match(request);
            told.push(request.url, await answer.text());
        }
    }
    return told.join("\\n");
}"""
_WAITING = """async () => {
    const database = await new Promise((resolve) => {
        const asked = indexedDB.open("schoolsafe.desk.waiting");
        asked.onsuccess = () => resolve(asked.result);
    });
    const number = await new Promise((resolve) => {
        const asked = database.transaction("scans").objectStore("scans").count();
        asked.onsuccess = () => resolve(asked.result);
    });
    database.close();
    return number;
}"""
_SHELL = (
    "async () => (await caches.match(location.pathname.replace(/devices.*/, 'devices/desk/offline/'))) !== undefined"
)


class Morning:
    """A school with as many pupils as asked for, each with a phone and a name that stands nowhere else."""

    def __init__(self, pupils: int, preset: str) -> None:
        from django.utils import timezone

        self.at = timezone.now()
        self.school: School = make_school("harbour-view", preset=preset)
        self.office = [make_user(Role.OFFICE, self.school, family_name=f"{SURNAME}{number}") for number in range(2)]
        with scope(school=self.school):
            kinds = {kind.key: kind for kind in seed_device_types(school=self.school, actor=None, at=self.at)}
            for kind in ("safe", "locked_place"):
                add_place(
                    school=self.school, actor=None, at=self.at, name=kind, kind=kind, lockable=True, purpose="daily",
                    slots=pupils + 5,
                )  # fmt: skip
            form = make_form(self.school, "8B", year=8)
            self.pupils: list[Pupil] = [
                make_pupil(self.school, FORENAME, f"{SURNAME}{number}", form=form) for number in range(pupils)
            ]
            for pupil in self.pupils:
                add_device(school=self.school, actor=None, at=self.at, pupil=pupil, type=kinds["phone"])


class Desk:
    """One desk: its page, and the ways a scanner and a person act on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box, self.outcome = page.locator("[data-desk-box]"), page.locator("#desk-outcome")
        self.foot, self.bar = page.locator("[data-desk-sync]"), page.locator("[data-desk-line]")
        expect(self.box).to_be_focused()

    def scan(self, code: str, ending: str = "Enter") -> None:
        """The scanner's keys, and the one it ends with; an empty `ending` for a scanner that sends none."""
        self.page.keyboard.type(code)
        if ending:
            self.page.keyboard.press(ending)

    def line(self, there: bool) -> None:
        """Pull the cable, or put it back."""
        self.page.context.set_offline(not there)
        if not there:
            expect(self.bar).to_contain_text("The line is gone")

    def tick_off_check(self) -> None:
        """By keyboard: the tick stands before the box."""
        self.page.keyboard.press("Shift+Tab")
        self.page.keyboard.press("Space")
        expect(self.page.get_by_label("Each device scanned now is seen switched off")).to_be_checked()
        self.page.keyboard.press("Tab")
        expect(self.box).to_be_focused()

    def settled(self, timeout: int = 30_000) -> None:
        """Nothing waits any more, neither here nor on the device."""
        expect(self.foot).to_have_text(re.compile(r"Online · 0 waiting(?! · \d+ not saved)"), timeout=timeout)
        until(lambda: self.waiting() == 0)

    def waiting(self) -> int:
        """How many scans stand on the device."""
        return int(self.page.evaluate(_WAITING))

    def stored(self) -> str:
        """Everything the browser keeps for the site, as text."""
        return str(self.page.evaluate(STORED))


def until(done: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that no locator can see."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def open_desk(visit: Visit, user: Any, path: str = "/harbour-view/devices/arrivals/", **options: Any) -> Desk:
    """Open a desk, and wait until its browser could do without the line; `options` are those of `visit`."""
    page = visit(user, path, **options)
    desk = Desk(page)
    until(lambda: bool(page.evaluate(_SHELL)))
    return desk
