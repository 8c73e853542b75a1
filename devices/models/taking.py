"""A device taken from a pupil: why and how, who decided, who may have it back, who asked and who got it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.kit.constraints import paired
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Contact, Pupil, SchoolModel, TrackedModel, User
from devices.enums import (
    Authority,
    BarredFunction,
    Basis,
    Circumstance,
    Claimant,
    EscalationTrigger,
    IdentityCheck,
    SignedHow,
    TakenBecause,
)
from devices.models.custody import CustodyRecord

_WITH_RECORD = "6 years after the device went back; with the pupil's safeguarding record where it is part of one"


class Confiscation(TrackedModel):
    """Why and how one device was taken (CNF-02, law CO-1–4), and the rules on its release as they stood that day.

    One for each stay. `basis` says how it was taken and never changes: collected, confiscated or evidence (law PH-9).
    """

    custody = models.OneToOneField(CustodyRecord, on_delete=models.PROTECT, related_name="confiscation")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="confiscations")
    basis = models.CharField(max_length=12, choices=Basis.choices)
    ground = models.CharField(max_length=120, help_text="A key of the rule `confiscation_grounds`, or its own words.")
    ground_words = models.CharField(max_length=200, help_text="The ground as it was shown that day.")
    because = models.CharField(max_length=20, choices=TakenBecause.choices)
    functions = ArrayField(models.CharField(max_length=24, choices=BarredFunction.choices), default=list)
    area = models.CharField(max_length=80, blank=True, default="", help_text="The no-device area, where it was one.")
    seen = models.CharField(max_length=1000, help_text="What was seen or heard, in plain facts.")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_where = models.CharField(max_length=120)
    witness = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    witness_name = models.CharField(max_length=160, blank=True, default="")
    authority = models.CharField(max_length=12, choices=Authority.choices, default=Authority.PAID_STAFF)
    proportionate = models.CharField(max_length=500, blank=True, default="", help_text="Why this was reasonable.")
    sealed = models.BooleanField(default=False)
    bag = models.CharField(max_length=40, blank=True, default="", help_text="The number of the sealed bag.")
    circumstances = ArrayField(models.CharField(max_length=12, choices=Circumstance.choices), default=list)
    circumstances_weighed_at = models.DateTimeField(null=True)
    needed_for_home = models.BooleanField(default=False)
    home_plan = models.CharField(
        max_length=200, blank=True, default="", help_text="How the pupil gets home without it."
    )
    release_rule = models.CharField(max_length=40, help_text="The rule `release_rule` on the day, or `unspecified`.")
    expected_on = models.DateField(null=True, help_text="The day from which it is due to go back.")
    days_held = models.PositiveSmallIntegerField(default=0, help_text="Calendar days until then, weekends included.")
    school_days_held = models.PositiveSmallIntegerField(default=0)
    needs_sign_off = models.BooleanField(default=False, help_text="Held beyond the school's limit (law CO-4).")
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    force_used = models.BooleanField(default=False)
    withheld = models.BooleanField(default=False, help_text="The DSL keeps it from parents: nothing goes out.")

    privacy = Privacy(
        data_class="personal",
        keep=_WITH_RECORD,
        scrub={"seen": "blank", "witness_name": "fake_name", "proportionate": "blank", "home_plan": "blank"},
    )

    class Meta:
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(basis__in=[Basis.COLLECTED, Basis.CONFISCATED, Basis.EVIDENCE]),
                name="devices_confiscation_basis_is_taken",
            ),
            models.CheckConstraint(
                condition=~Q(ground="") & ~Q(ground_words=""), name="devices_confiscation_has_ground"
            ),
            models.CheckConstraint(
                condition=~Q(seen="") & ~Q(taken_where=""), name="devices_confiscation_says_what_and_where"
            ),
            models.CheckConstraint(
                condition=Q(circumstances=[]) | Q(circumstances_weighed_at__isnull=False),
                name="devices_confiscation_circumstances_weighed",
            ),
            models.CheckConstraint(
                condition=Q(needed_for_home=False) | ~Q(home_plan=""), name="devices_confiscation_home_is_planned"
            ),
            models.CheckConstraint(
                condition=Q(signed_off_by__isnull=True) | ~Q(signed_off_by=F("taken_by")),
                name="devices_confiscation_signed_by_another",
            ),
            paired("signed_off_at", "signed_off_by", "devices_confiscation_signed_off_paired"),
        ]
        indexes = [
            models.Index(fields=["school", "-taken_at"], name="devices_confiscation_by_time"),
            models.Index(fields=["school", "pupil", "-taken_at"], name="devices_confiscation_by_pupil"),
        ]

    def __str__(self) -> str:
        return f"Confiscation {self.pk}"


class Escalation(SchoolModel, AppendOnlyModel):
    """A parent or carer must collect: what set it off, who decided, and why (CNF-06). Proposed by figures, decided by
    a person (CNF-07)."""

    custody = models.OneToOneField(CustodyRecord, on_delete=models.PROTECT, related_name="escalation")
    trigger = models.CharField(max_length=16, choices=EscalationTrigger.choices)
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    counted = models.PositiveSmallIntegerField(default=0, help_text="Takings in the rule's window, this one included.")

    privacy = Privacy(data_class="personal", keep=_WITH_RECORD)

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="devices_escalation_says_why")]

    def __str__(self) -> str:
        return f"Escalation {self.pk}"


class ReleaseDecision(SchoolModel, AppendOnlyModel):
    """Where the rules do not say who may collect: what the head, SLT or DSL decided for one device (matrix §0.3).

    The newest counts.
    """

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="release_decisions")
    to = models.CharField(max_length=12, choices=Claimant.choices)
    not_before = models.DateTimeField(help_text="From when it may go back.")
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="personal", keep=_WITH_RECORD)

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to__in=[Claimant.PUPIL, Claimant.CONTACT]),
                name="devices_releasedecision_to_pupil_or_contact",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="devices_releasedecision_says_why"),
        ]

    def __str__(self) -> str:
        return f"Release decision {self.pk}"


class Release(SchoolModel, AppendOnlyModel):
    """A taken device went back: to whom, checked how, signed how, in what condition (CNF-09, law CO-6)."""

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="releases")
    to = models.CharField(max_length=12, choices=Claimant.choices)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    collector_name = models.CharField(max_length=160)
    relationship = models.CharField(max_length=60, blank=True, default="")
    identity = models.CharField(max_length=8, choices=IdentityCheck.choices)
    identity_note = models.CharField(max_length=120, blank=True, default="")
    signed = models.CharField(max_length=8, choices=SignedHow.choices)
    initials = models.CharField(max_length=12, blank=True, default="")
    condition = models.CharField(max_length=200)
    where = models.CharField(max_length=120)
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey(ReleaseDecision, on_delete=models.PROTECT, null=True, related_name="releases")
    undone = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(
        data_class="personal",
        keep=_WITH_RECORD,
        scrub={"collector_name": "fake_name", "initials": "blank", "identity_note": "blank", "condition": "blank"},
    )

    class Meta:
        ordering = ["-released_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to=Claimant.PUPIL, contact__isnull=True) | Q(to=Claimant.CONTACT, contact__isnull=False),
                name="devices_release_contact_when_adult",
            ),
            models.CheckConstraint(
                condition=~Q(signed=SignedHow.INITIALS) | ~Q(initials=""), name="devices_release_initials_given"
            ),
            models.CheckConstraint(
                condition=~Q(identity=IdentityCheck.OTHER) | ~Q(identity_note=""), name="devices_release_identity_said"
            ),
            models.CheckConstraint(
                condition=~Q(collector_name="") & ~Q(condition="") & ~Q(where=""), name="devices_release_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"Release {self.pk}"


class ReleaseRefusal(SchoolModel, AppendOnlyModel):
    """Somebody asked for a taken device and did not get it: who, why, under which rule (CNF-05, NOT-25)."""

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="release_refusals")
    claimant = models.CharField(max_length=12, choices=Claimant.choices)
    claimant_name = models.CharField(max_length=160, blank=True, default="")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(max_length=60, help_text="The refusal's code.")
    rule = models.CharField(max_length=60)
    sentence = models.CharField(max_length=400, help_text="What was said on screen.")
    refused_at = models.DateTimeField()
    refused_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="personal", keep=_WITH_RECORD, scrub={"claimant_name": "fake_name"})

    class Meta:
        ordering = ["-refused_at", "-id"]

    def __str__(self) -> str:
        return f"Release refused {self.pk}"
