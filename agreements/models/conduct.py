"""What staff declare, requests to disclose a password, school equipment used beyond the job (STA-10, SDV-08, 11)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from agreements.enums import (
    DeclarationContext,
    DeclarationState,
    DisclosureState,
    EquipmentUseKind,
    RelationshipNature,
)
from core.kit.constraints import paired
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import SchoolModel, TrackedModel, User
from core.people.roles import Role

KEEP = "6 years after the person leaves"


class RelationshipDeclaration(TrackedModel):
    """A tie that makes the no-contact rule hard to keep. The declarer and those consulted read it, and nobody else.

    `consult` is the answer of the rule on the day it was declared (matrix 2.5): who has to be consulted before it can
    be decided.
    """

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    declarer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    context = models.CharField(max_length=12, choices=DeclarationContext.choices)
    nature = models.CharField(max_length=14, choices=RelationshipNature.choices)
    parties = SealedTextField(length=1000)
    circumstances = SealedTextField(length=4000)
    since = models.CharField(max_length=60, help_text="Since when, as the person put it.")
    consult = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=DeclarationState.choices, default=DeclarationState.DECLARED)
    declared_at = models.DateTimeField()
    rules_version = models.PositiveIntegerField()
    decision = SealedTextField(length=4000)
    advice = SealedTextField(length=4000)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    review_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_because = models.CharField(max_length=300, blank=True, default="")

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={"parties": "drop", "circumstances": "drop", "decision": "drop", "advice": "drop", "since": "blank"},
    )

    class Meta:
        ordering = ["-declared_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parties=b"") & ~Q(circumstances=b""), name="agreements_declaration_says_what"
            ),
            paired("decided_at", "decided_by", "agreements_declaration_decided_paired"),
            paired("recorded_at", "recorded_by", "agreements_declaration_recorded_paired"),
            paired("closed_at", "closed_by", "agreements_declaration_closed_paired"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("declarer")),
                name="agreements_declaration_not_by_oneself",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DeclarationState.RECORDED, DeclarationState.REVIEW_DUE])
                | (Q(recorded_at__isnull=False, decided_at__isnull=False, review_on__isnull=False) & ~Q(decision=b"")),
                name="agreements_declaration_recorded_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Declaration {self.pk}"


class DeclarationConsultation(TrackedModel):
    """Somebody who is consulted about a declaration, as the holder of a role, and what they advised."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    declaration = models.ForeignKey(RelationshipDeclaration, on_delete=models.PROTECT, related_name="consultations")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40, choices=Role.choices)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    advised_at = models.DateTimeField(null=True)
    advice = SealedTextField(length=4000)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"advice": "drop"})

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["declaration", "person"], name="agreements_consultation_once"),
            models.CheckConstraint(
                condition=Q(advised_at__isnull=True, advice=b"") | (Q(advised_at__isnull=False) & ~Q(advice=b"")),
                name="agreements_consultation_advice_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Consultation {self.pk}"


class DeclarationEvent(SchoolModel, AppendOnlyModel):
    """One step of a declaration's course."""

    declaration = models.ForeignKey(RelationshipDeclaration, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=10, choices=DeclarationState.choices)
    to_state = models.CharField(max_length=10, choices=DeclarationState.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"Declaration event {self.pk}"


class PasswordDisclosure(TrackedModel):
    """A request that somebody disclose a password or open a system; the password itself is never stored (SDV-11)."""

    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", help_text="Whose access it is.")
    system = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=14, choices=DisclosureState.choices, default=DisclosureState.REQUESTED)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reset_by = models.DateField(help_text="The password is to be reset by this day at the latest.")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_because = models.CharField(max_length=500, blank=True, default="")
    disclosed_at = models.DateTimeField(null=True)
    reset_at = models.DateTimeField(null=True)
    reset_confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"reason": "blank", "decided_because": "blank"})

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(holder=F("requested_by")), name="agreements_disclosure_of_somebody_else"
            ),
            paired("decided_at", "decided_by", "agreements_disclosure_decided_paired"),
            paired("reset_at", "reset_confirmed_by", "agreements_disclosure_reset_paired"),
            models.CheckConstraint(
                condition=~Q(state=DisclosureState.REFUSED) | ~Q(decided_because=""),
                name="agreements_disclosure_refused_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Disclosure {self.pk}"


class EquipmentUse(TrackedModel):
    """The headteacher's written word that somebody may use school equipment for themselves or another job (SDV-08)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    equipment = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=EquipmentUseKind.choices)
    terms = models.CharField(max_length=500, help_text="For what, and within what limits.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    authorised_at = models.DateTimeField()
    authorised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.CharField(max_length=300, blank=True, default="")

    privacy = Privacy(data_class="personal", keep=KEEP, scrub={"terms": "blank"})

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="agreements_equipment_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(user=F("authorised_by")), name="agreements_equipment_not_by_oneself"),
            paired("withdrawn_at", "withdrawn_by", "agreements_equipment_withdrawn_paired"),
        ]

    def __str__(self) -> str:
        return f"Equipment use {self.pk}"
