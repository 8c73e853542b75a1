"""An agreement as it was issued, who has to sign it, each signature, and all that happened to it (matrix 4.13)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from agreements.enums import (
    SEVERAL_KINDS,
    STAFF_KINDS,
    AgreementEventKind,
    AgreementKind,
    AgreementState,
    BatchScope,
    BatchState,
    Capacity,
    Decision,
    MarkKind,
    ParentsNeeded,
    SignatoryState,
    SignMode,
)
from agreements.models.templates import AgreementTemplate, TemplateVersion
from core.kit.constraints import paired
from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Contact, FormGroup, Pupil, SchoolModel, TrackedModel, User

KEEP = "6 years after it ends; a pupil’s, with the pupil’s record"
# Complete, and its day still to come, is pending too: a signature taken back opens it again.
_PENDING = (
    AgreementState.DRAFT,
    AgreementState.ISSUED,
    AgreementState.PARTLY_SIGNED,
    AgreementState.REFUSED,
    AgreementState.COMPLETE,
)
_STANDING = (AgreementState.IN_FORCE, AgreementState.TO_RENEW)


class IssueBatch(SchoolModel):
    """Agreements issued to many in one go, by the worker; it says how far it is and can be stopped.

    `needed` is who signs where the rules leave that open, as decided when it was asked for. `after` is the last pupil
    that was looked at: it moves in the transaction that issues, so that a worker that died is followed by one that
    issues nothing twice.
    """

    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="batches")
    scope = models.CharField(max_length=14, choices=BatchScope.choices)
    form = models.ForeignKey(FormGroup, on_delete=models.PROTECT, null=True, related_name="+")
    year = models.SmallIntegerField(null=True)
    since = models.DateField(null=True, help_text="Joiners: on roll from this day or later.")
    starts_on = models.DateField()
    parents_needed = models.CharField(max_length=4, choices=ParentsNeeded.choices, default=ParentsNeeded.ONE)
    send_links = models.BooleanField(default=True, help_text="Send each household its link by email.")
    needed = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.WAITING)
    after = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0, help_text="They have one, or left, since it was asked for.")
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="school", keep="2 years")

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope=BatchScope.FORM, form__isnull=False)
                | Q(scope=BatchScope.YEAR, year__isnull=False)
                | Q(scope=BatchScope.JOINERS, since__isnull=False)
                | Q(scope__in=[BatchScope.WHOLE_SCHOOL, BatchScope.RENEWAL]),
                name="agreements_batch_scope_named",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="agreements_batch_done_in_total"),
            models.UniqueConstraint(
                fields=["template_version"],
                condition=Q(state__in=[BatchState.WAITING, BatchState.MAKING]),
                name="agreements_batch_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Issue {self.pk}"


class Agreement(TrackedModel):
    """One agreement: its wording, frozen when it was issued, and how far its signing is.

    `wording` is what `agreements.wording.Wording` holds, whole; `wording_hash` its SHA-256, named by every signature.
    `needed` is who has to sign: of each inner list of capacities one is enough, every outer one is needed, as the rules
    of the day said (AGR-02). Changing the text means a new issue (matrix 4.13): the database refuses anything else.
    """

    reference = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=AgreementKind.choices)
    template = models.ForeignKey(AgreementTemplate, on_delete=models.PROTECT, related_name="agreements")
    template_version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="agreements")
    batch = models.ForeignKey(IssueBatch, on_delete=models.PROTECT, null=True, related_name="agreements")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="agreements")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=14, choices=AgreementState.choices, default=AgreementState.DRAFT)
    title = models.CharField(max_length=120)
    wording = models.JSONField(default=dict)
    wording_hash = models.CharField(max_length=64, blank=True, default="")
    needed = models.JSONField(default=list)
    parents_needed = models.CharField(max_length=4, choices=ParentsNeeded.choices, default=ParentsNeeded.ONE)
    rules_version = models.PositiveIntegerField()
    starts_on = models.DateField(help_text="In force from this day at the earliest.")
    ends_on = models.DateField(null=True, help_text="The last day, where it has one.")
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    completed_at = models.DateTimeField(null=True)
    in_force_on = models.DateField(null=True)
    renew_from = models.DateField(null=True, help_text="A newer version is in force from this day.")
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="supersedes")
    over_at = models.DateTimeField(null=True)
    over_because = models.CharField(max_length=300, blank=True, default="")

    privacy = Privacy(
        data_class="personal", keep=KEEP, scrub={"wording": "drop", "wording_hash": "drop", "over_because": "blank"}
    )

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "reference"], name="agreements_agreement_reference_unique"),
            models.CheckConstraint(
                condition=Q(pupil__isnull=False, user__isnull=True) & ~Q(kind__in=STAFF_KINDS)
                | Q(pupil__isnull=True, user__isnull=False, kind__in=STAFF_KINDS),
                name="agreements_agreement_about_one_person",
            ),
            models.UniqueConstraint(
                fields=["template", "pupil"],
                condition=Q(state__in=_PENDING) & ~Q(kind__in=SEVERAL_KINDS),
                name="agreements_agreement_one_pending",
            ),
            models.UniqueConstraint(
                fields=["template", "pupil"],
                condition=Q(state__in=_STANDING) & ~Q(kind__in=SEVERAL_KINDS),
                name="agreements_agreement_one_standing",
            ),
            models.UniqueConstraint(
                fields=["template", "user"],
                condition=Q(state__in=_PENDING) & ~Q(kind__in=SEVERAL_KINDS),
                name="agreements_agreement_one_pending_of_staff",
            ),
            models.UniqueConstraint(
                fields=["template", "user"],
                condition=Q(state__in=_STANDING) & ~Q(kind__in=SEVERAL_KINDS),
                name="agreements_agreement_one_standing_of_staff",
            ),
            models.CheckConstraint(
                condition=Q(state=AgreementState.DRAFT)
                | (Q(issued_at__isnull=False) & ~Q(wording_hash="") & ~Q(needed=[])),
                name="agreements_agreement_issued_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(AgreementState.COMPLETE, *_STANDING)) | Q(completed_at__isnull=False),
                name="agreements_agreement_complete_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_STANDING) | Q(in_force_on__isnull=False),
                name="agreements_agreement_in_force_has_day",
            ),
            models.CheckConstraint(
                condition=Q(in_force_on__isnull=True) | Q(in_force_on__gte=F("starts_on")),
                name="agreements_agreement_not_before_start",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="agreements_agreement_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state=AgreementState.SUPERSEDED) | Q(superseded_by__isnull=False),
                name="agreements_agreement_superseded_by_one",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "state", "kind"], name="agreements_by_state"),
            models.Index(fields=["pupil", "kind"], name="agreements_by_pupil"),
        ]

    def __str__(self) -> str:
        return self.reference


class Signatory(TrackedModel):
    """Somebody who is asked to sign: in which capacity, how far, and how often reminded.

    A parent or carer is a contact of the pupil; the head and the tutor are whoever holds the role when they sign. Each
    parent is asked apart and sees nothing of the other (law AG-5).
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="signatories")
    capacity = models.CharField(max_length=12, choices=Capacity.choices)
    position = models.PositiveSmallIntegerField(default=0)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="signatories")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=160, help_text="As known when it was issued; the signature has what was typed.")
    state = models.CharField(max_length=12, choices=SignatoryState.choices, default=SignatoryState.NOT_SENT)
    round = models.PositiveSmallIntegerField(default=0, help_text="How many decisions they have made.")
    sent_at = models.DateTimeField(null=True)
    viewed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    phone_since = models.DateTimeField(null=True, help_text="Reminded as often as may be: telephone instead.")
    phoned_at = models.DateTimeField(null=True)
    phoned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep=KEEP, scrub={"name": "fake_name"})

    class Meta:
        ordering = ["agreement", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity=Capacity.PUPIL, pupil__isnull=False, contact__isnull=True)
                | Q(capacity=Capacity.PARENT, contact__isnull=False, pupil__isnull=True, user__isnull=True)
                | Q(capacity=Capacity.STAFF, user__isnull=False, pupil__isnull=True, contact__isnull=True)
                | Q(capacity__in=[Capacity.HEADTEACHER, Capacity.FORM_TUTOR], pupil__isnull=True, contact__isnull=True),
                name="agreements_signatory_is_somebody",
            ),
            models.UniqueConstraint(fields=["agreement", "contact"], name="agreements_signatory_contact_once"),
            models.UniqueConstraint(
                fields=["agreement", "capacity"],
                condition=~Q(capacity=Capacity.PARENT),
                name="agreements_signatory_capacity_once",
            ),
            models.CheckConstraint(condition=Q(reminders__lte=3), name="agreements_signatory_reminded_thrice_at_most"),
            paired("phoned_at", "phoned_by", "agreements_signatory_phoned_paired"),
        ]
        indexes = [models.Index(fields=["contact", "state"], name="agreements_signatory_contact")]

    def __str__(self) -> str:
        return f"{self.capacity} {self.pk}"


class Signature(SchoolModel, AppendOnlyModel):
    """What one person decided and how it is known that they did (law AG-2); never changed.

    `statements` are the sentences that were ticked, `choices` what was answered to each purpose of a consent, `mark`
    the strokes of a drawing: never a picture. `authentication` says how the person was known, in words for the page of
    evidence. `signed_on` is the day on the paper, else the day of `signed_at`.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="signatures")
    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, related_name="signatures")
    round = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=10, choices=Decision.choices)
    capacity = models.CharField(max_length=12, choices=Capacity.choices)
    name = models.CharField(max_length=160)
    mode = models.CharField(max_length=8, choices=SignMode.choices)
    mark_kind = models.CharField(max_length=6, choices=MarkKind.choices, default=MarkKind.TYPED)
    mark = models.JSONField(default=list)
    intention = models.CharField(max_length=400)
    statements = models.JSONField(default=list)
    choices = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True, default="")
    language = models.CharField(max_length=12, default="en")
    version_label = models.CharField(max_length=40)
    wording_hash = models.CharField(max_length=64)
    signed_on = models.DateField()
    signed_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ip = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=200, blank=True, default="")
    authentication = models.CharField(max_length=200)
    link = models.ForeignKey("agreements.SigningLink", on_delete=models.PROTECT, null=True, related_name="signatures")

    privacy = Privacy(
        data_class="personal",
        keep=KEEP,
        scrub={"name": "fake_name", "mark": "drop", "reason": "blank", "ip": "drop", "device": "blank"},
    )

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["signatory", "round"], name="agreements_signature_one_a_round"),
            models.CheckConstraint(condition=~Q(name=""), name="agreements_signature_has_name"),
            models.CheckConstraint(
                condition=~Q(mode__in=[SignMode.DESK, SignMode.PAPER]) | Q(witness__isnull=False),
                name="agreements_signature_has_witness",
            ),
            models.CheckConstraint(
                condition=~Q(mode=SignMode.LINK) | Q(link__isnull=False), name="agreements_signature_link_named"
            ),
        ]

    def __str__(self) -> str:
        return f"Signature {self.pk}"


class AgreementEvent(SchoolModel, AppendOnlyModel):
    """One thing that happened to an agreement: what, when, by whom, and which move it made."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=14, choices=AgreementEventKind.choices)
    from_state = models.CharField(max_length=14, choices=AgreementState.choices)
    to_state = models.CharField(max_length=14, choices=AgreementState.choices)
    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep=KEEP, scrub={"note": "blank"})

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["agreement", "at"], name="agreements_event_by_agreement")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
