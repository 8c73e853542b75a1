"""Devices that nobody could put a name to in the queue: put aside under a tag, settled later (market 4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.enums import ParkedOutcome
from devices.models import DeviceType, Gate, ParkedDevice, PupilDevice
from devices.operations.hand_in import hand_in_device
from devices.queries.register import daily_places


class UnableToSettle(Refusal):
    """A device that was put aside cannot be settled so."""


class AlreadySettled(UnableToSettle):
    """Somebody else said what became of it."""


class PupilNeeded(UnableToSettle):
    """To record a hand-in, say whose it is."""

    default_field = "whose"


@operation("devices.park")
def park_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    typed: str = "",
    type: DeviceType | None = None,
    looks: str = "",
    switched_off: bool | None = None,
    gate: Gate | None = None,
    submission: UUID | None = None,
) -> ParkedDevice:
    """Put a device aside under the day's next tag, so that the queue moves on; whose it is, is settled later.

    Who may: whoever holds LOG_CUSTODY. It lies in the first place for ordinary hand-ins, without a slot.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    day = london_day(at)
    parked = ParkedDevice(
        school=school,
        day=day,
        typed=typed,
        type=type,
        looks=looks,
        switched_off=switched_off,
        place=daily_places(school).first(),
        gate=gate,
        parked_at=at,
        parked_by=actor,
    )
    parked.stamp(by=actor, at=at)
    while True:
        last = ParkedDevice.objects.filter(school=school, day=day).aggregate(last=Max("number"))["last"]
        parked.number = (last or 0) + 1
        try:
            with transaction.atomic():
                parked.save(force_insert=True)
            break
        except IntegrityError as error:  # another desk took the number in the same moment
            if "devices_parked_number_unique" not in str(error):
                raise
            parked.pk, parked._state.adding = None, True
    record(
        school=school,
        actor=actor,
        action="devices.park",
        at=at,
        obj=parked,
        submission=submission,
        detail={"tag": parked.tag},
    )
    return parked


@operation("devices.settle_parked")
def settle_parked(
    *,
    school: School,
    actor: User,
    at: datetime,
    parked: ParkedDevice,
    outcome: ParkedOutcome,
    pupil: Pupil | None = None,
    device: PupilDevice | None = None,
    new_type: DeviceType | None = None,
    switched_off: bool | None = None,
    note: str = "",
    submission: UUID | None = None,
) -> ParkedDevice:
    """Say what became of a device that was put aside.

    Who may: whoever holds LOG_CUSTODY. `handed_in` records the hand-in of `pupil` at the time it was put aside, with
    all that a hand-in asks for; its refusals are raised as they are. Raises `AlreadySettled` or `PupilNeeded`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    held: ParkedDevice = ParkedDevice.objects.select_for_update(of=("self",)).get(school=school, pk=parked.pk)
    if held.settled_at is not None:
        raise AlreadySettled("Somebody has settled this one already.", rule="DEV-33")
    if outcome == ParkedOutcome.HANDED_IN:
        if pupil is None:
            raise PupilNeeded("Enter whose it is: a name, code or number.", rule="DEV-04")
        held.custody = hand_in_device(
            school=school,
            actor=actor,
            at=held.parked_at,
            recorded_at=at,
            pupil=pupil,
            device=device,
            new_type=new_type,
            switched_off=switched_off if switched_off is not None else held.switched_off,
            gate=held.gate,
            note=f"Put aside as {held.tag} until it was known whose it is.",
        )
    held.outcome, held.settled_at, held.settled_by, held.settled_note = outcome, at, actor, note
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school,
        actor=actor,
        action="devices.settle_parked",
        at=at,
        obj=held,
        submission=submission,
        detail={"outcome": outcome.value, "tag": held.tag},
    )
    return held
