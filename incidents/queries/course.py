"""What follows a report, as its pages need it: sanctions, plans, advice, debrief, exam, repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet

from core.people.access import holds
from core.people.calendar import LONDON, calendar_for
from core.people.models import Pupil, School, User
from core.people.queries import holders_of
from core.people.roles import DSL_ROLES, Role
from core.rules.queries import UNSPECIFIED, decisions_about
from core.rules.words import settings_in, words_for
from devices.queries.taken.release import repeat_window
from incidents.access import IN_THE_HEADS_PLACE, about_me, readers_among
from incidents.enums import (
    CaseEventKind,
    CaseState,
    IncidentType,
    PersonKind,
    PersonRole,
    PlanState,
    Route,
    Track,
)
from incidents.models import (
    AdviceRecord,
    Debrief,
    ExamReport,
    Incident,
    IncidentEvent,
    IncidentPerson,
    Lesson,
    PlanReview,
    Sanction,
    SupportPlan,
)
from incidents.queries.cases import cases_visible_to

_OUT = ("exclu", "suspen")
_TEAM = (*DSL_ROLES, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, *IN_THE_HEADS_PLACE)


def pupils_in(incident: Incident, *roles: PersonRole) -> list[Pupil]:
    """The pupils who are in a record as one of `roles`, each once, in the order they were named."""
    there = IncidentPerson.objects.filter(
        incident=incident, removed_at__isnull=True, kind=PersonKind.PUPIL, role__in=roles
    ).select_related("pupil__form")
    return list({person.pupil_id: person.pupil for person in there.order_by("id")}.values())


def lines_of(rules: Any, key: str) -> list[tuple[str, str]]:
    """A list rule's values with their words, as a form offers them; none where the rules are silent."""
    said = getattr(rules, key)
    if said == UNSPECIFIED:
        return []
    words = settings_in(words_for(rules))[key].values
    return [(str(line), words.get(line) or str(line)[:1].upper() + str(line)[1:]) for line in said]


# --- Sanctions --------------------------------------------------------------------------------------------------------


def excludes(kind: str) -> bool:
    """Whether the name of a sanction says that it takes a pupil out of lessons or school (INC-09)."""
    return any(word in kind.lower() for word in _OUT)


def may_exclude(user: Any, school: School, rules: Any) -> bool:
    """Whether this person decides a sanction that excludes: the head alone, or a senior leader where the rules say so;
    where they are silent the head, who keeps the decision (INC-09, matrix 1.21)."""
    if rules.exclusion_decided_by == "slt":
        return holds(user, school, Role.HEADTEACHER, Role.SLT)
    return holds(user, school, Role.HEADTEACHER)


def sanctions_of(incident: Incident) -> QuerySet[Sanction]:
    """The sanctions of a record, those withdrawn among them."""
    found: QuerySet[Sanction] = Sanction.objects.filter(incident=incident)
    return found.select_related("pupil", "reviewer", "decided_by").order_by("id")


def pupils_for_sanction(incident: Incident) -> list[Pupil]:
    """Whom a sanction can be for: the pupils the record is about, never whoever was harmed (INC-10)."""
    if incident.track == Track.VICTIM:
        return []
    harmed = {pupil.pk for pupil in pupils_in(incident, PersonRole.AFFECTED)}
    return [pupil for pupil in pupils_in(incident, PersonRole.SUBJECT) if pupil.pk not in harmed]


def needs_plan(incident: Incident, rules: Any) -> bool:
    """Whether support has to stand beside what was decided: with a sanction for serious behaviour where the rules fix
    who alone decides (INC-09), and at level 1 (INC-13)."""
    if incident.level == 1:
        return True
    serious = incident.track == Track.SERIOUS and rules.exclusion_decided_by != UNSPECIFIED
    return serious and Sanction.objects.filter(incident=incident, withdrawn_at__isnull=True).exists()


# --- Support plans ----------------------------------------------------------------------------------------------------


def plans_of(incident: Incident) -> QuerySet[SupportPlan]:
    """The support plans of a record."""
    found: QuerySet[SupportPlan] = SupportPlan.objects.filter(incident=incident).select_related("pupil", "owner")
    return found.order_by("id")


def reviews_of(plan: SupportPlan) -> QuerySet[PlanReview]:
    """The reviews of a plan, the newest first."""
    found: QuerySet[PlanReview] = PlanReview.objects.filter(plan=plan).select_related("by").order_by("-at", "-id")
    return found


def open_plans(user: Any, school: School, on: date) -> QuerySet[SupportPlan]:
    """Every plan that has not ended, of the records this person reads, the longest overdue first (INC-18)."""
    found: QuerySet[SupportPlan] = (
        SupportPlan.objects.filter(school=school, incident__in=cases_visible_to(user, school, on).values("pk"))
        .exclude(state=PlanState.ENDED)
        .select_related("pupil__form", "owner", "incident")
        .order_by("review_on", "id")
    )
    return found


def readers_to_choose(incident: Incident, on: date) -> list[User]:
    """The people who can be given a part of a record: those of the team and let in who may read it."""
    school = incident.school
    let_in = Q(pk__in=incident.access.filter(ended_at__isnull=True).values("user")) | Q(pk=incident.owner_id)
    roles = [*_TEAM, *([Role.SLT] if incident.track == Track.LOW_LEVEL else [])]
    people = User.objects.filter(
        Q(pk__in=holders_of(school, *roles, on=on).values("pk")) | let_in, is_active=True
    ).order_by("family_name", "given_name", "pk")
    return readers_among(people, incident, on)


# --- Advice -----------------------------------------------------------------------------------------------------------


def advice_of(incident: Incident) -> QuerySet[AdviceRecord]:
    """The questions asked about a record and what came of them."""
    found: QuerySet[AdviceRecord] = AdviceRecord.objects.filter(incident=incident)
    return found.select_related("asked_by", "answered_by").order_by("id")


_SEEKERS = {"dsl": Role.DSL, "deputy": Role.DEPUTY_DSL, "headteacher": Role.HEADTEACHER}


def may_seek_advice(user: Any, school: School, rules: Any) -> bool:
    """Whether the rules let this person ask; where they are silent, the team asks and keeps why (INC-25, A-54)."""
    said = rules.advice_seekers
    if said == UNSPECIFIED:
        return holds(user, school, *_SEEKERS.values())
    if "staff" in said:
        return True
    return holds(user, school, *(role for key, role in _SEEKERS.items() if key in said))


# --- Debrief ----------------------------------------------------------------------------------------------------------


def debrief_of(incident: Incident) -> Debrief | None:
    """The debrief of a record, once it was held."""
    return Debrief.objects.filter(incident=incident).first()


def lessons_of(incident: Incident) -> QuerySet[Lesson]:
    """What the debrief of a record found."""
    found: QuerySet[Lesson] = Lesson.objects.filter(debrief__incident=incident)
    return found.select_related("document", "owner", "debrief").order_by("id")


def debrief_decision(incident: Incident) -> str:
    """What a person decided about a debrief where the rules are silent: "yes", "no", or nothing yet."""
    made = decisions_about(incident.school, Incident._meta.label_lower, incident.pk).filter(key="debrief_required")
    found = made.order_by("-id").first()
    return str(found.decision) if found is not None else ""


def was_investigated(incident: Incident) -> bool:
    """Whether it was taken into review, or somebody said that its investigation ended (A-64)."""
    if incident.investigation_ended_at is not None:
        return True
    return IncidentEvent.objects.filter(incident=incident, kind=CaseEventKind.REVIEWED).exists()


# --- Exams ------------------------------------------------------------------------------------------------------------


def exam_cases(user: Any, school: School, on: date) -> QuerySet[Incident]:
    """The records whose exam report this person sees: those they read, and for the exams officer every record of a
    device in an exam that says nothing of themselves; of it they see the exam report alone (NOT-15, law JC-3)."""
    may = Q(pk__in=cases_visible_to(user, school, on).values("pk"))
    if holds(user, school, Role.EXAMS_OFFICER):
        officers = Q(type=IncidentType.EXAM_POSSESSION, route=Route.PUPIL)
        may |= officers & ~Q(state__in=[CaseState.DRAFT, CaseState.DISCARDED]) & ~about_me(user)
    found: QuerySet[Incident] = Incident.objects.filter(may, school=school)
    return found


def exam_of(incident: Incident) -> ExamReport | None:
    """The exam report of a record."""
    return ExamReport.objects.filter(incident=incident).select_related("reported_by").first()


# --- Repeats ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repeats:
    """How often records of one type name a pupil within the rule's time; it proposes nothing (INC-36)."""

    pupil: Pupil
    window: str
    cases: Sequence[Incident]


def repeats_of(incident: Incident, user: Any, rules: Any, on: date) -> list[Repeats]:
    """For each pupil a record is about, the others of the same type that this person reads, the newest first.

    Those joined to another count once, by the record they were joined to.
    """
    day = incident.happened_at.astimezone(LONDON).date() if incident.happened_at else on
    since, window = repeat_window(calendar_for(incident.school), rules.repeat_window, day)
    pupils = pupils_in(incident, PersonRole.SUBJECT)
    others = (
        cases_visible_to(user, incident.school, on)
        .filter(
            type=incident.type,
            happened_at__gte=datetime.combine(since, time.min, LONDON),
            happened_at__lte=incident.happened_at,
            people__pupil__in=pupils,
            people__role=PersonRole.SUBJECT,
            people__removed_at__isnull=True,
        )
        .exclude(pk=incident.pk)
        .exclude(state=CaseState.MERGED)
        .values_list("people__pupil", "pk")
    )
    by_pupil: dict[int, list[int]] = {}
    for pupil_id, key in others:
        by_pupil.setdefault(pupil_id, []).append(key)
    rows = Incident.objects.only("reference", "state", "happened_at", "school_id", "uid").in_bulk(
        {key for keys in by_pupil.values() for key in keys}
    )
    return [
        Repeats(pupil, window, [rows[key] for key in sorted(set(by_pupil.get(pupil.pk, [])), reverse=True)])
        for pupil in pupils
    ]
