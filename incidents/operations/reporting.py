"""Reporting: a draft that only its author sees, sending it, adding to it later without reading it (INC-01, SG-3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import Pupil, School, User
from core.people.queries import roles_in
from core.people.roles import Permission, Role
from devices.models import CustodyRecord, PupilDevice, SearchRecord
from incidents.enums import CaseEventKind, CaseState, IncidentType, NoteKind, PersonKind, PersonRole, RaisedBy, Route
from incidents.models import Incident, IncidentEvent, IncidentNote, IncidentPerson, StaffConcern
from incidents.operations.crime import open_tasks
from incidents.operations.moves import next_reference, step
from incidents.operations.notes import AlreadyInIt, NobodyNamed, NothingWritten, phase_of
from incidents.operations.team import tell_of_addition, tell_the_team
from incidents.queries import offered_types
from incidents.routing import NOBODY_NEEDED, STAFF_TYPES, is_concern, is_urgent, policies_for, route_of


class UnableToReport(Refusal):
    """The report was not sent; the draft is as it was."""


class DraftGone(UnableToReport):
    """It is no draft of this person: sent, thrown away, or somebody else’s."""

    recorded = True


class TypeNotOffered(UnableToReport):
    """The school does not take reports of this type (INC-03)."""

    default_field = "type"


class AccountMissing(UnableToReport):
    """A report says what was seen or heard."""

    default_field = "account"


class WhenUnknown(UnableToReport):
    """The day is part of every report, and it is not ahead."""

    default_field = "on"


class WhomUnknown(UnableToReport):
    """A report of this type is about somebody."""

    default_field = "name"


class ArrangementUnsaid(UnableToReport):
    """A report of contact from an own device says whether it was claimed to be agreed beforehand (STA-08)."""

    default_field = "arrangement"


class DeviceOfAnother(UnableToReport):
    """The device or its stay belongs to nobody in the report (CNF-02)."""

    default_field = "device"


@dataclass(frozen=True)
class Named:
    """Somebody in a report: a pupil, an account, or a name with its kind."""

    role: str = PersonRole.SUBJECT
    pupil: Pupil | None = None
    user: User | None = None
    kind: str = ""
    name: str = ""

    @property
    def is_of(self) -> str:
        return PersonKind.PUPIL if self.pupil is not None else PersonKind.STAFF if self.user is not None else self.kind


@dataclass(frozen=True)
class Said:
    """What a report says (INC-02). `account` is what was seen and heard; `opinion` stands apart (law SG-2)."""

    type: str = ""
    happened_at: datetime | None = None
    time_is_known: bool = True
    place: str = ""
    area: str = ""
    provider: str = ""
    is_offsite: bool = False
    is_online: bool = False
    raised_by: str = RaisedBy.SELF
    account: str = ""
    own_words: str = ""
    opinion: str = ""
    immediate_action: str = ""
    concern_for_child: bool = False
    danger_now: bool = False
    told_in_person: bool | None = None
    told_whom: User | None = None
    platform: str = ""
    response: str = ""
    arrangement: str = ""
    device: PupilDevice | None = None
    custody: CustodyRecord | None = None
    search: SearchRecord | None = None
    follows: Incident | None = None


SAYS = frozenset(field.name for field in fields(Said))


@operation("incidents.draft")
def save_draft(
    *,
    school: School,
    actor: User,
    at: datetime,
    draft: Incident | None = None,
    said: Mapping[str, Any] | None = None,
    add: Named | None = None,
    remove: IncidentPerson | None = None,
    submission: UUID | None = None,
) -> Incident:
    """Keep what was said so far, under the names of `Said`; without `draft` a new one begins. Nobody else sees it.

    Who may: REPORT_INCIDENT, any member of staff; a draft by its author alone. Raises `DraftGone`, `TypeNotOffered`,
    `AlreadyInIt`, `NobodyNamed`.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    values = dict(said or {})
    assert set(values) <= SAYS, set(values) - SAYS
    if values.get("type"):
        _check_type(school, values["type"])
    held = own_draft(school, actor, draft) if draft is not None else begin(school, actor, at)
    for name, value in values.items():
        setattr(held, name, value)
    held.stamp(by=actor, at=at)
    held.save()
    if add is not None:
        name_person(held, add, actor=actor, at=at)
    if remove is not None:
        _take_out(held, remove, actor=actor, at=at)
    record(school=school, actor=actor, action="incidents.draft", at=at, obj=held, submission=submission)
    return held


@operation("incidents.discard")
def discard_draft(
    *, school: School, actor: User, at: datetime, draft: Incident, submission: UUID | None = None
) -> Incident:
    """Throw a draft away: by its author alone. Raises `DraftGone`."""
    require(actor, Permission.REPORT_INCIDENT, school)
    held = own_draft(school, actor, draft)
    step(held, CaseEventKind.DISCARDED, CaseState.DISCARDED, actor=actor, at=at)
    record(school=school, actor=actor, action="incidents.discard", at=at, obj=held, submission=submission)
    return held


@operation("incidents.report")
def report_incident(
    *,
    school: School,
    actor: User,
    at: datetime,
    draft: Incident | None = None,
    said: Said | None = None,
    people: Iterable[Named] = (),
    submission: UUID | None = None,
) -> Incident:
    """Send a report: one's own `draft`, or what is `said` about `people` in one go (INC-01, INC-02).

    Who may: REPORT_INCIDENT. It gets its reference, road, phase, policies and title, and whoever reads it is told.
    Whoever sends it does not read it again. Raises a kind of `UnableToReport`.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    held = own_draft(school, actor, draft) if draft is not None else begin(school, actor, at)
    for field in fields(Said) if said is not None else ():
        setattr(held, field.name, getattr(said, field.name))
    held.stamp(by=actor, at=at)
    if said is not None:
        held.save()
    for person in people:
        name_person(held, person, actor=actor, at=at)
    file_report(held, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.report", at=at, obj=held, submission=submission,
        detail={"type": held.type, "urgent": held.urgent},
    )  # fmt: skip
    return held


@operation("incidents.add")
def add_to_record(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    text: str,
    submission: UUID | None = None,
) -> Incident:
    """Add something to what one reported, without reading what became of it (SG-3). Nothing is changed by it.

    Who may: whoever reported it, also when it is closed or was joined to another record, where it then stands. The
    owner, or else whoever was told first, hears of it. Raises `NothingWritten`, `DraftGone`.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    if not text.strip():
        raise NothingWritten("Write what you want to add.", rule="law SG-2")
    own = Incident.objects.filter(school=school, reporter=actor, pk=incident.pk, reported_at__isnull=False).first()
    if own is None:
        raise DraftGone("There is nothing here that you can add to. Ask the DSL.", rule="ORG-10")
    held = _where_it_stands(own)
    IncidentNote.objects.create(school=school, incident=held, kind=NoteKind.ADDED, text=text.strip(), at=at, by=actor)
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Added to by whoever reported it")
    tell_of_addition(held, at)
    record(
        school=school, actor=actor, action="incidents.add", at=at, obj=own, submission=submission,
        detail={"stands_in": held.pk},
    )  # fmt: skip
    return own


def _where_it_stands(own: Incident) -> Incident:
    """The record itself, or the one it was joined to, held until the transaction ends."""
    held: Incident = Incident.objects.select_for_update(of=("self",)).get(pk=own.pk)
    while held.merged_into_id is not None:
        held = Incident.objects.select_for_update(of=("self",)).get(pk=held.merged_into_id)
    return held


def begin(school: School, actor: User, at: datetime) -> Incident:
    """A new draft, inside the caller's operation."""
    held = Incident(school=school, reporter=actor, state=CaseState.DRAFT)
    held.stamp(by=actor, at=at)
    held.save()
    IncidentEvent.objects.create(
        school=school, incident=held, kind=CaseEventKind.DRAFTED, from_state="", to_state=CaseState.DRAFT, at=at,
        by=actor,
    )  # fmt: skip
    return held


def own_draft(school: School, actor: User, draft: Incident) -> Incident:
    """The draft as it is now, held until the transaction ends, if it is `actor`'s own. Raises `DraftGone`."""
    found: Incident | None = (
        Incident.objects.select_for_update(of=("self",))
        .filter(school=school, pk=draft.pk, reporter=actor, state=CaseState.DRAFT)
        .first()
    )
    if found is None:
        raise DraftGone("This draft was sent or thrown away. Your reports show what was sent.", rule="INC-01")
    return found


def name_person(held: Incident, named: Named, *, actor: User, at: datetime) -> IncidentPerson:
    """Put somebody into a report that is being written, inside the caller's operation."""
    known = named.pupil is not None or named.user is not None
    if not named.is_of or (not known and (not named.name.strip() or named.is_of == PersonKind.PUPIL)):
        raise NobodyNamed("Choose a pupil or a member of staff, or enter a name and who they are.", rule="INC-04")
    person = IncidentPerson(
        school=held.school, incident=held, role=named.role, kind=named.is_of, pupil=named.pupil, user=named.user,
        name="" if known else named.name.strip(),
    )  # fmt: skip
    person.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise AlreadyInIt("This person is in the report as this already.", rule="INC-02") from None
    return person


def _take_out(held: Incident, person: IncidentPerson, *, actor: User, at: datetime) -> None:
    found = IncidentPerson.objects.filter(incident=held, pk=person.pk, removed_at__isnull=True).first()
    if found is not None:
        found.removed_at, found.removed_by = at, actor
        found.stamp(by=actor, at=at)
        found.save()


def file_report(held: Incident, *, actor: User, at: datetime, about: str = "") -> None:
    """Check a draft, decide its road, take it to REPORTED and tell the team, inside the caller's operation."""
    people = list(
        IncidentPerson.objects.filter(incident=held, removed_at__isnull=True).select_related("user").order_by("id")
    )
    _check(held, people, at)
    concern = is_concern(held.type, held.concern_for_child)
    route = route_of(held.type, people, concern_for_child=concern)
    if route == Route.ALLEGATION:
        _open_staff_concern(held, people, actor, at)
    step(
        held, CaseEventKind.REPORTED, CaseState.REPORTED, actor=actor, at=at, about=about,
        reference=next_reference(held.school, at),
        reported_at=at,
        route=route,
        phase=phase_of(held),
        title=IncidentType(held.type).label,
        concern_for_child=concern,
        urgent=is_urgent(
            held.type, concern=concern, danger=held.danger_now, told_in_person=held.told_in_person
        ),
        policies=policies_for(held.school.preset, held.type, route, concern=concern),
    )  # fmt: skip
    if tell_the_team(held, at):
        held.dsl_notified_at = at
        held.save()
    open_tasks(held, actor=actor, at=at)


def _check_type(school: School, kind: str) -> None:
    if kind not in offered_types(school):
        raise TypeNotOffered("Your school does not take reports of this type. Choose another.", rule="INC-03")


def _check(held: Incident, people: list[IncidentPerson], at: datetime) -> None:
    """Raise what is missing from a report, in the order in which it is asked."""
    if not held.type:
        raise TypeNotOffered("Say what it is about.", rule="INC-02")
    _check_type(held.school, held.type)
    if not people and held.type not in NOBODY_NEEDED:
        raise WhomUnknown("Say who it is about; of somebody unknown, what is known of them.", rule="INC-04")
    if held.type in STAFF_TYPES and not any(person.kind == PersonKind.STAFF for person in people):
        raise WhomUnknown("Say which member of staff it is about.", rule="INC-04")
    if held.happened_at is None:
        raise WhenUnknown("Say on which day it happened, or was noticed.", rule="INC-02")
    if held.happened_at > at:
        raise WhenUnknown("That time is still ahead.", rule="INC-02")
    if not held.account.strip():
        raise AccountMissing("Write what you saw or heard.", rule="INC-02")
    if held.type == IncidentType.STAFF_CONTACT and not held.arrangement:
        raise ArrangementUnsaid("Say whether it was said to be agreed beforehand.", rule="STA-08")
    pupils = {person.pupil_id for person in people}
    if held.custody is not None and held.custody.pupil_id not in pupils:
        raise DeviceOfAnother("The device was taken from somebody who is not in the report.", rule="CNF-02")
    if held.device is not None and held.device.pupil_id not in pupils:
        raise DeviceOfAnother("The device belongs to somebody who is not in the report.", rule="INC-02")


def _open_staff_concern(held: Incident, people: list[IncidentPerson], actor: User, at: datetime) -> None:
    """The row that keeps a record about staff from its subject, and from the head where it is the head (STA-17)."""
    staff = [person for person in people if person.kind == PersonKind.STAFF]
    subjects = [person for person in staff if person.role == PersonRole.SUBJECT] or staff
    roles = {role for person in subjects if person.user is not None for role in roles_in(person.user, held.school)}
    subject = next((person for person in subjects if person.user is not None), subjects[0])
    concern = StaffConcern(
        school=held.school, incident=held, subject=subject.user, subject_name=subject.name,
        head_is_subject=Role.HEADTEACHER in roles, dsl_is_subject=Role.DSL in roles,
    )  # fmt: skip
    concern.stamp(by=actor, at=at)
    concern.save()
