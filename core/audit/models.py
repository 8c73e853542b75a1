"""The record's one table. Plain keys and no foreign keys: it outlives what it names."""

from __future__ import annotations

from django.db import models

from core.audit.enums import Outcome
from core.kit.models import AppendOnlyModel, Privacy


class Entry(AppendOnlyModel):
    """One act, look or refusal (ORG-09). `detail` holds old and new values, never a safeguarding narrative.

    `submission` is the idempotency key of the form that caused the act: unique in a school, so that a form sent
    twice is acted on once.
    """

    school_id = models.BigIntegerField(null=True, help_text="Key of the school; empty for acts outside any school.")
    actor_id = models.BigIntegerField(null=True, help_text="Key of the user; empty when the system acted.")
    action = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.DONE)
    object_type = models.CharField(max_length=80, blank=True, default="")
    object_id = models.BigIntegerField(null=True)
    submission = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    privacy = Privacy(
        data_class="restricted",
        keep="as long as the longest-kept record it names; reviewed, never cut short by hand",
        scrub={"detail": "blank"},
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_id", "submission"],
                condition=models.Q(submission__isnull=False),
                name="audit_entry_one_per_submission",
            ),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="audit_entry_outcome_known"),
        ]
        indexes = [
            models.Index(fields=["school_id", "-at"], name="audit_entry_by_time"),
            models.Index(fields=["school_id", "object_type", "object_id"], name="audit_entry_by_object"),
            models.Index(fields=["school_id", "actor_id", "-at"], name="audit_entry_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome}"
