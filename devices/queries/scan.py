"""The read behind a scan: a pupil, their devices and what they said of the day, in one statement written by hand.

The hot path of the product: three hundred times in twenty minutes. The ORM spends more time on composing these
joins than the database on answering them, so here, and only here, the SQL is written out; the tests hold it to what
the ORM would have found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.approvals.enums import LIVE_STATES, Kind
from core.approvals.models import Approval
from core.kit.rows import SideBySide
from core.people.calendar import LONDON
from core.people.models import FormGroup, Pupil, School
from devices.models import CustodyRecord, DeviceType, NoDeviceDeclaration, PupilDevice, Slot, StoragePlace

_CODE_LENGTH = 9

_WHO = SideBySide(
    ("p", Pupil, "id school_id admission_number legal_forename preferred_forename legal_surname left_on form_id"),
    ("f", FormGroup, "id name"),
)
_HOLDS = SideBySide(
    (
        "d",
        PupilDevice,
        "id version school_id pupil_id type_id make model colour bring_reason owner usual_slot_id retired_on",
    ),
    ("t", DeviceType, "id key label communicates goes_online records_sound records_pictures"),
    ("s", Slot, "id label number state out_of_use_reason place_id"),
    ("l", StoragePlace, "id name kind purpose closed_on"),
)
_BESIDE = _WHO + _HOLDS


def _statement(whose: str) -> str:
    """Who first, held together so that the planner weighs two short chains of joins and not one of seven."""
    # Names come from the models, values go as parameters.
    return f"""
WITH who AS MATERIALIZED (
    SELECT {_WHO.named_columns}, n.id AS declaration_id, EXISTS (
        SELECT FROM {Approval._meta.db_table} a WHERE a.pupil_id = p.id AND a.kind = %s AND a.state = ANY (%s)
        AND a.starts_at < %s AND a.ends_at > %s
    ) AS agreed
    FROM {Pupil._meta.db_table} p
    LEFT JOIN {FormGroup._meta.db_table} f ON f.id = p.form_id
    LEFT JOIN {NoDeviceDeclaration._meta.db_table} n ON n.pupil_id = p.id AND n.day = %s AND n.withdrawn_at IS NULL
    WHERE p.school_id = %s AND {whose}
)
SELECT {_WHO.names_in("who")}, {_HOLDS.columns}, who.declaration_id, who.agreed
FROM who
LEFT JOIN {PupilDevice._meta.db_table} d ON d.pupil_id = who.p_id AND d.retired_on IS NULL
LEFT JOIN {DeviceType._meta.db_table} t ON t.id = d.type_id
LEFT JOIN {Slot._meta.db_table} s ON s.id = d.usual_slot_id
LEFT JOIN {StoragePlace._meta.db_table} l ON l.id = s.place_id
ORDER BY who.p_id, d.id"""  # noqa: S608


_BY_CODE = _statement("p.code = %s")
_BY_NUMBER = _statement("p.admission_number IN (%s, %s)")


@dataclass(frozen=True)
class DeskFacts:
    """What a scan found out with the pupil: the devices in use, the key of a "no device" said on `day`, and whether one
    is with the pupil by a standing agreement (DEV-35)."""

    day: date
    devices: list[PupilDevice]
    declaration_id: int | None
    agreed: bool = False


def scanned_by_code(school: School, code: str, *, on: date) -> Pupil | None:
    """The pupil of a printed code, `desk_facts` with it; None when no pupil of the school has it."""
    return next(iter(_read(_BY_CODE, school, on, code)), None)


def scanned_by_number(school: School, number: str, *, on: date) -> list[Pupil]:
    """The pupils with this admission number, as typed or with its noughts, `desk_facts` with each."""
    return _read(_BY_NUMBER, school, on, *_as_written(number))


def _as_written(number: str) -> tuple[str, str]:
    return number, number.zfill(6)


def facts_of(pupil: Pupil, day: date) -> DeskFacts | None:
    """What the scan found out, if this pupil came by a scan made for that day."""
    facts: DeskFacts | None = getattr(pupil, "desk_facts", None)
    return facts if facts is not None and facts.day == day else None


def _read(sql: str, school: School, on: date, *wanted: str) -> list[Pupil]:
    pupils: dict[int, Pupil] = {}
    begins, ends = (datetime.combine(on + timedelta(days=days), datetime.min.time(), LONDON) for days in (0, 1))
    asked = [Kind.EXCEPTIONAL_USE.value, [one.value for one in LIVE_STATES], ends, begins, on, school.pk, *wanted]
    for (pupil, form, device, kind, slot, place), (declaration, agreed) in _BESIDE.read(sql, asked):
        if pupil.pk not in pupils:
            pupils[pupil.pk] = pupil
            pupil.school, pupil.form = school, form
            pupil.desk_facts = DeskFacts(on, [], declaration, agreed)
        if device is not None:
            device.pupil, device.type, device.usual_slot = pupils[pupil.pk], kind, slot
            if slot is not None:
                slot.place = place
            pupils[pupil.pk].desk_facts.devices.append(device)  # type: ignore[attr-defined]
    return list(pupils.values())


_STAY = SideBySide(("c", CustodyRecord, ""))
_STAY_WITH = _STAY + _WHO + _HOLDS


def _open_stays(whose: str) -> str:
    """Open stays with pupil, device, slot and place; again in two short chains of joins."""
    return f"""
WITH stay AS MATERIALIZED (
    SELECT {_STAY.named_columns}, {_WHO.named_columns}
    FROM {CustodyRecord._meta.db_table} c
    JOIN {Pupil._meta.db_table} p ON p.id = c.pupil_id
    LEFT JOIN {FormGroup._meta.db_table} f ON f.id = p.form_id
    WHERE c.school_id = %s AND c.closed_at IS NULL AND {whose}
)
SELECT {_STAY.names_in("stay")}, {_WHO.names_in("stay")}, {_HOLDS.columns}
FROM stay
JOIN {PupilDevice._meta.db_table} d ON d.id = stay.c_device_id
JOIN {DeviceType._meta.db_table} t ON t.id = d.type_id
LEFT JOIN {Slot._meta.db_table} s ON s.id = stay.c_slot_id
LEFT JOIN {StoragePlace._meta.db_table} l ON l.id = stay.c_place_id
ORDER BY stay.c_id"""  # noqa: S608


_IN_SLOT = _open_stays(
    f"c.slot_id IN (SELECT id FROM {Slot._meta.db_table} "  # noqa: S608
    "WHERE school_id = %s AND (upper(label) = %s OR code = %s))"
)
_OF_CODE = _open_stays("p.code = %s")
_OF_NUMBER = _open_stays("p.admission_number IN (%s, %s)")


def stays_scanned(school: School, text: str) -> list[CustodyRecord]:
    """The open stays that an exact scan at hand-back means: of a slot by number or code, else of a pupil by code or
    admission number. Empty where nothing is here, or where the text is none of these."""
    typed = text.strip().upper()
    if not typed:
        return []
    if typed.startswith("P") and len(typed) == _CODE_LENGTH:
        return _stays(school, _OF_CODE, typed)
    found = _stays(school, _IN_SLOT, school.pk, typed, typed)
    if not found and typed.isdigit():
        found = _stays(school, _OF_NUMBER, *_as_written(typed))
    return found


def _stays(school: School, sql: str, *wanted: Any) -> list[CustodyRecord]:
    stays = []
    for (stay, pupil, form, device, kind, slot, place), _nothing in _STAY_WITH.read(sql, [school.pk, *wanted]):
        pupil.school, pupil.form = school, form
        device.pupil, device.type = pupil, kind
        if slot is not None:
            slot.place = place
        stay.school, stay.pupil, stay.device, stay.slot, stay.place = school, pupil, device, slot, place
        stays.append(stay)
    return stays
