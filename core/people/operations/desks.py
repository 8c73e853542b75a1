"""Taking turns at a shared desk: computers enrolled and revoked, PINs issued and ended, the desk opened with one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django_scopes import scopes_disabled

from core.audit.enums import Outcome
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import has, require
from core.people.models import DeskDevice, DeskPin, School, Session, User
from core.people.operations.editing import locked
from core.people.queries.desks import desk_of_key, key_hash
from core.people.roles import Permission
from core.people.sessions import SessionStore

PIN_DIGITS = 6
MOST_WRONG_TRIES = 5
_SALT = "core.people.desk-pin"


class UnableToEnrolDesk(Refusal):
    """The computer was not enrolled."""


class DeskNameTaken(UnableToEnrolDesk):
    """Two enrolled computers of a school may not have the same name."""

    default_field = "name"


class DeskRevoked(Refusal):
    """The computer is revoked already."""


class PinEnded(Refusal):
    """The PIN has ended already."""


class UnableToUnlock(Refusal):
    """The desk stays locked."""

    default_field = "pin"


class DeskNotEnrolled(UnableToUnlock):
    """PINs work only on a computer that is enrolled."""


class TooManyWrongPins(UnableToUnlock):
    """Five wrong PINs: somebody signs in fully on this computer first."""


class WrongPin(UnableToUnlock):
    """Nobody who may use the desk has this PIN."""


@dataclass(frozen=True)
class OpenedDesk:
    """Who opened which desk with a PIN."""

    device: DeskDevice
    user: User

    @property
    def school(self) -> School:
        school: School = self.device.school
        return school


@operation("people.enrol_desk")
def enrol_device(*, school: School, actor: User, at: datetime, name: str, submission: UUID | None = None) -> DeskDevice:
    """Make a key for one browser; it is on the result as `key` this once and nowhere else. Administrator or head.

    Raises `DeskNameTaken`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    key = secrets.token_urlsafe(32)
    device = DeskDevice(school=school, name=name, key_hash=key_hash(key), enrolled_by=actor, enrolled_at=at)
    device.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            device.save()
    except IntegrityError:
        raise DeskNameTaken("Another computer has this name. Give this one its own.", rule="ORG-20") from None
    record(school=school, actor=actor, action="people.enrol_desk", at=at, obj=device, submission=submission)
    device.key = key
    return device


@operation("people.revoke_desk")
def revoke_device(
    *, school: School, actor: User, at: datetime, device: DeskDevice, submission: UUID | None = None
) -> DeskDevice:
    """No PIN works on this computer any more, and what was opened there with one ends now. Administrator or head.

    Raises `DeskRevoked`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_ACCOUNTS, school)
    row = locked(device)
    if row.revoked_at is not None:
        raise DeskRevoked("This computer is revoked already.", rule="ORG-20")
    row.revoked_by, row.revoked_at = actor, at
    row.stamp(by=actor, at=at)
    row.save()
    everybody = DeskPin.objects.filter(school=school).values_list("user_id", flat=True)
    ended = _end_desk_sessions(set(everybody), "desk_device", row.pk)
    record(
        school=school,
        actor=actor,
        action="people.revoke_desk",
        at=at,
        obj=row,
        detail={"sessions": ended},
        submission=submission,
    )
    return row


@operation("people.issue_desk_pin")
def issue_pin(*, school: School, actor: User, at: datetime, submission: UUID | None = None) -> DeskPin:
    """Give oneself a new PIN; it is on the result as `shown` this once and nowhere else. An earlier one ends.

    Chance picks it, so nobody learns of another's by being told that it is taken. For whoever may log devices in and
    out. Raises `NotPermitted`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    User.objects.select_for_update().get(pk=actor.pk)  # two tabs, one after the other
    withdraw_pin(school=school, user=actor, actor=actor, at=at)
    issued = _issued(school, actor, at)
    record(school=school, actor=actor, action="people.issue_desk_pin", at=at, obj=issued, submission=submission)
    return issued


def _issued(school: School, user: User, at: datetime) -> DeskPin:
    while True:
        pin = _random_pin()
        lookups = _lookups(school, pin)
        if DeskPin.objects.filter(school=school, lookup__in=lookups, ended_at__isnull=True).exists():
            continue
        row = DeskPin(school=school, user=user, lookup=lookups[0], pin_hash=make_password(pin), issued_at=at)
        row.stamp(by=user, at=at)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # somebody got the same one at the same moment
            continue
        row.shown = pin
        return row


def _random_pin() -> str:
    while True:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        if not is_weak(pin):
            return pin


def is_weak(pin: str) -> bool:
    """Whether somebody would try it first: all alike, two digits in turn, counting up or down, three digits twice."""
    digits = [int(digit) for digit in pin]
    steps = {(later - earlier) % 10 for earlier, later in pairwise(digits)}
    return len(set(digits)) < 3 or len(steps) == 1 or pin[:3] == pin[3:]


def _lookups(school: School, pin: str) -> list[str]:
    """What a PIN is found by: under the key in use first, then under keys that are on their way out."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    said = f"{school.pk}:{pin}"
    return [salted_hmac(_SALT, said, secret=key, algorithm="sha256").hexdigest() for key in keys]


@operation("people.end_desk_pin")
def end_pin(*, school: School, actor: User, at: datetime, pin: DeskPin, submission: UUID | None = None) -> DeskPin:
    """Stop a PIN, and what was opened with it: one's own, or anybody's for the administrator or head.

    Raises `PinEnded`, `NotPermitted`.
    """
    row = locked(pin)
    if row.user_id != actor.pk:
        require(actor, Permission.MANAGE_ACCOUNTS, school)
    if row.ended_at is not None:
        raise PinEnded("This PIN has ended already.", rule="ORG-20")
    ended = _end(row, actor=actor, at=at)
    record(
        school=school,
        actor=actor,
        action="people.end_desk_pin",
        at=at,
        obj=row,
        detail={"sessions": ended},
        submission=submission,
    )
    return row


def withdraw_pin(*, school: School, user: User, actor: Any, at: datetime) -> None:
    """End the person's PIN in the school, if there is one; inside another operation."""
    for row in DeskPin.objects.select_for_update().filter(school=school, user=user, ended_at__isnull=True):
        _end(row, actor=actor, at=at)


def _end(row: DeskPin, *, actor: Any, at: datetime) -> int:
    row.ended_at, row.lookup, row.pin_hash = max(at, row.issued_at), "", ""
    row.stamp(by=actor, at=at)
    row.save()
    return _end_desk_sessions({row.user_id}, "desk_only", row.school_id)


def _end_desk_sessions(users: set[int], mark: str, value: int) -> int:
    """End the sessions of `users` that were opened with a PIN and carry `mark`; returns how many."""
    store = SessionStore()
    rows = Session.objects.filter(user_id__in=users)
    found = [row.pk for row in rows if store.decode(row.session_data).get(mark) == value]
    ended, _ = Session.objects.filter(pk__in=found).delete()
    return int(ended)


def unlock_with_pin(*, key: str, pin: str, at: datetime) -> OpenedDesk:
    """Open the desk of the browser that holds `key` for the person of `pin`; every try is on record.

    A PIN of somebody who has left, is switched off or may not log devices counts as a wrong one. Raises
    `DeskNotEnrolled`, `TooManyWrongPins`, `WrongPin`; the count of wrong tries stands all the same.
    """
    with scopes_disabled(), transaction.atomic():
        opened = _try(key, pin, at)
    if isinstance(opened, Refusal):
        raise opened
    return opened


def _try(key: str, pin: str, at: datetime) -> OpenedDesk | UnableToUnlock:
    known = desk_of_key(key)
    device = locked(known) if known is not None else None  # held: two tries at one desk are two tries
    if device is None or device.revoked_at is not None:
        _note(None, at, "desk_not_enrolled")
        return DeskNotEnrolled("PINs do not work on this computer. Sign in with your password.", rule="ORG-20")
    if device.wrong_tries >= MOST_WRONG_TRIES:
        _note(device, at, "too_many_wrong_pins")
        return TooManyWrongPins(
            "Too many wrong PINs. Sign in with your password; after that PINs work here again.", rule="ORG-20"
        )
    user = _person_of(device.school, pin)
    device.wrong_tries = 0 if user is not None else device.wrong_tries + 1
    device.stamp(by=user, at=at)
    device.save()
    if user is None:
        _note(device, at, "wrong_pin")
        return WrongPin("That PIN is not right. Type it again.", rule="ORG-20")
    record(school=device.school, actor=user, action="people.unlock_with_pin", at=at, obj=device)
    return OpenedDesk(device, user)


def _person_of(school: School, pin: str) -> User | None:
    live = DeskPin.objects.filter(school=school, lookup__in=_lookups(school, pin), ended_at__isnull=True)
    for row in live.select_related("user"):
        if check_password(pin, row.pin_hash) and has(row.user, Permission.LOG_CUSTODY, school):
            user: User = row.user
            return user
    return None


def _note(device: DeskDevice | None, at: datetime, refusal: str) -> None:
    detail: dict[str, Any] = {"refusal": refusal, "rule": "ORG-20"}
    if device is not None:
        detail["wrong_tries"] = device.wrong_tries
    record(
        school=device.school if device is not None else None,
        actor=None,  # whoever tried is not known
        action="people.unlock_with_pin",
        at=at,
        obj=device,
        outcome=Outcome.REFUSED,
        detail=detail,
    )


@transaction.atomic
def trust_desk_again(*, device: DeskDevice, actor: User, at: datetime) -> None:
    """After too many wrong PINs: somebody of the desk has signed in fully on this computer, so PINs work again."""
    with scopes_disabled():
        row = locked(device)
        school = row.school
        if row.wrong_tries < MOST_WRONG_TRIES or not has(actor, Permission.LOG_CUSTODY, school):
            return
        row.wrong_tries = 0
        row.stamp(by=actor, at=at)
        row.save()
    record(school=school, actor=actor, action="people.trust_desk_again", at=at, obj=row)
