"""Who may use school equipment beyond the job, for what and until when (SDV-08, SDV-12)."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from agreements.models import EquipmentUse
from core.people.models import School, User


def equipment_uses(school: School) -> QuerySet[EquipmentUse]:
    """Every authorisation, the newest first."""
    found: QuerySet[EquipmentUse] = EquipmentUse.objects.filter(school=school)
    return found.select_related("user", "authorised_by", "withdrawn_by")


def equipment_use_of(user: User, on: date) -> list[EquipmentUse]:
    """What somebody may use beyond the job on a day, in the school in scope; empty: whatever is done is misuse."""
    live = EquipmentUse.objects.filter(user=user, starts_on__lte=on, ends_on__gte=on, withdrawn_at__isnull=True)
    return list(live.select_related("authorised_by"))
