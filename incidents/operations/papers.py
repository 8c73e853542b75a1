"""Documents of one record: each is made once, from what stands there now, sealed, and opened by who leads on it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.enums import Outcome
from core.audit.operations import operation, record
from core.kit.pdf import render_pdf
from core.kit.refusals import Refusal
from core.people.access import holds
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.queries import dsls_for
from core.people.roles import Role
from incidents.access import ABOUT_STAFF
from incidents.documents.letter import letter_facts
from incidents.documents.papers import debrief_facts, exam_facts, referral_facts, serious_facts
from incidents.enums import CaseEventKind, ExamKind, IncidentType, PaperKind, PaperPart, ReferralState
from incidents.leading import need_leader
from incidents.models import CaseDocument, Incident, Notification, Referral
from incidents.operations.moves import NothingThere, locked, step
from incidents.queries.cases import people_of
from incidents.queries.course import debrief_of, exam_cases, exam_of, lessons_of, sanctions_of
from incidents.queries.levels import assessments_of
from incidents.queries.papers import adults_for_letter, is_kept_from_parents, pupils_for_letter
from incidents.queries.parents import parents_of, rules_of
from incidents.queries.telling import notifications_of
from policies.queries import complaints_link

_STYLES = ("pdf/taken/taken.css", "pdf/incidents/papers.css")
_FOOT = {
    PaperKind.LETTER: "",
    PaperKind.DEBRIEF: "For staff.",
}
_NAMES_A_CHILD = "Confidential. Keep it locked away."
_WAITS = (ReferralState.CONSENT_SOUGHT, ReferralState.CONSENT_REFUSED)


class UnableToMakePaper(Refusal):
    """The document was not made."""


class NothingToPutIn(UnableToMakePaper):
    """What the document is made from is not there."""


class NotForOutside(UnableToMakePaper):
    """An internal test is not reported outside (INC-35)."""

    recorded = True


class ConsentFirst(UnableToMakePaper):
    """A referral goes with consent, or by the DSL's recorded decision (INC-14)."""

    recorded = True


class KeptFromParents(UnableToMakePaper):
    """The DSL keeps it from this pupil's parents, so that no letter goes out (CNF-13, A-11)."""

    recorded = True


class NotToThisAdult(UnableToMakePaper):
    """The adult must not be informed, is not this pupil's, or the record runs against them."""

    recorded = True
    default_field = "contact"


@dataclass(frozen=True)
class _Made:
    """What is to be printed, and what the row says of it without a name."""

    facts: Any
    title: str
    pupil: Pupil | None = None
    left_out: int = 0


@operation("incidents.make_paper")
def make_paper(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    kind: PaperKind,
    notification: Notification | None = None,
    referral: Referral | None = None,
    pupil: Pupil | None = None,
    contact: Contact | None = None,
    parts: frozenset[PaperPart] = frozenset(),
    submission: UUID | None = None,
) -> CaseDocument:
    """Make a document of a record: a notification sheet for one body, an exam report, a referral summary, a letter to
    one adult about one pupil, or the debrief with its lessons (DOC-13 to DOC-17). `parts`: what is put in on purpose.

    Who may: whoever leads on the record; the exams officer an exam report. Raises a kind of `UnableToMakePaper`.
    """
    kind = PaperKind(kind)
    held = _locked(school, incident, actor, at, kind)
    given = {"parts": parts, "by": actor, "at": at}
    if kind == PaperKind.SERIOUS:
        made = _serious(held, notification, given)
    elif kind == PaperKind.EXAM:
        made = _exam(held, given)
    elif kind == PaperKind.REFERRAL:
        made = _referral(held, referral, given)
    elif kind == PaperKind.LETTER:
        made = _letter(held, pupil, contact, by=actor, at=at)
    elif kind == PaperKind.DEBRIEF:
        made = _debrief(held, given)
    else:
        raise NothingToPutIn("A chronology is made on its own page.", rule="DOC-17")
    document = _keep(held, kind, made, actor, at)
    step(held, CaseEventKind.EXPORTED, actor=actor, at=at, about=kind.label)
    record(
        school=school, actor=actor, action="incidents.make_paper", at=at, obj=document, submission=submission,
        outcome=Outcome.EXPORTED,
        detail={"incident": held.pk, "kind": kind.value, "parts": sorted(parts), "checksum": document.checksum},
    )  # fmt: skip
    return document


def _locked(school: School, incident: Incident, actor: User, at: datetime, kind: PaperKind) -> Incident:
    if kind == PaperKind.EXAM and holds(actor, school, Role.EXAMS_OFFICER):
        held: Incident = Incident.objects.select_for_update(of=("self",)).get(school=school, pk=incident.pk)
        if not exam_cases(actor, school, london_day(at)).filter(pk=held.pk).exists():
            raise NothingThere("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
        return held
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    return held


def _serious(held: Incident, row: Notification | None, given: dict[str, Any]) -> _Made:
    everybody = list(notifications_of(held))
    own = next((one for one in everybody if row is not None and one.pk == row.pk), None)
    if own is None:
        raise NothingToPutIn("Mark the record as serious first, and choose for whom the sheet is.", rule="DOC-13")
    own.incident = held
    # About staff the sheet names whoever makes it: the DSL may be the one it is about.
    asks = [given["by"]] if held.route in ABOUT_STAFF else dsls_for(held.school, held.phase)
    facts = serious_facts(own, everybody, list(people_of(held)), parents_of(held), asks=asks, **given)
    return _Made(facts, f"{PaperKind.SERIOUS.label}: {own.body}", left_out=len(facts.left_out))


def _exam(held: Incident, given: dict[str, Any]) -> _Made:
    report = exam_of(held)
    if held.type != IncidentType.EXAM_POSSESSION or report is None:
        raise NothingToPutIn("Write the exam report first.", rule="DOC-14")
    if report.kind == ExamKind.INTERNAL:
        raise NotForOutside("An internal test is not reported outside.", rule="INC-35")
    report.incident = held
    facts = exam_facts(report, list(people_of(held)), **given)
    return _Made(facts, f"{PaperKind.EXAM.label}: {report.body}", left_out=len(facts.left_out))


def _referral(held: Incident, row: Referral | None, given: dict[str, Any]) -> _Made:
    if row is None or row.incident_id != held.pk or row.state == ReferralState.NOT_NEEDED:
        raise NothingToPutIn("Begin the referral first.", rule="DOC-15")
    if row.state in _WAITS:
        raise ConsentFirst("Record a parent’s consent first, or let the DSL decide and say why.", rule="INC-14")
    row.incident = held
    newest = assessments_of(held).first()
    facts = referral_facts(
        row, list(people_of(held)), parents_of(held), tool=newest.tool if newest is not None else "", **given
    )
    return _Made(facts, f"{PaperKind.REFERRAL.label}: {row.body}", left_out=len(facts.left_out))


def _letter(held: Incident, pupil: Pupil | None, contact: Contact | None, *, by: User, at: datetime) -> _Made:
    if pupil is None or pupil.pk not in {one.pk for one in pupils_for_letter(held)}:
        raise NothingToPutIn("No letter on a breach is written about this.", rule="DOC-16")
    if is_kept_from_parents(held, pupil):
        raise KeptFromParents("The DSL keeps this from parents and carers. Nothing goes out.", rule="CNF-13")
    if contact is None or contact.pk not in {one.pk for one in adults_for_letter(held, pupil)}:
        raise NotToThisAdult("Choose somebody who may be told, and whom it does not concern.", rule="ORG-13")
    decided = [row for row in sanctions_of(held) if row.pupil_id == pupil.pk and row.withdrawn_at is None]
    facts = letter_facts(
        held, pupil, contact, decided, rules=rules_of(held), complaints=complaints_link(held.school), by=by, at=at
    )
    return _Made(facts, PaperKind.LETTER.label, pupil=pupil)


def _debrief(held: Incident, given: dict[str, Any]) -> _Made:
    debrief = debrief_of(held)
    if debrief is None:
        raise NothingToPutIn("Write down the debrief first.", rule="DOC-17")
    debrief.incident = held
    facts = debrief_facts(debrief, list(lessons_of(held)), **given)
    return _Made(facts, PaperKind.DEBRIEF.label, left_out=len(facts.left_out))


def _keep(held: Incident, kind: PaperKind, made: _Made, actor: User, at: datetime) -> CaseDocument:
    template = "pdf/incidents/letter.html" if kind == PaperKind.LETTER else "pdf/incidents/paper.html"
    title = made.facts.title
    pdf = render_pdf(
        template, {"title": title, "facts": made.facts, "foot": _FOOT.get(kind, _NAMES_A_CHILD)},
        made_at=at, title=title, styles=_STYLES,
    )  # fmt: skip
    found: CaseDocument = CaseDocument.objects.create(
        school=held.school, incident=held, pupil=made.pupil, kind=kind, title=made.title[:160],
        content=base64.b64encode(pdf.content).decode(), checksum=pdf.checksum, pages=pdf.pages,
        left_out=made.left_out, made_at=at, made_by=actor,
    )  # fmt: skip
    return found
