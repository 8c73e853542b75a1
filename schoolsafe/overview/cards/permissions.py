"""The card of permissions: what waits for this person to decide, confirm or change, and what of theirs runs out."""

from __future__ import annotations

from typing import Any

from core.approvals.queries import runs_out, waiting_for
from core.people.roles import Permission
from schoolsafe.overview.cards.base import Card, Viewer, how_many, links_to


def permissions(viewer: Viewer) -> Card | None:
    """One tap from home to the one that waits, or to the list of several; nothing to show, no card (ux W8)."""
    if not viewer.may(Permission.ASK_PERMISSION):
        return None
    waiting = waiting_for(viewer.user, viewer.school, viewer.now)
    tasks: list[dict[str, Any]] = []
    if len(waiting) == 1:
        (one,) = waiting
        tasks.append(
            {
                "label": f"{one.approval.get_kind_display()}: 1 waits for you",
                "url": viewer.url("overview:approval", one.approval.pk),
                "kind": "waiting",
                "word": one.what,
            }
        )
    elif waiting:
        label = how_many(len(waiting), "permission waits for you", "permissions wait for you")
        tasks.append({"label": label, "url": viewer.url("overview:approvals"), "kind": "waiting", "word": "Decide"})
    ending = runs_out(viewer.school, viewer.now, user=None if viewer.may(Permission.LEAD_CUSTODY) else viewer.user)
    near = [row for row, days in ending if days <= 7]
    if near:
        label = how_many(len(near), "permission ends within 7 days", "permissions end within 7 days")
        tasks.append({"label": label, "url": viewer.url("overview:approvals"), "kind": "attention", "word": "Look"})
    if not tasks:
        return None
    return Card(title="Permissions", tasks=tasks, links=links_to(viewer, ("overview:approvals", "Permissions")))
