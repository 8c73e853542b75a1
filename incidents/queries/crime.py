"""A suspected crime: what asks for the police and the LADO, by when, whose task it is, and what is still open."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, QuerySet

from core.kit.times import day
from core.people.access import has
from core.people.calendar import calendar_for
from core.people.enums import DayTimeKey
from core.people.models import School, User
from core.people.queries import dsls_for, holders_of
from core.people.roles import HEAD_ROLES, Permission, Role
from core.rules.catalogue import UNSPECIFIED
from devices.enums import HoldReason
from devices.models import CustodyRecord, EvidenceHold
from incidents.access import ABOUT_STAFF, IN_THE_HEADS_PLACE, readers_among
from incidents.enums import IncidentType, OutsideBody, Route, TellState, TellWhy
from incidents.models import Incident, Notification, StaffConcern
from incidents.queries.cases import cases_visible_to
from incidents.queries.parents import rules_of
from incidents.queries.staff_concerns import concern_of, lado_by, outside_needed
from incidents.routing import CRIME

# As it stands on the list: the police are told of a pupil's device, and take it if they want it (CNF-11, INC-33).
HANDOVER = "Police, about the device"
_SUSPECTED_HOLDS = (HoldReason.ILLEGAL_MATERIAL, HoldReason.CRIME)
_STAFF_CRIME = frozenset({IncidentType.STAFF_CONTENT})


def is_crime_suspected(incident: Incident) -> bool:
    """Whether a report is of what may be a crime by itself: its type, or why its device is held (NOT-07)."""
    if incident.route in ABOUT_STAFF:
        return incident.type in _STAFF_CRIME
    if incident.route != Route.PUPIL or incident.type == IncidentType.IMAGE:  # images have a course of their own
        return False
    held = EvidenceHold.objects.filter(custody=incident.custody_id, ended_at__isnull=True, reason__in=_SUSPECTED_HOLDS)
    return incident.type in CRIME or (incident.custody_id is not None and held.exists())


def bodies_for(incident: Incident, concern: StaffConcern | None) -> list[str]:
    """Who outside is asked for: about a pupil the police; about staff, until it is classed, both (NOT-07, NOT-08)."""
    if incident.route not in ABOUT_STAFF:
        return [HANDOVER] if is_crime_suspected(incident) else []
    if concern is not None and concern.meets_threshold is not None:
        return [body.label for body in outside_needed(concern)]
    return [body.label for body in OutsideBody] if is_crime_suspected(incident) else []


def due_of_task(incident: Incident, concern: StaffConcern | None, at: datetime) -> datetime:
    """At once where a crime is suspected; of an allegation alone, office close one working day on (SG-7, NOT-08)."""
    alone = concern is not None and concern.meets_threshold is not None and not concern.needs_outside
    if not alone:
        return at
    return calendar_for(incident.school).at(lado_by(incident), DayTimeKey.OFFICE_CLOSE) or at


def handover_rule(incident: Incident) -> str:
    """When the school's rules have a pupil's device handed to the police; “unspecified” where a person decides."""
    return str(rules_of(incident).police_handover_pupil_device)


def handover_is_silent(incident: Incident) -> bool:
    """Whether the rules say nothing, so that the decision of a person is kept (matrix 0.3)."""
    return handover_rule(incident) == UNSPECIFIED


def leaders_of(incident: Incident, on: date) -> list[User]:
    """Who hears of a suspected crime and may act on it: DSL and head; where the head is the subject those in their
    place. Whom a record is about is never among them (NOT-07, NOT-08, STA-17)."""
    school = incident.school
    if incident.route in ABOUT_STAFF:
        concern = concern_of(incident)
        about_head = concern is not None and concern.head_is_subject
        people = (
            holders_of(school, *IN_THE_HEADS_PLACE, on=on)
            if about_head
            else [*holders_of(school, Role.HEADTEACHER, on=on), *dsls_for(school, incident.phase)]
        )
    else:
        people = [*dsls_for(school, incident.phase), *holders_of(school, *HEAD_ROLES, on=on)]
    return [one for one in readers_among(dict.fromkeys(people), incident, on) if is_led_by(one, incident)]


def tasks_of(incident: Incident) -> QuerySet[Notification]:
    """The tasks that a suspected crime asks for, open and done, in the order they were opened."""
    found: QuerySet[Notification] = Notification.objects.filter(incident=incident, why=TellWhy.CRIME)
    return found.select_related("owner", "told_by").order_by("id")


def handovers_open(school: School, stay: CustodyRecord) -> QuerySet[Notification]:
    """The open tasks that are done when this stay's device goes to the police."""
    about = Q(incident__custody=stay)
    if stay.device_id is not None:
        about |= Q(incident__custody__isnull=True, incident__device=stay.device_id)
    found: QuerySet[Notification] = Notification.objects.filter(
        about, school=school, why=TellWhy.CRIME, body=HANDOVER, state=TellState.NEEDED
    )
    return found.order_by("incident_id", "id")


def tasks_waiting_for(user: User, school: School, on: date) -> list[Notification]:
    """The open tasks that wait for somebody: their own, those of their records, and those whose owner has left."""
    ownerless = Q(owner__isnull=True) | Q(owner__is_active=False)
    found = Notification.objects.filter(
        Q(owner=user) | Q(incident__owner=user) | ownerless, school=school, why=TellWhy.CRIME, state=TellState.NEEDED
    ).filter(incident__in=cases_visible_to(user, school, on))
    rows = found.select_related("incident__school", "owner").order_by("due_at", "id")
    return [row for row in rows if row.incident.is_open and is_led_by(user, row.incident)]


def is_led_by(user: User, incident: Incident) -> bool:
    """Whether a task of the record is one for this person: low-level behaviour's own people have none."""
    needed = Permission.LEAD_STAFF_CONCERNS if incident.route in ABOUT_STAFF else Permission.LEAD_CASES
    return has(user, needed, incident.school)


def page_of(task: Notification) -> tuple[str, list[int]]:
    """The page where a task is done: the name of its address and what that takes. About staff it is a call that is
    written down whole (STA-14)."""
    if task.incident.route in ABOUT_STAFF:
        return "outside-entry", [task.incident_id]
    return "crime-task", [task.incident_id, task.pk]


def due_words(task: Notification) -> str:
    """ "At once.", or by which day."""
    later = task.due_at is not None and task.due_at > task.created_at
    return f"By {day(task.due_at)}." if later and task.due_at is not None else "At once."
