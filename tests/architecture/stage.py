"""Two schools and somebody for every role, made once for a whole file; each test plays on it and everything is undone.

A request costs milliseconds, a school and its people a second: the sweeps ask every address as every role, so what
they share is made once. One transaction is open from the first test of the file to the last; each test, and within it
each request, is a savepoint that is rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.people.models import School, User
from core.people.roles import Role
from tests.architecture.records import Records
from tests.conftest import AT
from tests.factories import make_school, make_user

# What looking may write: that somebody looked, and that they are here.
_LOOKS = ("audit_entry", "people_session", "cache")
_WRITE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE)\s+"?(\w+)"?', re.IGNORECASE)
_ADDRESS = re.compile(r"""=\s*["']((?:/|\?|https?:)[^"']*)["']""")


_MAIL = "notices_outboxemail"


def _mails() -> Any:
    from core.notices.models import OutboxEmail

    return OutboxEmail.objects.all()


@dataclass(frozen=True)
class Answer:
    """What came back, as far as the sweeps judge it."""

    status: int
    location: str
    addresses: tuple[str, ...]
    writes: tuple[str, ...]
    statements: tuple[str, ...]
    mails: tuple[str, ...]
    text: str
    error: str


class Undo(Exception):
    """Roll back what was done inside."""


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back."""
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        pass


def forget() -> None:
    """Empty what the process remembers of schools: a version that was rolled back will be used again."""
    from core.people import calendar
    from core.rules import queries

    calendar._cache.clear()
    queries.clear_cache()


class Browser:
    """A signed-in browser that stays signed in whatever a request did: the request is undone."""

    def __init__(self, user: User | None) -> None:
        self.user = user
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)
        self._cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def ask(self, method: str, url: str, body: dict[str, Any] | None = None, *, part: bool = False) -> Answer:
        """Send one request and undo what it did; as for `part` of a page, the answer comes without the page's frame."""
        self.client.cookies.clear()
        for name, value in self._cookies.items():
            self.client.cookies[name] = value
        answer: Answer
        connection.queries_log.clear()  # it keeps 9,000 and no more, fewer than all the pages send
        with undone(), CaptureQueriesContext(connection) as queries:
            send = self.client.get if method == "GET" else self.client.post
            headers = {"HX-Request": "true"} if part else None
            answer = self._judge(send(url, body or {}, headers=headers), queries)
        if answer.writes:
            forget()
        return answer

    def keep(self, method: str, url: str, body: dict[str, Any] | None = None) -> Any:
        """Send one request whose doings, and cookies, stay."""
        send = self.client.get if method == "GET" else self.client.post
        response = send(url, body or {})
        self._cookies = {name: morsel.value for name, morsel in self.client.cookies.items() if morsel.value}
        return response

    @staticmethod
    def _judge(response: Any, queries: CaptureQueriesContext) -> Answer:
        content = b"".join(response.streaming_content) if response.streaming else response.content
        kind = response.headers.get("Content-Type", "")
        text = content.decode(errors="replace") if kind.startswith("text/") else ""
        location = response.headers.get("Location", "") or response.headers.get("HX-Redirect", "")
        statements = [query["sql"] for query in queries.captured_queries]
        written = [found[1] for sql in statements if (found := _WRITE.match(sql))]
        fault = getattr(response, "exc_info", None)
        return Answer(
            status=response.status_code,
            location=location,
            addresses=tuple(unquote(found) for found in (location, *_ADDRESS.findall(text)) if found),
            writes=tuple(table for table in written if table not in _LOOKS),
            statements=tuple(statements),
            mails=tuple(f"{mail.subject}\n{mail.text}" for mail in _mails()) if _MAIL in written else (),
            text=text,
            error=repr(fault[1]) if fault else "",
        )


class Stage:
    """The two schools, and browsers of everybody who plays."""

    def __init__(self) -> None:
        self.at = AT
        self.school: School = make_school("harbour-view")
        self.neighbour: School = make_school("mill-lane", name="Mill Lane School")
        self.users = {role: make_user(role, self.school) for role in Role}
        self.cast = {role: Browser(user) for role, user in self.users.items()}
        self.nobody = Browser(None)
        self.stranger = Browser(make_user(None, None))

    @cached_property
    def everybody(self) -> Browser:
        """One person who holds every role of the school."""
        from tests.factories import give_role

        person = make_user(Role.HEADTEACHER, self.school)
        for role in Role:
            if role != Role.HEADTEACHER:
                give_role(person, self.school, role)
        return Browser(person)

    def records(self) -> Records:
        """Records of the school; its notices go to the DSL."""
        return Records(self.school, self.at, reader=self.users[Role.DSL])

    def warm(self) -> None:
        """A first request each, so that none of the judged ones pays for the first of a session or a process."""
        with scope(school=self.school):
            for browser in (*self.cast.values(), self.everybody):
                browser.keep("GET", f"/{self.school.slug}/")
        self.stranger.keep("GET", "/")
