"""Custody: take a device in, give it back, say that none was brought, correct what was recorded wrongly."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from core.audit.operations import operation, record
from core.kit.bulk import bulk_update
from core.kit.refusals import Refusal
from core.kit.times import clock, moment
from core.kit.times import day as day_in_words
from core.people.access import require
from core.people.calendar import calendar_for, london_day
from core.people.models import Contact, Pupil, School, User
from core.people.roles import Permission
from core.rules.models import RecordedDecision
from core.rules.operations import record_decision
from core.rules.queries import for_school
from devices.enums import Basis, CorrectionKind, EventKind, Flag, GivenTo, PlacePurpose, SlotState, State
from devices.judgement import DeskTerms, allowed_place_kinds, bring_flags, desk_terms, handin_duty, place_is_allowed
from devices.models import (
    CustodyEvent,
    CustodyRecord,
    DeviceType,
    NoDeviceDeclaration,
    PupilDevice,
    Slot,
    StoragePlace,
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
from devices.workflow import check_move


class UnableToHandIn(Refusal):
    """A device was not taken into custody."""


class PupilHasLeft(UnableToHandIn):
    """The pupil's last day on roll has passed."""


class NoDeviceOnRecord(UnableToHandIn):
    """The pupil has no device on the register yet; the desk offers to add one."""


class DeviceChoiceNeeded(UnableToHandIn):
    """The pupil has several devices that could be meant; `devices` lists them."""

    def __init__(self, message: str, devices: list[PupilDevice]) -> None:
        super().__init__(message, rule="DEV-04", field="device")
        self.devices = devices


class KeptSecureByPupil(UnableToHandIn):
    """The school's rule takes in other kinds only; the pupil keeps this one safe and away (DEV-38)."""


class DeviceRetired(UnableToHandIn):
    """The device is marked as no longer in use."""


class DeviceAlreadyInCustody(UnableToHandIn):
    """The device is here already; `custody` says since when, where, and who took it in."""

    def __init__(self, message: str, custody: CustodyRecord) -> None:
        super().__init__(message, rule="DEV-04")
        self.custody = custody


class OffCheckNeeded(UnableToHandIn):
    """The rule wants the device seen switched off before the entry is complete (DEV-05)."""

    default_field = "switched_off"


class DecisionNeeded(UnableToHandIn):
    """The rules do not say whether devices are handed in: a person decides for the day and says why (matrix §0.3)."""


class SlotTaken(UnableToHandIn):
    """The slot holds another device, or is out of use."""

    default_field = "slot"


class OtherPlaceNeedsReason(UnableToHandIn):
    """The place chosen is not the one the rules name, and no reason was given (DEV-06)."""

    default_field = "place_reason"


class NoPlaceSetUp(UnableToHandIn):
    """The school has no storage place for ordinary hand-ins."""


class UnableToReturn(Refusal):
    """A device was not given back."""


class NotInCustody(UnableToReturn):
    """The device is not here: given back already, or never taken in."""


class EarlyReasonNeeded(UnableToReturn):
    """Before the end of the day a return needs a reason (DEV-08)."""

    default_field = "reason"


class MustGoToParent(UnableToReturn):
    """The school's rule gives devices back to a parent or carer only."""

    recorded = True
    default_field = "given_to"


class CollectorNotPermitted(UnableToReturn):
    """The adult named is not this pupil's contact, or may not collect."""

    recorded = True
    default_field = "contact"


class _LostRace(UnableToHandIn):
    """Another desk recorded the same device, or took the free slot, in the same second."""


class CorrectionNotPossible(Refusal):
    """What the correction says cannot be so as things stand now."""


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
    recorded_at: datetime | None = None,
    submission: UUID | None = None,
) -> CustodyRecord:
    """Take one device of a pupil into custody and put it away: `handed_in`, then `stored` (DEV-04, matrix §4.1).

    Who may: whoever holds LOG_CUSTODY in the school. Judged by the rules of the London day of `at`. Without `device`
    the pupil's only device to be handed in is meant; with `new_type` a device of that kind is put on the register
    first. Where the rules do not say whether devices are handed in, somebody must have recorded a decision for the
    day. Without `slot` the usual slot is taken if free, else the first
    free one in a place that the rules name. A hand-in that the bring rule forbids is stored and flagged (DEV-02).
    A "no device today" said earlier is withdrawn. Raises a kind of `UnableToHandIn`; nothing is written then.
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
            recorded_at=recorded_at,
            submission=submission,
        )

    # The constraints are the check: the first attempt does not look whether device and slot are free, so the ordinary
    # hand-in pays nothing for it. When a constraint objects, a second attempt looks, and finds what to say or where to
    # go; a third is for the desk that lost a race as well.
    for sure in (False, True):
        try:
            return attempt(sure=sure)
        except _LostRace:
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
    owned = desk_devices(pupil)
    here = open_stays_near(owned) if sure or len(owned) > 1 else []
    chosen = _choose_device(owned, device, rules, {stay.device_id for stay in here})
    _refuse_if_here(chosen, here, at)
    if terms.off_check == "required" and not switched_off:
        _refuse_if_here(chosen, open_stays_near([chosen]), at)
        raise OffCheckNeeded(
            "See that it is switched off, then record it. Your school’s rule asks for this.", rule="DEV-05"
        )
    flags = _flags(school, pupil, chosen, terms, day, at)
    kept_in, kept_place = _put_away(
        school, chosen, rules, slot, place_reason, flags, {stay.slot_id for stay in here}
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
        flags=[flag.value for flag in flags],
        rules_version=rules.version,
        opened_at=at,
        opened_by=actor,
    )
    stay.stamp(by=actor, at=at)
    try:
        stay.save(force_insert=True)
    except IntegrityError as error:
        raise _lost_race(error, slot) from error
    written = recorded_at or at
    _add_events(
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
        chosen.save(update_fields=["usual_slot", "changed_at", "changed_by", "version"])
    declared = declared_none(pupil, day)
    if declared is not None:
        _withdraw(school, declared.pk, actor, at, "A device was handed in later.")
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


def _choose_device(
    owned: list[PupilDevice], device: PupilDevice | None, rules: Any, here: set[int]
) -> PupilDevice:
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
        raise DeviceAlreadyInCustody(_already(stay, at), stay)


def _already(stay: CustodyRecord, at: datetime) -> str:
    since = moment(stay.opened_at, now=at)
    where = f", {stay.slot}" if stay.slot else ""
    return f"Already in, {since}, by {stay.opened_by.display_name}{where}."


def _flags(school: School, pupil: Pupil, device: PupilDevice, terms: DeskTerms, day: date, at: datetime) -> list[Flag]:
    agreed = terms.needs_agreement and live_bring_agreement(pupil, day) is not None
    flags = bring_flags(terms, has_agreement=agreed, has_reason=bool(device.bring_reason))
    if terms.needs_decision:
        if handin_decision(school, day) is None:
            raise DecisionNeeded(
                "Your school’s rules do not say whether devices are handed in. Record who decided that they are today, "
                "and why.",
                rule="handin_required",
            )
        flags.append(Flag.UNDECIDED)
    calendar = calendar_for(school)
    cutoff = calendar.at(day, "cutoff")
    if not terms.needs_decision and cutoff is not None and calendar.is_school_day(day) and at > cutoff:
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
) -> tuple[Slot | None, StoragePlace]:
    """The slot and place the device goes to; adds to `flags` what the record must show."""
    if slot is not None:
        if slot.state != SlotState.USABLE:
            raise SlotTaken(f"Slot {slot.label} is out of use: {slot.out_of_use_reason}.", rule="DEV-06")
        if slot.place.purpose != PlacePurpose.DAILY or not place_is_allowed(rules, slot.place):
            if not reason:
                raise OtherPlaceNeedsReason(
                    f"{slot.place.name} is not where your school’s rules keep handed-in devices. Say why it goes there.",
                    rule="DEV-06",
                )
            flags.append(Flag.OTHER_PLACE)
        return slot, slot.place
    usual = device.usual_slot
    if (
        usual is not None
        and usual.state == SlotState.USABLE
        and usual.pk not in taken
        and usual.place.closed_on is None
        and place_is_allowed(rules, usual.place)
    ):
        return usual, usual.place
    free = _first_free_slot(school, rules)
    if free is not None:
        return free, free.place
    allowed = [place for place in daily_places(school) if place_is_allowed(rules, place)]
    if not allowed:
        raise NoPlaceSetUp(
            "No storage place of the kind your rules name is set up. Ask the administrator to add one.", rule="DEV-06"
        )
    flags.append(Flag.NO_SLOT)
    return None, allowed[0]


def _first_free_slot(school: School, rules: Any) -> Slot | None:
    """The first free slot, one that is nobody's usual slot before others; locked so that two desks take two."""
    held = CustodyRecord.objects.filter(slot=OuterRef("pk"), closed_at__isnull=True)
    spoken_for = PupilDevice.objects.filter(usual_slot=OuterRef("pk"), retired_on__isnull=True)
    return (  # type: ignore[no-any-return]
        Slot.objects.filter(
            school=school,
            state=SlotState.USABLE,
            place__closed_on__isnull=True,
            place__purpose=PlacePurpose.DAILY,
            place__kind__in=allowed_place_kinds(rules),
        )
        .filter(~Exists(held))
        .annotate(spoken_for=Exists(spoken_for))
        .select_related("place")
        .order_by("spoken_for", "place__position", "place_id", "number")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )


def _lost_race(error: IntegrityError, slot: Slot | None) -> Exception:
    """What the constraint that stopped the second of two desks means; `slot` is the one that a person chose."""
    if "devices_custody_one_device_per_slot" in str(error) and slot is not None:
        return SlotTaken(f"Slot {slot.label} holds another device. Choose another slot.", rule="DEV-06")
    if "devices_custody_one_device_per_slot" in str(error) or "devices_custody_one_open_per_device" in str(error):
        return _LostRace("Another desk was quicker. Record it again.", rule="DEV-04")
    return error


def _add_events(
    stay: CustodyRecord, actor: User | None, at: datetime, recorded_at: datetime, *rows: dict[str, Any]
) -> None:
    """Write events in one statement, each move checked against the table."""
    events = []
    for row in rows:
        check_move(row["from_state"], row["kind"], row["to_state"])
        events.append(
            CustodyEvent(
                school_id=stay.school_id,
                custody=stay,
                device_id=stay.device_id,
                basis=stay.basis,
                at=at,
                recorded_at=recorded_at,
                by=actor,
                **row,
            )
        )
    CustodyEvent.objects.bulk_create(events)


def _locked(custody: CustodyRecord) -> CustodyRecord:
    """The stay as it is now, held until the transaction ends."""
    return (  # type: ignore[no-any-return]
        CustodyRecord.objects.select_for_update(of=("self",))
        .select_related("pupil", "device__type", "slot", "place", "opened_by", "closed_by")
        .get(pk=custody.pk)
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


@operation("devices.return")
def return_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    given_to: str = GivenTo.PUPIL,
    contact: Contact | None = None,
    reason: str = "",
    note: str = "",
    condition: str = "",
    recorded_at: datetime | None = None,
    submission: UUID | None = None,
) -> CustodyRecord:
    """Give a handed-in device back (DEV-07, DEV-08): to the pupil, or to an adult who may collect for them.

    Who may: LOG_CUSTODY. Before the end of a school day a `reason` is needed, unless the school's rule returns
    devices when a pupil leaves the site. Judged by the rules of the day it was taken in. Raises a kind of
    `UnableToReturn`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    stay = _locked(custody)
    if not stay.is_open:
        raise NotInCustody(_gone(stay, at), rule="DEV-07")
    rules = for_school(school, on=stay.day)
    if rules.ordinary_return == "end_of_day_parent" and given_to != GivenTo.CONTACT:
        raise MustGoToParent("Your school’s rule: it goes back to a parent or carer only.", rule="ordinary_return")
    taker = stay.pupil.display_name
    if given_to == GivenTo.CONTACT:
        taker = _collector(stay, contact)
    early = _is_early(school, rules, at)
    if early and not reason:
        raise EarlyReasonNeeded(
            f"It is before the end of the day ({early}). Choose why it goes back now.", rule="DEV-08"
        )
    origin = State(stay.state)
    stay.state, stay.closed_at, stay.closed_by = State.RETURNED, max(at, stay.opened_at), actor
    stay.stamp(by=actor, at=at)
    stay.save(update_fields=["state", "closed_at", "closed_by", "changed_at", "changed_by", "version"])
    _add_events(
        stay,
        actor,
        at,
        recorded_at or at,
        {"kind": EventKind.RETURN, "from_state": origin, "to_state": State.RETURNED, "place": stay.place,
         "slot": stay.slot, "given_to": given_to, "given_to_name": taker, "condition": condition,
         "reason": reason if early else "", "note": note},
    )  # fmt: skip
    record(
        school=school,
        actor=actor,
        action="devices.return",
        at=at,
        obj=stay,
        submission=submission,
        detail={"given_to": given_to, "reason": reason if early else "", "was": origin.value},
    )
    return stay


def _gone(stay: CustodyRecord, at: datetime) -> str:
    if stay.voided or stay.closed_at is None:
        return "This hand-in was corrected: the device is not here."
    by = stay.closed_by.display_name if stay.closed_by else "the office"
    return f"Already given back, {moment(stay.closed_at, now=at)}, by {by}."


def _collector(stay: CustodyRecord, contact: Contact | None) -> str:
    known = (
        Contact.objects.filter(pupil_id=stay.pupil_id, pk=contact.pk, ended_on__isnull=True).first()
        if contact
        else None
    )
    if known is None or not known.may_collect or known.do_not_inform:
        raise CollectorNotPermitted(
            "That adult is not on the pupil’s list of people who may collect. Ask the DSL.", rule="DEV-07"
        )
    return str(known.display_name)


def _is_early(school: School, rules: Any, at: datetime) -> str:
    """The end of the day as "3:15pm" when `at` is before it on a school day; empty when the return is not early."""
    if rules.ordinary_return == "on_leaving_site":
        return ""
    calendar, day = calendar_for(school), london_day(at)
    end = calendar.at(day, "end_of_day")
    if end is None or not calendar.is_school_day(day) or at >= end:
        return ""
    return clock(end)


@operation("devices.declare_no_device")
def declare_no_device(
    *, school: School, actor: User, at: datetime, pupil: Pupil, submission: UUID | None = None
) -> NoDeviceDeclaration:
    """Write down that a pupil says they brought none today (DEV-11). Saying it twice is one declaration."""
    require(actor, Permission.LOG_CUSTODY, school)
    day = london_day(at)
    here = CustodyRecord.objects.filter(pupil=pupil, closed_at__isnull=True).select_related("slot", "opened_by").first()
    if here is not None:
        raise DeviceAlreadyInCustody(f"A device of this pupil is here. {_already(here, at)}", here)
    known = NoDeviceDeclaration.objects.filter(school=school, pupil=pupil, day=day, withdrawn_at__isnull=True)
    declared: NoDeviceDeclaration | None = known.first()
    created = declared is None
    if declared is None:
        declared = NoDeviceDeclaration(school=school, pupil=pupil, day=day, declared_at=at, declared_by=actor)
        declared.stamp(by=actor, at=at)
        try:
            with transaction.atomic():
                declared.save()
        except IntegrityError:  # said at two desks in the same moment
            declared, created = known.get(), False
    record(
        school=school,
        actor=actor,
        action="devices.declare_no_device",
        at=at,
        obj=declared,
        submission=submission,
        detail={"new": created},
    )
    return declared


def _withdraw(school: School, declaration_id: int, actor: User, at: datetime, because: str) -> NoDeviceDeclaration:
    declared: NoDeviceDeclaration = NoDeviceDeclaration.objects.select_for_update(of=("self",)).get(
        school=school, pk=declaration_id
    )
    declared.withdrawn_at, declared.withdrawn_by, declared.withdrawn_because = at, actor, because
    declared.stamp(by=actor, at=at)
    declared.save()
    return declared


@operation("devices.withdraw_no_device")
def withdraw_no_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    declaration: NoDeviceDeclaration,
    because: str,
    submission: UUID | None = None,
) -> NoDeviceDeclaration:
    """Correct a "no device today" that was wrong. The declaration stays on record, marked as withdrawn."""
    require(actor, Permission.LOG_CUSTODY, school)
    if declaration.withdrawn_at is not None:
        raise CorrectionNotPossible("That was already corrected.", rule="DEV-33")
    withdrawn = _withdraw(school, declaration.pk, actor, at, because)
    record(
        school=school,
        actor=actor,
        action="devices.withdraw_no_device",
        at=at,
        obj=withdrawn,
        submission=submission,
        detail={"because": because},
    )
    return withdrawn


@operation("devices.correct")
def correct_custody(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    kind: str,
    note: str,
    slot: Slot | None = None,
    submission: UUID | None = None,
) -> CustodyRecord:
    """Say that an entry was wrong, at any time later (DEV-33). Adds an event that names the one it corrects.

    `kind`: `not_handed_in` takes the stay out of every count; `not_returned` reopens it; `other_slot` moves it to
    `slot`; `detail` adds words only. Raises `CorrectionNotPossible` or `SlotTaken`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    if not note:
        raise CorrectionNotPossible("Say what was wrong.", rule="DEV-33", field="note")
    stay = _locked(custody)
    origin = State(stay.state)
    if kind == CorrectionKind.OTHER_SLOT:
        _move(stay, slot, actor, at, note)
    else:
        _correct(stay, origin, CorrectionKind(kind), actor, at, note)
    record(
        school=school,
        actor=actor,
        action="devices.correct",
        at=at,
        obj=stay,
        submission=submission,
        detail={"kind": kind, "old": origin.value, "new": stay.state},
    )
    return stay


def _correct(stay: CustodyRecord, origin: State, kind: CorrectionKind, actor: User, at: datetime, note: str) -> None:
    event_kind, corrected_kind = EventKind.CORRECTION, EventKind.HAND_IN
    if kind == CorrectionKind.NOT_HANDED_IN:
        if not stay.is_open:
            raise CorrectionNotPossible("It was given back already. Correct the return first.", rule="DEV-33")
        stay.state, stay.voided = State.WITH_PUPIL_OFF_SITE, True
        stay.closed_at, stay.closed_by = max(at, stay.opened_at), actor
    elif kind == CorrectionKind.NOT_RETURNED:
        if stay.is_open or stay.voided:
            raise CorrectionNotPossible("It has not been given back.", rule="DEV-33")
        stay.state = State.STORED if stay.day == london_day(at) else State.UNCOLLECTED
        stay.closed_at = stay.closed_by = None
        corrected_kind = EventKind.RETURN
        if stay.slot_id and CustodyRecord.objects.filter(slot_id=stay.slot_id, closed_at__isnull=True).exists():
            stay.slot = None
            if Flag.NO_SLOT not in stay.flags:
                stay.flags = [*stay.flags, Flag.NO_SLOT.value]
    else:
        if stay.voided:
            raise CorrectionNotPossible("This hand-in was corrected already.", rule="DEV-33")
        event_kind = EventKind.NOTE
    earlier = (
        CustodyEvent.objects.filter(custody=stay, kind=corrected_kind).order_by("-id").first()
        if event_kind == EventKind.CORRECTION
        else None
    )
    stay.stamp(by=actor, at=at)
    try:
        stay.save()
    except IntegrityError as error:
        if "devices_custody_one_open_per_device" in str(error):
            raise CorrectionNotPossible("The device was handed in again since then.", rule="DEV-33") from error
        raise
    _add_events(
        stay, actor, at, at,
        {"kind": event_kind, "from_state": origin, "to_state": State(stay.state), "place": stay.place,
         "slot": stay.slot, "note": note, "corrects": earlier},
    )  # fmt: skip


def _move(stay: CustodyRecord, slot: Slot | None, actor: User, at: datetime, note: str) -> None:
    if not stay.is_open:
        raise CorrectionNotPossible("It is not here any more, so it has no slot.", rule="DEV-33")
    if slot is None:
        raise CorrectionNotPossible("Enter the number of the slot it is in.", rule="DEV-06", field="slot")
    if slot.state != SlotState.USABLE:
        raise SlotTaken(f"Slot {slot.label} is out of use.", rule="DEV-06")
    stay.slot, stay.place = slot, slot.place
    stay.flags = [flag for flag in stay.flags if flag != Flag.NO_SLOT]
    rules = for_school(stay.school, on=stay.day)
    if not place_is_allowed(rules, slot.place) and Flag.OTHER_PLACE not in stay.flags:
        stay.flags = [*stay.flags, Flag.OTHER_PLACE.value]
        stay.place_reason = note
    stay.stamp(by=actor, at=at)
    try:
        stay.save()
    except IntegrityError as error:
        raise _lost_race(error, slot) from error
    state = State(stay.state)
    _add_events(
        stay, actor, at, at,
        {"kind": EventKind.MOVE, "from_state": state, "to_state": state, "place": slot.place, "slot": slot, "note": note},
    )  # fmt: skip


@operation("devices.mark_uncollected")
def mark_uncollected(*, school: School, actor: User | None, at: datetime) -> list[CustodyRecord]:
    """After office close, mark what is still stored as uncollected (DEV-09). Safe to run again and again.

    Called by the periodic task for each school. Stays of earlier days are marked too, so a stopped worker loses
    nothing.
    """
    today, calendar = london_day(at), calendar_for(school)
    close = calendar.at(today, "office_close")
    # A day that is no school day has no office close to wait for.
    through = calendar.is_school_day(today) and close is not None and at < close
    waiting = CustodyRecord.objects.select_for_update(of=("self",), skip_locked=True).filter(
        school=school, state=State.STORED, basis=Basis.HAND_IN, closed_at__isnull=True
    )
    waiting = waiting.filter(day__lt=today) if through else waiting.filter(day__lte=today)
    stays = list(waiting)
    if not stays:
        return []
    for stay in stays:
        stay.state = State.UNCOLLECTED
    bulk_update(CustodyRecord, stays, ["state"], by=actor, at=at, reason="office close")
    CustodyEvent.objects.bulk_create(
        CustodyEvent(
            school=school,
            custody=stay,
            device_id=stay.device_id,
            basis=stay.basis,
            kind=EventKind.UNCOLLECTED,
            from_state=State.STORED,
            to_state=State.UNCOLLECTED,
            at=at,
            recorded_at=at,
            by=actor,
            place_id=stay.place_id,
            slot_id=stay.slot_id,
        )
        for stay in stays
    )
    record(
        school=school,
        actor=actor,
        action="devices.mark_uncollected",
        at=at,
        detail={"count": len(stays), "custody": [stay.pk for stay in stays]},
    )
    return stays
