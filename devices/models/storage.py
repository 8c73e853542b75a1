"""Where devices are kept: places, and the numbered slots in them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Upper

from core.kit.models import Privacy
from core.people.models import TrackedModel, new_code
from devices.enums import PlaceKind, PlacePurpose, SlotState


def new_slot_code() -> str:
    return new_code("S")


class StoragePlace(TrackedModel):
    """A safe, a cupboard, a drawer: what it is, whether it locks, what it is for (DEV-06)."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=PlaceKind.choices, default=PlaceKind.SECURE_PLACE)
    lockable = models.BooleanField(default=True)
    purpose = models.CharField(max_length=20, choices=PlacePurpose.choices, default=PlacePurpose.DAILY)
    position = models.PositiveSmallIntegerField(default=1)
    closed_on = models.DateField(null=True, blank=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="devices_storageplace_name_unique"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[PlaceKind.SAFE, PlaceKind.LOCKED_PLACE], lockable=False),
                name="devices_storageplace_safe_locks",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Slot(TrackedModel):
    """One numbered slot of a place. Holds one device at a time."""

    place = models.ForeignKey(StoragePlace, on_delete=models.PROTECT, related_name="slots")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=12)
    code = models.CharField(max_length=12, default=new_slot_code, editable=False)
    state = models.CharField(max_length=12, choices=SlotState.choices, default=SlotState.USABLE)
    out_of_use_reason = models.CharField(max_length=160, blank=True, default="")

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["place", "number"]
        constraints = [
            models.UniqueConstraint(fields=["place", "number"], name="devices_slot_number_unique"),
            models.UniqueConstraint(fields=["school", "code"], name="devices_slot_code_unique"),
            models.CheckConstraint(
                condition=models.Q(state=SlotState.USABLE) | ~models.Q(out_of_use_reason=""),
                name="devices_slot_out_of_use_has_reason",
            ),
        ]
        indexes = [models.Index("school", Upper("label"), name="devices_slot_by_label")]

    def __str__(self) -> str:
        return f"slot {self.label}"
