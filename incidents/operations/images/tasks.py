"""What has to be done about a suspected image: given to somebody, done, undone again, answered (IMG-07 to IMG-10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.operations import operation, record
from core.people.calendar import london_day
from core.people.models import School, User
from core.rules.operations import record_decision
from core.rules.queries import UNSPECIFIED, for_school
from incidents.access import may_read
from incidents.enums import ImageTaskKind
from incidents.leading import may_lead, need_leader
from incidents.models import ImageCase, ImageTask, Incident
from incidents.operations.images.moves import catch_up, held_case, lock_case, note_step
from incidents.operations.images.opening import FIRST, Secured, add_task_row, secure, tell_of_task
from incidents.operations.images.refusals import (
    NotSecured,
    NotYourTask,
    ScopeUndecided,
    TaskAhead,
    TaskDone,
    TaskThere,
    UnableToDoTask,
    WordsNeeded,
)
from incidents.operations.moves import locked

_K = ImageTaskKind
SCOPES = {"all_users": "For all users", "targeted": "For the accounts concerned only"}
ANSWERED = frozenset({_K.REPORT_HOST, _K.REPORT_CEOP, _K.REMOVAL})


def _held_task(school: School, task: ImageTask, actor: User, at: datetime) -> tuple[ImageTask, ImageCase, Incident]:
    """A task with its case and record, all held; for whom it was given to, and for whoever leads on the record."""
    found: ImageTask = ImageTask.objects.select_related("case__incident").get(school=school, pk=task.pk)
    incident = locked(school, found.case.incident, None, at)
    case = lock_case(incident)
    found = ImageTask.objects.select_for_update(of=("self",)).get(pk=found.pk)
    leads = may_lead(actor, incident) and may_read(actor, incident, london_day(at))
    if found.assignee_id != actor.pk and not leads:
        raise NotYourTask("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    return found, case, incident


def _check_time(done_at: datetime, incident: Incident, at: datetime) -> None:
    if done_at > at:
        raise TaskAhead("That time is still ahead.", rule="IMG-03")
    happened = incident.happened_at
    if happened is not None and done_at < happened.replace(second=0, microsecond=0):
        raise TaskAhead("That is before it happened. Enter when it was done.", rule="IMG-03")


@operation("incidents.do_image_task")
def do_task(
    *,
    school: School,
    actor: User,
    at: datetime,
    task: ImageTask,
    done_at: datetime | None = None,
    words: str = "",
    site: str = "",
    reference: str = "",
    secured: Secured | None = None,
    scope: str = "",
    scope_reason: str = "",
    submission: UUID | None = None,
) -> ImageTask:
    """Mark a task done, with its time (IMG-03, IMG-07 to IMG-10). The last one that comes first completes the response.

    Who may: whom it was given to, and whoever leads on the record. A device is secured by a taking or a hold in the
    same act; the one who leads may instead say in `words` where else it is, as with the police. Pupils told: whom. A
    report outside: where, and its reference. A block where the rules do not say for whom: `scope` and why, kept as a
    decision; the block is the filtering decision of FIL-18. Raises a kind of `UnableToDoTask`.
    """
    held, case, incident = _held_task(school, task, actor, at)
    if held.done_at is not None:
        raise TaskDone("This is done already. The page shows by whom and when.", rule="IMG-03")
    done = done_at or at
    _check_time(done, incident, at)
    kind = _K(held.kind)
    detail: dict[str, Any] = {"incident": incident.pk, "kind": kind.value}
    if kind == _K.SECURE_DEVICE:
        _secure(incident, secured, words, actor=actor, at=at)
    elif kind == _K.PUPILS_TOLD and not words:
        raise WordsNeeded("Say who was told.", rule="IMG-07")
    elif kind == _K.REPORT_HOST and not (site or held.site):
        raise WordsNeeded("Say to which website or network.", rule="IMG-09", field="site")
    elif kind == _K.REPORT_CEOP and not reference:
        raise WordsNeeded("Enter the reference CEOP gave, or “none given”.", rule="IMG-10", field="reference")
    elif kind == _K.BLOCK_NETWORK:
        detail["scope"] = _scope(incident, scope, scope_reason, actor=actor, at=at)
    held.done_at, held.done_by = done, actor
    held.words, held.site, held.reference = words or held.words, site or held.site, reference
    held.stamp(by=actor, at=at)
    held.save()
    note_step(incident, kind.label, actor=actor, at=at)
    if kind == _K.REPORT_CEOP:
        _not_waiting_for_host(case, actor=actor, at=at)
    catch_up(case, incident, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.do_image_task", at=at, obj=held, submission=submission,
        detail=detail,
    )  # fmt: skip
    return held


def _secure(incident: Incident, secured: Secured | None, words: str, *, actor: User, at: datetime) -> None:
    if secured is None:
        if not words or not may_lead(actor, incident):
            raise NotSecured("Choose the device: it is held here, or it is taken now.", rule="IMG-03")
        return
    named = incident.people.filter(pupil=secured.pupil, removed_at__isnull=True)
    if not named.exists():
        raise NotSecured("The record does not name that pupil.", rule="IMG-03")
    stay = secure(secured, school=incident.school, actor=actor, at=at)
    if incident.custody_id is None:
        incident.custody, incident.device = stay, stay.device


def _scope(incident: Incident, scope: str, reason: str, *, actor: User, at: datetime) -> str:
    """For whom the network was blocked: by the rule, or by a decision that is kept (A-37, FIL-18)."""
    rule = str(for_school(incident.school, on=london_day(at)).image_network_block)
    if rule != UNSPECIFIED:
        return rule
    if scope not in SCOPES:
        raise ScopeUndecided("Your school’s rules do not say who loses access. Choose, and say why.", rule="FIL-18")
    if not reason:
        raise ScopeUndecided("Say why.", rule="FIL-18", field="scope_reason")
    record_decision(
        school=incident.school, actor=actor, at=at, key="image_network_block", subject=incident, reason=reason,
        question="Who loses access to the network?", decision=SCOPES[scope],
    )  # fmt: skip
    return scope


def _not_waiting_for_host(case: ImageCase, *, actor: User, at: datetime) -> None:
    """CEOP was told: nobody waits for the website any more, though it is still told (IMG-10)."""
    for task in ImageTask.objects.filter(case=case, kind=_K.REPORT_HOST, done_at__isnull=True):
        task.needed_first = False
        task.stamp(by=actor, at=at)
        task.save()


@operation("incidents.restore_network")
def restore_network(
    *,
    school: School,
    actor: User,
    at: datetime,
    task: ImageTask,
    restored_at: datetime | None = None,
    submission: UUID | None = None,
) -> ImageTask:
    """Say when access to the network came back (IMG-08, FIL-18). Who may: as for `do_task`."""
    held, _case, incident = _held_task(school, task, actor, at)
    if held.kind != _K.BLOCK_NETWORK or held.done_at is None:
        raise UnableToDoTask("The network was not blocked.", rule="IMG-08")
    if held.restored_at is not None:
        raise TaskDone("Access is back already. The page shows since when.", rule="IMG-08")
    restored = restored_at or at
    if restored > at or restored < held.done_at:
        raise TaskAhead("Enter a time after the block, and not ahead.", rule="FIL-18", field="restored_at")
    held.restored_at = restored
    held.stamp(by=actor, at=at)
    held.save()
    note_step(incident, "Network access restored", actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.restore_network", at=at, obj=held, submission=submission,
        detail={"incident": incident.pk},
    )  # fmt: skip
    return held


@operation("incidents.answer_image_task")
def note_answer(
    *, school: School, actor: User, at: datetime, task: ImageTask, response: str, submission: UUID | None = None
) -> ImageTask:
    """Keep what a website, CEOP or a removal service answered (IMG-09, law IM-6). Who may: as for `do_task`."""
    held, _case, incident = _held_task(school, task, actor, at)
    if held.kind not in ANSWERED or held.done_at is None:
        raise UnableToDoTask("Nothing was reported outside yet.", rule="IMG-09")
    if not response:
        raise WordsNeeded("Say what they answered.", rule="IMG-09", field="response")
    held.response = f"{held.response}\n\n{response}" if held.response else response
    held.stamp(by=actor, at=at)
    held.save()
    note_step(incident, "An answer from outside", actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.answer_image_task", at=at, obj=held, submission=submission,
        detail={"incident": incident.pk, "kind": held.kind},
    )  # fmt: skip
    return held


@operation("incidents.give_image_task")
def give_task(
    *,
    school: School,
    actor: User,
    at: datetime,
    task: ImageTask,
    assignee: User | None = None,
    name: str = "",
    submission: UUID | None = None,
) -> ImageTask:
    """Give a task to a member of staff, who is told, or to somebody outside by name (IMG-08). Who may: who leads on it.

    Whoever is given one sees the task and not the record.
    """
    found: ImageTask = ImageTask.objects.select_related("case__incident").get(school=school, pk=task.pk)
    _case, incident = held_case(school, found.case.incident, actor, at)
    if found.done_at is not None and found.kind != _K.BLOCK_NETWORK:
        raise TaskDone("This is done already. The page shows by whom and when.", rule="IMG-08")
    if assignee is None and not name:
        raise WordsNeeded("Choose who does it, or enter a name.", rule="IMG-08", field="name")
    found.assignee, found.assignee_name = assignee, "" if assignee is not None else name
    found.stamp(by=actor, at=at)
    found.save()
    if assignee is not None and assignee.pk != actor.pk:
        tell_of_task(found, at)
    record(
        school=school, actor=actor, action="incidents.give_image_task", at=at, obj=found, submission=submission,
        detail={"incident": incident.pk, "to": assignee.pk if assignee is not None else "by name"},
    )  # fmt: skip
    return found


@operation("incidents.add_image_task")
def add_task(
    *, school: School, actor: User, at: datetime, incident: Incident, kind: str, submission: UUID | None = None
) -> ImageTask:
    """Put another task on the list, as a removal with help or a report to CEOP (law IM-6). Who may: who leads on it."""
    case, held = held_case(school, incident, actor, at)
    if ImageTask.objects.filter(case=case, kind=kind).exists():
        raise TaskThere("This is on the list already.", rule="law IM-6")
    task = add_task_row(case, _K(kind), actor=actor, at=at, needed_first=False)
    note_step(held, f"To do: {_K(kind).label}", actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.add_image_task", at=at, obj=task, submission=submission,
        detail={"incident": held.pk, "kind": task.kind},
    )  # fmt: skip
    return task


@operation("incidents.correct_image_place")
def correct_place(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    place: str,
    site: str = "",
    submission: UUID | None = None,
) -> ImageCase:
    """It is elsewhere, or also elsewhere, than was reported: what comes first follows the place (A-39).

    Who may: who leads on it. Tasks of the old place stay on the list and hold the first response up no more.
    """
    case, held = held_case(school, incident, actor, at)
    need_leader(actor, held)
    wanted = {*FIRST[place], _K.PUPILS_TOLD}
    for task in ImageTask.objects.filter(case=case, done_at__isnull=True):
        task.needed_first = task.kind in wanted
        task.stamp(by=actor, at=at)
        task.save()
    case.place, case.site = place, site or case.site
    case.stamp(by=actor, at=at)
    case.save()
    there = set(ImageTask.objects.filter(case=case).values_list("kind", flat=True))
    for kind in FIRST[place]:
        if kind not in there:
            add_task_row(case, kind, actor=actor, at=at, needed_first=True, reporter=actor)
    note_step(held, "The place was corrected", actor=actor, at=at)
    catch_up(case, held, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.correct_image_place", at=at, obj=case, submission=submission,
        detail={"incident": held.pk, "place": case.place},
    )  # fmt: skip
    return case
