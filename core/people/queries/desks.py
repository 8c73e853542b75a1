"""Reads about the shared computers of a desk and the PINs of the people who use them."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from core.people.models import DeskDevice, DeskPin, School, User


def key_hash(key: str) -> str:
    """What is stored of a device's key: its SHA-256. The key is 256 random bits, so it needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def desk_of_key(key: str) -> DeskDevice | None:
    """The enrolled browser that holds this key, with its school; None where it was revoked or never enrolled."""
    if not key:
        return None
    with scopes_disabled():
        found: DeskDevice | None = (
            DeskDevice.objects.filter(key_hash=key_hash(key), revoked_at__isnull=True).select_related("school").first()
        )
    return found


def desks_of(school: School) -> QuerySet[DeskDevice]:
    """The browsers enrolled in a school, revoked ones too, by name."""
    found: QuerySet[DeskDevice] = DeskDevice.objects.filter(school=school).select_related("enrolled_by", "revoked_by")
    return found


def pins_of(school: School) -> QuerySet[DeskPin]:
    """The PINs in force in a school, with their people."""
    found: QuerySet[DeskPin] = (
        DeskPin.objects.filter(school=school, ended_at__isnull=True)
        .select_related("user")
        .order_by("user__family_name", "user__given_name")
    )
    return found


def pin_of(user: User, school: School) -> DeskPin | None:
    """A person's PIN in force in a school."""
    found: DeskPin | None = pins_of(school).filter(user=user).first()
    return found


def has_pins(school: School) -> bool:
    """Whether anybody in the school has a PIN."""
    with scopes_disabled():
        return bool(DeskPin.objects.filter(school=school, ended_at__isnull=True).exists())
