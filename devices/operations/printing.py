"""Prints: asked for by a person, made by the worker from wherever the last one stopped, taken away after a day."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Q
from django_scopes import scope, scopes_disabled

from core.audit.operations import operation, record
from core.kit.pdf import Part, Pdf, join_pdf
from core.kit.refusals import ChangedMeanwhile, Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.documents import Printout, printout_for
from devices.enums import PrintKind, PrintState
from devices.models import DeskSettings, PrintJob
from devices.queries.closing import desk_settings
from devices.queries.printing import CLAIM, KEEP, open_print_of, prints_to_resume

log = logging.getLogger(__name__)

MOST_TRIES = 3


class UnableToPrint(Refusal):
    """Nothing is printed."""


class PrintStillBeingMade(UnableToPrint):
    """One print of a person at a time: it is the worker's heaviest job (security 5, row 10)."""


class NothingToPrint(UnableToPrint):
    """What was chosen holds nothing."""


class NotToTryAgain(UnableToPrint):
    """The print did not fail."""


class ClaimLost(Exception):
    """Another worker has the print: this one, thought dead, stops and keeps nothing."""


@operation("devices.ask_for_print")
def ask_for_print(
    *,
    school: School,
    actor: User,
    at: datetime,
    kind: PrintKind,
    wanted: Mapping[str, Any] | None = None,
    submission: UUID | None = None,
) -> PrintJob:
    """Ask the worker for a PDF; it begins after commit (DOC-09, ux 5). Who may: LOG_CUSTODY.

    `wanted` says what, by keys and settings without names: `place`, `forms`, `day`, `sheet`, `start`; the school's
    offsets for labels are written beside it, so that a second try gives the same sheet. Raises `PrintStillBeingMade`
    while another print of this person is not done, `NothingToPrint` when there is nothing in it.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    await_turn(actor, school)
    settings = desk_settings(school)
    offsets = {"offset_x": str(settings.label_offset_x), "offset_y": str(settings.label_offset_y)}
    job = PrintJob(
        school=school,
        kind=PrintKind(kind),
        wanted={**(wanted or {}), **offsets},
        requested_by=actor,
        requested_at=at,
    )
    printout = printout_for(school, job.kind, job.wanted, at)
    if printout.is_empty:
        raise NothingToPrint(printout.empty)
    job.total = printout.total
    job.save()
    record(
        school=school,
        actor=actor,
        action="devices.ask_for_print",
        at=at,
        obj=job,
        submission=submission,
        detail={"kind": str(job.kind), "wanted": job.wanted, "total": job.total},
    )
    ring_after_commit(job)
    return job


def await_turn(actor: User, school: School) -> None:
    """Hold the person until the transaction ends, and refuse while a print of theirs is not done.

    Two clicks in the same second ask one after the other. Raises `PrintStillBeingMade`.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if open_print_of(actor, school) is not None:
        raise PrintStillBeingMade("Your last print is still being made. Open it, or wait until it is ready.")


def ring_after_commit(job: PrintJob) -> None:
    """Ring the worker for a print once it is there to be found."""
    transaction.on_commit(partial(_ring, job.pk), robust=True)


@operation("devices.try_print_again")
def try_print_again(
    *, school: School, actor: User, at: datetime, job: PrintJob, submission: UUID | None = None
) -> PrintJob:
    """Ask for a print that could not be made once more. Raises `NotToTryAgain`.

    Who may: LOG_CUSTODY, and RELEASE_DEVICE for letters to families.
    """
    require(actor, Permission.RELEASE_DEVICE if job.kind == PrintKind.LETTERS else Permission.LOG_CUSTODY, school)
    current: PrintJob = PrintJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if current.state != PrintState.FAILED:
        raise NotToTryAgain(f"This print is “{PrintState(current.state).label.lower()}”. Open the page again.")
    current.state, current.tries, current.done = PrintState.WAITING, 0, 0
    current.requested_at, current.claimed_at, current.finished_at = at, None, None
    current.save()
    record(school=school, actor=actor, action="devices.try_print_again", at=at, obj=current, submission=submission)
    ring_after_commit(current)
    return current


@operation("devices.change_label_offsets")
def change_label_offsets(
    *,
    school: School,
    actor: User,
    at: datetime,
    offset_x: Decimal,
    offset_y: Decimal,
    version: int | None = None,
    submission: UUID | None = None,
) -> DeskSettings:
    """Remember how far labels are moved right and down, in millimetres, for this school's printer (ux 5).

    Who may: LOG_CUSTODY. `version` is the one the form was opened with; raises `ChangedMeanwhile`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    School.objects.select_for_update().get(pk=school.pk)  # two people who change them first do it in turn
    settings = desk_settings(school)
    if version is not None and settings.version != version:
        raise ChangedMeanwhile("Somebody changed the desk’s settings while you were typing. Compare, then save again.")
    old = {"x": str(settings.label_offset_x), "y": str(settings.label_offset_y)}
    settings.label_offset_x, settings.label_offset_y = offset_x, offset_y
    settings.stamp(by=actor, at=at)
    settings.save()
    record(
        school=school,
        actor=actor,
        action="devices.change_label_offsets",
        at=at,
        obj=settings,
        submission=submission,
        detail={"old": old, "new": {"x": str(offset_x), "y": str(offset_y)}},
    )
    return settings


def make_print(*, job_id: int, at: datetime) -> bool:
    """Make one print, if it still has to be made and nobody else is making it; returns whether this call made it.

    For the worker; several may run. A print is claimed in a transaction of its own, made outside any, and kept only
    if the claim still stands: a worker that was thought dead and comes back late keeps nothing. An error puts it back
    for the periodic run; the third leaves it failed, for a person to ask again.
    """
    began = time.monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=time.monotonic() - began)

    with scopes_disabled():
        job = _claim(job_id, at)
    if job is None:
        return False
    with scope(school=job.school):
        try:
            pdf = _make(job, now)
        except OperationalError:
            raise  # the database went away; the claim runs out and the periodic task goes on
        except ClaimLost:
            return False
        except Exception:
            log.exception("Print %s could not be made.", job_id)
            _give_up(job, now())
            return False
        return _keep(job, pdf, now())


def resume_prints(*, at: datetime) -> list[int]:
    """Ring for every print that waits unheard or whose worker is gone. Returns their keys. For the periodic task."""
    found = prints_to_resume(at)
    for key in found:
        _ring(key)
    return found


def purge_prints(*, at: datetime) -> int:
    """Drop the content of prints a day after they were asked for, in every school; returns how many.

    One that was never made is dropped too: its day is over.
    """
    with scopes_disabled():
        old = PrintJob.objects.filter(requested_at__lt=at - KEEP).exclude(state=PrintState.EXPIRED)
        return int(old.update(state=PrintState.EXPIRED, content=None, checksum="", claimed_at=None))


def _ring(job_id: int) -> None:
    from devices.tasks import make_print as task  # tasks import operations

    task.delay(job_id)


def _claim(job_id: int, at: datetime) -> PrintJob | None:
    """The print, claimed; None when it is done, or somebody is at it. A third claim that came to nothing ends it."""
    with transaction.atomic():
        free = Q(state=PrintState.WAITING) | Q(state=PrintState.MAKING, claimed_at__lt=at - CLAIM)
        job: PrintJob | None = (
            PrintJob.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("school", "requested_by")
            .filter(free, pk=job_id)
            .first()
        )
        if job is None:
            return None
        if job.tries >= MOST_TRIES:
            _end(job, at)
            return None
        job.state, job.claimed_at, job.done = PrintState.MAKING, at, 0
        job.tries += 1
        job.save(update_fields=["state", "claimed_at", "done", "tries"])
    return job


def _mine(job: PrintJob) -> Any:
    """The row, while this try's claim stands."""
    return PrintJob.objects.filter(pk=job.pk, state=PrintState.MAKING, tries=job.tries)


def _make(job: PrintJob, now: Any) -> Pdf:
    """Freeze what is to be printed, then lay it out part by part, saying how far it is."""
    parts: Iterable[Part]
    if job.kind == PrintKind.LETTERS:
        from devices.operations.taken.letters import letter_parts  # they are asked for through this module

        title, parts, total = str(PrintKind.LETTERS.label), letter_parts(job, now), job.total
    else:
        printout: Printout = printout_for(job.school, job.kind, job.wanted, job.requested_at)
        title, parts, total = printout.title, printout.parts, printout.total
    _mine(job).update(total=total)

    def note(part: Part) -> None:
        job.done += part.count
        _mine(job).update(done=min(job.done, total), claimed_at=now())

    return join_pdf(parts, made_at=job.requested_at, title=title, after_each=note)


def _keep(job: PrintJob, pdf: Pdf, at: datetime) -> bool:
    with transaction.atomic():
        kept = _mine(job).update(
            state=PrintState.READY,
            content=pdf.content,
            checksum=pdf.checksum,
            pages=pdf.pages,
            done=job.done,
            claimed_at=None,
            finished_at=at,
        )
        if kept:
            record(
                school=job.school,
                actor=None,
                action="devices.make_print",
                at=at,
                obj=job,
                detail={"kind": str(job.kind), "pages": pdf.pages, "checksum": pdf.checksum},
            )
    return bool(kept)


def _give_up(job: PrintJob, at: datetime) -> None:
    """Back to the periodic run, or after the last try to a person."""
    if job.tries >= MOST_TRIES:
        _end(job, at)
    else:
        _mine(job).update(state=PrintState.WAITING, claimed_at=None)


def _end(job: PrintJob, at: datetime) -> None:
    with transaction.atomic():
        ended = PrintJob.objects.filter(pk=job.pk, tries=job.tries).exclude(state=PrintState.READY)
        if ended.update(state=PrintState.FAILED, claimed_at=None, finished_at=at):
            record(school=job.school, actor=None, action="devices.fail_print", at=at, obj=job)
