"""Requests to disclose a password: who sees one, and who decides it (SDV-11)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from agreements.models import PasswordDisclosure
from core.people.access import has
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Permission, Role


def disclosures_visible_to(user: Any, school: School) -> QuerySet[PasswordDisclosure]:
    """All of them for the head and the systems manager; else those about one's own password."""
    if user is None:
        return PasswordDisclosure.objects.none()
    found: QuerySet[PasswordDisclosure] = PasswordDisclosure.objects.filter(school=school)
    found = found.select_related("holder", "requested_by", "decided_by", "reset_confirmed_by")
    return found if has(user, Permission.ASK_DISCLOSURE, school) else found.filter(Q(holder=user))


def deciders_for(disclosure: PasswordDisclosure) -> list[User]:
    """Who may allow or refuse it: heads and systems managers but neither who asked nor the holder; a head who asked,
    where nobody else holds the systems manager’s role."""
    managers = list(holders_of(disclosure.school, Role.SYSTEMS_MANAGER))
    heads = list(holders_of(disclosure.school, Role.HEADTEACHER))
    apart = {disclosure.requested_by_id, disclosure.holder_id}
    found = {person.pk: person for person in [*heads, *managers] if person.pk not in apart}
    if not found and not [person for person in managers if person.pk != disclosure.requested_by_id]:
        found = {person.pk: person for person in heads if person.pk == disclosure.requested_by_id}
    return list(found.values())
