"""Support plans: drafted, begun, reviewed until they end, and asked after when a review is due (INC-18, NOT-12)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import dsls_for
from incidents.access import may_read
from incidents.enums import CaseEventKind, CaseState, PersonRole, PlanState
from incidents.leading import may_lead, need_leader
from incidents.models import Incident, PlanReview, SupportPlan
from incidents.operations.moves import locked, step
from incidents.queries.course import pupils_in
from incidents.workflow import PLAN_MOVES, check_pair

BEFORE = timedelta(days=7)


class UnableToPlan(Refusal):
    """The plan was not made, or stays as it is."""


class PlanNeedsPupil(UnableToPlan):
    """A plan is for a pupil of the record."""

    default_field = "pupil"


class PlanSaysWhat(UnableToPlan):
    """A plan has aims and actions."""

    default_field = "aims"


class PlanOwnerReads(UnableToPlan):
    """Whoever owns a plan can read its record."""

    default_field = "owner"


class ReviewOnADay(UnableToPlan):
    """A plan goes on until a review on a day that is still to come, or ends in words."""

    default_field = "next_review_on"


class ReviewSaysSomething(UnableToPlan):
    """A review says how it goes."""

    default_field = "text"


class NotTheirPlan(UnableToPlan):
    """Whoever leads on the record, or owns the plan, reviews it."""

    recorded = True


@operation("incidents.make_plan")
def make_plan(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    pupil: Pupil,
    aims: str,
    actions: str,
    owner: User,
    starts_on: date,
    review_on: date,
    begin: bool = True,
    submission: UUID | None = None,
) -> SupportPlan:
    """Plan support for a pupil of a record: aims, actions, who sees to it, when it is reviewed (INC-18, INC-13).

    Who may: whoever leads on the record. With `begin` it begins at once; otherwise it is a draft. The owner must be
    able to read the record. Raises a kind of `UnableToPlan`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if pupil.pk not in {one.pk for one in pupils_in(held, *PersonRole)}:
        raise PlanNeedsPupil("This pupil is not in the record.", rule="INC-18")
    if not aims.strip():
        raise PlanSaysWhat("Write what the plan is to achieve.", rule="INC-18")
    if not actions.strip():
        raise PlanSaysWhat("Write what is done.", rule="INC-18", field="actions")
    if not may_read(owner, held, london_day(at)):
        raise PlanOwnerReads("Let them read the record first; then they can own its plan.", rule="STA-17")
    _to_come(review_on, max(starts_on, london_day(at)), "review_on")
    plan = SupportPlan(
        school=school, incident=held, pupil=pupil, aims=aims.strip(), actions=actions.strip(), owner=owner,
        starts_on=starts_on, review_on=review_on,
    )  # fmt: skip
    plan.stamp(by=actor, at=at)
    plan.save()
    if begin:
        _move(plan, PlanState.ACTIVE, actor, at)
    step(held, CaseEventKind.SUPPORT, actor=actor, at=at, about="Plan begun" if begin else "Plan drafted")
    record(
        school=school, actor=actor, action="incidents.make_plan", at=at, obj=plan, submission=submission,
        detail={"incident": held.pk, "review": review_on.isoformat()},
    )  # fmt: skip
    return plan


@operation("incidents.begin_plan")
def begin_plan(
    *, school: School, actor: User, at: datetime, plan: SupportPlan, submission: UUID | None = None
) -> SupportPlan:
    """A drafted plan begins. Who may: whoever leads on the record. Raises `StepNotAllowed`."""
    incident, held = _both(school, plan, actor, at)
    need_leader(actor, incident)
    check_pair(PLAN_MOVES, held.state, PlanState.ACTIVE, "A plan")
    if held.state != PlanState.DRAFTED:
        raise UnableToPlan("It has begun already.", rule="INC-18")
    _move(held, PlanState.ACTIVE, actor, at)
    step(incident, CaseEventKind.SUPPORT, actor=actor, at=at, about="Plan begun")
    record(
        school=school, actor=actor, action="incidents.begin_plan", at=at, obj=held, submission=submission,
        detail={"incident": incident.pk},
    )  # fmt: skip
    return held


@operation("incidents.review_plan")
def review_plan(
    *,
    school: School,
    actor: User,
    at: datetime,
    plan: SupportPlan,
    text: str,
    next_review_on: date | None = None,
    end_words: str = "",
    submission: UUID | None = None,
) -> PlanReview:
    """Review a plan: it goes on to `next_review_on`, or ends in `end_words` (INC-18).

    Who may: whoever leads on the record, and the plan's owner. After the record is closed its plans are reviewed still.
    Raises `StepNotAllowed`, `ReviewSaysSomething`, `ReviewOnADay`, `NotTheirPlan`.
    """
    incident, held = _both(school, plan, actor, at)
    if held.owner_id != actor.pk and not may_lead(actor, incident):
        raise NotTheirPlan("Whoever leads on the record, or owns the plan, reviews it.", rule="INC-18")
    check_pair(PLAN_MOVES, held.state, PlanState.REVIEWED, "A plan")
    if not text.strip():
        raise ReviewSaysSomething("Write how it goes.", rule="INC-18")
    ends = next_review_on is None
    if ends and not end_words.strip():
        raise ReviewOnADay("Enter the next review, or write why the plan ends.", rule="INC-18")
    if next_review_on is not None:
        _to_come(next_review_on, london_day(at), "next_review_on")
    review: PlanReview = PlanReview.objects.create(
        school=school, plan=held, text=text.strip(), next_review_on=next_review_on, at=at, by=actor
    )
    _move(held, PlanState.REVIEWED, actor, at)
    if ends:
        held.review_on, held.end_words, held.ended_at, held.ended_by = None, end_words.strip(), at, actor
        _move(held, PlanState.ENDED, actor, at)
    else:
        held.review_on = next_review_on
        _move(held, PlanState.ACTIVE, actor, at)
    step(incident, CaseEventKind.SUPPORT, actor=actor, at=at, about="Plan ended" if ends else "Plan reviewed")
    record(
        school=school, actor=actor, action="incidents.review_plan", at=at, obj=review, submission=submission,
        detail={"incident": incident.pk, "plan": held.pk, "ended": ends},
    )  # fmt: skip
    return review


@operation("incidents.tell_plan_reviews")
def tell_plan_reviews(*, school: School, at: datetime) -> int:
    """Tell owners and DSLs of reviews within seven days, once, and of overdue ones, once a day (NOT-12).

    For the clock; running it again tells nobody twice. A plan whose day has come is due. The notice names nobody, and
    goes only to those who can read the record. Returns how many plans it told of.
    """
    today, told = london_day(at), 0
    due = (
        SupportPlan.objects.filter(
            school=school, state__in=[PlanState.ACTIVE, PlanState.REVIEW_DUE], review_on__lte=today + BEFORE
        )
        .exclude(incident__state=CaseState.MERGED)
        .select_for_update(of=("self",))
        .select_related("incident", "owner")
        .order_by("id")
    )
    for plan in due:
        assert plan.review_on is not None
        overdue = plan.review_on < today
        if plan.review_on <= today and plan.state == PlanState.ACTIVE:
            _move(plan, PlanState.REVIEW_DUE, None, at)
        people = {one.pk: one for one in (plan.owner, *dsls_for(school, plan.incident.phase))}
        key = (
            f"incidents.plan_overdue.{plan.pk}:{today}" if overdue else f"incidents.plan_due.{plan.pk}:{plan.review_on}"
        )
        notices = notify(
            school=school,
            recipients=[one for one in people.values() if may_read(one, plan.incident, today)],
            kind="incidents.plan_review",
            subject="A review is overdue" if overdue else "A review is due soon",
            body="The page says which. Reviews are asked after until one is written down.",
            url=reverse("incidents:review-plan", args=[school.slug, plan.incident_id, plan.pk]),
            at=at,
            dedupe_key=key,
        )
        told += any(notice.created_at == at for notice in notices)
    if told:
        record(school=school, actor=None, action="incidents.tell_plan_reviews", at=at, detail={"plans": told})
    return told


def _both(school: School, plan: SupportPlan, actor: User, at: datetime) -> tuple[Incident, SupportPlan]:
    incident = locked(school, plan.incident, actor, at)
    return incident, SupportPlan.objects.select_for_update(of=("self",)).get(school=school, pk=plan.pk)


def _move(plan: SupportPlan, target: PlanState, actor: User | None, at: datetime) -> None:
    check_pair(PLAN_MOVES, plan.state, target, "A plan")
    plan.state = target
    plan.stamp(by=actor, at=at)
    plan.save()


def _to_come(review: date, after: date, field: str) -> None:
    if review <= after:
        raise ReviewOnADay("Choose a day that is still to come, after the plan begins.", rule="INC-18", field=field)
