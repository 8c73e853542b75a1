"""After a search: the DSL's view of wider risk, the close, and what senior leaders do where consent was refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import NextStep, NoticeAbout, SearchState
from devices.models import ParentNotice, SearchRecord
from devices.operations.searches.moves import held_search, move, need, save
from devices.operations.searches.refusals import AnswerMissing, ForceNotRecorded, ParentsNotTold
from devices.queries.searches.records import force_of
from devices.workflow import MoveNotAllowed


@operation("devices.follow_up_search")
def follow_up_search(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    wider_risk: str,
    support: str,
    submission: UUID | None = None,
) -> SearchRecord:
    """Keep the DSL's view of wider risk, early help or a referral, and the support offered (law SE-9).

    Who may: LIFT_HOLD, the DSL, deputies and the head. Raises `AnswerMissing` or `MoveNotAllowed`.
    """
    require(actor, Permission.LIFT_HOLD, school)
    held = held_search(school, search)
    need({"wider_risk": wider_risk, "support": support}, "SE-9")
    held.wider_risk, held.support = wider_risk, support
    move(held, SearchState.FOLLOWED_UP, actor=actor, at=at)
    record(school=school, actor=actor, action="devices.follow_up_search", at=at, obj=held, submission=submission)
    return held


@operation("devices.close_search")
def close_search(
    *, school: School, actor: User, at: datetime, search: SearchRecord, submission: UUID | None = None
) -> SearchRecord:
    """Close a search that was followed up. Who may: LIFT_HOLD, the DSL, deputies and the head.

    Not before parents are told, or the DSL withholds it (law SE-7), and where force was used not before its own record
    is there (law SE-13). Raises `ParentsNotTold`, `ForceNotRecorded` or `MoveNotAllowed`.
    """
    require(actor, Permission.LIFT_HOLD, school)
    held = held_search(school, search)
    if held.force_used and force_of(held) is None:
        raise ForceNotRecorded("Force was used. Its own record comes first.", rule="SE-13")
    notices = ParentNotice.objects.filter(search=held)
    if not notices.filter(about=NoticeAbout.SEARCH).exists() or any(notice.is_open for notice in notices):
        raise ParentsNotTold("A parent or carer is told first, or you withhold it with a reason.", rule="SE-7")
    held.closed_at, held.closed_by = at, actor
    move(held, SearchState.CLOSED, actor=actor, at=at)
    record(school=school, actor=actor, action="devices.close_search", at=at, obj=held, submission=submission)
    return held


@operation("devices.choose_next_step")
def choose_next_step(
    *, school: School, actor: User, at: datetime, search: SearchRecord, next_step: str, submission: UUID | None = None
) -> SearchRecord:
    """Keep what senior leaders do where consent was refused or taken back (SEA-15). It forces nothing by itself.

    Who may: VIEW_SEARCHES, the leaders and the safeguarding team. Raises `MoveNotAllowed`.
    """
    require(actor, Permission.VIEW_SEARCHES, school)
    held = held_search(school, search)
    if held.state != SearchState.ENDED_REFUSED:
        raise MoveNotAllowed("This is for searches that ended because consent was refused.", rule="SEA-15")
    if next_step not in NextStep.values:
        raise AnswerMissing("Choose what is done now.", rule="SEA-15", field="next_step")
    save(held, actor=actor, at=at, next_step=NextStep(next_step), next_step_by=actor)
    record(
        school=school,
        actor=actor,
        action="devices.choose_next_step",
        at=at,
        obj=held,
        submission=submission,
        detail={"next": held.next_step},
    )
    return held
