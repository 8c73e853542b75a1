"""Cards about concerns: what the safeguarding team has not taken on, one's own records, low-level behaviour."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.kit.times import clock, day, waited
from core.people.roles import Permission, Role
from incidents.models import Incident
from incidents.queries import (
    due_words,
    inbox_of,
    last_in_words,
    last_reported,
    list_of,
    page_of,
    steps_due,
    tasks_waiting_for,
    unacknowledged,
)
from schoolsafe.overview.cards.base import SHOWN, Card, Viewer, how_many, links_to


def new_concerns(viewer: Viewer) -> Card | None:
    """The team: urgent ones that nobody has first, then how many are new; no names (INC-31, SG-6)."""
    if not viewer.may(Permission.LEAD_CASES):
        return None
    user, school, today = viewer.user, viewer.school, viewer.today
    urgent = list(unacknowledged(user, school, today)[: SHOWN + 1])
    counts = inbox_of(user, school, today, show="new").counts
    tasks = [
        {
            "label": f"{case.reference}: {case.get_type_display()}",
            "url": viewer.url("incidents:acknowledge", case.pk),
            "hint": f"Reported {waited(case.reported_at or case.created_at, viewer.now)}",
            "kind": "stop",
            "word": "Urgent: nobody has it",
        }
        for case in urgent[:SHOWN]
    ]
    last = last_in_words(last_reported(user, school, today), today)
    counters: list[dict[str, Any]] = [
        {"label": "New", "value": counts["new"], "kind": "attention"},
        {"label": "Mine", "value": counts["mine"], "kind": "info"},
        {"label": "Waiting on others", "value": counts["waiting"], "kind": "waiting"},
    ]
    return Card(
        title="Concerns",
        counters=counters if any(counts.values()) else [],
        tasks=tasks,
        note=last if counts["new"] == 0 and any(counts.values()) else "",
        done=f"No new concerns. {last} Checked {clock(viewer.now)}.",
        links=links_to(viewer, ("incidents:inbox", "Open the inbox")),
    )


def my_cases(viewer: Viewer) -> Card | None:
    """Whoever owns records: next steps that are due today or overdue (INC-31)."""
    if not viewer.may(Permission.VIEW_CASES):
        return None
    due = list(steps_due(viewer.user, viewer.school, viewer.today, by=viewer.today)[: SHOWN + 1])
    if not due:
        return None
    return Card(
        title="Your next steps",
        tasks=[_step(viewer, case) for case in due[:SHOWN]],
        note="There are more." if len(due) > SHOWN else "",
        links=links_to(viewer, ("incidents:inbox", "Open the inbox")),
    )


def tasks_outside(viewer: Viewer) -> Card | None:
    """Whoever has to speak to the police or the LADO, at once or by a day (INC-33, NOT-07, NOT-08)."""
    if not viewer.may(Permission.LEAD_CASES) and not viewer.may(Permission.LEAD_STAFF_CONCERNS):
        return None
    waiting = tasks_waiting_for(viewer.user, viewer.school, viewer.today)
    if not waiting:
        return None
    tasks = []
    for task in waiting[:SHOWN]:
        name, keys = page_of(task)
        tasks.append(
            {
                "label": f"{task.incident.reference}: {task.body}",
                "url": reverse(f"incidents:{name}", args=[viewer.school.slug, *keys]),
                "hint": due_words(task),
                "kind": "attention",
                "word": "To do",
            }
        )
    return Card(
        title="Police and LADO",
        tasks=tasks,
        note="There are more." if len(waiting) > SHOWN else "",
        links=links_to(viewer, ("incidents:inbox", "Open the inbox")),
    )


def _step(viewer: Viewer, case: Incident) -> dict[str, Any]:
    late = case.next_step_on is not None and case.next_step_on < viewer.today
    return {
        "label": f"{case.reference}: {case.get_type_display()}",
        "url": viewer.url("incidents:case-actions", case.pk),
        "hint": f"By {day(case.next_step_on)}" if case.next_step_on else "",
        "kind": "attention" if late else "info",
        "word": "Overdue" if late else "Due today",
    }


def low_level(viewer: Viewer) -> Card | None:
    """Senior leaders who are not of the team: low-level behaviour that is nobody's yet (matrix 1.21)."""
    if not viewer.holds(Role.SLT) or viewer.may(Permission.LEAD_CASES):
        return None
    waiting = list_of(viewer.user, viewer.school, viewer.today, "new").count()
    if not waiting:
        return None
    url = viewer.url("incidents:inbox")
    label = f"{how_many(waiting, 'record', 'records')} of low-level behaviour without an owner"
    return Card(
        title="Low-level behaviour",
        tasks=[{"label": label, "url": f"{url}?show=new", "hint": "", "kind": "attention", "word": "No owner"}],
        links=links_to(viewer, ("incidents:inbox", "Open the inbox")),
    )
