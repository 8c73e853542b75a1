"""Stopping a search: something indecent or illegal appeared, the device is held and the DSL hears of it at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import has, require
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import HoldReason, SearchState
from devices.models import CustodyRecord, SearchRecord
from devices.operations.moves import locked
from devices.operations.searches.effects import tell_stopped
from devices.operations.searches.moves import held_search, move
from devices.operations.searches.refusals import NotYourSearch, StopSaysWhy
from devices.operations.taken.evidence import put_on_hold
from devices.queries.taken.evidence import live_hold_of


def stop(
    search: SearchRecord,
    *,
    actor: User,
    at: datetime,
    because: str,
    is_image: bool,
    custody: CustodyRecord | None = None,
) -> None:
    """Stop a locked search and hold its device, inside an operation (matrix §4.2, law EX-2)."""
    search.custody = search.custody or custody
    search.stopped_because = because
    move(search, SearchState.STOPPED, actor=actor, at=at)
    stay = locked(search.custody) if search.custody is not None else None
    if stay is not None and stay.is_open and live_hold_of(stay) is None:  # the hold tells the DSL
        reason = HoldReason.INDECENT_IMAGE if is_image else HoldReason.ILLEGAL_MATERIAL
        put_on_hold(stay, actor=actor, at=at, reason=reason, note="Something appeared during a search.")
    else:
        tell_stopped(search, at=at)


@operation("devices.stop_search")
def stop_and_hold(
    *,
    school: School,
    actor: User,
    at: datetime,
    search: SearchRecord,
    because: str,
    is_image: bool,
    custody: CustodyRecord | None = None,
    submission: UUID | None = None,
) -> SearchRecord:
    """Stop a search in any state: its device goes to evidence hold as it is, the DSL is told urgently (SEA-12, EX-2).

    Who may: whoever makes the search, or VIEW_SEARCHES. `because` never says what a picture shows. For a search of
    possessions `custody` names the device that it is about, where the school has it. Raises `StopSaysWhy`,
    `NotYourSearch` or `MoveNotAllowed`.
    """
    require(actor, Permission.OPEN_SEARCH, school)
    held = held_search(school, search)
    mine = actor.pk in (held.searcher_id, held.opened_by_id)
    if not mine and not has(actor, Permission.VIEW_SEARCHES, school):
        raise NotYourSearch(f"{held.searcher.display_name} makes this search.", rule="SEA-01")
    if not because:
        raise StopSaysWhy("Say why it is stopped. Never describe a picture.", rule="SEA-12")
    stop(held, actor=actor, at=at, because=because, is_image=is_image, custody=custody)
    record(
        school=school,
        actor=actor,
        action="devices.stop_search",
        at=at,
        obj=held,
        submission=submission,
        detail={"image": is_image, "custody": held.custody_id},
    )
    return held
