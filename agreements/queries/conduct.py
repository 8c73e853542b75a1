"""Declarations: who reads one, whom the rule wants consulted, and whose advice is still missing (STA-10, A-15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from agreements.enums import DeclarationContext, DeclarationState
from agreements.models import DeclarationConsultation, RelationshipDeclaration
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import DSL_ROLES, HEAD_ROLES, Role

REQUIRED = "relationship_consulted"

_DSL = frozenset(DSL_ROLES)
_HEAD = frozenset(HEAD_ROLES)
_LEADERS = frozenset({Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL})
_CHAIR = frozenset({Role.CHAIR})
_CALLED = {_DSL: "the DSL", _HEAD: "the head", _DSL | _LEADERS: "the DSL or a senior leader", _CHAIR: "the chair"}
# Who stands in where nobody but the declarer holds the role: nobody is consulted about themselves.
_INSTEAD = {_DSL: _HEAD, _HEAD: _CHAIR, _DSL | _LEADERS: _CHAIR}
_RULE: dict[str, tuple[frozenset[Role], ...]] = {
    "dsl_and_headteacher": (_DSL, _HEAD),
    "dsl_or_slt": (_DSL | _LEADERS,),
    "headteacher": (_HEAD,),
}


@dataclass(frozen=True)
class Consultee:
    """Somebody who can be consulted, as the holder of a role. `is_named`: the rule wants one of the role."""

    user: User
    role: str
    is_named: bool

    @property
    def label(self) -> str:
        return Role(self.role).label


def declarations_visible_to(user: Any, school: School) -> QuerySet[RelationshipDeclaration]:
    """One's own, and those one is consulted about; nobody else’s, whatever the role."""
    if user is None:
        return RelationshipDeclaration.objects.none()
    consulted = DeclarationConsultation.objects.filter(person=user).values("declaration")
    found: QuerySet[RelationshipDeclaration] = RelationshipDeclaration.objects.filter(school=school)
    return found.filter(Q(declarer=user) | Q(pk__in=consulted)).select_related("declarer", "decided_by")


def groups_for(declaration: RelationshipDeclaration) -> list[frozenset[Role]]:
    """The sets of roles of which one holder each has to be consulted; by context where the rule says so (A-15): about
    devices the DSL or a senior leader, about social media the DSL and the head."""
    rule = declaration.consult
    if rule == "by_context":
        is_media = declaration.context == DeclarationContext.SOCIAL_MEDIA
        rule = "dsl_and_headteacher" if is_media else "dsl_or_slt"
    groups = []
    for group in _RULE.get(rule, ()):
        wanted = group
        while wanted in _INSTEAD and not _others(declaration, wanted):
            wanted = _INSTEAD[wanted]
        if wanted not in groups:
            groups.append(wanted)
    return groups


def consultees_for(declaration: RelationshipDeclaration) -> list[Consultee]:
    """Whom the declarer may consult: holders of the roles that the rule names, other leaders and the chair; never the
    declarer."""
    named = groups_for(declaration)
    found: dict[int, Consultee] = {}
    for role in (Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.SLT, Role.CHAIR):
        for user in holders_of(declaration.school, role):
            is_named = any(role in group for group in named)
            if user.pk != declaration.declarer_id and (user.pk not in found or is_named > found[user.pk].is_named):
                found[user.pk] = Consultee(user, role.value, is_named)
    return sorted(found.values(), key=lambda one: (not one.is_named, one.user.family_name))


def missing_from(declaration: RelationshipDeclaration, consultations: Iterable[DeclarationConsultation]) -> list[str]:
    """Whose advice the rule still wants, in words; empty once the set is met. Where it names nobody, one person's."""
    advised = [one for one in consultations if one.advised_at is not None]
    groups = groups_for(declaration)
    if not groups:
        return [] if advised else ["somebody who was consulted"]
    roles: dict[int, set[str]] = {}
    for one in advised:
        roles[one.person_id] = {one.role}
    for role in {role for group in groups for role in group}:
        for user in holders_of(declaration.school, role):
            if user.pk in roles:
                roles[user.pk].add(role.value)
    return [_CALLED[group] for group in groups if not any(group & held for held in roles.values())]


def reviews_due_of(user: User, school: School, until: date) -> list[RelationshipDeclaration]:
    """One's own declarations that are to be looked at again by a day."""
    return list(
        RelationshipDeclaration.objects.filter(
            school=school,
            declarer=user,
            review_on__lte=until,
            state__in=[DeclarationState.RECORDED, DeclarationState.REVIEW_DUE],
        )
    )


def _others(declaration: RelationshipDeclaration, roles: frozenset[Role]) -> bool:
    return holders_of(declaration.school, *roles).exclude(pk=declaration.declarer_id).exists()
