"""The access table: what every address needs. Tests hold each view to it, and sweep it by role and by school."""

from __future__ import annotations

from dataclasses import dataclass

from core.people.roles import Permission as P


@dataclass(frozen=True)
class Row:
    """What one URL name needs: a permission in the school, `signed_in`, or `public`; and the methods it answers."""

    needs: P | str
    methods: tuple[str, ...] = ("GET",)


PUBLIC, SIGNED_IN = "public", "signed_in"
GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")

ACCESS: dict[str, Row] = {
    # the service itself
    "healthz": Row(PUBLIC),
    "readyz": Row(PUBLIC),
    # the session, outside any school
    "session:choose-school": Row(SIGNED_IN),
    "session:lock": Row(SIGNED_IN, POST),
    "session:unlock": Row(SIGNED_IN, BOTH),
    "session:continue": Row(SIGNED_IN, BOTH),
    "session:extend": Row(SIGNED_IN, POST),
    "session:sign-out-everywhere": Row(SIGNED_IN, POST),
    "session:your-account": Row(SIGNED_IN),
    # home and finding
    "overview:home": Row(P.VIEW_HOME),
    # people
    # rules
    # roll
    # notices
    # devices
}
