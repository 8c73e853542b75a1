"""The log of pictures: who sees which set, and who in it may not be shown (CON-08, CON-09)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from core.people.access import has
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import AssetStatus
from devices.models import ImageSet, ImageSetPupil, SchoolAsset


def image_sets_visible_to(user: Any, school: School) -> QuerySet[ImageSet]:
    """All of them to those who scrutinise; to others those that they took or logged. The newest first."""
    found: QuerySet[ImageSet] = ImageSet.objects.filter(school=school)
    found = found.select_related(
        "photographer", "asset", "checked_by", "challenged_by", "scrutinised_by", "created_by"
    ).annotate(
        shown_count=Count("shown"),
        refused_count=Count("shown", filter=Q(shown__is_allowed=False)),
    )  # fmt: skip
    if user is None or not has(user, Permission.CHECK_IMAGES, school):
        return found.none()
    if has(user, Permission.VIEW_IMAGE_SETS, school):
        return found
    return found.filter(Q(photographer=user) | Q(created_by=user))


def image_sets(
    user: Any, school: School, *, since: date | None = None, purpose: str = "", look: str = ""
) -> QuerySet[ImageSet]:
    """The log, narrowed: since a day, for a purpose, and what still needs somebody's look."""
    found = image_sets_visible_to(user, school)
    if since is not None:
        found = found.filter(taken_on__gte=since)
    if purpose:
        found = found.filter(purpose=purpose)
    if look == "to_look":
        found = found.filter(scrutinised_at__isnull=True)
    elif look == "questioned":
        found = found.filter(challenged_at__isnull=False, justified_at__isnull=True)
    elif look == "not_allowed":
        found = found.filter(pk__in=ImageSetPupil.objects.filter(school=school, is_allowed=False).values("image_set"))
    elif look == "unsuitable":
        found = found.filter(is_suitable=False)
    return found


def shown_in(image_set: ImageSet) -> list[ImageSetPupil]:
    """Who is to be seen, those first who may not be shown."""
    rows = ImageSetPupil.objects.filter(image_set=image_set).select_related("pupil__form")
    return list(rows.order_by("is_allowed", "pupil__legal_surname", "pupil__legal_forename", "id"))


def equipment_for_pictures(school: School) -> list[SchoolAsset]:
    """School devices with which pictures can have been taken: any that is in use."""
    return list(SchoolAsset.objects.filter(school=school).exclude(status=AssetStatus.RETIRED))


def is_answerable_by(user: User, image_set: ImageSet) -> bool:
    """Whether the person took the pictures, was asked about them and has not answered."""
    asked = image_set.challenged_at is not None and image_set.justified_at is None
    return asked and image_set.photographer_id == user.pk
