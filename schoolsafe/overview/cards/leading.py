"""Cards of DSLs, heads, governors and those who read the record; and everybody's notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.kit.suppression import SMALL
from core.kit.times import day, moment
from core.notices.queries import unread_count, urgent_open
from core.people.hooks import rules_on
from core.people.queries import role_gaps
from core.people.roles import DSL_ROLES, Permission, Role
from core.roll.queries import open_proposals
from core.rules.queries import future_changes
from devices.queries import day_totals, handin_types
from schoolsafe.overview.cards.base import SHOWN, Card, Viewer, how_many, links_to
from schoolsafe.overview.queries import named_roles, refusals_since, rules_last_changed

FEW = SMALL  # a smaller number could point at a child (ux §5, Governors)

GOVERNING = frozenset(
    {
        Role.GOVERNOR,
        Role.SAFEGUARDING_GOVERNOR,
        Role.CHAIR,
        Role.ONLINE_SAFETY_HOLDER,
        Role.GROUP_SAFEGUARDING_HEAD,
        Role.REGIONAL_DIRECTOR,
    }
)


def urgent_notices(viewer: Viewer) -> Card | None:
    """For everybody when there are any; for DSLs and deputies always, so that none is seen to be none."""
    urgent = urgent_open(viewer.user, viewer.school)
    if not urgent and not viewer.holds(*DSL_ROLES):
        return None
    return Card(
        title="Urgent notices",
        tasks=[
            {
                "label": notice.subject,
                "url": viewer.url("notices:notice", notice.pk),
                "hint": f"Since {moment(notice.created_at, viewer.now)}",
                "kind": "stop",
                "word": "Acknowledge",
            }
            for notice in urgent[:SHOWN]
        ],
        done="No urgent notice waits for you.",
        links=links_to(viewer, ("notices:inbox", "Open your inbox")),
    )


def proposed_do_not_inform(viewer: Viewer) -> Card | None:
    """Contacts about whom the DSL has to decide, because a list that was imported spoke of a court order (ORG-13)."""
    if not viewer.may(Permission.SET_DO_NOT_INFORM):
        return None
    waiting = open_proposals(viewer.school).count()
    url = viewer.url("roll:confirm-do-not-inform")
    return Card(
        title="Contacts to decide on",
        tasks=[
            {
                "label": how_many(waiting, "contact with a court-order note", "contacts with court-order notes"),
                "url": url,
                "hint": "Decide whether the school tells them anything.",
                "kind": "attention",
                "word": "Decide",
            }
        ]
        if waiting
        else [],
        done="No contact waits for your decision.",
    )


def rule_changes(viewer: Viewer) -> Card | None:
    """Changes of the rules that are on their way, for those who answer for them (ORG-16, NOT-22)."""
    leading = (Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, Role.SLT, Role.DSL, Role.DEPUTY_DSL, Role.ADMINISTRATOR)
    if not viewer.may(Permission.VIEW_RULES) or not viewer.holds(*leading):
        return None
    coming = future_changes(viewer.school, viewer.today)
    return Card(
        title="Changes of the rules",
        tasks=[
            {
                "label": change.title,
                "url": viewer.url("rules:coming"),
                "hint": f"From {day(change.effective_from)}",
                "kind": "info",
                "word": "On the way",
            }
            for change in coming[:SHOWN]
        ],
        done="No change of the rules is on the way.",
        links=links_to(viewer, ("rules:overview", "Rules")),
    )


def governance(viewer: Viewer) -> Card | None:
    """Who holds which post, when the rules last changed, and two figures; small numbers are hidden (ux §5)."""
    if not viewer.may(Permission.VIEW_GOVERNORS) or not viewer.holds(*GOVERNING):
        return None
    facts: list[dict[str, Any]] = [
        {
            "label": f"{role.label}{f', {phase.lower()}' if phase else ''}",
            "value": ", ".join(person.full_name for person in people),
        }
        for role, phase, people in named_roles(viewer.school, viewer.today)
    ]
    facts += [{"label": "Not named", "value": sentence} for sentence in role_gaps(viewer.school)]
    changed = rules_last_changed(viewer.school, viewer.today)
    facts.append({"label": "Rules last changed", "value": day(changed) if changed else "", "missing": "Never set"})
    coming = future_changes(viewer.school, viewer.today)
    if coming:
        facts.append({"label": "Next change of the rules", "value": day(coming[0].effective_from)})
    rules = rules_on(viewer.school, viewer.today)
    if rules is not None:
        totals = day_totals(viewer.school, viewer.today, handin_types=handin_types(viewer.school, viewer.today))
        facts.append({"label": "Devices handed in today", "value": few(totals.handed_in)})
        facts.append({"label": "Devices not collected", "value": few(totals.uncollected)})
    return Card(
        title="Who answers for what",
        facts=facts,
        note="Figures under five are hidden, so that no child can be recognised.",
        links=links_to(viewer, ("incidents:figures", "Concerns in figures"), ("rules:overview", "Rules")),
    )


def few(number: int) -> str:
    """A figure for governors: none, "fewer than 5", or the number."""
    return "none" if number == 0 else f"fewer than {FEW}" if number < FEW else str(number)


def record_kept(viewer: Viewer) -> Card | None:
    """The record, for those whose work it is to read it (ORG-09, ORG-10)."""
    if not viewer.may(Permission.VIEW_AUDIT) or not viewer.holds(Role.DATA_PROTECTION_LEAD, Role.HEADTEACHER):
        return None
    refused = refusals_since(viewer.school, viewer.now - timedelta(days=7))
    url = viewer.url("overview:record")
    return Card(
        title="The record",
        tasks=[
            {
                "label": how_many(refused, "refusal in the last 7 days", "refusals in the last 7 days"),
                "url": f"{url}?outcome=refused",
                "kind": "info",
                "word": "Look",
            }
        ]
        if refused
        else [],
        done="Nobody was refused anything in the last 7 days.",
        links=links_to(viewer, ("overview:record", "Open the record")),
    )


def inbox(viewer: Viewer) -> Card | None:
    """What else was told to this person."""
    if not viewer.may(Permission.VIEW_INBOX):
        return None
    waiting = unread_count(viewer.user, viewer.school)
    return Card(
        title="Inbox",
        tasks=[
            {
                "label": how_many(waiting, "notice waits", "notices wait"),
                "url": viewer.url("notices:inbox"),
                "kind": "info",
                "word": "Unread",
            }
        ]
        if waiting
        else [],
        done="No new notices.",
        links=links_to(viewer, ("notices:inbox", "Open your inbox")),
    )
