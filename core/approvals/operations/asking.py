"""Asking for a permission, and all that has to be there before it is decided: discussion, consent, assessment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from core.approvals.access import is_own, role_to_decide
from core.approvals.enums import AssessmentState, EventKind, GivenHow, Kind, State
from core.approvals.hooks import feature_of
from core.approvals.kinds import TEACHERS, deciders_of
from core.approvals.models import LONGEST, Approval, RiskAssessment
from core.approvals.operations.moving import held, move, new_reference, save, tell, write_event
from core.approvals.operations.refusals import (
    DatesWrong,
    HoursWrong,
    NotReady,
    NotUnderTheRules,
    NotYours,
    ReviewDayWrong,
    SaysTooLittle,
)
from core.approvals.queries import is_decidable
from core.audit.operations import operation, record
from core.people.access import holds, require
from core.people.calendar import LONDON, london_day
from core.people.models import Pupil, School, User
from core.people.queries import holders_of
from core.people.roles import Permission, Role
from core.rules.queries import for_school


@dataclass(frozen=True)
class Limits:
    """Within what limits it holds; empty is no limit of that sort (AGR-15)."""

    places: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    daily_from: object = None
    daily_to: object = None
    kept: str = ""
    supervisor: User | None = None
    conditions: str = ""


def first_moment(day: date) -> datetime:
    """Midnight in London at which a day begins: right on the days on which the clocks change too."""
    return datetime.combine(day, datetime.min.time(), LONDON)


def after_day(day: date) -> datetime:
    """The moment a permission ends that holds on `day` for the last time."""
    return first_moment(day + timedelta(days=1))


def open_request(
    *,
    school: School,
    actor: User,
    at: datetime,
    kind: Kind,
    starts_at: datetime,
    ends_at: datetime | None,
    review_on: date | None = None,
    limits: Limits | None = None,
    pupil: Pupil | None = None,
    user: User | None = None,
    needs_assessment: bool = False,
    given_how: GivenHow = GivenHow.WRITTEN,
    review_of: Approval | None = None,
) -> Approval:
    """Begin a permission inside the operation of the app that keeps its kind. Who may: ASK_PERMISSION.

    Raises `NotUnderTheRules` where the rules allow nothing of the kind, `DatesWrong`, `HoursWrong`, `ReviewDayWrong`.
    """
    require(actor, Permission.ASK_PERMISSION, school)
    rules = for_school(school, on=london_day(at))
    deciders = deciders_of(kind, rules)
    if deciders.refused:
        raise NotUnderTheRules(deciders.refused, rule=deciders.rule)
    row = Approval(
        school=school,
        reference=new_reference("P"),
        kind=kind,
        pupil=pupil,
        user=user,
        requested_at=at,
        requested_by=actor,
        review_of=review_of,
        rules_version=rules.version,
        needs_assessment=needs_assessment,
        given_how=given_how,
    )
    _set_terms(row, at, starts_at, ends_at, review_on, limits or Limits())
    save(row, actor, at)
    write_event(row, EventKind.ASKED, actor, at)
    if is_decidable(row):
        tell_deciders(row, at)
    return row


def change_request(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    starts_at: datetime,
    ends_at: datetime | None,
    review_on: date | None = None,
    limits: Limits | None = None,
    note: str = "",
) -> Approval:
    """Change a request that is not decided, or was sent back, inside the operation of its app; it waits again then.

    Who may: whoever asked. Raises `NotYours`, and `NotReady` once it is decided.
    """
    row = held(school, approval)
    if row.requested_by_id != actor.pk:
        raise NotYours("Only the person who asked can change the request.", rule="AGR-10")
    if row.decided_at is not None or row.over_at is not None:
        raise NotReady("It has been decided. Ask anew.", rule="AGR-10")
    _set_terms(row, at, starts_at, ends_at, review_on, limits or Limits())
    row.sent_back_at = row.sent_back_by = None
    save(row, actor, at)
    write_event(row, EventKind.CHANGED, actor, at, note=note)
    if is_decidable(row):
        tell_deciders(row, at)
    return row


@operation("approvals.discuss")
def discuss(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    discussed_on: date,
    discussed_with: str,
    note: str = "",
    submission: UUID | None = None,
) -> Approval:
    """Write down that it was talked over with the family, before it begins (AGR-10, matrix 4.8).

    Who may: whoever asked, or whoever decides. Raises `NotReady` for a day to come or after the first day.
    """
    require(actor, Permission.ASK_PERMISSION, school)
    row = held(school, approval)
    _requester_or_decider(row, actor, at)
    if not discussed_with.strip():
        raise SaysTooLittle("Say with whom it was discussed.", rule="AGR-10", field="discussed_with")
    if discussed_on > london_day(at):
        raise NotReady("The day of the discussion is still to come.", rule="AGR-10", field="discussed_on")
    if discussed_on > london_day(row.starts_at):
        raise NotReady("The discussion comes before the first day of use.", rule="matrix 4.8", field="discussed_on")
    row.discussed_on, row.discussed_with = discussed_on, discussed_with.strip()[:200]
    move(row, State.DISCUSSED, EventKind.DISCUSSED, actor, at, note=note)
    tell_deciders(row, at)
    record(school=school, actor=actor, action="approvals.discuss", at=at, obj=row, submission=submission)
    return row


@operation("approvals.consent")
def consent_to_lesson(
    *, school: School, actor: User, at: datetime, approval: Approval, submission: UUID | None = None
) -> Approval:
    """The teacher of the lesson agrees that a class uses its own devices in it (DEV-18). Who may: a teacher.

    Where the rules ask for the teacher’s consent alone, that is the decision.
    """
    require(actor, Permission.ASK_PERMISSION, school)
    if not holds(actor, school, *TEACHERS):
        raise NotYours("The teacher of the lesson agrees to it.", rule="DEV-18")
    row = held(school, approval)
    teacher = feature_of(row.kind).consents([row]).get(row.pk)
    if teacher is not None and teacher != actor.pk:
        raise NotYours("The teacher of this lesson agrees to it, and nobody else.", rule="DEV-18")
    row.consented_at, row.consented_by = at, actor
    move(row, State.CONSENTED, EventKind.CONSENTED, actor, at)
    if not row.needs_assessment:
        row.decided_at, row.decided_by, row.decided_as = at, actor, Role.TEACHER
        move(row, State.APPROVED, EventKind.APPROVED, actor, at)
    record(school=school, actor=actor, action="approvals.consent", at=at, obj=row, submission=submission)
    return row


@operation("approvals.attach_assessment")
def attach_assessment(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    assessment: RiskAssessment,
    submission: UUID | None = None,
) -> Approval:
    """Put a complete risk assessment to a request (DEV-18, STA-12). Who may: whoever asked, or whoever decides.

    Raises `NotReady` while the assessment is being written, or once it is due to be looked at again.
    """
    require(actor, Permission.ASK_PERMISSION, school)
    row = held(school, approval)
    _requester_or_decider(row, actor, at)
    found = RiskAssessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk, school=school)
    if found.state != AssessmentState.COMPLETE:
        raise NotReady("Complete the risk assessment first.", rule="STA-12", field="assessment")
    if found.review_on <= london_day(at):
        raise NotReady(
            "This assessment is due to be looked at again. Make a new one.", rule="STA-12", field="assessment"
        )
    row.assessment = found
    move(row, State.ASSESSED, EventKind.ASSESSED, actor, at)
    tell_deciders(row, at)
    record(school=school, actor=actor, action="approvals.attach_assessment", at=at, obj=row, submission=submission)
    return row


def tell_deciders(row: Approval, at: datetime) -> None:
    """Tell whoever decides that something waits for them; not who asked it of themselves."""
    day = london_day(at)
    rules = for_school(row.school, on=day)
    people = list(holders_of(row.school, *deciders_of(row.kind, rules).roles))
    people += [one for one in _delegates(row.school, day) if role_to_decide(one, row.school, row.kind, rules, day)]
    waiting = [one for one in people if not is_own(one, row)]
    tell(row, waiting, "A permission waits for your decision", at, f"decide.{row.version}")


def _delegates(school: School, day: date) -> list[User]:
    from core.approvals.queries import delegations_of

    return [one.delegate for one in delegations_of(school, day)]


def _requester_or_decider(row: Approval, actor: User, at: datetime) -> None:
    day = london_day(at)
    if row.requested_by_id == actor.pk or row.user_id == actor.pk:
        return
    if role_to_decide(actor, row.school, row.kind, for_school(row.school, on=day), day) is None:
        raise NotYours("This is for the person who asked, or for whoever decides.", rule="AGR-10")


def _set_terms(
    row: Approval, at: datetime, starts_at: datetime, ends_at: datetime | None, review_on: date | None, limits: Limits
) -> None:
    if ends_at is None:
        raise DatesWrong("Enter the last day. There is no permission without an end.", rule="AP-5")
    if ends_at <= starts_at:
        raise DatesWrong("The last day must not be before the first.", rule="AP-5")
    if ends_at <= at:
        raise DatesWrong("It would be over already.", rule="AP-5")
    if ends_at - starts_at > LONGEST:
        raise DatesWrong("A permission lasts no longer than a school year. Choose an earlier last day.", rule="AP-5")
    first, last = limits.daily_from, limits.daily_to
    if (first is None) != (last is None) or (first is not None and not last > first):  # type: ignore[operator]
        raise HoursWrong("Enter from when and until when in the day, the later after the earlier.", rule="AGR-15")
    if review_on is not None and not london_day(starts_at) < review_on <= london_day(ends_at):
        raise ReviewDayWrong("The review falls between the first and the last day.", rule="AGR-15")
    row.starts_at, row.ends_at, row.review_on = starts_at, ends_at, review_on
    for name, value in vars(limits).items():
        setattr(row, name, value)
