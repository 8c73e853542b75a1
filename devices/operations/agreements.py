"""The headteacher's agreement that a pupil brings a device, where the school's rule asks for one (DEV-03)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import holds
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.models import BringAgreement


class HeadteacherDecides(Refusal):
    """Only the headteacher agrees that a pupil may bring a device."""

    recorded = True


class AgreementDatesWrong(Refusal):
    """The agreement would end before it starts."""

    default_field = "ends_on"


class AgreementHasEnded(Refusal):
    """Somebody ended the agreement already."""


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
    submission: UUID | None = None,
) -> BringAgreement:
    """Record that the headteacher, who must be `actor`, agrees that `pupil` brings a device between two dates."""
    if not holds(actor, school, Role.HEADTEACHER):
        raise HeadteacherDecides("Only the headteacher can agree this.", rule="DEV-03")
    if ends_on < starts_on:
        raise AgreementDatesWrong("The last day must not be before the first.", rule="DEV-03")
    agreement = BringAgreement(
        school=school,
        pupil=pupil,
        reason=reason,
        agreed_by=actor,
        agreed_at=at,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    agreement.stamp(by=actor, at=at)
    agreement.save()
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


@operation("devices.end_bring")
def end_bring_agreement(
    *, school: School, actor: User, at: datetime, agreement: BringAgreement, submission: UUID | None = None
) -> BringAgreement:
    """End an agreement today; hand-ins after that are flagged again. The headteacher alone."""
    if not holds(actor, school, Role.HEADTEACHER):
        raise HeadteacherDecides("Only the headteacher can end this.", rule="DEV-03")
    agreement = BringAgreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if agreement.ended_at is not None:
        raise AgreementHasEnded("This agreement has ended already.", rule="DEV-03")
    agreement.ended_at, agreement.ended_by = at, actor
    agreement.stamp(by=actor, at=at)
    agreement.save()
    record(school=school, actor=actor, action="devices.end_bring", at=at, obj=agreement, submission=submission)
    return agreement
