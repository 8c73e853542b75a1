"""What happens to a permission later: suspended, in force again, reviewed, withdrawn, ended, lapsed (AGR-15, 16)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.approvals.access import may_take_away
from core.approvals.enums import LIVE_STATES, OPEN_STATES, OVER_STATES, EventKind, Kind, State
from core.approvals.hooks import feature_of
from core.approvals.models import Approval
from core.approvals.operations.moving import held, move, save, tell, write_event
from core.approvals.operations.refusals import NotYours, ReviewDayWrong, SaysTooLittle
from core.approvals.workflow import MoveNotPossible
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.queries import for_school


@operation("approvals.withdraw")
def withdraw(
    *, school: School, actor: User, at: datetime, approval: Approval, because: str, submission: UUID | None = None
) -> Approval:
    """Withdraw it at once. Who may: who decides, and for pupils’ the leaders of custody; before the decision whoever
    asked; the named giver of a spoken one who did not give it. Raises `NotYours`, `SaysTooLittle`."""
    row = held(school, approval)
    asked_it = row.requested_by_id == actor.pk and row.state in OPEN_STATES
    named_wrongly = row.decided_by_id == actor.pk and row.state == State.APPROVED
    if not asked_it and not named_wrongly:
        _check_may_take_away(row, actor, at)
    _over(row, State.WITHDRAWN, EventKind.WITHDRAWN, actor, at, _said(because, "Say why it is withdrawn."))
    tell(row, [row.requested_by, row.user, row.decided_by], "A permission was withdrawn", at, "withdrawn")
    record(
        school=school, actor=actor, action="approvals.withdraw", at=at, obj=row, submission=submission,
        detail={"kind": row.kind},
    )  # fmt: skip
    return row


@operation("approvals.suspend")
def suspend(
    *, school: School, actor: User, at: datetime, approval: Approval, because: str, submission: UUID | None = None
) -> Approval:
    """Suspend it after misuse: from this minute it does not hold, until somebody decides (AGR-16, matrix 4.8).

    Who may: who decides about it, and the leaders of custody. Raises `NotYours`, `SaysTooLittle`.
    """
    row = held(school, approval)
    _check_may_take_away(row, actor, at)
    said = _said(because, "Say what happened.")
    move(row, State.SUSPENDED, EventKind.SUSPENDED, actor, at, note=said)
    feature_of(row.kind).paused(row, actor=actor, at=at, because=said)
    tell(row, [row.requested_by, row.decided_by], "A permission was suspended", at, f"suspended.{row.version}")
    record(
        school=school, actor=actor, action="approvals.suspend", at=at, obj=row, submission=submission,
        detail={"kind": row.kind},
    )  # fmt: skip
    return row


@operation("approvals.resume")
def resume(
    *, school: School, actor: User, at: datetime, approval: Approval, because: str, submission: UUID | None = None
) -> Approval:
    """Let a suspended one hold again. Who may: as `suspend`. Raises `NotYours`, `SaysTooLittle`, `MoveNotPossible`."""
    row = held(school, approval)
    _check_may_take_away(row, actor, at)
    if row.state != State.SUSPENDED:
        raise MoveNotPossible("Only what is suspended can hold again.", rule="matrix 4.8")
    if row.ends_at <= at:
        raise MoveNotPossible("Its last day has passed. Ask for a new one.", rule="AGR-15")
    said = _said(because, "Say why it may hold again.")
    move(row, State.LIVE, EventKind.RESUMED, actor, at, note=said)
    tell(row, [row.requested_by, row.decided_by], "A permission holds again", at, f"resumed.{row.version}")
    record(
        school=school, actor=actor, action="approvals.resume", at=at, obj=row, submission=submission,
        detail={"kind": row.kind},
    )  # fmt: skip
    return row


@operation("approvals.review")
def review(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    note: str,
    review_on: date | None = None,
    submission: UUID | None = None,
) -> Approval:
    """Note that it was looked at and goes on, with the next day of review if there is one. Who may: who decides.

    Raises `NotYours`, `SaysTooLittle`, `ReviewDayWrong`.
    """
    row = held(school, approval)
    _check_may_take_away(row, actor, at)
    said = _said(note, "Say what the review found.", field="note")
    if review_on is not None and not london_day(at) < review_on <= london_day(row.ends_at):
        raise ReviewDayWrong("The next review falls after today and before the last day.", rule="AGR-15")
    row.review_on = review_on
    if row.state == State.REVIEW_DUE:
        move(row, State.LIVE, EventKind.REVIEWED, actor, at, note=said)
    elif row.state == State.LIVE:
        save(row, actor, at)
        write_event(row, EventKind.REVIEWED, actor, at, note=said)
    else:
        raise MoveNotPossible("Only what is in force is reviewed.", rule="matrix 4.8")
    record(school=school, actor=actor, action="approvals.review", at=at, obj=row, submission=submission)
    return row


@operation("approvals.end")
def end(
    *, school: School, actor: User, at: datetime, approval: Approval, because: str, submission: UUID | None = None
) -> Approval:
    """End it before its last day because it is not needed any more. Who may: who decides, and the member of staff whom
    it is for. Raises `NotYours`, `SaysTooLittle`."""
    row = held(school, approval)
    if row.user_id != actor.pk:
        _check_may_take_away(row, actor, at)
    _over(row, State.ENDED, EventKind.ENDED, actor, at, _said(because, "Say why it ends."))
    tell(row, [row.requested_by, row.user, row.decided_by], "A permission was ended", at, "ended")
    record(
        school=school, actor=actor, action="approvals.end", at=at, obj=row, submission=submission,
        detail={"kind": row.kind},
    )  # fmt: skip
    return row


@operation("approvals.mark_used")
def mark_used(
    *, school: School, actor: User, at: datetime, approval: Approval, submission: UUID | None = None
) -> Approval:
    """Note that the one activity has taken place; nothing opens it again (DEV-19). Who may: who asked or consented."""
    require(actor, Permission.ASK_PERMISSION, school)
    row = held(school, approval)
    if actor.pk not in (row.requested_by_id, row.consented_by_id):
        _check_may_take_away(row, actor, at)
    if at < row.starts_at:
        raise MoveNotPossible("The activity has not begun.", rule="DEV-19")
    _over(row, State.USED, EventKind.USED, actor, at, "")
    record(school=school, actor=actor, action="approvals.mark_used", at=at, obj=row, submission=submission)
    return row


@operation("approvals.lapse")
def lapse(*, school: School, actor: None = None, at: datetime, approval: Approval) -> Approval:
    """End it by its date. The clock alone does it; that it no longer holds, every look-up knew the same minute."""
    row = held(school, approval)
    if row.ends_at > at:
        raise MoveNotPossible("Its end has not come.", rule="AGR-15")
    _over(row, State.LAPSED, EventKind.LAPSED, None, at, "")
    record(school=school, actor=None, action="approvals.lapse", at=at, obj=row, detail={"kind": row.kind})
    return row


@operation("approvals.due")
def mark_review_due(*, school: School, actor: None = None, at: datetime, approval: Approval) -> Approval:
    """Its day of review has come. The clock alone does it; it goes on holding meanwhile."""
    row = held(school, approval)
    if row.review_on is None or row.review_on > london_day(at):
        raise MoveNotPossible("Its day of review has not come.", rule="AGR-15")
    move(row, State.REVIEW_DUE, EventKind.REVIEW_DUE, None, at)
    tell(row, [row.requested_by, row.decided_by], "A permission is due for review", at, f"review.{row.review_on}")
    record(school=school, actor=None, action="approvals.due", at=at, obj=row)
    return row


def stop(row: Approval, *, actor: User | None, at: datetime, because: str) -> None:
    """Withdraw or suspend it inside an operation of its app: the agreement it stands on was taken away.

    What holds is suspended until a person decides; what waits for signatures goes back to be drawn up anew.
    """
    if row.state in LIVE_STATES and row.kind == Kind.EXCEPTIONAL_USE:
        move(row, State.SUSPENDED, EventKind.SUSPENDED, actor, at, note=because)
        tell(row, [row.requested_by, row.decided_by], "A permission was suspended", at, f"suspended.{row.version}")
    elif row.state == State.AWAITING:
        move(row, State.DRAFTED, EventKind.DRAFTED, actor, at, note=because)
        tell(row, [row.requested_by, row.decided_by], "An agreement is to be drawn up anew", at, f"again.{row.version}")


def _over(row: Approval, target: State, kind: EventKind, actor: User | None, at: datetime, note: str) -> None:
    assert target in OVER_STATES
    row.over_at, row.over_by = at, actor
    row.sent_back_at = row.sent_back_by = None
    move(row, target, kind, actor, at, note=note)
    feature_of(row.kind).over(row, actor=actor, at=at, because=note)


def _check_may_take_away(row: Approval, actor: User, at: datetime) -> None:
    day = london_day(at)
    if not may_take_away(actor, row, for_school(row.school, on=day), day):
        raise NotYours("This is for whoever decides about it. Tell them.", rule="AGR-16")


def _said(text: str, what: str, *, field: str = "because") -> str:
    if not text.strip():
        raise SaysTooLittle(what, rule="AGR-16", field=field)
    return text.strip()
