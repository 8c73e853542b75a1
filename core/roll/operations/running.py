"""The worker's part: one batch after another, each whole or not at all, from wherever the last one ended."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django_scopes import scope, scopes_disabled

from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.models import School, User
from core.roll import queries
from core.roll.enums import Action, ChangeState, ImportState
from core.roll.models import RollImport, RollImportChange, RollRun
from core.roll.writing import Author, carry_out, reason_for, references_checked_at_once, take_back

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
SILENT_FOR = timedelta(minutes=1)
_NOT_IN_THE_RECORD = frozenset({"medical_note", "court_order_note", "note"})


def run_roll_import(*, import_id: int, at: datetime, seconds: float = 180.0) -> bool:
    """Carry out, or take back, what is left of an import; returns whether it is at its end (ORG-24).

    Called by the worker's task and by the command line. Each batch is one transaction with its done-marker, so a
    worker that is killed loses at most the batch it was at, and the next goes on there; two workers share the work.
    An error that comes again five times stops the import and says so. After `seconds` it returns False.
    """
    with scopes_disabled():
        roll_import = (
            RollImport.objects.select_related("school", "applied_by", "undone_by").filter(pk=import_id).first()
        )
    if roll_import is None or not roll_import.is_running:
        return True
    deadline = time.monotonic() + seconds
    with scope(school=roll_import.school):
        if not _may_try(roll_import, at):
            return True
        while True:
            try:
                is_over = _one_batch(roll_import, at)
            except OperationalError:
                raise  # the database went away; the periodic task goes on when it is back
            except Exception:
                log.exception("A batch of import %s failed.", import_id)
                return False
            if is_over:
                return True
            if time.monotonic() > deadline:
                return False


def resume_stale_imports(*, at: datetime) -> list[int]:
    """Ring for every running import that no worker has touched for a minute. Returns their keys."""
    from core.roll.tasks import run_import  # the task calls operations, so it cannot be imported above

    found = queries.stale_imports(at, SILENT_FOR)
    for key in found:
        run_import.delay(key)
    return found


def _may_try(roll_import: RollImport, at: datetime) -> bool:
    """Count this start; the one after the fifth without progress stops the import instead."""
    with transaction.atomic():
        run = _run(roll_import)
        if run.attempts >= MOST_ATTEMPTS:
            fail_roll(school=roll_import.school, actor=None, at=at, roll_import=roll_import)
            return False
        RollRun.objects.filter(pk=run.pk).update(attempts=run.attempts + 1, heartbeat_at=Now())
    return True


def _run(roll_import: RollImport) -> RollRun:
    found: RollRun = (
        RollRun.objects.select_for_update()
        .filter(roll_import=roll_import, is_undo=roll_import.state == ImportState.UNDOING)
        .get()
    )
    return found


@operation("roll.fail")
def fail_roll(*, school: School, actor: User | None, at: datetime, roll_import: RollImport) -> RollImport:
    """Stop an import that cannot go on, for a person to look at: what is done stays done and can be undone."""
    roll_import.state = ImportState.FAILED
    roll_import.failure = "An error came up five times at the same rows. What was done before them stays done."
    roll_import.finished_at = at
    roll_import.stamp(by=actor, at=at)
    roll_import.save()
    record(school=school, actor=actor, action="roll.fail", at=at, obj=roll_import)
    _tell(roll_import, "An import of the roll has stopped", at)
    return roll_import


def _one_batch(roll_import: RollImport, at: datetime) -> bool:
    undo = roll_import.state == ImportState.UNDOING
    actor = roll_import.undone_by if undo else roll_import.applied_by
    done: bool = do_batch(school=roll_import.school, actor=actor, at=at, roll_import=roll_import, undo=undo)
    return done


@operation("roll.batch")
def do_batch(*, school: School, actor: User | None, at: datetime, roll_import: RollImport, undo: bool) -> bool:
    """Do the next batch of an import, with its done-marker and its entry in the record; True when none is left."""
    run = _run(roll_import)
    if run.finished_at is not None:
        return True
    references_checked_at_once()
    step = -1 if undo else 1
    author = Author(school, actor, at, reason_for(roll_import, undo=undo))
    changes = list(
        RollImportChange.objects.filter(
            roll_import=roll_import, batch=run.next_batch, is_chosen=True,
            state=ChangeState.DONE if undo else ChangeState.PLANNED,
        ).order_by("-position" if undo else "position")
    )  # fmt: skip
    if changes:
        (take_back if undo else carry_out)(changes, author)
        _mark(changes, ChangeState.UNDONE if undo else ChangeState.DONE)
        record(
            school=school, actor=actor, action="roll.batch_undone" if undo else "roll.batch", at=at, obj=roll_import,
            detail=_detail(run.next_batch, changes),
        )  # fmt: skip
    run.done = min(run.total, run.done + len(changes))
    run.next_batch += step
    is_over = run.next_batch * step > run.last_batch * step
    RollRun.objects.filter(pk=run.pk).update(
        done=run.total if is_over else run.done,
        next_batch=run.next_batch,
        attempts=0,
        heartbeat_at=Now(),
        finished_at=at if is_over else None,
    )
    if is_over:
        _finish(roll_import, undo, actor, at)
    return is_over


def _mark(changes: list[RollImportChange], usual: ChangeState) -> None:
    """Write what became of each change: one statement for all that went as planned, one for the rest."""
    as_planned = [change.pk for change in changes if change.state == usual]
    rest = [change for change in changes if change.state != usual]
    RollImportChange.objects.filter(pk__in=as_planned).update(state=usual)
    if rest:
        RollImportChange.objects.bulk_update(rest, ["state", "reason"])


def _detail(batch: int, changes: list[RollImportChange]) -> dict[str, Any]:
    """Which records the batch touched, with the old and new values of those it changed (ORG-09); notes stay out."""
    counts: Counter[str] = Counter(f"{change.entity}.{change.action}.{change.state}" for change in changes)
    keys: dict[str, list[int]] = {}
    values: list[dict[str, Any]] = []
    for change in changes:
        if change.state not in {ChangeState.DONE, ChangeState.UNDONE, ChangeState.CLOSED}:
            continue
        if change.action == Action.ADD:
            keys.setdefault(change.entity, []).append(change.target_id)
        else:
            values.append(
                {
                    "entity": change.entity,
                    "id": change.target_id,
                    "old": _without_notes(change.old),
                    "new": _without_notes(change.new),
                }
            )
    return {"batch": batch, "counts": dict(counts), "added": keys, "changed": values}


def _without_notes(values: dict[str, Any]) -> dict[str, Any]:
    return {name: "(note)" if name in _NOT_IN_THE_RECORD else value for name, value in values.items()}


def _finish(roll_import: RollImport, undo: bool, actor: User | None, at: datetime) -> None:
    roll_import.state = ImportState.UNDONE if undo else ImportState.APPLIED
    if not undo:
        roll_import.finished_at = at
    else:
        roll_import.undone_at = at
    roll_import.stamp(by=actor, at=at)
    roll_import.save()
    _tell(roll_import, "An import of the roll is undone" if undo else "An import of the roll is done", at)
    if not undo and roll_import.proposals.filter(answered_at__isnull=True).exists():
        notify(
            school=roll_import.school,
            recipients=queries.people_to_ask(roll_import.school),
            kind="roll.do_not_inform",
            subject="Contacts with a court-order note are waiting for your decision",
            url=f"/{roll_import.school.slug}/roll/do-not-inform/",
            at=at,
            dedupe_key=f"roll.do_not_inform.{roll_import.pk}",
        )


def _tell(roll_import: RollImport, subject: str, at: datetime) -> None:
    """The person who started it may have left the page."""
    person = roll_import.undone_by or roll_import.applied_by
    if person is not None:
        notify(
            school=roll_import.school,
            recipients=[person],
            kind="roll.finished",
            subject=subject,
            url=f"/{roll_import.school.slug}/roll/{roll_import.pk}/result/",
            at=at,
            dedupe_key=f"roll.{roll_import.state}.{roll_import.pk}",
        )
