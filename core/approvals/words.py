"""Permissions in words: the states of each kind (matrix 4.9, 4.11), and limits that everybody may read (AGR-15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.approvals.enums import COMING_STATES, LIVE_STATES, OPEN_STATES, Kind, State
from core.approvals.models import Approval
from core.approvals.queries import last_day
from core.kit.text import any_of
from core.kit.times import clock, day
from core.people.calendar import LONDON, london_day

_OWN: dict[Kind, dict[State, str]] = {
    Kind.CURRICULUM_USE: {State.REQUESTED: "Proposed", State.LAPSED: "Not used"},
    Kind.BRING_DEVICE: {State.APPROVED: "Agreed"},
    Kind.STAFF_LESSON_USE: {State.APPROVED: "Given, to be confirmed"},
}
PARTS = {
    "before": "before school",
    "after": "after school",
    "lessons": "lessons",
    "break": "break",
    "lunch": "lunch",
    "movement": "moving between lessons",
    "meetings": "a meeting or assembly",
    "interventions": "an intervention",
}


def state_label(kind: str, state: str) -> str:
    """The word for a state, in the terms of its kind."""
    return _OWN.get(Kind(kind), {}).get(State(state), str(State(state).label))


def state_tag(approval: Approval) -> dict[str, str]:
    """The state as a tag: kind and word."""
    state = State(approval.state)
    kind = "neutral"
    if approval.sent_back_at is not None:
        return {"kind": "attention", "word": "Sent back"}
    if state in LIVE_STATES or (approval.kind == Kind.CURRICULUM_USE and state == State.APPROVED):
        kind = "ok"
    elif state in OPEN_STATES or state in COMING_STATES:
        kind = "waiting"
    elif state in (State.SUSPENDED, State.DECLINED, State.WITHDRAWN):
        kind = "stop"
    return {"kind": kind, "word": state_label(approval.kind, approval.state)}


def when_in_words(approval: Approval) -> str:
    """From when to when: days where it runs by days, else the times too."""
    starts, ends = approval.starts_at.astimezone(LONDON), approval.ends_at.astimezone(LONDON)
    by_days = (starts.hour, starts.minute, ends.hour, ends.minute) == (0, 0, 0, 0)
    first, last = london_day(approval.starts_at), last_day(approval)
    if by_days:
        return day(first) if first == last else f"{day(first)} to {day(last)}"
    if first == last:
        return f"{day(first)}, {clock(starts)} to {clock(ends)}"
    return f"{day(first)}, {clock(starts)} to {day(last)}, {clock(ends)}"


def limits_in_words(approval: Approval, places: Mapping[str, str]) -> list[tuple[str, str]]:
    """Its limits as labels and values, as far as it has any; `places` are the words of the school’s places."""
    found = [("When", when_in_words(approval))]
    if approval.daily_from is not None and approval.daily_to is not None:
        hours = [
            clock(datetime.combine(approval.starts_at, one, LONDON)) for one in (approval.daily_from, approval.daily_to)
        ]
        found.append(("Time of day", " to ".join(hours)))
    if approval.parts:
        found.append(("Parts of the day", any_of([PARTS.get(one, one) for one in approval.parts])))
    if approval.places:
        found.append(("Where", any_of([places.get(one, one) for one in approval.places])))
    if approval.functions:
        found.append(("For", any_of(approval.functions)))
    if approval.kept:
        found.append(("When not in use", approval.kept))
    if approval.supervisor is not None:
        found.append(("Supervised by", approval.supervisor.display_name))
    if approval.conditions:
        found.append(("Conditions", approval.conditions))
    if approval.review_on is not None:
        found.append(("To be reviewed on", day(approval.review_on)))
    return found
