"""Searches: who may make them, each one from draft to closed, consent, what was found, and what was deleted."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.kit.constraints import paired
from core.kit.models import AppendOnlyModel, Privacy, ScrubMethod
from core.people.models import Contact, Pupil, SchoolModel, TrackedModel, User
from devices.enums import (
    Circumstance,
    ConsentAnswer,
    ConsentGiver,
    Cooperation,
    DeletionState,
    Disposal,
    FoundKind,
    GoodReason,
    ItemClass,
    NextStep,
    SearchBasis,
    SearchedAs,
    SearchOf,
    SearchState,
)
from devices.models.custody import CustodyRecord

_KEEP = "with the pupil's safeguarding record, until the 25th birthday"
_MADE = [
    SearchState.COMPLETED_NOTHING,
    SearchState.COMPLETED_FOUND,
    SearchState.FOLLOWED_UP,
    SearchState.CLOSED,
]
# What somebody wrote about a child, blanked in a scrubbed copy.
_SCRUB: dict[str, ScrubMethod] = {
    "sought": "blank",
    "grounds": "blank",
    "necessity": "blank",
    "weighed": "blank",
    "explained": "blank",
    "tried": "blank",
    "others_present": "blank",
    "urgent_reason": "blank",
    "found": "blank",
    "risk_note": "blank",
    "follow_up": "blank",
    "support": "blank",
    "wider_risk": "blank",
    "stopped_because": "blank",
    "decision_reason": "blank",
    "witness_name": "fake_name",
    "second_adult": "fake_name",
}


class ProhibitedItem(TrackedModel):
    """A thing that may be searched for: by statute, or because the behaviour policy names it (SEA-13, law SE-2).

    Dated, so that a search is judged by the list of its day. A change ends one row and starts another.
    """

    name = models.CharField(max_length=120)
    item_class = models.CharField(max_length=12, choices=ItemClass.choices)
    searchable = models.BooleanField(default=True, help_text="The rules name it as one that may be searched for.")
    found_kind = models.CharField(max_length=20, choices=FoundKind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="The last day on the list.")
    source = models.CharField(max_length=160, blank=True, default="", help_text="The policy and its edition.")

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["item_class", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"], condition=Q(ends_on__isnull=True), name="devices_prohibited_listed_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="devices_prohibited_dates"
            ),
            models.CheckConstraint(
                condition=~Q(item_class=ItemClass.STATUTORY) | Q(searchable=True),
                name="devices_prohibited_statute_searchable",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SearcherAuthorisation(TrackedModel):
    """The headteacher authorised a named person to search, for some classes of thing, from a day to a day (SEA-05)."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="search_authorisations")
    scope = ArrayField(models.CharField(max_length=12, choices=SearchOf.choices), default=list)
    classes = ArrayField(models.CharField(max_length=12, choices=ItemClass.choices), default=list)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    trained_on = models.DateField(null=True)
    authorised_at = models.DateTimeField()
    authorised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(data_class="personal", keep="6 years after it ends")

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(scope=[]), name="devices_searcher_scope_named"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="devices_searcher_dates"
            ),
            models.CheckConstraint(condition=~Q(person=F("authorised_by")), name="devices_searcher_by_another"),
            paired("ended_at", "ended_by", "devices_searcher_ended_paired"),
        ]

    def __str__(self) -> str:
        return f"Searcher {self.pk}"


class SearchRecord(TrackedModel):
    """One search, from draft to closed (matrix §4.2). A made search has all ten answers of law SE-5, by constraint."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="searches")
    of = models.CharField(max_length=12, choices=SearchOf.choices)
    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, null=True, related_name="searches")
    state = models.CharField(max_length=20, choices=SearchState.choices, default=SearchState.DRAFT)
    basis = models.CharField(max_length=8, choices=SearchBasis.choices, blank=True, default="")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    searcher = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    searched_as = models.CharField(max_length=20, choices=SearchedAs.choices)
    authorisation = models.ForeignKey(SearcherAuthorisation, on_delete=models.PROTECT, null=True, related_name="+")
    decision_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision_reason = models.CharField(max_length=500, blank=True, default="")
    rules_version = models.PositiveBigIntegerField()
    document = models.CharField(max_length=200, blank=True, default="", help_text="The governing document, that day.")
    edition = models.CharField(max_length=80, blank=True, default="")
    # Before.
    item = models.ForeignKey(ProhibitedItem, on_delete=models.PROTECT, null=True, related_name="searches")
    sought = models.CharField(max_length=300, blank=True, default="")
    grounds = models.CharField(max_length=1000, blank=True, default="")
    necessity = models.CharField(max_length=1000, blank=True, default="")
    good_reason = models.CharField(max_length=12, choices=GoodReason.choices, blank=True, default="")
    circumstances = ArrayField(models.CharField(max_length=12, choices=Circumstance.choices), default=list)
    weighed = models.CharField(max_length=500, blank=True, default="", help_text="What was known, and weighed.")
    explained = models.CharField(max_length=500, blank=True, default="", help_text="What the pupil was told.")
    cooperation = models.CharField(max_length=12, choices=Cooperation.choices, blank=True, default="")
    tried = models.CharField(max_length=500, blank=True, default="")
    # The search.
    started_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=120, blank=True, default="")
    witness = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    witness_name = models.CharField(max_length=160, blank=True, default="")
    others_present = models.CharField(max_length=300, blank=True, default="", help_text="Everybody else, or “nobody”.")
    same_sex_searcher = models.BooleanField(null=True)
    same_sex_witness = models.BooleanField(null=True)
    outer_clothing_only = models.BooleanField(null=True)
    urgent_reason = models.CharField(max_length=500, blank=True, default="")
    second_adult = models.CharField(max_length=160, blank=True, default="", help_text="Who was told at once.")
    found = models.CharField(max_length=1000, blank=True, default="", help_text="What was found, or “nothing”.")
    force_used = models.BooleanField(null=True)
    completed_at = models.DateTimeField(null=True)
    # After.
    risk = models.BooleanField(null=True, help_text="It shows a safeguarding risk (SEA-08).")
    risk_note = models.CharField(max_length=500, blank=True, default="")
    follow_up = models.CharField(max_length=1000, blank=True, default="")
    support = models.CharField(max_length=500, blank=True, default="")
    wider_risk = models.CharField(max_length=1000, blank=True, default="", help_text="The DSL's view (law SE-9).")
    next_step = models.CharField(max_length=16, choices=NextStep.choices, blank=True, default="")
    next_step_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    stopped_because = models.CharField(max_length=500, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    privacy = Privacy(
        data_class="restricted",
        keep=_KEEP,
        scrub=_SCRUB,
    )

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(of=SearchOf.DEVICE) | Q(custody__isnull=False), name="devices_search_of_a_device_held"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_MADE)
                | (
                    Q(started_at__isnull=False, completed_at__isnull=False, force_used__isnull=False)
                    & ~Q(place="")
                    & ~Q(others_present="")
                    & ~Q(sought="")
                    & ~Q(grounds="")
                    & ~Q(found="")
                    & ~Q(follow_up="")
                ),
                name="devices_search_all_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[SearchState.IN_PROGRESS, *_MADE]) | ~Q(basis=""),
                name="devices_search_has_basis",
            ),
            models.CheckConstraint(
                condition=~Q(basis=SearchBasis.GROUNDS) | (~Q(grounds="") & ~Q(necessity="")),
                name="devices_search_grounds_stated",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_MADE, of=SearchOf.POSSESSIONS)
                | Q(same_sex_searcher=True, outer_clothing_only=True, witness_name__gt="")
                | (~Q(urgent_reason="") & ~Q(second_adult="")),
                name="devices_search_same_sex_or_urgent",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_MADE, of=SearchOf.DEVICE) | ~Q(good_reason=""),
                name="devices_search_of_a_device_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=SearchState.STOPPED) | ~Q(stopped_because=""), name="devices_search_stopped_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(searched_as=SearchedAs.DECISION) | (Q(decision_by__isnull=False) & ~Q(decision_reason="")),
                name="devices_search_decision_recorded",
            ),
            paired("closed_at", "closed_by", "devices_search_closed_paired"),
        ]
        indexes = [
            models.Index(fields=["school", "-opened_at"], name="devices_search_by_time"),
            models.Index(fields=["school", "pupil"], name="devices_search_by_pupil"),
        ]

    def __str__(self) -> str:
        return f"Search {self.pk}"


class SearchEvent(SchoolModel, AppendOnlyModel):
    """One step of a search, who took it and when."""

    search = models.ForeignKey(SearchRecord, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=20, choices=SearchState.choices)
    to_state = models.CharField(max_length=20, choices=SearchState.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")

    privacy = Privacy(data_class="restricted", keep=_KEEP, scrub={"note": "blank"})

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.to_state} {self.pk}"


class SearchConsent(SchoolModel, AppendOnlyModel):
    """What the pupil or a parent answered when asked for consent: how, when, and taken by whom (SEA-02, SEA-15)."""

    search = models.ForeignKey(SearchRecord, on_delete=models.PROTECT, related_name="consents")
    giver = models.CharField(max_length=8, choices=ConsentGiver.choices)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    giver_name = models.CharField(max_length=160)
    answer = models.CharField(max_length=10, choices=ConsentAnswer.choices)
    how = models.CharField(max_length=200, help_text="In person, by phone, in writing; what was understood.")
    answered_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=_KEEP, scrub={"giver_name": "fake_name", "how": "blank"})

    class Meta:
        ordering = ["-answered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(giver=ConsentGiver.PUPIL, contact__isnull=True)
                | Q(giver=ConsentGiver.CONTACT, contact__isnull=False),
                name="devices_searchconsent_contact_when_adult",
            ),
            models.CheckConstraint(condition=~Q(how=""), name="devices_searchconsent_says_how"),
        ]

    def __str__(self) -> str:
        return f"Consent {self.pk}"


class SearchFinding(SchoolModel, AppendOnlyModel):
    """One thing found and what was decided about it, from the disposal table (law §2)."""

    search = models.ForeignKey(SearchRecord, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=20, choices=FoundKind.choices)
    what = models.CharField(max_length=200, help_text="The thing in words. Never what a picture shows.")
    disposal = models.CharField(max_length=8, choices=Disposal.choices)
    reason = models.CharField(max_length=300, blank=True, default="")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="restricted", keep=_KEEP, scrub={"what": "blank", "reason": "blank"})

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=FoundKind.ILLEGAL_IMAGE) | Q(disposal=Disposal.ISOLATE),
                name="devices_finding_illegal_image_isolated",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[FoundKind.DRUGS, FoundKind.ALCOHOL_TOBACCO, FoundKind.WEAPON])
                | ~Q(disposal__in=[Disposal.RETURN, Disposal.PARENT]),
                name="devices_finding_never_given_back",
            ),
        ]

    def __str__(self) -> str:
        return f"Finding {self.pk}"


class DeletionRecord(TrackedModel):
    """Content was to be deleted: its kind in words, the rule it broke, by whom and why (SEA-09). Never a copy."""

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="deletions")
    search = models.ForeignKey(SearchRecord, on_delete=models.PROTECT, null=True, related_name="deletions")
    state = models.CharField(max_length=16, choices=DeletionState.choices, default=DeletionState.REQUESTED)
    content = models.CharField(max_length=200, help_text="The kind of content in words.")
    rule_broken = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=500, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    rules_version = models.PositiveBigIntegerField()

    privacy = Privacy(
        data_class="restricted", keep=_KEEP, scrub={"content": "blank", "reason": "blank", "decision": "blank"}
    )

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(content="") & ~Q(rule_broken="") & ~Q(reason=""), name="devices_deletion_whole"
            ),
            models.CheckConstraint(
                condition=Q(state=DeletionState.REQUESTED) | Q(decided_at__isnull=False),
                name="devices_deletion_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DeletionState.DONE_BY_STAFF, DeletionState.CONFIRMED])
                | Q(done_at__isnull=False),
                name="devices_deletion_done_has_time",
            ),
            paired("decided_at", "decided_by", "devices_deletion_decided_paired"),
            paired("done_at", "done_by", "devices_deletion_done_paired"),
        ]

    def __str__(self) -> str:
        return f"Deletion {self.pk}"
