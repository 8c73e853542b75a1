"""Adding to a record, correcting by adding, and who is in it: nothing that was written is ever changed (law SG-2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.models import Pupil, School, User
from incidents.enums import CaseEventKind, NoteKind, PersonKind, PersonRole
from incidents.leading import need_leader
from incidents.models import Incident, IncidentNote, IncidentPerson
from incidents.operations.moves import locked, step


class UnableToAdd(Refusal):
    """Nothing was added to the record."""


class NothingWritten(UnableToAdd):
    """A note says something."""

    default_field = "text"


class NotOfTheFuture(UnableToAdd):
    """What a note tells of has happened."""

    default_field = "about_at"


class NoteOfAnotherRecord(UnableToAdd):
    """A correction stands beside what it corrects, in the same record."""

    recorded = True


class UnableToName(Refusal):
    """Nobody was added to the record or taken out of it."""


class AlreadyInIt(UnableToName):
    """The same person is in it as the same already."""


class NobodyNamed(UnableToName):
    """A person is a pupil, an account or a name."""

    default_field = "name"


class LastSubject(UnableToName):
    """A record that was about somebody stays about somebody."""


@operation("incidents.add_note")
def add_note(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    kind: NoteKind,
    text: str,
    about_at: datetime | None = None,
    submission: UUID | None = None,
) -> IncidentNote:
    """Add to a record: a case note, a meeting, agreed steps with parents and pupils (INC-29, law SG-2).

    Who may: whoever reads the record. `about_at` is when what it tells of happened. Raises a kind of `UnableToAdd`.
    """
    held = locked(school, incident, actor, at)
    note = _write(held, actor, at, NoteKind(kind), text, about_at=about_at)
    record(
        school=school, actor=actor, action="incidents.add_note", at=at, obj=note, submission=submission,
        detail={"incident": held.pk, "kind": note.kind},
    )  # fmt: skip
    return note


@operation("incidents.correct_note")
def correct_note(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    corrects: IncidentNote,
    text: str,
    submission: UUID | None = None,
) -> IncidentNote:
    """Set a correction beside what somebody wrote; both stay to be read (law SG-2). Who may: whoever reads the record.

    Raises `NoteOfAnotherRecord`, `NothingWritten`.
    """
    held = locked(school, incident, actor, at)
    if corrects.incident_id != held.pk:
        raise NoteOfAnotherRecord("That note is not in this record.", rule="law SG-2")
    note = _write(held, actor, at, NoteKind.CORRECTION, text, corrects=corrects)
    record(
        school=school, actor=actor, action="incidents.correct_note", at=at, obj=note, submission=submission,
        detail={"incident": held.pk, "corrects": corrects.pk},
    )  # fmt: skip
    return note


def _write(
    held: Incident,
    actor: User,
    at: datetime,
    kind: NoteKind,
    text: str,
    *,
    about_at: datetime | None = None,
    corrects: IncidentNote | None = None,
) -> IncidentNote:
    """The note and its event, inside the caller's operation."""
    if not text.strip():
        raise NothingWritten("Write what is added to the record.", rule="law SG-2")
    if about_at is not None and about_at > at:
        raise NotOfTheFuture("This is still to come. Enter when it happened.", rule="law SG-2")
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about=kind.label)
    note: IncidentNote = IncidentNote.objects.create(
        school=held.school, incident=held, kind=kind, text=text.strip(), about_at=about_at, corrects=corrects, at=at,
        by=actor,
    )  # fmt: skip
    return note


@operation("incidents.add_person")
def add_person(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    role: PersonRole,
    pupil: Pupil | None = None,
    user: User | None = None,
    kind: PersonKind | None = None,
    name: str = "",
    submission: UUID | None = None,
) -> IncidentPerson:
    """Somebody else is in the record: a pupil, a member of staff, or a name with its `kind` (INC-02, INC-04).

    Who may: whoever leads on it. The phase of the record follows its pupils, and with it who reads it. Raises
    `AlreadyInIt`, `NobodyNamed`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    of = PersonKind.PUPIL if pupil is not None else PersonKind.STAFF if user is not None else kind
    if of is None or (pupil is None and user is None and (not name.strip() or of == PersonKind.PUPIL)):
        raise NobodyNamed("Choose a pupil or a member of staff, or enter a name and who they are.", rule="INC-04")
    person = IncidentPerson(
        school=school, incident=held, role=role, kind=of, pupil=pupil, user=user,
        name="" if pupil is not None or user is not None else name.strip(),
    )  # fmt: skip
    person.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise AlreadyInIt("This person is in the record as this already.", rule="INC-02") from None
    _phase_again(held, actor, at, "Somebody was added to the record")
    record(
        school=school, actor=actor, action="incidents.add_person", at=at, obj=person, submission=submission,
        detail={"incident": held.pk, "role": person.role},
    )  # fmt: skip
    return person


@operation("incidents.remove_person")
def remove_person(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    person: IncidentPerson,
    submission: UUID | None = None,
) -> IncidentPerson:
    """Somebody was named by mistake: they are taken out, and the record keeps that they were in it (law SG-2).

    Who may: whoever leads on it. The only subject of a record stays. Raises `LastSubject`, `NobodyNamed`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    there = IncidentPerson.objects.select_for_update(of=("self",)).filter(incident=held, removed_at__isnull=True)
    found = there.filter(pk=person.pk).first()
    if found is None:
        raise NobodyNamed("That person is not in the record any more.", rule="INC-02")
    subjects = there.filter(role=PersonRole.SUBJECT).exclude(pk=found.pk)
    if found.role == PersonRole.SUBJECT and not subjects.exists():
        raise LastSubject("Add the right person first: a record is about somebody.", rule="INC-02")
    found.removed_at, found.removed_by = at, actor
    found.stamp(by=actor, at=at)
    found.save()
    _phase_again(held, actor, at, "Somebody was taken out of the record")
    record(
        school=school, actor=actor, action="incidents.remove_person", at=at, obj=found, submission=submission,
        detail={"incident": held.pk, "role": found.role},
    )  # fmt: skip
    return found


def phase_of(incident: Incident) -> str:
    """The phase of a record: that of its pupils, and none where they are of several (ORG-02)."""
    there = IncidentPerson.objects.filter(incident=incident, removed_at__isnull=True, pupil__isnull=False)
    phases = set(there.values_list("pupil__phase", flat=True))
    return str(phases.pop()) if len(phases) == 1 else ""


def _phase_again(held: Incident, actor: User, at: datetime, about: str) -> None:
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about=about, phase=phase_of(held))
