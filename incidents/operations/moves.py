"""What every act on a record shares: the lock, the right to it, the step with its event, and its reference."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from core.kit.refusals import ChangedMeanwhile, Refusal
from core.people.access import NotPermitted
from core.people.calendar import london_day
from core.people.models import School, User
from incidents.access import may_read
from incidents.enums import CaseEventKind, CaseState
from incidents.models import Incident, IncidentEvent, ReferenceCounter
from incidents.workflow import check_step

_NEXT = f"""
INSERT INTO {ReferenceCounter._meta.db_table} (school_id, month, last) VALUES (%s, %s, 1)
ON CONFLICT (school_id, month) DO UPDATE SET last = {ReferenceCounter._meta.db_table}.last + 1
RETURNING last"""  # noqa: S608


class NothingThere(Refusal):
    """There is no such record for this person; it says no more, whether it is hidden or absent (ORG-10)."""

    recorded = True


def next_reference(school: School, at: datetime) -> str:
    """“I-2611-0142”: the next number of the school's month, held until the transaction ends (W4)."""
    month = london_day(at).strftime("%y%m")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [school.pk, month])
        return f"I-{month}-{cursor.fetchone()[0]:04d}"


def locked(
    school: School, incident: Incident, actor: User | None, at: datetime, *, version: int | None = None
) -> Incident:
    """The record as it is now, held until the transaction ends, if `actor` may read it (None: the system).

    Raises `NothingThere`, and `ChangedMeanwhile` when a form was opened at another `version`.
    """
    held: Incident = Incident.objects.select_for_update(of=("self",)).get(school=school, pk=incident.pk)
    if actor is not None and not may_read(actor, held, london_day(at)):
        raise NothingThere("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    if version is not None and version != held.version:
        raise ChangedMeanwhile("Somebody else changed this record after you opened it. Both texts are shown.")
    return held


def step(
    incident: Incident,
    kind: CaseEventKind,
    target: CaseState | None = None,
    *,
    actor: User | None,
    at: datetime,
    about: str = "",
    **values: Any,
) -> IncidentEvent:
    """Take a locked record one step on, with its event; without `target` it stays where it is. Saves `values` with it.

    Raises `StepNotAllowed`. `about` says what in words that name nobody: it is plain in the database.
    """
    origin = CaseState(incident.state)
    target = target or origin
    check_step(origin, kind, target)
    incident.state = target
    for name, value in values.items():
        setattr(incident, name, value)
    incident.stamp(by=actor, at=at)
    incident.save()
    return IncidentEvent.objects.create(
        school=incident.school, incident=incident, kind=kind, from_state=origin, to_state=target, at=at, by=actor,
        about=about[:200],
    )  # fmt: skip


def need_reader(actor: User, incident: Incident, at: datetime) -> None:
    """Raise `NotPermitted` unless `actor` may read the record."""
    if not may_read(actor, incident, london_day(at)):
        raise NotPermitted("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
