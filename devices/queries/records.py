"""What the pages about places, devices and agreements show beyond the desk's own reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery

from core.approvals.enums import State as ApprovalState
from core.people.models import Pupil, School, User
from devices.enums import State
from devices.models import (
    BringAgreement,
    CustodyEvent,
    CustodyRecord,
    DeviceType,
    EvidenceHold,
    PoliceHandover,
    PupilDevice,
    StoragePlace,
)
from devices.queries.register import devices_of, places_of


def all_places(school: School) -> QuerySet[StoragePlace]:
    """Every place the school ever had, closed ones too: their records stay readable."""
    return StoragePlace.objects.filter(school=school)


def closed_places(school: School) -> QuerySet[StoragePlace]:
    """Places taken out of use for good, newest first."""
    return all_places(school).filter(closed_on__isnull=False).order_by("-closed_on", "name")


@dataclass(frozen=True)
class PlaceCounts:
    """How full a place is. `loose` devices lie there without a slot of their own."""

    place: StoragePlace
    slots: int
    taken: int
    loose: int

    @property
    def free(self) -> int:
        return max(self.slots - self.taken, 0)

    @property
    def held(self) -> int:
        return self.taken + self.loose


def open_places(school: School) -> QuerySet[StoragePlace]:
    """Places in use."""
    return all_places(school).filter(closed_on__isnull=True)


def place_counts(school: School) -> list[PlaceCounts]:
    """Every place in use, in the order they are offered, with how full it is: one statement."""
    loose = CustodyRecord.objects.filter(place=OuterRef("pk"), slot__isnull=True, closed_at__isnull=True)
    counted: Any = places_of(school).annotate(
        loose_count=Subquery(loose.order_by().values("place").annotate(n=Count("pk")).values("n")[:1])
    )
    return [PlaceCounts(place, place.slot_count, place.taken_count or 0, place.loose_count or 0) for place in counted]


def loose_in(place: StoragePlace) -> QuerySet[CustodyRecord]:
    """What lies in a place without a slot of its own."""
    return (
        CustodyRecord.objects.filter(place=place, slot__isnull=True, closed_at__isnull=True)
        .select_related("pupil__form", "device__type")
        .order_by("opened_at")
    )


def types_visible_to(user: User, school: School) -> QuerySet[DeviceType]:
    """Every kind of device in the school's catalogue."""
    return DeviceType.objects.filter(school=school)


def events_of(device: PupilDevice) -> QuerySet[CustodyEvent]:
    """A device's events, newest first, each with what corrected it and with `slot_before`, the slot it was in until
    then (DEV-33)."""
    earlier = (
        CustodyEvent.objects.filter(custody=OuterRef("custody"), pk__lt=OuterRef("pk"), slot__isnull=False)
        .order_by("-pk")
        .values("slot__label")
    )
    return (
        CustodyEvent.objects.filter(device=device)
        .select_related("by", "place", "slot", "custody", "corrects__by", "corrects__slot", "corrects__place")
        .prefetch_related(Prefetch("corrections", queryset=CustodyEvent.objects.select_related("by").order_by("pk")))
        .annotate(slot_before=Subquery(earlier[:1]))
        .order_by("-pk")
    )


def events_between(device: PupilDevice, since: date | None, until: date | None) -> QuerySet[CustodyEvent]:
    """The device's events of a span of London days, both included, oldest first: the chain as it is printed."""
    found = events_of(device).order_by("pk")
    if since is not None:
        found = found.filter(at__date__gte=since)
    if until is not None:
        found = found.filter(at__date__lte=until)
    return found


def open_custody_of(device: PupilDevice) -> CustodyRecord | None:
    """The stay the device is in now, if the school has it."""
    return (
        CustodyRecord.objects.filter(device=device, closed_at__isnull=True)
        .select_related("place", "slot", "opened_by")
        .first()
    )


def last_stay_of(device: PupilDevice) -> CustodyRecord | None:
    """The latest stay that was not corrected away, over or not."""
    return CustodyRecord.objects.filter(device=device, voided=False).order_by("-opened_at", "-pk").first()


def devices_with_place(pupil: Pupil) -> list[PupilDevice]:
    """A pupil's devices, each with `stay`: where it is now, or None when the pupil has it; and `is_lost`, when it was
    reported lost and has not been found. Two statements."""
    latest = (
        CustodyRecord.objects.filter(pupil=pupil, voided=False)
        .select_related("place", "slot")
        .order_by("device_id", "-opened_at", "-pk")
        .distinct("device_id")
    )
    stays = {stay.device_id: stay for stay in latest}
    devices: list[Any] = list(devices_of(pupil))
    for device in devices:
        stay = stays.get(device.pk)
        device.stay = stay if stay is not None and stay.is_open else None
        device.is_lost = stay is not None and stay.state == State.LOST_OR_DAMAGED
    return sorted(devices, key=lambda device: (device.retired_on is not None, device.pk))


def recent_events_of(pupil: Pupil, *, limit: int = 6) -> list[CustodyEvent]:
    """The latest events of a pupil's devices, newest first."""
    return list(
        CustodyEvent.objects.filter(device__pupil=pupil)
        .select_related("by", "place", "slot", "custody", "device__type")
        .order_by("-pk")[:limit]
    )


def bring_agreements_visible_to(user: User, school: School) -> QuerySet[BringAgreement]:
    """Every agreement that a pupil brings a device (DEV-03)."""
    found: QuerySet[BringAgreement] = BringAgreement.objects.filter(school=school)
    return found.select_related("approval__pupil__form", "approval__decided_by", "approval__over_by")


def bring_agreements_of(pupil: Pupil) -> list[BringAgreement]:
    """A pupil's agreements, newest first, ended ones too; what is asked for or was refused is none."""
    agreed = BringAgreement.objects.filter(approval__pupil=pupil, approval__decided_at__isnull=False)
    return list(
        agreed.exclude(approval__state=ApprovalState.DECLINED)
        .select_related("approval__decided_by", "approval__over_by")
        .order_by(F("approval__over_at").desc(nulls_first=True), "-approval__starts_at", "-pk")
    )


@dataclass(frozen=True)
class Chain:
    """What one stay's chain of custody is told from, each in the order in which it happened."""

    events: list[CustodyEvent]
    holds: list[EvidenceHold]
    handovers: list[PoliceHandover]


def chain_of(stay: CustodyRecord) -> Chain:
    """Everything that happened in one stay, oldest first (law EX-5). Four statements."""
    return Chain(
        list(events_of(stay.device).filter(custody=stay).order_by("pk")),
        list(EvidenceHold.objects.filter(custody=stay).order_by("placed_at", "pk")),
        list(PoliceHandover.objects.filter(custody=stay).order_by("handed_at", "pk")),
    )
