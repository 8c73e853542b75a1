"""Agreements that a pupil brings a device, where the school’s rule asks for one (DEV-03, matrix 4.10)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from agreements.enums import AgreementKind
from agreements.models import Agreement
from agreements.operations.issuing import issue_agreement
from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.approvals.operations import (
    after_day,
    change_request,
    first_moment,
    give,
    held,
    open_request,
    withdraw,
)
from core.approvals.queries import last_day
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.models import BringAgreement, PupilDevice
from devices.operations.permissions.papers import end_paper_of, text_to_sign
from devices.queries.permissions import to_draw_up


class NotTheirDevice(Refusal):
    """The device that is named belongs to somebody else."""

    default_field = "device"


class AlreadyDrawnUp(Refusal):
    """An agreement to sign is out already, or there is nothing to draw up."""


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


@operation("devices.change_bring")
def change_bring_request(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    reason: str,
    starts_on: date,
    ends_on: date,
    device: PupilDevice | None = None,
    submission: UUID | None = None,
) -> BringAgreement:
    """Answer a request that was sent back, or change one that waits. Who may: whoever asked. Raises as
    `change_request`, and `NotTheirDevice`."""
    held_row = change_request(
        school=school,
        actor=actor,
        at=at,
        approval=approval,
        starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on),
    )
    bring = _of(held_row)
    _check_device(device, held_row.pupil)
    bring.reason, bring.device = reason, device
    bring.stamp(by=actor, at=at)
    bring.save()
    record(school=school, actor=actor, action="devices.change_bring", at=at, obj=bring, submission=submission)
    return bring


@operation("devices.send_bring")
def send_bring_agreement(
    *, school: School, actor: User, at: datetime, approval: Approval, submission: UUID | None = None
) -> Agreement:
    """Draw the agreement up from what was agreed and issue it to a parent to sign (DOC-03). The device comes to school
    on the word that was given; the reason stands nowhere in the paper.

    Who may: MANAGE_AGREEMENTS. Raises `NoTextToSign`, `AlreadyDrawnUp`, and as `issue_agreement`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    row = held(school, approval)
    if row.pk not in to_draw_up([row]):
        raise AlreadyDrawnUp("It is drawn up already, or is not in force.", rule="DEV-03")
    bring = _of(row)
    device = bring.device
    agreement = issue_agreement(
        school=school,
        actor=actor,
        at=at,
        version=text_to_sign(school, AgreementKind.BRING_DEVICE, at),
        pupil=row.pupil,
        starts_on=max(london_day(row.starts_at), london_day(at)),
        ends_on=last_day(row),
        personal=[f"Device: {device.description}."] if device is not None else [],
    )
    bring.agreement = agreement
    bring.stamp(by=actor, at=at)
    bring.save()
    record(
        school=school, actor=actor, action="devices.send_bring", at=at, obj=agreement, submission=submission,
        detail={"permission": row.pk},
    )  # fmt: skip
    return agreement


def end_bring_paper(row: Approval, *, actor: User | None, at: datetime, because: str) -> None:
    """When it is over, the agreement that was signed is too."""
    end_paper_of(row, _of(row).agreement, at)


def _of(row: Approval) -> BringAgreement:
    found: BringAgreement = BringAgreement.objects.select_related("agreement", "device__type").get(approval=row)
    return found


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
    _check_device(device, pupil)
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


def _check_device(device: PupilDevice | None, pupil: Pupil | None) -> None:
    if device is not None and (pupil is None or device.pupil_id != pupil.pk):
        raise NotTheirDevice("That device belongs to somebody else.", rule="DEV-03")
