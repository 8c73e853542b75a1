"""Fixtures for the whole suite: a database owned by one role and used by another, two schools, a cast of people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.http import HttpRequest
from django.template import Template
from django.test import Client, TransactionTestCase
from django.test.utils import _TestState, instrumented_test_render
from django_scopes import scope
from xdist.scheduler import LoadScopeScheduling

from core.people.models import FormGroup, Pupil, School, User
from core.people.roles import Role
from tests.factories import make_form, make_pupil, make_school
from tests.factories import make_user as build_user

LONDON = ZoneInfo("Europe/London")
AT = datetime(2026, 11, 23, 8, 30, tzinfo=LONDON)  # a Monday, before the cut-off
APP_ROLE = settings.DATABASES["default"]["USER"]


def _as_role(role: str) -> None:
    """Reconnect the default connection as another role of the cluster."""
    connection.close()
    connection.settings_dict["USER"] = role


_BROKER = {
    "tests/devices/test_chase.py",
    "tests/faults/test_killed_making_worker.py",
    "tests/faults/test_killed_web_worker.py",
    "tests/notices/test_worker.py",
}


class _ByFile(LoadScopeScheduling):
    """Side by side: the tests of a file stay together and in order, on what was made once for them; those that start
    workers share one broker, so their files follow one another; a browser's journeys go singly, being long."""

    def _split_scope(self, nodeid: str) -> str:
        name = nodeid.split("::")[0]
        if name in _BROKER or name.startswith("tests/platform/"):
            return "broker"
        return nodeid if name.startswith("tests/journeys/") else name


_LONG = ("test_every_page_is_accessible.py", "test_half_past_eight.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest journeys first, so that at the end nobody waits for one that was begun last."""
    items.sort(key=lambda item: (item.path.parent.name == "journeys", item.path.name not in _LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _ByFile(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The owner makes the test database and migrates it; see `django_db_setup`."""
    from urllib.parse import urlsplit

    owner = urlsplit(os.environ["DATABASE_OWNER_URL"]).username
    connections["default"].settings_dict["USER"] = owner


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After migrating as the owner, every test runs as the app role, which may not change a fact once written."""
    owner = connection.settings_dict["USER"]
    with django_db_blocker.unblock():
        call_command("createcachetable", verbosity=0)
        from django.apps import apps

        from core.kit.privileges import grant_app_role

        grant_app_role(connection, APP_ROLE, apps.get_models(include_auto_created=True))
        _as_role(APP_ROLE)
    yield
    with django_db_blocker.unblock():
        _as_role(owner)


@pytest.fixture(autouse=True)
def _school_morning(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins on the same school morning, whatever the day and hour it is run at; what starts a program of
    its own, which has the machine's clock, says `real_clock`."""
    if request.node.get_closest_marker("real_clock"):
        yield
        return
    with time_machine.travel(AT, tick=True):
        yield


_FILLED = """
DO $$
DECLARE
    name text; filled text[] := '{}'; guard record; is_filled boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_filled;
        IF is_filled THEN filled := filled || name; END IF;
    END LOOP;
    FOR guard IN SELECT tgrelid::regclass AS at, tgname FROM pg_trigger
        WHERE tgname SIMILAR TO '%(_append_only|_parent_frozen)' AND tgrelid::regclass::text = ANY (filled)
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', guard.at, guard.tgname);
    END LOOP;
    FOREACH name IN ARRAY filled LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR guard IN SELECT tgrelid::regclass AS at, tgname FROM pg_trigger
        WHERE tgname SIMILAR TO '%(_append_only|_parent_frozen)' AND tgrelid::regclass::text = ANY (filled)
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guard.at, guard.tgname);
    END LOOP;
END $$"""


def _flush_as_owner(self: TransactionTestCase) -> None:
    """Empty what a test of real transactions filled; only the owner can, and only by switching triggers off.

    A few rows are taken out of a few tables: to truncate hundreds of tables that are empty takes a second each time.
    """
    from urllib.parse import urlsplit

    owner = urlsplit(os.environ["DATABASE_OWNER_URL"]).username
    for other in connections.all():
        other.close()
    _as_role(str(owner))
    with connection.cursor() as cursor:
        cursor.execute(_FILLED)
    _as_role(APP_ROLE)


TransactionTestCase._fixture_teardown = _flush_as_owner  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _clean_caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """Limits on guessing live in the cache and must not leak from one test into the next."""
    from core.people import calendar
    from devices.views import desk

    calendar._cache.clear()
    desk.forget_figures()
    try:
        from core.rules import queries as rule_queries
    except ImportError:
        rule_queries = None  # type: ignore[assignment]
    clear = getattr(rule_queries, "clear_cache", None)
    if clear is not None:
        clear()
    yield
    if "django_db_blocker" in request.fixturenames or request.node.get_closest_marker("django_db"):
        try:
            cache.clear()
        except Exception:  # the database is already closed to this test
            return


@pytest.fixture(scope="session", autouse=True)
def _templates_as_in_production(django_test_environment: None) -> Iterator[None]:
    """Under test Django copies the context of every part of every page, in case somebody asks: see `page_contexts`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Template, "_render", _TestState.saved_data.template_render)
        yield


@pytest.fixture
def page_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test that asks a response for its `context`."""
    monkeypatch.setattr(Template, "_render", instrumented_test_render)


@pytest.fixture
def at() -> datetime:
    """Monday 23 November 2026, 8:30 in London: a school day, before the cut-off."""
    return AT


@pytest.fixture
def school(db: None) -> Iterator[School]:
    """Harbour View School, whose rules are those of phone-free-agreement; its scope is open in the test."""
    school = make_school("harbour-view")
    with scope(school=school):
        yield school


@pytest.fixture
def other_school(db: None) -> School:
    """The neighbour that must never be seen."""
    return make_school("mill-lane", name="Mill Lane School")


@pytest.fixture
def make_user(school: School) -> Callable[..., User]:
    """A person holding one role in a school (the test's own by default)."""

    def make(role: Role | str, at_school: School | None = None, **fields: Any) -> User:
        return build_user(role, at_school or school, **fields)

    return make


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A signed-in browser without JavaScript."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="core.people.backends.PeopleBackend")
        return client

    return make


def _role_fixture(role: Role) -> Any:
    @pytest.fixture(name=f"{role.value}_user")
    def fixture(school: School) -> User:
        return build_user(role, school)

    return fixture


for _role in Role:
    globals()[f"{_role.value}_user"] = _role_fixture(_role)


@pytest.fixture
def no_role_user(db: None) -> User:
    """Somebody with an account and no place anywhere."""
    return build_user(None, None)


@pytest.fixture
def form_group(school: School) -> FormGroup:
    return make_form(school, "8B", year=8)


@pytest.fixture
def pupil(form_group: FormGroup) -> Pupil:
    return make_pupil(form_group.school, "Amara", "Kovacs", form=form_group)


_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session", autouse=True)
def _browsers_keep_static_files() -> Iterator[None]:
    """As in production, a browser asks for a style or a script once; on a fresh checkout it would ask on every page.

    Kept for years: by the browser's clock what the tests' morning sends is as old as that morning.
    """
    serve = StaticFilesHandlerMixin.serve

    def kept(self: StaticFilesHandlerMixin, request: HttpRequest) -> Any:
        response = serve(self, request)
        response.headers["Cache-Control"] = "max-age=315360000, immutable"
        return response

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StaticFilesHandlerMixin, "serve", kept)
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium: no browser is downloaded."""
    return {"executable_path": os.environ.get("CHROMIUM") or "/usr/bin/chromium", "args": _CHROMIUM}
