"""The end of a record: the investigation, the debrief that follows, and closing when nothing is missing (INC-42)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.times import day as day_words
from core.notices.operations import notify
from core.people.calendar import calendar_for, london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role
from core.rules.queries import UNSPECIFIED, for_school
from incidents.access import IN_THE_HEADS_PLACE, may_read
from incidents.enums import CaseEventKind, CaseState, Outcome, Track
from incidents.leading import may_lead, need_leader
from incidents.models import Incident
from incidents.operations.debrief import keep_debrief_decision
from incidents.operations.moves import locked, step
from incidents.queries.closing import Missing, what_is_missing
from incidents.workflow import StepNotAllowed, check_step

SCHOOL_DAYS = 10
_LEADERS = (Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.DSL, *IN_THE_HEADS_PLACE)


class UnableToClose(Refusal):
    """The record stays open."""


class StillMissing(UnableToClose):
    """Things are missing before it can be closed; `missing` holds each."""

    recorded = True

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(" ".join(one.words for one in missing), rule="INC-42")
        self.missing = list(missing)


class NoSanctionForVictim(UnableToClose):
    """A record of somebody who was harmed does not end in a sanction."""

    recorded = True
    default_field = "outcome"


class OutcomeInWords(UnableToClose):
    """How it ended is chosen and written down."""

    default_field = "outcome_words"


class DebriefToDecide(Refusal):
    """The rules do not say whether it is debriefed, so a person decides."""

    default_field = "debrief"


class InvestigationEnded(Refusal):
    """The investigation has ended already."""


@operation("incidents.end_investigation")
def end_investigation(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    debrief: bool | None = None,
    submission: UUID | None = None,
) -> Incident:
    """The investigation has ended. Where a debrief is needed the record goes on to it, and leaders who read the record
    are told to hold it within ten school days (NOT-16); elsewhere it can be closed.

    Who may: whoever leads on the record. `debrief` is what a person decides where the rules are silent, and for
    low-level behaviour (A-64). Raises `StepNotAllowed`, `InvestigationEnded`, `DebriefToDecide`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    rule = for_school(school, on=london_day(at)).debrief_required
    if held.state == CaseState.DEBRIEF or (held.state == CaseState.ACTION and held.investigation_ended_at):
        raise InvestigationEnded("The investigation has ended already.", rule="INC-26")
    check_step(held.state, CaseEventKind.INVESTIGATED, CaseState.DEBRIEF)
    optional = rule == UNSPECIFIED or (rule == "yes" and held.track == Track.LOW_LEVEL)
    if optional and debrief is None:
        raise DebriefToDecide("Your school’s rules leave this to you: say whether a debrief is needed.", rule="INC-26")
    if rule == UNSPECIFIED:
        keep_debrief_decision(held, actor=actor, at=at, needed=bool(debrief))
    needed = bool(debrief) if optional else rule == "yes"
    if needed:
        by = _school_days_on(school, london_day(at), SCHOOL_DAYS)
        values: dict[str, Any] = {"next_step": "Hold the debrief", "next_step_on": by, "no_next_step": ""}
        step(
            held, CaseEventKind.INVESTIGATED, CaseState.DEBRIEF, actor=actor, at=at, investigation_ended_at=at, **values
        )
        _ask_for_debrief(held, by, at)
    else:
        step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Investigation ended", investigation_ended_at=at)
    record(
        school=school, actor=actor, action="incidents.end_investigation", at=at, obj=held, submission=submission,
        detail={"debrief": needed},
    )  # fmt: skip
    return held


def _school_days_on(school: School, start: date, days: int) -> date:
    calendar, found = calendar_for(school), start
    for _one in range(days):
        found = calendar.next_school_day(found) or found
    return found


def _ask_for_debrief(held: Incident, by: date, at: datetime) -> None:
    """Leaders who can read the record are told; the notice names nobody and says nothing of what was reported."""
    school, today = held.school, london_day(at)
    people = holders_of(school, *_LEADERS, phase=held.phase, on=today)
    notify(
        school=school,
        recipients=[person for person in people if may_read(person, held, today) and may_lead(person, held)],
        kind="incidents.debrief",
        subject=f"A debrief is to be held by {day_words(by)}",
        body="An investigation has ended. The page says which.",
        url=reverse("incidents:debrief", args=[school.slug, held.pk]),
        at=at,
        dedupe_key=f"incidents.debrief.{held.pk}:{today}",
    )


@operation("incidents.close_case")
def close_case(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    outcome: str,
    outcome_words: str,
    submission: UUID | None = None,
) -> Incident:
    """Close a record with how it ended, if nothing is missing (INC-42, law SG-1).

    Who may: whoever leads on the record. Raises `StepNotAllowed`, `OutcomeInWords`, `NoSanctionForVictim` (INC-10), and
    `StillMissing`, which names every missing thing.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if held.state == CaseState.CLOSED:
        raise StepNotAllowed("It is closed already.", rule="matrix 4.4")
    if outcome not in Outcome.values:
        raise OutcomeInWords("Choose how it ended.", rule="INC-42", field="outcome")
    if not outcome_words.strip():
        raise OutcomeInWords("Write how it ended.", rule="law SG-1")
    if held.track == Track.VICTIM and outcome in (Outcome.SANCTION, Outcome.BOTH):
        raise NoSanctionForVictim("Sanctions are not for whoever was harmed.", rule="INC-10")
    held.outcome, held.outcome_words = outcome, outcome_words.strip()
    missing = what_is_missing(held, london_day(at))
    if missing:
        raise StillMissing(missing)
    values: dict[str, Any] = {
        "closed_at": at,
        "closed_by": actor,
        "next_step": "",
        "next_step_on": None,
        "no_next_step": "",
    }
    step(held, CaseEventKind.CLOSED, CaseState.CLOSED, actor=actor, at=at, about=held.get_outcome_display(), **values)
    record(
        school=school, actor=actor, action="incidents.close_case", at=at, obj=held, submission=submission,
        detail={"outcome": outcome},
    )  # fmt: skip
    return held
