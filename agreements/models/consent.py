"""Photographs and film: who consented to what, where images were used, and what was taken down again (matrix 1.11)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from agreements.enums import (
    ConsentBasis,
    ConsentGround,
    ConsentPurpose,
    ConsentState,
    ImageUseState,
    NamesShown,
    OwnConsentState,
    ParentsAsked,
    PublishingDutyKind,
    SignMode,
    TakedownOutcome,
)
from agreements.models.agreement import Signature
from core.kit.constraints import paired
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Contact, Pupil, SchoolModel, TrackedModel, User

KEEP = "6 years after the pupil leaves; a withdrawn one as long as the image may be about"
_LIVE = (ConsentState.GIVEN, ConsentState.CHANGED)


class OwnConsentDecision(TrackedModel):
    """Whether a pupil may decide for themselves, judged in their case by the headteacher (CON-03); age alone never
    decides."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="own_consent_decisions")
    state = models.CharField(max_length=8, choices=OwnConsentState.choices, default=OwnConsentState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    wish = models.CharField(max_length=500, help_text="What the pupil wants, in their own words where possible.")
    grounds = ArrayField(models.CharField(max_length=14, choices=ConsentGround.choices), default=list)
    parents = models.CharField(max_length=12, choices=ParentsAsked.choices, blank=True, default="")
    parents_note = models.CharField(max_length=500, blank=True, default="")
    may_decide = models.BooleanField(null=True)
    reason = models.CharField(max_length=1000, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    review_on = models.DateField(null=True)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(
        data_class="personal", keep=KEEP, scrub={"wish": "blank", "reason": "blank", "parents_note": "blank"}
    )

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pupil"], condition=Q(state=OwnConsentState.ASKED), name="agreements_ownconsent_one_asked"
            ),
            models.CheckConstraint(
                condition=Q(state=OwnConsentState.ASKED)
                | (
                    Q(decided_at__isnull=False, may_decide__isnull=False)
                    & ~Q(reason="")
                    & ~Q(parents="")
                    & ~Q(grounds=[])
                    & ~Q(grounds=[ConsentGround.AGE])
                ),
                name="agreements_ownconsent_never_by_age_alone",
            ),
            paired("decided_at", "decided_by", "agreements_ownconsent_decided_paired"),
            paired("applied_at", "applied_by", "agreements_ownconsent_applied_paired"),
        ]

    def __str__(self) -> str:
        return f"Own consent {self.pk}"


class ImageConsent(TrackedModel):
    """What one person said about images of a pupil, or an adult about images of themselves; no row means no (CON-01).

    One row for each who answers: parents who disagree stay apart, and the stricter answer holds.
    """

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="image_consents")
    adult = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=8, choices=ConsentBasis.choices)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="image_consents")
    decision = models.ForeignKey(OwnConsentDecision, on_delete=models.PROTECT, null=True, related_name="consents")
    giver_name = models.CharField(max_length=160)
    state = models.CharField(max_length=10, choices=ConsentState.choices, default=ConsentState.ASKED)
    purposes = ArrayField(models.CharField(max_length=18, choices=ConsentPurpose.choices), default=list)
    other_purpose = models.CharField(max_length=200, blank=True, default="")
    first_name_for = models.CharField(
        max_length=200, blank=True, default="", help_text="A first name may go with the image, for this need (CON-06)."
    )
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ends_on = models.DateField(null=True)
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(
        data_class="personal",
        keep=KEEP,
        scrub={"giver_name": "fake_name", "other_purpose": "blank", "first_name_for": "blank"},
    )

    class Meta:
        ordering = ["pupil", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(basis=ConsentBasis.PARENT, pupil__isnull=False, contact__isnull=False, adult__isnull=True)
                | Q(
                    basis=ConsentBasis.OWN,
                    pupil__isnull=False,
                    decision__isnull=False,
                    contact__isnull=True,
                    adult__isnull=True,
                )
                | Q(basis=ConsentBasis.ADULT, adult__isnull=False, pupil__isnull=True, contact__isnull=True),
                name="agreements_consent_giver_fits_basis",
            ),
            models.UniqueConstraint(fields=["pupil", "contact"], name="agreements_consent_one_a_parent"),
            models.UniqueConstraint(
                fields=["pupil"], condition=Q(basis=ConsentBasis.OWN), name="agreements_consent_one_own"
            ),
            models.UniqueConstraint(fields=["school", "adult"], name="agreements_consent_one_an_adult"),
            models.CheckConstraint(
                condition=(Q(state__in=_LIVE) & ~Q(purposes=[])) | (~Q(state__in=_LIVE) & Q(purposes=[])),
                name="agreements_consent_live_has_purposes",
            ),
            models.CheckConstraint(
                condition=Q(state=ConsentState.ASKED) | Q(answered_at__isnull=False),
                name="agreements_consent_answered_has_time",
            ),
            models.CheckConstraint(
                condition=Q(first_name_for="") | Q(state__in=_LIVE), name="agreements_consent_name_while_live"
            ),
        ]
        indexes = [models.Index(fields=["school", "pupil"], name="agreements_consent_by_pupil")]

    def __str__(self) -> str:
        return f"Consent {self.pk}"


class ConsentEvent(SchoolModel, AppendOnlyModel):
    """One answer, change or withdrawal: what it was and what it became, how it came, and when (law AG-4)."""

    consent = models.ForeignKey(ImageConsent, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=10, choices=ConsentState.choices)
    to_state = models.CharField(max_length=10, choices=ConsentState.choices)
    purposes = ArrayField(models.CharField(max_length=18, choices=ConsentPurpose.choices), default=list)
    taken_back = ArrayField(models.CharField(max_length=18, choices=ConsentPurpose.choices), default=list)
    first_name_for = models.CharField(max_length=200, blank=True, default="")
    said_by = models.CharField(max_length=160)
    mode = models.CharField(max_length=8, choices=SignMode.choices)
    note = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep=KEEP, scrub={"said_by": "fake_name", "note": "blank"})

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"Consent event {self.pk}"


class ImageUse(TrackedModel):
    """Images used once, somewhere: checked for everybody in them before, found again when somebody withdraws (CON-05,
    CON-12). It names a place, and holds no picture."""

    purpose = models.CharField(max_length=18, choices=ConsentPurpose.choices)
    title = models.CharField(max_length=160)
    place = models.CharField(max_length=300, blank=True, default="", help_text="Where: a page, a paper, an account.")
    account = models.CharField(max_length=120, blank=True, default="", help_text="The official account, if on one.")
    names = models.CharField(max_length=6, choices=NamesShown.choices, default=NamesShown.NONE)
    name_need = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=10, choices=ImageUseState.choices, default=ImageUseState.PLANNED)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    moderator = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    rules_version = models.PositiveIntegerField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep=KEEP, scrub={"title": "blank", "place": "blank"})

    class Meta:
        ordering = ["-checked_at", "-id"]
        constraints = [
            paired("published_at", "published_by", "agreements_imageuse_published_paired"),
            models.CheckConstraint(
                condition=~Q(state__in=[ImageUseState.PUBLISHED, ImageUseState.TAKEN_DOWN])
                | Q(published_at__isnull=False),
                name="agreements_imageuse_published_has_time",
            ),
            models.CheckConstraint(
                condition=Q(names=NamesShown.NONE) | ~Q(name_need=""), name="agreements_imageuse_name_has_need"
            ),
        ]

    def __str__(self) -> str:
        return f"Image use {self.pk}"


class ImageUsePupil(SchoolModel):
    """A pupil who is in a use of images, and the consents that it relied on."""

    image_use = models.ForeignKey(ImageUse, on_delete=models.PROTECT, related_name="pupils")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="image_uses")
    consents = ArrayField(models.BigIntegerField(), default=list)
    left_out_at = models.DateTimeField(null=True, help_text="Taken out of it before it was published.")

    privacy = Privacy(data_class="personal", keep=KEEP)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image_use", "pupil"], name="agreements_imageuse_pupil_once")]
        indexes = [models.Index(fields=["school", "pupil"], name="agreements_imageuse_by_pupil")]

    def __str__(self) -> str:
        return f"In use {self.pk}"


class Takedown(SchoolModel, AppendOnlyModel):
    """One attempt to take an image down, and what came of it; some copies cannot be got back (CON-05)."""

    image_use = models.ForeignKey(ImageUse, on_delete=models.PROTECT, related_name="takedowns")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    where = models.CharField(max_length=300)
    outcome = models.CharField(max_length=12, choices=TakedownOutcome.choices)
    note = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="personal", keep=KEEP, scrub={"where": "blank", "note": "blank"})

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"Takedown {self.pk}"


class PublishingDuty(TrackedModel):
    """Somebody takes or publishes images for the school, from a day to a day (NOT-24)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=PublishingDutyKind.choices)
    account = models.CharField(max_length=120, blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    privacy = Privacy(data_class="personal", keep="6 years after it ends")

    class Meta:
        ordering = ["kind", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "user", "kind", "account"],
                condition=Q(ends_on__isnull=True),
                name="agreements_duty_open_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="agreements_duty_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
