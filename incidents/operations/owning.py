"""Whose a record is and what comes next: assigning, the next step or why there is none, and what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.operations import operation, record
from core.audit.queries import entries_for
from core.kit.refusals import Refusal
from core.kit.times import day as day_words
from core.notices.operations import notify
from core.people.calendar import calendar_for, london_day
from core.people.models import School, User
from incidents.access import may_read
from incidents.enums import CaseEventKind, CaseState
from incidents.leading import need_leader
from incidents.models import Incident
from incidents.operations.crime import tasks_go_with
from incidents.operations.handling import may_own, need_handler
from incidents.operations.moves import locked, step

TOLD_OVERDUE = "incidents.tell_overdue"
_DONE = (CaseState.DRAFT, CaseState.DISCARDED, CaseState.CLOSED, CaseState.MERGED)


class UnableToAssign(Refusal):
    """Nobody was given the record."""

    default_field = "owner"


class NobodyTicked(UnableToAssign):
    """Records have to be ticked before they are given to somebody."""


class OwnerMayNotRead(UnableToAssign):
    """This person may not read it, or deals with low-level behaviour alone."""

    recorded = True


class UnableToSetStep(Refusal):
    """The next step stays as it was."""


class StepOrReason(UnableToSetStep):
    """A record has a next step with its day, or a reason why there is none."""

    default_field = "next_step"


class StepInThePast(UnableToSetStep):
    """The day of a next step is still to come."""

    default_field = "next_step_on"


@operation("incidents.assign")
def assign_case(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    owner: User,
    version: int | None = None,
    submission: UUID | None = None,
) -> Incident:
    """Give a record to an owner, who reads it from now on where it is about a pupil (INC-31, matrix 1.21).

    Who may: whoever leads on it. Low-level behaviour, and what may turn out to be, can be given to a teacher or tutor;
    all else stays with those who read it anyway. The new owner is told. Raises `OwnerMayNotRead`, `ChangedMeanwhile`.
    """
    held = locked(school, incident, actor, at, version=version)
    give(held, actor, owner, at)
    record(
        school=school, actor=actor, action="incidents.assign", at=at, obj=held, submission=submission,
        detail={"owner": owner.pk},
    )  # fmt: skip
    return held


@operation("incidents.assign_many")
def assign_cases(
    *,
    school: School,
    actor: User,
    at: datetime,
    incidents: Sequence[Incident],
    owner: User,
    submission: UUID | None = None,
) -> School:
    """Give all the ticked records to one owner, or none of them. Raises `NobodyTicked`, and as `assign_case` does."""
    if not incidents:
        raise NobodyTicked("Tick at least one record first.", rule="INC-31")
    keys = []
    for incident in sorted(incidents, key=lambda one: one.pk):
        held = locked(school, incident, actor, at)
        give(held, actor, owner, at)
        keys.append(held.pk)
    record(
        school=school, actor=actor, action="incidents.assign_many", at=at, obj=school, submission=submission,
        detail={"owner": owner.pk, "incidents": keys},
    )  # fmt: skip
    return school


def give(held: Incident, actor: User, owner: User, at: datetime) -> None:
    """The same inside another operation, on a locked record."""
    need_leader(actor, held)
    if not may_own(owner, held):
        raise OwnerMayNotRead(
            "This person deals with low-level behaviour alone. Choose somebody of the safeguarding team.",
            rule="matrix 1.21",
        )
    if held.owner_id == owner.pk:
        return
    step(held, CaseEventKind.ASSIGNED, actor=actor, at=at, owner=owner)
    if not may_read(owner, held, london_day(at)):
        # About themselves or their own child, of another phase, or a road that they do not read: not said which.
        raise OwnerMayNotRead("This person cannot be given this record. Choose somebody else.", rule="STA-17")
    tasks_go_with(held, owner, actor=actor, at=at)
    if owner.pk != actor.pk:
        notify(
            school=held.school,
            recipients=[owner],
            kind="incidents.given",
            subject="A record was given to you",
            body="Say what comes next, or why nothing has to.",
            url=reverse("incidents:next-step", args=[held.school.slug, held.pk]),
            at=at,
            dedupe_key=f"incidents.given:{held.pk}:{held.version}",
        )


@operation("incidents.next_step")
def set_next_step(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    next_step: str = "",
    next_step_on: date | None = None,
    no_next_step: str = "",
    version: int | None = None,
    submission: UUID | None = None,
) -> Incident:
    """Say what comes next and by which day, or why nothing has to (W7). Who may: its owner and whoever leads on it.

    Raises `StepOrReason`, `StepInThePast`, `ChangedMeanwhile`.
    """
    held = locked(school, incident, actor, at, version=version)
    need_handler(actor, held)
    words, reason = next_step.strip(), no_next_step.strip()
    if bool(words) == bool(reason):
        raise StepOrReason("Enter the next step, or why there is none: one of the two.", rule="INC-31")
    if words and next_step_on is None:
        raise StepOrReason("Enter by which day.", rule="INC-31", field="next_step_on")
    if words and next_step_on is not None and next_step_on < london_day(at):
        raise StepInThePast("This day has passed. Enter today or a later one.", rule="INC-31")
    step(
        held, CaseEventKind.NEXT_STEP, actor=actor, at=at, about="" if words else "None is needed", next_step=words,
        next_step_on=next_step_on if words else None, no_next_step=reason,
    )  # fmt: skip
    record(school=school, actor=actor, action="incidents.next_step", at=at, obj=held, submission=submission)
    return held


@operation(TOLD_OVERDUE)
def tell_overdue_steps(*, school: School, at: datetime) -> int:
    """Each school day, tell owners how many next steps of theirs have passed their day. For the clock; once a day.

    Returns how many people were told. The notice says a number and names nobody.
    """
    today = london_day(at)
    if not calendar_for(school).is_school_day(today):
        return 0
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two workers do it in turn
    if entries_for(school, action=TOLD_OVERDUE, first=today, last=today, outcome=Outcome.DONE).exists():
        return 0
    late = (
        Incident.objects.filter(school=school, next_step_on__lt=today, owner__isnull=False, owner__is_active=True)
        .exclude(state__in=_DONE)
        .order_by()
        .values("owner")
        .annotate(number=Count("pk"))
    )
    counts = {row["owner"]: row["number"] for row in late}
    for owner in User.objects.filter(pk__in=counts).order_by("pk"):
        number = counts[owner.pk]
        notify(
            school=school,
            recipients=[owner],
            kind="incidents.overdue",
            subject="1 next step is overdue" if number == 1 else f"{number} next steps are overdue",
            body=f"As of {day_words(today)}.",
            url=f"{reverse('incidents:inbox', args=[school.slug])}?show=mine",
            at=at,
            dedupe_key=f"incidents.overdue:{today}",
        )
    record(school=school, actor=None, action=TOLD_OVERDUE, at=at, detail={"people": len(counts)})
    return len(counts)
