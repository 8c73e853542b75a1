"""The school’s own devices and the log of pictures in the demonstration."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agreements.enums import ConsentPurpose
from core.people.models import School, User
from core.people.queries import pupils_on_roll, staff_of
from devices.enums import AssetStatus, AssetType, Protection
from devices.models import SchoolAsset
from devices.operations.assets import add_asset, check_protection, issue_asset, return_asset, set_work_contact
from devices.operations.image_sets import challenge_images, log_image_set, name_shown
from devices.operations.permissions.school_device import give_school_device
from devices.operations.remote_teaching import log_remote_teaching
from devices.queries.assets import permission_of, readiness_of, staff_to_issue_to

_OWNED = (
    ("L11", AssetType.LAPTOP, "Slate Pro", "Staff room", Protection.PRIVATE),
    ("L12", AssetType.LAPTOP, "Slate Pro", "Staff room", Protection.PRIVATE),
    ("T01", AssetType.TABLET, "Slate 9", "Trolley A", Protection.PIN),
    ("T02", AssetType.TABLET, "Slate 9", "Trolley A", Protection.UNKNOWN),
    ("C01", AssetType.CAMERA, "Lumen 3", "Office cupboard", Protection.OTHER),
    ("P01", AssetType.PHONE, "Pebble", "Trips box", Protection.NONE),
)


def write_assets(school: School, *, office: User, head: User, today: date, now: datetime) -> None:
    """Six devices; those who have acknowledged the notice of monitoring have or had one; two sets of pictures."""
    at = now - timedelta(days=2)
    owned = {row[0]: _add(school, office, at, row) for row in _OWNED}
    ready = [one for one in staff_to_issue_to(school) if one.pk != head.pk and _is_ready(school, head, one, at, today)]
    for number, person in zip(("L11", "T01"), ready, strict=False):
        issue = issue_asset(
            school=school, actor=office, at=at + timedelta(hours=1), asset=owned[number], person=person,
            condition="Good", accessories="Charger and case", purpose="Lessons and preparation",
            due_on=today + timedelta(days=120),
        )  # fmt: skip
        if number == "L11":
            log_remote_teaching(
                school=school, actor=person, at=at + timedelta(hours=2), what="Revision for pupils at home",
                starts_on=today, ends_on=today + timedelta(days=10), ground=f"school-{issue.pk}",
            )  # fmt: skip
        if number == "T01":
            return_asset(
                school=school, actor=office, at=at + timedelta(days=1), issue=issue, condition="A scratch on the back",
                accessories="Charger", status=AssetStatus.AVAILABLE,
            )  # fmt: skip
    staff = [one for one in staff_of(school) if one.pk not in (head.pk, office.pk)][:3]
    for step, person in enumerate(staff):
        set_work_contact(
            school=school, actor=office, at=at, user=person, needs_contact=True,
            number=f"01632 960{step}40" if step else "", email=person.email,
        )  # fmt: skip
    if staff:
        _pictures(school, staff[0], head, owned["C01"], at, today)


def _add(school: School, office: User, at: datetime, row: tuple[str, AssetType, str, str, Protection]) -> SchoolAsset:
    number, kind, make, location, protection = row
    asset = add_asset(
        school=school, actor=office, at=at, number=number, type=kind, make=make, serial=f"SN-{number}",
        location=location, custodian=office,
    )  # fmt: skip
    if protection != Protection.UNKNOWN:
        asset = check_protection(school=school, actor=office, at=at, asset=asset, protection=protection)
    return asset


def _is_ready(school: School, head: User, person: User, at: datetime, today: date) -> bool:
    """Whether they may be given one; where only permission is missing, the head gives it."""
    found = readiness_of(school, person, at, today)
    if found.permission_missing and not (found.notices or found.no_notice):
        give_school_device(
            school=school, actor=head, at=at, person=person, purpose="Lessons and preparation", starts_on=at.date(),
            ends_on=today + timedelta(days=150),
        )  # fmt: skip
        return permission_of(school, person, at) is not None
    return found.is_ready


def _pictures(school: School, teacher: User, head: User, camera: SchoolAsset, at: datetime, today: date) -> None:
    pupils = list(pupils_on_roll(school, today).filter(form__isnull=False).order_by("id")[10:13])
    for number, (activity, suits) in enumerate((("Harvest assembly", True), ("Cross-country run", False))):
        row = log_image_set(
            school=school, actor=teacher, at=at, activity=activity, taken_on=at.date(), photographer=teacher,
            asset=camera, purpose=ConsentPurpose.WEBSITE, is_suitable=suits, stored_where="The school’s drive",
            suitable_note="" if suits else "Two are blurred and deleted",
        )  # fmt: skip
        if pupils:
            name_shown(school=school, actor=teacher, at=at, image_set=row, pupils=pupils)
        if number:
            challenge_images(
                school=school, actor=head, at=at + timedelta(hours=3), image_set=row,
                challenge="Why were those at the back taken from so near?",
            )  # fmt: skip
