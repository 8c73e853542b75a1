"""`manage.py access_table`: who may do what, and what each address needs, as the Markdown of docs/access.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver

from core.people.roles import (
    FORM_SCOPED,
    HANDIN_POINT_ROLES,
    PHASE_SCOPED,
    ROLE_PERMISSIONS,
    Permission,
    Role,
    permissions_of,
)
from schoolsafe.access import ACCESS, PUBLIC, SIGNED_IN, Row

HEAD = """\
# Who may do what

Made by `manage.py access_table` from `core/people/roles.py` and `schoolsafe/access.py`, the code that decides; a test
fails when this page is behind. Change the code, then run `script/manage access_table > docs/access.md`.

A person holds roles in a school from a day to a day, and may do what any of them allows. Somebody without a role in a
school is told that nothing is there (404); somebody with a role that does not suffice is refused (403), and the attempt
is written to the record. A record of another school is never there, whatever the role.
"""

GROUPS = {
    "": "The service itself",
    "session": "The session, and one-time links",
    "overview": "Home, finding, the record",
    "people": "People, the school, the calendar, the directory",
    "rules": "Rules",
    "roll": "Roll import",
    "notices": "Inbox",
    "devices": "The desk and devices",
}
METHODS = {("GET",): "look", ("POST",): "act", ("GET", "POST"): "look, act"}
NEEDS = {PUBLIC: "nothing: anybody", SIGNED_IN: "being signed in"}


class Command(BaseCommand):
    help = "Print the roles, their permissions and what each address needs, as Markdown (docs/access.md)."
    requires_system_checks: list[str] = []  # noqa: RUF012  Django's own declaration is a list

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(document()))


def document() -> Iterator[str]:
    """The page, line by line."""
    yield HEAD
    yield from _roles()
    yield from _permissions()
    yield from _addresses()


def _roles() -> Iterator[str]:
    yield "## Roles\n"
    yield "| role | stored as | may |"
    yield "|---|---|---|"
    for role in Role:
        yield f"| {role.label} | `{role.value}` | {_words(ROLE_PERMISSIONS[role])} |"
    phased, formed = (_labels(roles) for roles in (PHASE_SCOPED, FORM_SCOPED))
    yield f"\nMay be held for one phase of the school: {phased}. For one form: {formed}.\n"
    for rule, roles in HANDIN_POINT_ROLES.items():
        if roles:
            more = permissions_of(roles, handin_point=rule) - permissions_of(roles)
            yield f"Where the school’s rule `handin_point` says `{rule}`: {_labels(roles)} may also {_words(more)}.\n"


def _permissions() -> Iterator[str]:
    yield "## Permissions\n"
    yield "| permission | held by |"
    yield "|---|---|"
    for permission in Permission:
        holders = frozenset(role for role, granted in ROLE_PERMISSIONS.items() if permission in granted)
        yield f"| `{permission.value}` | {_holders(holders)} |"
    yield ""


def _addresses() -> Iterator[str]:
    routes = dict(_routes(get_resolver().url_patterns))
    yield "## Addresses\n"
    yield "“Look” is GET and changes nothing; “act” is POST. *Own*: for everybody but its owner the record is not there."
    for space, title in GROUPS.items():
        rows = [(name, row) for name, row in ACCESS.items() if name.rpartition(":")[0] == space]
        yield f"\n### {title}\n"
        yield "| address | name | | needs |"
        yield "|---|---|---|---|"
        for name, row in rows:
            yield f"| `{routes[name]}` | `{name}` | {METHODS[row.methods]} | {_needs(row)} |"
    yield "\nThe pages of django-allauth below `/account/` (signing in and out, the second step, passwords) are the"
    yield "package’s own; signing up is closed."


def _needs(row: Row) -> str:
    needs = f"`{row.needs.value}`" if isinstance(row.needs, Permission) else NEEDS[row.needs]
    return f"{needs}; *own*" if row.own else needs


def _words(permissions: frozenset[Permission]) -> str:
    """`view_home` and the like in the order of the catalogue, in words."""
    return ", ".join(one.value.replace("_", " ") for one in Permission if one in permissions)


def _labels(roles: frozenset[Role]) -> str:
    return ", ".join(str(role.label) for role in Role if role in roles)


def _holders(roles: frozenset[Role]) -> str:
    others = frozenset(Role) - roles
    if not others:
        return "every role"
    if len(others) < len(roles):
        return f"every role but: {_labels(others)}"
    return _labels(roles) or "nobody"


def _routes(patterns: list[Any], prefix: str = "/", space: str = "") -> Iterator[tuple[str, str]]:
    """Each address's full name and its route, with `<int:pupil>` shortened to `<pupil>`."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern.url_patterns, prefix + str(pattern.pattern), inside)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", re.sub(r"<\w+:", "<", prefix + str(pattern.pattern))
