"""Documents that govern something, their versions, and who has acknowledged which."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.kit.constraints import paired
from core.kit.models import Privacy
from core.people.models import Contact, Pupil, TrackedModel, User
from policies.enums import PROCEDURES, AcknowledgedHow, DocumentKind, ImprovementList, ImprovementState, Readership


class Document(TrackedModel):
    """A document by its name, such as the acceptable use policy; what it says stands in its versions (DEV-31)."""

    kind = models.CharField(max_length=20, choices=DocumentKind.choices)
    title = models.CharField(max_length=200)
    address = models.URLField(max_length=300, blank=True, default="", help_text="Of the published text (INC-30).")
    asked_of = ArrayField(
        models.CharField(max_length=10, choices=Readership.choices),
        default=list,
        blank=True,
        help_text="Who has to acknowledge it (AGR-18, STA-16).",
    )

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
    change_note = models.CharField(max_length=400, blank=True, default="")

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "label"], name="policies_version_label_unique"),
            models.UniqueConstraint(fields=["document", "starts_on"], name="policies_version_one_a_day"),
        ]

    def __str__(self) -> str:
        return self.label


class DocumentText(TrackedModel):
    """What a version says to one readership, in one language: the whole text, or its address if it is kept elsewhere.

    `plain` is a text in short sentences with symbols, for those who read it better. A text that somebody has
    acknowledged is not changed any more; the next version says something else.
    """

    document_version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="texts")
    readership = models.CharField(max_length=10, choices=Readership.choices)
    language = models.CharField(max_length=12, default="en")
    title = models.CharField(max_length=160)
    text = models.TextField(max_length=20_000)
    plain = models.BooleanField(default=False)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["readership", "plain", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["document_version", "readership", "language", "plain"], name="policies_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.readership} {self.language}"


class Acknowledgement(TrackedModel):
    """Somebody knows one version of a document: since when, shown how, and who wrote it down (DEV-31, AGR-18).

    A pupil, a member of the school's community with an account, or a parent or carer; `text` is what they were shown.
    `talked_over` is a parent's word that they talked it through with the child (AGR-21).
    """

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="acknowledgements")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="acknowledgements")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="acknowledgements")
    document_version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="acknowledgements")
    text = models.ForeignKey(DocumentText, on_delete=models.PROTECT, null=True, related_name="acknowledgements")
    acknowledged_on = models.DateField()
    acknowledged_at = models.DateTimeField(null=True, help_text="The moment, where it is known and not only the day.")
    method = models.CharField(max_length=12, choices=AcknowledgedHow.choices)
    talked_over = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep="1 year after the pupil leaves; staff, 6 years after leaving")

    class Meta:
        ordering = ["-acknowledged_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "document_version"], name="policies_acknowledgement_once_a_version"
            ),
            models.UniqueConstraint(fields=["user", "document_version"], name="policies_acknowledgement_once_a_person"),
            models.UniqueConstraint(
                fields=["contact", "document_version"], name="policies_acknowledgement_once_a_parent"
            ),
            models.CheckConstraint(
                condition=models.Q(pupil__isnull=False, user__isnull=True, contact__isnull=True)
                | models.Q(pupil__isnull=True, user__isnull=False, contact__isnull=True)
                | models.Q(pupil__isnull=True, user__isnull=True, contact__isnull=False),
                name="policies_acknowledgement_of_one_person",
            ),
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
