"""What every step of a search shares: the lock, whose search it is, and the move with its event (matrix §4.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.people.models import School, User
from devices.enums import SearchOf, SearchState
from devices.models import CustodyRecord, SearchEvent, SearchRecord
from devices.operations.moves import locked
from devices.operations.searches.refusals import AnswerMissing, DeviceNotHere, NotYourSearch
from devices.operations.taken.evidence import refuse_if_held, refuse_if_image_suspected
from devices.workflow import MoveNotAllowed, check_search_move

BEFORE = frozenset({SearchState.DRAFT, SearchState.AUTHORISED, SearchState.CONSENT_PENDING, SearchState.GROUNDS_STATED})


def held_search(school: School, search: SearchRecord) -> SearchRecord:
    """The search as it is now, held until the transaction ends; the stay is always locked after it."""
    found: SearchRecord = (
        SearchRecord.objects.select_for_update(of=("self",))
        .select_related("pupil", "item", "custody", "searcher", "opened_by", "authorisation")
        .get(school=school, pk=search.pk)
    )
    return found


def in_hand(school: School, search: SearchRecord, actor: User, states: frozenset[SearchState]) -> SearchRecord:
    """The search, if `actor` makes it and it stands in one of `states`. Raises `NotYourSearch` or `MoveNotAllowed`."""
    held = held_search(school, search)
    if actor.pk not in (held.searcher_id, held.opened_by_id):
        raise NotYourSearch(f"{held.searcher.display_name} makes this search.", rule="SEA-01")
    if held.state not in states:
        raise MoveNotAllowed(f"This search is “{held.get_state_display().lower()}”. Nothing is changed.", rule="SEA-06")
    return held


def refuse_if_kept_untouched(search_or_stay: SearchRecord | CustodyRecord) -> None:
    """Raise what keeps everybody from looking: a hold, the police, a suspected image (SEA-12, CNF-10, law EX-2)."""
    if isinstance(search_or_stay, SearchRecord):
        if search_or_stay.of != SearchOf.DEVICE or search_or_stay.custody is None:
            return
        stay = locked(search_or_stay.custody)
    else:
        stay = search_or_stay
    refuse_if_held(stay)
    refuse_if_image_suspected(stay)
    if not stay.is_open:
        raise DeviceNotHere("The school does not have the device any more.", rule="EX-1")


def move(search: SearchRecord, target: SearchState, *, actor: User, at: datetime, note: str = "") -> None:
    """Take a locked search one step on, with its event; saves whatever else was set on it."""
    origin = SearchState(search.state)
    check_search_move(origin, target)
    search.state = target
    save(search, actor=actor, at=at)
    SearchEvent.objects.create(
        school=search.school, search=search, from_state=origin, to_state=target, at=at, by=actor, note=note[:500]
    )


def save(search: SearchRecord, *, actor: User, at: datetime, **values: Any) -> None:
    """Keep answers of a locked search, attributed."""
    for name, value in values.items():
        setattr(search, name, value)
    search.stamp(by=actor, at=at)
    search.save()


def need(answers: dict[str, str], rule: str = "SE-5") -> None:
    """Raise `AnswerMissing` for the first of `answers` (field: value) that is empty."""
    for name, value in answers.items():
        if not value:
            raise AnswerMissing("Answer this before you go on.", rule=rule, field=name)
