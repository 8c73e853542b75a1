"""A lost second step: one person asks that it be taken off, another confirms (ORG-20, security row 27)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator

from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import FactorReset, School, Session, User
from core.people.operations.accounts import UnableToChangeAccount, membership_at, refuse_self
from core.people.operations.editing import locked
from core.people.queries.accounts import RESET_LIFETIME
from core.people.roles import Permission


class UnableToResetFactor(UnableToChangeAccount):
    """The second step stays."""


class SamePersonTwice(UnableToResetFactor):
    """Who asked may not also confirm (security row 27)."""

    recorded = True


class NothingToReset(UnableToResetFactor):
    """The account has no second step, or nobody has asked for a reset that is still open."""


@operation("people.ask_factor_reset")
def ask_factor_reset(
    *, school: School, actor: Any, at: datetime, user: User, reason: str, submission: UUID | None = None
) -> FactorReset:
    """First of two people: ask that a lost second step be taken off, having met its holder (security row 27).

    A second person confirms within a day. Administrator or head, never for oneself. Raises `OwnAccount`,
    `NothingToReset`, `NotAtThisSchool`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    refuse_self(actor, user, "You cannot ask for a reset of your own second step. Ask another administrator.")
    membership_at(school, user)
    if not Authenticator.objects.filter(user=user).exists():
        raise NothingToReset("This account has no second step.", rule="ORG-20")
    for earlier in FactorReset.objects.select_for_update().filter(
        school=school, user=user, confirmed_at__isnull=True, withdrawn_at__isnull=True
    ):
        earlier.withdrawn_at = at
        earlier.stamp(by=actor, at=at)
        earlier.save()
    reset = FactorReset(school=school, user=user, reason=reason, asked_by=actor, asked_at=at)
    reset.stamp(by=actor, at=at)
    reset.save()
    record(school=school, actor=actor, action="people.ask_factor_reset", at=at, obj=reset, submission=submission)
    return reset


@operation("people.confirm_factor_reset")
def confirm_factor_reset(
    *, school: School, actor: Any, at: datetime, reset: FactorReset, submission: UUID | None = None
) -> FactorReset:
    """Second of two people: take the second step off and end the account's sessions (security row 27).

    Where a role demands one, the person sets up a new one at the next sign-in. Raises `SamePersonTwice`, `OwnAccount`,
    `NothingToReset`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    row = locked(reset)
    refuse_self(actor, row.user, "You cannot confirm a reset of your own second step.")
    if actor is not None and row.asked_by_id == actor.pk:
        raise SamePersonTwice("You asked for this reset. A second person has to confirm it.", rule="ORG-20")
    if row.confirmed_at is not None or row.withdrawn_at is not None or at > row.asked_at + RESET_LIFETIME:
        raise NothingToReset("This request has been dealt with or has run out. Ask again.", rule="ORG-20")
    removed, _ = Authenticator.objects.filter(user_id=row.user_id).delete()
    ended, _ = Session.objects.filter(user_id=row.user_id).delete()
    row.confirmed_by, row.confirmed_at = actor, at
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school,
        actor=actor,
        action="people.confirm_factor_reset",
        at=at,
        obj=row,
        detail={"asked_by": row.asked_by_id, "removed": removed, "sessions": ended},
        submission=submission,
    )
    return row
