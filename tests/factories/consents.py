"""Answers about images and uses of them, for tests, through the operations that make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django_scopes import scope

from agreements.models import ImageConsent, ImageUse
from agreements.operations.consent_giving import record_consent
from agreements.operations.image_uses import plan_use
from core.people.models import Contact, Pupil, School, User
from tests.factories import make_contact

PRESETS = (
    "group-locked-storage",
    "primary-by-agreement",
    "primary-online-safety",
    "image-and-conduct",
    "phone-free-agreement",
)


def parent_says(
    pupil: Pupil,
    actor: User,
    at: datetime,
    purposes: Sequence[str],
    *,
    surname: str = "Parent",
    contact: Contact | None = None,
    **fields: Any,
) -> ImageConsent:
    """A parent's answer on paper: the contact of that surname, made where there is none."""
    with scope(school=pupil.school):
        contact = (
            contact
            or Contact.objects.filter(pupil=pupil, surname=surname).first()
            or make_contact(pupil, surname, forename="Ann", has_parental_responsibility=True)
        )
        said: ImageConsent = record_consent(
            school=pupil.school, actor=actor, at=at, pupil=pupil, contact=contact, purposes=purposes,
            **{"mode": "paper", "said_by": "Ann Parent"} | fields,
        )  # fmt: skip
    return said


def make_use(school: School, actor: User, at: datetime, pupils: Sequence[Pupil], **fields: Any) -> ImageUse:
    """A use that is planned: of everybody given, who has consented; of nobody, past the check."""
    values: dict[str, Any] = {
        "purpose": "website", "title": "Sports day", "place": "News page, school website",
    } | fields  # fmt: skip
    with scope(school=school):
        if pupils:
            planned: ImageUse = plan_use(school=school, actor=actor, at=at, pupils=pupils, **values)
            return planned
        use = ImageUse(school=school, checked_at=at, checked_by=actor, rules_version=1, **values)
        use.stamp(by=actor, at=at)
        use.save()
    return use
