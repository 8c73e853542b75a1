"""The card of searches: what the DSL follows up, what leaders decide, one's own drafts; none where none waits."""

from __future__ import annotations

from core.people.roles import Permission
from devices.queries.searches import searches_to_decide, searches_to_follow_up, searches_under_way
from schoolsafe.overview.cards.base import Card, Viewer, links_to


def searches(viewer: Viewer) -> Card | None:
    """Shown only to whom a search waits for (law SE-9, SEA-15)."""
    if not viewer.may(Permission.OPEN_SEARCH):
        return None
    waiting = [(searches_under_way(viewer.user, viewer.school).count(), "of yours to go on with", "info", "Go on")]
    if viewer.may(Permission.VIEW_SEARCHES):
        refused = searches_to_decide(viewer.school).count()
        waiting.append((refused, "where consent was refused: say what is done", "attention", "Decide"))
    if viewer.may(Permission.LIFT_HOLD):
        waiting.append(
            (searches_to_follow_up(viewer.school).count(), "to follow up or close", "attention", "Follow up")
        )
    url = viewer.url("devices:searches")
    tasks = [
        {"label": f"{number} search{'' if number == 1 else 'es'} {what}", "url": url, "kind": kind, "word": word}
        for number, what, kind, word in waiting
        if number
    ]
    if not tasks:
        return None
    return Card(title="Searches", tasks=tasks, links=links_to(viewer, ("devices:searches", "All searches")))
