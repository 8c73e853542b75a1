"""Cards of those who set the school up: what is not settled, the roll, accounts, the worker and the mailer."""

from __future__ import annotations

from typing import Any

from core.kit.times import moment
from core.notices.queries import service_state
from core.people.queries import role_gaps, set_up_lines
from core.people.roles import Permission, Role
from core.roll.queries import running_import
from core.rules.queries import unspecified_keys
from schoolsafe.overview.cards.base import SHOWN, Card, Viewer, how_many, links_to
from schoolsafe.overview.queries import without_second_step


def gaps(viewer: Viewer) -> Card | None:
    """What the school still has to name or settle, for head, SLT and administrator (ORG-02, ORG-21)."""
    if not viewer.holds(Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.SLT, Role.ADMINISTRATOR):
        return None
    staff = viewer.url("people:staff") or viewer.url("people:roles")
    tasks: list[dict[str, Any]] = [
        {"label": sentence, "url": staff, "kind": "attention", "word": "Name someone"}
        for sentence in role_gaps(viewer.school)
    ]
    unsettled = len(unspecified_keys(viewer.school, viewer.today))
    if unsettled:
        tasks.append(
            {
                "label": how_many(unsettled, "rule is not settled", "rules are not settled"),
                "url": viewer.url("rules:unsettled"),
                "hint": "Where the rules are silent, staff record a decision each time.",
                "kind": "info",
                "word": "Look",
            }
        )
    return Card(title="To settle", tasks=tasks, done="Every post is named and every rule is settled.")


def set_up(viewer: Viewer) -> Card | None:
    """What a new school has still to do before its first day, until the list is finished (ORG-01, ORG-15)."""
    if viewer.school.set_up_at is not None or not viewer.may(Permission.MANAGE_SCHOOL):
        return None
    lines = set_up_lines(viewer.school, viewer.today)
    left = [line.label for line in lines if not line.state.done]
    return Card(
        title="Set-up",
        tasks=[
            {
                "label": f"{len(left)} of {len(lines)} steps are left" if left else "Every step is done",
                "url": viewer.url("people:set-up"),
                "hint": ", ".join(left) if left else "Finish the list to leave set-up behind.",
                "word": "To do",
            }
        ],
    )


def roll_running(viewer: Viewer) -> Card | None:
    """An import of the roll that is running now."""
    if not viewer.may(Permission.MANAGE_ROLL):
        return None
    running = running_import(viewer.school)
    url = viewer.url("roll:progress", running.pk) if running else ""
    return Card(
        title="Roll import",
        tasks=[{"label": "The roll is being imported", "url": url, "kind": "waiting", "word": "Running"}]
        if running
        else [],
        done="No import is running.",
        links=links_to(viewer, ("roll:list", "Roll import")),
    )


def accounts(viewer: Viewer) -> Card | None:
    """People whose role must have a second step to sign in and who have not set one up (ORG-20)."""
    if not viewer.may(Permission.MANAGE_ACCOUNTS):
        return None
    waiting = without_second_step(viewer.school, viewer.today)
    return Card(
        title="Accounts",
        tasks=[
            {
                "label": person.full_name,
                "url": viewer.url("people:staff"),
                "kind": "attention",
                "word": "No second step",
            }
            for person in waiting[:SHOWN]
        ],
        note=f"And {len(waiting) - SHOWN} more. They are asked for it when they next sign in."
        if len(waiting) > SHOWN
        else "",
        done="Everyone who must have a second step has one.",
    )


def service(viewer: Viewer) -> Card | None:
    """Whether the background worker and the mailer are well, for those who can see to it (security §5.11)."""
    if not viewer.may(Permission.MANAGE_SCHOOL):
        return None
    state = service_state(viewer.school, viewer.now)
    url = viewer.url("notices:email")
    seen = moment(state.worker_seen_at, viewer.now) if state.worker_seen_at else "never"
    tasks = []
    if state.worker_is_silent:
        tasks.append(
            {
                "label": "The background worker is silent",
                "url": url,
                "hint": f"Last heard from: {seen}. The desk works; emails and reminders wait.",
                "kind": "stop",
                "word": "See to it",
            }
        )
    if state.dead:
        tasks.append(
            {
                "label": how_many(state.dead, "email was given up", "emails were given up"),
                "url": url,
                "kind": "stop",
                "word": "See to it",
            }
        )
    elif state.mail_is_late:
        tasks.append(
            {
                "label": f"{how_many(state.waiting, 'email waits', 'emails wait')} longer than usual",
                "url": url,
                "kind": "attention",
                "word": "Look",
            }
        )
    return Card(
        title="Email and background worker",
        tasks=tasks,
        done=f"All is well. The worker was last heard from at {seen}.",
        links=links_to(viewer, ("notices:email", "Details")),
    )
