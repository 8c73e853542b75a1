"""The card of evidence: what is held, what the police wait for, what came back; and for all staff the way to a hold."""

from __future__ import annotations

from typing import Any

from core.people.roles import Permission
from devices.queries.taken import back_from_police, holds_to_tell_of, live_holds, police_task
from schoolsafe.overview.cards.base import Card, Viewer, how_many, links_to


def evidence(viewer: Viewer) -> Card | None:
    """Leaders see how many devices wait for whom; everybody on the staff may put one on hold (CNF-10, CNF-11)."""
    if not viewer.may(Permission.TAKE_DEVICE):
        return None
    tasks = _tasks(viewer) if viewer.may(Permission.LEAD_CUSTODY) else []
    return Card(
        title="Evidence",
        tasks=tasks,
        done="A picture or a crime suspected on a device? Nobody looks. Put it on hold.",
        links=links_to(
            viewer,
            ("devices:find-for-hold", "Put a device on evidence hold"),
            ("devices:evidence", "Held as evidence"),
            ("devices:police", "Devices and the police"),
        ),
    )


def _tasks(viewer: Viewer) -> list[dict[str, Any]]:
    asked = [police_task(hold) for hold in live_holds(viewer.school)]
    where = viewer.url("devices:evidence") or viewer.url("devices:police")
    lines = [
        (asked.count("required"), "device for the police", "devices for the police", "attention", "Hand over"),
        (
            len(asked) - asked.count("required"),
            "device on evidence hold",
            "devices on evidence hold",
            "waiting",
            "Held",
        ),
        (
            back_from_police(viewer.school).count(),
            "device back from the police",
            "devices back from the police",
            "attention",
            "Decide",
        ),
    ]
    if viewer.may(Permission.SET_DO_NOT_INFORM):
        number = len(holds_to_tell_of(viewer.school, viewer.now))
        one, several = "hold: is a parent told of it?", "holds: are parents told of them?"
        lines.insert(0, (number, one, several, "attention", "Decide"))
    return [
        {"label": how_many(number, one, several), "url": where, "kind": kind, "word": word}
        for number, one, several, kind, word in lines
        if number
    ]
