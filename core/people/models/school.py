"""The school: what every heading, document and rule hangs on."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from core.kit.models import BaseModel, Privacy
from core.people.enums import GoverningBody, Phase


class School(BaseModel):
    """A school's profile (ORG-01). The version counters let each process keep rules and calendar without asking."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    motto = models.CharField(max_length=200, blank=True, default="")
    phases = ArrayField(models.CharField(max_length=20, choices=Phase.choices), default=list)
    trust_name = models.CharField(max_length=160, blank=True, default="", verbose_name="parent group or trust")
    governing_body = models.CharField(max_length=30, choices=GoverningBody.choices, default=GoverningBody.UNSPECIFIED)
    safeguarding_partnership = models.CharField(max_length=160, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    website = models.URLField(blank=True, default="")

    preset = models.CharField(max_length=40, blank=True, default="")
    set_up_at = models.DateTimeField(null=True, help_text="When the set-up checklist was completed.")
    mfa_roles = ArrayField(
        models.CharField(max_length=40), default=list, help_text="Roles that must sign in with a second step."
    )
    rules_version = models.PositiveBigIntegerField(default=0, editable=False)
    calendar_version = models.PositiveBigIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords(excluded_fields=["rules_version", "calendar_version"])

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
