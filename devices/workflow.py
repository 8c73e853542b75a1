"""The tables of moves, of custody, searches and deletions (matrix §4.1–4.3); the database holds them too."""

from __future__ import annotations

from core.kit.refusals import Refusal
from devices.enums import DeletionState, EventKind, SearchState, State

_S, _E = State, EventKind

# What a device can be when staff take it from the pupil who has it, or from where it lies.
_TAKEN_FROM = (
    _S.STORED,
    _S.WITH_PUPIL_BY_AGREEMENT,
    _S.WITH_PUPIL_ON_SITE,
    _S.NOT_HANDED_IN,
    _S.OUT_FOR_ACTIVITY,
    _S.OUT_FOR_BREAK,
)
# "Any on-site state": a suspicion may arise wherever a device is (CNF-10).
_HELD_FROM = (*_TAKEN_FROM, _S.UNCOLLECTED, _S.COLLECTED, _S.CONFISCATED, _S.PARENT_COLLECTION, _S.BACK_FROM_POLICE)
_TAKEN = (_S.COLLECTED, _S.CONFISCATED, _S.PARENT_COLLECTION)
_MOVED_ABOUT = (_S.STORED, _S.UNCOLLECTED, *_TAKEN, _S.EVIDENCE_HOLD, _S.BACK_FROM_POLICE)
_NOTED = (
    *_MOVED_ABOUT,
    _S.RETURNED,
    _S.LOST_OR_DAMAGED,
    _S.WITH_POLICE,
    _S.RELEASED_TO_PUPIL,
    _S.RELEASED_TO_PARENT,
)

TRANSITIONS: frozenset[tuple[State, EventKind, State]] = frozenset(
    {
        # Ordinary custody.
        (_S.WITH_PUPIL_OFF_SITE, _E.HAND_IN, _S.HANDED_IN),
        (_S.HANDED_IN, _E.STORE, _S.STORED),
        (_S.STORED, _E.GO_OUT, _S.OUT_FOR_ACTIVITY),
        (_S.STORED, _E.GO_OUT, _S.OUT_FOR_BREAK),
        (_S.OUT_FOR_ACTIVITY, _E.COME_BACK, _S.STORED),
        (_S.OUT_FOR_BREAK, _E.COME_BACK, _S.STORED),
        (_S.STORED, _E.UNCOLLECTED, _S.UNCOLLECTED),
        (_S.STORED, _E.RETURN, _S.RETURNED),
        (_S.UNCOLLECTED, _E.RETURN, _S.RETURNED),
        # Kept by a decision: the device stays where it is and its state says what it was.
        (_S.STORED, _E.KEPT_OVERNIGHT, _S.STORED),
        (_S.UNCOLLECTED, _E.KEPT_OVERNIGHT, _S.UNCOLLECTED),
        # Taken: on a ground, or because it was not handed in (CNF-08).
        (_S.NOT_HANDED_IN, _E.TAKE, _S.COLLECTED),
        *((origin, _E.TAKE, _S.CONFISCATED) for origin in _TAKEN_FROM),
        (_S.COLLECTED, _E.AWAIT_PARENT, _S.PARENT_COLLECTION),
        (_S.CONFISCATED, _E.AWAIT_PARENT, _S.PARENT_COLLECTION),
        (_S.BACK_FROM_POLICE, _E.AWAIT_PARENT, _S.PARENT_COLLECTION),
        (_S.BACK_FROM_POLICE, _E.TAKE, _S.CONFISCATED),
        (_S.COLLECTED, _E.RELEASE, _S.RELEASED_TO_PUPIL),
        (_S.CONFISCATED, _E.RELEASE, _S.RELEASED_TO_PUPIL),
        *((origin, _E.RELEASE, _S.RELEASED_TO_PARENT) for origin in _TAKEN),
        # Held as evidence. A hold on an ordinary hand-in that comes to nothing leaves it a hand-in (ADR 15).
        *((origin, _E.HOLD, _S.EVIDENCE_HOLD) for origin in _HELD_FROM),
        (_S.EVIDENCE_HOLD, _E.LIFT_HOLD, _S.CONFISCATED),
        (_S.EVIDENCE_HOLD, _E.LIFT_HOLD, _S.STORED),
        (_S.EVIDENCE_HOLD, _E.TO_POLICE, _S.WITH_POLICE),
        (_S.WITH_POLICE, _E.FROM_POLICE, _S.BACK_FROM_POLICE),
        # Damage leaves a device where it is; a loss ends the stay until it is found again (DEV-23).
        *((origin, _E.DAMAGE, origin) for origin in (*_MOVED_ABOUT, _S.RETURNED)),
        *(
            (origin, kind, target)
            for stay in (_S.STORED, _S.UNCOLLECTED, *_TAKEN)
            for origin, kind, target in (
                (stay, _E.LOSS, _S.LOST_OR_DAMAGED),
                (_S.LOST_OR_DAMAGED, _E.FOUND, stay),
            )
        ),
        *((origin, _E.MOVE, origin) for origin in _MOVED_ABOUT),
        *((origin, _E.NOTE, origin) for origin in _NOTED),
        # A correction says that an entry was wrong and puts the record where it truly is.
        *(
            (origin, _E.CORRECTION, _S.WITH_PUPIL_OFF_SITE)
            for origin in (_S.STORED, _S.UNCOLLECTED, _S.COLLECTED, _S.CONFISCATED, _S.PARENT_COLLECTION)
        ),
        (_S.RETURNED, _E.CORRECTION, _S.STORED),
        (_S.RETURNED, _E.CORRECTION, _S.UNCOLLECTED),
        (_S.RELEASED_TO_PUPIL, _E.CORRECTION, _S.COLLECTED),
        (_S.RELEASED_TO_PUPIL, _E.CORRECTION, _S.CONFISCATED),
        *((_S.RELEASED_TO_PARENT, _E.CORRECTION, target) for target in _TAKEN),
    }
)

OPEN_STATES = frozenset(
    {
        _S.HANDED_IN,
        _S.STORED,
        _S.OUT_FOR_ACTIVITY,
        _S.OUT_FOR_BREAK,
        _S.UNCOLLECTED,
        *_TAKEN,
        _S.EVIDENCE_HOLD,
        _S.BACK_FROM_POLICE,
    }
)
TAKEN_STATES = frozenset(_TAKEN)


class MoveNotAllowed(Refusal):
    """The record is not in a state from which this can be done."""


def check_move(origin: str, kind: EventKind, target: State) -> None:
    """Raise `MoveNotAllowed` unless the table holds the move."""
    if (State(origin), kind, target) not in TRANSITIONS:
        raise MoveNotAllowed(
            f"A device that is “{State(origin).label.lower()}” cannot be “{target.label.lower()}” next.", rule="DEV-33"
        )


_F = SearchState
_UNDER_WAY = (_F.DRAFT, _F.AUTHORISED, _F.CONSENT_PENDING, _F.GROUNDS_STATED, _F.IN_PROGRESS)
_MADE = (_F.COMPLETED_NOTHING, _F.COMPLETED_FOUND)

SEARCH_MOVES: frozenset[tuple[SearchState, SearchState]] = frozenset(
    {
        (_F.DRAFT, _F.BLOCKED),
        (_F.DRAFT, _F.AUTHORISED),
        (_F.AUTHORISED, _F.CONSENT_PENDING),
        (_F.AUTHORISED, _F.GROUNDS_STATED),
        (_F.CONSENT_PENDING, _F.IN_PROGRESS),
        (_F.GROUNDS_STATED, _F.IN_PROGRESS),
        (_F.CONSENT_PENDING, _F.ENDED_REFUSED),
        # Consent may be taken back while the search is made (SEA-15).
        (_F.IN_PROGRESS, _F.ENDED_REFUSED),
        *((_F.IN_PROGRESS, made) for made in _MADE),
        # A search that somebody not on the register made is recorded afterwards (law SE-3).
        *((_F.DRAFT, made) for made in _MADE),
        *((made, _F.FOLLOWED_UP) for made in _MADE),
        (_F.FOLLOWED_UP, _F.CLOSED),
        # Something indecent or illegal appears.
        *((origin, _F.STOPPED) for origin in (*_UNDER_WAY, *_MADE, _F.FOLLOWED_UP)),
    }
)

_D = DeletionState

DELETION_MOVES: frozenset[tuple[DeletionState, DeletionState]] = frozenset(
    {
        (_D.REQUESTED, _D.REFUSED),
        (_D.REQUESTED, _D.APPROVED),
        (_D.APPROVED, _D.DONE_BY_STAFF),
        (_D.APPROVED, _D.ASKED_OF_PUPIL),
        (_D.ASKED_OF_PUPIL, _D.CONFIRMED),
    }
)


def check_search_move(origin: str, target: SearchState) -> None:
    """Raise `MoveNotAllowed` unless a search may go from one state to the other (matrix §4.2)."""
    if (SearchState(origin), target) not in SEARCH_MOVES:
        raise MoveNotAllowed(
            f"A search that is “{SearchState(origin).label.lower()}” cannot be “{target.label.lower()}” next.",
            rule="SEA-06",
        )


def check_deletion_move(origin: str, target: DeletionState) -> None:
    """Raise `MoveNotAllowed` unless a deletion may go from one state to the other (matrix §4.3)."""
    if (DeletionState(origin), target) not in DELETION_MOVES:
        raise MoveNotAllowed(
            f"A deletion that is “{DeletionState(origin).label.lower()}” cannot be “{target.label.lower()}” next.",
            rule="SEA-09",
        )
