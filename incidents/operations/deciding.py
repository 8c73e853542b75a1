"""Deciding what is done about a record, and why: it is in action from then on (matrix 4.4, law SG-1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.models import School, User
from incidents.enums import CaseEventKind, CaseState, NoteKind, Route, Track
from incidents.leading import need_leader
from incidents.models import Incident, IncidentNote
from incidents.operations.acknowledging import NotAcknowledged
from incidents.operations.handling import NEVER_LOW_LEVEL
from incidents.operations.moves import locked, step
from incidents.queries.parents import parents_undecided

_DECIDED = (CaseState.ACTION, CaseState.AWAITING_OUTSIDE, CaseState.DEBRIEF)
_EARLY = (CaseState.REPORTED, CaseState.TRIAGED)


class UnableToDecideCase(Refusal):
    """The record stays where it is."""


class DecisionSaysWhy(UnableToDecideCase):
    """A decision is written down with its reasons (law SG-1)."""

    default_field = "decision_reason"


class ParentsUndecided(UnableToDecideCase):
    """Every record asks whether parents are told before it is decided (INC-19, A-51)."""

    recorded = True


class ReviewFirst(UnableToDecideCase):
    """Only low-level behaviour is decided without a review (INC-08)."""

    recorded = True


@operation("incidents.decide")
def decide_case(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    decision_reason: str,
    version: int | None = None,
    submission: UUID | None = None,
) -> Incident:
    """Record what is decided about a record and why, and take it into action (law SG-1, matrix 4.4).

    Who may: whoever leads on it. Low-level behaviour is decided straight from the report. Sanctions and support are
    records of their own, and there may be either, both or none (INC-22). What is decided later is added and replaces
    nothing. Raises a kind of `UnableToDecideCase`, `ChangedMeanwhile` when somebody saved after the form was opened.
    """
    held = locked(school, incident, actor, at, version=version)
    need_leader(actor, held)
    words = decision_reason.strip()
    if not words:
        raise DecisionSaysWhy("Say what is decided, and why.", rule="law SG-1")
    if held.decided_at is not None and held.state in _DECIDED:
        IncidentNote.objects.create(school=school, incident=held, kind=NoteKind.CASE_NOTE, text=words, at=at, by=actor)
        step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Added to the decision")
    else:
        values: dict[str, Any] = {"decision_reason": words, "decided_at": at, "decided_by": actor}
        values |= _early(held)
        if parents_undecided(held):
            raise ParentsUndecided("Decide first whether parents are told, for each pupil.", rule="INC-19")
        step(held, CaseEventKind.DECIDED, CaseState.ACTION, actor=actor, at=at, **values)
    record(
        school=school, actor=actor, action="incidents.decide", at=at, obj=held, submission=submission,
        detail={"state": held.state, "track": held.track},
    )  # fmt: skip
    return held


def is_decided_early(held: Incident) -> bool:
    """Whether a record that nobody reviewed may be decided, as low-level behaviour of a pupil (INC-08)."""
    may_be = held.route == Route.PUPIL and not held.concern_for_child and held.type not in NEVER_LOW_LEVEL
    return may_be and not held.is_serious and held.track in (Track.LOW_LEVEL, "")


def _early(held: Incident) -> dict[str, Any]:
    """What the short way of low-level behaviour sets besides; nothing for a record that was reviewed."""
    if held.state not in _EARLY:
        return {}
    if held.urgent and held.acknowledged_at is None:
        raise NotAcknowledged("This is urgent. Acknowledge it first.", rule="matrix 4.4")
    if not is_decided_early(held):
        raise ReviewFirst("Take it into review first: only low-level behaviour goes without.", rule="INC-08")
    return {"track": Track.LOW_LEVEL}
