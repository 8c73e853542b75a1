"""Writing what people read, and who has acknowledged it: staff for themselves, parents, and the weekly reminder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import NotPermitted, has, require
from core.people.calendar import london_day
from core.people.models import Contact, School, User
from core.people.queries import holders_of, line_managers_of
from core.people.roles import Permission, Role
from policies.enums import ACKNOWLEDGED, AcknowledgedHow, Readership
from policies.models import Acknowledgement, Document, DocumentText, DocumentVersion
from policies.operations.documents import DocumentUnnamed, VersionKnown
from policies.queries import asks, is_acknowledged, overdue_readers, readership_of_user, text_for, versions_in_force


@dataclass(frozen=True)
class Wording:
    """What a version says to one readership."""

    readership: str
    title: str
    text: str
    plain: bool = False
    language: str = "en"


class NotForReading(Refusal):
    """Documents of this kind are not read and acknowledged here."""

    default_field = "kind"


class NobodyAsked(Refusal):
    """A document that nobody has to acknowledge needs no acknowledgement."""

    default_field = "asked_of"


class NothingWritten(Refusal):
    """The version says nothing to those who have to acknowledge it."""

    default_field = "label"


class TextStands(Refusal):
    """Somebody has acknowledged the text: it is not changed any more, the next version says something else."""

    default_field = "text"


class NotInForce(Refusal):
    """The version is not the one that holds."""


class NotAskedOfYou(Refusal):
    """The document is for others to read."""


@operation("policies.name_document")
def name_document(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    kind: str,
    title: str,
    asked_of: Collection[str],
    document: Document | None = None,
    submission: UUID | None = None,
) -> Document:
    """Name a document that people read, and say who has to acknowledge it (AGR-18, STA-16); or change both.

    Who may: EDIT_TEMPLATES. Raises `NotForReading`, `NobodyAsked`, `DocumentUnnamed`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    if kind not in ACKNOWLEDGED:
        raise NotForReading("Documents of this kind have no acknowledgement.", rule="AGR-18")
    asked = [one.value for one in Readership if one.value in asked_of]
    if not asked:
        raise NobodyAsked("Tick who has to acknowledge it.", rule="AGR-18")
    name = title.strip()
    if not name:
        raise DocumentUnnamed("Enter what the document is called.", rule="AGR-18")
    taken = Document.objects.filter(school=school, kind=kind, title=name)
    if document is not None:
        document = Document.objects.select_for_update().get(pk=document.pk, school=school)
        taken = taken.exclude(pk=document.pk)
    if taken.exists():
        raise DocumentUnnamed("There is a document of that name already.", rule="AGR-18")
    document = document or Document(school=school, kind=kind)
    document.title, document.asked_of = name, asked
    document.stamp(by=actor, at=at)
    document.save()
    record(
        school=school, actor=actor, action="policies.name_document", at=at, obj=document, submission=submission,
        detail={"kind": kind, "asked_of": asked},
    )  # fmt: skip
    return document


@operation("policies.publish_version")
def publish_version(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    document: Document,
    label: str,
    starts_on: date,
    texts: Sequence[Wording],
    change_note: str = "",
    submission: UUID | None = None,
) -> DocumentVersion:
    """Publish a version with its text for each readership, in force from a day on; from then on everybody asked has to
    acknowledge it anew (AGR-18, DOC-04, DOC-05).

    Who may: EDIT_TEMPLATES. Raises `NothingWritten`, `VersionKnown`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    if document.kind not in ACKNOWLEDGED:
        raise NotForReading("Documents of this kind have no acknowledgement.", rule="AGR-18")
    written = [one for one in texts if one.text.strip()]
    if not written:
        raise NothingWritten("Write what it says to those who have to acknowledge it.", rule="AGR-18")
    version = DocumentVersion(
        school=school, document=document, label=label.strip(), starts_on=starts_on, change_note=change_note.strip()
    )
    version.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            version.save()
    except IntegrityError as error:
        if "policies_version" not in str(error):
            raise
        raise VersionKnown(
            "There is a version of that name already, or one that begins on that day.", rule="AGR-18"
        ) from error
    for one in written:
        _save_text(school, actor, at, DocumentText(school=school, document_version=version), one)
    record(
        school=school, actor=actor, action="policies.publish_version", at=at, obj=version, submission=submission,
        detail={"from": starts_on.isoformat(), "label": version.label, "texts": len(written)},
    )  # fmt: skip
    return version


@operation("policies.write_text")
def write_text(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    version: DocumentVersion,
    wording: Wording,
    submission: UUID | None = None,
) -> DocumentText:
    """Write what a version says to one readership, plain or not, in one language; or put it right while nobody has
    acknowledged it. Who may: EDIT_TEMPLATES. Raises `NothingWritten`, `TextStands`; the database refuses it too.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    if not wording.text.strip():
        raise NothingWritten("Write what it says.", rule="AGR-18", field="text")
    DocumentVersion.objects.select_for_update(of=("self",)).get(pk=version.pk, school=school)
    text = DocumentText.objects.filter(
        document_version=version, readership=wording.readership, language=wording.language, plain=wording.plain
    ).first()
    if text is not None and is_acknowledged(text):
        raise TextStands(
            "Somebody has acknowledged this text, so it stands. Publish a new version to say something else.",
            rule="AGR-18",
        )
    text = text or DocumentText(school=school, document_version=version)
    _save_text(school, actor, at, text, wording)
    record(school=school, actor=actor, action="policies.write_text", at=at, obj=text, submission=submission)
    return text


@operation("policies.read_and_acknowledge")
def read_and_acknowledge(
    *, school: School, actor: User, at: datetime, version: DocumentVersion, submission: UUID | None = None
) -> Acknowledgement:
    """Somebody with an account confirms for themselves that they have read and understood a version (STA-16, STA-18).

    Who may: whoever has it to read (SIGN_OWN). Twice is once, the first. Raises `NotInForce`, `NotAskedOfYou`.
    """
    require(actor, Permission.SIGN_OWN, school)
    held = _hold(school, version)
    readership = readership_of_user(actor, school)
    if not asks(held, readership):
        raise NotAskedOfYou("This document is for others to read.", rule="STA-16")
    row = Acknowledgement.objects.filter(user=actor, document_version=held).first()
    if row is None:
        _check_in_force(school, held, at)
        row = Acknowledgement(
            school=school, user=actor, document_version=held, text=text_for(held, readership),
            acknowledged_on=london_day(at), acknowledged_at=at, method=AcknowledgedHow.ACCOUNT,
            recorded_at=at, recorded_by=actor,
        )  # fmt: skip
        row.stamp(by=actor, at=at)
        row.save()
    record(school=school, actor=actor, action="policies.read_and_acknowledge", at=at, obj=row, submission=submission)
    return row


@operation("policies.acknowledge_parent")
def record_contact_acknowledgement(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    contact: Contact,
    version: DocumentVersion,
    text: DocumentText | None = None,
    method: str,
    talked_over: bool,
    submission: UUID | None = None,
) -> Acknowledgement:
    """A parent or carer has read a version, and says whether they talked it through with the child (AGR-21).

    `actor` is None where they confirmed it themselves by a link; else who writes it down (MANAGE_AGREEMENTS or
    EDIT_PUPILS). Twice is one, the first; a later word that it was talked through is added to it. Raises `NotInForce`.
    """
    if actor is not None and not has(actor, Permission.MANAGE_AGREEMENTS, school):
        require(actor, Permission.EDIT_PUPILS, school)
    if contact.school_id != school.pk:
        raise NotPermitted("This person belongs to another school.", rule="ORG-10")
    held = _hold(school, version)
    row = Acknowledgement.objects.filter(contact=contact, document_version=held).first()
    if row is None:
        _check_in_force(school, held, at)
        row = Acknowledgement(
            school=school, contact=contact, document_version=held, text=text or text_for(held, Readership.PARENTS),
            acknowledged_on=london_day(at), acknowledged_at=at, method=method, talked_over=talked_over,
            recorded_at=at, recorded_by=actor,
        )  # fmt: skip
        row.stamp(by=actor, at=at)
        row.save()
    elif talked_over and not row.talked_over:
        row.talked_over = True
        row.stamp(by=actor, at=at)
        row.save()
    record(
        school=school, actor=actor, action="policies.acknowledge_parent", at=at, obj=row, submission=submission,
        detail={"version": held.pk, "talked_over": row.talked_over},
    )  # fmt: skip
    return row


def remind_overdue_readers(*, school: School, at: datetime) -> int:
    """Once a week, tell everybody with an account who has something to read for more than seven days, and whoever
    manages them; of those whose line manager is not known, the head (NOT-23). Each notice names nobody.

    Called by the clock, daily; a person is told once in a calendar week. Returns how many people are behind.
    """
    today = london_day(at)
    behind = [one.person for one in overdue_readers(school, today)]
    if not behind:
        return 0
    managers = line_managers_of(school, behind, today)
    heads = list(holders_of(school, Role.HEADTEACHER, on=today))
    unmanaged = [one for one in behind if one.pk not in managers and one not in heads]
    year, week, _day = today.isocalendar()
    mine = reverse("agreements:mine", args=[school.slug])
    for what, people, subject, url in (
        ("reading_overdue", behind, "Something for you to read and acknowledge is overdue", mine),
        ("reading_overdue_managed", managers.values(), "Somebody whom you manage has not read what is overdue", mine),
        (
            "reading_overdue_unmanaged", heads if unmanaged else [], "Staff have not read what is overdue",
            reverse("policies:documents", args=[school.slug]),
        ),
    ):  # fmt: skip
        notify(
            school=school, recipients=people, kind=f"policies.{what}", subject=subject, url=url, at=at,
            dedupe_key=f"policies.{what}.{year}.{week}",
        )  # fmt: skip
    return len(behind)


def _hold(school: School, version: DocumentVersion) -> DocumentVersion:
    """Hold the version until the transaction ends: whoever comes second finds what the first wrote."""
    held: DocumentVersion = (
        DocumentVersion.objects.select_for_update(of=("self",), no_key=True)
        .select_related("document")
        .prefetch_related("texts")
        .get(pk=version.pk, school=school)
    )
    return held


def _check_in_force(school: School, version: DocumentVersion, at: datetime) -> None:
    if version not in versions_in_force(school, london_day(at)):
        raise NotInForce("Another version holds now. Open the page again to read it.", rule="AGR-18")


def _save_text(school: School, actor: User | None, at: datetime, text: DocumentText, wording: Wording) -> None:
    text.readership, text.language, text.plain = wording.readership, wording.language, wording.plain
    text.title, text.text = wording.title.strip(), wording.text.strip()
    text.stamp(by=actor, at=at)
    text.save()
