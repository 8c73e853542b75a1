"""The register of the school’s own devices, and whether each is protected (SDV-01, SDV-02)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.refusals import ChangedMeanwhile
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import AssetStatus, AssetType, Protection
from devices.models import SchoolAsset
from devices.operations.assets.refusals import NumberMissing, NumberTaken, SaysTooLittle, WhileIssued

_TEXTS = ("make", "serial", "phone_number", "location", "note")


@operation("devices.add_asset")
def add_asset(
    *,
    school: School,
    actor: User,
    at: datetime,
    number: str,
    type: AssetType,
    make: str = "",
    serial: str = "",
    phone_number: str = "",
    location: str = "",
    custodian: User | None = None,
    note: str = "",
    submission: UUID | None = None,
) -> SchoolAsset:
    """Put a device of the school's on the register; its protection is not checked yet, and so it is listed (SDV-01).

    Who may: MANAGE_ASSETS. Raises `NumberMissing`, `NumberTaken`.
    """
    require(actor, Permission.MANAGE_ASSETS, school)
    asset = SchoolAsset(school=school)
    _set(asset, number, type, custodian, make=make, serial=serial, phone_number=phone_number, location=location,
         note=note)  # fmt: skip
    _save(asset, actor, at)
    record(school=school, actor=actor, action="devices.add_asset", at=at, obj=asset, submission=submission)
    return asset


@operation("devices.change_asset")
def change_asset(
    *,
    school: School,
    actor: User,
    at: datetime,
    asset: SchoolAsset,
    number: str,
    type: AssetType,
    status: AssetStatus,
    make: str = "",
    serial: str = "",
    phone_number: str = "",
    location: str = "",
    custodian: User | None = None,
    note: str = "",
    version: int | None = None,
    submission: UUID | None = None,
) -> SchoolAsset:
    """Change what the register says of a device: its number, who looks after it, where it is, where it stands.

    Who may: MANAGE_ASSETS. Whether it is issued follows from issue and return alone; raises `WhileIssued` where the
    status would say otherwise, `NumberMissing`, `NumberTaken`, `ChangedMeanwhile`.
    """
    require(actor, Permission.MANAGE_ASSETS, school)
    held = SchoolAsset.objects.select_for_update(of=("self",)).get(pk=asset.pk, school=school)
    if version is not None and held.version != version:
        raise ChangedMeanwhile("Somebody changed this device while you were typing. Compare, then save again.")
    if (held.status == AssetStatus.ISSUED) != (status == AssetStatus.ISSUED):
        raise WhileIssued("Issue it, or take it back, instead: where it stands follows from that.", rule="SDV-10")
    old = held.status
    held.status = status
    _set(held, number, type, custodian, make=make, serial=serial, phone_number=phone_number, location=location,
         note=note)  # fmt: skip
    _save(held, actor, at)
    record(
        school=school, actor=actor, action="devices.change_asset", at=at, obj=held, submission=submission,
        detail={"from": old, "to": held.status},
    )  # fmt: skip
    return held


@operation("devices.check_protection")
def check_protection(
    *,
    school: School,
    actor: User,
    at: datetime,
    asset: SchoolAsset,
    protection: Protection,
    submission: UUID | None = None,
) -> SchoolAsset:
    """Keep how somebody who looked found it protected: what, when and by whom (SDV-02). No secret is written down.

    Who may: MANAGE_ASSETS. Raises `SaysTooLittle` where nothing was found out.
    """
    require(actor, Permission.MANAGE_ASSETS, school)
    if protection == Protection.UNKNOWN:
        raise SaysTooLittle("Look at the device and choose what you found.", rule="SDV-02", field="protection")
    held = SchoolAsset.objects.select_for_update(of=("self",)).get(pk=asset.pk, school=school)
    old = held.protection
    held.protection, held.protection_checked_at, held.protection_checked_by = protection, at, actor
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school, actor=actor, action="devices.check_protection", at=at, obj=held, submission=submission,
        detail={"from": old, "to": held.protection},
    )  # fmt: skip
    return held


def _set(asset: SchoolAsset, number: str, type: AssetType, custodian: User | None, **texts: Any) -> None:
    if not number.strip():
        raise NumberMissing("Enter the number on its label.", rule="SDV-01")
    asset.number, asset.type, asset.custodian = number.strip(), type, custodian
    for name in _TEXTS:
        setattr(asset, name, texts[name].strip())


def _save(asset: SchoolAsset, actor: User, at: datetime) -> None:
    asset.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            asset.save()
    except IntegrityError as error:
        if "devices_asset_number_unique" not in str(error):
            raise
        raise NumberTaken("Another school device has this number.", rule="SDV-01") from error
