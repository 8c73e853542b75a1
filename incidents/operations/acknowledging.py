"""The safeguarding team has a record: it was read, and the child was protected (matrix 4.4, the sub-states)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import Resolver404, resolve

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import acknowledge_events
from core.notices.queries import events_waiting
from core.people.calendar import london_day
from core.people.models import School, User
from incidents.access import may_read
from incidents.enums import CaseEventKind, NoteKind
from incidents.leading import may_lead, need_leader
from incidents.models import Incident, IncidentNote
from incidents.operations.images.moves import after_acknowledged
from incidents.operations.moves import locked, step

APP = "incidents"
# The notices that say “here is a record”. Those that give somebody a task are acknowledged by doing it.
REPORTS = ("incidents.report", "incidents.reported", "incidents.raised")


class NotAcknowledged(Refusal):
    """Somebody has to say first that they have it."""


class NothingSaid(Refusal):
    """What was done to protect the child has to be said."""

    default_field = "text"


@operation("incidents.acknowledge")
def acknowledge_case(
    *, school: School, actor: User, at: datetime, incident: Incident, submission: UUID | None = None
) -> Incident:
    """Say that one has read a record and takes it on: its urgent notices go no further (SG-6, NOT-04, INC-32).

    Who may: whoever leads on it. The first to say so stands; a second changes nothing.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    take_on(held, actor, at)
    record(school=school, actor=actor, action="incidents.acknowledge", at=at, obj=held, submission=submission)
    return held


def take_on(held: Incident, actor: User, at: datetime) -> None:
    """The same inside another operation, on a locked record: triage by the team is the sign that it was read."""
    if held.acknowledged_at is None and held.is_open:
        step(
            held, CaseEventKind.ACKNOWLEDGED, actor=actor, at=at, acknowledged_at=at, acknowledged_by=actor,
            dsl_notified_at=held.dsl_notified_at or at,
        )  # fmt: skip
        after_acknowledged(held, actor=actor, at=at)
    told = events_waiting(held.school, kinds=REPORTS)
    waiting = [event for event, url in told.items() if _case_of(url) == held.pk]
    acknowledge_events(school=held.school, actor=actor, at=at, events=waiting)


def _case_of(url: str) -> int | None:
    """The record that a notice leads to."""
    try:
        found = resolve(url)
    except Resolver404:
        return None
    return found.kwargs.get("incident") if found.app_name == APP else None


def notice_acknowledged(*, notice: Any, actor: User, at: datetime) -> None:
    """Somebody of the team acknowledged a notice in the inbox: with it they have the record (decision 10)."""
    if notice.kind not in REPORTS:
        return
    held = (
        Incident.objects.select_for_update(of=("self",)).filter(school=notice.school, pk=_case_of(notice.url)).first()
    )
    if held is None or not may_read(actor, held, london_day(at)) or not may_lead(actor, held):
        return
    is_new = held.acknowledged_at is None
    take_on(held, actor, at)
    if is_new:
        record(
            school=held.school, actor=actor, action="incidents.acknowledge", at=at, obj=held,
            detail={"notice": notice.pk},
        )  # fmt: skip


@operation("incidents.protect")
def mark_protected(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    text: str,
    submission: UUID | None = None,
) -> Incident:
    """Record what was done to protect the child; from any open state, and more than once (matrix 4.4).

    Who may: whoever leads on it. Raises `NotAcknowledged`, `NothingSaid`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if held.acknowledged_at is None:
        raise NotAcknowledged("Acknowledge it first: somebody has to have it.", rule="matrix 4.4")
    if not text.strip():
        raise NothingSaid("Say what was done to protect the child.", rule="matrix 4.4")
    first: dict[str, Any] = {} if held.protected_at else {"protected_at": at, "protected_by": actor}
    step(held, CaseEventKind.PROTECTED, actor=actor, at=at, **first)
    IncidentNote.objects.create(
        school=school, incident=held, kind=NoteKind.PROTECTION, text=text.strip(), at=at, by=actor
    )
    record(school=school, actor=actor, action="incidents.protect", at=at, obj=held, submission=submission)
    return held
