"""What the office writes down round the devices: calls home, messages, loss and damage, and what it prints."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.kit.models import Privacy
from core.people.models import Contact, Pupil, SchoolModel, TrackedModel, User
from devices.enums import CallReason, DeliveredHow, DialledBy, LossKind, PrintKind, PrintState
from devices.models.custody import CustodyRecord


class SchoolPhoneCall(TrackedModel):
    """A pupil reached home on a school phone: to whom, when, why, dialled by whom (DEV-26). No number is kept."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="school_calls")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    called_name = models.CharField(max_length=160)
    called_at = models.DateTimeField()
    reason = models.CharField(max_length=12, choices=CallReason.choices)
    detail = models.CharField(max_length=200, blank=True, default="")
    dialled_by = models.CharField(max_length=8, choices=DialledBy.choices)
    answered = models.BooleanField(default=True)
    logged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="personal", keep="1 year", scrub={"called_name": "fake_name", "detail": "blank"})

    class Meta:
        ordering = ["-called_at", "-id"]
        indexes = [models.Index(fields=["school", "-called_at"], name="devices_call_by_time")]

    def __str__(self) -> str:
        return f"Call {self.pk}"


class OfficeMessage(TrackedModel):
    """A message for a pupil, taken at the office and marked when it reached them (DEV-27, law PH-4)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="office_messages")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    from_name = models.CharField(max_length=160)
    text = models.CharField(max_length=500)
    is_urgent = models.BooleanField(default=False)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    delivered_at = models.DateTimeField(null=True)
    delivered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    delivered_how = models.CharField(max_length=12, choices=DeliveredHow.choices, blank=True, default="")

    privacy = Privacy(data_class="personal", keep="1 year", scrub={"from_name": "fake_name", "text": "blank"})

    class Meta:
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True, delivered_by__isnull=True, delivered_how="")
                | (Q(delivered_at__isnull=False, delivered_by__isnull=False) & ~Q(delivered_how="")),
                name="devices_message_delivered_whole",
            )
        ]
        indexes = [
            models.Index(fields=["school", "-taken_at"], name="devices_message_by_time"),
            models.Index(fields=["school"], condition=Q(delivered_at__isnull=True), name="devices_message_undelivered"),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"


class LossReport(TrackedModel):
    """A device that was with the school is reported lost, stolen or damaged, with that day's disclaimer (DEV-23)."""

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="loss_reports")
    kind = models.CharField(max_length=8, choices=LossKind.choices)
    noticed_at = models.DateTimeField()
    told_by = models.CharField(max_length=160, help_text="Who told the school.")
    account = models.TextField(max_length=2000, help_text="What is known, in plain facts.")
    disclaimer = models.TextField(blank=True, default="", help_text="The school's words on loss and damage that day.")
    rules_version = models.PositiveBigIntegerField()
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=500, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(
        data_class="personal",
        keep="6 years after the report",
        scrub={"told_by": "fake_name", "account": "blank", "outcome": "blank"},
    )

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["custody", "kind"], condition=Q(ended_at__isnull=True), name="devices_loss_one_open_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, outcome="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(outcome="")),
                name="devices_loss_ended_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Loss report {self.pk}"


class PrintJob(SchoolModel):
    """Something for the worker to make into a PDF: kept a day for whoever asked, then taken away."""

    kind = models.CharField(max_length=20, choices=PrintKind.choices)
    wanted = models.JSONField(default=dict, help_text="What to print, by keys and settings: no names.")
    state = models.CharField(max_length=8, choices=PrintState.choices, default=PrintState.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    content = models.BinaryField(null=True)
    checksum = models.CharField(max_length=64, blank=True, default="")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="personal", keep="1 day", scrub={"content": "drop"})

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state=PrintState.READY) & Q(content__isnull=False) & ~Q(checksum=""))
                | (~Q(state=PrintState.READY) & Q(content__isnull=True)),
                name="devices_printjob_content_when_ready",
            )
        ]
        indexes = [
            models.Index(
                fields=["state", "requested_at"],
                condition=Q(state__in=[PrintState.WAITING, PrintState.MAKING]),
                name="devices_printjob_to_do",
            )
        ]

    def __str__(self) -> str:
        return f"Print {self.pk}"
