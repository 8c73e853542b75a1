"""Take a device in: judged by the rules of the day, put in its slot, flagged where the rules warn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from core.audit.operations import operation, record
from core.kit.rows import insert, update
from core.kit.times import day as day_in_words
from core.people.access import require
from core.people.calendar import calendar_for, london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from core.rules.models import RecordedDecision
from core.rules.operations import record_decision
from core.rules.queries import for_school
from devices.enums import Basis, EventKind, Flag, PlacePurpose, SlotState, State
from devices.judgement import DeskTerms, allowed_place_kinds, bring_flags, desk_terms, handin_duty, place_is_allowed
from devices.models import (
    CustodyRecord,
    DeviceType,
    Gate,
    PupilDevice,
    Slot,
    StoragePlace,
)
from devices.operations.moves import add_events, already_here, lost_race
from devices.operations.no_device import withdraw_declaration
from devices.operations.refusals import (
    DecisionNeeded,
    DeviceAlreadyInCustody,
    DeviceChoiceNeeded,
    DeviceRetired,
    KeptSecureByPupil,
    LostRace,
    NoDeviceOnRecord,
    NoPlaceSetUp,
    OffCheckNeeded,
    OtherPlaceNeedsReason,
    PupilHasLeft,
    SlotTaken,
)
from devices.operations.register import add_device
from devices.queries import (
    daily_places,
    declared_none,
    desk_devices,
    handin_decision,
    live_bring_agreement,
    open_stays_near,
)
from devices.queries.scan import facts_of


def hand_in_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    device: PupilDevice | None = None,
    switched_off: bool | None = None,
    slot: Slot | None = None,
    place_reason: str = "",
    condition: str = "",
    note: str = "",
    new_type: DeviceType | None = None,
    gate: Gate | None = None,
    extra_flags: Sequence[Flag] = (),
    recorded_at: datetime | None = None,
    submission: UUID | None = None,
) -> CustodyRecord:
    """Take one device of a pupil into custody and put it away: `handed_in`, then `stored` (DEV-04, matrix §4.1).

    Who may: whoever holds LOG_CUSTODY in the school. Judged by the rules of the London day of `at`. Without `device`
    the pupil's only device to be handed in is meant; with `new_type` a device of that kind is put on the register
    first. Where the rules do not say whether devices are handed in, somebody must have recorded a decision for the
    day. Without `slot` the usual slot is taken if free, else the first
    free one in a place that the rules name. A hand-in that the bring rule forbids is stored and flagged (DEV-02).
    A "no device today" said earlier is withdrawn. `gate` is where it was taken in; `extra_flags` are what else the
    record must show, such as `offline`, with `recorded_at` when that is later than `at`. Raises a kind of
    `UnableToHandIn`; nothing is written then.
    """

    def attempt(*, sure: bool) -> CustodyRecord:
        return _hand_in(
            sure=sure,
            school=school,
            actor=actor,
            at=at,
            pupil=pupil,
            device=device,
            switched_off=switched_off,
            slot=slot,
            place_reason=place_reason,
            condition=condition,
            note=note,
            new_type=new_type,
            gate=gate,
            extra_flags=extra_flags,
            recorded_at=recorded_at,
            submission=submission,
        )

    # The constraints are the check: the first attempt does not look whether device and slot are free, so the ordinary
    # hand-in pays nothing for it. When a constraint objects, a second attempt looks, and finds what to say or where to
    # go; a third is for the desk that lost a race as well.
    for sure in (False, True):
        try:
            return attempt(sure=sure)
        except LostRace:
            continue
    return attempt(sure=True)


@operation("devices.hand_in")
def _hand_in(
    *,
    sure: bool,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    device: PupilDevice | None,
    switched_off: bool | None,
    slot: Slot | None,
    place_reason: str,
    condition: str,
    note: str,
    new_type: DeviceType | None,
    gate: Gate | None,
    extra_flags: Sequence[Flag],
    recorded_at: datetime | None,
    submission: UUID | None,
) -> CustodyRecord:
    require(actor, Permission.LOG_CUSTODY, school)
    day = london_day(at)
    if pupil.left_on is not None and pupil.left_on < day:
        raise PupilHasLeft(
            f"{pupil.display_name} left on {day_in_words(pupil.left_on)}. Ask the office.", rule="ORG-24"
        )
    rules = for_school(school, on=day)
    terms = desk_terms(rules)
    if new_type is not None:
        device = add_device(school=school, actor=actor, at=at, pupil=pupil, type=new_type)
    facts = facts_of(pupil, day) if new_type is None else None
    owned = facts.devices if facts is not None else desk_devices(pupil)
    here = open_stays_near(owned) if sure or len(owned) > 1 else []
    chosen = _choose_device(owned, device, rules, {stay.device_id for stay in here})
    _refuse_if_here(chosen, here, at)
    if terms.off_check == "required" and not switched_off:
        _refuse_if_here(chosen, open_stays_near([chosen]), at)
        raise OffCheckNeeded(
            "See that it is switched off, then record it. Your school’s rule asks for this.", rule="DEV-05"
        )
    flags = _flags(school, pupil, chosen, terms, day, at)
    flags += [flag for flag in extra_flags if flag not in flags]
    kept_in, kept_place = _put_away(
        school, chosen, rules, slot, place_reason, flags, {stay.slot_id for stay in here}, sure=sure
    )
    stay = CustodyRecord(
        school=school,
        device=chosen,
        pupil=pupil,
        day=day,
        basis=Basis.HAND_IN,
        state=State.STORED,
        place=kept_place,
        slot=kept_in,
        switched_off=switched_off,
        condition=condition,
        note=note,
        place_reason=place_reason,
        bring_reason=chosen.bring_reason,
        gate=gate,
        flags=[flag.value for flag in flags],
        rules_version=rules.version,
        opened_at=at,
        opened_by=actor,
    )
    stay.stamp(by=actor, at=at)
    try:
        insert(stay)
    except IntegrityError as error:
        raise lost_race(error, slot) from error
    written = recorded_at or at
    add_events(
        stay,
        actor,
        at,
        written,
        {"kind": EventKind.HAND_IN, "from_state": State.WITH_PUPIL_OFF_SITE, "to_state": State.HANDED_IN,
         "switched_off": switched_off, "condition": condition, "note": note},
        {"kind": EventKind.STORE, "from_state": State.HANDED_IN, "to_state": State.STORED,
         "place": kept_place, "slot": kept_in, "note": place_reason},
    )  # fmt: skip
    if chosen.usual_slot_id is None and kept_in is not None and Flag.OTHER_PLACE not in flags:
        chosen.usual_slot = kept_in
        chosen.stamp(by=actor, at=at)
        update(chosen, "usual_slot")
    declared = facts.declaration_id if facts is not None else getattr(declared_none(pupil, day), "pk", None)
    if declared is not None:
        withdraw_declaration(school, declared, actor, at, "A device was handed in later.")
    record(
        school=school,
        actor=actor,
        action="devices.hand_in",
        at=at,
        obj=stay,
        submission=submission,
        detail={"slot": kept_in.label if kept_in else "", "flags": stay.flags},
    )
    return stay


def _choose_device(owned: list[PupilDevice], device: PupilDevice | None, rules: Any, here: set[int]) -> PupilDevice:
    if device is not None:
        mine = next((one for one in owned if one.pk == device.pk), None)
        if mine is None:
            raise DeviceRetired("That device is no longer in use, or is not this pupil’s.", rule="DEV-34")
        return mine
    if not owned:
        raise NoDeviceOnRecord("No device is on record for this pupil yet.", rule="DEV-34")
    duties = {one.pk: handin_duty(rules, one.type) for one in owned}
    due = [one for one in owned if duties[one.pk] in ("hand_in", "undecided")]
    if len(due) == 1:
        return due[0]
    if due:
        outside = [one for one in due if one.pk not in here]
        if len(outside) == 1:
            return outside[0]
        if not outside:
            return due[0]  # all are here already; the refusal that follows says so
        raise DeviceChoiceNeeded("Several devices are on record. Choose the one in your hand.", outside)
    raise KeptSecureByPupil(
        f"Your school takes in other devices only. The pupil keeps the {owned[0].description} switched off and safe.",
        rule="DEV-38",
    )


def _refuse_if_here(device: PupilDevice, here: list[CustodyRecord], at: datetime) -> None:
    stay = next((one for one in here if one.device_id == device.pk), None)
    if stay is not None:
        raise DeviceAlreadyInCustody(already_here(stay, at), stay)


def _flags(school: School, pupil: Pupil, device: PupilDevice, terms: DeskTerms, day: date, at: datetime) -> list[Flag]:
    agreed = terms.needs_agreement and live_bring_agreement(pupil, day) is not None
    if terms.needs_decision:
        check_decided(school, day)
    return hand_in_flags(terms, agreed=agreed, reason=device.bring_reason, late=is_late(school, terms, day, at))


def check_decided(school: School, *days: date) -> None:
    """Where the rules are silent: somebody decided on one of `days` that devices are taken in, or `DecisionNeeded`."""
    if all(handin_decision(school, day) is None for day in days):
        raise DecisionNeeded(
            "Your school’s rules do not say whether devices are handed in. Record who decided that they are today, "
            "and why.",
            rule="handin_required",
        )


def is_late(school: School, terms: DeskTerms, day: date, at: datetime) -> bool:
    """Whether `at` is past the cut-off of a school day on which devices are to be handed in."""
    calendar = calendar_for(school)
    cutoff = calendar.at(day, "cutoff")
    return not terms.needs_decision and cutoff is not None and calendar.is_school_day(day) and at > cutoff


def hand_in_flags(terms: DeskTerms, *, agreed: bool, reason: str, late: bool) -> list[Flag]:
    """Everything a hand-in is flagged with by the rules, before its slot is chosen."""
    flags = bring_flags(terms, has_agreement=agreed, has_reason=bool(reason))
    if terms.needs_decision:
        flags.append(Flag.UNDECIDED)
    if late:
        flags.append(Flag.LATE)
    return flags


def _put_away(
    school: School,
    device: PupilDevice,
    rules: Any,
    slot: Slot | None,
    reason: str,
    flags: list[Flag],
    taken: set[int | None],
    *,
    sure: bool,
) -> tuple[Slot | None, StoragePlace]:
    """The slot and place the device goes to; adds to `flags` what the record must show."""
    if slot is not None:
        if slot.state != SlotState.USABLE:
            raise SlotTaken(f"Slot {slot.label} is out of use: {slot.out_of_use_reason}.", rule="DEV-06")
        if slot.place.purpose != PlacePurpose.DAILY or not place_is_allowed(rules, slot.place):
            if not reason:
                raise OtherPlaceNeedsReason(
                    f"{slot.place.name} is not where your rules keep handed-in devices. Say why it goes there.",
                    rule="DEV-06",
                )
            flags.append(Flag.OTHER_PLACE)
        return slot, slot.place
    usual = usual_slot_of(device, rules, taken)
    if usual is not None:
        return usual, usual.place
    for free in free_slots(school, rules, 1, sure=sure):
        return free, free.place
    flags.append(Flag.NO_SLOT)
    return None, place_without_slot(school, rules)


def usual_slot_of(device: PupilDevice, rules: Any, taken: Collection[int | None]) -> Slot | None:
    """The device's usual slot, where it is in use, not `taken`, and in a place that the rules name."""
    usual = device.usual_slot
    if (
        usual is not None
        and usual.state == SlotState.USABLE
        and usual.pk not in taken
        and usual.place.closed_on is None
        and place_is_allowed(rules, usual.place)
    ):
        return usual
    return None


def place_without_slot(school: School, rules: Any) -> StoragePlace:
    """Where a device goes when no slot is free: the first place that the rules name, or `NoPlaceSetUp`."""
    allowed = [place for place in daily_places(school) if place_is_allowed(rules, place)]
    if not allowed:
        raise NoPlaceSetUp(
            "No storage place of the kind your rules name is set up. Ask the administrator to add one.", rule="DEV-06"
        )
    return allowed[0]


def free_slots(school: School, rules: Any, number: int, *, but: Collection[int] = (), sure: bool = True) -> list[Slot]:
    """The first `number` free slots, those that are nobody's usual slot before others; locked, so that two desks take
    two. `but`: slots the caller is about to fill.

    A slot that another desk filled and let go of while this one was choosing looks free and can be locked. With `sure`
    what was locked is looked at once more, and another is chosen for it; without, a constraint may object.
    """
    passed = set(but)
    while True:
        found = list(_free(school, rules, passed)[:number])
        if not sure or not found:
            return found
        filled = set(
            CustodyRecord.objects.filter(slot__in=found, closed_at__isnull=True).values_list("slot_id", flat=True)
        )
        if not filled:
            return found
        passed |= filled


def _free(school: School, rules: Any, but: Collection[int]) -> QuerySet[Slot]:
    # Lists that the database reads once, whatever it believes of tables that were empty a minute ago.
    held = CustodyRecord.objects.filter(school=school, slot__isnull=False, closed_at__isnull=True).values("slot")
    spoken_for = PupilDevice.objects.filter(school=school, usual_slot__isnull=False, retired_on__isnull=True)
    free: QuerySet[Slot] = Slot.objects.exclude(pk__in=but) if but else Slot.objects.all()
    return (
        free.filter(
            school=school,
            state=SlotState.USABLE,
            place__closed_on__isnull=True,
            place__purpose=PlacePurpose.DAILY,
            place__kind__in=allowed_place_kinds(rules),
        )
        .exclude(pk__in=held)
        .annotate(spoken_for=ExpressionWrapper(Q(pk__in=spoken_for.values("usual_slot")), BooleanField()))
        .select_related("place")
        .order_by("spoken_for", "place__position", "place_id", "number")
        .select_for_update(skip_locked=True, of=("self",))
    )


def decide_hand_in(
    *, school: School, actor: User, at: datetime, reason: str, submission: UUID | None = None
) -> RecordedDecision:
    """Decide that devices are taken in today although the school's rules do not say so (matrix §0.3)."""
    require(actor, Permission.LOG_CUSTODY, school)
    return record_decision(
        school=school,
        actor=actor,
        at=at,
        key="handin_required",
        question="Are devices handed in today?",
        decision="Yes, they are taken in.",
        reason=reason,
        submission=submission,
    )
