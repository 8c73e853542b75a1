"""A fault in any page tells the log, the reader and the post nothing about a child (security rows 49 and 57, F41)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.module_loading import import_string
from django.views.generic import View

from core.notices.models import OutboxEmail
from core.people.roles import Role
from schoolsafe.access import ACCESS
from tests.architecture.records import CANARIES, EMAIL, FORENAME, NOTE, SURNAME
from tests.architecture.stage import Stage
from tests.architecture.test_every_address import IN_SCHOOL, OF_SESSIONS

TOKEN = "canarytokenofaonetimelink"
WORDS = (*CANARIES, TOKEN, settings.SECRET_KEY.lower())
# What people type, under the names that our forms give it.
TYPED = {
    "code": SURNAME, "query": SURNAME, "text": SURNAME, "legal_forename": FORENAME, "legal_surname": SURNAME,
    "forename": FORENAME, "surname": SURNAME, "given_name": FORENAME, "family_name": SURNAME, "email": EMAIL,
    "note": NOTE, "reason": NOTE, "medical_note": NOTE, "token": TOKEN, "password": TOKEN,
}  # fmt: skip


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as production writes it: its formatter, on every logger that production gives a handler."""
    formats = settings.LOGGING["formatters"]
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"json"}
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(import_string(formats["json"]["()"])())
    loggers = [logging.getLogger(name) for name in ("", *settings.LOGGING["loggers"])]
    for logger in loggers:
        logger.addHandler(handler)
    yield written
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page does all its work and then fails, with an error that quotes what the database quotes of a row."""
    whole = View.dispatch

    def dispatch(self: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = whole(self, request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.render()
        try:
            raise DataError(f"DETAIL: Key (surname, email)=({SURNAME}, {EMAIL}) already exists")
        except DataError as error:
            raise RuntimeError(f"{FORENAME} {SURNAME}: {NOTE} {TOKEN} {settings.SECRET_KEY}") from error

    monkeypatch.setattr(View, "dispatch", dispatch)


def named_in(text: str) -> list[str]:
    return [word for word in WORDS if word in text.lower()]


def test_the_fixtures_would_notice(log: io.StringIO) -> None:
    """What a plain formatter would write does hold the names; a check that cannot fail proves nothing."""
    assert named_in(f"{FORENAME} {SURNAME.upper()}") == ["quillamine", "wrenfeatherby"]
    logging.getLogger("django.request").error("%s", SURNAME)
    assert named_in(log.getvalue()) == ["wrenfeatherby"]


@pytest.mark.parametrize("name", [*IN_SCHOOL, *OF_SESSIONS])
def test_fault_in_a_page_names_nobody(name: str, stage: Stage, broken: None, log: io.StringIO) -> None:
    """F41: a 500 in every view; no name, note, address, token or key in its log lines, its page or its emails."""
    records = stage.records()
    url, body = records.address(name), records.body(name)
    before = set(OutboxEmail.objects.values_list("pk", flat=True))
    for method in ACCESS[name].methods:
        answer = stage.everybody.ask(method, url, TYPED | body if method == "POST" else None)
        if (ACCESS[name].own or ACCESS[name].few) and answer.status == 404:
            answer = stage.cast[Role.DSL].ask(method, url, TYPED | body if method == "POST" else None)
        assert answer.status == 500, f"{method} {name} did not fail"
        assert named_in(answer.text + answer.location + "".join(answer.mails)) == []
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert any(line["level"] == "error" and line["error"] == "RuntimeError" for line in lines)
    assert named_in(log.getvalue()) == []
    assert [named_in(f"{letter.subject} {letter.body}") for letter in mail.outbox if named_in(str(letter.body))] == []
    assert set(OutboxEmail.objects.values_list("pk", flat=True)) == before, "an email outlived the fault"
