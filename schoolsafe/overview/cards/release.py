"""The card of taken devices that go back, and of parents who are to be told."""

from __future__ import annotations

from typing import Any

from core.people.roles import Permission
from devices.queries.taken import notices_visible_to, release_terms_of, taken_now, to_tell
from schoolsafe.overview.cards.base import SHOWN, Card, Viewer, how_many, links_to


def release(viewer: Viewer) -> Card | None:
    """Office and leaders: how many devices wait for a decision on who may collect, and whom nobody has told yet."""
    if not viewer.may(Permission.RELEASE_DEVICE):
        return None
    tasks: list[dict[str, Any]] = []
    stays = list(taken_now(viewer.school)[: SHOWN * 4])
    undecided = sum(terms.needs_decision for terms in release_terms_of(stays, viewer.now).values())
    if undecided:
        tasks.append(
            {
                "label": how_many(undecided, "device to decide on", "devices to decide on"),
                "url": viewer.url("devices:release-desk"),
                "hint": "The rules do not say who may collect.",
                "kind": "attention",
                "word": "Decide",
            }
        )
    waiting = to_tell(notices_visible_to(viewer.user, viewer.school))
    overdue = waiting.filter(due_at__lte=viewer.now).count()
    every = waiting.count()
    if every:
        tasks.append(
            {
                "label": how_many(every, "parent or carer to tell", "parents or carers to tell"),
                "url": viewer.url("devices:parents-to-tell"),
                "hint": f"{overdue} by now" if overdue else "Today",
                "kind": "attention" if overdue else "waiting",
                "word": "Overdue" if overdue else "To tell",
            }
        )
    return Card(
        title="Taken devices going back",
        tasks=tasks,
        done="Every parent has been told, and nothing waits for a decision.",
        links=links_to(
            viewer, ("devices:release-desk", "Release a device"), ("devices:parents-to-tell", "Parents to tell")
        ),
    )
