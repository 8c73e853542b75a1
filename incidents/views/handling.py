"""The first panel of a record's page: who has it, what comes next, and what was joined to it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from core.people.models import User
from incidents import queries
from incidents.enums import CaseState
from incidents.leading import may_lead
from incidents.models import Incident
from incidents.operations.handling import is_of_the_team, may_handle
from incidents.queries.inbox import short_name
from incidents.views.panels import Panel

_REVIEWABLE = {CaseState.TRIAGED, CaseState.REOPENED}


def handling_panel(case: Incident, user: User) -> Panel:
    """Acknowledged, protected, the next step, joined records; and for whoever handles it the acts of the inbox."""
    joined = queries.joined_to(case, user, timezone.localdate())
    return Panel(
        key="handling",
        title="Who has it and what comes next",
        template="incidents/panels/handling.html",
        context={
            "joined": [
                {"case": one, "who": [short_name(person) for person in queries.people_of(one)]} for one in joined
            ],
        },
        links=_links(case, user),
    )


def _links(case: Incident, user: User) -> list[dict[str, str]]:
    team, open_now = is_of_the_team(user, case), case.state in queries.OPEN
    handles, leads = may_handle(user, case), may_lead(user, case)
    offered: list[tuple[str, str, Any]] = [
        ("acknowledge", "Acknowledge", team and open_now and case.acknowledged_at is None),
        ("triage", "Triage" if case.state == CaseState.REPORTED else "Class it again", handles and open_now),
        ("review", "Take into review", leads and case.state in _REVIEWABLE),
        ("next-step", "Next step", handles and open_now),
        ("assign", "Assign", leads and open_now),
        ("protect", "The child was protected", team and open_now and case.acknowledged_at is not None),
        ("raise", "Raise to safeguarding", handles and open_now and not team),
        ("merge", "Join to another record", leads and (open_now or case.state == CaseState.CLOSED)),
        ("reopen", "Open again", team and case.state == CaseState.CLOSED),
    ]
    return [
        {"label": label, "url": reverse(f"incidents:{name}", args=[case.school.slug, case.pk])}
        for name, label, wanted in offered
        if wanted
    ]
