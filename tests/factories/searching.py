"""Searches as tests need them: taken by the operations to the state that is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.people.models import Pupil, User
from devices.enums import Cooperation, SearchOf, SearchState
from devices.models import CustodyRecord, ProhibitedItem, SearchRecord
from devices.operations.searches import (
    complete_search,
    explain_search,
    find_nothing,
    follow_up_search,
    open_search,
    record_consent,
    record_manner,
    record_outcome,
    record_surroundings,
    start_search,
    state_sought,
    state_why,
    weigh_circumstances,
)

_BEFORE = (SearchState.DRAFT, SearchState.AUTHORISED, SearchState.GROUNDS_STATED, SearchState.CONSENT_PENDING)


def item_of(pupil: Pupil, name: str = "Knives and weapons") -> ProhibitedItem:
    """An item of the school's list, which its first search has begun."""
    found: ProhibitedItem = ProhibitedItem.objects.get(school=pupil.school, name=name, ends_on=None)
    return found


def make_search(
    pupil: Pupil,
    *,
    by: User,
    at: datetime,
    state: SearchState = SearchState.DRAFT,
    basis: str = "grounds",
    custody: CustodyRecord | None = None,
    item: str = "Knives and weapons",
    risk: bool = False,
    force: bool = False,
    dsl: User | None = None,
    **opening: Any,
) -> SearchRecord:
    """A search by somebody who may make it, as far on its course as `state`."""
    common: dict[str, Any] = {"school": pupil.school, "actor": by, "at": at}
    of = SearchOf.DEVICE if custody is not None else SearchOf.POSSESSIONS
    search = open_search(**common, pupil=pupil, of=of, custody=custody, **opening)
    if state == SearchState.DRAFT:
        return search
    common["search"] = search
    search = state_sought(**common, sought="A blade", item=item_of(pupil, item) if item else None)
    if state == SearchState.AUTHORISED:
        return search
    search = state_why(
        **common, basis=basis, grounds="Two pupils saw it in the bag.", necessity="It may be used today.",
        good_reason="harm" if custody is not None else "", basis_reason="Agreed today." if opening else "",
    )  # fmt: skip
    search = weigh_circumstances(**common, weighed="Calm; somebody they trust is there.")
    search = explain_search(**common, explained="Why and how.", cooperation=Cooperation.AGREED)
    if state in _BEFORE:
        return search
    if basis == "consent":
        record_consent(**common, giver="pupil", answer="given", how="In person; understood.")
    if state == SearchState.ENDED_REFUSED:
        return record_consent(**common, giver="pupil", answer="withdrawn", how="In person.")
    search = start_search(**common)
    if state == SearchState.IN_PROGRESS:
        return search
    later = {**common, "at": at + timedelta(minutes=5)}
    record_surroundings(**later, place="Office", others_present="Nobody", witness_name="M. Osei")
    if custody is None:
        record_manner(**later, same_sex_searcher=True, same_sex_witness=True, outer_clothing_only=True)
    find_nothing(**later)
    record_outcome(
        **later, force_used=force, risk=risk, risk_note="A threat was made." if risk else "", follow_up="None"
    )
    search = complete_search(**later, tell_dsl=True, tell_because="To be sure.")
    if state == SearchState.FOLLOWED_UP:
        return follow_up_search(
            **{**later, "actor": dsl or by}, wider_risk="None seen.", support="A talk with the tutor."
        )
    return search
