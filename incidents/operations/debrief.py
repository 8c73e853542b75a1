"""The debrief and its lessons: what leaders learned, and where it goes on (INC-26 to INC-28, POL-22, matrix 4.19)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import School, User
from core.rules.operations import record_decision
from incidents.enums import CaseEventKind, LessonKind, LessonState
from incidents.leading import need_leader
from incidents.models import Debrief, Incident, Lesson
from incidents.operations.moves import locked, step
from incidents.operations.sanctions import SEALED
from incidents.queries.course import debrief_of
from incidents.workflow import LESSON_MOVES, check_pair
from policies.enums import ImprovementList, ImprovementState
from policies.models import Document, ImprovementItem
from policies.operations import give_improvement, raise_improvement, seed_policies
from policies.queries import improvements_of

SOURCE = "lesson"
_LISTS = {
    LessonKind.POLICY: ImprovementList.POLICY,
    LessonKind.CURRICULUM: ImprovementList.CURRICULUM,
    LessonKind.PRACTICE: ImprovementList.ACTION_PLAN,
}
_FOLLOWS = {
    ImprovementState.ACCEPTED: LessonState.ACCEPTED,
    ImprovementState.REJECTED: LessonState.REJECTED,
    ImprovementState.DONE: LessonState.DONE,
}


class UnableToDebrief(Refusal):
    """Nothing was recorded of the debrief."""


class DebriefHeldAlready(UnableToDebrief):
    """A record has one debrief."""


class DebriefSaysWhat(UnableToDebrief):
    """A debrief says when it was held, who was there and what it came to."""

    default_field = "summary"


class NoDebriefYet(UnableToDebrief):
    """Lessons belong to a debrief."""


class LessonSaysWhat(UnableToDebrief):
    """A lesson says what has to change, or why nothing has."""

    default_field = "text"


class LessonHasOwner(UnableToDebrief):
    """A lesson is given to somebody, by a day."""

    default_field = "owner"


class LessonNotGiven(UnableToDebrief):
    """A lesson is given to somebody before it is decided."""


@operation("incidents.decide_debrief")
def decide_debrief(
    *, school: School, actor: User, at: datetime, incident: Incident, needed: bool, submission: UUID | None = None
) -> Incident:
    """Where the rules do not say, decide whether this record is debriefed, and keep the decision (matrix 0.3).

    Who may: whoever leads on the record; the newest decision counts. Raises `DecisionNotNeeded`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    keep_debrief_decision(held, actor=actor, at=at, needed=needed)
    record(
        school=school, actor=actor, action="incidents.decide_debrief", at=at, obj=held, submission=submission,
        detail={"new": needed},
    )  # fmt: skip
    return held


def keep_debrief_decision(held: Incident, *, actor: User, at: datetime, needed: bool) -> None:
    """Inside an operation: the decision about a debrief, on record."""
    record_decision(
        school=held.school, actor=actor, at=at, key="debrief_required", question="Is a debrief needed?",
        decision="yes" if needed else "no", reason=SEALED, subject=held,
    )  # fmt: skip


@operation("incidents.hold_debrief")
def hold_debrief(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    held_on: date,
    present: str,
    summary: str,
    submission: UUID | None = None,
) -> Debrief:
    """Write down the debrief of a record: the day, who was there, what it came to (INC-26). Lessons are added to it.

    Who may: whoever leads on the record. Raises `DebriefHeldAlready`, `DebriefSaysWhat`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if debrief_of(held) is not None:
        raise DebriefHeldAlready("The debrief of this record is written down already.", rule="INC-26")
    if held_on > london_day(at):
        raise DebriefSaysWhat("The day is still to come.", rule="INC-26", field="held_on")
    if not present.strip():
        raise DebriefSaysWhat("Enter who was there.", rule="INC-26", field="present")
    if not summary.strip():
        raise DebriefSaysWhat("Write what it came to.", rule="INC-26")
    debrief = Debrief(school=school, incident=held, held_on=held_on, present=present.strip(), summary=summary.strip())
    debrief.stamp(by=actor, at=at)
    debrief.save()
    seed_policies(school=school, actor=None, at=at)  # lessons are going to name them
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Debrief held")
    record(
        school=school, actor=actor, action="incidents.hold_debrief", at=at, obj=debrief, submission=submission,
        detail={"incident": held.pk},
    )  # fmt: skip
    return debrief


@operation("incidents.add_lesson")
def add_lesson(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    kind: str,
    text: str,
    document: Document | None = None,
    owner: User | None = None,
    due_on: date | None = None,
    reason: str = "",
    early_review: bool = False,
    submission: UUID | None = None,
) -> Lesson:
    """Add what the debrief found: a change to a policy, to what is taught or to how the school works, or none (INC-26).

    A change goes at once on the policy's change list, the curriculum's or the action plan, where it is decided (INC-27,
    INC-28, POL-22); its words name nobody. With an owner and a day it is given to them. Who may: whoever leads on the
    record. Raises `NoDebriefYet`, `LessonSaysWhat`, `LessonHasOwner`, `PolicyNotNamed`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    debrief = debrief_of(held)
    if debrief is None:
        raise NoDebriefYet("Write down the debrief first.", rule="INC-26")
    what = LessonKind(kind)
    if what == LessonKind.NO_CHANGE and not reason.strip():
        raise LessonSaysWhat("Write why nothing has to change.", rule="INC-26", field="reason")
    if what != LessonKind.NO_CHANGE and not text.strip():
        raise LessonSaysWhat("Write what has to change.", rule="INC-26")
    changes = what != LessonKind.NO_CHANGE
    lesson = Lesson(
        school=school, debrief=debrief, kind=what, reason=reason.strip(),
        text=text.strip() if changes else LessonKind.NO_CHANGE.label,
        document=document if what == LessonKind.POLICY else None,
    )  # fmt: skip
    if what == LessonKind.POLICY and document is None:
        raise LessonSaysWhat("Choose which policy is to change.", rule="INC-27", field="document")
    lesson.stamp(by=actor, at=at)
    lesson.save()
    if changes:
        raise_improvement(
            school=school, actor=actor, at=at, list=_LISTS[what], text=lesson.text, document=lesson.document,
            source=SOURCE, source_key=lesson.pk, early_review=early_review,
        )  # fmt: skip
        if owner is not None or due_on is not None:
            _give(lesson, owner, due_on, actor, at)
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Lesson noted")
    record(
        school=school, actor=actor, action="incidents.add_lesson", at=at, obj=lesson, submission=submission,
        detail={"incident": held.pk, "kind": what.value},
    )  # fmt: skip
    return lesson


@operation("incidents.assign_lesson")
def assign_lesson(
    *,
    school: School,
    actor: User,
    at: datetime,
    lesson: Lesson,
    owner: User | None,
    due_on: date | None,
    submission: UUID | None = None,
) -> Lesson:
    """Give a lesson to somebody who sees to it, by a day. Who may: whoever leads on the record.

    Raises `LessonHasOwner`, `StepNotAllowed`.
    """
    incident = locked(school, lesson.debrief.incident, actor, at)
    need_leader(actor, incident)
    held: Lesson = Lesson.objects.select_for_update(of=("self",)).get(school=school, pk=lesson.pk)
    _give(held, owner, due_on, actor, at)
    record(
        school=school, actor=actor, action="incidents.assign_lesson", at=at, obj=held, submission=submission,
        detail={"incident": incident.pk},
    )  # fmt: skip
    return held


def _give(lesson: Lesson, owner: User | None, due_on: date | None, actor: User, at: datetime) -> None:
    if owner is None:
        raise LessonHasOwner("Choose who sees to it.", rule="INC-26")
    if due_on is None:
        raise LessonHasOwner("Enter by which day.", rule="INC-26", field="due_on")
    check_pair(LESSON_MOVES, lesson.state, LessonState.ASSIGNED, "A lesson")
    lesson.state, lesson.owner, lesson.due_on = LessonState.ASSIGNED, owner, due_on
    lesson.stamp(by=actor, at=at)
    lesson.save()
    item = improvements_of(lesson.school, source=SOURCE).filter(source_key=lesson.pk).first()
    if item is not None:
        give_improvement(school=lesson.school, actor=actor, at=at, item=item, owner=owner, due_on=due_on)


def follow_improvement(item: ImprovementItem, *, actor: User, at: datetime) -> None:
    """What was decided about the item that a lesson raised becomes of the lesson too (matrix 4.19): called inside
    `policies.operations.decide_improvement`, which was asked who may. Raises `LessonNotGiven`."""
    lesson: Lesson = Lesson.objects.select_for_update(of=("self",)).get(school=item.school, pk=item.source_key)
    if lesson.state == LessonState.NOTED:
        raise LessonNotGiven("The DSL first says who sees to it and by when.", rule="matrix 4.19")
    target = _FOLLOWS[ImprovementState(item.state)]
    check_pair(LESSON_MOVES, lesson.state, target, "A lesson")
    lesson.state = target
    if target == LessonState.REJECTED:
        lesson.reason = item.reason
    if target == LessonState.DONE:
        lesson.done_at = at
    lesson.stamp(by=actor, at=at)
    lesson.save()
