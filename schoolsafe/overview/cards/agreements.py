"""The card of agreements: what waits for one's own signature, and for the office what is missing or to telephone."""

from __future__ import annotations

from typing import Any

from agreements.queries.issued import to_sign_by
from agreements.queries.outstanding import pressing
from core.people.roles import Permission
from schoolsafe.overview.cards.base import Card, Viewer, how_many, links_to


def agreements_waiting(viewer: Viewer) -> Card | None:
    """What needs this person about agreements (AGR-08, NOT-17); nothing to show, no card."""
    tasks: list[dict[str, Any]] = []
    own = len(to_sign_by(viewer.user, viewer.school, viewer.today)) if viewer.may(Permission.SIGN_OWN) else 0
    if own:
        tasks.append(
            {
                "label": how_many(own, "agreement waits for your signature", "agreements wait for your signature"),
                "url": viewer.url("agreements:to-sign"),
                "kind": "waiting",
                "word": "Sign",
            }
        )
    if viewer.may(Permission.MANAGE_AGREEMENTS):
        tasks += _office(viewer)
    if not tasks:
        return None
    links = links_to(viewer, ("agreements:overview", "Agreements"), ("agreements:outstanding", "Missing signatures"))
    return Card(title="Agreements", tasks=tasks, links=links)


def _office(viewer: Viewer) -> list[dict[str, Any]]:
    counts = pressing(viewer.school)
    lists, tasks = viewer.url("agreements:outstanding"), []
    if counts.telephone:
        label = how_many(counts.telephone, "parent or carer to telephone", "parents and carers to telephone")
        tasks.append({"label": label, "url": f"{lists}?calls=on", "kind": "attention", "word": "Call"})
    if counts.refused:
        label = how_many(counts.refused, "agreement was not agreed to", "agreements were not agreed to")
        url = f"{viewer.url('agreements:overview')}?state=refused"
        tasks.append({"label": label, "url": url, "kind": "attention", "word": "Follow up"})
    return tasks
