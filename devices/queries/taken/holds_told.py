"""What the DSL decided about telling a parent of a hold, and which holds wait for that decision (law IM-6, CNF-13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.people.models import School
from devices.enums import NoticeAbout
from devices.models import Confiscation, EvidenceHold, ParentNotice
from devices.queries.taken.release import HELD_STATES


@dataclass(frozen=True)
class HoldTold:
    """How far telling a parent of one hold is. `waits`: the DSL has to decide, for the first time or again.

    `over`: the hold was lifted, or the device is not held any more, and there is nothing left to decide.
    """

    notice: ParentNotice | None
    kind: str
    word: str
    waits: bool = False
    over: bool = False


_ASKED = ("attention", "Decide whether a parent is told")


def holds_to_tell_of(school: School, at: datetime) -> list[EvidenceHold]:
    """Holds about which the DSL has to decide whether a parent is told, the oldest first. Four statements."""
    held = (
        EvidenceHold.objects.filter(school=school, lifted_at__isnull=True, custody__state__in=HELD_STATES)
        .select_related("school", "custody__pupil__form", "custody__device__type")
        .order_by("placed_at", "pk")
    )
    holds = list(held)
    told = told_of_holds(holds, at)
    return [hold for hold in holds if told[hold.pk].waits]


def told_of_hold(hold: EvidenceHold, at: datetime) -> HoldTold:
    """How far telling a parent of one hold is."""
    return told_of_holds([hold], at)[hold.pk]


def told_of_holds(holds: Iterable[EvidenceHold], at: datetime) -> dict[int, HoldTold]:
    """The same for several, each with its stay beside it, in three statements."""
    listed = list(holds)
    stays = {hold.custody_id for hold in listed}
    placed: dict[int, list[EvidenceHold]] = {}
    for hold in EvidenceHold.objects.filter(custody__in=stays).order_by("pk"):
        placed.setdefault(hold.custody_id, []).append(hold)
    notices: dict[int | None, list[ParentNotice]] = {}
    about = ParentNotice.objects.filter(custody__in=stays, about=NoticeAbout.HELD)
    for notice in about.select_related("told_by", "withheld_by").order_by("opened_at", "pk"):
        notices.setdefault(notice.custody_id, []).append(notice)
    kept = set(Confiscation.objects.filter(custody__in=stays, withheld=True).values_list("custody", flat=True))
    told = {}
    for hold in listed:
        later = next((one for one in placed[hold.custody_id] if one.pk > hold.pk), None)
        of_it = [
            one
            for one in notices.get(hold.custody_id, [])
            if one.opened_at >= hold.placed_at and (later is None or one.opened_at < later.placed_at)
        ]
        is_over = later is not None or hold.lifted_at is not None or hold.custody.state not in HELD_STATES
        told[hold.pk] = _judged(of_it[-1] if of_it else None, at, is_over, hold.custody_id in kept)
    return told


def _judged(notice: ParentNotice | None, at: datetime, is_over: bool, is_kept: bool) -> HoldTold:
    if notice is not None and notice.told_at is not None:
        return HoldTold(notice, "ok", "A parent was told", over=is_over)
    if is_over:
        return HoldTold(notice, "neutral", "No parent was told of the hold", over=True)
    if notice is None:
        return HoldTold(None, "stop", "Kept from parents") if is_kept else HoldTold(None, *_ASKED, waits=True)
    if notice.withheld_at is None:
        return HoldTold(notice, "waiting", "A parent is to be told")
    if notice.due_at <= notice.withheld_at:
        return HoldTold(notice, "stop", "Kept from parents")
    if notice.due_at <= at:
        return HoldTold(notice, *_ASKED, waits=True)
    return HoldTold(notice, "waiting", "To be decided later")
