"""Every write about documents and acknowledgements, and the refusals that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import FormGroup, Pupil, School, User
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from policies.models import Acknowledgement, Document, DocumentVersion
from policies.queries import acknowledged_by, readership_of_pupil, text_for


class DocumentUnnamed(Refusal):
    """The document has no name."""

    default_field = "title"


class VersionKnown(Refusal):
    """The document has a version of that name, or one that begins on that day, already."""

    default_field = "label"


class DayAhead(Refusal):
    """Somebody is said to have acknowledged on a day that is still to come, or before the version began."""

    default_field = "acknowledged_on"


class NobodyChosen(Refusal):
    """No pupil was ticked."""

    default_field = "pupils"


@operation("policies.add_document")
def add_document(
    *, school: School, actor: User | None, at: datetime, kind: str, title: str, submission: UUID | None = None
) -> Document:
    """Name a document; naming it again is the same document (DEV-31). Who may: EDIT_RULES, whose rule points to it."""
    require(actor, Permission.EDIT_RULES, school)
    name = title.strip()
    if not name:
        raise DocumentUnnamed("Enter what the document is called.", rule="DEV-31")
    known = Document.objects.filter(school=school, kind=kind, title=name)
    document: Document | None = known.first()
    if document is None:
        document = Document(school=school, kind=kind, title=name)
        document.stamp(by=actor, at=at)
        try:
            with transaction.atomic():
                document.save()
        except IntegrityError:  # named by two people in the same moment
            document = known.get()
    record(school=school, actor=actor, action="policies.add_document", at=at, obj=document, submission=submission)
    return document


@operation("policies.add_version")
def add_version(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    kind: str,
    title: str,
    label: str,
    starts_on: date,
    submission: UUID | None = None,
) -> DocumentVersion:
    """Set which version of a document holds from a day on. Acknowledgements of earlier versions stay on record.

    Who may: EDIT_RULES. Raises `DocumentUnnamed` and `VersionKnown`.
    """
    require(actor, Permission.EDIT_RULES, school)
    document = add_document(school=school, actor=actor, at=at, kind=kind, title=title)
    version = DocumentVersion(school=school, document=document, label=label, starts_on=starts_on)
    version.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            version.save()
    except IntegrityError as error:
        if "policies_version" not in str(error):
            raise
        raise VersionKnown(
            "There is a version of that name already, or one that begins on that day.", rule="DEV-31"
        ) from error
    record(
        school=school,
        actor=actor,
        action="policies.add_version",
        at=at,
        obj=version,
        submission=submission,
        detail={"from": starts_on.isoformat(), "label": label},
    )
    return version


@operation("policies.acknowledge")
def record_acknowledgement(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    version: DocumentVersion,
    acknowledged_on: date,
    method: str,
    submission: UUID | None = None,
) -> Acknowledgement:
    """Write down that a pupil acknowledged a version (DEV-31); said twice it is one, the first.

    Who may: EDIT_PUPILS. Raises `DayAhead`.
    """
    require(actor, Permission.EDIT_PUPILS, school)
    _check_day(acknowledged_on, version, at)
    version = _held(version)
    row: Acknowledgement | None = Acknowledgement.objects.filter(
        school=school, pupil=pupil, document_version=version
    ).first()
    created = row is None
    if row is None:
        row = _acknowledgement(school, actor, at, pupil, version, acknowledged_on, method)
        row.stamp(by=actor, at=at)
        row.save()
    record(
        school=school,
        actor=actor,
        action="policies.acknowledge",
        at=at,
        obj=row,
        submission=submission,
        detail={"version": version.pk, "new": created},
    )
    return row


@operation("policies.acknowledge_form")
def record_form_acknowledgements(
    *,
    school: School,
    actor: User,
    at: datetime,
    form: FormGroup,
    pupils: Sequence[Pupil],
    version: DocumentVersion,
    acknowledged_on: date,
    method: str,
    submission: UUID | None = None,
) -> FormGroup:
    """Write down that these pupils of a form acknowledged a version, in one act; those known already stay as they are.

    Who may: EDIT_PUPILS. Pupils of other forms are left out. Two people with the same form at once make one
    acknowledgement each. Raises `NobodyChosen` and `DayAhead`.
    """
    require(actor, Permission.EDIT_PUPILS, school)
    _check_day(acknowledged_on, version, at)
    version = _held(version)
    chosen = {pupil.pk for pupil in pupils}
    of_form = list(pupils_on_roll(school, london_day(at)).filter(form=form, pk__in=chosen))
    if not of_form:
        raise NobodyChosen("Tick who has acknowledged it.", rule="DEV-31")
    known = acknowledged_by(of_form, version)
    rows = [
        _acknowledgement(school, actor, at, pupil, version, acknowledged_on, method)
        for pupil in of_form
        if pupil.pk not in known
    ]
    bulk_create(Acknowledgement, rows, by=actor, at=at, reason="whole form")
    record(
        school=school,
        actor=actor,
        action="policies.acknowledge_form",
        at=at,
        obj=form,
        submission=submission,
        detail={"version": version.pk, "new": len(rows), "known": len(known)},
    )
    return form


def _held(version: DocumentVersion) -> DocumentVersion:
    """Hold the version until the transaction ends: whoever comes second finds what the first wrote."""
    held = DocumentVersion.objects.select_for_update(of=("self",), no_key=True).prefetch_related("texts")
    found: DocumentVersion = held.get(pk=version.pk)
    return found


def _acknowledgement(
    school: School, actor: User, at: datetime, pupil: Pupil, version: DocumentVersion, on: date, method: str
) -> Acknowledgement:
    return Acknowledgement(
        school=school,
        pupil=pupil,
        document_version=version,
        text=text_for(version, readership_of_pupil(pupil)),
        acknowledged_on=on,
        acknowledged_at=at if on == london_day(at) else None,
        method=method,
        recorded_at=at,
        recorded_by=actor,
    )


def _check_day(on: date, version: DocumentVersion, at: datetime) -> None:
    if on > london_day(at):
        raise DayAhead("The day is still to come.", rule="DEV-31")
    if on < version.starts_on:
        raise DayAhead("On that day this version was not in force.", rule="DEV-31")
