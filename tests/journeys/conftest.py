"""The product itself in a real browser: a served site, people signed in, breaches of the policy gathered."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from django_scopes import scope
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from time_machine import escape_hatch

from core.people.models import School, User
from core.people.roles import Role
from devices.operations import add_device, add_place, hand_in_device, seed_device_types
from tests.factories import give_role, make_contact, make_form, make_pupil, make_school, make_user

expect.set_options(timeout=20_000)  # what is waited for comes at once, or late on a busy machine, or never
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class World:
    """A school in the middle of a morning, and somebody for each job."""

    def __init__(self, *, filled: bool = True, preset: str = "phone-free-agreement") -> None:
        self.at: datetime = timezone.now()
        self.school: School = make_school("harbour-view", preset=preset)
        self.people: dict[str, User] = {}
        self.pupils: list[Any] = []
        if filled:
            with scope(school=self.school):
                self._fill()

    def _fill(self) -> None:
        self.kinds = {kind.key: kind for kind in seed_device_types(school=self.school, actor=None, at=self.at)}
        add_place(
            school=self.school, actor=None, at=self.at, name="Office safe", kind="safe", lockable=True,
            purpose="daily", slots=40,
        )  # fmt: skip
        self.form = make_form(self.school, "8B", year=8)
        for forename, surname in (
            ("Amara", "Kovacs"), ("Ben", "O’Brien"), ("Zoë", "Fernández-García"), ("Łukasz", "Nguyễn"),
            ("Hana", "Kovacs"), ("Maximiliana-Theodora", "Featherstonehaugh-Cholmondeley-Worthington"),
        ):  # fmt: skip
            pupil = make_pupil(self.school, forename, surname, form=self.form)
            make_contact(pupil, surname)
            add_device(
                school=self.school, actor=None, at=self.at, pupil=pupil, type=self.kinds["phone"], colour="black",
            )  # fmt: skip
            self.pupils.append(pupil)

    def person(self, *roles: Role) -> User:
        """Somebody who holds all of `roles`."""
        key = "+".join(roles)
        if key not in self.people:
            user = make_user(roles[0], self.school)
            for role in roles[1:]:
                give_role(user, self.school, role)
            self.people[key] = user
        return self.people[key]

    def hand_in(self, position: int) -> Any:
        with scope(school=self.school):
            return hand_in_device(
                school=self.school, actor=self.person(Role.OFFICE), at=self.at, pupil=self.pupils[position],
                switched_off=True,
            )  # fmt: skip


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


Visit = Callable[..., Page]
Interception = tuple[re.Pattern[str], Callable[[Route], None]]


def sign_in(context: BrowserContext, user: User, site: str) -> None:
    """From now on, whatever this browser asks the site for, `user` asks for."""
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])


# A browser's own clock, moved to where the test's is.
_SHIFTED = """(behind) => {
    const Real = Date;
    globalThis.Date = class Date extends Real {
        constructor(...parts) { if (parts.length) super(...parts); else super(Real.now() - behind); }
        static now() { return Real.now() - behind; }
    };
}"""


def _behind() -> int:
    """Milliseconds by which the test's clock is behind the machine's."""
    return round((escape_hatch.time.time() - time.time()) * 1000)


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Visit]:
    """Sign somebody in and open a page of the school; what breaks the policy or fails is kept on `page.breaches`.

    `route`, a pattern and what to do with such requests, stands before the page opens: put on later, the first request
    of a page that has a service worker may still slip past it.
    """
    contexts: list[BrowserContext] = []

    def open_page(
        user: User | None, path: str, *, scan: bool = False, route: Interception | None = None, **options: Any
    ) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="en-GB", **options)
        context.add_init_script(f"({_SHIFTED})({_behind()})")
        if scan:  # every page of the context then holds axe when it opens: sent to the browser once
            context.add_init_script(Axe().axe_script)
        context.set_default_timeout(30_000)
        contexts.append(context)
        if user is not None:
            sign_in(context, user, live_server.url)
        page = context.new_page()
        breaches: list[str] = []
        page.breaches = breaches  # type: ignore[attr-defined]
        page.on(
            "console",
            lambda message: breaches.append(message.text) if "Content Security Policy" in message.text else None,
        )
        page.on("pageerror", lambda error: breaches.append(str(error)))
        if route is not None:
            page.route(*route)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


# What depends on how a page is seen: its colours, and the room that it has.
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
_SCAN = """async ([kind, rules, within]) => {
    const told = await axe.run(within ?? document, {
        runOnly: {type: kind, values: rules}, resultTypes: ["violations", "incomplete"], elementRef: false,
    });
    return ["violations", "incomplete"].flatMap((outcome) => told[outcome].flatMap((found) => found.nodes.map(
        (node) => `${outcome} ${found.id}: ${node.target} ${(node.failureSummary ?? "").slice(0, 200)}`
    )));
}"""


def findings(page: Page, within: str | None = None, only: list[str] | None = None) -> list[str]:
    """What axe finds wrong or cannot decide on a page, or in one part of it, as "page outcome rule: selector" lines;
    by all rules, or `only` by those named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [f"{page.url} {told}" for told in page.evaluate(_SCAN, ["rule" if only else "tag", only or RULES, within])]
