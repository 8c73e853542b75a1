"""A school device given out and taken back: to whom, on which acknowledgement, in what state (SDV-03 to 05, 08, 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agreements.models import EquipmentUse
from agreements.queries.equipment import equipment_use_of
from core.approvals.models import Approval
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from core.rules.queries import UNSPECIFIED, for_school
from devices.enums import AssetStatus, AssetUse
from devices.models import AssetIssue, SchoolAsset
from devices.operations.assets.refusals import (
    AssetNotAvailable,
    DocumentNotAcknowledged,
    DueTooEarly,
    NotAnAssignee,
    NoticeNotAcknowledged,
    NotIssued,
    PermissionNeeded,
    ResetAlready,
    SaysTooLittle,
    UseNotAuthorised,
)
from devices.queries.assets import documents_governing, is_assignee, permission_of
from policies.enums import DocumentKind
from policies.models import Acknowledgement
from policies.queries import acknowledgement_for, moment_of, monitoring_acknowledged


@dataclass(frozen=True)
class _Grounds:
    """On what a school device is given to somebody."""

    notice: Acknowledgement
    rules_known: Acknowledgement | None = None
    permission: Approval | None = None
    authorised: EquipmentUse | None = None


@operation("devices.issue_asset")
def issue_asset(
    *,
    school: School,
    actor: User,
    at: datetime,
    asset: SchoolAsset,
    person: Pupil | User,
    condition: str,
    accessories: str = "",
    use: AssetUse = AssetUse.SCHOOL_WORK,
    purpose: str = "",
    due_on: date | None = None,
    submission: UUID | None = None,
) -> AssetIssue:
    """Give a school device to a pupil or a member of staff. Kept with it: the version of the notice of monitoring that
    the person had acknowledged before, and when (SDV-05, AGR-25), and the documents that govern its use (SDV-13).

    Who may: MANAGE_ASSETS. Raises `AssetNotAvailable`, `NotAnAssignee`, `NoticeNotAcknowledged`, and as the rule
    `school_device_access` says `PermissionNeeded`, `DocumentNotAcknowledged`, `UseNotAuthorised`; `DueTooEarly`,
    `SaysTooLittle`.
    """
    require(actor, Permission.MANAGE_ASSETS, school)
    held = SchoolAsset.objects.select_for_update(of=("self",)).get(pk=asset.pk, school=school)
    if held.status != AssetStatus.AVAILABLE:
        raise AssetNotAvailable(
            f"This device cannot be issued: {held.get_status_display().lower()}.", rule="SDV-10", field="condition"
        )
    if not condition.strip():
        raise SaysTooLittle("Say in what condition it is.", rule="SDV-10")
    today = london_day(at)
    if due_on is not None and due_on < today:
        raise DueTooEarly("The day it is due back is past.", rule="SDV-10")
    rules = for_school(school, on=today)
    grounds = _grounds(school, person, at, rules, use, purpose)
    issue = AssetIssue(
        school=school, asset=held, issued_at=at, issued_by=actor, due_on=due_on, condition=condition.strip(),
        accessories=accessories.strip(), use=use, purpose=purpose.strip(), permission=grounds.permission,
        equipment_use=grounds.authorised, notice=grounds.notice, notice_version=grounds.notice.document_version,
        noticed_at=moment_of(grounds.notice), documents=documents_governing(school, rules, today),
        **({"pupil": person} if isinstance(person, Pupil) else {"user": person}),
    )  # fmt: skip
    issue.stamp(by=actor, at=at)
    issue.save()
    _now(held, AssetStatus.ISSUED, actor, at)
    known = grounds.rules_known
    record(
        school=school, actor=actor, action="devices.issue_asset", at=at, obj=issue, submission=submission,
        detail={"asset": held.pk, "notice": grounds.notice.pk, "acceptable_use": known.pk if known else None},
    )  # fmt: skip
    return issue


@operation("devices.return_asset")
def return_asset(
    *,
    school: School,
    actor: User,
    at: datetime,
    issue: AssetIssue,
    condition: str,
    accessories: str = "",
    is_reset: bool = False,
    status: AssetStatus = AssetStatus.AVAILABLE,
    submission: UUID | None = None,
) -> AssetIssue:
    """Take a school device back: in what condition, with what, and whether it was reset; that may be confirmed later.

    `status`: where it stands from now on. Who may: MANAGE_ASSETS. Raises `NotIssued`, `SaysTooLittle`.
    """
    require(actor, Permission.MANAGE_ASSETS, school)
    assert status != AssetStatus.ISSUED
    held, row = _held(school, issue)
    if row.returned_at is not None:
        raise NotIssued("It was returned already.", rule="SDV-10")
    if not condition.strip():
        raise SaysTooLittle("Say in what condition it came back.", rule="SDV-10")
    row.returned_at, row.returned_to = at, actor
    row.condition_back, row.accessories_back = condition.strip(), accessories.strip()
    if is_reset:
        row.reset_at, row.reset_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    _now(held, status, actor, at)
    record(
        school=school, actor=actor, action="devices.return_asset", at=at, obj=row, submission=submission,
        detail={"asset": held.pk, "reset": is_reset, "to": held.status},
    )  # fmt: skip
    return row


@operation("devices.confirm_reset")
def confirm_reset(
    *, school: School, actor: User, at: datetime, issue: AssetIssue, submission: UUID | None = None
) -> AssetIssue:
    """Confirm, after it came back, that what its last user left on it is gone (SDV-10). Who may: MANAGE_ASSETS.

    Raises `ResetAlready`.
    """
    require(actor, Permission.MANAGE_ASSETS, school)
    _asset, row = _held(school, issue)
    if row.returned_at is None or row.reset_at is not None:
        raise ResetAlready("It is not back yet, or its reset is confirmed.", rule="SDV-10")
    row.reset_at, row.reset_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.confirm_reset", at=at, obj=row, submission=submission)
    return row


def _held(school: School, issue: AssetIssue) -> tuple[SchoolAsset, AssetIssue]:
    """The device first, then its issue: in the order in which `issue_asset` takes them."""
    asset = SchoolAsset.objects.select_for_update(of=("self",)).get(pk=issue.asset_id, school=school)
    return asset, AssetIssue.objects.select_for_update(of=("self",)).get(pk=issue.pk, school=school)


def _now(asset: SchoolAsset, status: AssetStatus, actor: User, at: datetime) -> None:
    asset.status = status
    asset.stamp(by=actor, at=at)
    asset.save()


def _grounds(school: School, person: Pupil | User, at: datetime, rules: Any, use: AssetUse, purpose: str) -> _Grounds:
    today, rule = london_day(at), rules.school_device_access
    if not is_assignee(school, person, today):
        raise NotAnAssignee("A school device is for staff and pupils alone.", rule="SDV-03")
    if rule == UNSPECIFIED and not purpose.strip():
        raise SaysTooLittle(
            "The school’s rules do not say who may use its devices. Say what it is for.", rule="school_device_access",
            field="purpose",
        )  # fmt: skip
    permission = permission_of(school, person, at) if rule == "with_prior_permission" else None
    if rule == "with_prior_permission" and permission is None:
        raise PermissionNeeded(
            "The school’s rules want permission beforehand, and none is in force for this person.", rule="SDV-04"
        )
    known = None
    if rule == "after_acknowledgement":
        known = acknowledgement_for(person, DocumentKind.ACCEPTABLE_USE, today, school=school)
        if known is None:
            raise DocumentNotAcknowledged(
                "The rules for acceptable use come first: this person has not acknowledged what holds now.",
                rule="school_device_access",
            )
    authorised = _authorised(person, today, use) if rule == "school_work_only" else None
    notice = monitoring_acknowledged(person, today, school=school)
    if notice is None or moment_of(notice) > at:
        raise NoticeNotAcknowledged(
            "Before first use the person acknowledges the notice of monitoring: that use can be watched, and why.",
            rule="SDV-05",
        )
    return _Grounds(notice, known, permission, authorised)


def _authorised(person: Pupil | User, today: date, use: AssetUse) -> EquipmentUse | None:
    if use == AssetUse.SCHOOL_WORK:
        return None
    found = [] if isinstance(person, Pupil) else equipment_use_of(person, today)
    for one in found:
        if one.kind == use:
            return one
    raise UseNotAuthorised(
        "School devices are for school work. Anything else needs the head’s written authorisation first.", rule="SDV-08"
    )
