"""Permissions, what happened to them, who decides in whose place, and risk assessments."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q, Value
from django.db.models.functions import Cast

from core.approvals.enums import (
    COMING_STATES,
    LIVE_STATES,
    PUPIL_KINDS,
    STAFF_KINDS,
    UNASKED_KINDS,
    AssessmentState,
    EventKind,
    GivenHow,
    Kind,
    Level,
    State,
)
from core.kit.constraints import paired
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Pupil, SchoolModel, TrackedModel, User
from core.people.roles import Role

KEEP = "6 years after it ends; a pupil’s, with the pupil’s record"
# The day on which it begins, in London.
_FIRST_DAY = Cast(
    Func(Value("Europe/London"), F("starts_at"), function="timezone", output_field=models.DateTimeField()),
    models.DateField(),
)
LONGEST = timedelta(days=366)  # law AP-5: never longer than a school year


class RiskAssessment(TrackedModel):
    """What could go wrong with something somebody wants to do, and what is done about it; one tool for all.

    Complete, it stands as it is: a later look at the same matter is a new assessment.
    """

    reference = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    activity = models.CharField(max_length=1000, help_text="What is to be done, where and with whom.")
    assessor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assessed_on = models.DateField()
    review_on = models.DateField()
    state = models.CharField(max_length=8, choices=AssessmentState.choices, default=AssessmentState.DRAFT)
    conclusion = models.CharField(max_length=1000, blank=True, default="")
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"activity": "blank", "conclusion": "blank"})

    class Meta:
        ordering = ["-assessed_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "reference"], name="approvals_assessment_reference_unique"),
            models.CheckConstraint(
                condition=Q(review_on__gt=F("assessed_on")), name="approvals_assessment_reviewed_later"
            ),
            paired("completed_at", "completed_by", "approvals_assessment_completed_paired"),
            models.CheckConstraint(
                condition=Q(state=AssessmentState.DRAFT, completed_at__isnull=True)
                | (Q(state=AssessmentState.COMPLETE, completed_at__isnull=False) & ~Q(conclusion="")),
                name="approvals_assessment_complete_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Hazard(TrackedModel):
    """One thing that could go wrong: who could be harmed, what is done about it, and how much risk is left."""

    assessment = models.ForeignKey(RiskAssessment, on_delete=models.PROTECT, related_name="hazards")
    position = models.PositiveSmallIntegerField()
    hazard = models.CharField(max_length=300)
    harmed = models.CharField(max_length=200, help_text="Who could be harmed and how.")
    likelihood = models.CharField(max_length=6, choices=Level.choices)
    severity = models.CharField(max_length=6, choices=Level.choices)
    controls = models.CharField(max_length=1000, help_text="What is done about it, and by whom.")
    residual = models.CharField(max_length=6, choices=Level.choices, help_text="The risk that is left.")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"hazard": "blank", "harmed": "blank"})

    class Meta:
        ordering = ["assessment", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "position"], name="approvals_hazard_position_once"),
            models.CheckConstraint(
                condition=~Q(hazard="") & ~Q(harmed="") & ~Q(controls=""), name="approvals_hazard_is_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"Hazard {self.position}"


class Delegation(TrackedModel):
    """For a time somebody decides in the head’s place, about these kinds of permission or about all (law AP-7)."""

    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kinds = models.JSONField(default=list, help_text="Empty: all kinds.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="school", keep="6 years after it ends", scrub={"reason": "blank"})

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="approvals_delegation_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(giver=F("delegate")), name="approvals_delegation_to_somebody_else"),
            paired("ended_at", "ended_by", "approvals_delegation_ended_paired"),
        ]
        indexes = [models.Index(fields=["school", "delegate", "ends_on"], name="approvals_delegation_of")]

    def __str__(self) -> str:
        return f"Delegation {self.pk}"


class Approval(TrackedModel):
    """One permission from the request to its end: whom it is about, within what limits, from when to when.

    It holds from `starts_at` and no longer at `ends_at`, to the minute. Why it was asked for stands in the record of
    its kind and nowhere here: whoever may know what somebody may do need not know why (law AP-6). Limits: `places` and
    `parts` of the day are keys of the school’s rules or its own words, `functions` what the device is used for; empty
    means no limit of that sort. `conditions` is what everybody may read besides.
    """

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    reference = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="approvals")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="approvals")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    review_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reviews",
        help_text="The refusal to be looked at again.",
    )
    rules_version = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    review_on = models.DateField(null=True)
    places = models.JSONField(default=list)
    parts = models.JSONField(default=list)
    functions = models.JSONField(default=list)
    daily_from = models.TimeField(null=True)
    daily_to = models.TimeField(null=True)
    kept = models.CharField(max_length=200, blank=True, default="", help_text="Where it is when not in use.")
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    conditions = models.CharField(max_length=500, blank=True, default="")
    discussed_on = models.DateField(null=True)
    discussed_with = models.CharField(max_length=200, blank=True, default="")
    needs_assessment = models.BooleanField(default=False)
    assessment = models.ForeignKey(RiskAssessment, on_delete=models.PROTECT, null=True, related_name="approvals")
    consented_at = models.DateTimeField(null=True)
    consented_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sent_back_at = models.DateTimeField(null=True)
    sent_back_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_as = models.CharField(max_length=40, choices=Role.choices, blank=True, default="")
    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, null=True, related_name="+")
    decided_because = SealedTextField(length=1000)
    review_route = models.CharField(max_length=300, blank=True, default="", help_text="Refused: whom to ask again.")
    given_how = models.CharField(max_length=8, choices=GivenHow.choices, default=GivenHow.WRITTEN)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    over_at = models.DateTimeField(null=True)
    over_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={
            "conditions": "blank",
            "kept": "blank",
            "discussed_with": "blank",
            "decided_because": "drop",
            "review_route": "blank",
            "functions": "drop",
        },
    )

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "reference"], name="approvals_approval_reference_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=PUPIL_KINDS, pupil__isnull=False, user__isnull=True)
                | Q(kind__in=STAFF_KINDS, pupil__isnull=True, user__isnull=False)
                | Q(kind=Kind.CURRICULUM_USE, pupil__isnull=True, user__isnull=True)
                | Q(kind=Kind.SCHOOL_DEVICE, pupil__isnull=False, user__isnull=True)
                | Q(kind=Kind.SCHOOL_DEVICE, pupil__isnull=True, user__isnull=False),
                name="approvals_approval_about_somebody",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="approvals_approval_dates_in_order"),
            models.CheckConstraint(
                condition=Q(
                    ends_at__lte=ExpressionWrapper(F("starts_at") + LONGEST, output_field=models.DateTimeField())
                ),
                name="approvals_approval_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.CURRICULUM_USE)
                | Q(
                    ends_at__lte=ExpressionWrapper(
                        F("starts_at") + timedelta(days=1), output_field=models.DateTimeField()
                    )
                ),
                name="approvals_approval_one_activity",
            ),
            models.CheckConstraint(
                condition=Q(daily_from__isnull=True, daily_to__isnull=True) | Q(daily_to__gt=F("daily_from")),
                name="approvals_approval_hours_in_order",
            ),
            models.CheckConstraint(
                condition=Q(discussed_on__isnull=True) | Q(discussed_on__lte=_FIRST_DAY),
                name="approvals_approval_discussed_first",
            ),
            # Nobody decides about what is for themselves, or what they asked for (AP-7), save what is given unasked;
            # where a lesson needs the teacher’s consent alone, that is the decision.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(user__isnull=True) | ~Q(decided_by=F("user")),
                name="approvals_approval_not_for_oneself",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=F("requested_by"))
                | Q(kind__in=UNASKED_KINDS)
                | Q(kind=Kind.CURRICULUM_USE, needs_assessment=False),
                name="approvals_approval_not_by_oneself",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.STAFF_LESSON_USE, state__in=LIVE_STATES) | Q(confirmed_at__isnull=False),
                name="approvals_approval_giver_confirms",
            ),
            paired("decided_at", "decided_by", "approvals_approval_decided_paired"),
            paired("consented_at", "consented_by", "approvals_approval_consented_paired"),
            paired("confirmed_at", "confirmed_by", "approvals_approval_confirmed_paired"),
            paired("sent_back_at", "sent_back_by", "approvals_approval_sent_back_paired"),
            models.CheckConstraint(
                condition=~Q(state__in=[*COMING_STATES, *LIVE_STATES, State.SUSPENDED, State.DECLINED, State.USED])
                | Q(decided_at__isnull=False),
                name="approvals_approval_decided_first",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.DECLINED) | (~Q(decided_because=b"") & ~Q(review_route="")),
                name="approvals_approval_refusal_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*COMING_STATES, *LIVE_STATES, State.USED])
                | Q(needs_assessment=False)
                | Q(assessment__isnull=False),
                name="approvals_approval_assessed_first",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.EXCEPTIONAL_USE, state__in=[State.DISCUSSED, *COMING_STATES, *LIVE_STATES])
                | Q(discussed_on__isnull=False),
                name="approvals_approval_talked_over",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.CURRICULUM_USE, state__in=[State.APPROVED, State.USED])
                | Q(consented_at__isnull=False),
                name="approvals_approval_teacher_agrees",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "state", "ends_at"], name="approvals_by_state"),
            models.Index(fields=["pupil", "kind"], name="approvals_by_pupil", condition=Q(pupil__isnull=False)),
            models.Index(fields=["user", "kind"], name="approvals_by_user", condition=Q(user__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.reference

    def holds_at(self, moment: datetime) -> bool:
        """Whether it is in force at a moment, to the minute."""
        states = (State.APPROVED,) if self.kind == Kind.CURRICULUM_USE else LIVE_STATES
        return self.state in states and self.starts_at <= moment < self.ends_at


class ApprovalEvent(SchoolModel, AppendOnlyModel):
    """One step of a permission’s course. `note` may say why, and is read by those alone who may know."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    from_state = models.CharField(max_length=12, choices=State.choices)
    to_state = models.CharField(max_length=12, choices=State.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = SealedTextField(length=1000)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"note": "drop"})

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["approval", "at"], name="approvals_event_by_approval")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
