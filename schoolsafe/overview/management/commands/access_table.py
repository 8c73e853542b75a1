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
    "incidents": "Reports and cases",
    "agreements": "Agreements, consents, access, declarations",
    "policies": "Documents and acknowledgements",
}
METHODS = {("GET",): "look", ("POST",): "act", ("GET", "POST"): "look, act"}
NEEDS = {PUBLIC: "nothing: anybody", SIGNED_IN: "being signed in"}


class Command(BaseCommand):
    help = "Print the roles, their permissions and what each address needs, as Markdown (docs/access.md)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(document()))


def document() -> Iterator[str]:
    """The page, line by line."""
    yield HEAD
    yield from _roles()
    yield from _permissions()
    yield from _addresses()


def _roles() -> Iterator[str]:
    shared = frozenset.intersection(*ROLE_PERMISSIONS.values())
    yield "## Roles\n"
    yield f"Every role may: {_words(shared)}. Beyond that:\n"
    yield "| role | stored as | may |"
    yield "|---|---|---|"
    for role in Role:
        yield f"| {role.label} | `{role.value}` | {_words(ROLE_PERMISSIONS[role] - shared) or 'nothing more'} |"
    yield f"\nMay be held for one phase of the school: {_labels(PHASE_SCOPED)}. For one form: {_labels(FORM_SCOPED)}.\n"
    yield "Who takes devices in is the school’s own rule, `handin_point`. It adds:\n"
    yield "| the rule says | role | may also |"
    yield "|---|---|---|"
    for rule, roles in HANDIN_POINT_ROLES.items():
        for role in (one for one in Role if one in roles):
            alone = frozenset({role})
            more = permissions_of(alone, handin_point=rule) - permissions_of(alone)
            yield f"| `{rule}` | {role.label} | {_words(more)} |"
    yield ""


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
    yield "“Look” is GET and changes nothing but the record of who looked; “act” is POST. *Own*: the record is one"
    yield "person’s, and for everybody else it is not there; *few*: it is there for some of those who hold the"
    yield "permission; *desk*: these alone are open to a session that a desk PIN has opened. An operation may ask"
    yield "for more than its page does: the head alone agrees that a device may come, nobody gives themselves a role."
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
    marks = (word for word, marked in (("own", row.own), ("few", row.few), ("desk", row.desk)) if marked)
    return "; ".join((needs, *(f"*{word}*" for word in marks)))


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
