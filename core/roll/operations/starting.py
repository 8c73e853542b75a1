"""Saying go: applying an import, undoing it, trying again. The worker does the rest, batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Min

from core.audit.operations import operation, record
from core.kit.commits import after_commit
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from core.roll import queries
from core.roll.enums import Action, ChangeState, Entity, FileKind, ImportState
from core.roll.models import RollFile, RollImport, RollImportChange, RollRun
from core.roll.operations.preparing import NotOpen, UnableToImport, replan
from core.roll.workflow import RUNNING, may_become

EVERYBODY = "all"


class AnotherImportRunning(UnableToImport):
    """One import of a school at a time."""


class RollChangedMeanwhile(UnableToImport):
    """The preview no longer tells what would happen."""


class ProblemRowsNotAccepted(UnableToImport):
    """Rows would be left out and nobody has said that this is right."""

    default_field = "without_problem_rows"


class NotToBeUndone(UnableToImport):
    """The 24 hours are over, or something stands on the import."""


@operation("roll.apply")
def apply_roll(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    roll_import: RollImport,
    leavers: Collection[str] = (),
    roles: Mapping[str, Sequence[str]] | None = None,
    without_problem_rows: bool = False,
    effective_on: date | None = None,
    submission: UUID | None = None,
) -> RollImport:
    """Start applying an import; the worker does it after commit, and the page may be left (ORG-24).

    `leavers` names those to be closed as "pupil:12", "contact:7" or "membership:3", keys from the preview, or
    "pupil:all"; the others stay. `roles` gives each job title its roles where a person chose others than proposed. For
    whoever may manage the roll, with staff also accounts. Raises a `UnableToImport` with the reason; then nothing has
    begun.
    """
    require(actor, Permission.MANAGE_ROLL, school)
    roll_import = _locked(roll_import)
    if roll_import.state != ImportState.PREVIEWED:
        raise NotOpen(f"This import cannot be applied. It is {roll_import.get_state_display().lower()}.")
    if RollFile.objects.filter(roll_import=roll_import, kind=FileKind.STAFF).exists():
        require(actor, Permission.MANAGE_ACCOUNTS, school)
    _refuse_second(school)
    if queries.roll_mark(school) != roll_import.roll_mark:
        raise RollChangedMeanwhile("Somebody changed the roll after this preview was made. Make the preview again.")
    chosen = {title: list(given) for title, given in (roles or {}).items()}
    proposed = {str(job["title"]): list(job["roles"]) for job in roll_import.summary.get("jobs", [])}
    day = effective_on or roll_import.effective_on
    if day != roll_import.effective_on or any(proposed.get(title) != given for title, given in chosen.items()):
        roll_import.role_choices, roll_import.effective_on = chosen, day
        replan(roll_import, school=school, actor=actor, at=at)
    left_out = int(roll_import.summary.get("problems", 0))
    if left_out and not without_problem_rows:
        raise ProblemRowsNotAccepted(
            f"{_rows(left_out)} left out. Tick the box to go ahead without {'it' if left_out == 1 else 'them'}, "
            "or mend the file and upload it again."
        )
    _choose_leavers(roll_import, leavers)
    roll_import.without_problem_rows = without_problem_rows
    roll_import.applied_at, roll_import.applied_by = at, actor
    _start(roll_import, actor=actor, at=at, undo=False)
    record(
        school=school, actor=actor, action="roll.apply", at=at, obj=roll_import,
        detail={"leavers": len(leavers), "rows_left_out": left_out, "roles": chosen}, submission=submission,
    )  # fmt: skip
    return roll_import


@operation("roll.undo")
def undo_roll(
    *, school: School, actor: User | None, at: datetime, roll_import: RollImport, submission: UUID | None = None
) -> RollImport:
    """Start taking an import back, within 24 hours of its end. Records that others rely on by now are kept or closed.

    For whoever may manage the roll, with staff also accounts. Raises `NotToBeUndone` with the reason.
    """
    require(actor, Permission.MANAGE_ROLL, school)
    roll_import = _locked(roll_import)
    if RollFile.objects.filter(roll_import=roll_import, kind=FileKind.STAFF).exists():
        require(actor, Permission.MANAGE_ACCOUNTS, school)
    if roll_import.state == ImportState.UNDONE:
        raise NotToBeUndone("This import is undone already.")
    if RollRun.objects.filter(roll_import=roll_import, is_undo=True).exists():
        raise NotToBeUndone("Undoing this import has begun already.")
    if not may_become(roll_import.state, ImportState.UNDOING) or roll_import.applied_at is None:
        raise NotToBeUndone(f"This import cannot be undone. It is {roll_import.get_state_display().lower()}.")
    if at - (roll_import.finished_at or roll_import.applied_at) > queries.UNDO_FOR:
        raise NotToBeUndone("An import can be undone for 24 hours. Upload a corrected list instead.")
    if queries.has_later(roll_import):
        raise NotToBeUndone("A later import was applied after this one. Undo that one first.")
    _refuse_second(school)
    roll_import.undone_by, roll_import.undone_at = actor, at
    _start(roll_import, actor=actor, at=at, undo=True)
    record(school=school, actor=actor, action="roll.undo", at=at, obj=roll_import, submission=submission)
    return roll_import


@operation("roll.resume")
def resume_roll(
    *, school: School, actor: User | None, at: datetime, roll_import: RollImport, submission: UUID | None = None
) -> RollImport:
    """Go on with an import that an error stopped, at the batch where it stopped. For whoever may manage the roll."""
    require(actor, Permission.MANAGE_ROLL, school)
    roll_import = _locked(roll_import)
    if roll_import.state != ImportState.FAILED:
        raise NotOpen(f"This import has not stopped. It is {roll_import.get_state_display().lower()}.")
    _refuse_second(school)
    run = RollRun.objects.filter(roll_import=roll_import).order_by("-is_undo")[0]
    RollRun.objects.filter(pk=run.pk).update(attempts=0)
    _become(roll_import, ImportState.UNDOING if run.is_undo else ImportState.APPLYING, actor=actor, at=at)
    record(school=school, actor=actor, action="roll.resume", at=at, obj=roll_import, submission=submission)
    return roll_import


def _rows(number: int) -> str:
    return "1 row with a problem would be" if number == 1 else f"{number} rows with problems would be"


def _locked(roll_import: RollImport) -> RollImport:
    return RollImport.objects.select_for_update(of=("self",)).get(pk=roll_import.pk)


def _refuse_second(school: School) -> None:
    other = queries.running_import(school)
    if other is not None:
        raise AnotherImportRunning("Another import is running. Wait until it is done.")


def _choose_leavers(roll_import: RollImport, leavers: Collection[str]) -> None:
    """Mark the proposed leavers that were ticked; with a member of staff go their roles."""
    closing = RollImportChange.objects.filter(roll_import=roll_import, action=Action.CLOSE)
    closing.exclude(row__isnull=False).update(is_chosen=False)
    wanted: dict[str, set[int]] = {}
    for text in leavers:
        entity, _, key = text.partition(":")
        if entity not in {Entity.PUPIL, Entity.CONTACT, Entity.MEMBERSHIP}:
            continue
        if key == EVERYBODY:
            closing.filter(entity=entity).update(is_chosen=True)
        elif key.isdecimal():
            wanted.setdefault(entity, set()).add(int(key))
    for entity, keys in wanted.items():
        closing.filter(entity=entity, target_id__in=keys).update(is_chosen=True)
    people = closing.filter(entity=Entity.MEMBERSHIP, is_chosen=True).values_list("belongs_to", flat=True)
    closing.filter(entity=Entity.ROLE, belongs_to__in=list(people)).update(is_chosen=True)


def _start(roll_import: RollImport, *, actor: User | None, at: datetime, undo: bool) -> None:
    """Write down that the import runs, how much there is to do, and ring the worker after commit."""
    todo = RollImportChange.objects.filter(
        roll_import=roll_import, is_chosen=True, state=ChangeState.DONE if undo else ChangeState.PLANNED
    )
    span = todo.aggregate(first=Min("batch"), last=Max("batch"))
    first, last = (span["last"], span["first"]) if undo else (span["first"], span["last"])
    RollRun.objects.create(
        school_id=roll_import.school_id,
        roll_import=roll_import,
        is_undo=undo,
        total=todo.count(),
        next_batch=first if first is not None else 0,
        last_batch=last if last is not None else (0 if undo else -1),
        started_at=at,
    )
    _become(roll_import, ImportState.UNDOING if undo else ImportState.APPLYING, actor=actor, at=at)


def _become(roll_import: RollImport, state: ImportState, *, actor: User | None, at: datetime) -> None:
    from core.roll.tasks import run_import  # the task calls operations, so it cannot be imported above

    if not may_become(roll_import.state, state) or state not in RUNNING:
        raise NotOpen(f"This import cannot run. It is {roll_import.get_state_display().lower()}.")
    roll_import.state, roll_import.failure = state, ""
    roll_import.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            roll_import.save()
    except IntegrityError as error:
        raise AnotherImportRunning("Another import is running. Wait until it is done.") from error
    after_commit(run_import.delay, roll_import.pk)
