"""Scans of what was signed on paper, kept beside the signature if the school wishes (AGR-07)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from agreements.enums import AgreementEventKind, SignMode
from agreements.models import Agreement, PaperScan, Signatory, Signature
from agreements.operations.issuing import add_event
from core.audit.operations import operation, record
from core.kit.redrawing import Redrawn
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission

MOST = 5


class UnableToKeepScan(Refusal):
    """The scan is not kept."""

    default_field = "file"


class NotOnPaper(UnableToKeepScan):
    """Nobody has signed this on paper."""


class KeptAlready(UnableToKeepScan):
    """The same sheet is kept already."""


class EnoughScans(UnableToKeepScan):
    """As many as are kept for one agreement."""


@operation("agreements.keep_scan")
def keep_scan(
    *,
    school: School,
    actor: User,
    at: datetime,
    signatory: Signatory,
    scan: Redrawn,
    submission: UUID | None = None,
) -> PaperScan:
    """Keep the sheet that somebody signed, as it was drawn anew from what was sent; never the file itself.

    Who may: MANAGE_AGREEMENTS. It proves nothing beside the witness's word and can be left out. Raises a kind of
    `UnableToKeepScan`.
    """
    require(actor, Permission.MANAGE_AGREEMENTS, school)
    agreement = Agreement.objects.select_for_update(of=("self",)).defer("wording").get(pk=signatory.agreement_id)
    last = Signature.objects.filter(signatory=signatory).order_by("-round").first()
    if last is None or last.mode != SignMode.PAPER:
        raise NotOnPaper("Record the signature on paper first, then add its scan.", rule="AGR-07")
    if PaperScan.objects.filter(agreement=agreement).count() >= MOST:
        raise EnoughScans(f"{MOST} scans are kept for this agreement. No more are.", rule="AGR-07")
    row = PaperScan(
        school=school,
        agreement=agreement,
        signatory=signatory,
        content=scan.content,
        checksum=hashlib.sha256(scan.content).hexdigest(),
        pages=scan.pages,
        added_at=at,
        added_by=actor,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "agreements_scan_once" not in str(error):
            raise
        raise KeptAlready("This sheet is kept already. Choose another.", rule="AGR-07") from error
    add_event(agreement, AgreementEventKind.SCANNED, actor, at, signatory=signatory)
    record(
        school=school,
        actor=actor,
        action="agreements.keep_scan",
        at=at,
        obj=row,
        submission=submission,
        detail={"agreement": agreement.pk, "pages": scan.pages, "checksum": row.checksum},
    )
    return row
