"""What is reported on and learned: exams, debriefs and their lessons, and files that go to another school."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.kit.constraints import paired
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Pupil, SchoolModel, TrackedModel, User
from incidents.enums import (
    ExamKind,
    ExamOutcome,
    LessonKind,
    LessonState,
    SecureWay,
    TransferState,
    TransferStep,
)
from incidents.models.case import KEEP, Incident
from policies.models import Document


class ExamReport(TrackedModel):
    """A device found in an exam, for the exam body to judge: the school decides no penalty (INC-35, law JC-3)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="exam")
    kind = models.CharField(max_length=8, choices=ExamKind.choices)
    exam = models.CharField(max_length=120)
    body = models.CharField(max_length=120, blank=True, default="")
    candidate = models.CharField(max_length=20, blank=True, default="")
    room = models.CharField(max_length=60, blank=True, default="")
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=120)
    device = models.CharField(max_length=120)
    was_on = models.BooleanField(null=True)
    could_communicate = models.BooleanField(null=True)
    could_go_online = models.BooleanField(null=True)
    statement = SealedTextField(length=4000)
    reported_at = models.DateTimeField(null=True)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reported_to = models.CharField(max_length=120, blank=True, default="")
    reference = models.CharField(max_length=60, blank=True, default="")
    outcome = models.CharField(max_length=12, choices=ExamOutcome.choices, blank=True, default="")
    outcome_at = models.DateTimeField(null=True)

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={"candidate": "blank", "found_by": "fake_name", "statement": "drop", "reported_to": "fake_name"},
    )

    class Meta:
        constraints = [
            paired("reported_at", "reported_by", "incidents_exam_reported_paired"),
            models.CheckConstraint(
                condition=Q(kind=ExamKind.PUBLIC) & ~Q(body="") | Q(kind=ExamKind.INTERNAL, reported_at__isnull=True),
                name="incidents_exam_body_named",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(reported_at__isnull=False, outcome_at__isnull=False),
                name="incidents_exam_outcome_after_report",
            ),
        ]

    def __str__(self) -> str:
        return f"Exam report {self.pk}"


class Debrief(TrackedModel):
    """What leaders made of an investigation: when, who was there, what it came to (INC-26)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="debrief")
    held_on = models.DateField()
    present = models.CharField(max_length=400)
    summary = SealedTextField(length=8000)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"present": "blank", "summary": "drop"})

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(summary=b""), name="incidents_debrief_says_something")]

    def __str__(self) -> str:
        return f"Debrief {self.pk}"


class Lesson(TrackedModel):
    """A lesson of a debrief and what becomes of it (INC-27, INC-28, matrix §4.19)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    debrief = models.ForeignKey(Debrief, on_delete=models.PROTECT, related_name="lessons")
    kind = models.CharField(max_length=10, choices=LessonKind.choices)
    state = models.CharField(max_length=10, choices=LessonState.choices, default=LessonState.NOTED)
    text = models.CharField(max_length=400, help_text="What has to change, in words that name nobody.")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    reason = SealedTextField(length=2000)
    done_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"text": "blank", "reason": "drop"})

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=LessonKind.NO_CHANGE) | ~Q(reason=b""), name="incidents_lesson_no_change_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state=LessonState.REJECTED) | ~Q(reason=b""), name="incidents_lesson_rejected_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(kind=LessonKind.POLICY) | Q(document__isnull=False), name="incidents_lesson_names_policy"
            ),
            models.CheckConstraint(
                condition=Q(state=LessonState.NOTED) | Q(kind=LessonKind.NO_CHANGE) | Q(owner__isnull=False),
                name="incidents_lesson_has_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"Lesson {self.pk}"


class FileTransfer(TrackedModel):
    """A pupil's child-protection file on its way to another school, with its receipt (law SG-4, SG-5)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="file_transfers")
    state = models.CharField(max_length=10, choices=TransferState.choices, default=TransferState.DUE)
    leaves_on = models.DateField(null=True, help_text="The last day here.")
    to_school = models.CharField(max_length=160, blank=True, default="")
    to_dsl = models.CharField(max_length=120, blank=True, default="")
    due_on = models.DateField()
    shared_early = models.BooleanField(null=True, help_text="Whether something is shared before the file goes.")
    shared_before = SealedTextField(length=2000)
    shared_at = models.DateTimeField(null=True)
    shared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=SecureWay.choices, blank=True, default="")
    paper = models.ForeignKey("incidents.CaseDocument", on_delete=models.PROTECT, null=True, related_name="+")
    records = ArrayField(models.BigIntegerField(), default=list)
    what = models.CharField(max_length=400, blank=True, default="")
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=120, blank=True, default="", help_text="Who acknowledged it.")
    why_not = SealedTextField(length=2000)

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={
            "to_dsl": "fake_name",
            "received_by": "fake_name",
            "what": "blank",
            "shared_before": "drop",
            "why_not": "drop",
        },
    )

    class Meta:
        ordering = ["-due_on", "-id"]
        constraints = [
            paired("sent_at", "sent_by", "incidents_transfer_sent_paired"),
            paired("shared_at", "shared_by", "incidents_transfer_shared_paired"),
            models.UniqueConstraint(
                fields=["pupil"],
                condition=~Q(state__in=[TransferState.RECEIVED, TransferState.NOT_NEEDED]),
                name="incidents_transfer_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state=TransferState.DUE, sent_at__isnull=True)
                | (Q(state=TransferState.NOT_NEEDED, sent_at__isnull=True) & ~Q(why_not=b""))
                | Q(state=TransferState.SENT, sent_at__isnull=False, received_at__isnull=True)
                | (Q(state=TransferState.RECEIVED, received_at__isnull=False) & ~Q(received_by="")),
                name="incidents_transfer_in_order",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | (~Q(to_school="") & ~Q(to_dsl="") & ~Q(channel="")),
                name="incidents_transfer_sent_whole",
            ),
            models.CheckConstraint(
                condition=Q(shared_early__isnull=True, shared_at__isnull=True)
                | (Q(shared_early__isnull=False, shared_at__isnull=False) & ~Q(shared_before=b"")),
                name="incidents_transfer_shared_why",
            ),
        ]
        indexes = [models.Index(fields=["school", "state", "due_on"], name="incidents_transfer_by_state")]

    def __str__(self) -> str:
        return f"Transfer {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it has still to be sent, or its receipt to come."""
        return self.state in {TransferState.DUE, TransferState.SENT}


class TransferEvent(SchoolModel, AppendOnlyModel):
    """One step of a transfer: who did what, when, and the reason they gave (law SG-4, SG-5)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    transfer = models.ForeignKey(FileTransfer, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=TransferStep.choices)
    text = SealedTextField(length=2000)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"text": "drop"})

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["transfer", "at", "id"], name="incidents_transfer_steps")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class FileArrival(TrackedModel):
    """A child-protection file that came from another school, and whether its receipt was given (law SG-4)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="file_arrivals")
    from_school = models.CharField(max_length=160)
    from_whom = models.CharField(max_length=120)
    arrived_on = models.DateField()
    channel = models.CharField(max_length=10, choices=SecureWay.choices)
    receipt_at = models.DateTimeField(null=True)
    receipt_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"from_whom": "fake_name"})

    class Meta:
        ordering = ["-arrived_on", "-id"]
        constraints = [
            paired("receipt_at", "receipt_by", "incidents_arrival_receipt_paired"),
            models.CheckConstraint(
                condition=~Q(from_school="") & ~Q(from_whom="") & ~Q(channel=""), name="incidents_arrival_whole"
            ),
            models.UniqueConstraint(fields=["pupil", "from_school", "arrived_on"], name="incidents_arrival_once"),
        ]

    def __str__(self) -> str:
        return f"Arrival {self.pk}"
