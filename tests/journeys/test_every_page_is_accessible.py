"""Every page of the site in a real browser: accessible in light, dark and narrow, filled, empty and refused.

`SWEEP_PICTURES=folder` also keeps a picture of every page and state, for somebody to look through.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.urls import reverse
from django_scopes import scope
from playwright.sync_api import Page

from core.people.enums import LinkKind
from core.people.models import User
from core.people.operations.links import make_link, make_set_up_link
from core.people.roles import Role
from core.people.sessions import SessionStore
from schoolsafe.access import ACCESS
from tests.architecture.records import Records, kwargs_of
from tests.architecture.stage import AT
from tests.architecture.test_every_address import GOES_ON, IN_SCHOOL
from tests.factories import give_role, make_school
from tests.journeys.conftest import SEEN, Visit, World, findings, sign_in

pytestmark = pytest.mark.journey

WIDE = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "reduced_motion": "reduce"}
NARROW = {"viewport": {"width": 360, "height": 800}, "color_scheme": "dark", "reduced_motion": "reduce"}
PICTURES = os.environ.get("SWEEP_PICTURES", "")

# What answers GET without being a page: a file, a number inside a page; and what only leads to a page swept anyway.
NOT_PAGES = {
    "devices:assets-list",
    "devices:image-sets-list",
    "roll:problems",
    "notices:count",
    "devices:print-file",
    "devices:desk-sync",
    "devices:issued-document",
    "devices:remote-teaching-paper",
    "devices:staff-slip",
    "incidents:chronology-paper",
    "incidents:case-paper",
    "incidents:transfer-paper",
    "agreements:access-list",
    "agreements:access-paper",
    "agreements:account-managers-list",
    "agreements:staff-declared-list",
    "agreements:blank-copy",
    "agreements:document-pdf",
    "agreements:print-run-pdf",
    "agreements:scan-pdf",
    "policies:print-text",
} | GOES_ON
PAGES = [name for name in IN_SCHOOL if "GET" in ACCESS[name].methods and name not in NOT_PAGES]
# The parts of the site, each swept by a test of its own: two can go side by side.
PARTS = {
    "devices": [name for name in PAGES if name.startswith("devices:")],
    "incidents": [name for name in PAGES if name.startswith("incidents:")],
    "rest": [name for name in PAGES if not name.startswith(("devices:", "incidents:"))],
}
# Pages whose form has nothing in it that could be refused: a button, or choices of which each is an answer.
NOTHING_TO_REFUSE = {
    "agreements:print-many",
    "agreements:print-run",
    "agreements:edit-translation",
    "agreements:staff-declared",
    "devices:claim-pack",
    "devices:decide-hand-in",
    "devices:desk-settings",
    "devices:close-place",
    "devices:end-searcher",
    "devices:print-job",
    "devices:retire-device",
    "devices:search-papers",
    "devices:set-work-contact",
    "devices:search-start",
    "devices:search-weigh",
    "devices:types",
    "incidents:acknowledge",
    "incidents:case-level",
    "incidents:debrief",
    "incidents:debrief-paper",
    "incidents:exam-paper",
    "incidents:decide-debrief",
    "incidents:end-access",
    "incidents:end-investigation",
    "incidents:from-search",
    "incidents:image-looked",
    "incidents:image-task",
    "incidents:referral",
    "incidents:referral-paper",
    "incidents:report-check",
    "incidents:report-image",
    "incidents:review",
    "incidents:serious-paper",
    "notices:email",
    "notices:inbox",
    "notices:notice",
    "overview:approval",
    "people:confirm-factor-reset",
    "people:end-contact",
    "people:end-employment",
    "people:link-contact",
    "people:sign-in-settings",
    "people:staff",
    "policies:procedures",
    "roll:undo",
}
# The desk does not send an empty box: what to type there so that there is something to refuse.
TYPED = {"devices:arrivals": "Nobody of that name", "devices:returns": "Nobody of that name"}

_EMPTY = """() => {
    const own = (form) => form.method === "post"
        && new URL(form.getAttribute("action") || "", location.href).pathname === location.pathname;
    const form = [...document.querySelectorAll("main form")].find(own);
    if (!form) return false;
    for (const field of form.elements) {
        if (field.type === "hidden" || field.disabled) continue;
        if (["checkbox", "radio"].includes(field.type)) field.checked = false;
        else if (field.tagName === "SELECT") field.selectedIndex = [...field.options].findIndex((o) => !o.value);
        else if (["INPUT", "TEXTAREA"].includes(field.tagName)) field.value = "";
    }
    form.noValidate = true;
    form.id = "swept";
    window.sweptFrom = true;
    return true;
}"""
_SEND = """() => {
    const form = document.getElementById("swept");
    form.requestSubmit([...form.elements].find((field) => field.type === "submit"));
}"""
_ARRIVED = "() => !window.sweptFrom && document.readyState === 'complete'"
_SETTLED = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
_STILL = """async () => {
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    for (const moving of document.getAnimations()) moving.finish();
}"""
_SIDEWAYS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


class Sweep:
    """One browser of one person, and what was wrong on the pages it has seen."""

    def __init__(self, label: str, visit: Visit, user: User | None, options: dict[str, Any]) -> None:
        self.label, self.wrong = label, list[str]()
        self.page: Page = visit(user, "/healthz", scan=True, **options)

    def judge(self, name: str, within: str | None = None) -> None:
        """Scan the page as it stands, or the part of it that is new since it was scanned."""
        self.wrong += findings(self.page, within)
        self._look(name, self.label)

    def _look(self, name: str, label: str) -> None:
        if self.page.evaluate(_SIDEWAYS):
            self.wrong.append(f"{label} {self.page.url} scrolls sideways")
        if PICTURES:
            folder = Path(PICTURES) / label
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{name.replace(':', '.')}.png", full_page=True)

    def narrow(self, name: str) -> None:
        """The same page dark and on a telephone: what may differ is what is seen of it, not what it is made of."""
        self.page.set_viewport_size(NARROW["viewport"])
        self.page.emulate_media(color_scheme="dark")
        self.page.evaluate(_STILL)
        told = findings(self.page, "main", SEEN)
        if told:  # on a busy machine it may still be painted in its other colours: what is wrong is so at a second look
            self.page.wait_for_timeout(500)
            self.page.evaluate(_STILL)
            told = findings(self.page, "main", SEEN)
        self.wrong += [f"narrow {one}" for one in told]
        self._look(name, "narrow")
        self.page.set_viewport_size(WIDE["viewport"])
        self.page.emulate_media(color_scheme="light")

    def open(self, name: str, url: str, status: int = 200, within: str | None = None) -> None:
        """Go to a page and scan it, or a part of it; it has to be that page, not one that somebody was sent on to."""
        answer = self.page.goto(url)
        assert answer is not None
        if answer.status != status or urlsplit(self.page.url).path != urlsplit(url).path:
            self.wrong.append(f"{name}: {url} answered {answer.status} at {self.page.url}")
        self.judge(name, within)

    def refuse(self, name: str) -> bool:
        """Send the page's own form empty and scan what comes back; False where nothing was refused."""
        if not self.page.evaluate(_EMPTY):
            return False
        if name in TYPED:
            self.page.locator("#swept [name=code]").fill(TYPED[name])
        with self.page.expect_response(lambda response: response.request.method == "POST") as sent:
            self.page.evaluate(_SEND)
        if sent.value.request.is_navigation_request():  # the answer is on its way to a page that is not there yet
            self.page.wait_for_function(_ARRIVED)
        self.page.wait_for_function(_SETTLED)
        self.judge(f"{name}.refused", "main")
        return bool(sent.value.status == 422)

    def result(self) -> str:
        """What was wrong, a line each."""
        return "\n".join(self.wrong + [f"breach: {text}" for text in self.page.breaches])  # type: ignore[attr-defined]


def everybody(world: World) -> User:
    """One person who holds every role of the school."""
    return world.person(*Role)


@pytest.mark.parametrize("part", PARTS)
def test_every_page_filled_is_accessible_and_when_refused(transactional_db: None, visit: Visit, part: str) -> None:
    """ORG-23, ux 6: axe finds nothing on any page with long names, wide and light or dark at 360 pixels, where nothing
    scrolls sideways; nor on what an empty form gets back; the policy is kept."""
    world = World(preset="primary-by-agreement")
    world.hand_in(0)
    world.hand_in(5)
    sweep = Sweep("wide", visit, everybody(world), WIDE)
    accepted, records = set(), None
    for name in PARTS[part]:
        with scope(school=world.school):
            records = records or Records(world.school, AT, reader=everybody(world), long=True)
            url = records.address(name)
            records.show(name)
        sweep.open(name, url)
        sweep.narrow(name)
        if "POST" in ACCESS[name].methods and not sweep.refuse(name):
            accepted.add(name)
            records = None  # what was accepted is spent; what was refused stands for the next page
    assert not sweep.result(), sweep.result()
    assert accepted == NOTHING_TO_REFUSE & set(PARTS[part])


def test_every_page_with_nothing_to_refuse_is_a_page() -> None:
    assert set(PAGES) >= NOTHING_TO_REFUSE


def test_every_list_empty_is_accessible(transactional_db: None, visit: Visit) -> None:
    """ux 5: first-use states, of a school that has nothing but one account and most of its rules to settle."""
    world = World(filled=False, preset="image-and-conduct")
    sweep = Sweep("empty", visit, everybody(world), WIDE)
    for name in PAGES:
        if kwargs_of(name) == {"school"}:
            sweep.open(
                name, reverse(name, args=[world.school.slug]), within="main"
            )  # the frame is as it is when filled
    name = "devices:decide-hand-in"  # a question that only such a school is asked
    sweep.open(name, reverse(name, args=[world.school.slug]))
    assert sweep.refuse(name)
    assert not sweep.result(), sweep.result()


def test_home_of_every_role_is_accessible(world: World, visit: Visit) -> None:
    """The shell: each role's own home page, dark and narrow; wide it stands around every page that is swept."""
    sweep = Sweep("home", visit, None, NARROW)
    for role in Role:
        sign_in(sweep.page.context, world.person(role), sweep.page.url)
        sweep.open(role.value, f"/{world.school.slug}/")
    assert not sweep.result(), sweep.result()


SIGNED_OUT = ("account_login", "account_reset_password")


@pytest.mark.parametrize("options", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_before_signing_in_are_accessible(world: World, visit: Visit, options: dict[str, Any]) -> None:
    """Sign in, reset, and the pages behind one-time links; also as they come back refused, and when a link is spent."""
    sweep = Sweep(f"outside-{options['viewport']['width']}", visit, None, options)
    for name in SIGNED_OUT:
        sweep.open(name, reverse(name))
        sweep.refuse(name)
    sweep.open("account_reset_password_done", reverse("account_reset_password_done"))
    with scope(school=world.school):
        invited = Records(world.school, AT, long=True).make("person_invited")
        with transaction.atomic():
            invitation = make_link(LinkKind.INVITATION, at=AT, made_by=None, user=invited, school=world.school)
    links = {
        "session:set-up": make_set_up_link(at=AT),
        "session:invitation": invitation,
    }
    for name, token in links.items():
        sweep.page.goto(reverse(f"{name}-link", args=[token]))
        sweep.open(name, reverse(name))
        assert sweep.refuse(name)
    sweep.open("session:set-up-link", reverse("session:set-up-link", args=["spent"]), status=404)
    assert not sweep.result(), sweep.result()


OF_THE_ACCOUNT = (
    "session:your-account", "account_change_password", "account_email", "mfa_index", "account_logout",
    "account_reauthenticate", "session:desk-pin",
)  # fmt: skip


@pytest.mark.parametrize("options", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_of_the_session_are_accessible(world: World, visit: Visit, options: dict[str, Any]) -> None:
    """One's own account, the choice of a school, the locked screen and what it kept, and the pages that say no."""
    user = world.person(Role.OFFICE, Role.GOVERNOR)
    give_role(user, make_school("mill-lane", name="Mill Lane School"), Role.GOVERNOR)
    sweep = Sweep(f"session-{options['viewport']['width']}", visit, user, options)
    sweep.open("session:choose-school", "/")
    for name in OF_THE_ACCOUNT:
        sweep.open(name, reverse(name))
    sweep.open("403", f"/{world.school.slug}/roll/", status=403)
    sweep.open("404", f"/{world.school.slug}/people/pupils/999999/", status=404)

    sweep.page.goto(f"/{world.school.slug}/people/pupils/add/")
    sweep.page.fill("[name=legal_surname]", "Featherstonehaugh-Cholmondeley-Worthington")
    (key,) = (cookie["value"] for cookie in sweep.page.context.cookies() if cookie["name"] == "sessionid")
    session = SessionStore(key)
    session["locked"] = True
    session.save()
    sweep.page.locator("main form[method=post] button[type=submit]").first.click()
    sweep.page.wait_for_url(re.compile(reverse("session:unlock")))
    sweep.judge("session:unlock")
    assert sweep.refuse("session:unlock")
    sweep.page.fill("[name=password]", "a long enough password")
    sweep.page.locator("main form[method=post] button[type=submit]").first.click()
    sweep.page.wait_for_url(re.compile(reverse("session:continue")))
    sweep.judge("session:continue")
    assert not sweep.result(), sweep.result()
