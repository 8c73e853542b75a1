"""What stands on a record's page under “Actions”: each part of the app adds a panel of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.people.models import User
from incidents.models import Incident


@dataclass(frozen=True)
class Panel:
    """One section of a record's page. `template` gets `context` with the page's own; `links` are {"label", "url"}.

    `order` says where it stands: decisions from 10, what follows from 40, people outside from 60, the end from 90.
    """

    key: str
    title: str
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[Mapping[str, str]] = ()
    order: int = 50


PANELS: list[Callable[[Incident, User], Panel | None]] = []


def panel(make: Callable[[Incident, User], Panel | None]) -> Callable[[Incident, User], Panel | None]:
    """Put a panel on every record's page: `make` gives it, or None where this record or reader has none.

    A view module that uses it is imported by `incidents.urls`, and with that the panel is there.
    """
    PANELS.append(make)
    return make


def panels_of(incident: Incident, user: User) -> list[Panel]:
    """The panels of one record for one reader, in order."""
    found = [made for make in PANELS if (made := make(incident, user)) is not None]
    return sorted(found, key=lambda made: made.order)
