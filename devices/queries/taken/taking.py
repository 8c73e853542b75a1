"""What staff must see before a device is taken: the grounds, what bears on it, and where a taken device may go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from core.people.calendar import calendar_for, london_day
from core.people.models import Pupil, School, User
from core.rules.queries import for_school
from core.rules.words import settings_in, words_for
from devices.enums import BarredFunction, Basis, BringReason, Circumstance, EventKind, PlacePurpose, State, TakenBecause
from devices.judgement import UNSPECIFIED, handin_duty
from devices.models import Confiscation, CustodyEvent, CustodyRecord, PupilDevice, StoragePlace, UseOfForce
from devices.queries.may_use import live_permissions
from devices.queries.register import declared_none

NUDE_IMAGE_CASE = "nude_image_case"
_TO_TRAVEL = (BringReason.TRAVEL, BringReason.WALKS_ALONE)
_NO_SUPPORT = ("", "N")


def ground_choices(rules: Any) -> list[tuple[str, str]]:
    """The grounds of the school's list, in its words (CNF-01); none where the rules are silent and a person says it."""
    if rules.confiscation_grounds == UNSPECIFIED:
        return []
    setting = settings_in(words_for(rules))["confiscation_grounds"]
    return [(key, setting.words_for_item(key)) for key in setting.in_order(rules.confiscation_grounds)]


def function_choices(rules: Any) -> list[tuple[str, str]]:
    """The barred functions of the school's rule, those first that it bars (DEV-32); all where it is silent."""
    barred = rules.barred_functions
    keys = [one for one in BarredFunction if barred == UNSPECIFIED or one.value in barred]
    return [(one.value, str(one.label)) for one in keys or BarredFunction]


def circumstances_of(pupil: Pupil, devices: Iterable[PupilDevice], at: datetime) -> list[Circumstance]:
    """What bears on whether taking is reasonable, each as a fact without its detail (law CO-2)."""
    owned = list(devices)
    reasons = {device.bring_reason for device in owned}
    found: list[Circumstance] = []
    if pupil.medical_note or BringReason.MEDICAL in reasons:
        found.append(Circumstance.MEDICAL)
    if pupil.sen_status.upper() not in _NO_SUPPORT:
        found.append(Circumstance.SEND)
    if pupil.young_carer:
        found.append(Circumstance.CARER)
    if is_permitted(pupil, at):
        found.append(Circumstance.PERMISSION)
    if reasons & set(_TO_TRAVEL):
        found.append(Circumstance.TRAVEL)
    return found


def is_permitted(pupil: Pupil, at: datetime) -> bool:
    """Whether the pupil keeps a device that day by permission (DEV-35)."""
    return bool(live_permissions(pupil.school, [pupil], at))


def where_it_was(pupil: Pupil, device: PupilDevice, because: str, at: datetime) -> State:
    """From which state a device is taken that the school does not hold (matrix §4.1).

    By agreement where a permission is live. Not handed in where staff say so, or where the cut-off of a day has passed
    on which it was to be handed in, it was not, and nobody declared none. Else it was with the pupil, on site: at the
    gate too, once it had gone back.
    """
    if is_permitted(pupil, at):
        return State.WITH_PUPIL_BY_AGREEMENT
    if because in (TakenBecause.NOT_HANDED_IN, TakenBecause.REFUSED, TakenBecause.KEPT_ON_PERSON):
        return State.NOT_HANDED_IN
    day, calendar = london_day(at), calendar_for(pupil.school)
    cutoff = calendar.at(day, "cutoff")
    due = handin_duty(for_school(pupil.school, on=day), device.type) == "hand_in"
    if due and calendar.is_school_day(day) and cutoff is not None and at > cutoff and not declared_none(pupil, day):
        came = CustodyRecord.objects.filter(device=device, day=day, basis=Basis.HAND_IN, voided=False)
        return State.WITH_PUPIL_ON_SITE if came.exists() else State.NOT_HANDED_IN
    return State.WITH_PUPIL_ON_SITE


def taken_places(school: School, purpose: str = PlacePurpose.CONFISCATED) -> QuerySet[StoragePlace]:
    """The places in use for confiscated devices, or for evidence, apart from ordinary hand-ins (CNF-03)."""
    found: QuerySet[StoragePlace] = StoragePlace.objects.filter(school=school, closed_on__isnull=True, purpose=purpose)
    return found.order_by("position", "name")


def takings_visible_to(user: User, school: School) -> QuerySet[Confiscation]:
    """Every taking of the school; the page's permission says who may look."""
    found: QuerySet[Confiscation] = Confiscation.objects.filter(school=school)
    return found.select_related(
        "custody__device__type", "custody__place", "custody__slot", "pupil__form", "pupil__school", "taken_by",
        "witness", "signed_off_by",
    )  # fmt: skip


def condition_when_taken(stay: CustodyRecord) -> str:
    """What was noted of its condition when it was taken, or else when it was handed in before (law CO-3)."""
    taken = CustodyEvent.objects.filter(custody=stay, kind=EventKind.TAKE).values_list("condition", flat=True).last()
    return taken or stay.condition


def force_unrecorded(taking: Confiscation) -> bool:
    """Whether force was used in a taking and its record is still to be written (law SE-13)."""
    return taking.force_used and not UseOfForce.objects.filter(confiscation=taking).exists()
