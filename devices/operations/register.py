"""The standing register: kinds of device, and pupils' own devices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.refusals import ChangedMeanwhile, Refusal
from core.kit.times import day as day_in_words
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from devices.enums import STANDARD_TYPES, DeviceOwner
from devices.models import CustodyRecord, DeviceType, PupilDevice, Slot

_FIELDS = ("type", "make", "model", "colour", "mark", "note", "bring_reason", "owner", "usual_slot")


class DeviceIsHere(Refusal):
    """The device is in the school's hands and cannot be put out of use now."""


class DeviceIsRetired(Refusal):
    """The device was marked as no longer brought already."""


class TypeNameTaken(Refusal):
    """Another kind of device has the name."""

    default_field = "label"


@operation("devices.seed_types")
def seed_device_types(*, school: School, actor: User | None, at: datetime) -> list[DeviceType]:
    """Give a new school the standard catalogue of kinds (DEV-01); kinds it has already are left alone.

    Who may: MANAGE_STORAGE, or the system.
    """
    require(actor, Permission.MANAGE_STORAGE, school)
    School.objects.select_for_update().get(pk=school.pk)  # two people who start at once do it in turn
    have = set(DeviceType.objects.filter(school=school).values_list("key", flat=True))
    rows = [
        DeviceType(
            school=school,
            key=key,
            label=label,
            communicates=communicates,
            goes_online=goes_online,
            records_sound=records_sound,
            records_pictures=records_pictures,
            position=position,
        )
        for position, (key, label, communicates, goes_online, records_sound, records_pictures) in enumerate(
            STANDARD_TYPES, start=1
        )
        if key not in have
    ]
    created = bulk_create(DeviceType, rows, by=actor, at=at, reason="standard catalogue")
    record(school=school, actor=actor, action="devices.seed_types", at=at, detail={"added": [row.key for row in rows]})
    return created


@operation("devices.change_type")
def change_device_type(
    *,
    school: School,
    actor: User,
    at: datetime,
    device_type: DeviceType,
    label: str,
    communicates: bool,
    goes_online: bool,
    records_sound: bool,
    records_pictures: bool,
    version: int | None = None,
    submission: UUID | None = None,
) -> DeviceType:
    """Change what a kind of device is called and what it can do (DEV-01). Who may: MANAGE_STORAGE.

    `version` is the one the form was opened with; raises `ChangedMeanwhile` when somebody saved it since then.
    """
    require(actor, Permission.MANAGE_STORAGE, school)
    device_type = DeviceType.objects.select_for_update(of=("self",)).get(pk=device_type.pk)
    if version is not None and device_type.version != version:
        raise ChangedMeanwhile("Somebody changed this kind of device while you were typing. Compare, then save again.")
    if DeviceType.objects.filter(school=school, label__iexact=label).exclude(pk=device_type.pk).exists():
        raise TypeNameTaken(f"Another kind of device is called {label}.", rule="DEV-01")
    new = {
        "label": label,
        "communicates": communicates,
        "goes_online": goes_online,
        "records_sound": records_sound,
        "records_pictures": records_pictures,
    }
    old = {name: getattr(device_type, name) for name in new}
    for name, value in new.items():
        setattr(device_type, name, value)
    device_type.stamp(by=actor, at=at)
    device_type.save()
    record(
        school=school,
        actor=actor,
        action="devices.change_type",
        at=at,
        obj=device_type,
        submission=submission,
        detail={"old": old, "new": new},
    )
    return device_type


@operation("devices.add_device")
def add_device(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    pupil: Pupil,
    type: DeviceType,
    make: str = "",
    model: str = "",
    colour: str = "",
    mark: str = "",
    note: str = "",
    bring_reason: str = "",
    owner: str = DeviceOwner.PUPIL,
    usual_slot: Slot | None = None,
    submission: UUID | None = None,
) -> PupilDevice:
    """Put a pupil's device on the register (DEV-34), with whose it is (law PH-11). Who may: MANAGE_DEVICES."""
    require(actor, Permission.MANAGE_DEVICES, school)
    device = enter_device(
        actor=actor,
        at=at,
        pupil=pupil,
        type=type,
        make=make,
        model=model,
        colour=colour,
        mark=mark,
        note=note,
        bring_reason=bring_reason,
        owner=owner,
        usual_slot=usual_slot,
    )
    record(
        school=school,
        actor=actor,
        action="devices.add_device",
        at=at,
        obj=device,
        submission=submission,
        detail={"type": type.key},
    )
    return device


def enter_device(*, actor: User | None, at: datetime, pupil: Pupil, type: DeviceType, **described: Any) -> PupilDevice:
    """A device new to the register, inside the caller's operation, which says who may and writes the record."""
    device = PupilDevice(school=pupil.school, pupil=pupil, type=type, **described)
    device.stamp(by=actor, at=at)
    device.save()
    return device


@operation("devices.change_device")
def change_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    device: PupilDevice,
    version: int,
    submission: UUID | None = None,
    **changes: Any,
) -> PupilDevice:
    """Change how a device is described. `version` is the one the form was opened with; raises `ChangedMeanwhile`."""
    require(actor, Permission.MANAGE_DEVICES, school)
    current: PupilDevice = PupilDevice.objects.select_for_update(of=("self",)).get(pk=device.pk)
    if current.version != version:
        raise ChangedMeanwhile("Somebody changed this device while you were typing. Compare, then save again.")
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name in _FIELDS:
        if name in changes and getattr(current, name) != changes[name]:
            old[name], new[name] = _plain(getattr(current, name)), _plain(changes[name])
            setattr(current, name, changes[name])
    current.stamp(by=actor, at=at)
    current.save()
    record(
        school=school,
        actor=actor,
        action="devices.change_device",
        at=at,
        obj=current,
        submission=submission,
        detail={"old": old, "new": new},
    )
    return current


def _plain(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value


@operation("devices.retire_device")
def retire_device(
    *, school: School, actor: User, at: datetime, device: PupilDevice, submission: UUID | None = None
) -> PupilDevice:
    """Mark a device as no longer brought; its record stays. Raises `DeviceIsHere` while the school holds it."""
    require(actor, Permission.MANAGE_DEVICES, school)
    current: PupilDevice = PupilDevice.objects.select_for_update(of=("self",)).get(pk=device.pk)
    if current.retired_on is not None:
        raise DeviceIsRetired(f"It is out of use since {day_in_words(current.retired_on)}.", rule="DEV-34")
    if CustodyRecord.objects.filter(device=device, closed_at__isnull=True).exists():
        raise DeviceIsHere("This device is here. Give it back first.", rule="DEV-34")
    current.retired_on = london_day(at)
    current.usual_slot = None
    current.stamp(by=actor, at=at)
    current.save()
    record(school=school, actor=actor, action="devices.retire_device", at=at, obj=current, submission=submission)
    return current
