"""Who can read a record, in words, and who has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from core.audit.enums import Outcome
from core.audit.queries import entries_for
from core.people.models import User
from core.people.roles import Role
from incidents.access import IN_THE_HEADS_PLACE, LOW_LEVEL_READERS, READERS
from incidents.enums import Route, Track
from incidents.models import CaseAccess, Incident, StaffConcern

_NEWEST = 200


@dataclass(frozen=True)
class Look:
    """Somebody opened the record."""

    by: str
    at: datetime


def readers_of(incident: Incident, on: date) -> list[str]:
    """Who can read a record, as the line on its page says it: roles first, then people who were let in (ORG-10)."""
    in_the_heads_place = StaffConcern.objects.filter(incident=incident, head_is_subject=True).exists()
    roles = set(IN_THE_HEADS_PLACE if in_the_heads_place else READERS[Route(incident.route)])
    if incident.route == Route.PUPIL and incident.track == Track.LOW_LEVEL:
        roles |= LOW_LEVEL_READERS
    words = [role.label for role in Role if role in roles]
    if incident.route == Route.PUPIL and incident.owner is not None:
        words.append(incident.owner.display_name)
    let_in = CaseAccess.objects.filter(Q(until__isnull=True) | Q(until__gte=on), incident=incident, ended_at=None)
    words += [access.user.display_name for access in let_in.select_related("user").order_by("id")]
    return list(dict.fromkeys(words))


def looks_at(incident: Incident) -> list[Look]:
    """Who opened the record and when, newest first (law SG-3)."""
    entries = entries_for(
        incident.school, action="incidents.look", outcome=Outcome.VIEWED, object_type=Incident._meta.label_lower,
        object_id=incident.pk,
    )[:_NEWEST]  # fmt: skip
    rows = list(entries)
    people = User.objects.in_bulk({row.actor_id for row in rows})
    return [Look(people[row.actor_id].display_name if row.actor_id in people else "The system", row.at) for row in rows]
