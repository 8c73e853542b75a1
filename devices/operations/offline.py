"""Scans made while the desk had no line: recorded as they happened or kept for a person, never dropped nor doubled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import models, transaction

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.kit.refusals import Refusal, SubmissionMismatch
from core.people.access import NotPermitted, require
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.roles import Permission
from devices.enums import DeskAct, Flag, GivenTo, OfflineOutcome
from devices.models import CustodyRecord, DeviceType, Gate, OfflineScan, PupilDevice
from devices.operations.exceptions import make_exception
from devices.operations.give_back import return_device
from devices.operations.hand_in import hand_in_device
from devices.operations.refusals import NotHandedInYet, NotInCustody
from devices.queries.offline import acted_on_already, match_token, recorded_since, stays_meant
from devices.queries.register import desk_devices, open_stays_near

RETURN = "return"
ACTS = (*DeskAct.values, RETURN)
# Older than this, nobody remembers the queue: a person looks at it first.
OLDEST = timedelta(days=14)

Result = Literal["recorded", "conflict", "repeated"]


class UnableToRecordOffline(Refusal):
    """What a scan made offline says cannot be taken over as it is."""


class TokenUnknown(UnableToRecordOffline):
    """Nobody, or more than one, is meant by what was scanned."""


class TooLongAgo(UnableToRecordOffline):
    """The scan is so old that a person looks at it first."""


class RecordedMeanwhile(UnableToRecordOffline):
    """Another desk recorded something later of the same device while this scan waited."""


class UnableToSettleScan(Refusal):
    """A scan that waits for a person cannot be settled so."""


class ScanSettledAlready(UnableToSettleScan):
    """Somebody else settled it."""


class ReasonToLetGoNeeded(UnableToSettleScan):
    """Nothing is let go without a word why."""

    default_field = "note"


class ScanNeedsPupil(UnableToSettleScan):
    """To record it after all, say whose it is."""

    default_field = "whose"


@dataclass(frozen=True)
class OfflineScanned:
    """What came of one scan: the row it made, if it made one now."""

    result: Result
    made: models.Model | None = None


@dataclass(frozen=True)
class _Said:
    """What one scan says, whoever sends it."""

    school: School
    actor: User
    at: datetime
    happened_at: datetime
    switched_off: bool | None
    gate: Gate | None
    note: str


def record_offline_scan(
    *,
    school: School,
    actor: User,
    at: datetime,
    submission: UUID,
    code: str,
    act: str,
    happened_at: datetime,
    scanned_by: User | None = None,
    switched_off: bool | None = None,
    gate: Gate | None = None,
) -> OfflineScanned:
    """Take over one scan that a desk kept while it had no line (security 5.11, F20).

    Who may: whoever holds LOG_CUSTODY; who sends it is the author, and the record says who scanned it where that was
    somebody else. It is recorded at the desk's own time, never in the future, and flagged. What the record cannot
    take becomes an `OfflineScan` that waits for a person. The same key again is "repeated", whether it came this way
    or the desk had been answered after all.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    if acted_on_already(school, submission):
        return OfflineScanned("repeated")
    try:
        return _record_offline_scan(
            school=school,
            actor=actor,
            at=at,
            submission=submission,
            code=code.strip().upper()[:80],
            act=act,
            happened_at=min(happened_at, at),
            scanned_by=scanned_by,
            switched_off=switched_off,
            gate=gate,
        )
    except SubmissionMismatch:  # the desk's own answer was on its way in the same moment
        return OfflineScanned("repeated")


def _seen_before(entry: Entry) -> OfflineScanned:
    return OfflineScanned("repeated")


@operation("devices.record_offline", replay=_seen_before)
def _record_offline_scan(
    *,
    school: School,
    actor: User,
    at: datetime,
    submission: UUID,
    code: str,
    act: str,
    happened_at: datetime,
    scanned_by: User | None,
    switched_off: bool | None,
    gate: Gate | None,
) -> OfflineScanned:
    other = scanned_by if scanned_by is not None and scanned_by != actor else None
    note = f"Scanned offline by {other.display_name}, sent by {actor.display_name}." if other else ""
    said = _Said(school, actor, at, happened_at, switched_off, gate, note)
    made: models.Model
    try:
        with transaction.atomic():
            made = _take_over(said, code, act)
        result: Result = "recorded"
    except NotPermitted:
        raise
    except Refusal as refusal:
        made, result = _keep_for_a_person(said, submission, code, act, scanned_by, refusal), "conflict"
    record(
        school=school,
        actor=actor,
        action="devices.record_offline",
        at=at,
        obj=made,
        submission=submission,
        detail={
            "act": act,
            "result": result,
            "happened_at": happened_at.isoformat(),
            "scanned_by": scanned_by.pk if scanned_by is not None else None,
        },
    )
    return OfflineScanned(result, made)


def _take_over(said: _Said, code: str, act: str) -> models.Model:
    if said.at - said.happened_at > OLDEST:
        raise TooLongAgo("It was scanned more than 14 days ago.", rule="DEV-33")
    day = london_day(said.happened_at)
    if act == RETURN:
        stays = stays_meant(said.school, code, on=day)
        if len(stays) != 1:
            raise NotInCustody("Nothing, or more than one device, was here under that code.", rule="DEV-07")
        return _give_back(said, stays[0])
    match = match_token(said.school, code, on=day)
    if match.pupil is None:
        raise TokenUnknown("Nobody on roll fits what was scanned.", rule="DEV-04")
    return _at_the_desk(said, match.pupil, DeskAct(act), match.device)


def _at_the_desk(
    said: _Said,
    pupil: Pupil,
    act: DeskAct,
    device: PupilDevice | None = None,
    new_type: DeviceType | None = None,
) -> models.Model:
    """Do one act of the arrivals desk at the time it happened."""
    along: tuple[Flag, ...] = ()
    if act not in (DeskAct.HAND_IN, DeskAct.SECOND):
        if CustodyRecord.objects.filter(pupil=pupil, voided=False, opened_at__gt=said.happened_at).exists():
            raise RecordedMeanwhile("Another desk has recorded a hand-in of this pupil since then.", rule="DEV-04")
        try:
            with transaction.atomic():
                return make_exception(
                    school=said.school,
                    actor=said.actor,
                    at=said.happened_at,
                    recorded_at=said.at,
                    pupil=pupil,
                    act=act,
                    extra_flags=(Flag.OFFLINE,),
                )
        except NotHandedInYet:
            along = (Flag.DAMAGED,) if act == DeskAct.DAMAGED else (Flag.LATE,)
    if act == DeskAct.SECOND and device is None and new_type is None:
        device = _the_other(pupil)
    stay = hand_in_device(
        school=said.school,
        actor=said.actor,
        at=said.happened_at,
        recorded_at=said.at,
        pupil=pupil,
        device=device,
        new_type=new_type,
        switched_off=said.switched_off,
        gate=said.gate,
        note=said.note,
        extra_flags=(Flag.OFFLINE, *along),
    )
    if recorded_since(stay.device, said.happened_at, but=stay.pk):
        raise RecordedMeanwhile("Another desk has recorded this device since then.", rule="DEV-04")
    return stay


def _the_other(pupil: Pupil) -> PupilDevice:
    owned = desk_devices(pupil)
    here = {stay.device_id for stay in open_stays_near(owned)}
    others = [one for one in owned if one.pk not in here]
    if not here or len(others) != 1:
        raise TokenUnknown("Say which device the second one is.", rule="DEV-04")
    return others[0]


def _give_back(said: _Said, stay: CustodyRecord, **more: Any) -> CustodyRecord:
    if stay.opened_at > said.happened_at:
        raise RecordedMeanwhile("It was handed in again after this was scanned.", rule="DEV-07")
    return return_device(
        school=said.school,
        actor=said.actor,
        at=said.happened_at,
        recorded_at=said.at,
        custody=stay,
        note=said.note or "Recorded while the desk was offline.",
        **more,
    )


def _keep_for_a_person(
    said: _Said, submission: UUID, code: str, act: str, scanned_by: User | None, refusal: Refusal
) -> OfflineScan:
    day = london_day(said.happened_at)
    waiting = OfflineScan(
        school=said.school,
        submission=submission,
        token=code,
        act=act,
        happened_at=said.happened_at,
        received_at=said.at,
        sent_by=said.actor,
        scanned_by=scanned_by,
        pupil=match_token(said.school, code, on=day).pupil,
        problem=refusal.message[:300],
        rule=refusal.rule[:40],
    )
    waiting.stamp(by=said.actor, at=said.at)
    waiting.save(force_insert=True)
    return waiting


@operation("devices.settle_offline")
def settle_offline_scan(
    *,
    school: School,
    actor: User,
    at: datetime,
    scan: OfflineScan,
    outcome: OfflineOutcome,
    pupil: Pupil | None = None,
    act: str = "",
    device: PupilDevice | None = None,
    new_type: DeviceType | None = None,
    contact: Contact | None = None,
    reason: str = "",
    switched_off: bool | None = None,
    note: str = "",
    submission: UUID | None = None,
) -> OfflineScan:
    """Say what becomes of a scan that the record could not take: record it after all at its own time, or let it go.

    Who may: whoever holds LOG_CUSTODY. The refusals of the act itself are raised as they are; also
    `ScanSettledAlready`, `ScanNeedsPupil` and, where nothing is recorded, `ReasonToLetGoNeeded`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    held: OfflineScan = (
        OfflineScan.objects.select_for_update(of=("self",)).select_related("pupil").get(school=school, pk=scan.pk)
    )
    if held.settled_at is not None:
        raise ScanSettledAlready("Somebody has settled this one already.", rule="DEV-33")
    made: models.Model | None = None
    if outcome == OfflineOutcome.RECORDED:
        held.pupil = pupil or held.pupil
        if held.pupil is None:
            raise ScanNeedsPupil("Enter whose it is: a name, code or number.", rule="DEV-04")
        said = _Said(school, actor, at, held.happened_at, switched_off, None, "Scanned offline, settled later.")
        made = _settle(said, held.pupil, act or held.act, device, new_type, contact, reason)
    elif not note:
        raise ReasonToLetGoNeeded("Say in a few words why nothing is recorded.", rule="DEV-33")
    held.outcome, held.settled_at, held.settled_by, held.settled_note = outcome, at, actor, note
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school,
        actor=actor,
        action="devices.settle_offline",
        at=at,
        obj=held,
        submission=submission,
        detail={"outcome": outcome.value, "act": act or held.act, "made": made.pk if made is not None else None},
    )
    return held


def _settle(
    said: _Said,
    pupil: Pupil,
    act: str,
    device: PupilDevice | None,
    new_type: DeviceType | None,
    contact: Contact | None,
    reason: str,
) -> models.Model:
    if act != RETURN:
        return _at_the_desk(said, pupil, DeskAct(act), device, new_type)
    here = CustodyRecord.objects.filter(pupil=pupil, closed_at__isnull=True)
    stays = list(here.filter(device=device) if device is not None else here)
    if len(stays) != 1:
        raise NotInCustody(
            "Nothing of this pupil is here." if not stays else "Several devices are here: choose which.", rule="DEV-07"
        )
    given_to = GivenTo.CONTACT if contact is not None else GivenTo.PUPIL
    return _give_back(said, stays[0], given_to=given_to, contact=contact, reason=reason)
