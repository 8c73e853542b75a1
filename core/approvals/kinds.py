"""Who decides about each kind of permission, as the school’s rules say on a day (AGR-11, STA-01, STA-09, STA-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.approvals.enums import Kind
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED

HEAD = frozenset({Role.HEADTEACHER})
HEAD_OF_SCHOOL = frozenset({Role.HEADTEACHER, Role.HEAD_OF_SCHOOL})
LEADERS = frozenset({Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL})
TEACHERS = frozenset({Role.TEACHER, Role.FORM_TUTOR}) | LEADERS
_OFFICE = LEADERS | {Role.OFFICE}
_BRING = {"slt": LEADERS, "office": _OFFICE}
_CALLED = {
    HEAD: "the headteacher",
    HEAD_OF_SCHOOL: "the head of school",
    LEADERS: "a senior leader",
    TEACHERS: "the teacher of the lesson",
    _OFFICE: "the office or a senior leader",
}
_ROLES = {"headteacher": HEAD, "slt": LEADERS}


@dataclass(frozen=True)
class Deciders:
    """Who decides: `roles`, by the rule `rule`. `is_open`: the rules do not say, so a leader decides and the reason for
    its being them is kept (matrix 0.3). `refused`: the rules allow nothing of the kind, and why."""

    roles: frozenset[Role]
    rule: str
    is_open: bool = False
    refused: str = ""

    @property
    def called(self) -> str:
        """Who that is, in words."""
        return _CALLED.get(self.roles, "a senior leader")


def deciders_of(kind: str, rules: Any) -> Deciders:
    """Who decides about a permission of `kind` under `rules`."""
    return _OF[Kind(kind)](rules)


def _by(rule: str, said: Any) -> Deciders:
    """From a rule that names one role, or a set of them."""
    if said == UNSPECIFIED:
        return Deciders(LEADERS, rule, is_open=True)
    named = {said} if isinstance(said, str) else said
    roles = frozenset().union(*(_ROLES[one] for one in named if one in _ROLES))
    return Deciders(roles or HEAD, rule)


def _bring(rules: Any) -> Deciders:
    if rules.pupil_bring_rule == "banned":
        return Deciders(HEAD, "pupil_bring_rule", refused="The school’s rules let nobody bring a device.")
    return Deciders(_BRING.get(rules.pupil_bring_authoriser, HEAD), "pupil_bring_authoriser")


def _curriculum(rules: Any) -> Deciders:
    rule = "curriculum_use"
    if rules.curriculum_use == "consent_only":
        return Deciders(TEACHERS, rule)
    if rules.curriculum_use == "no":
        return Deciders(LEADERS, rule, refused="The school’s rules allow no lessons with pupils’ own devices.")
    return Deciders(LEADERS, rule, is_open=rules.curriculum_use == UNSPECIFIED)


def _contact_route(rules: Any) -> Deciders:
    rule = "parent_contact_exception_by"
    if rules.parent_contact_exception_by == "none":
        return Deciders(
            HEAD, rule, refused="The school’s rules know no exception: families reach a child by the office."
        )
    return _by(rule, rules.parent_contact_exception_by)


def _staff_contact(rules: Any) -> Deciders:
    rule = "staff_contact_own_device"
    if rules.staff_contact_own_device == "never":
        return Deciders(HEAD_OF_SCHOOL, rule, refused="The school’s rules never allow contact by an own device.")
    if rules.staff_contact_own_device == "judgement":
        return Deciders(
            HEAD_OF_SCHOOL,
            rule,
            refused="The school’s rules leave this to professional judgement: nothing is approved.",
        )
    return Deciders(HEAD_OF_SCHOOL, rule, is_open=rules.staff_contact_own_device == UNSPECIFIED)


def _school_device(rules: Any) -> Deciders:
    return Deciders(LEADERS, "school_device_access")


_OF: dict[Kind, Callable[[Any], Deciders]] = {
    Kind.EXCEPTIONAL_USE: lambda rules: _by("exception_authorisers", rules.exception_authorisers),
    Kind.BRING_DEVICE: _bring,
    Kind.CURRICULUM_USE: _curriculum,
    Kind.CONTACT_ROUTE: _contact_route,
    Kind.STAFF_LESSON_USE: lambda rules: _by("staff_lesson_use_by", rules.staff_lesson_use_by),
    Kind.STAFF_CONTACT: _staff_contact,
    Kind.REMOTE_TEACHING: lambda rules: _by("remote_own_device_by", rules.remote_own_device_by),
    Kind.SCHOOL_DEVICE: _school_device,
}
