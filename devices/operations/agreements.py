"""Agreements that a pupil brings a device, where the school’s rule asks for one (DEV-03, matrix 4.10)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import Kind
from core.approvals.operations import after_day, first_moment, give, open_request, withdraw
from core.audit.operations import operation, record
from core.people.models import Pupil, School, User
from devices.models import BringAgreement, PupilDevice


@operation("devices.agree_bring")
def agree_bring_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    reason: str,
    starts_on: date,
    ends_on: date,
    device: PupilDevice | None = None,
    submission: UUID | None = None,
) -> BringAgreement:
    """Agree that `pupil` brings a device between two days, on a word of the family. Who may: whom the rule names, by
    default the headteacher alone. Raises as `core.approvals.operations.open_request` and `approve`."""
    agreement = _ask(school, actor, at, pupil, reason, starts_on, ends_on, device)
    give(agreement.approval, actor=actor, at=at)
    record(
        school=school,
        actor=actor,
        action="devices.agree_bring",
        at=at,
        obj=agreement,
        submission=submission,
        detail={"from": starts_on.isoformat(), "to": ends_on.isoformat()},
    )
    return agreement


@operation("devices.ask_bring")
def ask_bring_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    reason: str,
    starts_on: date,
    ends_on: date,
    device: PupilDevice | None = None,
    submission: UUID | None = None,
) -> BringAgreement:
    """Ask that `pupil` may bring a device; whom the rule names decides. Who may: ASK_PERMISSION."""
    agreement = _ask(school, actor, at, pupil, reason, starts_on, ends_on, device)
    record(school=school, actor=actor, action="devices.ask_bring", at=at, obj=agreement, submission=submission)
    return agreement


@operation("devices.end_bring")
def end_bring_agreement(
    *,
    school: School,
    actor: User,
    at: datetime,
    agreement: BringAgreement,
    because: str,
    submission: UUID | None = None,
) -> BringAgreement:
    """Withdraw an agreement now; hand-ins after that are flagged again. Who may, and raises: as `withdraw`."""
    withdraw(school=school, actor=actor, at=at, approval=agreement.approval, because=because)
    record(school=school, actor=actor, action="devices.end_bring", at=at, obj=agreement, submission=submission)
    return agreement


def _ask(
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    reason: str,
    starts_on: date,
    ends_on: date,
    device: PupilDevice | None,
) -> BringAgreement:
    approval = open_request(
        school=school,
        actor=actor,
        at=at,
        kind=Kind.BRING_DEVICE,
        pupil=pupil,
        starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on),
    )
    agreement = BringAgreement(school=school, approval=approval, device=device, reason=reason)
    agreement.stamp(by=actor, at=at)
    agreement.save()
    return agreement
