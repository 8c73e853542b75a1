"""What every card is made of: who looks, what a card holds, and links that only lead where one may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.people.access import has, holds
from core.people.calendar import calendar_for
from core.people.enums import DayTimeKey
from core.people.models import School, User
from core.people.roles import Permission, Role
from schoolsafe.overview.navigation import open_url

SHOWN = 12  # lines of a card before "and so many more"


@dataclass(frozen=True)
class Viewer:
    """Who looks at the home page of which school, and when."""

    user: User
    school: School
    now: datetime
    today: date

    def may(self, permission: Permission) -> bool:
        return has(self.user, permission, self.school)

    def holds(self, *roles: Role) -> bool:
        return holds(self.user, self.school, *roles)

    @property
    def is_school_day(self) -> bool:
        return calendar_for(self.school).is_school_day(self.today)

    @property
    def cutoff(self) -> datetime | None:
        """When hand-in ends today."""
        return calendar_for(self.school).at(self.today, DayTimeKey.CUTOFF)

    @property
    def is_past_cutoff(self) -> bool:
        """Whether somebody who has not been seen is worth asking about."""
        return self.is_school_day and self.cutoff is not None and self.now >= self.cutoff

    def url(self, name: str, key: int | None = None) -> str:
        """A page's address if this person may open it."""
        return open_url(name, self.user, self.school, key)


@dataclass(frozen=True)
class Card:
    """One panel of a home page. Without counters, tasks or facts it shows `done`: nothing needs this person."""

    title: str
    counters: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
    done: str = "Nothing needs you here."
    links: list[dict[str, str]] = field(default_factory=list)
    checked_at: str = ""
    key: str = ""
    is_broken: bool = False

    @property
    def is_done(self) -> bool:
        return not (self.is_broken or self.counters or self.tasks or self.facts)


Provider = Callable[[Viewer], Card | None]


def links_to(viewer: Viewer, *wanted: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "url": url} for name, label in wanted if (url := viewer.url(name))]


def how_many(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
