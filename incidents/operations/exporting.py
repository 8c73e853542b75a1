"""Documents made from records: each is made once, kept sealed with its checksum, and opened by its maker."""

from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

from core.audit.enums import Outcome
from core.audit.operations import operation, record
from core.kit.pdf import render_pdf
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from incidents.documents.chronology import TITLE, chronology_facts
from incidents.enums import PaperKind
from incidents.models import CaseDocument
from incidents.operations.moves import NothingThere
from incidents.queries.chronology import USUAL, EntryKind, chronology_of, pupils_for_chronology


@operation("incidents.export_chronology")
def export_chronology(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    kinds: frozenset[EntryKind] = USUAL,
    oldest_first: bool = False,
    submission: UUID | None = None,
) -> CaseDocument:
    """Make a pupil's chronology into a PDF: what `actor` may read, but for what is about staff (SG-7); it says who made
    it, when, and what was left out.

    Who may: VIEW_CHRONOLOGY, and never of one's own child. Raises `NothingThere`.
    """
    require(actor, Permission.VIEW_CHRONOLOGY, school)
    if not pupils_for_chronology(actor, school).filter(pk=pupil.pk).exists():
        raise NothingThere("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    found = chronology_of(pupil, actor, london_day(at), kinds=kinds, oldest_first=oldest_first)
    facts, left_out = chronology_facts(found, pupil, by=actor, at=at, kinds=kinds, oldest_first=oldest_first)
    pdf = render_pdf(
        "pdf/incidents/chronology.html", {"title": TITLE, "facts": facts}, made_at=at, title=TITLE,
        styles=("pdf/incidents/chronology.css",),
    )  # fmt: skip
    document = CaseDocument.objects.create(
        school=school, pupil=pupil, kind=PaperKind.CHRONOLOGY, title=TITLE,
        content=base64.b64encode(pdf.content).decode(), checksum=pdf.checksum, pages=pdf.pages, left_out=left_out,
        made_at=at, made_by=actor,
    )  # fmt: skip
    record(
        school=school, actor=actor, action="incidents.export_chronology", at=at, obj=document, submission=submission,
        outcome=Outcome.EXPORTED, detail={"pupil": pupil.pk, "checksum": pdf.checksum, "entries": len(facts.lines)},
    )  # fmt: skip
    return document
