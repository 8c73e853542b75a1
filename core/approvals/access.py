"""Who decides about a permission, who may read why it was asked for, and who may take it away. Refuses None."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from core.approvals.enums import UNASKED_KINDS
from core.approvals.kinds import HEAD, LEADERS, deciders_of
from core.approvals.models import Approval, Delegation
from core.people.access import has, holds
from core.people.models import School
from core.people.queries import roles_in
from core.people.roles import DSL_ROLES, Permission, Role


def delegation_for(user: Any, school: School, kind: str, on: date) -> Delegation | None:
    """The head’s delegation by which the person decides about `kind` on a day, if there is one (law AP-7)."""
    if user is None or not holds(user, school, *LEADERS):
        return None
    found = Delegation.objects.filter(
        school=school, delegate=user, starts_on__lte=on, ends_on__gte=on, ended_at__isnull=True
    )
    return next((one for one in found if not one.kinds or kind in one.kinds), None)


def role_to_decide(user: Any, school: School, kind: str, rules: Any, on: date) -> tuple[str, Delegation | None] | None:
    """As what the person decides about `kind`: the role that the rule names, or the head’s by delegation; else None."""
    if user is None or not getattr(user, "is_active", False):
        return None
    named = deciders_of(kind, rules).roles & roles_in(user, school)
    if named:
        return (Role.HEADTEACHER if Role.HEADTEACHER in named else min(named)).value, None
    if deciders_of(kind, rules).roles >= HEAD:
        delegation = delegation_for(user, school, kind, on)
        if delegation is not None:
            return Role.HEADTEACHER.value, delegation
    return None


def is_own(user: Any, approval: Approval) -> bool:
    """Whether the person would decide about their own wish or for themselves (law AP-7)."""
    if approval.user_id == user.pk:
        return True
    return bool(approval.requested_by_id == user.pk and approval.kind not in UNASKED_KINDS)


def may_read_reason(user: Any, approval: Approval, rules: Any, on: date) -> bool:
    """Whether the person may know why: who asked, who decides or decided, whom of the staff it is for, the DSL."""
    if user is None:
        return False
    return is_part_of(user, approval) or may_read_reasons(user, approval.school, approval.kind, rules, on)


def is_part_of(user: Any, approval: Approval) -> bool:
    """Whether the person asked for it, decides or decided it, or it is for them."""
    return user.pk in (approval.requested_by_id, approval.user_id, approval.decided_by_id, approval.consented_by_id)


def may_read_reasons(user: Any, school: School, kind: str, rules: Any, on: date) -> bool:
    """Whether the person may know why of every permission of `kind`: who decides about them, and the DSL."""
    return holds(user, school, *DSL_ROLES) or role_to_decide(user, school, kind, rules, on) is not None


def may_take_away(user: Any, approval: Approval, rules: Any, on: date) -> bool:
    """Whether the person may suspend, withdraw or end it: who decides about it, and the leaders of custody."""
    if user is None or user.pk == approval.user_id:
        return False
    school = approval.school
    if approval.pupil_id is not None and has(user, Permission.LEAD_CUSTODY, school):
        return True
    return role_to_decide(user, school, approval.kind, rules, on) is not None


def reads_all(user: Any, school: School) -> bool:
    """Whether the person may open every permission, those of colleagues too: leaders, and the DSL."""
    return user is not None and holds(user, school, *LEADERS, *DSL_ROLES)


def readable_by(user: Any, school: School) -> Q:
    """Which permissions a person may open. About pupils and lessons every member of staff, for each may have to act on
    one; about staff those it is for, who asked or decided, leaders and the DSL."""
    if user is None:
        return Q(pk__in=[])
    if reads_all(user, school):
        return Q()
    own = Q(requested_by=user) | Q(user=user) | Q(decided_by=user) | Q(consented_by=user)
    if has(user, Permission.ASK_PERMISSION, school):
        return Q(user__isnull=True) | own
    return own
