"""What agreements are made from: a template, its versions, and the clauses of each (AGR-01, AGR-04, AGR-09)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from agreements.enums import AgreementKind, Party, VersionState
from core.kit.constraints import paired
from core.kit.models import Privacy
from core.people.models import SchoolModel, TrackedModel, User
from policies.models import Document

KEEP = "while the school uses the service"


class AgreementTemplate(TrackedModel):
    """A text that agreements are made from, under a name that lasts; what it says stands in its versions."""

    kind = models.CharField(max_length=20, choices=AgreementKind.choices)
    title = models.CharField(max_length=120)
    retired_on = models.DateField(null=True, help_text="Nothing is issued from it from this day on.")

    privacy = Privacy(data_class="school", keep=KEEP)

    class Meta:
        ordering = ["kind", "title"]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "title"], name="agreements_template_title_unique")
        ]

    def __str__(self) -> str:
        return self.title


class TemplateVersion(TrackedModel):
    """One edition. Once published neither it nor its clauses change: the database refuses (AGR-09)."""

    template = models.ForeignKey(AgreementTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    title = models.CharField(max_length=120)
    intro = models.TextField(max_length=2000, blank=True, default="")
    sites = models.TextField(
        max_length=1000, blank=True, default="", help_text="Sites that pupils are asked to use, one a line (AGR-23)."
    )
    starts_on = models.DateField(null=True, help_text="From this day, older ones are to be renewed (AGR-09).")
    change_note = models.CharField(max_length=400, blank=True, default="")
    renews = models.BooleanField(default=True, help_text="Whether what was signed before has to be signed again.")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="school", keep=KEEP)

    class Meta:
        ordering = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="agreements_version_number_unique"),
            models.UniqueConstraint(
                fields=["template"], condition=Q(state=VersionState.DRAFT), name="agreements_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT, published_at__isnull=True)
                | Q(state=VersionState.PUBLISHED, published_at__isnull=False, starts_on__isnull=False),
                name="agreements_version_published_has_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    @property
    def is_published(self) -> bool:
        return self.state == VersionState.PUBLISHED


class Clause(TrackedModel):
    """One point of a version, switched on or off by itself (AGR-04).

    `rule` and `answers` bind it to a rule: it stands in what is issued only where the school's rule gives one of the
    answers (matrix 5.3). `text` may hold the fields of `agreements.wording.FIELDS`. `plain_text` is the short reading
    for the pupil and for the phone; `symbol` an icon of ours beside it.
    """

    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="clauses")
    key = models.SlugField(max_length=60)
    party = models.CharField(max_length=14, choices=Party.choices)
    position = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=1500)
    plain_text = models.CharField(max_length=300, blank=True, default="")
    symbol = models.CharField(max_length=30, blank=True, default="")
    is_required = models.BooleanField(default=False, help_text="Cannot be switched off.")
    is_on = models.BooleanField(default=True)
    rule = models.CharField(max_length=60, blank=True, default="")
    answers = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    privacy = Privacy(data_class="school", keep=KEEP)

    class Meta:
        ordering = ["template_version", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["template_version", "key"], name="agreements_clause_key_unique"),
            models.CheckConstraint(
                condition=Q(is_required=False) | Q(is_on=True), name="agreements_clause_required_is_on"
            ),
            models.CheckConstraint(
                condition=Q(rule="", answers=[]) | (~Q(rule="") & ~Q(answers=[])), name="agreements_clause_rule_answers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.key}"


class Translation(TrackedModel):
    """A version in another language, a text of its own: `texts` holds text and plain text by clause key."""

    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=12, help_text="As browsers name it, such as “pl” or “zh-Hans”.")
    title = models.CharField(max_length=120)
    intro = models.TextField(max_length=2000, blank=True, default="")
    texts = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True, help_text="A reader of the language has compared it.")
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="school", keep=KEEP)

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["template_version", "language"], name="agreements_translation_once"),
            paired("checked_at", "checked_by", "agreements_translation_checked_paired"),
        ]

    def __str__(self) -> str:
        return self.language


class TemplateReading(SchoolModel):
    """A document that families read with a version, such as the acceptable use policy (AGR-21, AGR-22)."""

    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="readings")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="school", keep=KEEP)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["template_version", "document"], name="agreements_reading_once")]

    def __str__(self) -> str:
        return f"Reading {self.pk}"
