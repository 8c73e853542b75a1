"""Every address, held to the access table: by role, by method, by school (house 4.6, security 5.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.people.access import has
from core.people.models import School, User
from core.people.roles import Permission, Role
from schoolsafe.access import ACCESS, PUBLIC, SIGNED_IN, Row
from tests.architecture.records import Records, kwargs_of, named_patterns
from tests.factories import make_user

PATTERNS = named_patterns()
IN_SCHOOL = sorted(name for name in PATTERNS if isinstance(ACCESS.get(name, Row(PUBLIC)).needs, Permission))
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Undo(Exception):
    """Roll back what a swept request did."""


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(PATTERNS) == set(ACCESS)


@pytest.mark.parametrize("name", IN_SCHOOL)
def test_view_asks_for_what_the_table_says(name: str) -> None:
    view = PATTERNS[name].callback.view_class  # type: ignore[attr-defined]
    assert view.permission == ACCESS[name].needs
    for method in ("get", "post"):
        answered = method.upper() in ACCESS[name].methods
        assert hasattr(view, method) == answered or (method == "get" and not answered), (
            f"{name} answers {method.upper()}, the table says {ACCESS[name].methods}"
        )


def address(name: str, records: Records) -> str:
    view: Any = getattr(PATTERNS[name].callback, "view_class", None)
    return reverse(name, kwargs={kind: records.value(kind, view) for kind in kwargs_of(name)})


def ask(client: Client, method: str, url: str) -> int:
    """The status of a request whose doings are undone."""
    status = 0
    try:
        with transaction.atomic():
            client.raise_request_exception = False
            status = client.get(url).status_code if method == "GET" else client.post(url, {}).status_code
            raise Undo
    except Undo:
        return status


@pytest.fixture
def cast(school: School) -> dict[Role, Client]:
    """A signed-in browser for every role."""
    clients = {}
    for role in Role:
        client = Client()
        client.force_login(make_user(role, school), backend=BACKEND)
        clients[role] = client
    return clients


@pytest.mark.parametrize("name", IN_SCHOOL)
def test_every_role_gets_what_the_table_says(name: str, school: School, cast: dict[Role, Client], at: datetime) -> None:
    """ORG-10, matrix 1.21: allowed roles never meet 403 or a crash, all others always meet 403."""
    url = address(name, Records(school, at))
    row = ACCESS[name]
    wrong = []
    for role, client in cast.items():
        user = User.objects.get(pk=client.session["_auth_user_id"])
        allowed = has(user, row.needs, school)  # type: ignore[arg-type]
        for method in row.methods:
            status = ask(client, method, url)
            if row.own and allowed:
                fine = status == 404
            else:
                fine = status not in (403, 404, 405) and status < 500 if allowed else status == 403
            if not fine:
                wrong.append((role.value, method, status, "allowed" if allowed else "refused"))
    assert wrong == []


@pytest.mark.parametrize("name", IN_SCHOOL)
def test_strangers_get_nothing(name: str, school: School, no_role_user: User, at: datetime) -> None:
    """Somebody signed out is sent to sign in; somebody without a role in the school is told nothing."""
    url = address(name, Records(school, at))
    nobody, stranger = Client(), Client()
    stranger.force_login(no_role_user, backend=BACKEND)
    for method in ACCESS[name].methods:
        assert ask(nobody, method, url) == 302
        assert ask(stranger, method, url) == 404


WITH_RECORDS = [name for name in IN_SCHOOL if kwargs_of(name) - {"school", "key", "section"}]


@pytest.mark.parametrize("name", WITH_RECORDS)
def test_records_of_the_neighbouring_school_do_not_exist(
    name: str, school: School, other_school: School, at: datetime
) -> None:
    """house 4.1: the neighbour's record under one's own school's address is 404, for a person with every role."""
    person = make_user(Role.HEADTEACHER, school)
    from tests.factories import give_role

    for role in (Role.ADMINISTRATOR, Role.DSL, Role.OFFICE):
        give_role(person, school, role)
    client = Client()
    client.force_login(person, backend=BACKEND)
    with scope(school=other_school):
        theirs = Records(other_school, at)
        kwargs = {kind: theirs.value(kind, None) for kind in kwargs_of(name)}
    url = reverse(name, kwargs=kwargs | {"school": school.slug})
    for method in ACCESS[name].methods:
        assert ask(client, method, url) == 404, f"{method} {name}"


@pytest.mark.parametrize("name", sorted(name for name in PATTERNS if ACCESS.get(name, Row("")).needs == SIGNED_IN))
def test_session_pages_need_a_signed_in_person(name: str, db: None) -> None:
    for method in ACCESS[name].methods:
        assert ask(Client(), method, reverse(name)) == 302


def test_public_pages_are_exactly_these() -> None:
    """security row 24: the ways in without signing in are few and known."""
    public = {name for name, row in ACCESS.items() if row.needs == PUBLIC}
    open_views = {name for name, pattern in PATTERNS.items() if not getattr(pattern.callback, "login_required", True)}
    assert open_views == public


def test_get_never_writes(school: School, cast: dict[Role, Client], at: datetime) -> None:
    """security row 14: looking at every page changes nothing but the record of looking."""
    from django.apps import apps
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    records = Records(school, at)
    looks = ("audit_entry", "people_session", "cache", "django_session")
    del apps
    for name in IN_SCHOOL:
        if "GET" not in ACCESS[name].methods:
            continue
        url = address(name, records)
        for role in (Role.ADMINISTRATOR, Role.DSL, Role.OFFICE, Role.HEADTEACHER):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                cast[role].get(url)
            writes = [
                query["sql"]
                for query in queries.captured_queries
                if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
                and not any(f'"{table}"' in query["sql"][:60] for table in looks)
            ]
            assert writes == [], f"GET {name} as {role} wrote"
