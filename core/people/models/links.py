"""Ways into an account that are used once: set-up links, invitations, and the reset of a lost second step."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from core.kit.models import BaseModel, Privacy
from core.people.enums import LinkKind
from core.people.models.account import User
from core.people.models.base import TrackedModel
from core.people.models.school import School


class OneTimeLink(BaseModel):
    """A link of 256 random bits, of which only the SHA-256 is kept; it is spent once and lives a day (row 27)."""

    kind = models.CharField(max_length=20, choices=LinkKind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="Set when a newer link took its place.")

    objects: ClassVar[models.Manager[OneTimeLink]] = models.Manager()

    privacy = Privacy(data_class="personal", keep="90 days after it ran out", scrub={"token_hash": "drop"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=LinkKind.SET_UP) | models.Q(user__isnull=False, school__isnull=False),
                name="people_onetimelink_invitation_names_account",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="people_onetimelink_dates_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(spent_at__isnull=True) | models.Q(withdrawn_at__isnull=True),
                name="people_onetimelink_spent_or_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["user", "kind"], name="people_onetimelink_by_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be used."""
        return self.spent_at is None and self.withdrawn_at is None and at < self.expires_at


class FactorReset(TrackedModel):
    """A lost second step, taken off an account by two people who know its holder (security row 27)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="personal", keep="6 years", scrub={"reason": "blank"})

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="people_factorreset_confirmed_by_and_at",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True) | ~models.Q(confirmed_by=models.F("asked_by")),
                name="people_factorreset_two_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(asked_by=models.F("user"))
                & (models.Q(confirmed_by__isnull=True) | ~models.Q(confirmed_by=models.F("user"))),
                name="people_factorreset_never_ones_own",
            ),
            models.UniqueConstraint(
                fields=["school", "user"],
                condition=models.Q(confirmed_at__isnull=True, withdrawn_at__isnull=True),
                name="people_factorreset_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"Reset {self.pk}"
