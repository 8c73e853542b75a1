"""Documents about a taken device or a search: each made once, from a snapshot, and kept as it was made (house §4.8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.pdf import render_pdf
from core.kit.refusals import ChangedMeanwhile, Refusal
from core.people.access import has, require
from core.people.models import Contact, School, User
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from core.rules.queries import rules_as_judged
from core.rules.words import words_for
from devices.documents import chain, papers, wording
from devices.documents.searches import search_facts
from devices.documents.taken import family_facts, judged_by_words
from devices.enums import WORDED_KINDS, DocumentKind
from devices.models import CustodyRecord, DocumentWording, IssuedDocument, LossReport, SearchRecord
from devices.operations.moves import locked
from devices.queries.records import chain_of
from devices.queries.searches.records import consents_of, findings_of, search_notices
from devices.queries.taken.papers import FOR_FAMILIES, NEEDS, last_handover, search_for_paper, wording_row, wordings_of
from devices.queries.taken.parents import waits_for_dsl
from devices.queries.taken.release import ASK_THE_DSL, confiscation_of, release_terms

_NOT_TAKEN = "It was handed in, not taken. Print its receipt from the device’s page."
_NOT_TOLD = "That adult is not one who may be told about this pupil."


class UnableToIssue(Refusal):
    """A document was not made."""


class WithheldFromFamily(UnableToIssue):
    """The DSL keeps it from parents, so that nothing about it goes out (CNF-13)."""

    recorded = True


class NothingWasTaken(UnableToIssue):
    """A receipt, letter or slip is about a device that was taken; one handed in has a receipt of its own."""


class ContactNotToBeTold(UnableToIssue):
    """The adult is not among those who may be told about this pupil."""

    recorded = True
    default_field = "contact"


class NoReportOfLoss(UnableToIssue):
    """A claim is made from a report of loss or damage."""


class NothingWithPolice(UnableToIssue):
    """The police were given nothing."""


class UnableToWord(Refusal):
    """A wording was not saved."""


class UnknownField(UnableToWord):
    """The text has a field that does not exist, or a brace without its partner."""

    default_field = "body"


@operation("devices.issue_document")
def issue_document(
    *,
    school: School,
    actor: User,
    at: datetime,
    kind: DocumentKind,
    custody: CustodyRecord | None = None,
    search: SearchRecord | None = None,
    contact: Contact | None = None,
    loss: LossReport | None = None,
    submission: UUID | None = None,
) -> IssuedDocument:
    """Make a document from the facts as they stand, keep it with its checksum, and never make it again (COM-06).

    Who may: RELEASE_DEVICE for what goes to a family, LEAD_CUSTODY for the chain and the police, VIEW_SEARCHES for a
    search. A letter goes to `contact`, one of those who may be told. `WithheldFromFamily` stops what the DSL keeps from
    parents, for everybody but the DSL. Raises a kind of `UnableToIssue`.
    """
    require(actor, NEEDS[kind], school)
    document = _issue(school, actor, at, kind, custody=custody, search=search, contact=contact, loss=loss)
    _note(document, school, actor, at, submission)
    return document


def refuse_letter(custody: CustodyRecord, contact: Contact, told: Sequence[Contact], actor: User) -> None:
    """Refuse a letter that `actor` may not have made; `told` are those who may be told about the pupil."""
    _refuse_withheld(DocumentKind.LETTER, custody, actor)
    if confiscation_of(custody) is None:
        raise NothingWasTaken(_NOT_TAKEN, rule="DOC-08")
    if contact.pk not in {one.pk for one in told}:
        raise ContactNotToBeTold(_NOT_TOLD, rule="ORG-13")


def issue_letter(
    *, school: School, actor: User, at: datetime, custody: CustodyRecord, contact: Contact | None
) -> IssuedDocument:
    """Make one letter of several and note it; inside a transaction. Raises a kind of `UnableToIssue`."""
    document = _issue(school, actor, at, DocumentKind.LETTER, custody=custody, contact=contact)
    _note(document, school, actor, at, None)
    return document


def preview_letter(
    *, school: School, actor: User, at: datetime, custody: CustodyRecord, contact: Contact
) -> dict[str, Any]:
    """What a letter would say now; nothing is kept. Who may, and what it raises: as `issue_document`."""
    require(actor, Permission.RELEASE_DEVICE, school)
    _refuse_withheld(DocumentKind.LETTER, custody, actor)
    return _for_family(DocumentKind.LETTER, custody, wording_row(school, DocumentKind.LETTER), contact, at, actor)


def _note(document: IssuedDocument, school: School, actor: User, at: datetime, submission: UUID | None) -> None:
    record(
        school=school,
        actor=actor,
        action="devices.issue_document",
        at=at,
        obj=document,
        submission=submission,
        detail={
            "kind": document.kind,
            "custody": document.custody_id,
            "search": document.search_id,
            "checksum": document.checksum,
        },
    )


def _issue(
    school: School,
    actor: User,
    at: datetime,
    kind: DocumentKind,
    *,
    custody: CustodyRecord | None = None,
    search: SearchRecord | None = None,
    contact: Contact | None = None,
    loss: LossReport | None = None,
) -> IssuedDocument:
    worded: DocumentWording | None = None
    if kind == DocumentKind.SEARCH:
        assert search is not None
        search = search_for_paper(search)
        pupil, custody = search.pupil, None
        facts = search_facts(
            search,
            consents=consents_of(search),
            findings=findings_of(search),
            notices=search_notices(search),
            at=at,
            by=actor,
        )
    else:
        assert custody is not None
        stay = locked(custody)  # what is said of it is said of one moment
        pupil, custody, search = stay.pupil, stay, None
        _refuse_withheld(kind, stay, actor)
        if kind in WORDED_KINDS:
            worded = wording_row(school, kind)
            facts = _for_family(kind, stay, worded, contact, at, actor)
        else:
            facts = _record_of(kind, stay, loss, at, actor)
    pdf = render_pdf(**papers.layout_of(kind, facts), made_at=at, title=facts["title"])
    document = IssuedDocument(
        school=school,
        kind=kind,
        pupil=pupil,
        custody=custody,
        search=search,
        wording=worded,
        title=facts["title"][:160],
        facts=facts,
        content=pdf.content,
        checksum=pdf.checksum,
        pages=pdf.pages,
        made_at=at,
        made_by=actor,
    )
    document.save()
    return document


def _refuse_withheld(kind: DocumentKind, stay: CustodyRecord, actor: User) -> None:
    taken = confiscation_of(stay)
    is_kept = kind in FOR_FAMILIES and ((taken is not None and taken.withheld) or waits_for_dsl(stay))
    if is_kept and not has(actor, Permission.SET_DO_NOT_INFORM, stay.school):
        raise WithheldFromFamily(ASK_THE_DSL, rule="CNF-13")


def _for_family(
    kind: DocumentKind,
    stay: CustodyRecord,
    worded: DocumentWording | None,
    contact: Contact | None,
    at: datetime,
    actor: User,
) -> dict[str, Any]:
    taken = confiscation_of(stay)
    if taken is None:
        raise NothingWasTaken(_NOT_TAKEN, rule="DOC-08")
    if contact is not None:
        told = contacts_to_tell(stay.school, [stay.pupil_id]).get(stay.pupil_id, [])
        if contact.pk not in {one.pk for one in told}:
            raise ContactNotToBeTold(_NOT_TOLD, rule="ORG-13")
    elif kind == DocumentKind.LETTER:
        raise ContactNotToBeTold("Choose to whom the letter is written.", rule="DOC-08")
    return family_facts(
        kind,
        stay,
        taken,
        release_terms(stay, at),
        rules=rules_as_judged(stay.school, on=stay.day, version=stay.rules_version),
        wording=wording.in_force(kind, worded),
        contact=contact,
        at=at,
        by=actor,
    )


def _record_of(
    kind: DocumentKind, stay: CustodyRecord, loss: LossReport | None, at: datetime, actor: User
) -> dict[str, Any]:
    handover = last_handover(stay)
    if kind == DocumentKind.POLICE_RECEIPT:
        if handover is None:
            raise NothingWithPolice("The police were not given this device.", rule="DOC-11")
        return chain.police_facts(stay, handover, at=at, by=actor)
    rules = rules_as_judged(stay.school, on=stay.day, version=stay.rules_version)
    taken = confiscation_of(stay)
    known = chain_of(stay)
    lines = chain.chain_lines(
        known.events, taken=taken, holds=known.holds, handovers=known.handovers, child=words_for(rules).child
    )
    if kind == DocumentKind.CHAIN:
        return chain.chain_facts(stay, lines, taken, at=at, by=actor)
    if loss is None or loss.custody_id != stay.pk:
        raise NoReportOfLoss("Report the loss or damage first; the claim is made from the report.", rule="DEV-23")
    judged = rules_as_judged(stay.school, on=stay.day, version=loss.rules_version)
    return chain.claim_facts(loss, stay, known.events, lines, judged_by=judged_by_words(stay, judged), at=at, by=actor)


@operation("devices.save_wording")
def save_wording(
    *,
    school: School,
    actor: User,
    at: datetime,
    kind: DocumentKind,
    title: str,
    body: str,
    edition: int,
    submission: UUID | None = None,
) -> DocumentWording:
    """Keep a new edition of the school's words; every earlier one stays. `edition`: the one it was written from.

    Who may: MANAGE_WORDING. Raises `UnknownField` with the line, and `ChangedMeanwhile` when somebody saved first.
    """
    require(actor, Permission.MANAGE_WORDING, school)
    if kind not in WORDED_KINDS:
        raise UnableToWord("This document is a record: it says what the record says.", rule="COM-06")
    for field, text in (("title", title), ("body", body)):
        wrong = wording.wrong_fields(text)
        if wrong:
            raise UnknownField(" ".join(wrong), rule="COM-06", field=field)
    latest = wordings_of(school, kind).first()
    number = latest.number if latest else 0
    changed = ChangedMeanwhile("Somebody else saved this wording meanwhile. Compare, then save again.", rule="COM-06")
    if number != edition:
        raise changed
    row = DocumentWording(
        school=school, kind=kind, number=number + 1, title=title, body=body, saved_at=at, saved_by=actor
    )
    row.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise changed from error
    record(
        school=school,
        actor=actor,
        action="devices.save_wording",
        at=at,
        obj=row,
        submission=submission,
        detail={"kind": kind.value, "edition": row.number},
    )
    return row
