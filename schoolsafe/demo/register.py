"""The demonstration's standing register: places with slots, kinds of device, and who has which device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from core.kit.bulk import bulk_update
from core.people.calendar import london_day
from core.people.models import Pupil, School, User
from core.people.queries import pupils_on_roll
from core.rules.queries import for_school
from devices import operations
from devices.enums import BringReason
from devices.judgement import handin_duty
from devices.models import DeviceType, PupilDevice, Slot
from devices.queries import daily_places, device_types, devices_visible_to, slots_with_state
from schoolsafe.demo.schools import DemoSchool

_MAKES = ("Apple", "Samsung", "Samsung", "Motorola", "Google", "Nokia", "Apple")
_TABLETS = ("Apple", "Samsung", "Lenovo")
_WATCHES = ("Garmin", "Apple", "Fitbit")
_COLOURS = ("black", "black", "blue", "silver", "green", "red", "white", "purple")
_MARKS = ("", "", "", "fox sticker", "initials on the case", "clear case", "cracked corner", "football sticker")
_REASONS = (
    BringReason.TRAVEL,
    BringReason.TRAVEL,
    BringReason.WALKS_ALONE,
    BringReason.WALKS_ALONE,
    BringReason.OTHER,
)
_AGREED_FOR = ("Walks home alone", "Travels by bus", "Goes to a second home on Fridays", "Meets a younger brother")


@dataclass(frozen=True)
class _Wish:
    """A device that a pupil has."""

    kind: str
    make: str
    second: bool = False


def set_up_storage(school: School, plan: DemoSchool, *, administrator: User, at: datetime) -> None:
    """Make the places with their slots, and the standard catalogue of kinds (DEV-01, DEV-06)."""
    operations.seed_device_types(school=school, actor=administrator, at=at)
    for wanted in plan.places:
        place = operations.add_place(
            school=school,
            actor=administrator,
            at=at,
            name=wanted.name,
            kind=wanted.kind,
            lockable=wanted.lockable,
            purpose=wanted.purpose,
            slots=wanted.slots,
        )
        if wanted.letter:
            slots = slots_with_state(place)
            for slot in slots:
                slot.label = f"{wanted.letter}{slot.number}"
            bulk_update(
                Slot, slots, ["label"], by=administrator, at=at, reason="Lettered, to tell the two places apart"
            )


def fill_register(school: School, plan: DemoSchool, *, office: User, at: datetime, rng: Random) -> list[PupilDevice]:
    """Put a plausible share of devices on the register, those to be handed in with a slot of their own (DEV-34)."""
    kinds = {kind.key: kind for kind in device_types(school)}
    rules = for_school(school, on=london_day(at))
    free = iter(slots_with_state(daily_places(school)[0]))
    for pupil in pupils_on_roll(school, london_day(at)).order_by(
        "form__year_from", "form__name", "legal_surname", "id"
    ):
        for wish in _wishes(plan, pupil.year_group, rng):
            kind = kinds[wish.kind]
            to_hand_in = handin_duty(rules, kind) in ("hand_in", "undecided")
            _add(school, pupil, kind, wish, next(free) if to_hand_in else None, plan, office=office, at=at, rng=rng)
    return list(devices_visible_to(office, school).select_related("type", "pupil__form__tutor", "usual_slot__place"))


def agree_to_bring(
    school: School, devices: list[PupilDevice], *, head: User, at: datetime, until: date, rng: Random
) -> None:
    """The head agrees that most of these pupils bring a device; who was forgotten is flagged at the desk (DEV-03)."""
    for pupil in dict.fromkeys(device.pupil for device in devices):
        if rng.random() < 0.86:
            operations.agree_bring_device(
                school=school,
                actor=head,
                at=at,
                pupil=pupil,
                reason=rng.choice(_AGREED_FOR),
                starts_on=london_day(at),
                ends_on=until,
            )


def _wishes(plan: DemoSchool, year: int, rng: Random) -> Iterator[_Wish]:
    """What a pupil of a year owns; the same numbers are drawn for everybody, so that one change moves no one else."""
    phone, watch, tablet, second = (rng.random() for _ in range(4))
    share = plan.phone_share.get(year, 0.0)
    if phone < share:
        yield _Wish("phone", rng.choice(_MAKES))
    if watch < plan.watch_share and year >= 4:
        yield _Wish("smartwatch", rng.choice(_WATCHES))
    if tablet < plan.tablet_share and year >= 5:
        yield _Wish("e_reader", "Kobo") if tablet < plan.tablet_share / 3 else _Wish("tablet", rng.choice(_TABLETS))
    if phone < share and second < plan.second_phone_share:
        yield _Wish("phone", "Nokia", second=True)


def _add(
    school: School,
    pupil: Pupil,
    kind: DeviceType,
    wish: _Wish,
    slot: Slot | None,
    plan: DemoSchool,
    *,
    office: User,
    at: datetime,
    rng: Random,
) -> None:
    asks_reason = for_school(school, on=london_day(at)).pupil_bring_rule == "reason_only"
    operations.add_device(
        school=school,
        actor=office,
        at=at,
        pupil=pupil,
        type=kind,
        make=wish.make,
        colour=rng.choice(_COLOURS),
        mark=rng.choice(_MARKS),
        note="Second phone" if wish.second else "",
        bring_reason=rng.choice(_REASONS) if asks_reason and rng.random() < 0.8 else "",
        usual_slot=slot,
    )
