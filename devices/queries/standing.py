"""What the day already holds of many pupils at once, and which device of theirs a bulk hand-in means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Max, Q

from core.approvals.enums import Kind
from core.approvals.queries import in_force_on
from core.people.models import School
from devices.judgement import handin_duty
from devices.models import CustodyRecord, DayMark, DeviceType, NoDeviceDeclaration, PupilDevice
from devices.queries.register import device_types

# What is read of a device here: to say which it is, what the rules make of it, and where it goes.
_DEVICE = (
    *("school_id", "pupil_id", "make", "model", "colour", "bring_reason", "version"),
    *(f"type__{name}" for name in ("key", "label", "communicates", "goes_online", "records_sound", "records_pictures")),
    *(f"usual_slot__{name}" for name in ("label", "state", "place_id")),
    *(f"usual_slot__place__{name}" for name in ("name", "kind", "closed_on")),
)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Standing:
    """What is known of some pupils on a day, by pupil: devices in use, stays of the day or still open, words said."""

    day: date
    devices: dict[int, list[PupilDevice]] = field(default_factory=dict)
    stays: dict[int, list[CustodyRecord]] = field(default_factory=dict)
    declared: dict[int, NoDeviceDeclaration] = field(default_factory=dict)
    marks: dict[int, list[DayMark]] = field(default_factory=dict)
    slots_taken: set[int] = field(default_factory=set)

    def here(self, pupil_id: int) -> set[int]:
        """The pupil's devices that the school holds now."""
        return {stay.device_id for stay in self.stays.get(pupil_id, []) if stay.is_open}

    def handed_in(self, pupil_id: int) -> CustodyRecord | None:
        """The pupil's first hand-in of the day, given back since then or not."""
        return next((stay for stay in self.stays.get(pupil_id, []) if stay.day == self.day), None)


def standing_of(school: School, day: date, keys: Sequence[int]) -> Standing:
    """The standing of the pupils with these keys in four statements, whatever their number."""
    found = Standing(day)
    devices = PupilDevice.objects.filter(school=school, pupil__in=keys, retired_on__isnull=True)
    for device in devices.select_related("type", "usual_slot__place").only(*_DEVICE).order_by("id"):
        found.devices.setdefault(device.pupil_id, []).append(device)
    usual = {one.usual_slot_id for owned in found.devices.values() for one in owned if one.usual_slot_id}
    stays = CustodyRecord.objects.filter(
        Q(pupil__in=keys, closed_at__isnull=True)
        | Q(pupil__in=keys, day=day, voided=False)
        | Q(slot__in=usual, closed_at__isnull=True),
        school=school,
    )
    wanted = set(keys)
    for stay in stays.select_related("slot", "place", "opened_by").order_by("opened_at", "id"):
        if stay.is_open and stay.slot_id is not None:
            found.slots_taken.add(stay.slot_id)
        if stay.pupil_id in wanted:
            found.stays.setdefault(stay.pupil_id, []).append(stay)
    said: Any = {"school": school, "pupil__in": keys, "day": day, "withdrawn_at__isnull": True}
    found.declared = {one.pupil_id: one for one in NoDeviceDeclaration.objects.filter(**said).order_by("id")}
    for mark in DayMark.objects.filter(**said).order_by("id"):
        found.marks.setdefault(mark.pupil_id, []).append(mark)
    return found


def usual_type(school: School) -> DeviceType | None:
    """The kind that a device is put on the register as when nobody has said: a phone, else the first of the list."""
    kinds = list(device_types(school))
    return next((kind for kind in kinds if kind.key == "phone"), kinds[0] if kinds else None)


def devices_due(rules: Any, owned: Iterable[PupilDevice]) -> list[PupilDevice]:
    """Those that the rules have handed in, or that they say nothing about."""
    return [one for one in owned if handin_duty(rules, one.type) in ("hand_in", "undecided")]


def device_meant(
    rules: Any, owned: Sequence[PupilDevice], here: Collection[int], lately: Mapping[int, datetime]
) -> PupilDevice | None:
    """The device that a bulk hand-in means: of those not here yet, the one handed in most recently (`lately`).

    None: nothing on record fits, so what is in the box is new. Where the rules ask for nothing to be handed in, a
    device taken in all the same is one of those on record.
    """
    fitting = devices_due(rules, owned)
    if not fitting and rules.handin_required == "no":
        fitting = list(owned)
    outside = [one for one in fitting if one.pk not in here]
    return max(outside, key=lambda one: (lately.get(one.pk, _NEVER), -one.pk)) if outside else None


def lately_taken_in(standing: Standing) -> dict[int, datetime]:
    """When each device of pupils with several was taken in last; asks nothing where nobody has several."""
    several = [one.pk for owned in standing.devices.values() if len(owned) > 1 for one in owned]
    if not several:
        return {}
    stays = CustodyRecord.objects.filter(device__in=several, voided=False).order_by()
    return dict(stays.values_list("device").annotate(last=Max("opened_at")))


def bring_agreed(school: School, keys: Sequence[int], on: date) -> set[int]:
    """Those of these pupils with a live agreement that they bring a device (DEV-03)."""
    agreed = in_force_on(school, on, Kind.BRING_DEVICE).filter(pupil__in=keys).order_by()
    return set(agreed.values_list("pupil_id", flat=True))
