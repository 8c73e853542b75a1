"""Deletions in the demonstration: refused, done by staff, done by the pupil, and one that waits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role
from devices import operations
from devices.enums import DeletionState
from devices.queries.taken import image_suspected, taken_now
from devices.workflow import TAKEN_STATES

_WHY = "Agreed with the pupil, who saw it done."
# What each of them is about and how it went on: approved or refused, and which steps after that.
_ASKED: tuple[tuple[str, bool | None, tuple[DeletionState, ...]], ...] = (
    ("A recording of another pupil, made without asking", False, ()),
    ("Answers to a test, passed on in a group", True, (DeletionState.DONE_BY_STAFF,)),
    ("A mocking message about another pupil", True, (DeletionState.ASKED_OF_PUPIL, DeletionState.CONFIRMED)),
    ("A film of a lesson", None, ()),
)


def write_deletions(school: School, *, head: User, today: date, now: datetime) -> None:
    """Four that were asked for about devices that the school has taken; nothing keeps what was deleted."""
    leader = holders_of(school, Role.SLT, on=today).first() or head
    stays = [stay for stay in taken_now(school) if stay.state in TAKEN_STATES and not image_suspected(stay.device_id)]
    for stay, (content, approved, steps) in zip(cycle(stays), _ASKED, strict=False):
        at = min(stay.opened_at + timedelta(hours=2), now)
        said: dict[str, Any] = {"school": school, "at": at}
        deletion = operations.searches.request_deletion(
            **said, actor=leader, custody=stay, content=content, rule_broken="Behaviour policy, on phones",
            reason="It hurts somebody while it is there.", suspected=False,
        )  # fmt: skip
        if approved is None:
            continue
        decision = _WHY if approved else "It may be evidence of bullying. The DSL looks into it first."
        operations.searches.decide_deletion(**said, actor=head, deletion=deletion, approve=approved, decision=decision)
        for step in steps:
            operations.searches.carry_out_deletion(**said, actor=head, deletion=deletion, step=step)
