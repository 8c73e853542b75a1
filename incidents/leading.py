"""Who may act on a record that they read: the team, those who lead on staff, and low-level behaviour's own people."""

from __future__ import annotations

from typing import Any

from core.people.access import NotPermitted, has, holds
from core.people.models import User
from core.people.roles import Permission
from incidents.access import ABOUT_STAFF, LOW_LEVEL_READERS
from incidents.enums import Route, Track
from incidents.models import Incident


def may_lead(user: Any, incident: Incident) -> bool:
    """Whether `user`, who reads the record, may also decide about it (matrix 1.21, INC-08).

    About staff: who leads on staff concerns. Else the safeguarding team and the head; on low-level behaviour also
    whoever was given it, and senior leaders. Somebody let in to investigate or advise reads, adds, and decides nothing.
    """
    school = incident.school
    if incident.route in ABOUT_STAFF:
        return has(user, Permission.LEAD_STAFF_CONCERNS, school)
    if has(user, Permission.LEAD_CASES, school):
        return True
    low_level = incident.route == Route.PUPIL and incident.track == Track.LOW_LEVEL
    return low_level and user is not None and (incident.owner_id == user.pk or holds(user, school, *LOW_LEVEL_READERS))


def need_leader(actor: User, incident: Incident) -> None:
    """Raise `NotPermitted` unless `actor` may decide about the record."""
    if not may_lead(actor, incident):
        raise NotPermitted("Your role does not allow this. Ask the DSL.", rule="matrix 1.21")
