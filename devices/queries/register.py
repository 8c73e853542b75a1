"""The standing register of devices and places, and the register of a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from core.people.models import Pupil, School, User
from core.people.queries import pupils_on_roll
from core.rules.queries import for_school
from devices.cohorts import CohortRule, keeping_rules, kept_words
from devices.enums import Flag, PlacePurpose, SlotState, State
from devices.models import CustodyRecord, DeviceType, NoDeviceDeclaration, PupilDevice, Slot, StoragePlace
from devices.queries.day import BY_PERMISSION, DayFacts, day_facts


def device_types(school: School) -> QuerySet[DeviceType]:
    """The catalogue of kinds in use (DEV-01)."""
    return DeviceType.objects.filter(school=school, retired_on__isnull=True)


def devices_of(pupil: Pupil) -> QuerySet[PupilDevice]:
    """A pupil's devices, those in use first."""
    return (
        PupilDevice.objects.filter(pupil=pupil)
        .select_related("type", "usual_slot__place", "pupil__form")
        .order_by("retired_on", "id")
    )


def devices_visible_to(user: User, school: School) -> QuerySet[PupilDevice]:
    """Every pupil's device in the school."""
    return PupilDevice.objects.filter(school=school).select_related("type", "usual_slot__place", "pupil__form")


def desk_devices(pupil: Pupil) -> list[PupilDevice]:
    """A pupil's devices in use with type and usual slot, in one statement."""
    return list(
        PupilDevice.objects.filter(pupil=pupil, retired_on__isnull=True)
        .select_related("type", "usual_slot__place")
        .order_by("id")
    )


def open_stays_near(devices: list[PupilDevice]) -> list[CustodyRecord]:
    """The open stays of these devices, and of whatever else is in their usual slots."""
    return list(
        CustodyRecord.objects.filter(closed_at__isnull=True)
        .filter(
            Q(device__in=devices) | Q(slot__in=[device.usual_slot_id for device in devices if device.usual_slot_id])
        )
        .select_related("slot", "place", "opened_by")
    )


def declared_none(pupil: Pupil, day: date) -> NoDeviceDeclaration | None:
    """The pupil's "no device" of that day, unless it was withdrawn."""
    return NoDeviceDeclaration.objects.filter(pupil=pupil, day=day, withdrawn_at__isnull=True).first()


def places_of(school: School) -> QuerySet[StoragePlace]:
    """Storage places in use, with how many slots each has and how many are taken."""
    taken = CustodyRecord.objects.filter(slot__place=OuterRef("pk"), closed_at__isnull=True)
    return (
        StoragePlace.objects.filter(school=school, closed_on__isnull=True)
        .annotate(
            slot_count=Count("slots", filter=Q(slots__state=SlotState.USABLE)),
            taken_count=Subquery(taken.order_by().values("slot__place").annotate(n=Count("pk")).values("n")[:1]),
        )
        .order_by("position", "name")
    )


def daily_places(school: School) -> QuerySet[StoragePlace]:
    """Places for ordinary hand-ins, in the order they are offered."""
    return StoragePlace.objects.filter(school=school, closed_on__isnull=True, purpose=PlacePurpose.DAILY).order_by(
        "position", "name"
    )


def slots_of(school: School) -> QuerySet[Slot]:
    """Every slot of the school's places in use."""
    return Slot.objects.filter(school=school, place__closed_on__isnull=True).select_related("place")


def slots_with_state(place: StoragePlace) -> list[Slot]:
    """A place's slots in order, each with `holding` (the open stay, or None) in two statements."""
    slots = list(Slot.objects.filter(place=place).order_by("number"))
    held = {
        stay.slot_id: stay
        for stay in CustodyRecord.objects.filter(slot__place=place, closed_at__isnull=True).select_related(
            "pupil__form", "device__type"
        )
    }
    for slot in slots:
        slot.holding = held.get(slot.pk)
    return slots


@dataclass(frozen=True)
class RegisterRow:
    """One pupil's line on a day's register (DEV-36)."""

    pupil: Pupil
    status: str
    word: str
    device: str
    slot: str
    handed_in_at: datetime | None
    returned_at: datetime | None
    received_by: str
    flags: tuple[str, ...]
    custody_id: int | None


# Every status of the register in words, in the order of the totals (DEV-36).
STATUS_WORDS = {
    "in": "Handed in",
    "returned": "Handed in and returned",
    "uncollected": "Uncollected",
    "lost": "Reported lost",
    "collected": "Collected: not handed in",
    "confiscated": "Confiscated",
    "held": "Held",
    "released": "Taken, and given back",
    "none": "No device today",
    "missing": "Not seen",
    "refused": "Asked and did not hand in",
    "permitted": BY_PERMISSION,
    "absent": "Absent",
    "placed": "At a placement",
    "keep_secure": "Keeps it secure",
    "no_device": "No device on record",
}


def register_for(
    school: School,
    day: date,
    *,
    form_id: int | None = None,
    handin_types: frozenset[str] | None = None,
    everyone: bool = False,
) -> list[RegisterRow]:
    """The register of a day in seven statements: what became of each pupil's device, or why none is looked for.

    Pupils with no device on record are left out unless the day says something of them, or `everyone`. A hand-in
    outweighs whatever else was said. Sorted by form and surname.
    """
    pupils = pupils_on_roll(school, day)
    if form_id is not None:
        pupils = pupils.filter(form_id=form_id)
    pupils = pupils.order_by("form__year_from", "form__name", "legal_surname", "legal_forename", "id")
    stays: dict[int, list[CustodyRecord]] = {}
    for stay in (
        CustodyRecord.objects.filter(school=school, voided=False)
        .filter(Q(day=day) | Q(day__lt=day, closed_at__isnull=True) | Q(day__lt=day, closed_at__date__gte=day))
        .select_related("device__type", "slot", "place", "opened_by")
        .order_by("opened_at")
    ):
        stays.setdefault(stay.pupil_id, []).append(stay)
    declared = set(
        NoDeviceDeclaration.objects.filter(school=school, day=day, withdrawn_at__isnull=True).values_list(
            "pupil_id", flat=True
        )
    )
    facts, keeping = day_facts(school, day), keeping_rules(for_school(school, on=day))
    owned: dict[int, list[PupilDevice]] = {}
    for device in PupilDevice.objects.filter(school=school, retired_on__isnull=True).select_related("type"):
        owned.setdefault(device.pupil_id, []).append(device)

    rows: list[RegisterRow] = []
    for pupil in pupils:
        held = stays.get(pupil.pk, [])
        due = _due(pupil, owned.get(pupil.pk, []), handin_types, keeping)
        devices = ", ".join(one.description for one in due or owned.get(pupil.pk, []))
        if held:
            rows += [_stay_row(pupil, stay) for stay in held]
        elif pupil.pk in declared:
            rows.append(_plain_row(pupil, "none"))
        elif pupil.pk in facts.refused:
            rows.append(_plain_row(pupil, "refused", devices))
        elif pupil.pk in facts.permitted and pupil.pk not in facts.absent:
            rows.append(
                _plain_row(pupil, "permitted", devices, word=facts.permitted[pupil.pk], where=facts.limits[pupil.pk])
            )
        elif devices:
            kept = next((words for one in owned[pupil.pk] if (words := kept_words(keeping, pupil, one.type.key))), "")
            rows.append(_owner_row(pupil, facts, devices, is_due=bool(due), kept=kept))
        elif everyone:
            rows.append(_plain_row(pupil, "no_device"))
    return rows


def _due(
    pupil: Pupil, owned: list[PupilDevice], handin_types: frozenset[str] | None, keeping: list[CohortRule]
) -> list[PupilDevice]:
    """The devices that a pupil hands in: of a kind that is, and not one that the pupil's group keeps (law PH-3)."""
    return [
        one
        for one in owned
        if (handin_types is None or one.type.key in handin_types) and not kept_words(keeping, pupil, one.type.key)
    ]


def _owner_row(pupil: Pupil, facts: DayFacts, devices: str, *, is_due: bool, kept: str) -> RegisterRow:
    """The line of a pupil with a device of whom the desk knows nothing today."""
    if pupil.pk in facts.absent:
        return _plain_row(pupil, "absent", devices)
    if pupil.pk in facts.placed:
        return _plain_row(pupil, "placed", devices, where=facts.placed[pupil.pk])
    return _plain_row(pupil, "missing" if is_due else "keep_secure", devices, word="" if is_due else kept)


def register_totals(rows: list[RegisterRow]) -> list[dict[str, object]]:
    """Totals for each form, in the register's order, and one for the school."""
    totals: dict[str, Counter[str]] = {}
    for row in rows:
        form = row.pupil.form.name if row.pupil.form else "No form"
        totals.setdefault(form, Counter())[row.status] += 1
    if totals:
        totals["All"] = sum(totals.values(), Counter())
    return [{"form": name, **{status: line[status] for status in STATUS_WORDS}} for name, line in totals.items()]


# A device with the police reads as held: where it is, is for those who may know.
_OF_STATE = {
    State.UNCOLLECTED: "uncollected",
    State.LOST_OR_DAMAGED: "lost",
    State.COLLECTED: "collected",
    State.CONFISCATED: "confiscated",
    State.PARENT_COLLECTION: "confiscated",
    State.EVIDENCE_HOLD: "held",
    State.BACK_FROM_POLICE: "held",
    State.WITH_POLICE: "held",
    State.RELEASED_TO_PUPIL: "released",
    State.RELEASED_TO_PARENT: "released",
}


def _stay_row(pupil: Pupil, stay: CustodyRecord) -> RegisterRow:
    status = _OF_STATE.get(State(stay.state)) or ("returned" if stay.closed_at else "in")
    where = f"{stay.place.name}, {stay.slot}" if stay.place and stay.slot else stay.place.name if stay.place else ""
    return RegisterRow(
        pupil=pupil,
        status=status,
        word=STATUS_WORDS[status],
        device=stay.device.description,
        slot=where,
        handed_in_at=stay.opened_at,
        returned_at=stay.closed_at if status in ("returned", "released") else None,
        received_by=stay.opened_by.display_name,
        flags=tuple(str(Flag(flag).label) for flag in stay.flags),
        custody_id=stay.pk,
    )


def _plain_row(pupil: Pupil, status: str, device: str = "", *, word: str = "", where: str = "") -> RegisterRow:
    return RegisterRow(pupil, status, word or STATUS_WORDS[status], device, where, None, None, "", (), None)


def slots_labelled(school: School, label: str) -> list[Slot]:
    """The slots whose printed number or code is `label`: one, or several when places number alike."""
    typed = label.strip()
    return list(slots_of(school).filter(Q(label__iexact=typed) | Q(code=typed.upper()))[:5])


def owners_of_usual_slot(slot: Slot) -> list[PupilDevice]:
    """The devices whose usual slot it is."""
    return list(
        PupilDevice.objects.filter(usual_slot=slot, retired_on__isnull=True).select_related("type", "pupil__form")
    )
