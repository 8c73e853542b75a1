"""Who handles a record before and after triage: the team, and whoever deals with low-level behaviour (matrix 1.21)."""

from __future__ import annotations

from typing import Any

from core.people.access import has
from core.people.roles import Permission
from incidents.access import ABOUT_STAFF
from incidents.enums import IncidentType, Route, Track
from incidents.leading import may_lead, need_leader
from incidents.models import Incident

# What low-level behaviour never is: senior leaders and teachers read those records.
NEVER_LOW_LEVEL = frozenset({IncidentType.IMAGE, IncidentType.HARM_TO_CHILD, IncidentType.HARMFUL_CONTACT})


def is_of_the_team(user: Any, incident: Incident) -> bool:
    """Whether `user` leads on every record of this road, and not on low-level behaviour alone."""
    needed = Permission.LEAD_STAFF_CONCERNS if incident.route in ABOUT_STAFF else Permission.LEAD_CASES
    return has(user, needed, incident.school)


def may_handle(user: Any, incident: Incident) -> bool:
    """Whether `user` leads on the record, or was given a reported one that may be found low-level behaviour."""
    was_given = user is not None and incident.owner_id == user.pk
    return may_lead(user, incident) or (was_given and incident.route == Route.PUPIL and not incident.track)


def need_handler(actor: Any, incident: Incident) -> None:
    """Raise `NotPermitted` unless `actor` may handle the record."""
    if not may_handle(actor, incident):
        need_leader(actor, incident)


def may_own(user: Any, incident: Incident) -> bool:
    """The team owns everything it reads; others what is low-level behaviour, or reported and not yet more than that."""
    if is_of_the_team(user, incident):
        return True
    if incident.route != Route.PUPIL or not has(user, Permission.VIEW_CASES, incident.school):
        return False
    if incident.urgent or incident.concern_for_child or incident.is_serious or incident.type in NEVER_LOW_LEVEL:
        return False
    return incident.track in ("", Track.LOW_LEVEL)
