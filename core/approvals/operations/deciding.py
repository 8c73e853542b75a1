"""Deciding: approve within limits, refuse with a reason and a way to ask again, send back, confirm what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.approvals.access import is_own, role_to_decide
from core.approvals.enums import COMING_STATES, EventKind, Kind, State
from core.approvals.hooks import feature_of
from core.approvals.kinds import Deciders, deciders_of
from core.approvals.models import Approval
from core.approvals.operations.moving import held, move, save, tell, write_event
from core.approvals.operations.refusals import (
    DatesWrong,
    DecidedAlready,
    NotByOneself,
    NotReady,
    NotTheOneToDecide,
    NotYours,
    ReasonNeeded,
    RouteNeeded,
)
from core.approvals.queries import is_decidable
from core.approvals.workflow import MoveNotPossible
from core.audit.operations import operation, record
from core.kit.refusals import ChangedMeanwhile
from core.kit.times import moment
from core.people.calendar import london_day
from core.people.models import School, User
from core.rules.operations import record_decision
from core.rules.queries import for_school

ASK_AGAIN = "Ask the school for a review: another leader looks at it, with what you want to add."


@dataclass(frozen=True)
class Narrower:
    """Limits that the decider sets in place of those asked for; None leaves them as they are."""

    ends_at: datetime | None = None
    conditions: str | None = None


@operation("approvals.approve")
def approve(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    because: str = "",
    narrower: Narrower | None = None,
    version: int | None = None,
    submission: UUID | None = None,
) -> Approval:
    """Approve what was asked for, or less of it. Who may: whom the rules name, or the head’s delegate (AGR-11, AP-7).

    Where the rules leave open who decides, that somebody did is kept as a recorded decision (matrix 0.3). It holds at
    once, save where the app of its kind still waits for signatures. Raises `NotTheOneToDecide`, `NotByOneself`,
    `NotReady`, `DecidedAlready`, `ChangedMeanwhile`, `ReasonNeeded`.
    """
    row = held(school, approval)
    deciders = _decide(row, actor, at, version)
    missing = feature_of(row.kind).missing(row)
    if missing:
        raise NotReady(" ".join(missing), rule="AGR-13")
    _keep_why(row, actor, at, deciders, because, "Approve it")
    if narrower is not None:
        _narrow(row, at, narrower)
    _approved(row, actor, at, because)
    record(
        school=school, actor=actor, action="approvals.approve", at=at, obj=row, submission=submission,
        detail={"kind": row.kind, "as": row.decided_as},
    )  # fmt: skip
    return row


@operation("approvals.decline")
def decline(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    because: str,
    review_route: str = ASK_AGAIN,
    version: int | None = None,
    submission: UUID | None = None,
) -> Approval:
    """Refuse it, with the reason and whom to ask again (law AP-1). Who may: as `approve`. Raises as `approve`, and
    `RouteNeeded`."""
    row = held(school, approval)
    deciders = _decide(row, actor, at, version)
    if not because.strip():
        raise ReasonNeeded("Say why it is refused.", rule="AP-1")
    if not review_route.strip():
        raise RouteNeeded("Say whom the family or the person can ask again.", rule="AP-1")
    _keep_why(row, actor, at, deciders, because, "Refuse it")
    row.decided_because, row.review_route = because.strip(), review_route.strip()[:300]
    row.over_at, row.over_by = at, actor
    move(row, State.DECLINED, EventKind.DECLINED, actor, at, note=because)
    feature_of(row.kind).over(row, actor=actor, at=at, because=because)
    tell(row, [row.requested_by, row.user], "A permission was refused", at, "declined")
    record(
        school=school, actor=actor, action="approvals.decline", at=at, obj=row, submission=submission,
        detail={"kind": row.kind, "as": row.decided_as},
    )  # fmt: skip
    return row


@operation("approvals.send_back")
def send_back(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    because: str,
    version: int | None = None,
    submission: UUID | None = None,
) -> Approval:
    """Give it back to whoever asked, saying what is missing or should change; it waits for nobody else meanwhile.

    Who may: as `approve`. Raises as `approve`.
    """
    row = held(school, approval)
    _check_may_decide(row, actor, at, version)
    if not because.strip():
        raise ReasonNeeded("Say what is missing or should change.", rule="AGR-10")
    row.sent_back_at, row.sent_back_by = at, actor
    save(row, actor, at)
    write_event(row, EventKind.SENT_BACK, actor, at, note=because)
    tell(row, [row.requested_by], "A permission you asked for was sent back to you", at, f"back.{row.version}")
    record(school=school, actor=actor, action="approvals.send_back", at=at, obj=row, submission=submission)
    return row


def give(row: Approval, *, actor: User, at: datetime, because: str = "") -> None:
    """Approve in the same act as the request, inside the operation of its app: a leader gives leave unasked, logs their
    own word, or a lesson needs the teacher’s consent alone. Raises as `approve`."""
    deciders = _decide(row, actor, at, None)
    _keep_why(row, actor, at, deciders, because, "Approve it")
    _approved(row, actor, at, because)


def log_word_of(row: Approval, *, giver: User, actor: User, at: datetime) -> None:
    """Keep, inside the operation of its app, that `giver` gave leave by word of mouth, as `actor` who received it says.

    It holds only once the giver has confirmed it (STA-02). Raises `NotTheOneToDecide` where the rules name somebody
    else, `NotByOneself`.
    """
    day = london_day(at)
    rules = for_school(row.school, on=day)
    found = role_to_decide(giver, row.school, row.kind, rules, day)
    if found is None:
        called = deciders_of(row.kind, rules).called
        raise NotTheOneToDecide(
            f"{giver.full_name} cannot give this. By the school’s rules it is for {called}.",
            rule=deciders_of(row.kind, rules).rule, field="giver",
        )  # fmt: skip
    if is_own(giver, row):
        raise NotByOneself("Nobody gives themselves leave.", rule="AP-7", field="giver")
    row.decided_at, row.decided_by = at, giver
    row.decided_as, row.delegation = found
    row.sent_back_at = row.sent_back_by = None
    move(row, State.APPROVED, EventKind.APPROVED, actor, at)
    tell(row, [giver], "Did you give this permission? Please confirm it", at, "confirm")


@operation("approvals.confirm")
def confirm(
    *, school: School, actor: User, at: datetime, approval: Approval, submission: UUID | None = None
) -> Approval:
    """Confirm a permission that was given by word of mouth and logged by who received it (STA-02). The giver alone."""
    row = held(school, approval)
    if row.decided_by_id != actor.pk:
        raise NotYours("Only the person who gave it can confirm it.", rule="STA-02")
    row.confirmed_at, row.confirmed_by = at, actor
    move(row, State.CONFIRMED, EventKind.CONFIRMED, actor, at)
    move(row, State.LIVE, EventKind.STARTED, actor, at)
    tell(row, [row.requested_by, row.user], "A permission was confirmed", at, "confirmed")
    record(school=school, actor=actor, action="approvals.confirm", at=at, obj=row, submission=submission)
    return row


def start(row: Approval, *, actor: User | None, at: datetime) -> None:
    """Bring it into force inside an operation of its app: the agreement is signed by all who must (AGR-14).

    Raises `NotReady` for a spoken permission that its giver has not confirmed.
    """
    if row.state not in COMING_STATES:
        raise MoveNotPossible("It is not waiting to come into force.", rule="matrix 4.8 to 4.11")
    if row.kind == Kind.STAFF_LESSON_USE and row.confirmed_at is None:
        raise NotReady("The person who gave it has not confirmed it yet.", rule="STA-02")
    move(row, State.LIVE, EventKind.STARTED, actor, at)
    tell(row, [row.requested_by, row.user, row.decided_by], "A permission is in force", at, f"live.{row.version}")


def _decide(row: Approval, actor: User, at: datetime, version: int | None) -> Deciders:
    deciders = _check_may_decide(row, actor, at, version)
    row.decided_at, row.decided_by = at, actor
    return deciders


def _check_may_decide(row: Approval, actor: User, at: datetime, version: int | None) -> Deciders:
    day = london_day(at)
    rules = for_school(row.school, on=day)
    deciders = deciders_of(row.kind, rules)
    if row.decided_at is not None and row.decided_by is not None:
        raise DecidedAlready(
            f"{row.decided_by.full_name} decided this on {moment(row.decided_at)}. That decision stands.", rule="AGR-11"
        )
    if row.over_at is not None:
        raise DecidedAlready("It is over: nothing is left to decide.", rule="AGR-11")
    found = role_to_decide(actor, row.school, row.kind, rules, day)
    if found is None:
        raise NotTheOneToDecide(f"By the school’s rules this is for {deciders.called} to decide.", rule=deciders.rule)
    if is_own(actor, row):
        raise NotByOneself("Nobody decides about what they asked for themselves. Ask somebody else.", rule="AP-7")
    if deciders.refused:
        raise NotReady(deciders.refused, rule=deciders.rule)
    if version is not None and version != row.version:
        raise ChangedMeanwhile("This was changed while you were reading. Look at it again, then decide.", rule="ORG-09")
    if not is_decidable(row):
        raise NotReady(_not_yet(row), rule="matrix 4.8 to 4.11")
    row.decided_as, row.delegation = found
    return deciders


def _not_yet(row: Approval) -> str:
    if row.sent_back_at is not None:
        return "It was sent back and has not been changed yet."
    if row.kind == Kind.EXCEPTIONAL_USE:
        return "Write down first that it was discussed with the family."
    if row.kind == Kind.CURRICULUM_USE and row.consented_at is None:
        return "The teacher of the lesson has not agreed yet."
    return "The risk assessment is still missing."


def _keep_why(row: Approval, actor: User, at: datetime, deciders: Deciders, because: str, decision: str) -> None:
    row.decided_because = because.strip()
    if not deciders.is_open:
        return
    if not because.strip():
        raise ReasonNeeded("The school’s rules leave open who decides this. Say why you do.", rule="0.3")
    record_decision(
        school=row.school, actor=actor, at=at, key=deciders.rule, question="Who decides about this permission?",
        decision=f"{decision}: a senior leader", reason="The rules leave it open. Why stands with the permission.",
        subject=row,
    )  # fmt: skip


def _narrow(row: Approval, at: datetime, narrower: Narrower) -> None:
    if narrower.conditions is not None:
        row.conditions = narrower.conditions.strip()[:500]
    if narrower.ends_at is not None:
        if narrower.ends_at > row.ends_at:
            raise DatesWrong("The last day can be earlier than asked for, not later.", rule="AGR-15", field="last_day")
        if narrower.ends_at <= max(row.starts_at, at):
            raise DatesWrong("It would be over already.", rule="AGR-15", field="last_day")
        row.ends_at = narrower.ends_at
        if row.review_on is not None and row.review_on > london_day(row.ends_at):
            row.review_on = None


def _approved(row: Approval, actor: User, at: datetime, because: str) -> None:
    if row.kind == Kind.STAFF_LESSON_USE and row.confirmed_at is None:
        row.confirmed_at, row.confirmed_by = at, actor  # who decides in person confirms it by deciding
    move(row, State.APPROVED, EventKind.APPROVED, actor, at, note=because)
    follows = feature_of(row.kind).approved
    holds_now = follows(row, actor=actor, at=at) if follows is not None else True
    if holds_now and row.state == State.APPROVED and row.kind != Kind.CURRICULUM_USE:
        move(row, State.LIVE, EventKind.STARTED, actor, at)
    others = [one for one in (row.requested_by, row.user) if one is not None and one.pk != actor.pk]
    tell(row, others, "A permission was approved", at, "approved")
