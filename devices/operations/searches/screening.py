"""Screening with an arch or a wand: one entry for a session, none for a pupil (law SE-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import ScreeningKind
from devices.models import ScreeningSession


class UnableToRecordScreening(Refusal):
    """The session was not put on record."""


class ScreeningTimesWrong(UnableToRecordScreening):
    """It ended before it began, or lies ahead."""

    default_field = "ended"


class MoreSearchesThanScreened(UnableToRecordScreening):
    """No more searches than pupils can have come of it."""

    default_field = "led_to_searches"


@operation("devices.record_screening")
def record_screening(
    *,
    school: School,
    actor: User,
    at: datetime,
    kind: str,
    place: str,
    started_at: datetime,
    ended_at: datetime,
    screened: int,
    led_to_searches: int = 0,
    note: str = "",
    submission: UUID | None = None,
) -> ScreeningSession:
    """Keep one session of screening; a search that comes of it is a record of its own. Who may: VIEW_SEARCHES.

    Raises a kind of `UnableToRecordScreening`.
    """
    require(actor, Permission.VIEW_SEARCHES, school)
    if not started_at <= ended_at <= at:
        raise ScreeningTimesWrong("Enter when it began and ended, today or before.", rule="SE-12")
    if led_to_searches > screened:
        raise MoreSearchesThanScreened("No more searches than pupils can have come of it.", rule="SE-12")
    session = ScreeningSession(
        school=school,
        kind=ScreeningKind(kind),
        place=place,
        started_at=started_at,
        ended_at=ended_at,
        screened=screened,
        led_to_searches=led_to_searches,
        note=note,
        recorded_at=at,
        recorded_by=actor,
    )
    session.save()
    record(
        school=school, actor=actor, action="devices.record_screening", at=at, obj=session, submission=submission,
        detail={"screened": screened, "searches": led_to_searches},
    )  # fmt: skip
    return session
