"""Force, police searches and screening: what the law wants on record beside a search or a seizure."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Pupil, SchoolModel, TrackedModel, User
from devices.enums import InterventionKind, ScreeningKind
from devices.models.searches import SearchRecord
from devices.models.taking import Confiscation

_KEEP = "with the pupil's safeguarding record, until the 25th birthday"


class UseOfForce(TrackedModel):
    """Force was used in a search or a seizure: every field of law SE-13. The search cannot close without it."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="uses_of_force")
    search = models.OneToOneField(SearchRecord, on_delete=models.PROTECT, null=True, related_name="use_of_force")
    confiscation = models.OneToOneField(Confiscation, on_delete=models.PROTECT, null=True, related_name="use_of_force")
    staff = models.CharField(max_length=300, help_text="Every member of staff involved.")
    sen_status = models.CharField(max_length=60, blank=True, default="", help_text="As the roll had it that day.")
    happened_at = models.DateTimeField()
    place = models.CharField(max_length=120)
    lead_up = models.CharField(max_length=1000)
    de_escalation = models.CharField(max_length=1000)
    kinds = ArrayField(models.CharField(max_length=8, choices=InterventionKind.choices))
    minutes = models.PositiveSmallIntegerField(help_text="How long it lasted, in minutes, at least one.")
    necessary = models.CharField(max_length=1000, help_text="Why it was necessary.")
    injuries = models.CharField(max_length=500, help_text="Injuries to anybody, or “none”.")
    support = models.CharField(max_length=500, help_text="Support offered to the pupil and to staff.")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        data_class="restricted",
        keep=_KEEP,
        scrub={
            "staff": "fake_name",
            "lead_up": "blank",
            "de_escalation": "blank",
            "necessary": "blank",
            "injuries": "blank",
            "support": "blank",
        },
    )

    class Meta:
        ordering = ["-happened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(search__isnull=False) | Q(confiscation__isnull=False),
                name="devices_force_belongs_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(kinds=[])
                & Q(minutes__gte=1)
                & ~Q(place="")
                & ~Q(lead_up="")
                & ~Q(de_escalation="")
                & ~Q(necessary="")
                & ~Q(injuries="")
                & ~Q(support="")
                & ~Q(staff=""),
                name="devices_force_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Use of force {self.pk}"


class PoliceSearch(TrackedModel):
    """The police searched a pupil in school: what was weighed before they were called, who stood by the pupil, when the
    parent was told, and what was done for the pupil afterwards (law SE-6, SE-11)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="police_searches")
    strip_search = models.BooleanField(help_text="More than outer clothing was removed. Police only.")
    risk_weighed = models.CharField(
        max_length=1000, help_text="Before calling: the risk of it against that of waiting."
    )
    called_at = models.DateTimeField()
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60, blank=True, default="")
    officers = models.CharField(max_length=300)
    appropriate_adult = models.CharField(max_length=160)
    parent_told_at = models.DateTimeField(null=True)
    parent_told_note = models.CharField(max_length=300, help_text="How, or why not before.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    place = models.CharField(max_length=120)
    found = models.CharField(max_length=500, help_text="What was found, or “nothing”.")
    aftercare = models.CharField(max_length=1000)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(
        data_class="restricted",
        keep=_KEEP,
        scrub={
            "risk_weighed": "blank",
            "officers": "fake_name",
            "appropriate_adult": "fake_name",
            "parent_told_note": "blank",
            "found": "blank",
            "aftercare": "blank",
        },
    )

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="devices_policesearch_times_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(risk_weighed="")
                & ~Q(officers="")
                & ~Q(appropriate_adult="")
                & ~Q(found="")
                & ~Q(aftercare="")
                & ~Q(parent_told_note=""),
                name="devices_policesearch_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Police search {self.pk}"


class ScreeningSession(SchoolModel, AppendOnlyModel):
    """Screening with an arch or wand: one entry for a session, none for a pupil (law SE-12)."""

    kind = models.CharField(max_length=8, choices=ScreeningKind.choices)
    place = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    screened = models.PositiveSmallIntegerField(help_text="How many pupils, in round figures.")
    led_to_searches = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True, default="", help_text="No names.")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = Privacy(data_class="school", keep="6 years")

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="devices_screening_times_in_order"),
            models.CheckConstraint(
                condition=Q(led_to_searches__lte=F("screened")), name="devices_screening_figures_fit"
            ),
        ]

    def __str__(self) -> str:
        return f"Screening {self.pk}"
