"""Triage: how a record is answered, its risk area, its marks; raising it, taking it into review (INC-05 to INC-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import has
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import deputies_for, dsls_for
from core.people.roles import Permission, Role
from core.rules.queries import for_school
from incidents.enums import CaseEventKind, CaseState, IncidentType, NoteKind, Route, Track
from incidents.leading import need_leader
from incidents.models import Incident, IncidentNote, ParentContact, SubType
from incidents.operations.acknowledging import NotAcknowledged, take_on
from incidents.operations.guards import REVIEW_GUARDS
from incidents.operations.handling import NEVER_LOW_LEVEL, is_of_the_team, need_handler
from incidents.operations.moves import locked, step
from incidents.operations.owning import give
from incidents.operations.telling import open_lists
from incidents.routing import policies_offered


class UnableToTriage(Refusal):
    """The record is classed as it was."""


class TrackNeeded(UnableToTriage):
    """A record about a pupil is answered in one of three ways."""

    default_field = "track"


class NotLowLevel(UnableToTriage):
    """What may harm a child is not low-level behaviour."""

    default_field = "track"


class OnlyLowLevel(UnableToTriage):
    """Teachers and senior leaders deal with low-level behaviour; all else is the safeguarding team's."""

    recorded = True
    default_field = "track"


class ParentsFirst(UnableToTriage):
    """In a safeguarding case parents are told before the risk area is chosen."""

    default_field = "risk_area"


class AreaNeeded(UnableToTriage):
    """A kind, or another area, stands beside the main one."""

    default_field = "risk_area"


class NotOfThisArea(UnableToTriage):
    """The kind belongs to another area, or is on the list no longer."""

    default_field = "sub_type"


class NoTestMet(UnableToTriage):
    """Out of school the school acts when one of three tests is met."""

    default_field = "offsite_tests"


class NotSeriousNeedsReason(UnableToTriage):
    """The mark “serious” is taken off for a reason; what was told by then stays told (INC-23)."""

    recorded = True
    default_field = "not_serious_reason"


class PolicyNotOffered(UnableToTriage):
    """The school has no policy of that name for records."""

    default_field = "policies"


class NoReason(Refusal):
    """The reason has to be said."""

    default_field = "reason"


@dataclass(frozen=True)
class Classing:
    """How a record is classed: what the triage page asks."""

    track: str = ""
    title: str = ""
    risk_area: str = ""
    other_areas: tuple[str, ...] = ()
    sub_type: SubType | None = None
    between_children: bool = False
    prejudice: bool = False
    is_serious: bool = False
    offsite_tests: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()  # none said: those that the record has
    not_serious_reason: str = ""

    def values(self) -> dict[str, Any]:
        """The fields of the record."""
        return {
            "track": self.track,
            "title": self.title.strip(),
            "risk_area": self.risk_area,
            "other_areas": [area for area in self.other_areas if area != self.risk_area],
            "sub_type": self.sub_type,
            "between_children": self.between_children,
            "prejudice": self.prejudice,
            "is_serious": self.is_serious,
            "offsite_tests": list(self.offsite_tests),
        }


@dataclass(frozen=True)
class Asked:
    """What the rules have the triage of a record ask for."""

    areas: bool
    tests: bool
    parents_first: bool


def asked_of(incident: Incident) -> Asked:
    """Risk areas where the school uses them; the tests for conduct out of school; whether parents come first (INC-11).

    The rules are those of the day it happened (ORG-16).
    """
    rules = for_school(incident.school, on=london_day(incident.happened_at or incident.created_at))
    out_of_school = incident.type == IncidentType.OUT_OF_SCHOOL or (incident.is_offsite and incident.is_online)
    return Asked(
        areas=rules.risk_areas_used != "none",
        tests=rules.offsite_online_tests == "three_tests" and out_of_school and incident.route == Route.PUPIL,
        parents_first=rules.parents_informed == "direct_in_safeguarding" and incident.route == Route.PUPIL,
    )


@operation("incidents.triage")
def triage_case(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    classing: Classing,
    owner: User | None = None,
    version: int | None = None,
    submission: UUID | None = None,
) -> Incident:
    """Decide how a reported record is answered (REPORTED → TRIAGED), or class one again that was triaged before.

    Who may: whoever leads on it; a teacher who was given it, and a senior leader, as low-level behaviour alone. An
    urgent one is acknowledged first (matrix 4.4). With `owner` it is given to them; of the policies it is handled
    under there may be several (SOC-04). Raises a kind of `UnableToTriage`,
    `NotAcknowledged`, `OwnerMayNotRead`, `ChangedMeanwhile`.
    """
    held = locked(school, incident, actor, at, version=version)
    need_handler(actor, held)
    if held.urgent and held.acknowledged_at is None:
        raise NotAcknowledged("This is urgent. Acknowledge it before you triage it.", rule="matrix 4.4")
    _check(held, classing, actor)
    was_serious = held.is_serious
    values = classing.values()
    values["policies"] = list(classing.policies) or held.policies
    values["title"] = values["title"] or held.title or IncidentType(held.type).label
    about = Track(classing.track).label if classing.track else ""
    values |= _owner_stays(held, classing)
    if held.state == CaseState.REPORTED:
        values |= {"triaged_at": at, "triaged_by": actor}
        step(held, CaseEventKind.TRIAGED, CaseState.TRIAGED, actor=actor, at=at, about=about, **values)
    else:
        step(held, CaseEventKind.RECLASSIFIED, actor=actor, at=at, about=about, **values)
    if held.is_serious:
        open_lists(held, actor, at)
    elif was_serious:
        step(held, CaseEventKind.RECLASSIFIED, actor=actor, at=at, about="Not serious after all")
        IncidentNote.objects.create(
            school=school, incident=held, kind=NoteKind.CASE_NOTE, text=classing.not_serious_reason.strip(), at=at,
            by=actor,
        )  # fmt: skip
    if is_of_the_team(actor, held):
        take_on(held, actor, at)
    if owner is not None and owner.pk != held.owner_id:
        give(held, actor, owner, at)
    record(
        school=school, actor=actor, action="incidents.triage", at=at, obj=held, submission=submission,
        detail={"track": held.track, "state": held.state},
    )  # fmt: skip
    return held


def _check(held: Incident, classing: Classing, actor: User) -> None:
    """Raise what stands against this classing of the record."""
    about_pupil = held.route == Route.PUPIL
    if about_pupil and not classing.track:
        raise TrackNeeded("Choose how it is answered.", rule="INC-07")
    if not about_pupil and classing.track:
        raise TrackNeeded("Only a record about a pupil is answered in one of the three ways.", rule="INC-07")
    if classing.track == Track.LOW_LEVEL and (held.type in NEVER_LOW_LEVEL or classing.is_serious):
        raise NotLowLevel("What may harm a child, or is serious, is not low-level behaviour.", rule="INC-20")
    low_level = classing.track == Track.LOW_LEVEL and not held.concern_for_child
    if about_pupil and not low_level and not is_of_the_team(actor, held):
        raise OnlyLowLevel("You deal with low-level behaviour. Raise this to the DSL instead.", rule="matrix 1.21")
    if held.is_serious and not classing.is_serious and not classing.not_serious_reason.strip():
        raise NotSeriousNeedsReason("Say why it is not serious after all. Whoever was told stays told.", rule="INC-23")
    asked = asked_of(held)
    if not classing.risk_area and (classing.sub_type or classing.other_areas):
        raise AreaNeeded("Choose the main risk area first.", rule="INC-05")
    is_new = bool(classing.risk_area) and classing.risk_area != held.risk_area
    if asked.parents_first and is_new and not low_level and not ParentContact.objects.filter(incident=held).exists():
        raise ParentsFirst("Record first that parents were told, or why not yet. Then choose.", rule="INC-11")
    kind = classing.sub_type
    if kind is not None and (kind.area != classing.risk_area or kind.school_id != held.school_id):
        raise NotOfThisArea("Choose a kind of the main risk area.", rule="INC-06")
    if kind is not None and kind.ended_at is not None and kind.pk != held.sub_type_id:
        raise NotOfThisArea("This kind was taken off the list. Choose another.", rule="INC-06")
    if not set(classing.policies) <= set(policies_offered(held.school.preset, held.policies)):
        raise PolicyNotOffered("Choose from the policies of the list.", rule="SOC-04")
    if asked.tests and not classing.offsite_tests and classing.track != Track.VICTIM:
        raise NoTestMet("Tick at least one. If none is met, what happened is for the parents to answer.", rule="SOC-26")


def _owner_stays(held: Incident, classing: Classing) -> dict[str, Any]:
    """Who was given low-level behaviour does not keep what turns out to be more."""
    owner = held.owner
    if owner is None or classing.track in ("", Track.LOW_LEVEL) or has(owner, Permission.LEAD_CASES, held.school):
        return {}
    return {"owner": None}


@operation("incidents.escalate")
def escalate_to_safeguarding(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    reason: str,
    submission: UUID | None = None,
) -> Incident:
    """Raise low-level behaviour to the safeguarding team: they are told urgently, and it is theirs (INC-20).

    Who may: whoever leads on it or was given it. Who read it as low-level behaviour reads it no longer. Raises
    `NoReason`.
    """
    held = locked(school, incident, actor, at)
    need_handler(actor, held)
    if not reason.strip():
        raise NoReason("Say why it is more than low-level behaviour.", rule="INC-20")
    IncidentNote.objects.create(
        school=school, incident=held, kind=NoteKind.CASE_NOTE, text=reason.strip(), at=at, by=actor
    )
    track = held.track if held.track == Track.VICTIM else Track.SERIOUS if held.track else ""
    values: dict[str, Any] = {"track": track, "concern_for_child": True, "dsl_notified_at": held.dsl_notified_at or at}
    values |= _owner_stays(held, Classing(track=Track.SERIOUS))
    step(held, CaseEventKind.ESCALATED, actor=actor, at=at, **values)
    notify(
        school=school,
        recipients=[*dsls_for(school, held.phase), *deputies_for(school)],
        kind="incidents.raised",
        subject="A record was raised to you",
        body="Somebody who was dealing with it thinks that it is more.",
        url=reverse("incidents:acknowledge", args=[school.slug, held.pk]),
        at=at,
        urgent=True,
        dedupe_key=f"incidents.raised:{held.pk}:{held.version}",
        escalate_to=Role.HEADTEACHER,
    )
    record(school=school, actor=actor, action="incidents.escalate", at=at, obj=held, submission=submission)
    return held


@operation("incidents.review")
def take_into_review(
    *, school: School, actor: User, at: datetime, incident: Incident, submission: UUID | None = None
) -> Incident:
    """Take a triaged or reopened record into review; without an owner it becomes one's own (matrix 4.4).

    Who may: whoever leads on it. Raises what `REVIEW_GUARDS` raise: parents, risk area, level, in that order (INC-11).
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    for guard in REVIEW_GUARDS:
        guard(held, at)
    owner: dict[str, Any] = {} if held.owner_id else {"owner": actor}
    step(held, CaseEventKind.REVIEWED, CaseState.IN_REVIEW, actor=actor, at=at, **owner)
    record(school=school, actor=actor, action="incidents.review", at=at, obj=held, submission=submission)
    return held
