"""Who may do what: role × permission, asked by every page and every operation. Refuses None."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.kit.refusals import Refusal
from core.people.hooks import rules_on
from core.people.models import School
from core.people.queries import roles_in
from core.people.roles import Permission, Role, permissions_of


class NotPermitted(Refusal):
    """The person's roles do not include what the act needs (ORG-10); the attempt is logged."""

    recorded = True


def permissions_in(user: Any, school: School) -> frozenset[Permission]:
    """Everything `user` may do in `school` today, by role and by the school's hand-in rule; cached on the user."""
    cache: dict[int, frozenset[Permission]] | None = getattr(user, "_permissions", None)
    if cache is None:
        cache = user._permissions = {}
    if school.pk not in cache:
        roles = roles_in(user, school)
        rules = rules_on(school, timezone.localdate()) if roles else None
        cache[school.pk] = permissions_of(roles, handin_point=getattr(rules, "handin_point", "office"))
    return cache[school.pk]


def has(user: Any, permission: Permission, school: School) -> bool:
    """Whether the person's roles in the school grant the permission. Nobody and nothing are never granted."""
    if user is None or school is None or not getattr(user, "is_active", False):
        return False
    return permission in permissions_in(user, school)


def may_link_contacts(user: Any, school: School) -> bool:
    """Whether the person may say that a contact works here: the DSL and deputies, and whoever looks after accounts."""
    return has(user, Permission.SET_DO_NOT_INFORM, school) or has(user, Permission.MANAGE_ACCOUNTS, school)


def require(actor: Any, permission: Permission, school: School) -> None:
    """Raise `NotPermitted` unless `actor` may; an `actor` of None is the system itself (tasks, commands)."""
    if actor is None:
        return
    if not has(actor, permission, school):
        raise NotPermitted("Your role does not allow this. Ask the office or the DSL if you need it.", rule="ORG-10")


def holds(user: Any, school: School, *roles: Role) -> bool:
    """Whether the person holds one of `roles` in the school today."""
    return bool(roles_in(user, school) & frozenset(roles))
