"""Pupils who brought none today, and the correction of that."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration
from devices.operations.moves import already_here
from devices.operations.refusals import (
    CorrectionNotPossible,
    DeviceAlreadyInCustody,
)

SAID_OTHERWISE = "Said otherwise later."


@operation("devices.declare_no_device")
def declare_no_device(
    *, school: School, actor: User, at: datetime, pupil: Pupil, submission: UUID | None = None
) -> NoDeviceDeclaration:
    """Write down that a pupil says they brought none today (DEV-11). Saying it twice is one declaration.

    The last word stands: a mark of the day is withdrawn and stays on record.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    day = london_day(at)
    here = CustodyRecord.objects.filter(pupil=pupil, closed_at__isnull=True).select_related("slot", "opened_by").first()
    if here is not None:
        raise DeviceAlreadyInCustody(f"A device of this pupil is here. {already_here(here, at)}", here)
    for mark in marks_in_force(school, pupil, day):
        take_back_mark(mark, actor, at, SAID_OTHERWISE)
    declared, created = write_declaration(school, actor, at, pupil, day)
    record(
        school=school,
        actor=actor,
        action="devices.declare_no_device",
        at=at,
        obj=declared,
        submission=submission,
        detail={"new": created},
    )
    return declared


def write_declaration(
    school: School, actor: User, at: datetime, pupil: Pupil, day: date
) -> tuple[NoDeviceDeclaration, bool]:
    """The declaration of the day, and whether it is new; inside the caller's operation."""
    known = NoDeviceDeclaration.objects.filter(school=school, pupil=pupil, day=day, withdrawn_at__isnull=True)
    declared: NoDeviceDeclaration | None = known.first()
    if declared is not None:
        return declared, False
    declared = NoDeviceDeclaration(school=school, pupil=pupil, day=day, declared_at=at, declared_by=actor)
    declared.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            declared.save()
    except IntegrityError:  # said at two desks in the same moment
        return known.get(), False
    return declared, True


@operation("devices.withdraw_no_device")
def withdraw_no_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    declaration: NoDeviceDeclaration,
    because: str,
    submission: UUID | None = None,
) -> NoDeviceDeclaration:
    """Correct a "no device today" that was wrong. The declaration stays on record, marked as withdrawn."""
    require(actor, Permission.LOG_CUSTODY, school)
    if declaration.withdrawn_at is not None:
        raise CorrectionNotPossible("That was already corrected.", rule="DEV-33")
    withdrawn = withdraw_declaration(school, declaration.pk, actor, at, because)
    record(
        school=school,
        actor=actor,
        action="devices.withdraw_no_device",
        at=at,
        obj=withdrawn,
        submission=submission,
        detail={"because": because},
    )
    return withdrawn


def withdraw_declaration(
    school: School, declaration_id: int, actor: User, at: datetime, because: str
) -> NoDeviceDeclaration:
    declared: NoDeviceDeclaration = NoDeviceDeclaration.objects.select_for_update(of=("self",)).get(
        school=school, pk=declaration_id
    )
    declared.withdrawn_at, declared.withdrawn_by, declared.withdrawn_because = at, actor, because
    declared.stamp(by=actor, at=at)
    declared.save()
    return declared


def marks_in_force(school: School, pupil: Pupil, day: date) -> list[DayMark]:
    """The pupil's marks of that day that nobody has withdrawn, held until the transaction ends."""
    return list(
        DayMark.objects.select_for_update(of=("self",)).filter(
            school=school, pupil=pupil, day=day, withdrawn_at__isnull=True
        )
    )


def take_back_mark(mark: DayMark, actor: User, at: datetime, because: str) -> None:
    """Withdraw a mark inside the caller's operation; it stays on record."""
    mark.withdrawn_at, mark.withdrawn_by, mark.withdrawn_because = at, actor, because
    mark.stamp(by=actor, at=at)
    mark.save()
