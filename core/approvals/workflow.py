"""The tables of moves: of each kind of permission (matrix 4.8 to 4.11). The database holds the same tables."""

from __future__ import annotations

from core.approvals.enums import Kind, State
from core.kit.refusals import Refusal

_S = State
Moves = frozenset[tuple[State, State]]


def _from(*origins: State, to: tuple[State, ...]) -> set[tuple[State, State]]:
    return {(origin, target) for origin in origins for target in to if origin != target}


# A request can be taken back until it is decided, and one whose last day has come goes by itself.
_GONE = (_S.WITHDRAWN, _S.LAPSED)
_LIVE_ENDS = _from(_S.LIVE, _S.REVIEW_DUE, to=(_S.ENDED, *_GONE)) | {
    (_S.LIVE, _S.REVIEW_DUE),
    (_S.REVIEW_DUE, _S.LIVE),
}
_SIMPLE = (
    _from(_S.REQUESTED, to=(_S.APPROVED, _S.DECLINED, *_GONE)) | _from(_S.APPROVED, to=(_S.LIVE, *_GONE)) | _LIVE_ENDS
)

MOVES: dict[Kind, Moves] = {
    Kind.EXCEPTIONAL_USE: frozenset(
        _from(_S.REQUESTED, to=(_S.DISCUSSED, *_GONE))
        | _from(_S.DISCUSSED, to=(_S.APPROVED, _S.DECLINED, *_GONE))
        # Where no written agreement is asked for, approved goes straight to live (ROC).
        | _from(_S.APPROVED, to=(_S.DRAFTED, _S.LIVE, *_GONE))
        | _from(_S.DRAFTED, to=(_S.AWAITING, *_GONE))
        # An agreement that was withdrawn or not agreed to is drawn up anew.
        | _from(_S.AWAITING, to=(_S.LIVE, _S.DRAFTED, *_GONE))
        | _LIVE_ENDS
        | _from(_S.LIVE, _S.REVIEW_DUE, to=(_S.SUSPENDED,))
        | _from(_S.SUSPENDED, to=(_S.LIVE, _S.ENDED, *_GONE))
    ),
    Kind.BRING_DEVICE: frozenset(_SIMPLE),
    Kind.CURRICULUM_USE: frozenset(
        _from(_S.REQUESTED, to=(_S.CONSENTED, *_GONE))
        # Where the rules ask for the teacher’s consent alone, that is the decision.
        | _from(_S.CONSENTED, to=(_S.ASSESSED, _S.APPROVED, *_GONE))
        | _from(_S.ASSESSED, to=(_S.APPROVED, _S.DECLINED, *_GONE))
        # One activity only: it is used or its time passes, and nothing opens it again (DEV-19).
        | _from(_S.APPROVED, to=(_S.USED, *_GONE))
    ),
    Kind.CONTACT_ROUTE: frozenset(_SIMPLE),
    # What was given by word of mouth and logged by who received it waits for the giver (STA-02).
    Kind.STAFF_LESSON_USE: frozenset(
        _SIMPLE | _from(_S.APPROVED, to=(_S.CONFIRMED,)) | _from(_S.CONFIRMED, to=(_S.LIVE, *_GONE))
    ),
    Kind.STAFF_CONTACT: frozenset(_SIMPLE),
    # Without an assessment only where the rules do not ask for one; the table of approvals holds that apart.
    Kind.REMOTE_TEACHING: frozenset(
        _SIMPLE | _from(_S.REQUESTED, to=(_S.ASSESSED,)) | _from(_S.ASSESSED, to=(_S.APPROVED, _S.DECLINED, *_GONE))
    ),
    Kind.SCHOOL_DEVICE: frozenset(_SIMPLE),
}


class MoveNotPossible(Refusal):
    """The permission is not where it could go there from."""


def may_move(kind: str, origin: str, target: str) -> bool:
    """Whether the table of `kind` leads from one state to the other."""
    return (State(origin), State(target)) in MOVES[Kind(kind)]


def check_move(kind: str, origin: str, target: str) -> None:
    """Refuse a move that the table does not have."""
    if not may_move(kind, origin, target):
        raise MoveNotPossible(
            f"It is “{State(origin).label.lower()}” and cannot become “{State(target).label.lower()}”.",
            rule="matrix 4.8 to 4.11",
        )


def triples() -> set[tuple[str, str, str]]:
    """Every move of every kind, as the database is told of them."""
    return {(kind.value, origin.value, target.value) for kind, moves in MOVES.items() for origin, target in moves}
