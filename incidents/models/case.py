"""A record from draft to closed: what was reported, who is in it, and each step of its course."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from core.kit.constraints import paired
from core.kit.fields import SealedTextField, new_uid
from core.kit.models import AppendOnlyModel, Privacy
from core.people.enums import Phase
from core.people.models import Pupil, SchoolModel, TrackedModel, User
from devices.models import CustodyRecord, PupilDevice, SearchRecord
from incidents.enums import (
    AccessReason,
    CaseEventKind,
    CaseState,
    IncidentType,
    NoteKind,
    OffsiteTest,
    Outcome,
    PersonKind,
    PersonRole,
    RaisedBy,
    RiskArea,
    Route,
    Track,
    YesNoUnknown,
)

KEEP = "with the pupil's child-protection file, until the 25th birthday; about staff, until pension age or 10 years"


class ReferenceCounter(SchoolModel):
    """The last number given to a record of a school in a month; taken under a lock, so that none is given twice."""

    month = models.CharField(max_length=4, help_text="Year and month, as “2611”.")
    last = models.PositiveIntegerField(default=0)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "month"], name="incidents_counter_one_a_month")]

    def __str__(self) -> str:
        return self.month


class TypeSetting(TrackedModel):
    """Whether the school offers a type of report; without a row the preset's list says (INC-03)."""

    type = models.CharField(max_length=20, choices=IncidentType.choices)
    offered = models.BooleanField()

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "type"], name="incidents_type_set_once")]

    def __str__(self) -> str:
        return self.type


class SubType(TrackedModel):
    """A kind within a risk area, from the school's own list; ended, never removed (INC-06)."""

    area = models.CharField(max_length=8, choices=RiskArea.choices)
    name = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["area", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "area", "name"], condition=Q(ended_at__isnull=True), name="incidents_subtype_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Incident(TrackedModel):
    """A concern or breach: what somebody reported and where it stands (INC-01, INC-02).

    Whatever was written about it is sealed; what is plain can be counted and searched and does not say what happened.
    `route` and `track` decide who may read it (`incidents.access`); its state moves by `incidents.workflow` alone.
    """

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    reference = models.CharField(max_length=16, blank=True, default="")
    state = models.CharField(max_length=16, choices=CaseState.choices, default=CaseState.DRAFT)
    type = models.CharField(max_length=20, choices=IncidentType.choices, blank=True, default="")
    route = models.CharField(max_length=20, choices=Route.choices, default=Route.PUPIL)
    track = models.CharField(max_length=10, choices=Track.choices, blank=True, default="")
    phase = models.CharField(max_length=20, choices=Phase.choices, blank=True, default="")
    title = models.CharField(max_length=120, blank=True, default="", help_text="Neutral, without a name.")

    # What was reported.
    happened_at = models.DateTimeField(null=True)
    time_is_known = models.BooleanField(default=True)
    place = models.CharField(max_length=120, blank=True, default="")
    area = models.CharField(
        max_length=80, blank=True, default="", help_text="Of the places where no device may be used."
    )
    provider = models.CharField(max_length=120, blank=True, default="", help_text="The placement, where it was on one.")
    is_offsite = models.BooleanField(default=False)
    is_online = models.BooleanField(default=False)
    raised_by = models.CharField(max_length=10, choices=RaisedBy.choices, default=RaisedBy.SELF)
    account = SealedTextField(length=8000)
    own_words = SealedTextField(length=4000)
    opinion = SealedTextField(length=2000)
    immediate_action = SealedTextField(length=4000)
    concern_for_child = models.BooleanField(default=False)
    danger_now = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    told_in_person = models.BooleanField(null=True)
    told_whom = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reported_incidents")
    reported_at = models.DateTimeField(null=True)
    device = models.ForeignKey(PupilDevice, on_delete=models.PROTECT, null=True, related_name="incidents")
    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, null=True, related_name="incidents")
    search = models.ForeignKey(SearchRecord, on_delete=models.PROTECT, null=True, related_name="incidents")
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")

    # Contact received or content that conflicts with somebody's role (SOC-08, SOC-10).
    platform = models.CharField(max_length=80, blank=True, default="")
    response = SealedTextField(length=2000)
    arrangement = models.CharField(
        max_length=10, choices=YesNoUnknown.choices, blank=True, default="",
        help_text="Of contact from an own device: whether it was said to be agreed beforehand (STA-08).",
    )  # fmt: skip

    # The safeguarding team has it (matrix §4.4, the sub-states).
    dsl_notified_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    protected_at = models.DateTimeField(null=True)
    protected_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    # Triage and decision.
    triaged_at = models.DateTimeField(null=True)
    triaged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="owned_incidents")
    next_step = SealedTextField(length=400)
    next_step_on = models.DateField(null=True)
    no_next_step = SealedTextField(length=400)
    risk_area = models.CharField(max_length=8, choices=RiskArea.choices, blank=True, default="")
    other_areas = ArrayField(models.CharField(max_length=8, choices=RiskArea.choices), default=list)
    sub_type = models.ForeignKey(SubType, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.PositiveSmallIntegerField(null=True)
    is_serious = models.BooleanField(default=False)
    between_children = models.BooleanField(default=False)
    prejudice = models.BooleanField(default=False)
    offsite_tests = ArrayField(models.CharField(max_length=10, choices=OffsiteTest.choices), default=list)
    policies = ArrayField(models.CharField(max_length=160), default=list)
    decision_reason = SealedTextField(length=4000)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    # The end.
    investigation_ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, default="")
    outcome_words = SealedTextField(length=4000)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    privacy = Privacy(
        data_class="restricted",
        keep=KEEP,
        scrub={
            "title": "blank",
            "place": "blank",
            "provider": "blank",
            "account": "drop",
            "own_words": "drop",
            "opinion": "drop",
            "immediate_action": "drop",
            "response": "drop",
            "next_step": "drop",
            "no_next_step": "drop",
            "decision_reason": "drop",
            "outcome_words": "drop",
        },
    )

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "reference"], condition=~Q(reference=""), name="incidents_incident_reference_unique"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[CaseState.DRAFT, CaseState.DISCARDED])
                | (Q(reported_at__isnull=False, happened_at__isnull=False) & ~Q(reference="") & ~Q(type="")),
                name="incidents_incident_reported_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[CaseState.DRAFT, CaseState.DISCARDED]) | ~Q(account=b""),
                name="incidents_incident_has_account",
            ),
            paired("acknowledged_at", "acknowledged_by", "incidents_incident_acknowledged_paired"),
            paired("protected_at", "protected_by", "incidents_incident_protected_paired"),
            paired("triaged_at", "triaged_by", "incidents_incident_triaged_paired"),
            paired("decided_at", "decided_by", "incidents_incident_decided_paired"),
            paired("closed_at", "closed_by", "incidents_incident_closed_paired"),
            models.CheckConstraint(
                condition=Q(protected_at__isnull=True) | Q(acknowledged_at__isnull=False),
                name="incidents_incident_protected_after",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.CLOSED)
                | (Q(closed_at__isnull=False) & ~Q(outcome="") & ~Q(outcome_words=b"")),
                name="incidents_incident_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.MERGED, merged_into__isnull=False)
                | (~Q(state=CaseState.MERGED) & Q(merged_into__isnull=True)),
                name="incidents_incident_merged_paired",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="incidents_incident_not_itself"
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__gte=1, level__lte=4), name="incidents_incident_level_known"
            ),
            # INC-10: sanctions are not for whoever was harmed.
            models.CheckConstraint(
                condition=~Q(track=Track.VICTIM) | ~Q(outcome__in=[Outcome.SANCTION, Outcome.BOTH]),
                name="incidents_incident_no_sanction_for_victim",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "state", "-reported_at"], name="incidents_by_state"),
            models.Index(fields=["school", "-happened_at"], name="incidents_by_time"),
            models.Index(fields=["school", "type", "-reported_at"], name="incidents_by_type"),
            models.Index(fields=["school", "-reported_at", "-id"], name="incidents_by_report"),
            models.Index(fields=["owner", "state"], name="incidents_by_owner"),
            models.Index(fields=["reporter", "-id"], name="incidents_by_reporter"),
            models.Index(fields=["custody"], name="incidents_by_custody"),
            GinIndex(
                fields=["title", "reference"], name="incidents_by_words", opclasses=["gin_trgm_ops", "gin_trgm_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.reference or f"Draft {self.pk}"

    @property
    def reporter_name(self) -> str:
        """Who reported it; about staff, only if they may be named (law SG-7). Read with its staff concern."""
        concern = getattr(self, "staff_concern", None)
        if concern is not None and not concern.sharer_named:
            return "somebody who asked not to be named"
        return self.reporter.display_name

    @property
    def is_draft(self) -> bool:
        return self.state == CaseState.DRAFT

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state not in {CaseState.DRAFT, CaseState.DISCARDED, CaseState.CLOSED, CaseState.MERGED}


class IncidentPerson(TrackedModel):
    """Somebody in a record, and what they are in it (INC-02, INC-04). Taken out by `removed_at`, never deleted."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(max_length=16, choices=PersonRole.choices)
    kind = models.CharField(max_length=10, choices=PersonKind.choices)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, null=True, related_name="incident_roles")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="incident_roles")
    name = models.CharField(max_length=120, blank=True, default="", help_text="Of somebody without a record here.")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"name": "fake_name"})

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "role", "pupil"],
                condition=Q(pupil__isnull=False, removed_at__isnull=True),
                name="incidents_person_pupil_once",
            ),
            models.UniqueConstraint(
                fields=["incident", "role", "user"],
                condition=Q(user__isnull=False, removed_at__isnull=True),
                name="incidents_person_staff_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=PersonKind.PUPIL, pupil__isnull=False, user__isnull=True)
                | Q(kind=PersonKind.STAFF, pupil__isnull=True)
                | Q(
                    kind__in=[PersonKind.VISITOR, PersonKind.PARENT, PersonKind.UNKNOWN], pupil__isnull=True, user=None
                ),
                name="incidents_person_is_their_kind",
            ),
            models.CheckConstraint(
                condition=Q(pupil__isnull=False) | Q(user__isnull=False) | ~Q(name=""), name="incidents_person_named"
            ),
            paired("removed_at", "removed_by", "incidents_person_removed_paired"),
        ]
        indexes = [
            models.Index(fields=["pupil", "incident"], name="incidents_person_by_pupil"),
            models.Index(fields=["user", "incident"], name="incidents_person_by_user"),
            GinIndex(
                fields=["name"], name="incidents_person_by_name", opclasses=["gin_trgm_ops"], condition=~Q(name="")
            ),
        ]

    def __str__(self) -> str:
        return f"Person {self.pk}"

    @property
    def display_name(self) -> str:
        """Who it is; the pupil or account has been read with the row."""
        known = self.pupil or self.user
        return known.display_name if known is not None else self.name


class IncidentEvent(SchoolModel, AppendOnlyModel):
    """One step of a record: who did what to it, when, and from where to where it went (house §4.3)."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=CaseEventKind.choices)
    from_state = models.CharField(max_length=16, choices=CaseState.choices, blank=True, default="")
    to_state = models.CharField(max_length=16, choices=CaseState.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    about = models.CharField(max_length=200, blank=True, default="", help_text="In words that name nobody.")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"about": "blank"})

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["incident", "at", "id"], name="incidents_event_by_incident")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class IncidentNote(SchoolModel, AppendOnlyModel):
    """Something added to a record: never changed, corrected only by another (law SG-2)."""

    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=12, choices=NoteKind.choices)
    text = SealedTextField(length=8000)
    about_at = models.DateTimeField(null=True, help_text="When what it tells of happened, if not when it was written.")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP, scrub={"text": "drop"})

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=b""), name="incidents_note_says_something")]
        indexes = [models.Index(fields=["incident", "at", "id"], name="incidents_note_by_incident")]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class CaseAccess(TrackedModel):
    """Somebody who is not of the team may read one record, for a reason, until a day (STA-17)."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="access")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=AccessReason.choices)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True, help_text="The last day.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="restricted", keep=KEEP)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "user"], condition=Q(ended_at__isnull=True), name="incidents_access_once"
            ),
            paired("ended_at", "ended_by", "incidents_access_ended_paired"),
        ]
        indexes = [models.Index(fields=["user", "incident"], name="incidents_access_by_user")]

    def __str__(self) -> str:
        return f"Access {self.pk}"
