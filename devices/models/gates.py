"""The gates where a school takes devices in, and how its desks work."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from core.kit.models import Privacy
from core.people.models import TrackedModel


class Gate(TrackedModel):
    """A place where devices are taken in of a morning, so that each queue has its own figures (DEV-12)."""

    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=1)
    closed_on = models.DateField(null=True, blank=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="devices_gate_name_unique")]

    def __str__(self) -> str:
        return self.name


class DeskSettings(TrackedModel):
    """What a school chooses about its desks beside its policy; one row for a school, made when first changed."""

    overnight_two_names = models.BooleanField(default=False)
    tell_parents_uncollected = models.BooleanField(default=False)
    label_offset_x = models.DecimalField(
        max_digits=4, decimal_places=1, default=0, validators=[MinValueValidator(-20), MaxValueValidator(20)]
    )
    label_offset_y = models.DecimalField(
        max_digits=4, decimal_places=1, default=0, validators=[MinValueValidator(-20), MaxValueValidator(20)]
    )

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school"], name="devices_desksettings_one_a_school"),
            models.CheckConstraint(
                condition=Q(label_offset_x__range=(-20, 20), label_offset_y__range=(-20, 20)),
                name="devices_desksettings_offsets_on_paper",
            ),
        ]

    def __str__(self) -> str:
        return "Desk settings"
