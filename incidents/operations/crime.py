"""Tasks that a suspected crime asks for: the police, and about staff the LADO, each a row (INC-33, NOT-08)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.times import day as day_words
from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import School, User
from core.rules.operations import record_decision
from devices.models import EvidenceHold, PoliceHandover
from incidents.access import ABOUT_STAFF, may_read
from incidents.enums import CaseEventKind, Channel, NoteKind, Route, TellState, TellWhy
from incidents.leading import need_leader
from incidents.models import Incident, IncidentNote, Notification, OutsideEntry, StaffConcern
from incidents.operations.handling import is_of_the_team
from incidents.operations.moves import locked, step
from incidents.queries.closing import Missing, connect_check
from incidents.queries.crime import (
    HANDOVER,
    bodies_for,
    due_of_task,
    handover_is_silent,
    handovers_open,
    leaders_of,
    page_of,
    tasks_of,
)
from incidents.queries.staff_concerns import concern_of, entries_of
from incidents.workflow import TELL_MOVES, check_pair

_ELSEWHERE = "It stands in the record that goes on."


class UnableToSuspect(Refusal):
    """No task for the police was opened."""

    default_field = "reason"


class SuspicionSaysWhy(UnableToSuspect):
    """That a crime is suspected has a reason."""


class SuspectedAlready(UnableToSuspect):
    """The task stands already."""


class NotOfAPupil(UnableToSuspect):
    """About staff the concern is classed instead: that opens what is to be done."""


@operation("incidents.suspect_crime")
def suspect_crime(
    *, school: School, actor: User, at: datetime, incident: Incident, reason: str, submission: UUID | None = None
) -> Notification:
    """Say that a crime or illegal material is suspected on a pupil's device: a task for the police opens at once, and
    DSL and head are told (INC-33, NOT-07). The reason is a note of the record.

    Who may: whoever leads on it. Raises a kind of `UnableToSuspect`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if held.route in ABOUT_STAFF:
        raise NotOfAPupil("Class the concern: what is to be done follows from it.", rule="STA-14")
    if not reason.strip():
        raise SuspicionSaysWhy("Say what makes you suspect it.", rule="INC-33")
    if tasks_of(held).filter(body=HANDOVER).exclude(state=TellState.NOT_RELEVANT).exists():
        raise SuspectedAlready("The task for the police stands already.", rule="INC-33")
    IncidentNote.objects.create(
        school=school, incident=held, kind=NoteKind.CASE_NOTE, text=reason.strip(), at=at, by=actor
    )
    step(held, CaseEventKind.RECLASSIFIED, actor=actor, at=at, about="A crime is suspected")
    (task,) = _open(held, [HANDOVER], actor, at)
    record(
        school=school, actor=actor, action="incidents.suspect_crime", at=at, obj=task, submission=submission,
        detail={"incident": held.pk},
    )  # fmt: skip
    return task


def open_tasks(held: Incident, *, actor: User, at: datetime) -> None:
    """Inside an operation: what the record asks for now is open, what it does not ask for any more is set aside.

    About a pupil nothing is set aside but by a person. About staff the classing decides, and its reason is the reason.
    """
    concern = concern_of(held) if held.route in ABOUT_STAFF else None
    wanted = bodies_for(held, concern)
    _open(held, wanted, actor, at)
    if concern is None or concern.meets_threshold is None:
        return
    for task in tasks_of(held).filter(state=TellState.NEEDED).exclude(body__in=wanted):
        task.reason = concern.threshold_reason
        _move(task, TellState.NOT_RELEVANT, actor, at)


def _open(held: Incident, bodies: list[str], actor: User, at: datetime) -> list[Notification]:
    """One open row for each, done already where it was; whoever leads on the record hears of those that are new."""
    if not bodies:
        return []
    concern = concern_of(held) if held.route in ABOUT_STAFF else None
    leaders, known = leaders_of(held, london_day(at)), {task.body: task for task in tasks_of(held)}
    new, rows = [], []
    for body in bodies:
        task = known.get(body)
        if task is not None and task.state != TellState.NOT_RELEVANT:
            rows.append(task)
            continue
        if task is None:
            task = Notification(school=held.school, incident=held, why=TellWhy.CRIME, body=body)
        else:
            check_pair(TELL_MOVES, task.state, TellState.NEEDED, "The task")
        task.state, task.due_at = TellState.NEEDED, due_of_task(held, concern, at)
        task.owner = held.owner if held.owner in leaders else next(iter(leaders), None)
        task.stamp(by=actor, at=at)
        task.save()
        rows.append(task)
        if not _done_before(held, concern, task, actor, at):
            new.append(task)
    if new:
        _tell(held, leaders, new, at)
    return rows


def _done_before(held: Incident, concern: StaffConcern | None, task: Notification, actor: User, at: datetime) -> bool:
    """Whether the police have the device, or the call was made, from before the task was opened."""
    if concern is not None:
        entry = next((one for one in entries_of(concern) if one.get_body_display() == task.body), None)
        if entry is not None:
            settle_call(held, entry, actor=actor, at=at)
        return entry is not None
    if held.custody_id is None:
        return False
    handover = PoliceHandover.objects.filter(custody=held.custody_id, returned_at__isnull=True).first()
    if handover is not None:
        _settle(task, handover.officer_name, handover.handed_at, handover.reference, handover.handed_by, at)
    return handover is not None


def _tell(held: Incident, people: list[User], tasks: list[Notification], at: datetime) -> None:
    """At once, and it names nobody: the record says whom to speak to (NOT-07, NOT-08)."""
    later = [task.due_at for task in tasks if task.due_at is not None and task.due_at > at]
    when = f"by {day_words(min(later))}" if len(later) == len(tasks) else "at once"
    notify(
        school=held.school,
        recipients=people,
        kind="incidents.outside",
        subject=f"Somebody outside is to be spoken to {when}",
        body="The record says whom.",
        url=reverse("incidents:case-actions", args=[held.school.slug, held.pk]),
        at=at,
        dedupe_key=f"incidents.outside:{held.pk}:{held.version}",
    )


def settle_call(held: Incident, entry: OutsideEntry, *, actor: User, at: datetime) -> None:
    """Inside an operation: a call about staff is written down, and with it the task is done (STA-14)."""
    task = tasks_of(held).filter(body=entry.get_body_display(), state=TellState.NEEDED).first()
    if task is not None:
        _settle(task, entry.spoken_to, entry.spoken_at, entry.reference, actor, at)


def device_held(*, hold: EvidenceHold, actor: User, at: datetime) -> None:
    """A device is held: where the reason is a crime, the open records about it ask for the police (INC-33, NOT-07)."""
    about = Incident.objects.select_for_update(of=("self",)).filter(custody=hold.custody_id, route=Route.PUPIL)
    for held in about.order_by("pk"):
        known = tasks_of(held).exclude(state=TellState.NOT_RELEVANT).exists()
        if held.is_open and not known and _open(held, bodies_for(held, None), actor, at):
            step(held, CaseEventKind.RECLASSIFIED, actor=actor, at=at, about="A crime is suspected")


def device_with_police(*, handover: PoliceHandover, actor: User, at: datetime) -> None:
    """The police took a device: the tasks of the records about it are done with it (CNF-11, decision 10)."""
    for task in handovers_open(handover.school, handover.custody):
        held = Incident.objects.select_for_update(of=("self",)).get(pk=task.incident_id)
        task = Notification.objects.select_for_update(of=("self",)).get(pk=task.pk)
        if task.state != TellState.NEEDED:
            continue
        _settle(task, handover.officer_name, handover.handed_at, handover.reference, actor, at)
        if held.is_open:
            step(held, CaseEventKind.TOLD, actor=actor, at=at, about=task.body)


def _settle(task: Notification, told_whom: str, told_at: datetime, reference: str, told_by: User, at: datetime) -> None:
    task.told_whom, task.told_at, task.told_by, task.reference = told_whom, told_at, told_by, reference
    task.channel = Channel.IN_PERSON if task.body == HANDOVER else ""
    _move(task, TellState.SENT, told_by, at)


def _move(task: Notification, target: TellState, actor: User, at: datetime) -> None:
    check_pair(TELL_MOVES, task.state, target, "The task")
    task.state = target
    task.stamp(by=actor, at=at)
    task.save()


def keep_handover_decision(task: Notification, *, actor: User, at: datetime) -> None:
    """Where the rules do not say when a device goes to the police, that a person decided is kept (matrix 0.3)."""
    if task.body == HANDOVER and handover_is_silent(task.incident):
        record_decision(
            school=task.school, actor=actor, at=at, key="police_handover_pupil_device",
            question="Is the device handed to the police?", decision=task.get_state_display(),
            reason=f"Kept in {task.incident.reference}.", subject=task.incident,
        )  # fmt: skip


def tasks_go_with(held: Incident, owner: User, *, actor: User, at: datetime) -> None:
    """Inside an operation: whoever is given the record is given its open tasks, where they may do them."""
    if not is_of_the_team(owner, held):
        return
    for task in tasks_of(held).filter(state=TellState.NEEDED):
        task.owner = owner
        task.stamp(by=actor, at=at)
        task.save()


def carry_tasks(held: Incident, survivor: Incident, *, actor: User, at: datetime) -> None:
    """Inside an operation: what is still to be done about a record that is joined to another is the other's task."""
    waiting = list(tasks_of(held).filter(state=TellState.NEEDED))
    _open(survivor, [task.body for task in waiting], actor, at)
    for task in waiting:
        task.reason = _ELSEWHERE
        _move(task, TellState.NOT_RELEVANT, actor, at)


def chase_tasks(*, school: School, at: datetime) -> int:
    """Inside `tell_due`: owners hear of open tasks that are due; once a day has passed, all who lead on the record.

    Returns of how many. Any working day, school holidays too: police and LADO are at work then.
    """
    today, told = london_day(at), 0
    waiting = Notification.objects.filter(school=school, why=TellWhy.CRIME, state=TellState.NEEDED, due_at__lte=at)
    for task in waiting.select_related("incident__school", "owner").order_by("id"):
        held = task.incident
        if not held.is_open:
            continue
        late = task.due_at is not None and london_day(task.due_at) < today
        owner = task.owner
        alone = owner is not None and not late and may_read(owner, held, today)
        name, keys = page_of(task)
        notify(
            school=school,
            recipients=[owner] if owner is not None and alone else leaders_of(held, today),
            kind="incidents.task_due",
            subject="Somebody outside is still to be spoken to",
            body="The record says whom.",
            url=reverse(f"incidents:{name}", args=[school.slug, *keys]),
            at=at,
            dedupe_key=f"incidents.task_due:{task.pk}:{today}",
        )
        told += 1
    return told


@connect_check
def _tasks_are_done(case: Incident, on: date) -> Iterator[Missing]:
    """INC-33: a record does not close over an open task. About staff the entries are asked for (STA-14)."""
    if case.route in ABOUT_STAFF:
        return
    for task in tasks_of(case).filter(state=TellState.NEEDED):
        yield Missing(f"crime-{task.pk}", f"Neither done nor set aside: {task.body}.", "crime-task", (task.pk,))


__all__ = [
    "NotOfAPupil", "SuspectedAlready", "SuspicionSaysWhy", "UnableToSuspect", "carry_tasks", "chase_tasks",
    "device_with_police", "keep_handover_decision", "open_tasks", "settle_call", "suspect_crime", "tasks_go_with",
]  # fmt: skip
