"""What the tests about people share: a helper to act at once, letters caught, a post of a page's own form."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.people import hooks
from core.people.models import School


@pytest.fixture(autouse=True)
def _clock(at: datetime) -> Iterator[None]:
    """The clock stands at the morning of `at` and goes on from there."""
    with time_machine.travel(at, tick=True):
        yield


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The emails about accounts that operations asked for, in order."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(hooks, "_mailer", lambda **email: sent.append(email))
    yield sent


@pytest.fixture
def statements() -> Callable[[Client, str], int]:
    """How many statements a page costs, its own session and permissions included."""

    def count(client: Client, url: str) -> int:
        client.get(url)
        cache.clear()
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    return count


def at_once(school: School, *acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread of its own, started together; results and errors in order."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(position: int, act: Callable[[], Any]) -> None:
        try:
            with scope(school=school):
                gate.wait()
                results[position] = act()
        except Exception as error:
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def version_in(page: Any) -> str:
    """The version that the form of a page was opened with."""
    found = re.search(r'name="version" value="(\d+)"', page.content.decode())
    assert found
    return found.group(1)
