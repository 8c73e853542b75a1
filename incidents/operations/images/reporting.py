"""Reporting a suspected image of a child, or finding that a record is of one: context and never content (IMG-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.models import CustodyRecord
from devices.queries.taken.evidence import live_hold_of
from incidents.enums import (
    CaseEventKind,
    ImagePlace,
    ImageShared,
    ImageSpread,
    ImageTaskKind,
    IncidentType,
    PersonKind,
    PersonRole,
    RaisedBy,
    Route,
    Track,
    YesNoUnknown,
)
from incidents.leading import need_leader
from incidents.models import ImageCase, ImageTask, Incident
from incidents.operations.images.moves import catch_up
from incidents.operations.images.opening import Secured, file_image, open_image_case, secure, tell_of_image
from incidents.operations.images.refusals import (
    DeviceNotAccounted,
    ImageAlready,
    NotThisRoad,
    NotYetHappened,
)
from incidents.operations.moves import locked, step
from incidents.operations.reporting import AccountMissing, Named

_UNKNOWN = YesNoUnknown.NOT_KNOWN


@operation("incidents.report_image")
def report_image(
    *,
    school: School,
    actor: User,
    at: datetime,
    place: str,
    account: str,
    pupils: Sequence[Pupil] = (),
    role: str = PersonRole.AFFECTED,
    happened_at: datetime | None = None,
    time_is_known: bool = True,
    where: str = "",
    raised_by: str = RaisedBy.SELF,
    immediate_action: str = "",
    danger_now: bool = False,
    site: str = "",
    shared: str = ImageShared.NOT_KNOWN,
    spread: str = ImageSpread.NOT_KNOWN,
    holders: str = "",
    threats: str = _UNKNOWN,
    adult_involved: str = _UNKNOWN,
    adult_name: str = "",
    under_13: str = _UNKNOWN,
    made_by_software: str = _UNKNOWN,
    secured: Secured | None = None,
    not_secured: str = "",
    pupils_told: str = "",
    follows: Incident | None = None,
    submission: UUID | None = None,
) -> Incident:
    """Report a suspected nude or sexual image of a child, on a form of its own (IMG-01 to IMG-04, IMG-11, law IM-1).

    Who may: REPORT_INCIDENT, any member of staff. In the same act a device is taken or, where the school has it, put on
    evidence hold; where neither, `not_secured` says why not and the task stays open. `pupils_told` says who was told
    not to look or pass it on. The tasks of the place are opened and the DSL is told urgently. `follows` is the record
    that this one came from, as when a pupil passed the image on. Raises `AccountMissing` or a kind of
    `UnableToReportImage`.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    if not account:
        raise AccountMissing("Say what you were told or what happened. Not what the picture shows.", rule="IMG-01")
    if happened_at is not None and happened_at > at:
        raise NotYetHappened("This is still to come. Enter when it happened.", rule="INC-02")
    if place == ImagePlace.PERSONAL_DEVICE and secured is None and not not_secured:
        raise DeviceNotAccounted("Say whether the device is secured, and if it is not, why.", rule="IMG-03")
    stay = secure(secured, school=school, actor=actor, at=at) if secured is not None else None
    people = [Named(role=role, pupil=pupil) for pupil in pupils]
    if adult_name:
        people.append(Named(role=PersonRole.ADULT_INVOLVED, kind=PersonKind.UNKNOWN, name=adult_name))
    incident = file_image(
        school=school,
        actor=actor,
        at=at,
        people=people,
        about="Suspected image",
        type=IncidentType.IMAGE,
        happened_at=happened_at or at,
        time_is_known=happened_at is not None and time_is_known,
        place=where,
        is_online=place == ImagePlace.WEBSITE,
        raised_by=RaisedBy(raised_by),
        account=account,
        immediate_action=immediate_action,
        concern_for_child=True,
        danger_now=danger_now,
        custody=stay,
        device=stay.device if stay is not None else None,
        follows=follows,
    )
    case = open_image_case(
        incident, actor=actor, at=at, reporter=actor, place=place, site=site, shared=shared, spread=spread,
        holders=holders, threats=threats, adult_involved=adult_involved, under_13=under_13,
        made_by_software=made_by_software,
    )  # fmt: skip
    if stay is not None:
        finish(case, ImageTaskKind.SECURE_DEVICE, actor=actor, at=at)
    elif not_secured:
        _note(case, ImageTaskKind.SECURE_DEVICE, not_secured, actor=actor, at=at)
    if pupils_told:
        finish(case, ImageTaskKind.PUPILS_TOLD, actor=actor, at=at, words=pupils_told)
    catch_up(case, incident, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.report_image", at=at, obj=incident, submission=submission,
        detail={"place": case.place, "secured": stay is not None, "pupils": len(pupils)},
    )  # fmt: skip
    return incident


def finish(case: ImageCase, kind: ImageTaskKind, *, actor: User, at: datetime, words: str = "") -> None:
    """Mark a task of a new case done in the act that opened it."""
    for task in ImageTask.objects.filter(case=case, kind=kind, done_at__isnull=True):
        task.done_at, task.done_by, task.words = at, actor, words or task.words
        task.stamp(by=actor, at=at)
        task.save()


def _note(case: ImageCase, kind: ImageTaskKind, words: str, *, actor: User, at: datetime) -> None:
    for task in ImageTask.objects.filter(case=case, kind=kind):
        task.words = words
        task.stamp(by=actor, at=at)
        task.save()


@operation("incidents.reclassify_as_image")
def reclassify_as_image(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    place: str,
    site: str = "",
    adult_involved: str = _UNKNOWN,
    threats: str = _UNKNOWN,
    under_13: str = _UNKNOWN,
    version: int | None = None,
    submission: UUID | None = None,
) -> Incident:
    """A record of another type turns out to be of a suspected image: from now on it is handled as one (IMG-01).

    Who may: whoever leads on it. Its device, where the school has it, goes to evidence hold; the tasks of the place are
    opened, the team is told urgently, and nobody but the team reads it on. Raises `ImageAlready` or `NotThisRoad`.
    """
    held = locked(school, incident, actor, at, version=version)
    need_leader(actor, held)
    if ImageCase.objects.filter(incident=held).exists():
        raise ImageAlready("This record is of a suspected image already.", rule="IMG-01")
    if held.route != Route.PUPIL:
        raise NotThisRoad("A record about an adult keeps its own road. Report the child’s side apart.", rule="STA-17")
    old = held.type
    step(
        held, CaseEventKind.RECLASSIFIED, actor=actor, at=at, about="Suspected image", type=IncidentType.IMAGE,
        urgent=True, concern_for_child=True, title=IncidentType.IMAGE.label,
        track="" if held.track == Track.LOW_LEVEL else held.track,
    )  # fmt: skip
    case = open_image_case(
        held, actor=actor, at=at, reporter=held.reporter, place=place, site=site, adult_involved=adult_involved,
        threats=threats, under_13=under_13,
    )  # fmt: skip
    tell_of_image(held, at, by=actor)
    if hold_linked(held, actor=actor, at=at):
        finish(case, ImageTaskKind.SECURE_DEVICE, actor=actor, at=at)
    catch_up(case, held, actor=actor, at=at)
    record(
        school=school, actor=actor, action="incidents.reclassify_as_image", at=at, obj=held, submission=submission,
        detail={"old": old, "place": case.place},
    )  # fmt: skip
    return held


def hold_linked(incident: Incident, *, actor: User, at: datetime) -> bool:
    """Put the device of a record on evidence hold where the school has it. Returns whether it is secured now."""
    stay: CustodyRecord | None = incident.custody
    if stay is None:
        return False
    if live_hold_of(stay) is None and stay.is_open:
        secure(Secured(pupil=stay.pupil, custody=stay), school=incident.school, actor=actor, at=at)
    return live_hold_of(stay) is not None
