"""Letters about several taken devices: asked for together, made by the worker one after the other, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.audit.enums import Outcome
from core.audit.operations import operation, record
from core.kit.jobs import ClaimLost
from core.kit.pdf import Part
from core.people.access import require
from core.people.models import Contact, School, User
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from devices.documents import papers
from devices.enums import DocumentKind, PrintKind, PrintState
from devices.models import CustodyRecord, IssuedDocument, PrintJob
from devices.operations.printing import await_turn, ring_after_commit
from devices.operations.taken.papers import UnableToIssue, issue_letter, refuse_letter

MOST_LETTERS = 100


class TooManyLetters(UnableToIssue):
    """More than one print holds."""


class WentBackMeanwhile(UnableToIssue):
    """The device is not with the school any more, and a letter about it would say what is not so."""


@operation("devices.ask_for_letters")
def ask_for_letters(
    *,
    school: School,
    actor: User,
    at: datetime,
    letters: Sequence[tuple[CustodyRecord, Contact]],
    submission: UUID | None = None,
) -> PrintJob:
    """Ask the worker for a letter about each device, to the adult given with it; it begins after commit (DOC-08).

    Who may: RELEASE_DEVICE. One that may not go out refuses them all. Raises a kind of `UnableToIssue`, and
    `PrintStillBeingMade` while another print of this person is not done.
    """
    require(actor, Permission.RELEASE_DEVICE, school)
    if len(letters) > MOST_LETTERS:
        raise TooManyLetters(f"Choose at most {MOST_LETTERS} letters at once.", rule="COM-06")
    await_turn(actor, school)
    told = contacts_to_tell(school, {custody.pupil_id for custody, _contact in letters})
    for custody, contact in letters:
        refuse_letter(custody, contact, told.get(custody.pupil_id, []), actor)
    job = PrintJob(
        school=school,
        kind=PrintKind.LETTERS,
        wanted={"letters": [[custody.pk, contact.pk] for custody, contact in letters]},
        total=len(letters),
        requested_by=actor,
        requested_at=at,
    )
    job.save()
    record(
        school=school,
        actor=actor,
        action="devices.ask_for_letters",
        at=at,
        obj=job,
        submission=submission,
        detail={"total": job.total},
    )
    ring_after_commit(job)
    return job


def letter_parts(job: PrintJob, now: Callable[[], datetime]) -> Iterator[Part]:
    """The letters of a print, each made and kept when it is reached; for the worker.

    Which are made stands in the print, written in the transaction that makes one: a worker that goes on where another
    stopped prints those from what they were made from. Every one is judged anew: what may not go out any more is left
    out, and the print says so. Raises `ClaimLost`.
    """
    require(job.requested_by, Permission.RELEASE_DEVICE, job.school)
    for custody, contact in job.wanted["letters"]:
        try:
            document = _letter(job, custody, contact, now())
        except UnableToIssue as refusal:
            _leave_out(job, custody, refusal, now())
        else:
            yield Part(**papers.layout_of(DocumentKind.LETTER, document.facts))


def _letter(job: PrintJob, custody: int, contact: int, at: datetime) -> IssuedDocument:
    with transaction.atomic():
        claimed = _claimed(job)
        made = claimed.wanted.get("made", {})
        if str(custody) in made:
            return IssuedDocument.objects.defer("content").get(pk=made[str(custody)])
        stay = CustodyRecord.objects.get(pk=custody)
        if not stay.is_open:
            raise WentBackMeanwhile("The device went back meanwhile.", rule="DOC-08")
        document = issue_letter(
            school=job.school,
            actor=job.requested_by,
            at=at,
            custody=stay,
            contact=Contact.objects.filter(pk=contact).first(),
        )
        out = [key for key in claimed.wanted.get("left_out", []) if key != custody]
        claimed.wanted |= {"made": made | {str(custody): document.pk}, "left_out": out}
        claimed.save(update_fields=["wanted"])
    return document


def _leave_out(job: PrintJob, custody: int, refusal: UnableToIssue, at: datetime) -> None:
    with transaction.atomic():
        claimed = _claimed(job)
        claimed.wanted["left_out"] = sorted({*claimed.wanted.get("left_out", []), custody})
        claimed.save(update_fields=["wanted"])
        record(
            school=job.school,
            actor=job.requested_by,
            action="devices.issue_document",
            at=at,
            obj=job,
            outcome=Outcome.REFUSED,
            detail={"refusal": refusal.code, "rule": refusal.rule, "custody": custody},
        )


def _claimed(job: PrintJob) -> PrintJob:
    """The print, held until the transaction ends, while this try's claim stands."""
    mine = PrintJob.objects.select_for_update(of=("self",)).defer("content")
    found: PrintJob | None = mine.filter(pk=job.pk, state=PrintState.MAKING, tries=job.tries).first()
    if found is None:
        raise ClaimLost
    return found
