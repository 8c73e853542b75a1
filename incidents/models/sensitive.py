"""The two kinds of record with a course of their own: a suspected image of a child, and a concern about staff."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.kit.constraints import paired
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import SchoolModel, TrackedModel, User
from incidents.enums import (
    AllegationKind,
    ImagePlace,
    ImageShared,
    ImageSpread,
    ImageState,
    ImageTaskKind,
    OutsideBody,
    PoliceDecision,
    YesNoUnknown,
)
from incidents.models.case import KEEP, Incident


class ImageCase(TrackedModel):
    """A suspected nude or indecent image of a child: context and never content; it has no file of any kind (IMG-01)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="image_case")
    state = models.CharField(max_length=16, choices=ImageState.choices, default=ImageState.RAISED)
    place = models.CharField(max_length=16, choices=ImagePlace.choices)
    site = models.CharField(
        max_length=120, blank=True, default="", help_text="The website or network, where it is on one."
    )
    shared = models.CharField(max_length=10, choices=ImageShared.choices, default=ImageShared.NOT_KNOWN)
    spread = models.CharField(max_length=10, choices=ImageSpread.choices, default=ImageSpread.NOT_KNOWN)
    holders = SealedTextField(length=1000)
    threats = models.CharField(max_length=10, choices=YesNoUnknown.choices, default=YesNoUnknown.NOT_KNOWN)
    adult_involved = models.CharField(max_length=10, choices=YesNoUnknown.choices, default=YesNoUnknown.NOT_KNOWN)
    under_13 = models.CharField(max_length=10, choices=YesNoUnknown.choices, default=YesNoUnknown.NOT_KNOWN)
    beyond_age = models.CharField(
        max_length=10, choices=YesNoUnknown.choices, default=YesNoUnknown.NOT_KNOWN,
        help_text="Violence, or what is not right for the age of the children in it.",
    )  # fmt: skip
    made_by_software = models.CharField(max_length=10, choices=YesNoUnknown.choices, default=YesNoUnknown.NOT_KNOWN)
    immediate_risk = models.CharField(max_length=10, choices=YesNoUnknown.choices, blank=True, default="")
    assessed_at = models.DateTimeField(null=True)
    assessed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    assessed_with = models.CharField(max_length=400, blank=True, default="")
    assessment = SealedTextField(length=4000)
    protection_needed = models.BooleanField(null=True)
    protection_reason = SealedTextField(length=2000)
    police = models.CharField(max_length=16, choices=PoliceDecision.choices, blank=True, default="")
    police_reference = models.CharField(max_length=60, blank=True, default="")
    police_words = SealedTextField(length=2000)
    police_at = models.DateTimeField(null=True)
    support_adult = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    support = SealedTextField(length=2000)
    support_on = models.DateField(null=True)

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={
            "site": "blank",
            "holders": "drop",
            "assessed_with": "blank",
            "assessment": "drop",
            "protection_reason": "drop",
            "police_reference": "blank",
            "police_words": "drop",
            "support": "drop",
        },
    )

    class Meta:
        constraints = [
            paired("assessed_at", "assessed_by", "incidents_image_assessed_paired"),
            models.CheckConstraint(
                condition=Q(police__in=["", PoliceDecision.TOLD]) | ~Q(police_words=b""),
                name="incidents_image_police_says_what",
            ),
            models.CheckConstraint(
                condition=~Q(state=ImageState.CLOSED)
                | (Q(protection_needed__isnull=False) & ~Q(police__in=["", PoliceDecision.TOLD])),
                name="incidents_image_closed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Image case {self.pk}"


class ImageTask(TrackedModel):
    """Something to be done about a suspected image: by whom, when done, when undone again (IMG-07 to IMG-10)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    case = models.ForeignKey(ImageCase, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=16, choices=ImageTaskKind.choices)
    needed_first = models.BooleanField(default=False, help_text="The first response is not complete without it.")
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    assignee_name = models.CharField(max_length=120, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    restored_at = models.DateTimeField(null=True)
    site = models.CharField(max_length=120, blank=True, default="")
    reference = models.CharField(max_length=60, blank=True, default="")
    response = SealedTextField(length=2000)
    words = SealedTextField(length=2000)

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={"assignee_name": "fake_name", "site": "blank", "response": "drop", "words": "drop"},
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], name="incidents_imagetask_once"),
            paired("done_at", "done_by", "incidents_imagetask_done_paired"),
            models.CheckConstraint(
                condition=Q(restored_at__isnull=True) | Q(done_at__isnull=False, restored_at__gte=F("done_at")),
                name="incidents_imagetask_restored_after",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ViewingException(SchoolModel, AppendOnlyModel):
    """Somebody looked at a suspected image: the only way to say so, decided by the DSL or head (IMG-05, IM-2)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    case = models.ForeignKey(ImageCase, on_delete=models.PROTECT, related_name="viewings")
    viewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    present = models.CharField(max_length=400)
    viewed_at = models.DateTimeField()
    where = models.CharField(max_length=120)
    reason = SealedTextField(length=2000)
    not_copied = models.BooleanField()
    same_sex_weighed = models.BooleanField(default=False)
    head_told_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_before = models.BooleanField(help_text="Decided before it was done, not afterwards.")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"present": "blank", "reason": "drop"})

    class Meta:
        ordering = ["viewed_at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=b""), name="incidents_viewing_says_why")]

    def __str__(self) -> str:
        return f"Viewing {self.pk}"


class StaffConcern(TrackedModel):
    """What is said about a member of staff: an allegation that may meet the harm threshold, or a low-level concern
    (STA-13, STA-14, STA-17, law SG-7). Never readable by its subject."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="staff_concern")
    subject = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    subject_name = models.CharField(max_length=120, blank=True, default="")
    kinds = ArrayField(models.CharField(max_length=16, choices=AllegationKind.choices), default=list)
    meets_threshold = models.BooleanField(null=True)
    threshold_reason = SealedTextField(length=2000)
    head_is_subject = models.BooleanField(default=False)
    dsl_is_subject = models.BooleanField(default=False)
    sharer_named = models.BooleanField(default=True, help_text="Whoever shared it may be named.")
    context = SealedTextField(length=4000)
    investigator = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    needs_outside = models.BooleanField(default=False, help_text="Police and LADO entries before it can close.")
    documents = ArrayField(models.CharField(max_length=160), default=list)
    covered = models.BooleanField(
        null=True, help_text="Contact from an own device: whether an arrangement in force that day covered it (STA-08)."
    )
    covered_words = SealedTextField(length=2000)

    privacy = Privacy(
        data_class="restricted",
        keep="until pension age or 10 years, whichever is longer; low-level concerns, while employed",
        scrub={"subject_name": "fake_name", "threshold_reason": "drop", "context": "drop", "covered_words": "drop"},
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__isnull=False) | ~Q(subject_name=""), name="incidents_concern_has_subject"
            ),
            models.CheckConstraint(
                condition=Q(investigator__isnull=True) | Q(subject__isnull=True) | ~Q(investigator=F("subject")),
                name="incidents_concern_investigated_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Staff concern {self.pk}"


class OutsideEntry(SchoolModel, AppendOnlyModel):
    """The police or the LADO were spoken to about a member of staff (STA-14)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    concern = models.ForeignKey(StaffConcern, on_delete=models.PROTECT, related_name="entries")
    body = models.CharField(max_length=8, choices=OutsideBody.choices)
    spoken_to = models.CharField(max_length=120)
    spoken_at = models.DateTimeField()
    reference = models.CharField(max_length=60, blank=True, default="")
    advice = SealedTextField(length=4000)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"spoken_to": "fake_name", "advice": "drop"})

    class Meta:
        ordering = ["spoken_at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(advice=b""), name="incidents_entry_has_advice")]

    def __str__(self) -> str:
        return f"{self.body} {self.pk}"


class CaseDocument(SchoolModel, AppendOnlyModel):
    """A document made from records, as it was made: sealed bytes and their checksum (house §4.8, DOC-13 to DOC-17)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="documents")
    pupil = models.ForeignKey("people.Pupil", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=160)
    content = SealedTextField(length=40_000_000, help_text="The PDF, in base 64.")
    checksum = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    left_out = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        data_class="restricted", keep="with what it is about", scrub={"content": "drop", "title": "blank"}
    )

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(incident__isnull=False) | Q(pupil__isnull=False), name="incidents_document_about_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
