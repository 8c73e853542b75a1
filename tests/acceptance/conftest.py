"""The scenarios of matrix section 3 are played through the pages, as the people who would play them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django_scopes import scope

from core.people.models import School, User
from core.people.roles import Role
from tests.factories import make_school, make_user


class Person:
    """Somebody signed in to one school, who opens pages and sends forms."""

    def __init__(self, user: User, school: School) -> None:
        self.user, self.school = user, school
        self.client = Client()

    def _sit_down(self) -> None:
        """Sign in afresh: the scenarios leap over hours in which a session would have locked."""
        self.client = Client()
        self.client.force_login(self.user, backend="core.people.backends.PeopleBackend")

    def opens(self, page: str) -> Any:
        """GET a page of the school, such as "devices/arrivals/"."""
        self._sit_down()
        return self.client.get(f"/{self.school.slug}/{page}")

    def sends(self, page: str, **fields: Any) -> Any:
        """POST a form of the school, following on to the page that comes after."""
        self._sit_down()
        return self.client.post(f"/{self.school.slug}/{page}", fields, follow=True)


def shown(response: Any) -> str:
    """What a person reads on a page: its words, without the tags."""
    html = response.content.decode()
    html = html[html.index("<main") :] if "<main" in html else html
    text = re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", html))
    return " ".join(text.replace("&#x27;", "'").replace("&nbsp;", " ").split())


@pytest.fixture
def preset() -> str:
    raise NotImplementedError("Each file says which preset it plays under.")


@pytest.fixture
def place(db: None, preset: str) -> Iterator[School]:
    """The school of the scenario, under the file's preset."""
    school = make_school("fernleigh", name="Fernleigh School", preset=preset)
    with scope(school=school):
        yield school


@pytest.fixture
def as_role(place: School) -> Callable[[Role], Person]:
    """Somebody who holds a role in the school, at work."""

    def make(role: Role) -> Person:
        return Person(make_user(role, place), place)

    return make


@pytest.fixture
def clock(at: datetime) -> Iterator[Callable[[int, int], None]]:
    """Set the time of the scenario's school day, Monday 23 November 2026; it starts at 8:30."""
    with time_machine.travel(at, tick=False) as traveller:

        def to(hour: int, minute: int) -> None:
            traveller.move_to(at.replace(hour=hour, minute=minute))

        yield to
