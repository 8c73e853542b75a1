"""Custody: the stay of one device with the school, its events, and who said they brought none."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.kit.models import AppendOnlyModel, Privacy
from core.people.models import Pupil, SchoolModel, TrackedModel, User
from devices.enums import Basis, BringReason, EarlyReason, EventKind, Flag, GivenTo, State
from devices.models.gates import Gate
from devices.models.register import PupilDevice
from devices.models.storage import Slot, StoragePlace

_OPEN = Q(closed_at__isnull=True)
_HERE = [
    State.HANDED_IN,
    State.STORED,
    State.OUT_FOR_BREAK,
    State.OUT_FOR_ACTIVITY,
    State.UNCOLLECTED,
    State.COLLECTED,
    State.CONFISCATED,
    State.PARENT_COLLECTION,
    State.EVIDENCE_HOLD,
    State.BACK_FROM_POLICE,
]
_GONE = [
    State.RETURNED,
    State.WITH_PUPIL_OFF_SITE,
    State.RELEASED_TO_PUPIL,
    State.RELEASED_TO_PARENT,
    State.WITH_POLICE,
    State.LOST_OR_DAMAGED,
]
# The footing that a state stands for; the others go with any (law PH-9: never merged).
_FOOTING = {State.COLLECTED: Basis.COLLECTED, State.CONFISCATED: Basis.CONFISCATED, State.EVIDENCE_HOLD: Basis.EVIDENCE}


class CustodyRecord(TrackedModel):
    """One stay of a device with the school, from hand-in or taking to return or release. The events say how it came.

    One open stay for each device and each slot, enforced by the database. A stay corrected away (`voided`) keeps its
    events and is left out of every count.
    """

    device = models.ForeignKey(PupilDevice, on_delete=models.PROTECT, related_name="custody")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="custody")
    day = models.DateField(help_text="The school day of the hand-in.")
    basis = models.CharField(max_length=12, choices=Basis.choices, default=Basis.HAND_IN)
    state = models.CharField(max_length=24, choices=State.choices)
    place = models.ForeignKey(StoragePlace, on_delete=models.PROTECT, null=True, related_name="+")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, null=True, related_name="custody")
    switched_off = models.BooleanField(null=True)
    condition = models.CharField(max_length=200, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    place_reason = models.CharField(max_length=200, blank=True, default="")
    bring_reason = models.CharField(max_length=20, choices=BringReason.choices, blank=True, default="")
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, null=True, related_name="+")
    flags = ArrayField(models.CharField(max_length=20, choices=Flag.choices), default=list)
    rules_version = models.PositiveBigIntegerField(help_text="The rules it was judged by (ORG-16).")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    voided = models.BooleanField(default=False)

    privacy = Privacy(
        data_class="personal",
        keep="1 year after return; 6 years where loss or damage was reported",
        scrub={"condition": "blank", "note": "blank"},
    )

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=_OPEN, name="devices_custody_one_open_per_device"),
            models.UniqueConstraint(
                fields=["slot"], condition=_OPEN & Q(slot__isnull=False), name="devices_custody_one_device_per_slot"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="devices_custody_closed_paired",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="devices_custody_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, state__in=_HERE) | Q(closed_at__isnull=False, state__in=_GONE),
                name="devices_custody_state_matches_open",
            ),
            models.CheckConstraint(
                condition=Q(voided=False) | Q(state=State.WITH_PUPIL_OFF_SITE), name="devices_custody_void_is_closed"
            ),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="devices_custody_basis_known"),
            *(
                models.CheckConstraint(
                    condition=~Q(state=state) | Q(basis=basis), name=f"devices_custody_{state}_is_{basis}"
                )
                for state, basis in _FOOTING.items()
            ),
            models.CheckConstraint(
                condition=~Q(flags__contains=[Flag.OTHER_PLACE]) | ~Q(place_reason=""),
                name="devices_custody_other_place_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "day", "state"], name="devices_custody_by_day"),
            models.Index(fields=["school", "closed_at"], condition=_OPEN, name="devices_custody_open"),
            models.Index(fields=["school", "pupil", "-opened_at"], name="devices_custody_by_pupil"),
        ]

    def __str__(self) -> str:
        return f"Custody {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def flag_labels(self) -> list[str]:
        return [str(Flag(flag).label) for flag in self.flags]


class CustodyEvent(SchoolModel, AppendOnlyModel):
    """One thing that happened to a device, who did it and when. Added, never changed (DEV-33)."""

    custody = models.ForeignKey(CustodyRecord, on_delete=models.PROTECT, related_name="events")
    device = models.ForeignKey(PupilDevice, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    basis = models.CharField(max_length=12, choices=Basis.choices, default=Basis.HAND_IN)
    from_state = models.CharField(max_length=24, choices=State.choices)
    to_state = models.CharField(max_length=24, choices=State.choices)
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField(help_text="When it was recorded; later than `at` for work done offline.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey(StoragePlace, on_delete=models.PROTECT, null=True, related_name="+")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, null=True, related_name="+")
    switched_off = models.BooleanField(null=True)
    given_to = models.CharField(max_length=12, choices=GivenTo.choices, blank=True, default="")
    given_to_name = models.CharField(max_length=160, blank=True, default="")
    condition = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=20, choices=EarlyReason.choices, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")

    privacy = Privacy(
        data_class="personal",
        keep="with its custody record",
        scrub={"given_to_name": "fake_name", "condition": "blank", "note": "blank"},
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(kind=EventKind.UNCOLLECTED), name="devices_custodyevent_has_author"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[EventKind.RETURN, EventKind.RELEASE]) | ~Q(given_to=""),
                name="devices_custodyevent_return_names_taker",
            ),
            models.CheckConstraint(
                condition=~Q(kind=EventKind.CORRECTION) | (~Q(note="") & Q(corrects__isnull=False)),
                name="devices_custodyevent_correction_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "-at"], name="devices_event_by_time"),
            models.Index(fields=["device", "id"], name="devices_event_by_device"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class NoDeviceDeclaration(TrackedModel):
    """A pupil brought none today: said by whom and when, so that chase lists are true (DEV-11)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="no_device_days")
    day = models.DateField()
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.CharField(max_length=200, blank=True, default="")

    privacy = Privacy(data_class="personal", keep="1 year")

    class Meta:
        ordering = ["-declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "day"], condition=Q(withdrawn_at__isnull=True), name="devices_nodevice_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="devices_nodevice_withdrawn_paired",
            ),
        ]
        indexes = [models.Index(fields=["school", "day"], name="devices_nodevice_by_day")]

    def __str__(self) -> str:
        return f"No device {self.day}"
