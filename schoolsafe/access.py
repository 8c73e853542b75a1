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
    "overview:find": Row(P.VIEW_PUPILS, BOTH),
    "overview:tell-dsl": Row(P.TELL_DSL),
    "overview:record": Row(P.VIEW_AUDIT),
    "overview:record-entry": Row(P.VIEW_AUDIT),
    "overview:record-export": Row(P.VIEW_AUDIT, POST),
    # people
    # rules
    "rules:overview": Row(P.VIEW_RULES),
    "rules:section": Row(P.VIEW_RULES),
    "rules:rule": Row(P.VIEW_RULES),
    "rules:differences": Row(P.VIEW_RULES),
    "rules:unsettled": Row(P.VIEW_RULES),
    "rules:history": Row(P.VIEW_RULES),
    "rules:coming": Row(P.VIEW_INBOX),
    "rules:change": Row(P.EDIT_RULES, BOTH),
    "rules:choose-preset": Row(P.EDIT_RULES, BOTH),
    "rules:withdraw-change": Row(P.EDIT_RULES, BOTH),
    # roll
    # notices
    "notices:inbox": Row(P.VIEW_INBOX, BOTH),
    "notices:count": Row(P.VIEW_INBOX),
    "notices:preferences": Row(P.VIEW_INBOX, BOTH),
    "notices:email": Row(P.MANAGE_SCHOOL, BOTH),
    "notices:notice": Row(P.VIEW_INBOX, BOTH),
    "notices:acknowledge": Row(P.VIEW_INBOX, POST),
    # devices: the desk and the register
    "devices:arrivals": Row(P.LOG_CUSTODY, BOTH),
    "devices:desk-search": Row(P.LOG_CUSTODY, BOTH),
    "devices:decide-hand-in": Row(P.LOG_CUSTODY, BOTH),
    "devices:returns": Row(P.LOG_CUSTODY, BOTH),
    "devices:register": Row(P.VIEW_REGISTER),
    "devices:register-print": Row(P.VIEW_REGISTER),
    "devices:uncollected": Row(P.VIEW_REGISTER),
    "devices:correct": Row(P.LOG_CUSTODY, BOTH),
    "devices:no-device": Row(P.VIEW_REGISTER),
    "devices:withdraw-no-device": Row(P.LOG_CUSTODY, BOTH),
    # devices: storage, kinds and records
}
