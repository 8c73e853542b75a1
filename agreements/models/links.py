"""Links by which parents and carers sign without an account, and the short visits that they open (security 5.3)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from agreements.enums import LinkPurpose
from agreements.models.agreement import Signatory
from agreements.models.consent import ImageConsent
from core.kit.models import Privacy
from core.people.models import Contact, SchoolModel, TrackedModel, User


class SigningLink(TrackedModel):
    """A link of 256 random bits, of which only the SHA-256 is kept; for one adult, for what its items name, 14 days."""

    history_leaves_out: ClassVar[frozenset[str]] = frozenset({"token_hash"})

    purpose = models.CharField(max_length=8, choices=LinkPurpose.choices, default=LinkPurpose.SIGN)
    token_hash = models.CharField(max_length=64, unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="signing_links")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=200, blank=True, default="")

    privacy = Privacy(data_class="personal", keep="90 days after it ran out", scrub={"token_hash": "drop"})

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="agreements_link_dates_in_order")
        ]
        indexes = [models.Index(fields=["contact", "-made_at"], name="agreements_link_by_contact")]

    def __str__(self) -> str:
        return f"Link {self.pk}"


class LinkItem(SchoolModel):
    """One thing that a link lets somebody sign, or one child about whom they answer; spent by the POST that sends it,
    once (siblings in one visit)."""

    link = models.ForeignKey(SigningLink, on_delete=models.PROTECT, related_name="items")
    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, null=True, related_name="link_items")
    consent = models.ForeignKey(ImageConsent, on_delete=models.PROTECT, null=True, related_name="link_items")
    used_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="personal", keep="with its link")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "signatory"], name="agreements_linkitem_once"),
            models.UniqueConstraint(fields=["link", "consent"], name="agreements_linkitem_consent_once"),
            models.CheckConstraint(
                condition=Q(signatory__isnull=False, consent__isnull=True)
                | Q(signatory__isnull=True, consent__isnull=False),
                name="agreements_linkitem_about_one",
            ),
        ]

    def __str__(self) -> str:
        return f"Item {self.pk}"


class SigningVisit(SchoolModel):
    """What a link was swapped for when it was opened: half an hour without a sign of life ends it, two hours in all."""

    link = models.ForeignKey(SigningLink, on_delete=models.PROTECT, related_name="visits")
    key_hash = models.CharField(max_length=64, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    typed = models.JSONField(default=dict, help_text="What was typed on the way, until it is sent.")

    privacy = Privacy(data_class="personal", keep="30 days", scrub={"key_hash": "drop", "typed": "drop"})

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("began_at")), name="agreements_visit_dates_in_order")
        ]

    def __str__(self) -> str:
        return f"Visit {self.pk}"
