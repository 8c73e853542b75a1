"""A breach of the device rules, seen and dealt with in one go, the taking of the device in the same act (DEV-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.people.access import require
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.enums import TakenBecause
from devices.models import Confiscation, CustodyRecord, DeviceType, PupilDevice
from devices.operations.taken import take_device
from devices.queries import live_permissions, may_use_now
from incidents.enums import IncidentType
from incidents.models import Incident
from incidents.operations.reporting import DeviceOfAnother, Named, UnableToReport, begin, file_report, name_person
from incidents.routing import QUICK

_T, _B = IncidentType, TakenBecause

# What led to the taking, for each type; and what is written down where nothing else is typed.
BECAUSE: dict[str, TakenBecause] = {
    _T.USED_IN_LESSON: _B.USED_IN_DAY,
    _T.USED_ELSEWHERE: _B.USED_IN_DAY,
    _T.BARRED_AREA: _B.BARRED_AREA,
    _T.NOT_HANDED_IN: _B.NOT_HANDED_IN,
    _T.KEPT_ON_PERSON: _B.KEPT_ON_PERSON,
    _T.REFUSED: _B.REFUSED,
    _T.SECOND_DEVICE: _B.SECOND_HIDDEN,
    _T.OWN_ARRANGEMENTS: _B.OWN_ARRANGEMENTS,
    _T.EXAM_POSSESSION: _B.EXAM,
}
SENTENCES: dict[str, str] = {
    _T.USED_IN_LESSON: "Was seen using it in a lesson.",
    _T.USED_ELSEWHERE: "Was seen using it.",
    _T.BARRED_AREA: "Had it where no device is used.",
    _T.NOT_HANDED_IN: "Had it and had not handed it in.",
    _T.KEPT_ON_PERSON: "Had it on them.",
    _T.REFUSED: "Was asked to hand it in and did not.",
    _T.SECOND_DEVICE: "Had a second device.",
    _T.OWN_ARRANGEMENTS: "Was making arrangements with it.",
    _T.EXAM_POSSESSION: "Had it in an exam.",
    _T.OTHER: "Brought it without the agreement or reason that the school asks for.",
}
_OF_USE = frozenset({_T.USED_IN_LESSON, _T.USED_ELSEWHERE, _T.BARRED_AREA, _T.OWN_ARRANGEMENTS})
_OF_KEEPING = frozenset({_T.NOT_HANDED_IN, _T.KEPT_ON_PERSON})


class AllowedHere(UnableToReport):
    """The pupil may do this, there and then: nothing is filed unless somebody says that it is a breach all the same."""


class NotQuick(UnableToReport):
    """The quick form is for breaches of the device rules alone."""

    default_field = "type"


@dataclass(frozen=True)
class Taking:
    """The device was taken as well: what the taking needs beside the breach (CNF-01, CNF-02)."""

    ground: str
    new_type: DeviceType | None = None
    circumstances_weighed: bool = False


def allowed_here(
    school: School,
    pupil: Pupil,
    *,
    at: datetime,
    type: str,
    area: str = "",
    kind: DeviceType | None = None,
    function: str = "",
) -> str:
    """The sentence that says that it is allowed, or nothing (DEV-13): use by the rules, the place, the time and any
    live permission within its limits, the `function` it was used for among them (AGR-15); keeping the device by a live
    permission alone. In an exam nothing allows it: what a candidate needs
    there is an access arrangement, and no permission of the day (law JC-1, JC-4)."""
    if type in _OF_USE:
        part = "lessons" if type == _T.USED_IN_LESSON else ""
        found = may_use_now(school, [pupil], at=at, area=area, part=part, kind=kind, function=function)[pupil.pk]
        return found.sentence if found.answer == "allowed" else ""
    if type in _OF_KEEPING and live_permissions(school, [pupil], at):
        return "A permission to keep it is in force today."
    return ""


@operation("incidents.breach")
def record_breach(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    type: str,
    where: str,
    area: str = "",
    used_for: str = "",
    account: str = "",
    device: PupilDevice | None = None,
    custody: CustodyRecord | None = None,
    taking: Taking | None = None,
    all_the_same: bool = False,
    submission: UUID | None = None,
) -> Incident:
    """Report a breach of the device rules, of a kind of `QUICK`, or of one brought without agreement (OTHER, A-57).

    Who may: REPORT_INCIDENT. With `taking` the device is taken in the same act, and both stand or neither; `custody` is
    the stay where it was taken or handed in before; `used_for` what it was used for, where a permission names some
    (AGR-15). What is allowed there and then is filed only `all_the_same`, and the record says so. Raises a kind of
    `UnableToReport`, and what taking raises.
    """
    require(actor, Permission.REPORT_INCIDENT, school)
    if type not in BECAUSE and not (type == _T.OTHER and custody is not None):
        raise NotQuick("Use the longer report for this.", rule="DEV-13")
    if custody is not None and custody.pupil_id != pupil.pk:
        raise DeviceOfAnother("That device was taken from somebody else.", rule="CNF-02")
    if device is not None and device.pupil_id != pupil.pk:
        raise DeviceOfAnother("That device belongs to somebody else.", rule="INC-02")
    happened = _when(custody, at)
    kind = device.type if device is not None else taking.new_type if taking is not None else None
    allowed = (
        allowed_here(school, pupil, at=happened, type=type, area=area, kind=kind, function=used_for)
        if custody is None
        else ""
    )
    if allowed and not all_the_same:
        raise AllowedHere(allowed, rule="DEV-13")
    seen = account.strip() or SENTENCES[type]
    if taking is not None and custody is None:
        custody = take_device(
            school=school, actor=actor, at=at, pupil=pupil, device=device, new_type=taking.new_type,
            ground=taking.ground, because=BECAUSE[type], seen=seen, where=where, area=area,
            circumstances_weighed=taking.circumstances_weighed,
        )  # fmt: skip
    held = begin(school, actor, at)
    held.type, held.happened_at, held.place, held.area, held.account = type, happened, where, area, seen
    held.custody = custody
    held.device = custody.device if custody is not None else device
    held.save()
    name_person(held, Named(pupil=pupil), actor=actor, at=at)
    file_report(held, actor=actor, at=at, about="Reported although it was allowed" if allowed else "")
    record(
        school=school, actor=actor, action="incidents.breach", at=at, obj=held, submission=submission,
        detail={"type": held.type, "taken": taking is not None, "allowed": bool(allowed)},
    )  # fmt: skip
    return held


def _when(custody: CustodyRecord | None, at: datetime) -> datetime:
    """When it was seen: now, or when the device was taken or handed in."""
    if custody is None:
        return at
    taken = Confiscation.objects.filter(custody=custody).values_list("taken_at", flat=True).first()
    return taken or custody.opened_at


__all__ = ["BECAUSE", "QUICK", "SENTENCES", "AllowedHere", "NotQuick", "Taking", "allowed_here", "record_breach"]
