"""Who is let into which system, on the strength of which acknowledgement; and what the school promised a pupil."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from agreements.enums import AccessState, SystemKind
from core.kit.constraints import paired
from core.kit.models import Privacy
from core.people.enums import Category
from core.people.models import Pupil, TrackedModel, User
from policies.models import Acknowledgement


class AccessSystem(TrackedModel):
    """A system, resource or kind of device that people are let into."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=SystemKind.choices)
    ended_on = models.DateField(null=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="agreements_system_name_unique")]

    def __str__(self) -> str:
        return self.name


class AccessGrant(TrackedModel):
    """One person let into one system, from when to when, by whom, relying on which acknowledgement (AGR-19, AGR-20).

    The acknowledgement came before the access, and the database keeps it so (AGR-25).
    """

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="access_grants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=20, choices=Category.choices)
    system = models.ForeignKey(AccessSystem, on_delete=models.PROTECT, related_name="grants")
    device = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=10, choices=AccessState.choices, default=AccessState.GRANTED)
    acknowledgement = models.ForeignKey(Acknowledgement, on_delete=models.PROTECT, related_name="grants")
    acknowledged_at = models.DateTimeField(help_text="When that acknowledgement was given.")
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ends_on = models.DateField(null=True, help_text="The last day, where one was set.")
    suspended_at = models.DateTimeField(null=True)
    suspended_because = models.CharField(max_length=300, blank=True, default="")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_because = models.CharField(max_length=300, blank=True, default="")

    privacy = Privacy(
        data_class="personal",
        keep="1 year after it ends",
        scrub={"suspended_because": "blank", "revoked_because": "blank"},
    )

    class Meta:
        ordering = ["-granted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pupil__isnull=False, user__isnull=True) | Q(pupil__isnull=True, user__isnull=False),
                name="agreements_access_of_one_person",
            ),
            models.UniqueConstraint(
                fields=["system", "pupil"],
                condition=~Q(state=AccessState.REVOKED) & Q(pupil__isnull=False),
                name="agreements_access_once_a_pupil",
            ),
            models.UniqueConstraint(
                fields=["school", "system", "user"],
                condition=~Q(state=AccessState.REVOKED) & Q(user__isnull=False),
                name="agreements_access_once_a_person",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__lte=F("granted_at")), name="agreements_access_after_acknowledgement"
            ),
            models.CheckConstraint(
                condition=~Q(state=AccessState.REVOKED) | (Q(revoked_at__isnull=False) & ~Q(revoked_because="")),
                name="agreements_access_revoked_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=AccessState.SUSPENDED) | (Q(suspended_at__isnull=False) & ~Q(suspended_because="")),
                name="agreements_access_suspended_says_why",
            ),
        ]
        indexes = [models.Index(fields=["school", "state"], name="agreements_access_by_state")]

    def __str__(self) -> str:
        return f"Access {self.pk}"


class PupilPromise(TrackedModel):
    """Something the school undertook for one pupil: time out, a listening adult, a sensory aid (AGR-27)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="promises")
    clause_key = models.CharField(max_length=60, blank=True, default="", help_text="The clause it comes from, if any.")
    text = models.CharField(max_length=300)
    how = models.CharField(max_length=300, blank=True, default="", help_text="What it means for this pupil.")
    starts_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep="1 year after the pupil leaves", scrub={"how": "blank"})

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "text"], condition=Q(ended_at__isnull=True), name="agreements_promise_once"
            ),
            paired("ended_at", "ended_by", "agreements_promise_ended_paired"),
        ]

    def __str__(self) -> str:
        return f"Promise {self.pk}"
