"""Documents made from one record: what can be made of it, to whom a letter may go, and who opens what was made."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from core.kit.text import fold
from core.people.access import holds
from core.people.models import Contact, Pupil, School, User
from core.people.roles import Role
from devices.queries.taken import adults_to_tell
from incidents.enums import IncidentType, PaperKind, PersonKind, PersonRole, Route, Track
from incidents.leading import may_lead
from incidents.models import CaseDocument, Incident, IncidentPerson
from incidents.queries.course import exam_cases, pupils_in
from incidents.queries.parents import is_withheld, notices_beside

# About these a parent is told by a person, in words of their own: they are no breach of the rules for devices.
_NO_BREACH = frozenset({IncidentType.IMAGE, IncidentType.HARM_TO_CHILD, IncidentType.HARMFUL_CONTACT})
_AGAINST = (PersonRole.SUBJECT, PersonRole.ADULT_INVOLVED)


def pupils_for_letter(incident: Incident) -> list[Pupil]:
    """The pupils about whom a letter on a breach can be written: subjects, never whoever was harmed (DOC-16)."""
    if incident.route != Route.PUPIL or incident.track == Track.VICTIM or incident.type in _NO_BREACH:
        return []
    return pupils_in(incident, PersonRole.SUBJECT)


def is_kept_from_parents(incident: Incident, pupil: Pupil) -> bool:
    """Whether the DSL keeps the record, or the stay or search it is about, from this pupil's parents (CNF-13, A-11)."""
    beside = any(notice.withheld_at is not None for notice in notices_beside(incident, pupil))
    return beside or is_withheld(incident, pupil)


def adults_for_letter(incident: Incident, pupil: Pupil) -> list[Contact]:
    """To whom a letter may go: of those who may be told, nobody against whom the record runs.

    Where it runs against a parent who is not one of the pupil's contacts by that name, nobody is proposed: a person
    first says who it is.
    """
    there = IncidentPerson.objects.filter(incident=incident, removed_at__isnull=True, role__in=_AGAINST, pupil=None)
    against = list(there.select_related("user"))
    accounts = {one.user_id for one in against if one.user_id is not None}
    names = {fold(one.display_name) for one in against}
    own = {fold(one.display_name) for one in Contact.objects.filter(pupil=pupil, ended_on__isnull=True)}
    if any(one.kind == PersonKind.PARENT and fold(one.display_name) not in own for one in against):
        return []
    return [
        one
        for one in adults_to_tell(incident.school, pupil)
        if one.account_id not in accounts and fold(one.display_name) not in names
    ]


def papers_of(incident: Incident) -> QuerySet[CaseDocument]:
    """What was made of a record, the newest first, without the documents themselves."""
    found: QuerySet[CaseDocument] = CaseDocument.objects.filter(incident=incident)
    return found.select_related("made_by").defer("content").order_by("-made_at", "-id")


def exam_papers_of(incident: Incident) -> QuerySet[CaseDocument]:
    """The reports to an exam body among them, for the page of the exam."""
    return papers_of(incident).filter(kind=PaperKind.EXAM)


def may_open(user: User, paper: CaseDocument, on: date) -> bool:
    """Whether `user`, who reads the record or its exam report, opens this document of it: whoever leads on the record,
    and the exams officer an exam report."""
    case = paper.incident
    assert case is not None
    if paper.kind != PaperKind.EXAM:
        return may_lead(user, case)
    may = exam_cases(user, case.school, on).filter(pk=case.pk).exists()
    return may and (holds(user, case.school, Role.EXAMS_OFFICER) or may_lead(user, case))


def papers_in(school: School) -> QuerySet[CaseDocument]:
    """Every document made of a record of the school; `may_open` says for whom."""
    found: QuerySet[CaseDocument] = CaseDocument.objects.filter(school=school, incident__isnull=False)
    return found.select_related("incident__school")
