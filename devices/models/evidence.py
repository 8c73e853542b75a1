"""A device held as evidence, and what the police were given and gave back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.kit.constraints import paired, together
from core.kit.models import Privacy
from core.people.models import TrackedModel, User
from devices.enums import Basis, HoldReason, State
from devices.models.custody import CustodyRecord

_KEEP = "6 years after it ends; with the pupil's safeguarding record where it is part of one"


class EvidenceHold(TrackedModel):
    """Nobody may release, return, search or delete until the DSL or head lifts it or police take the device (CNF-10).

    What it interrupted is kept, so that lifting it puts the device back on its former footing. No field says what a
    picture shows.
    """

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=20, choices=HoldReason.choices)
    note = models.CharField(max_length=500, blank=True, default="", help_text="What led to it. Never a description.")
    bag = models.CharField(max_length=40, blank=True, default="")
    was_state = models.CharField(max_length=24, choices=State.choices)
    was_basis = models.CharField(max_length=12, choices=Basis.choices)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_because = models.CharField(max_length=500, blank=True, default="")
    ended_at = models.DateTimeField(null=True, help_text="Lifted, or taken over by the police.")

    privacy = Privacy(data_class="restricted", keep=_KEEP, scrub={"note": "blank", "lifted_because": "blank"})

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["custody"], condition=Q(ended_at__isnull=True), name="devices_hold_one_for_each_stay"
            ),
            models.CheckConstraint(
                condition=~Q(reason=HoldReason.OTHER) | ~Q(note=""), name="devices_hold_other_says_why"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(ended_at=F("lifted_at")), name="devices_hold_lifted_has_ended"
            ),
            together(["lifted_at", "lifted_by"], ["lifted_because"], "devices_hold_lifted_whole"),
        ]
        indexes = [
            models.Index(fields=["school"], condition=Q(ended_at__isnull=True), name="devices_hold_live"),
        ]

    def __str__(self) -> str:
        return f"Evidence hold {self.pk}"

    @property
    def is_image(self) -> bool:
        """Whether a nude or indecent image of a child is suspected: then nobody looks, under any rule (law EX-2)."""
        return self.reason == HoldReason.INDECENT_IMAGE


class PoliceHandover(TrackedModel):
    """A device went to the police: officer, station, reference, items, condition, by whom, and its return (CNF-11,
    CNF-12)."""

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="police_handovers")
    hold = models.OneToOneField(EvidenceHold, on_delete=models.PROTECT, related_name="handover")
    officer_name = models.CharField(max_length=160)
    officer_number = models.CharField(max_length=40)
    station = models.CharField(max_length=120)
    reference = models.CharField(max_length=60)
    items = models.CharField(max_length=500)
    condition = models.CharField(max_length=200)
    bag = models.CharField(max_length=40, blank=True, default="")
    officer_signed = models.BooleanField(default=False, help_text="The officer signed the printed receipt.")
    handed_at = models.DateTimeField()
    handed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    returned_by_officer = models.CharField(max_length=160, blank=True, default="")
    returned_reference = models.CharField(max_length=60, blank=True, default="")
    returned_condition = models.CharField(max_length=200, blank=True, default="")

    privacy = Privacy(
        data_class="restricted",
        keep=_KEEP,
        scrub={"officer_name": "fake_name", "returned_by_officer": "fake_name", "items": "blank"},
    )

    class Meta:
        ordering = ["-handed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["custody"], condition=Q(returned_at__isnull=True), name="devices_police_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(officer_name="")
                & ~Q(officer_number="")
                & ~Q(station="")
                & ~Q(reference="")
                & ~Q(items="")
                & ~Q(condition=""),
                name="devices_police_whole",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("handed_at")),
                name="devices_police_times_in_order",
            ),
            paired("returned_at", "returned_to", "devices_police_returned_paired"),
        ]

    def __str__(self) -> str:
        return f"Police handover {self.pk}"
