"""Reads about records that every page of the app shares."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from core.people.models import School, User
from incidents.access import readable_by
from incidents.enums import CaseState
from incidents.models import Incident, IncidentEvent, IncidentNote, IncidentPerson


def cases_visible_to(user: Any, school: School, on: date) -> QuerySet[Incident]:
    """The records that somebody may read whole; every list, count and search of the app starts here."""
    found: QuerySet[Incident] = Incident.objects.filter(readable_by(user, school, on), school=school)
    return found


def reports_of(user: User, school: School) -> QuerySet[Incident]:
    """What somebody reported, for their own receipts: received, read, closed, and nothing of what came after it."""
    found: QuerySet[Incident] = (
        Incident.objects.filter(school=school, reporter=user)
        .exclude(state__in=[CaseState.DRAFT, CaseState.DISCARDED])
        .only("reference", "type", "state", "reported_at", "acknowledged_at", "closed_at", "school_id", "uid")
        .order_by("-reported_at", "-id")
    )
    return found


def drafts_of(user: User, school: School) -> QuerySet[Incident]:
    """What somebody began to report and has not sent."""
    found: QuerySet[Incident] = Incident.objects.filter(school=school, reporter=user, state=CaseState.DRAFT).order_by(
        "-changed_at", "-id"
    )
    return found


def people_of(incident: Incident) -> QuerySet[IncidentPerson]:
    """Who is in a record, in the order they were named."""
    found: QuerySet[IncidentPerson] = (
        IncidentPerson.objects.filter(incident=incident, removed_at__isnull=True)
        .select_related("pupil__form", "user")
        .order_by("id")
    )
    return found


def events_of(incident: Incident) -> QuerySet[IncidentEvent]:
    """Each step of a record, the oldest first."""
    found: QuerySet[IncidentEvent] = IncidentEvent.objects.filter(incident=incident).select_related("by")
    return found


def notes_of(incident: Incident) -> QuerySet[IncidentNote]:
    """What was added to a record, the oldest first, corrections beside what they correct."""
    found: QuerySet[IncidentNote] = IncidentNote.objects.filter(incident=incident).select_related("by", "corrects")
    return found
