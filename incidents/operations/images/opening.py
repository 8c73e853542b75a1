"""Opening the case of a suspected image: its tasks by place, who does them, the device held, the team told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.notices.operations import notify
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import deputies_for, dsls_for, holders_of
from core.people.roles import HEAD_ROLES, Role
from core.rules.queries import for_school
from devices.enums import HoldReason, TakenBecause
from devices.models import CustodyRecord, DeviceType, PupilDevice, StoragePlace
from devices.operations.taken import place_hold, take_device
from devices.queries.taken.evidence import live_hold_of
from devices.queries.taken.taking import NUDE_IMAGE_CASE, ground_choices
from incidents.enums import ImagePlace, ImageShared, ImageTaskKind, PersonKind, PersonRole, YesNoUnknown
from incidents.models import ImageCase, ImageTask, Incident
from incidents.operations.reporting import Named, begin, file_report, name_person

# What comes before everything else, by place (IMG-03, IMG-07 to IMG-09, matrix 4.5).
FIRST: dict[str, tuple[ImageTaskKind, ...]] = {
    ImagePlace.PERSONAL_DEVICE: (ImageTaskKind.SECURE_DEVICE,),
    ImagePlace.SCHOOL_NETWORK: (ImageTaskKind.BLOCK_NETWORK, ImageTaskKind.ISOLATE),
    ImagePlace.WEBSITE: (ImageTaskKind.REPORT_HOST,),
    ImagePlace.NOT_KNOWN: (),
}
NETWORK_TASKS = frozenset({ImageTaskKind.BLOCK_NETWORK, ImageTaskKind.ISOLATE})
_GROUNDS = (NUDE_IMAGE_CASE, "child_protection")
_OWN_GROUND = "A child may be at risk of harm"
_NOT_KNOWN = Named(role=PersonRole.AFFECTED, kind=PersonKind.UNKNOWN, name="A child, not known yet")


@dataclass(frozen=True)
class Secured:
    """How a device is secured: one that the school has already, or what is needed to take one."""

    pupil: Pupil
    custody: CustodyRecord | None = None
    device: PupilDevice | None = None
    new_type: DeviceType | None = None
    new_colour: str = ""
    where: str = ""
    place: StoragePlace | None = None
    bag: str = ""
    circumstances_weighed: bool = False


def secure(how: Secured, *, school: School, actor: User, at: datetime) -> CustodyRecord:
    """Put the device on evidence hold as one on which an image is suspected, taking it first if need be (IMG-03).

    Inside the caller's operation. Raises what taking and holding raise.
    """
    stay = how.custody
    if stay is None:
        return take_device(
            school=school, actor=actor, at=at, pupil=how.pupil, ground=_ground(school, at),
            because=TakenBecause.SAFEGUARDING, seen="Reported to the DSL.", where=how.where, device=how.device,
            new_type=how.new_type, new_colour=how.new_colour, switched_off=True, bag=how.bag, place=how.place,
            circumstances_weighed=how.circumstances_weighed, hold_reason=HoldReason.INDECENT_IMAGE,
        )  # fmt: skip
    if live_hold_of(stay) is None:
        place_hold(
            school=school, actor=actor, at=at, custody=stay, reason=HoldReason.INDECENT_IMAGE, bag=how.bag,
            place=how.place,
        )  # fmt: skip
        stay.refresh_from_db()
    return stay


def _ground(school: School, at: datetime) -> str:
    """The ground for it in the school's list, or plain words where the rules name none (CNF-01)."""
    listed = dict(ground_choices(for_school(school, on=london_day(at))))
    return next((key for key in _GROUNDS if key in listed), next(iter(listed), _OWN_GROUND))


def file_image(
    *, school: School, actor: User, at: datetime, people: Iterable[Named], about: str, **values: Any
) -> Incident:
    """A report with its people, filed as any other: reference, road, phase, the team told (INC-01, NOT-04).

    Inside the caller's operation. A child whose name is not known is in it as that.
    """
    held = begin(school, actor, at)
    for name, value in values.items():
        setattr(held, name, value)
    held.stamp(by=actor, at=at)
    held.save()
    for person in list(people) or [_NOT_KNOWN]:
        name_person(held, person, actor=actor, at=at)
    file_report(held, actor=actor, at=at, about=about)
    return held


def open_image_case(
    incident: Incident, *, actor: User, at: datetime, reporter: User, place: str, **context: Any
) -> ImageCase:
    """The case of a suspected image with the tasks of its place, given to whoever can do them.

    Inside the caller's operation; `incident` is locked or new. `context` are fields of the case.
    """
    case = ImageCase(school=incident.school, incident=incident, place=ImagePlace(place), **context)
    case.stamp(by=actor, at=at)
    case.save()
    for kind in (*FIRST[case.place], ImageTaskKind.PUPILS_TOLD):
        add_task_row(case, kind, actor=actor, at=at, needed_first=True, reporter=reporter)
    if needs_ceop(case, at):
        add_task_row(case, ImageTaskKind.REPORT_CEOP, actor=actor, at=at, needed_first=False, reporter=reporter)
    return case


def abuse_is_possible(case: ImageCase) -> bool:
    """Whether what is known of the case makes the abuse of a child possible (IMG-10, IM-3)."""
    yes = YesNoUnknown.YES
    return case.shared == ImageShared.PRESSURE or yes in (case.adult_involved, case.threats, case.under_13)


def needs_ceop(case: ImageCase, at: datetime) -> bool:
    """Whether the school's rule asks for a direct report to CEOP (IMG-10); where it is silent the DSL adds one."""
    rule = for_school(case.school, on=london_day(at)).image_ceop_route
    there = ImageTask.objects.filter(case=case, kind=ImageTaskKind.REPORT_CEOP).exists()
    return rule == "direct_if_risk" and abuse_is_possible(case) and not there


def add_task_row(
    case: ImageCase, kind: ImageTaskKind, *, actor: User, at: datetime, needed_first: bool, reporter: User | None = None
) -> ImageTask:
    """One task; what is done to the network goes to whoever keeps it, what is done on the spot to the reporter."""
    task = ImageTask(school=case.school, case=case, kind=kind, needed_first=needed_first)
    if kind in NETWORK_TASKS:
        task.assignee = holders_of(case.school, Role.SYSTEMS_MANAGER, on=london_day(at)).first()
    elif kind in (ImageTaskKind.SECURE_DEVICE, ImageTaskKind.PUPILS_TOLD):
        task.assignee = reporter
    task.site = case.site if kind in (ImageTaskKind.REPORT_HOST, *NETWORK_TASKS) else ""
    task.stamp(by=actor, at=at)
    task.save()
    if task.assignee is not None and task.assignee_id != actor.pk:
        tell_of_task(task, at)
    return task


def tell_of_task(task: ImageTask, at: datetime) -> None:
    """Urgent, to whom a task was given; it says nothing of what it is about."""
    assert task.assignee is not None
    notify(
        school=task.school, recipients=[task.assignee], kind="incidents.image_task", urgent=task.needed_first, at=at,
        subject="Something for you to do at once", body="The page says what to do, and what not.",
        url=reverse("incidents:image-task", args=[task.school.slug, task.pk]),
        dedupe_key=f"incidents.image_task.{task.pk}.{task.assignee_id}", escalate_to=Role.DSL,
    )  # fmt: skip


def tell_of_image(incident: Incident, at: datetime, *, by: User) -> None:
    """A record became one of a suspected image: the team hears at once, the head after 15 minutes (NOT-04)."""
    school = incident.school
    people = [one for one in (*dsls_for(school, incident.phase), *deputies_for(school)) if one.pk != by.pk]
    notify(
        school=school, recipients=people or holders_of(school, *HEAD_ROLES, on=london_day(at)), kind="incidents.image",
        urgent=True, subject="A record became urgent: act now",
        body="Open it and acknowledge it. If a child is in danger now, act first.",
        url=reverse("incidents:case", args=[school.slug, incident.pk]), at=at,
        dedupe_key=f"incidents.image:{incident.pk}", escalate_to=Role.HEADTEACHER,
    )  # fmt: skip
    incident.dsl_notified_at = incident.dsl_notified_at or at
    incident.save()
