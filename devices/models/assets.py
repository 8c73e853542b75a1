"""The school’s own devices: register, protection, who has which, and the log of pictures taken with them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from agreements.enums import ConsentPurpose
from agreements.models import EquipmentUse
from core.approvals.models import Approval
from core.kit.constraints import paired
from core.kit.models import Privacy
from core.people.models import Pupil, TrackedModel, User
from devices.enums.permissions import AssetStatus, AssetType, AssetUse, Protection
from devices.models.permissions import RemoteTeachingException
from policies.models import Acknowledgement, DocumentVersion


class SchoolAsset(TrackedModel):
    """A phone, laptop, camera or other device that the school owns (SDV-01), and how it is protected (SDV-02)."""

    number = models.CharField(max_length=40, help_text="The number on its label.")
    type = models.CharField(max_length=14, choices=AssetType.choices)
    make = models.CharField(max_length=80, blank=True, default="")
    serial = models.CharField(max_length=80, blank=True, default="")
    phone_number = models.CharField(max_length=40, blank=True, default="", help_text="Or the SIM’s number.")
    location = models.CharField(max_length=120, blank=True, default="")
    custodian = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=AssetStatus.choices, default=AssetStatus.AVAILABLE)
    protection = models.CharField(max_length=10, choices=Protection.choices, default=Protection.UNKNOWN)
    protection_checked_at = models.DateTimeField(null=True)
    protection_checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True, default="")

    privacy = Privacy(
        data_class="school",
        keep="6 years after it is no longer used",
        scrub={"serial": "hash", "phone_number": "fake_phone", "note": "blank"},
    )

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="devices_asset_number_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="devices_asset_has_number"),
            paired("protection_checked_at", "protection_checked_by", "devices_asset_checked_paired"),
            models.CheckConstraint(
                condition=Q(protection=Protection.UNKNOWN) | Q(protection_checked_at__isnull=False),
                name="devices_asset_protection_was_checked",
            ),
        ]
        indexes = [models.Index(fields=["school", "status"], name="devices_asset_by_status")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_protected(self) -> bool:
        """Whether somebody looked and found protection."""
        return self.protection not in (Protection.UNKNOWN, Protection.NONE)


class AssetIssue(TrackedModel):
    """A school device in somebody’s hands: from when to when, in what state, on which acknowledgement (SDV-03, 05, 10).

    The monitoring notice was acknowledged before the device was given out, and the database keeps it so.
    """

    asset = models.ForeignKey(SchoolAsset, on_delete=models.PROTECT, related_name="issues")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="asset_issues")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="asset_issues")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    condition = models.CharField(max_length=200)
    accessories = models.CharField(max_length=200, blank=True, default="")
    use = models.CharField(max_length=11, choices=AssetUse.choices, default=AssetUse.SCHOOL_WORK)
    purpose = models.CharField(max_length=200, blank=True, default="")
    equipment_use = models.ForeignKey(
        EquipmentUse, on_delete=models.PROTECT, null=True, related_name="+", help_text="The head’s word, where needed."
    )
    permission = models.ForeignKey(Approval, on_delete=models.PROTECT, null=True, related_name="+")
    notice = models.ForeignKey(Acknowledgement, on_delete=models.PROTECT, related_name="asset_issues")
    notice_version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="+")
    noticed_at = models.DateTimeField(help_text="When that notice was acknowledged.")
    documents = ArrayField(models.CharField(max_length=200), default=list, help_text="What governed its use (SDV-13).")
    returned_at = models.DateTimeField(null=True)
    returned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    condition_back = models.CharField(max_length=200, blank=True, default="")
    accessories_back = models.CharField(max_length=200, blank=True, default="")
    reset_at = models.DateTimeField(null=True)
    reset_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(
        data_class="personal",
        keep="1 year after it was returned",
        scrub={"condition": "blank", "condition_back": "blank", "purpose": "blank"},
    )

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pupil__isnull=False, user__isnull=True) | Q(pupil__isnull=True, user__isnull=False),
                name="devices_issue_to_one_person",
            ),
            models.UniqueConstraint(
                fields=["asset"], condition=Q(returned_at__isnull=True), name="devices_issue_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(noticed_at__lte=F("issued_at")), name="devices_issue_after_notice"),
            paired("returned_at", "returned_to", "devices_issue_returned_paired"),
            paired("reset_at", "reset_by", "devices_issue_reset_paired"),
            models.CheckConstraint(
                condition=Q(reset_at__isnull=True) | Q(returned_at__isnull=False),
                name="devices_issue_reset_after_return",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("issued_at")),
                name="devices_issue_back_after_out",
            ),
        ]
        indexes = [
            models.Index(fields=["user"], name="devices_issue_by_user", condition=Q(user__isnull=False)),
            models.Index(fields=["pupil"], name="devices_issue_by_pupil", condition=Q(pupil__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Issue {self.pk}"


class RemoteTeaching(TrackedModel):
    """Somebody teaches remotely, from day to day, on a school device that they were given or by exception on an own one
    (SDV-07); one or the other, and the database keeps it so."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=160, help_text="Which lessons, for whom.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    issue = models.ForeignKey(AssetIssue, on_delete=models.PROTECT, null=True, related_name="+")
    exception = models.ForeignKey(RemoteTeachingException, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep="1 year after it ends", scrub={"what": "blank"})

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issue__isnull=False, exception__isnull=True)
                | Q(issue__isnull=True, exception__isnull=False),
                name="devices_remote_on_one_device",
            ),
            models.CheckConstraint(condition=~Q(what=""), name="devices_remote_says_what"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="devices_remote_dates_in_order"),
            paired("ended_at", "ended_by", "devices_remote_ended_paired"),
        ]
        indexes = [models.Index(fields=["school", "-starts_on"], name="devices_remote_by_day")]

    def __str__(self) -> str:
        return f"Remote teaching {self.pk}"


class WorkContact(TrackedModel):
    """The work number and work email of somebody whose job is to reach pupils or parents (SDV-06)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    needs_contact = models.BooleanField(default=True)
    number = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(blank=True, default="")

    privacy = Privacy(
        data_class="personal", keep="while the person works here", scrub={"number": "fake_phone", "email": "fake_email"}
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["school", "user"], name="devices_workcontact_once")]

    def __str__(self) -> str:
        return f"Work contact {self.pk}"

    @property
    def is_complete(self) -> bool:
        """Whether both are on record."""
        return bool(self.number and self.email)


class ImageSet(TrackedModel):
    """Pictures taken with school equipment: of what, when, by whom, why, and that they suit (CON-08, CON-09).

    No picture is kept here, nor a way to send one.
    """

    activity = models.CharField(max_length=200)
    taken_on = models.DateField()
    photographer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asset = models.ForeignKey(SchoolAsset, on_delete=models.PROTECT, related_name="image_sets")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    for_what = models.CharField(max_length=300, blank=True, default="")
    stored_where = models.CharField(max_length=200, blank=True, default="")
    is_suitable = models.BooleanField(default=False, help_text="Somebody looked, and the pictures suit.")
    suitable_note = models.CharField(max_length=300, blank=True, default="")
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    challenged_at = models.DateTimeField(null=True)
    challenged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    challenge = models.CharField(max_length=500, blank=True, default="")
    justification = models.CharField(max_length=1000, blank=True, default="")
    justified_at = models.DateTimeField(null=True)
    scrutinised_at = models.DateTimeField(null=True)
    scrutinised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    scrutiny = models.CharField(max_length=500, blank=True, default="")

    privacy = Privacy(
        data_class="personal",
        keep="6 years after the pictures were taken",
        scrub={"challenge": "blank", "justification": "blank", "scrutiny": "blank"},
    )

    class Meta:
        ordering = ["-taken_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(activity=""), name="devices_imageset_says_what"),
            models.CheckConstraint(
                condition=Q(is_suitable=True) | ~Q(suitable_note=""), name="devices_imageset_unsuitable_says_what"
            ),
            paired("challenged_at", "challenged_by", "devices_imageset_challenged_paired"),
            paired("scrutinised_at", "scrutinised_by", "devices_imageset_scrutinised_paired"),
            models.CheckConstraint(
                condition=Q(justified_at__isnull=True) | ~Q(justification=""),
                name="devices_imageset_justified_in_words",
            ),
        ]
        indexes = [models.Index(fields=["school", "-taken_on"], name="devices_imageset_by_day")]

    def __str__(self) -> str:
        return f"Image set {self.pk}"


class ImageSetPupil(TrackedModel):
    """A pupil who is to be seen in the pictures, and what their consent said when the set was logged."""

    image_set = models.ForeignKey(ImageSet, on_delete=models.PROTECT, related_name="shown")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    consent = models.CharField(max_length=160, help_text="What the image consent said on the day it was logged.")
    is_allowed = models.BooleanField()

    privacy = Privacy(data_class="personal", keep="6 years after the pictures were taken")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["image_set", "pupil"], name="devices_imageset_pupil_once")]

    def __str__(self) -> str:
        return f"Shown {self.pk}"
