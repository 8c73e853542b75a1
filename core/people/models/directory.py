"""Outside bodies the school turns to, and pupils' placements with providers."""

from __future__ import annotations

from django.db import models

from core.kit.models import Privacy
from core.people.enums import BodyKind
from core.people.models.base import TrackedModel
from core.people.models.roll import Pupil


class OutsideBody(TrackedModel):
    """Police, social care, LADO, exam board …: whom to ring, on what number, at what hours (ORG-14)."""

    kind = models.CharField(max_length=30, choices=BodyKind.choices)
    name = models.CharField(max_length=160)
    contact_role = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(max_length=254, blank=True, default="")
    hours = models.CharField(max_length=160, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    ended_on = models.DateField(null=True, blank=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name


class Placement(TrackedModel):
    """A pupil's time off site with a provider (ORG-12, DEV-20)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="placements")
    provider = models.CharField(max_length=160)
    place = models.CharField(max_length=160, blank=True, default="")
    days = models.CharField(max_length=120, blank=True, default="")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    privacy = Privacy(data_class="personal", keep="with the pupil's record")

    class Meta:
        ordering = ["-starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="people_placement_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.provider
