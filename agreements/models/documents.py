"""Documents made from agreements, the school's seal, the worker's jobs for them, and scans of signed paper."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from agreements.enums import MakeState, PaperKind
from agreements.models.agreement import Agreement, Signatory
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import SchoolModel, TrackedModel, User


class SchoolSeal(TrackedModel):
    """The key and certificate that a school's documents are sealed with; an earlier one still proves what it sealed."""

    history_leaves_out: ClassVar[frozenset[str]] = frozenset({"private_key"})

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    private_key = SealedTextField(length=8000)
    certificate = models.TextField(max_length=8000)
    fingerprint = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    privacy = Privacy(
        data_class="restricted", keep="as long as a document sealed with it", scrub={"private_key": "drop"}
    )

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(retired_at__isnull=True), name="agreements_seal_one_in_use"
            ),
            models.CheckConstraint(condition=~Q(private_key=b""), name="agreements_seal_has_key"),
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]


class DocumentJob(SchoolModel):
    """A document that the worker has to make: what it is made from is frozen here, before anything is drawn."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=8, choices=PaperKind.choices)
    number = models.PositiveSmallIntegerField(default=1, help_text="Made again only when somebody signs later.")
    snapshot = models.JSONField()
    state = models.CharField(max_length=10, choices=MakeState.choices, default=MakeState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="personal", keep="with its agreement", scrub={"snapshot": "drop"})

    class Meta:
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "kind", "number"], name="agreements_job_once"),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(state__in=[MakeState.WAITING, MakeState.MAKING]),
                name="agreements_job_to_make",
            )
        ]

    def __str__(self) -> str:
        return f"Job {self.pk}"


class SealedDocument(SchoolModel, AppendOnlyModel):
    """The PDF as it was sealed. `source_checksum` is of the bytes before the seal, which the snapshot gives again;
    `checksum` of the sealed file (AGR-06)."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=8, choices=PaperKind.choices)
    number = models.PositiveSmallIntegerField()
    snapshot = models.JSONField()
    content = models.BinaryField()
    source_checksum = models.CharField(max_length=64)
    checksum = models.CharField(max_length=64, unique=True)
    pages = models.PositiveSmallIntegerField()
    seal = models.ForeignKey(SchoolSeal, on_delete=models.PROTECT, related_name="documents")
    made_at = models.DateTimeField()

    privacy = Privacy(data_class="personal", keep="with its agreement", scrub={"snapshot": "drop", "content": "drop"})

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "kind", "number"], name="agreements_document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class PaperScan(SchoolModel, AppendOnlyModel):
    """What was signed on paper, as it was scanned; drawn anew from its pixels, so that nothing else came with it."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="scans")
    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, null=True, related_name="scans")
    content = models.BinaryField()
    checksum = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="personal", keep="with its agreement", scrub={"content": "drop"})

    class Meta:
        ordering = ["-added_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "checksum"], name="agreements_scan_once")]

    def __str__(self) -> str:
        return f"Scan {self.pk}"


class PrintRun(SchoolModel):
    """Agreements of many pupils as one PDF to sign on paper; asked for, made by the worker, gone after a day."""

    wanted = models.JSONField(default=dict, help_text="Which agreements, by key; nothing that names anybody.")
    state = models.CharField(max_length=10, choices=MakeState.choices, default=MakeState.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)
    content = models.BinaryField(null=True)
    checksum = models.CharField(max_length=64, blank=True, default="")
    pages = models.PositiveIntegerField(default=0)

    privacy = Privacy(data_class="personal", keep="1 day", scrub={"content": "drop"})

    class Meta:
        ordering = ["-requested_at", "-id"]

    def __str__(self) -> str:
        return f"Print {self.pk}"
