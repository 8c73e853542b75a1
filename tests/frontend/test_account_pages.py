"""allauth's pages in our frame: each one compiles, and those a stranger sees are calm and complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client

ROOT = Path(__file__).parents[2] / "templates"
PAGES = sorted(
    str(path.relative_to(ROOT)) for folder in ("account", "mfa", "allauth") for path in (ROOT / folder).rglob("*.html")
)


@pytest.mark.parametrize("name", PAGES)
def test_account_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.django_db
def test_login_page_asks_for_email_and_password_and_offers_a_passkey() -> None:
    html = Client().get("/account/login/").content.decode()
    assert "<h1>Sign in</h1>" in html
    assert 'autocomplete="current-password"' in html
    assert 'id="passkey_login"' in html
    assert "Remember" not in html


@pytest.mark.django_db
def test_login_page_after_a_wrong_password_shows_the_summary_and_the_address_as_typed() -> None:
    """ux §2: keep what was typed; "There is a problem"."""
    html = Client().post("/account/login/", {"login": "a@example.org", "password": "not it"}).content.decode()
    assert "There is a problem" in html
    assert "<title>Error: Sign in" in html
    assert 'value="a@example.org"' in html
    assert "not it" not in html


@pytest.mark.django_db
def test_reset_page_says_that_the_second_step_stays() -> None:
    html = Client().get("/account/password/reset/").content.decode()
    assert "keeps your second step" in html


@pytest.mark.django_db
def test_reset_page_answers_alike_for_known_and_unknown_addresses() -> None:
    """Security row 22 ff.: no account guessing."""
    answer = Client().post("/account/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert "If that address has an account" in answer.content.decode()
