"""Risk assessments: hazard by hazard, then complete; one tool for all that asks for one (DEV-18, STA-12, 2.6)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import AssessmentState, Level
from core.approvals.models import Hazard, RiskAssessment
from core.approvals.operations.moving import new_reference
from core.approvals.operations.refusals import HazardsMissing, NotYours, StandsAsItIs, UnableToAssess
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission


@operation("approvals.begin_assessment")
def begin_assessment(
    *,
    school: School,
    actor: User,
    at: datetime,
    title: str,
    activity: str,
    review_on: date,
    submission: UUID | None = None,
) -> RiskAssessment:
    """Begin to assess the risks of something. Who may: ASK_PERMISSION; the assessor is who begins it.

    Raises `UnableToAssess` where the next review is not to come.
    """
    require(actor, Permission.ASK_PERMISSION, school)
    today = london_day(at)
    if review_on <= today:
        raise UnableToAssess("Choose a day to come on which it is looked at again.", rule="STA-12", field="review_on")
    row = RiskAssessment(
        school=school, reference=new_reference("R"), title=title.strip(), activity=activity.strip(),
        assessor=actor, assessed_on=today, review_on=review_on,
    )  # fmt: skip
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="approvals.begin_assessment", at=at, obj=row, submission=submission)
    return row


@operation("approvals.add_hazard")
def add_hazard(
    *,
    school: School,
    actor: User,
    at: datetime,
    assessment: RiskAssessment,
    hazard: str,
    harmed: str,
    likelihood: Level,
    severity: Level,
    controls: str,
    residual: Level,
    submission: UUID | None = None,
) -> Hazard:
    """Add a hazard while it is being written. The assessor alone. Raises `StandsAsItIs`, `NotYours`."""
    row = _held(school, actor, assessment)
    newest = row.hazards.order_by("-position").first()
    added = Hazard(
        school=school, assessment=row, position=(newest.position if newest is not None else 0) + 1,
        hazard=hazard.strip(), harmed=harmed.strip(), likelihood=likelihood, severity=severity,
        controls=controls.strip(), residual=residual,
    )  # fmt: skip
    added.stamp(by=actor, at=at)
    added.save()
    record(school=school, actor=actor, action="approvals.add_hazard", at=at, obj=added, submission=submission)
    return added


@operation("approvals.remove_hazard")
def remove_hazard(
    *, school: School, actor: User, at: datetime, hazard: Hazard, submission: UUID | None = None
) -> RiskAssessment:
    """Take a hazard out again while it is being written. The assessor alone. Raises `StandsAsItIs`, `NotYours`."""
    row = _held(school, actor, hazard.assessment)
    gone = row.hazards.filter(pk=hazard.pk).first()
    if gone is not None:
        gone.delete()
    record(school=school, actor=actor, action="approvals.remove_hazard", at=at, obj=row, submission=submission)
    return row


@operation("approvals.complete_assessment")
def complete_assessment(
    *,
    school: School,
    actor: User,
    at: datetime,
    assessment: RiskAssessment,
    conclusion: str,
    submission: UUID | None = None,
) -> RiskAssessment:
    """Complete it, with what it comes to; it is not changed after that. The assessor alone.

    Raises `HazardsMissing` without a hazard, `StandsAsItIs`, `NotYours`.
    """
    row = _held(school, actor, assessment)
    if not row.hazards.exists():
        raise HazardsMissing("Add at least one hazard and what is done about it.", rule="STA-12")
    if not conclusion.strip():
        raise UnableToAssess("Say what it comes to.", rule="STA-12", field="conclusion")
    row.state, row.conclusion = AssessmentState.COMPLETE, conclusion.strip()
    row.completed_at, row.completed_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="approvals.complete_assessment", at=at, obj=row, submission=submission)
    return row


def _held(school: School, actor: User, assessment: RiskAssessment) -> RiskAssessment:
    row: RiskAssessment = RiskAssessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk, school=school)
    if row.assessor_id != actor.pk:
        raise NotYours("Only the assessor writes it. Begin one of your own.", rule="STA-12")
    if row.state == AssessmentState.COMPLETE:
        raise StandsAsItIs("It is complete and stands as it is. Begin a new one.", rule="STA-12")
    return row
