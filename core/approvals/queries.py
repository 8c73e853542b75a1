"""Every read of permissions: what holds now, what waits for somebody, what runs out (law AP-5, AP-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from core.approvals.access import is_own, readable_by, role_to_decide
from core.approvals.enums import COMING_STATES, LIVE_STATES, OPEN_STATES, AssessmentState, Kind, State
from core.approvals.hooks import feature_of
from core.approvals.models import Approval, ApprovalEvent, Delegation, Hazard, RiskAssessment
from core.approvals.workflow import may_move
from core.people.calendar import LONDON, london_day
from core.people.models import School, User
from core.rules.queries import for_school

RUNS_OUT_IN = (1, 7, 14, 30)  # days, law AP-5


def approvals_visible_to(user: Any, school: School) -> QuerySet[Approval]:
    """The permissions that a person may open; whether they may read why is asked record by record."""
    found: QuerySet[Approval] = Approval.objects.filter(readable_by(user, school), school=school)
    return found.select_related("pupil__form", "user", "requested_by", "decided_by", "supervisor", "assessment")


def in_force(school: School, at: datetime, *kinds: str) -> QuerySet[Approval]:
    """Those that hold at a moment, to the minute: lapsed is not valid the same minute, whatever the clock has done."""
    found: QuerySet[Approval] = Approval.objects.filter(
        Q(state__in=LIVE_STATES) | Q(kind=Kind.CURRICULUM_USE, state=State.APPROVED),
        school=school,
        starts_at__lte=at,
        ends_at__gt=at,
    )
    return found.filter(kind__in=kinds) if kinds else found


def in_force_then(school: School, at: datetime, *kinds: str) -> QuerySet[Approval]:
    """Those that held at a moment now or past, whatever became of them since."""
    return _stood(school, at, *kinds).filter(starts_at__lte=at, ends_at__gt=at, decided_at__lte=at)


def in_force_on(school: School, day: date, *kinds: str) -> QuerySet[Approval]:
    """Those that hold at some time of a day, as things stood at its end; one that ends at midnight does not hold on the
    day after."""
    first = datetime.combine(day, datetime.min.time(), LONDON)
    last = datetime.combine(day + timedelta(days=1), datetime.min.time(), LONDON)
    return _stood(school, last, *kinds).filter(starts_at__lt=last, ends_at__gt=first)


def _stood(school: School, at: datetime, *kinds: str) -> QuerySet[Approval]:
    """Those in a state that holds, by the last step up to a moment."""
    last = ApprovalEvent.objects.filter(approval=OuterRef("pk"), at__lte=at).order_by("-at", "-id").values("to_state")
    found: QuerySet[Approval] = Approval.objects.filter(school=school).annotate(stood=Subquery(last[:1]))
    found = found.filter(Q(stood__in=LIVE_STATES) | Q(kind=Kind.CURRICULUM_USE, stood__in=[State.APPROVED, State.USED]))
    return found.filter(kind__in=kinds) if kinds else found


def is_decidable(approval: Approval) -> bool:
    """Whether it is far enough to be decided: discussed, assessed or agreed to, as its kind and the rules want."""
    if approval.sent_back_at is not None or not may_move(approval.kind, approval.state, State.APPROVED):
        return False
    if approval.kind == Kind.CURRICULUM_USE:
        return approval.state == State.ASSESSED
    return approval.state != State.REQUESTED or not approval.needs_assessment


@dataclass(frozen=True)
class Waiting:
    """One permission that waits for a person, and for what: a decision, a consent, a confirmation, a change."""

    approval: Approval
    what: str


def waiting_for(user: User, school: School, at: datetime) -> list[Waiting]:
    """Everything that waits for the person, the oldest first: to decide, to confirm, or sent back to be changed."""
    day = london_day(at)
    rules = for_school(school, on=day)
    rows = (
        Approval.objects.filter(school=school, ends_at__gt=at)
        .filter(Q(state__in=OPEN_STATES) | Q(state=State.APPROVED, kind=Kind.STAFF_LESSON_USE))
        .select_related("pupil__form", "user", "requested_by")
        .order_by("requested_at", "id")
    )
    may: dict[str, bool] = {}
    found = []
    proposed = [row for row in rows if row.kind == Kind.CURRICULUM_USE and row.state == State.REQUESTED]
    teachers = feature_of(Kind.CURRICULUM_USE).consents(proposed) if proposed else {}
    for row in rows:
        if row.sent_back_at is not None:
            if row.requested_by_id == user.pk:
                found.append(Waiting(row, "Sent back to you"))
            continue
        if row.state == State.APPROVED:
            if row.decided_by_id == user.pk and row.confirmed_at is None:
                found.append(Waiting(row, "Confirm that you gave it"))
            continue
        if teachers.get(row.pk) == user.pk:
            found.append(Waiting(row, "Agree to it"))
            continue
        if row.kind not in may:
            may[row.kind] = role_to_decide(user, school, row.kind, rules, day) is not None
        if may[row.kind] and is_decidable(row) and not is_own(user, row):
            found.append(Waiting(row, "Decide"))
    return found


def on_the_way(user: User, school: School) -> QuerySet[Approval]:
    """What the person asked for and what has not come into force yet."""
    return approvals_visible_to(user, school).filter(requested_by=user, state__in=[*OPEN_STATES, *COMING_STATES])


def beside(approval: Approval) -> list[Approval]:
    """Other permissions about the same person that are open or hold: what a decider should know of (conflicts)."""
    if approval.pupil_id is None and approval.user_id is None:
        return []
    same = Approval.objects.filter(school=approval.school).exclude(pk=approval.pk)
    same = same.filter(pupil=approval.pupil_id) if approval.pupil_id else same.filter(user=approval.user_id)
    return list(
        same.filter(state__in=[*OPEN_STATES, *COMING_STATES, *LIVE_STATES, State.SUSPENDED]).order_by("-starts_at")
    )


def decided_before(approval: Approval) -> list[Approval]:
    """Earlier decisions of the same kind about the same person, the newest first."""
    if approval.pupil_id is None and approval.user_id is None:
        return []
    same = Approval.objects.filter(school=approval.school, kind=approval.kind, decided_at__isnull=False)
    same = same.filter(pupil=approval.pupil_id) if approval.pupil_id else same.filter(user=approval.user_id)
    return list(same.exclude(pk=approval.pk).select_related("decided_by").order_by("-decided_at", "-id")[:10])


def decided_lately(user: User, school: School) -> list[Approval]:
    """The latest decisions that the person made, or that were made about what they asked for or is for them."""
    own = Q(decided_by=user) | Q(requested_by=user) | Q(user=user)
    found = approvals_visible_to(user, school).filter(own, decided_at__isnull=False)
    return list(found.order_by("-decided_at", "-id")[:20])


def runs_out(school: School, at: datetime, *, user: User | None = None) -> list[tuple[Approval, int]]:
    """What holds and ends within thirty days, with the days that are left, the first to end first (law AP-5)."""
    rows = (
        in_force(school, at)
        .filter(ends_at__lte=at + timedelta(days=RUNS_OUT_IN[-1] + 1))
        .exclude(kind=Kind.CURRICULUM_USE)
        .select_related("pupil__form", "user", "requested_by", "decided_by")
        .order_by("ends_at", "id")
    )
    if user is not None:
        rows = rows.filter(Q(user=user) | Q(requested_by=user))
    today = london_day(at)
    left = [(row, (last_day(row) - today).days) for row in rows]
    return [(row, days) for row, days in left if days <= RUNS_OUT_IN[-1]]


def last_day(approval: Approval) -> date:
    """The last day on which it holds: one that ends at midnight ends with the day before."""
    return london_day(approval.ends_at - timedelta(microseconds=1))


def events_of(approval: Approval) -> Sequence[ApprovalEvent]:
    """All that happened to it, the oldest first."""
    return list(approval.events.select_related("by").order_by("at", "id"))


def assessments_visible_to(user: Any, school: School) -> QuerySet[RiskAssessment]:
    """Every risk assessment: staff learn from each other’s. It names activities, not children."""
    found: QuerySet[RiskAssessment] = RiskAssessment.objects.filter(school=school).select_related("assessor")
    return found if user is not None else found.none()


def hazards_of(assessment: RiskAssessment) -> list[Hazard]:
    """Its hazards in order."""
    return list(assessment.hazards.order_by("position"))


def hazards_visible_to(user: Any, school: School) -> QuerySet[Hazard]:
    """Every hazard, with its assessment."""
    found: QuerySet[Hazard] = Hazard.objects.filter(school=school).select_related("assessment")
    return found if user is not None else found.none()


def complete_assessments(school: School, on: date) -> QuerySet[RiskAssessment]:
    """Those that can be attached: complete, and not yet due to be looked at again."""
    found: QuerySet[RiskAssessment] = RiskAssessment.objects.filter(
        school=school, state=AssessmentState.COMPLETE, review_on__gt=on
    )
    return found.select_related("assessor")


def delegations_of(school: School, on: date | None = None) -> QuerySet[Delegation]:
    """Who decides in whose place, the newest first; with `on`, those in force that day."""
    found: QuerySet[Delegation] = Delegation.objects.filter(school=school).select_related(
        "giver", "delegate", "ended_by"
    )
    return found.filter(starts_on__lte=on, ends_on__gte=on, ended_at__isnull=True) if on is not None else found


def of_people(school: School, users: Iterable[int], *kinds: str) -> QuerySet[Approval]:
    """Permissions of members of staff, the newest first."""
    found: QuerySet[Approval] = Approval.objects.filter(school=school, user__in=list(users), kind__in=kinds)
    return found.select_related("user", "requested_by", "decided_by")
