"""Take a device from a pupil: judged by the rules of the day, shown what bears on it, kept apart, and told about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.times import day as day_in_words
from core.kit.times import moment
from core.people.access import require
from core.people.calendar import calendar_for, london_day
from core.people.models import Pupil, School, User
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.enums import (
    Authority,
    Basis,
    EventKind,
    Flag,
    HoldReason,
    NoticeAbout,
    PlacePurpose,
    State,
    TakenBecause,
)
from devices.holding import how_long
from devices.judgement import UNSPECIFIED
from devices.models import Confiscation, CustodyRecord, DeviceType, PupilDevice, Slot, StoragePlace
from devices.operations.moves import add_events, locked, lost_race
from devices.operations.register import enter_device
from devices.operations.taken.evidence import put_on_hold, step
from devices.operations.taken.moves import check_place
from devices.operations.taken.notices import tell_of_taking
from devices.operations.taken.parents import open_notice
from devices.queries.taken.release import PARENT_RULES
from devices.queries.taken.taking import (
    NUDE_IMAGE_CASE,
    circumstances_of,
    ground_choices,
    where_it_was,
)

NOT_HANDED_IN = ("not_handed_in", "Not handed in")
_ON_SITE = (State.STORED, State.OUT_FOR_BREAK, State.OUT_FOR_ACTIVITY)


class UnableToTake(Refusal):
    """A taking was not recorded."""


class TakenAlready(UnableToTake):
    """The school has the device: somebody was first, or it waits where it lies; `custody` is the stay."""

    def __init__(self, message: str, custody: CustodyRecord) -> None:
        super().__init__(message, rule="CNF-02")
        self.custody = custody


class NotWithPupil(UnableToTake):
    """The device is not the pupil's, is not brought any more, or is on record as being elsewhere."""

    default_field = "device"


class NotOnRoll(UnableToTake):
    """The pupil's last day on roll has passed."""


class GroundNotListed(UnableToTake):
    """The ground is not one of the school's rule, or none was given (CNF-01)."""

    recorded = True
    default_field = "ground"


class FactsMissing(UnableToTake):
    """What was seen, and where, is part of every taking (CNF-02)."""

    default_field = "seen"


class CircumstancesNotWeighed(UnableToTake):
    """Something bears on whether taking it is reasonable, and nobody said that it was weighed (law CO-2)."""

    default_field = "circumstances_weighed"


class HomePlanNeeded(UnableToTake):
    """The pupil needs it to get home, so that there must be another way (law CO-2)."""

    default_field = "home_plan"


class TakenTooSoon(UnableToTake):
    """The moment lies ahead, or before the device came to school."""

    default_field = "taken_at"


@dataclass(frozen=True)
class _Judged:
    """What the rules of the day make of a taking."""

    basis: Basis
    origin: State
    ground: str
    ground_words: str
    hold_reason: str


@operation("devices.take")
def take_device(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    ground: str,
    because: str,
    seen: str,
    where: str,
    device: PupilDevice | None = None,
    new_type: DeviceType | None = None,
    new_colour: str = "",
    functions: Collection[str] = (),
    area: str = "",
    witness: User | None = None,
    witness_name: str = "",
    authority: str = Authority.PAID_STAFF,
    proportionate: str = "",
    switched_off: bool | None = None,
    sealed: bool = False,
    bag: str = "",
    condition: str = "",
    place: StoragePlace | None = None,
    slot: Slot | None = None,
    place_reason: str = "",
    circumstances_weighed: bool = False,
    needed_for_home: bool = False,
    home_plan: str = "",
    force_used: bool = False,
    hold_reason: str = "",
    hold_note: str = "",
    taken_at: datetime | None = None,
    submission: UUID | None = None,
) -> CustodyRecord:
    """Take a device from a pupil, or from where it lies (CNF-01 to CNF-03, CNF-08, law PH-9, CO-1 to CO-4).

    Who may: TAKE_DEVICE, any member of staff. Judged by the rules of the London day on which it was taken. `ground` is
    one of the school's list, or where the rules are silent the person's own words; a device that is only collected
    because it was not handed in needs none. What bears on it must have been weighed. With `new_type` a device of that
    kind is put on the register first. A hand-in that is taken is one stay that changes its footing, and its events of
    before keep theirs. Slot, bag and `condition` are kept for the case of loss, whatever the footing (law CO-3). With
    `hold_reason`, and for a suspected nude image always, it is held as evidence at once.
    Under a rule that gives it to a parent it waits for one from the start. Raises a kind of `UnableToTake`.
    """
    require(actor, Permission.TAKE_DEVICE, school)
    taken = taken_at or at
    day = london_day(taken)
    _check_facts(pupil, seen, where, taken, at)
    if new_type is not None:
        device = enter_device(actor=actor, at=at, pupil=pupil, type=new_type, colour=new_colour)
    if device is None or device.pupil_id != pupil.pk or device.retired_on is not None:
        raise NotWithPupil("Choose the device that was taken.", rule="CNF-02")
    rules, calendar = for_school(school, on=day), calendar_for(school)
    stay = _stay_of(device)
    _refuse_if_elsewhere(stay, device, because, taken, at)
    judged = _judge(rules, pupil, device, stay, because=because, ground=ground, hold_reason=hold_reason, at=taken)
    facts = circumstances_of(pupil, [device], taken)
    if facts and not circumstances_weighed:
        raise CircumstancesNotWeighed(
            f"Say that you have weighed this: {', '.join(str(fact.label).lower() for fact in facts)}.", rule="law CO-2"
        )
    if needed_for_home and not home_plan:
        raise HomePlanNeeded("Say how the pupil gets home without it.", rule="law CO-2")
    goes_to, into, other = _put_away(judged, place, slot, place_reason)
    holding = how_long(rules, calendar, taken)
    state = State.COLLECTED if judged.basis == Basis.COLLECTED else State.CONFISCATED
    stay = _open(stay, school, pupil, device, actor, taken, at, state, rules.version)
    stay.switched_off = stay.switched_off if switched_off is None else switched_off
    stay.condition = stay.condition or condition
    stay.place, stay.slot = goes_to, into
    stay.flags = [flag for flag in stay.flags if flag not in (Flag.NO_SLOT, Flag.OTHER_PLACE)]
    if other:
        stay.flags, stay.place_reason = [*stay.flags, Flag.OTHER_PLACE.value], place_reason
    stay.stamp(by=actor, at=at)
    try:
        stay.save()
    except IntegrityError as error:
        raise lost_race(error, slot) from error
    add_events(
        stay, actor, taken, at,
        {"kind": EventKind.TAKE, "from_state": judged.origin, "to_state": state, "place": goes_to, "slot": into,
         "switched_off": switched_off, "condition": condition},
    )  # fmt: skip
    taking = Confiscation(
        school=school,
        custody=stay,
        pupil=pupil,
        basis=Basis.EVIDENCE if judged.hold_reason else judged.basis,
        ground=judged.ground,
        ground_words=judged.ground_words,
        because=TakenBecause(because),
        functions=sorted(functions),
        area=area,
        seen=seen,
        taken_at=taken,
        taken_by=actor,
        taken_where=where,
        witness=witness,
        witness_name=witness_name,
        authority=Authority(authority),
        proportionate=proportionate,
        sealed=sealed or bool(bag),
        bag=bag,
        circumstances=[fact.value for fact in facts],
        circumstances_weighed_at=at if facts else None,
        needed_for_home=needed_for_home,
        home_plan=home_plan,
        release_rule=rules.release_rule,
        expected_on=holding.expected_on,
        days_held=holding.days,
        school_days_held=holding.school_days,
        needs_sign_off=holding.needs_sign_off,
        force_used=force_used,
    )
    taking.stamp(by=actor, at=at)
    taking.save()
    if judged.hold_reason:
        put_on_hold(stay, actor=actor, at=at, reason=judged.hold_reason, note=hold_note, bag=bag)
    elif rules.release_rule in PARENT_RULES:
        step(stay, EventKind.AWAIT_PARENT, State.PARENT_COLLECTION, actor, at)
    open_notice(school=school, actor=actor, at=at, about=NoticeAbout.TAKEN, pupil=pupil, custody=stay)
    tell_of_taking(taking, holding, at)
    record(
        school=school,
        actor=actor,
        action="devices.take",
        at=at,
        obj=stay,
        submission=submission,
        detail={
            "basis": taking.basis,
            "because": taking.because,
            "ground": taking.ground if rules.confiscation_grounds != UNSPECIFIED else "own words",
            "was": judged.origin.value,
            "force": force_used,
            "weighed": taking.circumstances,
        },
    )
    return stay


def _check_facts(pupil: Pupil, seen: str, where: str, taken: datetime, at: datetime) -> None:
    day = london_day(taken)
    if pupil.left_on is not None and pupil.left_on < day:
        raise NotOnRoll(f"{pupil.display_name} left on {day_in_words(pupil.left_on)}. Ask the office.", rule="ORG-24")
    if not seen:
        raise FactsMissing("Say in plain facts what was seen or heard.", rule="CNF-02")
    if not where:
        raise FactsMissing("Say where it was taken.", rule="CNF-02", field="where")
    if taken > at:
        raise TakenTooSoon("That time is still ahead.", rule="CNF-02")


def _stay_of(device: PupilDevice) -> CustodyRecord | None:
    """The device's open stay, held until the transaction ends; two members of staff who take it do so in turn."""
    PupilDevice.objects.select_for_update(of=("self",), no_key=True).get(pk=device.pk)
    found = CustodyRecord.objects.filter(device=device, closed_at__isnull=True).first()
    if found is None:
        return None
    stay = locked(found)
    return stay if stay.is_open else None


def _refuse_if_elsewhere(
    stay: CustodyRecord | None, device: PupilDevice, because: str, taken: datetime, at: datetime
) -> None:
    if stay is None:
        last = CustodyRecord.objects.filter(device=device, voided=False).order_by("-opened_at", "-id").first()
        if last is not None and last.state == State.WITH_POLICE:
            raise NotWithPupil("On record this device is not with the pupil. Ask the DSL.", rule="CNF-11")
        return
    if stay.state not in _ON_SITE:
        raise TakenAlready(_who_was_first(stay, at), stay)
    if because == TakenBecause.NOT_HANDED_IN:
        raise TakenAlready(
            f"It was handed in, {moment(stay.opened_at, now=at)}, by {stay.opened_by.display_name}.", stay
        )
    if taken < stay.opened_at.replace(second=0, microsecond=0):
        raise TakenTooSoon(f"It was handed in after that, {moment(stay.opened_at, now=at)}.", rule="CNF-02")


def _who_was_first(stay: CustodyRecord, at: datetime) -> str:
    taking = Confiscation.objects.filter(custody=stay).select_related("taken_by").first()
    if taking is not None:
        return f"Already taken, {moment(taking.taken_at, now=at)}, by {taking.taken_by.display_name}."
    if stay.state == State.UNCOLLECTED:
        return f"It is with the school since {moment(stay.opened_at, now=at)} and was not collected."
    return f"It is with the school already, since {moment(stay.opened_at, now=at)}."


def _judge(
    rules: Any,
    pupil: Pupil,
    device: PupilDevice,
    stay: CustodyRecord | None,
    *,
    because: str,
    ground: str,
    hold_reason: str,
    at: datetime,
) -> _Judged:
    origin = State(stay.state) if stay is not None else where_it_was(pupil, device, because, at)
    collected = (
        because == TakenBecause.NOT_HANDED_IN
        and rules.collected_if_not_handed_in == "yes"
        and origin == State.NOT_HANDED_IN
        and not hold_reason
    )
    listed = dict(ground_choices(rules))
    words = listed.get(ground, "") if listed else ground
    if collected:
        ground, words = (ground, words) if words else NOT_HANDED_IN
    elif not ground:
        asked = "Choose the ground on which it is taken." if listed else "Say on what ground it is taken."
        raise GroundNotListed(asked, rule="CNF-01")
    elif not words:
        raise GroundNotListed(
            f"Your school’s rules name these grounds: {', '.join(listed.values())}. Choose one.", rule="CNF-01"
        )
    if ground == NUDE_IMAGE_CASE and listed:
        hold_reason = hold_reason or HoldReason.INDECENT_IMAGE
    return _Judged(Basis.COLLECTED if collected else Basis.CONFISCATED, origin, ground[:120], words[:200], hold_reason)


def _open(
    stay: CustodyRecord | None,
    school: School,
    pupil: Pupil,
    device: PupilDevice,
    actor: User,
    taken: datetime,
    at: datetime,
    state: State,
    version: int,
) -> CustodyRecord:
    """The stay as it is from now on: the hand-in that changes its footing, or one that begins with the taking."""
    basis = Basis.COLLECTED if state == State.COLLECTED else Basis.CONFISCATED
    if stay is not None:
        stay.state, stay.basis = state, basis
        return stay
    return CustodyRecord(
        school=school,
        device=device,
        pupil=pupil,
        day=london_day(taken),
        basis=basis,
        state=state,
        bring_reason=device.bring_reason,
        rules_version=version,
        opened_at=taken,
        opened_by=actor,
    )


def _put_away(
    judged: _Judged, place: StoragePlace | None, slot: Slot | None, reason: str
) -> tuple[StoragePlace | None, Slot | None, bool]:
    """Where it was put, if it was: what nobody has put away yet is nowhere, and the board says so."""
    purpose = PlacePurpose.EVIDENCE if judged.hold_reason else PlacePurpose.CONFISCATED
    return check_place(slot.place if slot is not None else place, slot, reason, purpose)
