"""What a school day holds beside the stays: marks, devices put aside, scans to settle, the chase, the closing."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.kit.constraints import paired
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Pupil, SchoolModel, TrackedModel, User
from devices.enums import MarkKind, MarkSource, OfflineOutcome, ParkedOutcome
from devices.models.custody import CustodyRecord
from devices.models.gates import Gate
from devices.models.register import DeviceType
from devices.models.storage import StoragePlace


class DayMark(TrackedModel):
    """Something said of a pupil for one day: absent, asked and did not hand in, keeps it by permission (DEV-10).

    A mark that was wrong is withdrawn and stays on record.
    """

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="day_marks")
    day = models.DateField()
    kind = models.CharField(max_length=12, choices=MarkKind.choices)
    source = models.CharField(max_length=8, choices=MarkSource.choices, default=MarkSource.DESK)
    note = models.CharField(max_length=200, blank=True, default="")
    marked_at = models.DateTimeField(help_text="When it was said.")
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.CharField(max_length=200, blank=True, default="")

    privacy = Privacy(data_class="personal", keep="1 year", scrub={"note": "blank", "withdrawn_because": "blank"})

    class Meta:
        ordering = ["-marked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "day", "kind"],
                condition=Q(withdrawn_at__isnull=True),
                name="devices_daymark_once_a_day",
            ),
            paired("withdrawn_at", "withdrawn_by", "devices_daymark_withdrawn_paired"),
        ]
        indexes = [models.Index(fields=["school", "day", "kind"], name="devices_daymark_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class ParkedDevice(TrackedModel):
    """A device in the box that nobody could put a name to in the queue: put aside under a tag, settled later."""

    day = models.DateField()
    number = models.PositiveSmallIntegerField(help_text="Counted from 1 each day; written on its temporary tag.")
    typed = models.CharField(max_length=80, blank=True, default="", help_text="What was scanned or typed.")
    type = models.ForeignKey(DeviceType, on_delete=models.PROTECT, null=True, related_name="+")
    looks = models.CharField(max_length=120, blank=True, default="")
    place = models.ForeignKey(StoragePlace, on_delete=models.PROTECT, null=True, related_name="+")
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, null=True, related_name="+")
    switched_off = models.BooleanField(null=True)
    parked_at = models.DateTimeField()
    parked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=16, choices=ParkedOutcome.choices, blank=True, default="")
    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, null=True, related_name="parked")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_note = models.CharField(max_length=200, blank=True, default="")

    privacy = Privacy(
        data_class="personal",
        keep="1 year after it is settled",
        scrub={"typed": "blank", "looks": "blank", "settled_note": "blank"},
    )

    class Meta:
        ordering = ["-day", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["school", "day", "number"], name="devices_parked_number_unique"),
            models.UniqueConstraint(fields=["custody"], name="devices_parked_one_custody"),
            paired("settled_at", "settled_by", "devices_parked_settled_paired"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
                name="devices_parked_outcome_when_settled",
            ),
            models.CheckConstraint(
                condition=Q(outcome=ParkedOutcome.HANDED_IN, custody__isnull=False)
                | (~Q(outcome=ParkedOutcome.HANDED_IN) & Q(custody__isnull=True)),
                name="devices_parked_hand_in_has_custody",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "day"], condition=Q(settled_at__isnull=True), name="devices_parked_open")
        ]

    def __str__(self) -> str:
        return self.tag

    @property
    def tag(self) -> str:
        """What is written on its temporary tag: "T3"."""
        return f"T{self.number}"


class OfflineScan(TrackedModel):
    """A scan made offline that the record could not take as it was: it waits for a person and is never dropped."""

    submission = models.UUIDField(editable=False)
    token = models.CharField(max_length=80, help_text="What was scanned: a code, a slot or an admission number.")
    act = models.CharField(max_length=16)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    scanned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=300)
    rule = models.CharField(max_length=40, blank=True, default="")
    outcome = models.CharField(max_length=12, choices=OfflineOutcome.choices, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_note = models.CharField(max_length=200, blank=True, default="")

    privacy = Privacy(
        data_class="personal", keep="1 year after it is settled", scrub={"problem": "blank", "settled_note": "blank"}
    )

    class Meta:
        ordering = ["happened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "submission"], name="devices_offline_submission_unique"),
            paired("settled_at", "settled_by", "devices_offline_settled_paired"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
                name="devices_offline_outcome_when_settled",
            ),
        ]
        indexes = [models.Index(fields=["school"], condition=Q(settled_at__isnull=True), name="devices_offline_open")]

    def __str__(self) -> str:
        return f"Offline scan {self.pk}"


class ChaseList(SchoolModel, AppendOnlyModel):
    """Who was not seen at the cut-off, as it was told to tutors and the office (NOT-01). Never called an offence."""

    day = models.DateField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: sent by itself at the cut-off."
    )
    number = models.PositiveSmallIntegerField(default=1)
    pupil_ids = models.JSONField(default=list)
    figures = models.JSONField(default=dict)

    privacy = Privacy(data_class="personal", keep="1 year")

    class Meta:
        ordering = ["-day", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["school", "day", "number"], name="devices_chaselist_number_unique")
        ]

    def __str__(self) -> str:
        return f"Chase list {self.day}"


class OvernightDecision(TrackedModel):
    """A device stays with the school overnight: who decided, why, until when, and whether the parent was told (W3)."""

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="overnight")
    day = models.DateField(help_text="The day at whose end it was decided.")
    reason = models.CharField(max_length=200)
    keep_until = models.DateField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    needs_second = models.BooleanField(default=False)
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    parent_told_at = models.DateTimeField(null=True)
    parent_told_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    parent_told_how = models.CharField(max_length=120, blank=True, default="")

    privacy = Privacy(
        data_class="personal", keep="with its custody record", scrub={"reason": "blank", "parent_told_how": "blank"}
    )

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["custody", "day"], name="devices_overnight_once_a_day"),
            models.CheckConstraint(condition=Q(keep_until__gt=F("day")), name="devices_overnight_until_later_day"),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("decided_by")),
                name="devices_overnight_two_people",
            ),
            paired("second_at", "second_by", "devices_overnight_second_paired"),
            paired("parent_told_at", "parent_told_by", "devices_overnight_told_paired"),
        ]

    def __str__(self) -> str:
        return f"Kept overnight {self.day}"


class DayClose(SchoolModel, AppendOnlyModel):
    """The day's book was closed: the figures as they stood, what did not balance and why, and by whom (W3)."""

    day = models.DateField()
    number = models.PositiveSmallIntegerField(default=1, help_text="A day that is closed again after a correction: 2.")
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    figures = models.JSONField(default=dict)
    balances = models.BooleanField()
    note = models.CharField(max_length=500, blank=True, default="")

    privacy = Privacy(data_class="personal", keep="6 years", scrub={"note": "blank"})

    class Meta:
        ordering = ["-day", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["school", "day", "number"], name="devices_dayclose_number_unique"),
            models.CheckConstraint(condition=Q(balances=True) | ~Q(note=""), name="devices_dayclose_difference_said"),
        ]

    def __str__(self) -> str:
        return f"Day closed {self.day}"
