"""Which state of an import may follow which: the table, and its one check."""

from __future__ import annotations

from core.roll.enums import ImportState

TRANSITIONS: dict[ImportState, frozenset[ImportState]] = {
    ImportState.UPLOADED: frozenset({ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.CANCELLED}),
    ImportState.PREVIEWED: frozenset(
        {ImportState.UPLOADED, ImportState.PREVIEWED, ImportState.APPLYING, ImportState.CANCELLED}
    ),
    ImportState.APPLYING: frozenset({ImportState.APPLIED, ImportState.FAILED}),
    ImportState.APPLIED: frozenset({ImportState.UNDOING}),
    ImportState.UNDOING: frozenset({ImportState.UNDONE, ImportState.FAILED}),
    ImportState.UNDONE: frozenset(),
    ImportState.FAILED: frozenset({ImportState.APPLYING, ImportState.UNDOING}),
    ImportState.CANCELLED: frozenset(),
}
RUNNING = frozenset({ImportState.APPLYING, ImportState.UNDOING})
CHANGEABLE = frozenset({ImportState.UPLOADED, ImportState.PREVIEWED})


def may_become(state: str, after: ImportState) -> bool:
    """Whether an import in `state` may go on to `after`."""
    return after in TRANSITIONS[ImportState(state)]
