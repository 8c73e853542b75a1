"""What a log line holds, and above all what it does not."""

import json
import logging
import sys
from types import SimpleNamespace

from core.kit.middleware import request_id
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
