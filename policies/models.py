"""Documents that govern something, their versions, and who has acknowledged which."""

from __future__ import annotations

from django.db import models

from core.kit.constraints import paired
from core.kit.models import Privacy
from core.people.models import Pupil, TrackedModel, User
from policies.enums import PROCEDURES, AcknowledgedHow, DocumentKind, ImprovementList, ImprovementState


class Document(TrackedModel):
    """A document by its name, such as the acceptable use policy; what it says stands in its versions (DEV-31)."""

    kind = models.CharField(max_length=20, choices=DocumentKind.choices)
    title = models.CharField(max_length=200)
    address = models.URLField(max_length=300, blank=True, default="", help_text="Of the published text (INC-30).")

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["kind", "title"]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "title"], name="policies_document_title_unique"),
            models.UniqueConstraint(
                fields=["school", "kind"],
                condition=models.Q(kind__in=PROCEDURES),
                name="policies_document_one_procedure",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DocumentVersion(TrackedModel):
    """One edition of a document, in force from a day until the next one is."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    label = models.CharField(max_length=60)
    starts_on = models.DateField()

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "label"], name="policies_version_label_unique"),
            models.UniqueConstraint(fields=["document", "starts_on"], name="policies_version_one_a_day"),
        ]

    def __str__(self) -> str:
        return self.label


class Acknowledgement(TrackedModel):
    """A pupil knows one version of a document: since when, shown how, and who wrote it down (DEV-31)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="acknowledgements")
    document_version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="acknowledgements")
    acknowledged_on = models.DateField()
    method = models.CharField(max_length=12, choices=AcknowledgedHow.choices)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="personal", keep="1 year after the pupil leaves")

    class Meta:
        ordering = ["-acknowledged_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "document_version"], name="policies_acknowledgement_once_a_version"
            )
        ]
        indexes = [models.Index(fields=["school", "document_version"], name="policies_acknowledged")]

    def __str__(self) -> str:
        return f"Acknowledgement {self.pk}"


class ImprovementItem(TrackedModel):
    """Something to change in a policy, in what is taught or in how the school works, and what became of it.

    Raised by a person or by a lesson from a closed case, which it names by a key alone: the words name nobody (INC-27,
    INC-28, POL-22).
    """

    list = models.CharField(max_length=12, choices=ImprovementList.choices)
    state = models.CharField(max_length=10, choices=ImprovementState.choices, default=ImprovementState.OPEN)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="improvements")
    text = models.CharField(max_length=400)
    source = models.CharField(max_length=20, blank=True, default="", help_text="What raised it, such as “lesson”.")
    source_key = models.BigIntegerField(null=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    reason = models.CharField(max_length=400, blank=True, default="")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    early_review = models.BooleanField(default=False, help_text="It asks for a review before the next one is due.")

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "source", "source_key"],
                condition=models.Q(source_key__isnull=False),
                name="policies_improvement_once_a_source",
            ),
            models.CheckConstraint(
                condition=~models.Q(list=ImprovementList.POLICY) | models.Q(document__isnull=False),
                name="policies_improvement_names_policy",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ImprovementState.REJECTED) | ~models.Q(reason=""),
                name="policies_improvement_rejected_says_why",
            ),
            paired("decided_at", "decided_by", "policies_improvement_decided_paired"),
        ]

    def __str__(self) -> str:
        return f"Improvement {self.pk}"
