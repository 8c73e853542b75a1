"""Documents of agreements: what they are made from is frozen at once; the worker draws, seals and keeps them (AGR-06).

A job is claimed in a transaction of its own, drawn and sealed outside any, and kept in one with the document: rung
twice, by two workers or after a worker died, each document is made once. The third failure leaves it to a person.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from agreements.documents.agreement import snapshot_of
from agreements.documents.layout import layout_of
from agreements.enums import MakeState, PaperKind
from agreements.models import Agreement, DocumentJob, SchoolSeal, SealedDocument, Signatory, Signature
from agreements.sealing import seal_of, sealed
from core.audit.operations import operation, record
from core.kit.commits import after_commit
from core.kit.jobs import Jobs, Now
from core.kit.pdf import Pdf, render_pdf
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission

_AT_ONCE = 50


class NotToTryAgain(Refusal):
    """The document did not fail."""


def ask_for_document(agreement: Agreement, *, actor: User | None, at: datetime) -> DocumentJob:
    """Freeze what the signed document of a locked agreement shows, for the worker to make; in the transaction that
    completed it. One more signature later makes one more document: the earlier stays."""
    number = DocumentJob.objects.filter(agreement=agreement, kind=PaperKind.SIGNED).count() + 1
    signatures = Signature.objects.filter(agreement=agreement).select_related("witness")
    job = DocumentJob(
        school=agreement.school,
        agreement=agreement,
        kind=PaperKind.SIGNED,
        number=number,
        snapshot=snapshot_of(agreement, Signatory.objects.filter(agreement=agreement), signatures, at=at),
        state=MakeState.WAITING,
        requested_at=at,
        requested_by=actor,
    )
    job.save()
    after_commit(_ring, job.pk)
    return job


def verify_address(school: School) -> str:
    """Where anybody may ask whether a document is this school’s."""
    return settings.SITE_ADDRESS + reverse("agreements:verify", args=[school.slug])


def blank_copy(agreement: Agreement, *, at: datetime, large: bool = False) -> Pdf:
    """The agreement to sign on paper: the frozen wording, names filled, lines to sign on; not sealed and not kept."""
    snapshot = snapshot_of(agreement, Signatory.objects.filter(agreement=agreement), (), at=at)
    layout = layout_of(snapshot, verify_address=verify_address(agreement.school), is_blank=True, large=large)
    return render_pdf(**layout, made_at=at)


def drawn_from(job: DocumentJob) -> Pdf:
    """The pages of a job, unsealed: the same bytes whenever and wherever they are drawn."""
    layout = layout_of(job.snapshot, verify_address=verify_address(job.school))
    return render_pdf(**layout, made_at=job.requested_at)


def make_document(*, job_id: int, at: datetime) -> bool:
    """Make one document, if it still has to be made and nobody else is making it; returns whether this call did."""
    return DOCUMENTS.run(job_id, at=at, make=_make, keep=_keep)


@operation("agreements.try_document_again")
def try_document_again(
    *, school: School, actor: User, at: datetime, job: DocumentJob, submission: UUID | None = None
) -> DocumentJob:
    """Ask once more for a document that could not be made. Who may: MANAGE_AGREEMENTS. Raises `NotToTryAgain`."""
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    current: DocumentJob = DocumentJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if current.state != MakeState.FAILED:
        raise NotToTryAgain(
            f"This document is “{MakeState(current.state).label.lower()}”. Open the page again.", rule="AGR-06"
        )
    DOCUMENTS.begin_again(current, current.requested_at)  # the moment that its pages are dated with
    record(
        school=school, actor=actor, action="agreements.try_document_again", at=at, obj=current, submission=submission
    )
    after_commit(_ring, current.pk)
    return current


def resume_documents(*, at: datetime) -> list[int]:
    """Ring for documents that wait unheard or whose worker is gone, the oldest first; returns their keys."""
    found = DOCUMENTS.to_resume(at)[:_AT_ONCE]
    for key in found:
        _ring(key)
    return found


def _ring(job_id: int) -> None:
    from agreements.tasks import make_document as task  # tasks import operations

    task.delay(job_id)


def _make(job: DocumentJob, now: Now) -> tuple[Pdf, SchoolSeal, bytes]:
    """Draw and seal what was frozen."""
    pdf = drawn_from(job)
    seal = seal_of(job.school, at=now())
    return pdf, seal, sealed(pdf.content, seal)


def _keep(job: DocumentJob, made: tuple[Pdf, SchoolSeal, bytes], at: datetime) -> bool:
    pdf, seal, content = made
    with transaction.atomic():
        if not DOCUMENTS.held(job).update(state=MakeState.READY, claimed_at=None, finished_at=at):
            return False
        document = SealedDocument(
            school=job.school,
            agreement=job.agreement,
            kind=job.kind,
            number=job.number,
            snapshot=job.snapshot,
            content=content,
            source_checksum=pdf.checksum,
            checksum=hashlib.sha256(content).hexdigest(),
            pages=pdf.pages,
            seal=seal,
            made_at=at,
        )
        document.save()
        record(
            school=job.school,
            actor=None,
            action="agreements.seal_document",
            at=at,
            obj=document,
            detail={"agreement": job.agreement_id, "checksum": document.checksum, "pages": document.pages},
        )
    return True


def _fail(job: DocumentJob, at: datetime) -> None:
    record(school=job.school, actor=None, action="agreements.fail_document", at=at, obj=job)


DOCUMENTS = Jobs(
    DocumentJob,
    claim=timedelta(minutes=2),  # a document takes a second; whoever holds it longer is gone
    missed_bell=timedelta(seconds=20),
    on_failed=_fail,
    related=("school", "agreement"),
)
