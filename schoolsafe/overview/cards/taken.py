"""The card of taken devices: for all staff the way to record one, for the office and leaders what presses."""

from __future__ import annotations

from typing import Any

from core.people.roles import Permission
from devices.queries.taken import held_board
from schoolsafe.overview.cards.base import Card, Viewer, how_many, links_to

# Filter of the board, one, several, icon and word.
_LINES = (
    ("overdue", "taken device is overdue", "taken devices are overdue", "attention", "Overdue"),
    ("sign_off", "is kept beyond the limit", "are kept beyond the limit", "attention", "Sign"),
    ("put_away", "is not put away yet", "are not put away yet", "waiting", "Put away"),
    ("force", "taking by force is not recorded", "takings by force are not recorded", "attention", "Record"),
)


def taken_devices(viewer: Viewer) -> Card | None:
    """Everybody on the staff may take one (CNF-01); who sees the board is told what is overdue, unsigned or loose."""
    if not viewer.may(Permission.TAKE_DEVICE):
        return None
    return Card(
        title="Taken devices",
        tasks=_tasks(viewer) if viewer.may(Permission.VIEW_HELD) else [],
        done="Taken a device? Write it down here, on the spot.",
        links=links_to(viewer, ("devices:take", "I have taken a device"), ("devices:held", "Taken devices")),
    )


def _tasks(viewer: Viewer) -> list[dict[str, Any]]:
    counts = held_board(viewer.school, viewer.now).counts
    return [
        {
            "label": how_many(counts[show], one, several),
            "url": f"{viewer.url('devices:held')}?show={show}",
            "kind": kind,
            "word": word,
        }
        for show, one, several, kind, word in _LINES
        if counts[show] and (show != "sign_off" or viewer.may(Permission.LEAD_CUSTODY))
    ]
