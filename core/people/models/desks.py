"""Shared computers at the front desk, and the PINs with which people take turns at them (security §5.5)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from core.kit.models import Privacy
from core.people.models.account import User
from core.people.models.base import TrackedModel


class DeskDevice(TrackedModel):
    """A browser that an administrator has enrolled. Its key lies in that browser; here there is only the SHA-256."""

    name = models.CharField(max_length=60)
    key_hash = models.CharField(max_length=64, unique=True)
    enrolled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0, help_text="Wrong PINs since the last right one.")

    history_leaves_out: ClassVar[frozenset[str]] = frozenset({"key_hash"})
    privacy = Privacy(data_class="school", keep="1 year after it was revoked", scrub={"key_hash": "hash"})

    # Only in memory, and only just after enrolling: what the browser is to keep.
    key: str = ""

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "school",
                Lower("name"),
                condition=models.Q(revoked_at__isnull=True),
                name="people_deskdevice_name_once",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_by__isnull=True, revoked_at__isnull=True)
                | models.Q(revoked_by__isnull=False, revoked_at__isnull=False),
                name="people_deskdevice_revoked_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeskPin(TrackedModel):
    """One person's PIN at the desks of one school. Found by its lookup, proved by its hash; both go when it ends."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lookup = models.CharField(max_length=64, blank=True)
    pin_hash = models.CharField(max_length=128, blank=True)
    issued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    history_leaves_out: ClassVar[frozenset[str]] = frozenset({"lookup", "pin_hash"})
    privacy = Privacy(
        data_class="personal", keep="6 years after the person leaves", scrub={"lookup": "drop", "pin_hash": "drop"}
    )

    # Only in memory, and only just after issuing: the one time that it is shown.
    shown: str = ""

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "user"],
                condition=models.Q(ended_at__isnull=True),
                name="people_deskpin_one_live_each",
            ),
            models.UniqueConstraint(
                fields=["school", "lookup"],
                condition=models.Q(ended_at__isnull=True),
                name="people_deskpin_lookup_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=False, lookup="", pin_hash="")
                | (models.Q(ended_at__isnull=True) & ~models.Q(lookup="") & ~models.Q(pin_hash="")),
                name="people_deskpin_ended_keeps_no_secret",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("issued_at")),
                name="people_deskpin_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"PIN {self.pk}"
