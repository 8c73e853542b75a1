"""Telling staff of changes of rules, 28, 7 and 0 days before (NOT-22)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django_scopes import scope

from core.audit.operations import operation, record
from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import School
from core.people.queries import staff_of
from core.rules import queries
from core.rules.catalogue import say_date
from core.rules.models import RuleAnnouncement
from core.rules.operations.changing import locked_school


@operation("rules.announce_changes")
def announce_changes_of(*, school: School, at: datetime, actor: Any = None, submission: UUID | None = None) -> int:
    """Tell all staff of the changes whose 28, 7 or 0 days have come, each step once (NOT-22). Returns how many."""
    locked_school(school)
    today = london_day(at)
    due = queries.announcements_due(school, today=today)
    staff = staff_of(school)
    grouped: dict[tuple[date, int], list[queries.Announcement]] = {}
    for step, found in due:
        grouped.setdefault((found.effective_from, step), []).append(found)
    for (day, step), together in grouped.items():
        count = sum(len(found.changes) for found in together)
        notify(
            school=school,
            recipients=staff,
            kind="rules_change",
            subject=_subject(day, today, count),
            url=reverse("rules:coming", args=[school.slug]),
            at=at,
            dedupe_key=f"rules:{together[0].batch}:{step}",
        )
        for found in together:
            RuleAnnouncement(
                school=school,
                batch=found.batch,
                effective_from=day,
                days=step,
                sent_at=at,
                recipients=len(staff),
            ).save()
    record(
        school=school,
        actor=actor,
        action="rules.announce_changes",
        at=at,
        obj=school,
        detail={"steps": sorted({step for step, _found in due}), "changes": len(due), "staff": len(staff)},
        submission=submission,
    )
    return len(due)


def _subject(day: date, today: date, count: int) -> str:
    """What the notice says: how many rules, and when; never more, because the body goes by email."""
    what, left = ("A rule of the school" if count == 1 else f"{count} rules of the school"), (day - today).days
    if left < 0:
        return f"{what} {'has' if count == 1 else 'have'} changed on {say_date(day)}"
    changes = "changes" if count == 1 else "change"
    when = {0: "today", 1: f"tomorrow, {say_date(day)}"}.get(left, f"on {say_date(day)}, in {left} days")
    return f"{what} {changes} {when}"


def announce_changes(*, at: datetime) -> int:
    """In every school, tell staff of changes of rules that are due to be told (NOT-22). Returns how many were told."""
    told = 0
    for school in School.objects.filter(rules_version__gt=0):
        with scope(school=school):
            if queries.announcements_due(school, today=london_day(at)):
                told += announce_changes_of(school=school, at=at)
    return told
