"""Who hears of a report: by road and phase, urgently where it must be acknowledged, nobody who may not read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import deputies_for, dsls_for, holders_of
from core.people.roles import HEAD_ROLES, Role
from core.rules.queries import UNSPECIFIED
from incidents.access import ABOUT_STAFF, IN_THE_HEADS_PLACE, may_read
from incidents.enums import AccessReason, CaseEventKind, IncidentType, Route
from incidents.models import CaseAccess, Incident, StaffConcern
from incidents.operations.moves import step
from incidents.queries.crime import is_crime_suspected
from incidents.queries.parents import rules_of
from incidents.routing import OWN_CONTACT


def tell_the_team(case: Incident, at: datetime) -> list[User]:
    """Put a reported record before those who read it, inside the caller's operation; returns them.

    ORG-02: the DSL of the phase, or all. Urgent ones go to the deputies too and on to the head after 15 minutes
    (NOT-04). Crime or illegal material, and contact received: the head as well (NOT-07, NOT-14). About staff: head and
    DSL, never a subject; about the head: chair and group head of safeguarding, and then nobody else (NOT-08, STA-17).
    About a visitor: as the rules say, and the time is an event of the record (NOT-13, VIS-13).
    """
    told = _readers(case, at)
    notify(
        school=case.school,
        recipients=told,
        kind="incidents.reported",
        subject="A concern was reported: act now" if case.urgent else "A concern was reported",
        body="Open it and acknowledge it. If a child is in danger now, act first." if case.urgent else "",
        url=reverse("incidents:case", args=[case.school.slug, case.pk]),
        at=at,
        urgent=case.urgent,
        dedupe_key=f"incidents.reported:{case.pk}",
        escalate_to=Role.HEADTEACHER if _goes_to_the_head(case, at) else told,
    )
    if case.type == IncidentType.EXAM_POSSESSION:
        _tell_of_exam(case, at)
    if case.route == Route.VISITOR and told:
        step(case, CaseEventKind.TOLD, actor=None, at=at, about=f"Of a visitor’s breach: {_posts(case, told, at)}")
    return told


def tell_of_addition(case: Incident, at: datetime) -> None:
    """Whoever owns a record, or else reads it, hears that something was added to it (law SG-3)."""
    owner = case.owner
    of_owner = owner is not None and may_read(owner, case, london_day(at))
    notify(
        school=case.school,
        recipients=[owner] if owner is not None and of_owner else _readers(case, at),
        kind="incidents.added",
        subject="Something was added to a record",
        url=reverse("incidents:case", args=[case.school.slug, case.pk]),
        at=at,
        dedupe_key=f"incidents.added:{case.pk}:{case.version}",
    )


def _readers(case: Incident, at: datetime) -> list[User]:
    """Those of the people below who may read it; the heads where nobody else does, but for what is about staff."""
    day = london_day(at)
    told = [user for user in _people(case, at) if may_read(user, case, day)]
    if told or case.route in ABOUT_STAFF:
        return told
    return [user for user in holders_of(case.school, *HEAD_ROLES, on=day) if may_read(user, case, day)]


def _people(case: Incident, at: datetime) -> Iterable[User]:
    """Whom the notices of matrix 2.7 name for this record; some of them may be barred from it."""
    school, day = case.school, london_day(at)
    head = holders_of(school, Role.HEADTEACHER, on=day)
    if case.route in ABOUT_STAFF:
        if StaffConcern.objects.filter(incident=case, head_is_subject=True).exists():
            return holders_of(school, *IN_THE_HEADS_PLACE, on=day)
        return [*head, *dsls_for(school, case.phase)]
    people = [*dsls_for(school, case.phase)]
    if case.urgent or not people:
        people += deputies_for(school)
    if is_crime_suspected(case) or case.type in OWN_CONTACT | {IncidentType.EXAM_POSSESSION}:
        people += holders_of(school, *HEAD_ROLES, on=day)
    if case.route == Route.VISITOR and "headteacher" in _visitor_rule(case):
        people += head
    if case.route == Route.SYSTEM:
        people += holders_of(school, Role.FILTERING_LEAD, on=day)
    return people


def _visitor_rule(case: Incident) -> Collection[str]:
    """Whom the rules name for a visitor's breach: one of them suffices, and the DSL, who reads it, is always told."""
    rule: Any = rules_of(case).visitor_breach_tells
    return () if rule == UNSPECIFIED else rule


def _posts(case: Incident, told: Iterable[User], at: datetime) -> str:
    """The posts of those who were told, without a name: the event is plain in the database (VIS-13)."""
    keys, posts = {user.pk for user in told}, (Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL)
    there = [role for role in posts if keys & {user.pk for user in holders_of(case.school, role, on=london_day(at))}]
    return ", ".join(role.label for role in there)


def _goes_to_the_head(case: Incident, at: datetime) -> bool:
    """Whether the head, and the deputies before them, may be asked when nobody acknowledges: not about staff (STA-17),
    and not where one of them is barred from the record."""
    if case.route in ABOUT_STAFF:
        return False
    chain = holders_of(case.school, Role.DEPUTY_DSL, *HEAD_ROLES, phase=case.phase, on=london_day(at))
    return all(may_read(user, case, london_day(at)) for user in chain)


def _tell_of_exam(case: Incident, at: datetime) -> None:
    """The exams officer is let in to make the report to the exam body, and told the same day (NOT-15, INC-35)."""
    officers = _exams_officers(case.school, at)
    for officer in officers:
        if CaseAccess.objects.filter(incident=case, user=officer, ended_at__isnull=True).exists():
            continue
        access = CaseAccess(
            school=case.school, incident=case, user=officer, reason=AccessReason.INVESTIGATOR, given_at=at,
            given_by=case.reporter,
        )  # fmt: skip
        access.stamp(by=case.reporter, at=at)
        access.save()
        step(case, CaseEventKind.ACCESS, actor=case.reporter, at=at, about="The exams officer is let in")
    notify(
        school=case.school,
        recipients=[officer for officer in officers if may_read(officer, case, london_day(at))],
        kind="incidents.exam",
        subject="Something to report about an exam",
        url=reverse("incidents:case", args=[case.school.slug, case.pk]),
        at=at,
        dedupe_key=f"incidents.exam:{case.pk}",
    )


def _exams_officers(school: School, at: datetime) -> list[User]:
    return list(holders_of(school, Role.EXAMS_OFFICER, on=london_day(at)))
