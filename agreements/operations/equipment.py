"""The headteacher's written word that school equipment may be used beyond the job, and taking it back (SDV-08)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from agreements.models import EquipmentUse
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.queries import roles_in
from core.people.roles import Permission


class UnableToAuthorise(Refusal):
    """Nothing was authorised."""


class SaysNothing(UnableToAuthorise):
    """The equipment, or what it may be used for, was left out."""

    default_field = "terms"


class ForOneself(UnableToAuthorise):
    """Nobody authorises themselves, nor somebody who does not work here."""

    default_field = "user"


class DaysWrong(UnableToAuthorise):
    """It would end before it begins."""

    default_field = "ends_on"


class WithdrawnAlready(Refusal):
    """It was taken back before."""


class WhyWithdrawn(Refusal):
    """The reason was left out."""

    default_field = "reason"


@operation("agreements.authorise_equipment")
def authorise_equipment(
    *,
    school: School,
    actor: User,
    at: datetime,
    user: User,
    equipment: str,
    kind: str,
    terms: str,
    starts_on: date,
    ends_on: date,
    submission: UUID | None = None,
) -> EquipmentUse:
    """Authorise personal use of equipment, or its use for another job, within limits and between two days (SDV-08).

    Who may: AUTHORISE_EQUIPMENT, the head. Raises `SaysNothing`, `ForOneself`, `DaysWrong`.
    """
    require(actor, Permission.AUTHORISE_EQUIPMENT, school)
    if not equipment.strip() or not terms.strip():
        raise SaysNothing("Say which equipment, for what and within what limits.", rule="SDV-08")
    if user.pk == actor.pk or not roles_in(user, school):
        raise ForOneself("Choose somebody else who works here.", rule="SDV-08")
    if ends_on < starts_on:
        raise DaysWrong("It would end before it begins.", rule="SDV-08")
    row = EquipmentUse(
        school=school, user=user, equipment=equipment.strip(), kind=kind, terms=terms.strip(), starts_on=starts_on,
        ends_on=ends_on, authorised_at=at, authorised_by=actor,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="agreements.authorise_equipment", at=at, obj=row, submission=submission)
    return row


@operation("agreements.withdraw_equipment")
def withdraw_equipment(
    *, school: School, actor: User, at: datetime, use: EquipmentUse, reason: str, submission: UUID | None = None
) -> EquipmentUse:
    """Take an authorisation back, for a reason. Who may: the head. Raises `WithdrawnAlready`, `WhyWithdrawn`."""
    require(actor, Permission.AUTHORISE_EQUIPMENT, school)
    row: EquipmentUse = EquipmentUse.objects.select_for_update().get(pk=use.pk, school=school)
    if row.withdrawn_at is not None:
        raise WithdrawnAlready("It was taken back already.", rule="SDV-08")
    if not reason.strip():
        raise WhyWithdrawn("Say why.", rule="SDV-08")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_because = at, actor, reason.strip()
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="agreements.withdraw_equipment", at=at, obj=row, submission=submission)
    return row
