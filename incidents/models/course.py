"""What follows a report: levels, parents, referrals, who is told, advice, sanctions and support."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.kit.constraints import paired
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Contact, Pupil, SchoolModel, TrackedModel, User
from incidents.enums import (
    AdviceState,
    Channel,
    Consent,
    ParentsDecision,
    PlanState,
    ReferralState,
    TellState,
    TellWhy,
)
from incidents.models.case import KEEP, Incident


class ThresholdAssessment(SchoolModel, AppendOnlyModel):
    """A level of need, set with a named tool; a change is another row (INC-12)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assessments")
    level = models.PositiveSmallIntegerField()
    previous = models.PositiveSmallIntegerField(null=True)
    tool = models.CharField(max_length=120)
    reason = SealedTextField(length=2000)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"reason": "drop"})

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=4), name="incidents_assessment_level_known"),
            models.CheckConstraint(condition=~Q(tool="") & ~Q(reason=b""), name="incidents_assessment_says_why"),
        ]

    def __str__(self) -> str:
        return f"Level {self.level}"


class ParentContact(SchoolModel, AppendOnlyModel):
    """A decision about telling parents, and how they were told; the newest stands (INC-19)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="parent_contacts")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=8, choices=ParentsDecision.choices)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True, default="")
    summary = SealedTextField(length=4000)
    reason = SealedTextField(length=2000)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"summary": "drop", "reason": "drop"})

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(decision=ParentsDecision.TOLD, told_at__isnull=False) & ~Q(channel=""))
                | (~Q(decision=ParentsDecision.TOLD) & Q(told_at__isnull=True) & ~Q(reason=b"")),
                name="incidents_parents_told_or_why",
            )
        ]
        indexes = [models.Index(fields=["incident", "pupil", "-id"], name="incidents_parents_by_pupil")]

    def __str__(self) -> str:
        return f"{self.decision} {self.pk}"


class Referral(TrackedModel):
    """A case handed on to a body outside, or the decision not to (INC-14 to INC-17)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="referrals")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=ReferralState.choices)
    body = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField(null=True)
    reason = SealedTextField(length=4000)
    consent = models.CharField(max_length=10, choices=Consent.choices, default=Consent.NOT_ASKED)
    consent_from = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    consent_at = models.DateTimeField(null=True)
    consent_reason = SealedTextField(length=2000)
    overridden_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=60, blank=True, default="")
    section_17 = models.BooleanField(null=True)
    section_47 = models.BooleanField(null=True)
    further = SealedTextField(length=2000)
    response = SealedTextField(length=4000)
    outcome = SealedTextField(length=4000)
    due_at = models.DateTimeField(null=True)
    next_contact_on = models.DateField(null=True)

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={
            "reason": "drop",
            "consent_reason": "drop",
            "further": "drop",
            "response": "drop",
            "outcome": "drop",
            "reference": "blank",
        },
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(body="") & ~Q(reason=b""), name="incidents_referral_says_why"),
            paired("sent_at", "sent_by", "incidents_referral_sent_paired"),
            models.CheckConstraint(
                condition=~Q(state__in=[ReferralState.SENT, ReferralState.ACKNOWLEDGED, ReferralState.OUTCOME])
                | Q(sent_at__isnull=False),
                name="incidents_referral_sent_at",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReferralState.DSL_OVERRIDE)
                | (Q(overridden_by__isnull=False) & ~Q(consent_reason=b"")),
                name="incidents_referral_override_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Referral {self.pk}"


class Notification(TrackedModel):
    """A body or post that has to be told of a serious incident, or is not relevant, with a reason (INC-23, INC-24).

    Where a crime is suspected it is a task with an owner: the police, and about staff the LADO (INC-33, NOT-08).
    """

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notifications")
    body = models.CharField(max_length=120, help_text="As the rules call it, or in the school's own words.")
    why = models.CharField(max_length=8, choices=TellWhy.choices, default=TellWhy.SERIOUS)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    inside = models.BooleanField(default=False)
    must = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=TellState.choices, default=TellState.NEEDED)
    due_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    told_whom = models.CharField(max_length=120, blank=True, default="")
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True, default="")
    reference = models.CharField(max_length=60, blank=True, default="")
    reason = SealedTextField(length=2000)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"told_whom": "fake_name", "reason": "drop"})

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "why", "body"], name="incidents_notification_once"),
            paired("told_at", "told_by", "incidents_notification_told_paired"),
            models.CheckConstraint(
                condition=~Q(state=TellState.NOT_RELEVANT) | (Q(must=False) & ~Q(reason=b"")),
                name="incidents_notification_must_is_told",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[TellState.SENT, TellState.ACKNOWLEDGED]) | Q(told_at__isnull=False),
                name="incidents_notification_told_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["school"], condition=Q(why=TellWhy.CRIME, state=TellState.NEEDED), name="incidents_tasks_open"
            )
        ]

    def __str__(self) -> str:
        return f"Notification {self.pk}"


class AdviceRecord(TrackedModel):
    """Advice on a case, or a member of staff's own question to the designated adviser (INC-25, STA-15)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="advice")
    state = models.CharField(max_length=10, choices=AdviceState.choices, default=AdviceState.ASKED)
    body = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    question = SealedTextField(length=4000)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answer_from = models.CharField(max_length=120, blank=True, default="")
    answer = SealedTextField(length=4000)
    action = SealedTextField(length=4000)
    acted_at = models.DateTimeField(null=True)

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={"question": "drop", "answer": "drop", "action": "drop", "answer_from": "fake_name"},
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(question=b""), name="incidents_advice_asks"),
            paired("answered_at", "answered_by", "incidents_advice_answered_paired"),
            models.CheckConstraint(
                condition=Q(state=AdviceState.ASKED) | (Q(answered_at__isnull=False) & ~Q(answer=b"")),
                name="incidents_advice_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state=AdviceState.ACTED_ON) | (Q(acted_at__isnull=False) & ~Q(action=b"")),
                name="incidents_advice_acted",
            ),
        ]

    def __str__(self) -> str:
        return f"Advice {self.pk}"


class Sanction(TrackedModel):
    """A sanction or restriction a person decided, from a day to a day, with its reviewer (INC-09, CNF-15)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="sanctions")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=120, help_text="A rung of the school's ladder.")
    excludes = models.BooleanField(default=False, help_text="Takes the pupil out of lessons or school.")
    reason = SealedTextField(length=2000)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    review_on = models.DateField(null=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"reason": "drop"})

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(kind="") & ~Q(reason=b""), name="incidents_sanction_says_why"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="incidents_sanction_dates"
            ),
            paired("withdrawn_at", "withdrawn_by", "incidents_sanction_withdrawn_paired"),
        ]

    def __str__(self) -> str:
        return f"Sanction {self.pk}"


class SupportPlan(TrackedModel):
    """Support for a pupil: aims, actions, an owner, and reviews until it ends (INC-18, IMG-12)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="plans")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=PlanState.choices, default=PlanState.DRAFTED)
    aims = SealedTextField(length=4000)
    actions = SealedTextField(length=4000)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    review_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    end_words = SealedTextField(length=2000)

    privacy = Privacy(
        data_class="restricted", keep=KEEP, scrub={"aims": "drop", "actions": "drop", "end_words": "drop"}
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(aims=b""), name="incidents_plan_has_aims"),
            paired("ended_at", "ended_by", "incidents_plan_ended_paired"),
            models.CheckConstraint(
                condition=Q(state__in=[PlanState.ENDED], ended_at__isnull=False, review_on__isnull=True)
                | (~Q(state=PlanState.ENDED) & Q(ended_at__isnull=True, review_on__isnull=False)),
                name="incidents_plan_reviewed_or_ended",
            ),
        ]
        indexes = [models.Index(fields=["school", "review_on"], name="incidents_plan_by_review")]

    def __str__(self) -> str:
        return f"Plan {self.pk}"


class PlanReview(SchoolModel, AppendOnlyModel):
    """One review of a support plan (INC-18)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    plan = models.ForeignKey(SupportPlan, on_delete=models.PROTECT, related_name="reviews")
    text = SealedTextField(length=4000)
    next_review_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"text": "drop"})

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=b""), name="incidents_review_says_something")]

    def __str__(self) -> str:
        return f"Review {self.pk}"
