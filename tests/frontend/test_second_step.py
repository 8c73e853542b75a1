"""Signing in with a second step, in a real browser: an app's code, recovery codes, a passkey; axe on each page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.people.models import User
from core.people.roles import Role

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PASSWORD = "three words apart"


def _code(secret: str) -> str:
    """The six digits that an authenticator app shows for this secret now (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _give_a_passkey_device(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _has_nothing_that_axe_finds(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    rules = found.response["violations"] + found.response["incomplete"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in rules] == []


@pytest.fixture
def person(make_user: Callable[..., User]) -> User:
    """Somebody of the office with a password."""
    user = make_user(Role.OFFICE)
    user.set_password(PASSWORD)
    user.save()
    return user


def _sign_in(page: Page, address: str, person: User) -> None:
    page.goto(f"{address}/account/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _sign_out(page: Page, address: str) -> None:
    page.goto(f"{address}/account/logout/")
    _has_nothing_that_axe_finds(page)
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/account/login/"))


def test_second_step_is_set_up_asked_for_and_replaced_by_a_passkey(page: Page, live_server: Any, person: User) -> None:
    """ORG-20, security §5.5 and rows 22 ff.: TOTP, recovery codes and a passkey, under the real policy."""
    page.set_default_timeout(15_000)
    address = live_server.url
    breaches: list[str] = []
    page.on("console", lambda said: breaches.append(said.text) if "Content Security" in said.text else None)
    _give_a_passkey_device(page)

    _sign_in(page, address, person)
    expect(page).to_have_url(re.compile(r"^(?!.*login)"))
    page.goto(f"{address}/account/2fa/")
    expect(page.get_by_text("You have no second step yet")).to_be_visible()
    _has_nothing_that_axe_finds(page)
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Show that it is you")
    _has_nothing_that_axe_finds(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an authenticator app")
    _has_nothing_that_axe_finds(page)
    page.get_by_label("Authenticator code").fill(_code(page.locator(".code-key").inner_text()))
    page.get_by_role("button", name="Turn the app on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    recovery = page.locator(".recovery-codes code").first.inner_text()
    _has_nothing_that_axe_finds(page)

    page.goto(f"{address}/account/2fa/webauthn/add/")
    _has_nothing_that_axe_finds(page)
    page.get_by_label("Name").fill("Office laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Sign-in and security")).to_be_visible()
    page.goto(f"{address}/account/2fa/webauthn/")
    expect(page.get_by_role("row", name="Office laptop")).to_contain_text("Passkey")
    _has_nothing_that_axe_finds(page)
    _sign_out(page, address)

    _sign_in(page, address, person)
    expect(page.get_by_role("heading", name="Your second step")).to_be_visible()
    _has_nothing_that_axe_finds(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    _has_nothing_that_axe_finds(page)
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"^(?!.*account)"))
    _sign_out(page, address)

    page.goto(f"{address}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(r"^(?!.*account)"))
    assert breaches == []
