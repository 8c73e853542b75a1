"""Roles given and taken back: who holds what, for which phase or form, from when to when (ORG-02 to ORG-06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import FormGroup, Membership, RoleHolding, School, User
from core.people.operations.editing import locked, plain
from core.people.queries import forget_roles, live_on
from core.people.roles import FORM_SCOPED, PHASE_SCOPED, Permission, Role


class UnableToGrantRole(Refusal):
    """The role was not given."""

    default_field = "role"


class OwnRole(UnableToGrantRole):
    """Nobody gives themselves a role."""

    recorded = True


class RoleAlreadyHeld(UnableToGrantRole):
    """The person holds this role, for this phase or form, on some of these days already."""


class ScopeNotAllowed(UnableToGrantRole):
    """The role is not held for a phase or a form, or the school has no such phase."""

    default_field = "phase"


class RoleNeedsPlace(UnableToGrantRole):
    """Only somebody with a place at the school holds a role there."""


class RoleDatesOutOfOrder(UnableToGrantRole):
    """A role cannot end before it starts."""

    default_field = "ends_on"


class UnableToEndRole(Refusal):
    """The role goes on."""


class LastAdministrator(UnableToEndRole):
    """A school is never left without an administrator who can sign in."""


class RoleOver(UnableToEndRole):
    """The role ended already."""


@dataclass(frozen=True)
class RoleWish:
    """A role to give, perhaps for one phase (DSL, SLT) or one form (tutor)."""

    role: str
    phase: str = ""
    form: FormGroup | None = None


@operation("people.grant_role")
def grant_role(
    *,
    school: School,
    actor: Any,
    at: datetime,
    user: User,
    wish: RoleWish,
    starts_on: date,
    ends_on: date | None = None,
    submission: UUID | None = None,
) -> RoleHolding:
    """Give a person a role at the school from a day, perhaps to a day; it bites at the next request (ORG-02 to 06).

    Administrator or head, never to oneself. Raises `OwnRole`, `RoleNeedsPlace`, `ScopeNotAllowed`,
    `RoleDatesOutOfOrder`, `RoleAlreadyHeld`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    holding = hold_role(school=school, actor=actor, at=at, user=user, wish=wish, starts_on=starts_on, ends_on=ends_on)
    record(
        school=school,
        actor=actor,
        action="people.grant_role",
        at=at,
        obj=holding,
        detail={
            "new": {
                "user": user.pk,
                "role": wish.role,
                "phase": wish.phase,
                "form": wish.form.pk if wish.form else None,
                "starts_on": starts_on.isoformat(),
                "ends_on": ends_on.isoformat() if ends_on else None,
            }
        },
        submission=submission,
    )
    return holding


def hold_role(
    *,
    school: School,
    actor: Any,
    at: datetime,
    user: User,
    wish: RoleWish,
    starts_on: date,
    ends_on: date | None = None,
) -> RoleHolding:
    """`grant_role` inside another operation, which asks for the permission and writes the record."""
    if actor is not None and actor.pk == user.pk:
        raise OwnRole("You cannot give yourself a role. Ask another administrator.", rule="ORG-20")
    if wish.role not in Role.values:
        raise UnableToGrantRole("Choose a role from the list.", rule="ORG-05")
    role = Role(wish.role)
    if not Membership.objects.filter(school=school, user=user, left_on__isnull=True).exists():
        raise RoleNeedsPlace("This person does not work at the school. Invite them first.", rule="ORG-05")
    if wish.phase and (role not in PHASE_SCOPED or wish.phase not in school.phases):
        raise ScopeNotAllowed(f"“{role.label}” cannot be held for that phase alone.", rule="ORG-02")
    if wish.form is not None and role not in FORM_SCOPED:
        raise ScopeNotAllowed(f"“{role.label}” is not held for one form.", rule="ORG-05", field="form")
    if ends_on is not None and ends_on < starts_on:
        raise RoleDatesOutOfOrder("The last day must be on or after the first.", rule="ORG-05")
    same = RoleHolding.objects.filter(school=school, user=user, role=role, phase=wish.phase, form=wish.form)
    overlapping = same.filter(cut_at__isnull=True).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        overlapping = overlapping.filter(starts_on__lte=ends_on)
    if overlapping.exists():
        raise RoleAlreadyHeld("This person already holds this role on those days.", rule="ORG-05")
    holding = RoleHolding(
        school=school, user=user, role=role, phase=wish.phase, form=wish.form, starts_on=starts_on, ends_on=ends_on
    )
    holding.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            holding.save()
    except IntegrityError:
        raise RoleAlreadyHeld("This person already holds this role on those days.", rule="ORG-05") from None
    if role == Role.FORM_TUTOR and wish.form is not None and starts_on <= london_day(at):
        _set_tutor(wish.form, user, actor=actor, at=at)
    forget_roles(user)
    return holding


@operation("people.end_role")
def end_role(
    *,
    school: School,
    actor: Any,
    at: datetime,
    holding: RoleHolding,
    last_day: date | None = None,
    submission: UUID | None = None,
) -> RoleHolding:
    """End a role now (`last_day` None: the next request is refused) or with the end of a day from today on.

    Administrator or head. Raises `LastAdministrator`, `RoleOver`, `RoleDatesOutOfOrder`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    row = locked(holding)
    today = london_day(at)
    if row.cut_at is not None or (row.ends_on is not None and row.ends_on < today):
        raise RoleOver("This role has ended already.", rule="ORG-05")
    if last_day is not None and last_day < max(today, row.starts_on):
        raise RoleDatesOutOfOrder("The last day must be today or later.", rule="ORG-05", field="last_day")
    if row.role == Role.ADMINISTRATOR:
        refuse_last_administrator(school, row.user, at=at, but_for=row)
    old = plain(row.ends_on)
    _end(row, actor=actor, at=at, last_day=last_day)
    record(
        school=school,
        actor=actor,
        action="people.end_role",
        at=at,
        obj=row,
        detail={"old": {"ends_on": old}, "new": {"ends_on": plain(row.ends_on), "at_once": last_day is None}},
        submission=submission,
    )
    return row


def cut_roles(*, school: School, actor: Any, at: datetime, user: User) -> int:
    """End all that a person holds in a school now, also what has not begun; inside another operation. How many."""
    held = RoleHolding.objects.select_for_update().filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=london_day(at)), school=school, user=user, cut_at__isnull=True
    )
    rows = list(held)
    for row in rows:
        _end(row, actor=actor, at=at, last_day=None)
    return len(rows)


def _end(row: RoleHolding, *, actor: Any, at: datetime, last_day: date | None) -> None:
    if last_day is None:
        row.ends_on, row.cut_at = max(london_day(at), row.starts_on), at
    else:
        row.ends_on = last_day
    row.stamp(by=actor, at=at)
    row.save()
    forget_roles(row.user)
    if last_day is None and row.role == Role.FORM_TUTOR and row.form is not None and row.form.tutor_id == row.user_id:
        _set_tutor(row.form, None, actor=actor, at=at)


def _set_tutor(form: FormGroup, tutor: User | None, *, actor: Any, at: datetime) -> None:
    """The form's tutor is whoever holds the role for it last (ORG-12)."""
    row = locked(form)
    row.tutor = tutor
    row.stamp(by=actor, at=at)
    row.save()


def refuse_last_administrator(school: School, user: User, *, at: datetime, but_for: RoleHolding | None = None) -> None:
    """Raise `LastAdministrator` if without `user` nobody active would be left to run the school's accounts.

    The school's row is held meanwhile, so that two administrators cannot end one another at the same moment.
    """
    School.objects.select_for_update().get(pk=school.pk)
    held = RoleHolding.objects.filter(
        live_on(london_day(at)), school=school, role=Role.ADMINISTRATOR, user__is_active=True, ends_on__isnull=True
    )
    if not held.filter(user=user).exists():
        return
    others = held.exclude(pk=but_for.pk) if but_for is not None else held.exclude(user=user)
    if not others.exists():
        raise LastAdministrator(
            "This is the school’s only administrator. Give somebody else the role first.", rule="ORG-05"
        )
