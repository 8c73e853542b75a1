"""One matter, one record: joining a duplicate to another, and opening a closed one again (matrix 4.4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.models import School, User
from incidents.enums import CaseEventKind, CaseState, NoteKind, Track
from incidents.leading import need_leader
from incidents.models import Incident, IncidentNote, StaffConcern
from incidents.operations.acknowledging import NotAcknowledged
from incidents.operations.crime import carry_tasks
from incidents.operations.handling import is_of_the_team
from incidents.operations.moves import locked, step
from incidents.operations.triage import NoReason


class UnableToJoin(Refusal):
    """The two records stay apart."""

    default_field = "reference"


class SameRecord(UnableToJoin):
    """A record is not a duplicate of itself."""


class ReadByOthers(UnableToJoin):
    """Who reads the one does not read the other: joined, one would be seen through the other."""

    recorded = True


class NotThereToJoin(UnableToJoin):
    """What it would be joined to is closed, or joined to another itself."""


class OnlyTheTeam(Refusal):
    """What was closed is opened again by the safeguarding team alone."""

    recorded = True


@operation("incidents.merge")
def merge_case(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    into: Incident,
    submission: UUID | None = None,
) -> Incident:
    """Join a duplicate to the record that goes on; both stay as they were written, linked (matrix 4.4).

    Who may: whoever leads on both. The people and notes of the one are read with the other's (`joined_to`). Raises a
    kind of `UnableToJoin`, `NotAcknowledged`, `StepNotAllowed`.
    """
    if incident.pk == into.pk:
        raise SameRecord("This is the record itself. Enter the reference of the other.", rule="matrix 4.4")
    rows = {one.pk: locked(school, one, actor, at) for one in sorted((incident, into), key=lambda one: one.pk)}
    held, survivor = rows[incident.pk], rows[into.pk]
    for one in (held, survivor):
        need_leader(actor, one)
    if survivor.state in (CaseState.CLOSED, CaseState.MERGED):
        how = "closed. Open it again first." if survivor.state == CaseState.CLOSED else "joined to another itself."
        raise NotThereToJoin(f"That record is {how}", rule="matrix 4.4")
    if _readers(held) != _readers(survivor):
        raise ReadByOthers("Not the same people read these two, so they stay apart.", rule="STA-17")
    if held.urgent and held.acknowledged_at is None:
        raise NotAcknowledged("This is urgent. Acknowledge it before you join it to another.", rule="matrix 4.4")
    step(
        held, CaseEventKind.MERGED, CaseState.MERGED, actor=actor, at=at, about=f"Into {survivor.reference}",
        merged_into=survivor,
    )  # fmt: skip
    step(survivor, CaseEventKind.NOTED, actor=actor, at=at, about=f"{held.reference} was joined to it")
    carry_tasks(held, survivor, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.merge", at=at, obj=held, submission=submission,
        detail={"into": survivor.pk},
    )  # fmt: skip
    return held


def _readers(incident: Incident) -> tuple[object, ...]:
    """What decides who reads a record by role: two that agree in it are read by the same people."""
    about = (
        StaffConcern.objects.filter(incident=incident)
        .values_list("subject", "subject_name", "head_is_subject", "dsl_is_subject")
        .first()
    )
    return incident.route, incident.phase, incident.track == Track.LOW_LEVEL, about


@operation("incidents.reopen")
def reopen_case(
    *, school: School, actor: User, at: datetime, incident: Incident, reason: str, submission: UUID | None = None
) -> Incident:
    """Open a closed record again, for new facts (INC-42): the reason is a note of it.

    Who may: the safeguarding team; about staff, who leads on staff concerns. Raises `NoReason`, `StepNotAllowed`.
    """
    held = locked(school, incident, actor, at)
    if not is_of_the_team(actor, held):
        need_leader(actor, held)
        raise OnlyTheTeam("Only the safeguarding team opens a record again. Ask the DSL.", rule="matrix 4.4")
    if not reason.strip():
        raise NoReason("Say why it is opened again.", rule="INC-42")
    step(
        held, CaseEventKind.REOPENED, CaseState.REOPENED, actor=actor, at=at, closed_at=None, closed_by=None,
        investigation_ended_at=None,
    )  # fmt: skip
    IncidentNote.objects.create(
        school=school, incident=held, kind=NoteKind.CASE_NOTE, text=reason.strip(), at=at, by=actor
    )
    record(school=school, actor=actor, action="incidents.reopen", at=at, obj=held, submission=submission)
    return held
