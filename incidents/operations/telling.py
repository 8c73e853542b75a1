"""A serious record: the list of whom to tell, and each of them told, or not relevant with a reason (INC-23, INC-24)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import NotPermitted
from core.people.models import School, User
from core.rules.operations import record_decision
from core.rules.queries import decisions_about
from devices.operations.taken.parents import due_the_same_day
from incidents.access import ABOUT_STAFF
from incidents.enums import CaseEventKind, Channel, NoteKind, TellState, TellWhy, Track
from incidents.leading import need_leader
from incidents.models import Incident, IncidentNote, Notification
from incidents.operations.crime import keep_handover_decision
from incidents.operations.handling import is_of_the_team
from incidents.operations.moves import locked, step
from incidents.queries.telling import (
    LADO,
    is_about_pupils_alone,
    listed_for,
    lists_are_silent,
    notifications_of,
    people_inside,
)
from incidents.workflow import TELL_MOVES, check_pair

_PUPILS_ALONE = "About pupils alone: the LADO is for staff and volunteers."


class UnableToTellBody(Refusal):
    """The list stays as it is."""


class LowLevelIsNotSerious(UnableToTellBody):
    """What is serious is not low-level behaviour."""


class SeriousAlready(UnableToTellBody):
    """It stands so."""


class NotSeriousSaysWhy(UnableToTellBody):
    """That it is not serious after all has a reason."""

    default_field = "reason"


class MustBeToldOfIt(UnableToTellBody):
    """Whoever must be told is told: they cannot be set to not relevant (INC-24)."""

    recorded = True
    default_field = "answer"


class NotRelevantSaysWhy(UnableToTellBody):
    """Not telling somebody on the list has a reason (INC-23)."""

    default_field = "reason"


class ToldWhomAndWhen(UnableToTellBody):
    """That they were told says who, when and how."""

    default_field = "told_whom"


class OnTheListAlready(UnableToTellBody):
    """They are on the list."""

    default_field = "body"


@operation("incidents.set_serious")
def set_serious(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    serious: bool = True,
    reason: str = "",
    submission: UUID | None = None,
) -> Incident:
    """Mark a record as serious: the school's lists are opened, due the same day (INC-23, NOT-09); or take the mark off.

    Who may: whoever leads on it. Who must be told inside gets a notice at once. Where the rules name nobody outside it
    is kept that a person decides. Raises `LowLevelIsNotSerious`, `SeriousAlready`, `NotSeriousSaysWhy`.
    """
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if held.is_serious == serious:
        raise SeriousAlready("It stands so already.", rule="INC-23")
    if serious and held.track == Track.LOW_LEVEL:
        raise LowLevelIsNotSerious("It is handled as low-level behaviour. Class it again first.", rule="INC-07")
    if not serious and not reason.strip():
        raise NotSeriousSaysWhy("Say why it is not serious after all.", rule="INC-23")
    if reason.strip():
        IncidentNote.objects.create(
            school=school, incident=held, kind=NoteKind.CASE_NOTE, text=reason.strip(), at=at, by=actor
        )
    about = "Serious" if serious else "Not serious after all"
    step(held, CaseEventKind.RECLASSIFIED, actor=actor, at=at, about=about, is_serious=serious)
    if serious:
        open_lists(held, actor, at)
    record(
        school=school, actor=actor, action="incidents.set_serious", at=at, obj=held, submission=submission,
        detail={"serious": serious},
    )  # fmt: skip
    return held


def open_lists(held: Incident, actor: User, at: datetime) -> None:
    """Whom to tell of a serious record, inside the caller's operation: what is on the list already stays as it is."""
    school, due = held.school, due_the_same_day(held.school, at)
    known = set(notifications_of(held).values_list("body", flat=True))
    for listed in listed_for(held):
        if listed.body in known:
            continue
        row = Notification(
            school=school, incident=held, body=listed.body, inside=listed.inside, must=listed.inside, due_at=due
        )
        if listed.key == LADO and is_about_pupils_alone(held):
            row.state, row.reason = TellState.NOT_RELEVANT, _PUPILS_ALONE
        row.stamp(by=actor, at=at)
        row.save()
        known.add(listed.body)
        if listed.inside:
            _notify_inside(held, listed.key, at)
    if lists_are_silent(held) and not _is_decided(held):
        record_decision(
            school=school, actor=actor, at=at, key="serious_outside_list",
            question="Who outside is told of this serious record?", decision="Decided in the record, one by one",
            reason=f"Kept in {held.reference}.", subject=held,
        )  # fmt: skip


def _is_decided(held: Incident) -> bool:
    """Whether it is on record already that a person decides whom outside to tell."""
    decided = decisions_about(held.school, Incident._meta.label_lower, held.pk)
    return decided.filter(key="serious_outside_list").exists()


def _notify_inside(held: Incident, key: str, at: datetime) -> None:
    """Who must be told hears that there is something, and no more: whether they read the record is another question."""
    school = held.school
    notify(
        school=school,
        recipients=people_inside(school, key, held.phase),
        kind="incidents.serious",
        subject=f"{school.name}: you are to be told of something serious",
        body="The DSL tells you what it is, today.",
        url=reverse("overview:tell-dsl", args=[school.slug]),
        at=at,
        dedupe_key=f"incidents.serious:{held.pk}",
    )


@operation("incidents.add_body")
def add_body(
    *, school: School, actor: User, at: datetime, incident: Incident, body: str, submission: UUID | None = None
) -> Notification:
    """Somebody else is to be told of a serious record. Who may: whoever leads on it. Raises `OnTheListAlready`."""
    held = locked(school, incident, actor, at)
    need_leader(actor, held)
    if notifications_of(held).filter(body__iexact=body.strip()).exists():
        raise OnTheListAlready("They are on the list already.", rule="INC-23")
    row = Notification(school=school, incident=held, body=body.strip(), due_at=due_the_same_day(school, at))
    _save(row, actor, at)
    _note(row, "incidents.add_body", actor, at, submission)
    return row


@operation("incidents.tell_body")
def tell_body(
    *,
    school: School,
    actor: User,
    at: datetime,
    notification: Notification,
    told_whom: str,
    channel: str,
    told_at: datetime | None = None,
    reference: str = "",
    submission: UUID | None = None,
) -> Notification:
    """Record that somebody on the list was told: whom, when, how (INC-23). Who may: whoever leads on the record.

    Raises `ToldWhomAndWhen`, `StepNotAllowed`.
    """
    row, case = _held(school, notification, actor, at)
    when = told_at or at
    if not told_whom.strip() or channel not in Channel.values:
        raise ToldWhomAndWhen("Enter who was told, and how.", rule="INC-23")
    if when > at:
        raise ToldWhomAndWhen("This is still to come. Enter when they were told.", rule="INC-23", field="told_at")
    _move(row, TellState.SENT)
    keep_handover_decision(row, actor=actor, at=at)
    row.told_at, row.told_by, row.told_whom = when, actor, told_whom.strip()
    row.channel, row.reference = channel, reference.strip()
    _save(row, actor, at)
    step(case, CaseEventKind.TOLD, actor=actor, at=at, about=row.body)
    _note(row, "incidents.tell_body", actor, at, submission)
    return row


@operation("incidents.body_acknowledged")
def body_acknowledged(
    *,
    school: School,
    actor: User,
    at: datetime,
    notification: Notification,
    reference: str = "",
    submission: UUID | None = None,
) -> Notification:
    """Record that they acknowledged it (matrix 4.7). Who may: whoever leads on the record. Raises `StepNotAllowed`."""
    row, _case = _held(school, notification, actor, at)
    _move(row, TellState.ACKNOWLEDGED)
    row.reference = reference.strip() or row.reference
    _save(row, actor, at)
    _note(row, "incidents.body_acknowledged", actor, at, submission)
    return row


@operation("incidents.body_not_relevant")
def body_not_relevant(
    *,
    school: School,
    actor: User,
    at: datetime,
    notification: Notification,
    reason: str,
    submission: UUID | None = None,
) -> Notification:
    """Record why somebody on the list need not be told (INC-23). Who may: whoever leads on the record.

    Raises `MustBeToldOfIt`, recorded, for those who must (INC-24), `NotRelevantSaysWhy`, `StepNotAllowed`.
    """
    row, _case = _held(school, notification, actor, at)
    if row.must:
        raise MustBeToldOfIt("They must be told: this cannot be set to not relevant.", rule="INC-24")
    if not reason.strip():
        raise NotRelevantSaysWhy("Say why they need not be told.", rule="INC-23")
    _move(row, TellState.NOT_RELEVANT)
    keep_handover_decision(row, actor=actor, at=at)
    row.reason = reason.strip()
    _save(row, actor, at)
    _note(row, "incidents.body_not_relevant", actor, at, submission)
    return row


@operation("incidents.tell_after_all")
def tell_after_all(
    *, school: School, actor: User, at: datetime, notification: Notification, submission: UUID | None = None
) -> Notification:
    """Somebody set aside is to be told after all, the same day. Who may: whoever leads on it."""
    row, _case = _held(school, notification, actor, at)
    _move(row, TellState.NEEDED)
    row.due_at = due_the_same_day(school, at)
    _save(row, actor, at)
    _note(row, "incidents.tell_after_all", actor, at, submission)
    return row


def _held(school: School, notification: Notification, actor: User, at: datetime) -> tuple[Notification, Incident]:
    case = locked(school, notification.incident, actor, at)
    need_leader(actor, case)
    row: Notification = Notification.objects.select_for_update(of=("self",)).get(school=school, pk=notification.pk)
    row.incident = case
    if row.why == TellWhy.CRIME and (case.route in ABOUT_STAFF or not is_of_the_team(actor, case)):
        raise NotPermitted("The DSL or head sees to this. About staff each call is written down.", rule="INC-33")
    return row, case


def _move(row: Notification, target: TellState) -> None:
    check_pair(TELL_MOVES, row.state, target, "Somebody on the list")
    row.state = target


def _save(row: Notification, actor: User, at: datetime) -> None:
    row.stamp(by=actor, at=at)
    row.save()


def _note(row: Notification, action: str, actor: User, at: datetime, submission: UUID | None) -> None:
    record(
        school=row.school, actor=actor, action=action, at=at, obj=row, submission=submission,
        detail={"incident": row.incident_id, "state": row.state, "must": row.must},
    )  # fmt: skip
