"""Rules as dated, append-only rows; what was announced; decisions taken where a rule is not settled."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import SchoolModel
from core.rules.enums import ANNOUNCE_DAYS, ChangeKind


class RuleValue(AppendOnlyModel, SchoolModel):
    """One value of one rule from one day on, with who decided it, when and why (ORG-15, ORG-16).

    Rows written together share a `batch` (a preset writes one for every key). A row that names another in
    `supersedes` takes its place: a correction with a value of its own, a withdrawal without. The highest `id` among
    the rows in force is the version that records keep of the rules they were judged by.
    """

    key = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    preset = models.CharField(max_length=40, blank=True, default="")
    effective_from = models.DateField()
    reason = models.CharField(max_length=500)
    batch = models.UUIDField()
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="school", keep="while the school uses the service: records are judged by past rules")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ChangeKind.values), name="rules_rulevalue_kind_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="rules_rulevalue_reason_given"),
            models.CheckConstraint(
                condition=models.Q(kind=ChangeKind.WITHDRAWAL, value__isnull=True)
                | (~models.Q(kind=ChangeKind.WITHDRAWAL) & models.Q(value__isnull=False)),
                name="rules_rulevalue_value_unless_withdrawn",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[ChangeKind.CORRECTION, ChangeKind.WITHDRAWAL], supersedes__isnull=False)
                | models.Q(kind__in=[ChangeKind.PRESET, ChangeKind.CHANGE], supersedes__isnull=True),
                name="rules_rulevalue_supersedes_paired",
            ),
            models.CheckConstraint(
                condition=(models.Q(kind=ChangeKind.PRESET) & ~models.Q(preset=""))
                | (~models.Q(kind=ChangeKind.PRESET) & models.Q(preset="")),
                name="rules_rulevalue_preset_named",
            ),
            models.UniqueConstraint(
                fields=["supersedes"],
                condition=models.Q(supersedes__isnull=False),
                name="rules_rulevalue_superseded_once",
            ),
            models.UniqueConstraint(
                fields=["school", "batch", "key", "effective_from"], name="rules_rulevalue_once_per_batch"
            ),
        ]
        indexes = [models.Index(fields=["school", "key", "effective_from"], name="rules_rulevalue_by_key")]

    def __str__(self) -> str:
        return f"{self.key} from {self.effective_from:%Y-%m-%d}"


class RuleAnnouncement(AppendOnlyModel, SchoolModel):
    """Staff were told, `days` before it took effect, of the change that `batch` names (NOT-22); each only once."""

    batch = models.UUIDField()
    effective_from = models.DateField()
    days = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    recipients = models.PositiveIntegerField()

    privacy = Privacy(data_class="school", keep="2 years after it was sent")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "batch", "days"], name="rules_ruleannouncement_once"),
            models.CheckConstraint(
                condition=models.Q(days__in=ANNOUNCE_DAYS), name="rules_ruleannouncement_days_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} days before {self.effective_from:%Y-%m-%d}"


class RecordedDecision(AppendOnlyModel, SchoolModel):
    """What a person decided, and why, where the school's rule is not settled (matrix 0.3).

    The subject is named by plain type and key, because the records decided about stand in apps above this one.
    """

    key = models.CharField(max_length=60)
    question = models.CharField(max_length=300)
    decision = models.CharField(max_length=300)
    reason = models.TextField()
    subject_type = models.CharField(max_length=80, blank=True, default="")
    subject_id = models.BigIntegerField(null=True)
    rules_version = models.PositiveBigIntegerField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        data_class="personal",
        keep="as long as the record it was decided about",
        scrub={"decision": "blank", "reason": "blank"},
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason="") & ~models.Q(decision=""), name="rules_recordeddecision_reason_given"
            ),
            models.CheckConstraint(
                condition=models.Q(subject_type="", subject_id__isnull=True)
                | (~models.Q(subject_type="") & models.Q(subject_id__isnull=False)),
                name="rules_recordeddecision_subject_paired",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "subject_type", "subject_id"], name="rules_decision_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.key} decided"
