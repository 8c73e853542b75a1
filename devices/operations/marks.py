"""What is said of a pupil's day beside a hand-in: absent, asked and did not hand in, keeps it by permission."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.enums import MarkKind, MarkSource
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration
from devices.operations.moves import already_here
from devices.operations.no_device import SAID_OTHERWISE, marks_in_force, take_back_mark, withdraw_declaration
from devices.operations.refusals import CorrectionNotPossible, DeviceAlreadyInCustody


@operation("devices.mark_day")
def mark_day(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    kind: MarkKind,
    source: MarkSource = MarkSource.DESK,
    note: str = "",
    day: date | None = None,
    submission: UUID | None = None,
) -> DayMark:
    """Write down one thing about a pupil's day; saying it twice is one mark (DEV-10, DEV-35).

    Who may: whoever holds LOG_CUSTODY. The last word stands: another mark of the day, or a "no device", is withdrawn
    and stays on record. Raises `DeviceAlreadyInCustody` when a device of the pupil came in on that day.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    day = day or london_day(at)
    here = (
        CustodyRecord.objects.filter(pupil=pupil, day=day, closed_at__isnull=True)
        .select_related("slot", "opened_by")
        .first()
    )
    if here is not None:
        raise DeviceAlreadyInCustody(f"A device of this pupil is here. {already_here(here, at)}", here)
    mark, created = write_mark(school, actor, at, pupil, kind, source, note, day)
    record(
        school=school,
        actor=actor,
        action="devices.mark_day",
        at=at,
        obj=mark,
        submission=submission,
        detail={"kind": kind.value, "source": mark.source, "new": created},
    )
    return mark


def write_mark(
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    kind: MarkKind,
    source: MarkSource,
    note: str,
    day: date,
) -> tuple[DayMark, bool]:
    """The mark, and whether it is new; inside the caller's operation. Withdraws what was said of the day before."""
    known: DayMark | None = None
    for earlier in marks_in_force(school, pupil, day):
        if earlier.kind == kind:
            known = earlier
        else:
            take_back_mark(earlier, actor, at, SAID_OTHERWISE)
    declared = NoDeviceDeclaration.objects.filter(pupil=pupil, day=day, withdrawn_at__isnull=True).first()
    if declared is not None:
        withdraw_declaration(school, declared.pk, actor, at, SAID_OTHERWISE)
    if known is not None:
        return known, False
    mark = DayMark(
        school=school, pupil=pupil, day=day, kind=kind, source=source, note=note, marked_at=at, marked_by=actor
    )
    mark.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            mark.save()
    except IntegrityError:  # said at two desks in the same moment
        return DayMark.objects.get(pupil=pupil, day=day, kind=kind, withdrawn_at__isnull=True), False
    return mark, True


@operation("devices.withdraw_mark")
def withdraw_mark(
    *, school: School, actor: User, at: datetime, mark: DayMark, because: str, submission: UUID | None = None
) -> DayMark:
    """Say that a mark was wrong (DEV-33). It stays on record, marked as withdrawn. Who may: LOG_CUSTODY."""
    require(actor, Permission.LOG_CUSTODY, school)
    held: DayMark = DayMark.objects.select_for_update(of=("self",)).get(school=school, pk=mark.pk)
    if held.withdrawn_at is not None:
        raise CorrectionNotPossible("That was already corrected.", rule="DEV-33")
    take_back_mark(held, actor, at, because)
    record(
        school=school,
        actor=actor,
        action="devices.withdraw_mark",
        at=at,
        obj=held,
        submission=submission,
        detail={"because": because, "kind": held.kind},
    )
    return held
