"""What somebody may do with a device by permission, each beside its `Approval`, which has the limits and the dates."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from agreements.models import Agreement
from core.approvals.models import Approval
from core.kit.constraints import paired
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import Privacy
from core.people.calendar import london_day
from core.people.models import FormGroup, Pupil, TrackedModel, User
from devices.enums.permissions import ContactChannel, LessonUseReason, UseReason
from devices.models.register import PupilDevice

KEEP = "6 years after it ends; a pupil’s, with the pupil’s record"


def _of() -> models.OneToOneField[Approval, Approval]:
    return models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="+")


class ExceptionalUse(TrackedModel):
    """Why a pupil keeps and uses a device, and what was written down about it (AGR-10, AGR-13, law AP-2 to AP-4).

    The reason is read by those alone who decide or asked. A healthcare plan is named by its reference and the day it is
    next reviewed; what it says has no place here.
    """

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    approval = _of()
    device = models.ForeignKey(PupilDevice, on_delete=models.PROTECT, null=True, related_name="exceptional_uses")
    device_words = models.CharField(max_length=120, blank=True, default="", help_text="Where it is not registered yet.")
    reason = models.CharField(max_length=20, choices=UseReason.choices)
    need = SealedTextField(length=2000)
    asked_by = models.CharField(max_length=160, blank=True, default="", help_text="Who in the family asked.")
    evidence_seen = models.BooleanField(default=False)
    plan_reference = models.CharField(max_length=60, blank=True, default="")
    plan_review_on = models.DateField(null=True)
    expectations = models.CharField(max_length=1000, blank=True, default="")
    sanctions = models.CharField(max_length=1000, blank=True, default="", help_text="What follows misuse.")
    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, null=True, related_name="exceptional_use")

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={
            "need": "drop", "asked_by": "fake_name", "plan_reference": "blank", "expectations": "blank",
            "sanctions": "blank", "reason": "drop", "device_words": "blank",
        },
    )  # fmt: skip

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(need=b""), name="devices_exceptional_says_what"),
            models.CheckConstraint(
                condition=Q(device__isnull=False) | ~Q(device_words=""), name="devices_exceptional_names_device"
            ),
            models.CheckConstraint(
                condition=Q(plan_review_on__isnull=True) | ~Q(plan_reference=""),
                name="devices_exceptional_plan_has_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"Exceptional use {self.pk}"


class BringAgreement(TrackedModel):
    """Why a pupil brings a device to school, where the school’s rule asks for an agreement (DEV-03, matrix 4.10)."""

    approval = _of()
    device = models.ForeignKey(PupilDevice, on_delete=models.PROTECT, null=True, related_name="bring_agreements")
    reason = models.CharField(max_length=200)
    agreement = models.OneToOneField(
        Agreement, on_delete=models.PROTECT, null=True, related_name="bring_agreement", help_text="Where one is signed."
    )

    privacy = Privacy(data_class="personal", keep="1 year after it ends", scrub={"reason": "blank"})

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="devices_bring_says_why")]

    def __str__(self) -> str:
        return f"Bring agreement {self.pk}"

    @property
    def starts_on(self) -> date:
        """The first day; needs `approval` to have been selected, as all below."""
        return london_day(self.approval.starts_at)

    @property
    def ends_on(self) -> date:
        """The last day."""
        return london_day(self.approval.ends_at - timedelta(microseconds=1))

    @property
    def is_over(self) -> bool:
        """Whether it was refused, taken away, or its last day has passed."""
        return self.approval.over_at is not None


class ContactRoute(TrackedModel):
    """Why a family may reach a child otherwise than by the office (DEV-28). By what way stands in the conditions of the
    permission, which all staff read; why is read by those alone who decide or asked."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    approval = _of()
    why = SealedTextField(length=1000)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"why": "drop"})

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(why=b""), name="devices_contactroute_says_why")]

    def __str__(self) -> str:
        return f"Contact route {self.pk}"


class CurriculumUse(TrackedModel):
    """One activity for which a class, or some of it, uses its own devices (DEV-18, DEV-19)."""

    approval = _of()
    title = models.CharField(max_length=160)
    purpose = models.CharField(max_length=500, help_text="What is to be learnt by it.")
    form = models.ForeignKey(FormGroup, on_delete=models.PROTECT, related_name="curriculum_uses")
    teacher = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    whole_class = models.BooleanField(default=True)

    privacy = Privacy(data_class="school", keep="1 year after the activity")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title="") & ~Q(purpose=""), name="devices_curriculum_says_what")
        ]

    def __str__(self) -> str:
        return self.title


class CurriculumPupil(TrackedModel):
    """A pupil who takes part, where not the whole class does."""

    use = models.ForeignKey(CurriculumUse, on_delete=models.PROTECT, related_name="taking_part")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="personal", keep="1 year after the activity")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["use", "pupil"], name="devices_curriculum_pupil_once")]

    def __str__(self) -> str:
        return f"Takes part {self.pk}"


class PrivilegeRevocation(TrackedModel):
    """A pupil may not use a device at break for a time, because of a breach that the record names by a key (DEV-16)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="privilege_revocations")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=300)
    breach = models.BigIntegerField(null=True, help_text="The key of the record of the breach, kept above.")
    breach_reference = models.CharField(max_length=20, blank=True, default="")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(max_length=300, blank=True, default="")

    privacy = Privacy(
        data_class="restricted", keep="1 year after it ends", scrub={"reason": "blank", "ended_because": "blank"}
    )

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="devices_revocation_dates_in_order"),
            models.CheckConstraint(condition=~Q(reason=""), name="devices_revocation_says_why"),
            paired("ended_at", "ended_by", "devices_revocation_ended_paired"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_because=""), name="devices_revocation_end_says_why"
            ),
        ]
        indexes = [models.Index(fields=["school", "ends_on"], name="devices_revocation_by_end")]

    def __str__(self) -> str:
        return f"Revocation {self.pk}"


class StaffLessonUse(TrackedModel):
    """Why a member of staff may use an own device in teaching time (STA-01)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    approval = _of()
    reason = models.CharField(max_length=10, choices=LessonUseReason.choices)
    why = SealedTextField(length=500)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"why": "drop"})

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason=LessonUseReason.EMERGENCY) | ~Q(why=b""), name="devices_lessonuse_other_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"Lesson use {self.pk}"


class StaffContact(TrackedModel):
    """Whom a member of staff may reach by an own device, for what and how (STA-09)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    approval = _of()
    whom = SealedTextField(length=500)
    purpose = SealedTextField(length=500)
    channel = models.CharField(max_length=6, choices=ContactChannel.choices)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"whom": "drop", "purpose": "drop"})

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(whom=b"") & ~Q(purpose=b""), name="devices_staffcontact_says_whom")
        ]

    def __str__(self) -> str:
        return f"Staff contact {self.pk}"


class RemoteTeachingException(TrackedModel):
    """Why somebody teaches remotely on an own device and not on the school’s (STA-12)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    approval = _of()
    device = models.CharField(max_length=120)
    why = SealedTextField(length=1000)

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"why": "drop", "device": "blank"})

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(device="") & ~Q(why=b""), name="devices_remote_says_why")]

    def __str__(self) -> str:
        return f"Remote teaching {self.pk}"
