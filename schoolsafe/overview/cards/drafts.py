"""The card of reports that somebody began and has not sent; none where there is none."""

from __future__ import annotations

from core.kit.times import waited
from core.people.roles import Permission
from incidents.queries import drafts_of
from schoolsafe.overview.cards.base import SHOWN, Card, Viewer, links_to


def drafts_not_sent(viewer: Viewer) -> Card | None:
    """Shown to its author alone: what is not sent helps no child (INC-01)."""
    if not viewer.may(Permission.REPORT_INCIDENT):
        return None
    tasks = [
        {
            "label": f"A report begun {waited(draft.created_at, viewer.now)}",
            "url": viewer.url("incidents:report-check", draft.pk),
            "kind": "attention",
            "word": "Not sent",
        }
        for draft in drafts_of(viewer.user, viewer.school)[:SHOWN]
    ]
    if not tasks:
        return None
    return Card(
        title="Drafts you have not sent", tasks=tasks, links=links_to(viewer, ("incidents:my-reports", "Your reports"))
    )
