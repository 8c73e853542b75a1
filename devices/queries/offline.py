"""Scans made while the desk had no line: what a token means, what was done already, and what waits for a person."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet

from core.audit.queries import was_acted_on
from core.people.models import School, User
from core.people.queries import people_at
from devices.models import CustodyRecord, Gate, OfflineScan, PupilDevice
from devices.queries.custody import custody_in_slot
from devices.queries.desk import DeskMatch, find_at_desk
from devices.queries.register import owners_of_usual_slot, slots_labelled

# What a browser may keep: a printed code, an admission or a slot number. static/js/desk-take.js has the same.
_TOKEN = re.compile(r"^(?:[PSD][2-9A-HJKMNP-TV-Z]{8}|\d{1,12}|[A-Z]{1,2}\d{1,3})$")


def is_token(text: str) -> bool:
    """Whether the text is a code or a number and cannot be a name."""
    return bool(_TOKEN.match(text))


def _salt(school: School) -> str:
    return f"devices.desk.by.{school.pk}"


def sign_scanner(school: School, user: User) -> str:
    """Who is at the desk, as a key that a browser may keep: signed, of this school alone, and no name in it."""
    return signing.dumps(user.pk, salt=_salt(school))


def scanner_of(school: School, token: str) -> User | None:
    """The person whom a key of `sign_scanner` names; None where it was not made here."""
    try:
        key = signing.loads(token, salt=_salt(school))
    except signing.BadSignature:
        return None
    return people_at(school).filter(pk=key).first()


def acted_on_already(school: School, submission: UUID) -> bool:
    """Whether this very scan reached the record before: at the desk, its answer lost, or when it was sent earlier."""
    return was_acted_on(school, submission)


def match_token(school: School, code: str, *, on: date) -> DeskMatch:
    """What a token meant at the arrivals desk: a pupil, perhaps with a device; anything else needs a person."""
    if not is_token(code):
        return DeskMatch("none", code)
    match = find_at_desk(school, code, on=on)
    if match.kind == "slot" and match.slot is not None:
        owners = owners_of_usual_slot(match.slot)
        if len(owners) == 1:
            return DeskMatch("pupil", code, pupil=owners[0].pupil, device=owners[0])
    return match if match.kind in ("pupil", "left") else DeskMatch("none", code)


def stays_meant(school: School, code: str, *, on: date) -> list[CustodyRecord]:
    """What a token meant at hand-back: what lies in that slot, or what is here of that pupil or device."""
    if not is_token(code):
        return []
    held = [stay for stay in (custody_in_slot(slot) for slot in slots_labelled(school, code)) if stay is not None]
    if len(held) == 1:
        return held
    match = find_at_desk(school, code, on=on)
    if match.kind == "slot" and match.slot is not None:
        stay = custody_in_slot(match.slot)
        return [stay] if stay is not None else []
    if match.kind not in ("pupil", "left") or match.pupil is None:
        return []
    here = CustodyRecord.objects.filter(pupil=match.pupil, closed_at__isnull=True)
    return list(here.filter(device=match.device) if match.device is not None else here)


def recorded_since(device: PupilDevice, moment: datetime, *, but: int | None = None) -> bool:
    """Whether the record says something of this device after `moment`; the stay `but` is left out."""
    known = CustodyRecord.objects.filter(device=device, voided=False).exclude(pk=but)
    return known.filter(Q(opened_at__gt=moment) | Q(closed_at__gt=moment)).exists()


def open_gate(school: School, key: int | None) -> Gate | None:
    """The gate a desk stood at, while the school still uses it."""
    return Gate.objects.filter(school=school, pk=key, closed_on__isnull=True).first() if key else None


def offline_scans_visible_to(user: User, school: School) -> QuerySet[OfflineScan]:
    """Every scan made offline that the record could not take as it was."""
    return OfflineScan.objects.filter(school=school).select_related(
        "pupil__form", "sent_by", "scanned_by", "settled_by"
    )


def offline_scans(school: School, *, settled_on: date | None = None) -> QuerySet[OfflineScan]:
    """Those that wait for a person, oldest first; or those settled on a day."""
    found: QuerySet[OfflineScan] = OfflineScan.objects.filter(school=school).select_related(
        "pupil__form", "sent_by", "scanned_by", "settled_by"
    )
    if settled_on is not None:
        return found.filter(settled_at__date=settled_on).order_by("settled_at")
    return found.filter(settled_at__isnull=True).order_by("happened_at", "id")


def open_offline_count(school: School) -> int:
    """How many wait for a person."""
    return OfflineScan.objects.filter(school=school, settled_at__isnull=True).count()
