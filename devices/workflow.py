"""The one table of custody moves (matrix §4.1, ordinary custody) and the check that every move passes."""

from __future__ import annotations

from core.kit.refusals import Refusal
from devices.enums import EventKind, State

TRANSITIONS: frozenset[tuple[State, EventKind, State]] = frozenset(
    {
        (State.WITH_PUPIL_OFF_SITE, EventKind.HAND_IN, State.HANDED_IN),
        (State.HANDED_IN, EventKind.STORE, State.STORED),
        (State.STORED, EventKind.MOVE, State.STORED),
        (State.UNCOLLECTED, EventKind.MOVE, State.UNCOLLECTED),
        (State.STORED, EventKind.UNCOLLECTED, State.UNCOLLECTED),
        (State.STORED, EventKind.RETURN, State.RETURNED),
        (State.UNCOLLECTED, EventKind.RETURN, State.RETURNED),
        # A correction says that an entry was wrong and puts the record where it truly is.
        (State.STORED, EventKind.CORRECTION, State.WITH_PUPIL_OFF_SITE),
        (State.UNCOLLECTED, EventKind.CORRECTION, State.WITH_PUPIL_OFF_SITE),
        (State.RETURNED, EventKind.CORRECTION, State.STORED),
        (State.RETURNED, EventKind.CORRECTION, State.UNCOLLECTED),
        (State.STORED, EventKind.NOTE, State.STORED),
        (State.UNCOLLECTED, EventKind.NOTE, State.UNCOLLECTED),
        (State.RETURNED, EventKind.NOTE, State.RETURNED),
        # Kept by a decision: the device stays where it is and its state says what it was.
        (State.STORED, EventKind.KEPT_OVERNIGHT, State.STORED),
        (State.UNCOLLECTED, EventKind.KEPT_OVERNIGHT, State.UNCOLLECTED),
        # Damage leaves a device where it is; a loss ends the stay until it is found again (DEV-23).
        (State.STORED, EventKind.DAMAGE, State.STORED),
        (State.UNCOLLECTED, EventKind.DAMAGE, State.UNCOLLECTED),
        (State.RETURNED, EventKind.DAMAGE, State.RETURNED),
        (State.STORED, EventKind.LOSS, State.LOST_OR_DAMAGED),
        (State.UNCOLLECTED, EventKind.LOSS, State.LOST_OR_DAMAGED),
        (State.LOST_OR_DAMAGED, EventKind.FOUND, State.STORED),
        (State.LOST_OR_DAMAGED, EventKind.FOUND, State.UNCOLLECTED),
        (State.LOST_OR_DAMAGED, EventKind.NOTE, State.LOST_OR_DAMAGED),
    }
)

OPEN_STATES = frozenset({State.HANDED_IN, State.STORED, State.UNCOLLECTED})


class MoveNotAllowed(Refusal):
    """The record is not in a state from which this can be done."""


def check_move(origin: str, kind: EventKind, target: State) -> None:
    """Raise `MoveNotAllowed` unless the table holds the move."""
    if (State(origin), kind, target) not in TRANSITIONS:
        raise MoveNotAllowed(
            f"A device that is “{State(origin).label.lower()}” cannot be “{target.label.lower()}” next.", rule="DEV-33"
        )
