"""Staff’s own devices: leave to use one in teaching time, to reach somebody, to teach remotely (STA-01, 02, 09, 12)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import GivenHow, Kind
from core.approvals.models import Approval
from core.approvals.operations import (
    Limits,
    after_day,
    change_request,
    first_moment,
    give,
    log_word_of,
    open_request,
)
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import STAFF_ROLES
from core.rules.queries import for_school
from devices.enums import ContactChannel, LessonUseReason
from devices.models import RemoteTeachingException, StaffContact, StaffLessonUse


class FormRefused(Refusal):
    """The rules do not take a permission in this form (STA-02)."""

    recorded = True
    default_field = "given_how"


class NotOnStaff(Refusal):
    """The person does not work at the school."""

    default_field = "who"


class SayWhy(Refusal):
    """Another reason than an emergency is said in words."""

    default_field = "why"


@operation("devices.ask_lesson_use")
def ask_lesson_use(
    *,
    school: School,
    actor: User,
    at: datetime,
    reason: LessonUseReason,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    why: str = "",
    submission: UUID | None = None,
) -> StaffLessonUse:
    """Ask to use an own device in teaching time, in writing; whom `staff_lesson_use_by` names decides (STA-01).

    Who may: ASK_PERMISSION, for oneself. Raises `FormRefused` where the rules know the spoken word alone, `SayWhy`.
    """
    row = _open_lesson_use(school, actor, at, actor, GivenHow.WRITTEN, reason, why, starts_at, ends_at, place)
    record(school=school, actor=actor, action="devices.ask_lesson_use", at=at, obj=row, submission=submission)
    return row


@operation("devices.give_lesson_use")
def give_lesson_use(
    *,
    school: School,
    actor: User,
    at: datetime,
    user: User,
    given_how: GivenHow,
    reason: LessonUseReason,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    why: str = "",
    because: str = "",
    submission: UUID | None = None,
) -> StaffLessonUse:
    """Log the leave that `actor` gives a colleague, in writing or by word of mouth; it holds at once (STA-01, STA-02).

    Who may: whom the rule names. `because` where the rules leave open who decides. Raises `FormRefused`,
    `NotTheOneToDecide`, `NotByOneself`.
    """
    row = _open_lesson_use(school, actor, at, user, given_how, reason, why, starts_at, ends_at, place)
    give(row.approval, actor=actor, at=at, because=because)
    record(
        school=school, actor=actor, action="devices.give_lesson_use", at=at, obj=row, submission=submission,
        detail={"how": given_how.value},
    )  # fmt: skip
    return row


@operation("devices.log_lesson_use")
def log_lesson_use(
    *,
    school: School,
    actor: User,
    at: datetime,
    giver: User,
    reason: LessonUseReason,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    why: str = "",
    submission: UUID | None = None,
) -> StaffLessonUse:
    """Log, by who received it, leave that `giver` gave by word of mouth; it holds once they have confirmed it (STA-02).

    Who may: ASK_PERMISSION, for oneself. Raises `FormRefused` where the rules want it in writing, `NotTheOneToDecide`.
    """
    row = _open_lesson_use(school, actor, at, actor, GivenHow.VERBAL, reason, why, starts_at, ends_at, place)
    log_word_of(row.approval, giver=giver, actor=actor, at=at)
    record(school=school, actor=actor, action="devices.log_lesson_use", at=at, obj=row, submission=submission)
    return row


@operation("devices.ask_staff_contact")
def ask_staff_contact(
    *,
    school: School,
    actor: User,
    at: datetime,
    whom: str,
    purpose: str,
    channel: ContactChannel,
    starts_on: date,
    ends_on: date,
    submission: UUID | None = None,
) -> StaffContact:
    """Ask to reach somebody from an own device; the head of school decides, where the rules know it (STA-09).

    Who may: ASK_PERMISSION, for oneself. Raises `NotUnderTheRules` where the rules say never.
    """
    approval = open_request(
        school=school, actor=actor, at=at, kind=Kind.STAFF_CONTACT, user=actor,
        starts_at=first_moment(starts_on), ends_at=after_day(ends_on),
    )  # fmt: skip
    row = StaffContact(school=school, approval=approval, whom=whom.strip(), purpose=purpose.strip(), channel=channel)
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.ask_staff_contact", at=at, obj=row, submission=submission)
    return row


@operation("devices.ask_remote_teaching")
def ask_remote_teaching(
    *,
    school: School,
    actor: User,
    at: datetime,
    why: str,
    device: str,
    starts_on: date,
    ends_on: date,
    submission: UUID | None = None,
) -> RemoteTeachingException:
    """Ask to teach remotely on an own device; a formal risk assessment comes first, unless the rules leave it out.

    Who may: ASK_PERMISSION, for oneself (STA-12).
    """
    rules = for_school(school, on=london_day(at))
    approval = open_request(
        school=school, actor=actor, at=at, kind=Kind.REMOTE_TEACHING, user=actor,
        starts_at=first_moment(starts_on), ends_at=after_day(ends_on),
        needs_assessment=rules.remote_risk_assessment != "optional",
    )  # fmt: skip
    row = RemoteTeachingException(school=school, approval=approval, why=why.strip(), device=device.strip())
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.ask_remote_teaching", at=at, obj=row, submission=submission)
    return row


@operation("devices.change_staff_request")
def change_staff_request(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    starts_at: datetime,
    ends_at: datetime,
    note: str,
    submission: UUID | None = None,
) -> Approval:
    """Answer a request that was sent back: other days, and what was asked for in words. Who may: whoever asked."""
    row = change_request(
        school=school, actor=actor, at=at, approval=approval, starts_at=starts_at, ends_at=ends_at, note=note,
        limits=Limits(places=approval.places),
    )  # fmt: skip
    record(school=school, actor=actor, action="devices.change_staff_request", at=at, obj=row, submission=submission)
    return row


def _open_lesson_use(
    school: School,
    actor: User,
    at: datetime,
    user: User,
    given_how: GivenHow,
    reason: LessonUseReason,
    why: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
) -> StaffLessonUse:
    form = for_school(school, on=london_day(at)).staff_lesson_use_form
    if form == "written" and given_how == GivenHow.VERBAL:
        raise FormRefused("The school’s rules want this permission in writing.", rule="staff_lesson_use_form")
    if not holders_of(school, *STAFF_ROLES).filter(pk=user.pk).exists():
        raise NotOnStaff("Choose somebody who works at the school.", rule="STA-01")
    if reason != LessonUseReason.EMERGENCY and not why.strip():
        raise SayWhy("Say why, where it is not an emergency.", rule="STA-01")
    approval = open_request(
        school=school, actor=actor, at=at, kind=Kind.STAFF_LESSON_USE, user=user, starts_at=starts_at, ends_at=ends_at,
        given_how=given_how, limits=Limits(places=[place.strip()] if place.strip() else []),
    )  # fmt: skip
    row = StaffLessonUse(school=school, approval=approval, reason=reason, why=why.strip())
    row.stamp(by=actor, at=at)
    row.save()
    return row
