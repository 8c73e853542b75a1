"""What a log line holds, and above all what it does not."""

import json
import logging
import re
import runpy
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.kit.middleware import request_id
from core.kit.tokens import without_tokens
from schoolsafe.logs import JsonFormatter


def line(**fields: object) -> dict[str, object]:
    record = logging.LogRecord("schoolsafe", logging.ERROR, __file__, 1, "Something failed", (), None)
    record.__dict__.update(fields)
    return json.loads(JsonFormatter().format(record))


def test_line_is_json_with_time_level_and_request() -> None:
    token = request_id.set("abc123")
    try:
        found = line(status_code=500)
    finally:
        request_id.reset(token)
    assert found["event"] == "Something failed"
    assert found["level"] == "error"
    assert found["request"] == "abc123"
    assert found["status"] == 500
    assert str(found["at"]).endswith("+00:00")


def test_line_of_a_refused_request_names_the_request() -> None:
    """Django logs a 4xx after our middleware has ended: the same id as the page showed is still there."""
    assert line(status_code=422, request=SimpleNamespace(request_id="def456"))["request"] == "def456"


def test_line_of_an_error_names_its_kind_and_place_but_not_its_text() -> None:
    """ASVS 16.2.5: an exception's text may quote what somebody typed."""
    try:
        raise ValueError("Key (surname)=(Kovacs) already exists")
    except ValueError:
        found = line(exc_info=sys.exc_info())
    assert found["error"] == "ValueError"
    assert "test_logs.py" in str(found["frames"])
    assert "Kovacs" not in json.dumps(found)


def test_line_break_in_a_message_stays_one_line() -> None:
    """ASVS 16.4.1: nobody can write a second line into the log."""
    record = logging.LogRecord("schoolsafe", logging.INFO, __file__, 1, "one\ntwo", (), None)
    assert "\n" not in JsonFormatter().format(record)


PATHS = ("/hill/agreements/sign/{}/", "/account/invitation/{}/", "/setup/{}/", "/account/password/reset/key/{}/")


@pytest.mark.parametrize("path", PATHS)
def test_token_of_a_link_is_in_no_log_whether_it_was_right_or_wrong(path: str) -> None:
    """Security row 57, 5.3: not in Django's line about a page that was not found, nor in the servers' of requests."""
    address = path.format(token := secrets.token_urlsafe(32))
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Not Found: %s", (address,), None)
    assert json.loads(JsonFormatter().format(record))["event"] == f"Not Found: {path.format('…')}"
    deploy = Path(__file__).parents[2] / "deploy"
    served = runpy.run_path(str(deploy / "gunicorn.py"))
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": address, "SERVER_PROTOCOL": "HTTP/1.1", "PATH_INFO": address}
    response = SimpleNamespace(status="404 Not Found", sent=10, headers=())
    log = served["Log"].__new__(served["Log"])
    written = log.atoms(response, SimpleNamespace(headers=()), environ, timedelta())
    assert token not in served["access_log_format"] % {**written, "t": "now"}
    pattern = re.search(r"request>uri regexp `([^`]+)` [$]1", (deploy / "Caddyfile").read_text())
    assert pattern is not None
    assert re.sub(pattern[1], r"\1", f"{address}?seen={token}") == path.format("").replace("//", "/") + "/"


@pytest.mark.parametrize("path", ["/hill/agreements/sign/1234567/check/", "/hill/agreements/sign/stopped/"])
def test_address_without_a_token_stays_as_it_is(path: str) -> None:
    assert without_tokens(path) == path
