"""Prints: asked for by a person, made by the worker from wherever the last one stopped, taken away after a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django_scopes import scopes_disabled

from core.audit.operations import operation, record
from core.kit.commits import after_commit
from core.kit.jobs import Jobs, Now
from core.kit.pdf import Part, Pdf, join_pdf
from core.kit.refusals import ChangedMeanwhile, Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.documents import Printout, printout_for
from devices.enums import PrintKind, PrintState
from devices.models import DeskSettings, PrintJob
from devices.queries.closing import desk_settings
from devices.queries.printing import KEEP, MISSED_BELL, open_print_of


class UnableToPrint(Refusal):
    """Nothing is printed."""


class PrintStillBeingMade(UnableToPrint):
    """One print of a person at a time: it is the worker's heaviest job (security 5, row 10)."""


class NothingToPrint(UnableToPrint):
    """What was chosen holds nothing."""


class NotToTryAgain(UnableToPrint):
    """The print did not fail."""


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
    after_commit(_ring, job.pk)


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
    PRINTS.begin_again(current, at)
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

    For the worker; several may run. One that was thought dead and comes back late keeps nothing.
    """
    return PRINTS.run(job_id, at=at, make=_make, keep=_keep)


def resume_prints(*, at: datetime) -> list[int]:
    """Ring for every print that waits unheard or whose worker is gone. Returns their keys. For the periodic task."""
    found = PRINTS.to_resume(at)
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


def _make(job: PrintJob, now: Now) -> Pdf:
    """Freeze what is to be printed, then lay it out part by part, saying how far it is."""
    parts: Iterable[Part]
    if job.kind == PrintKind.LETTERS:
        from devices.operations.taken.letters import letter_parts  # they are asked for through this module

        title, parts, total = str(PrintKind.LETTERS.label), letter_parts(job, now), job.total
    else:
        printout: Printout = printout_for(job.school, job.kind, job.wanted, job.requested_at)
        title, parts, total = printout.title, printout.parts, printout.total
    PRINTS.held(job).update(total=total)

    def note(part: Part) -> None:
        job.done += part.count
        PRINTS.held(job).update(done=min(job.done, total), claimed_at=now())

    return join_pdf(parts, made_at=job.requested_at, title=title, after_each=note)


def _keep(job: PrintJob, pdf: Pdf, at: datetime) -> bool:
    with transaction.atomic():
        kept = PRINTS.held(job).update(
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


def _fail(job: PrintJob, at: datetime) -> None:
    record(school=job.school, actor=None, action="devices.fail_print", at=at, obj=job)


PRINTS = Jobs(
    PrintJob,
    claim=timedelta(minutes=3),  # the longest part takes one
    missed_bell=MISSED_BELL,
    on_failed=_fail,
    related=("school", "requested_by"),
    fresh={"done": 0},
)
