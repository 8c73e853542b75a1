"""The demonstration's accounts: who may sign in as what, for the table that a start prints."""

from __future__ import annotations

from dataclasses import dataclass

from django_scopes import scope

from core.people.enums import Phase
from core.people.models import RoleHolding, School
from core.people.roles import Role
from schoolsafe.demo.schools import PASSWORD, SCHOOLS

_ONE_IS_ENOUGH = frozenset({Role.TEACHER, Role.FORM_TUTOR})


@dataclass(frozen=True)
class Account:
    """One line: a role in a school, and the account that holds it."""

    school: str
    slug: str
    role: Role
    label: str
    name: str
    email: str
    password: str


def demo_accounts() -> list[Account]:
    """An account for every role of every demonstration school, in the order of the presets and roles."""
    found: list[Account] = []
    for plan in SCHOOLS:
        school = School.objects.filter(name=plan.name).first()
        if school is None:
            continue
        with scope(school=school):
            found += _accounts_of(school)
    return found


def _accounts_of(school: School) -> list[Account]:
    held = RoleHolding.objects.filter(school=school, ends_on__isnull=True).select_related("user")
    by_role: dict[Role, list[RoleHolding]] = {}
    for holding in held.order_by("id"):
        by_role.setdefault(Role(holding.role), []).append(holding)
    accounts = []
    for role in Role:
        holdings = sorted(by_role.get(role, []), key=lambda one: not one.user.email.startswith(("tutor@", "teacher@")))
        if role == Role.TEACHER:
            holdings.sort(key=lambda one: not one.user.email.startswith("teacher@"))
        for holding in holdings[:1] if role in _ONE_IS_ENOUGH else holdings:
            accounts.append(
                Account(
                    school=school.name,
                    slug=school.slug,
                    role=role,
                    label=_label(role, holding),
                    name=holding.user.full_name,
                    email=holding.user.email,
                    password=PASSWORD,
                )
            )
    return accounts


def _label(role: Role, holding: RoleHolding) -> str:
    return f"{role.label}, {Phase(holding.phase).label.lower()}" if holding.phase else str(role.label)
