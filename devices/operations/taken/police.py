"""Handing a held device to the police, getting it back, and deciding what becomes of it then (CNF-11, CNF-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import Basis, EventKind, State
from devices.hooks import tell_with_police
from devices.models import CustodyRecord, PoliceHandover, StoragePlace
from devices.operations.moves import locked
from devices.operations.taken.evidence import keep_on_ground, step, waits_for_parent
from devices.operations.taken.holds_told import settle_hold_notices
from devices.queries.taken.evidence import live_hold_of


class UnableToHandToPolice(Refusal):
    """A device was not handed to the police."""


class HoldFirst(UnableToHandToPolice):
    """Only a device that is held as evidence goes to the police, so that nobody touched it before."""


class HandoverNotWhole(UnableToHandToPolice):
    """Officer, number, station, reference, items and condition all stand in the record, or it is none (CNF-11)."""


class UnableToTakeBack(Refusal):
    """A device was not taken back from the police."""


class NotWithPolice(UnableToTakeBack):
    """The police do not have it: somebody recorded its return already."""


class HereAgainAlready(UnableToTakeBack):
    """The same device was taken in again since, and cannot be in two places."""


class UnableToDecide(Refusal):
    """What becomes of a device that the police gave back was not decided."""


class NothingToDecide(UnableToDecide):
    """It does not wait for a decision: somebody decided already, or it is held again."""


class DecisionSaysWhy(UnableToDecide):
    """A decision has a reason, which stays on record."""

    default_field = "reason"


@operation("devices.hand_to_police")
def hand_to_police(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    officer_name: str,
    officer_number: str,
    station: str,
    reference: str,
    items: str,
    condition: str,
    bag: str = "",
    officer_signed: bool = False,
    submission: UUID | None = None,
) -> PoliceHandover:
    """Hand a held device to the police: the stay ends "with the police" and the hold with it (CNF-11, law EX-5).

    Who may: LEAD_CUSTODY. Raises a kind of `UnableToHandToPolice`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    said = {
        "officer_name": officer_name, "officer_number": officer_number, "station": station, "reference": reference,
        "items": items, "condition": condition,
    }  # fmt: skip
    for field, value in said.items():
        if not value.strip():
            raise HandoverNotWhole("Fill this in before the officer leaves.", rule="CNF-11", field=field)
    stay = locked(custody)
    hold = live_hold_of(stay)
    if hold is None:
        raise HoldFirst(
            "The police have it already." if stay.state == State.WITH_POLICE else "Put it on evidence hold first.",
            rule="CNF-11",
        )
    handover = PoliceHandover(
        school=school, custody=stay, hold=hold, bag=bag or hold.bag, officer_signed=officer_signed, handed_at=at,
        handed_by=actor, **said,
    )  # fmt: skip
    handover.stamp(by=actor, at=at)
    handover.save()
    hold.ended_at = at
    hold.stamp(by=actor, at=at)
    hold.save()
    stay.closed_at, stay.closed_by = max(at, stay.opened_at), actor
    step(stay, EventKind.TO_POLICE, State.WITH_POLICE, actor, at)
    tell_with_police(handover=handover, actor=actor, at=at)
    record(
        school=school,
        actor=actor,
        action="devices.hand_to_police",
        at=at,
        obj=handover,
        submission=submission,
        detail={"custody": stay.pk, "hold": hold.pk, "signed": officer_signed},
    )
    return handover


@operation("devices.take_back_from_police")
def take_back_from_police(
    *,
    school: School,
    actor: User,
    at: datetime,
    handover: PoliceHandover,
    officer: str,
    condition: str,
    reference: str = "",
    place: StoragePlace | None = None,
    submission: UUID | None = None,
) -> PoliceHandover:
    """The police gave a device back: custody resumes and it stays held until the DSL or head decides (CNF-12).

    Who may: LEAD_CUSTODY. With `place` it lies there; a slot that another device has since is not its own any more.
    Raises a kind of `UnableToTakeBack`.
    """
    require(actor, Permission.LEAD_CUSTODY, school)
    stay = locked(handover.custody)
    open_one: PoliceHandover | None = (
        PoliceHandover.objects.select_for_update(of=("self",)).filter(pk=handover.pk, returned_at__isnull=True).first()
    )
    if open_one is None or stay.state != State.WITH_POLICE:
        raise NotWithPolice("Its return is on record already.", rule="CNF-12")
    open_one.returned_at, open_one.returned_to = max(at, open_one.handed_at), actor
    open_one.returned_by_officer, open_one.returned_condition = officer, condition
    open_one.returned_reference = reference
    open_one.stamp(by=actor, at=at)
    open_one.save()
    stay.closed_at = stay.closed_by = None
    taken = CustodyRecord.objects.filter(closed_at__isnull=True, slot_id=stay.slot_id, slot_id__isnull=False)
    if place is not None and place.pk != stay.place_id:
        stay.place, stay.slot = place, None
    elif taken.exists():
        stay.slot = None
    try:
        with transaction.atomic():
            step(stay, EventKind.FROM_POLICE, State.BACK_FROM_POLICE, actor, at)
    except IntegrityError as error:
        if "devices_custody_one_open_per_device" in str(error):
            raise HereAgainAlready("It was taken in again since. Correct that entry first.", rule="CNF-12") from error
        raise
    record(
        school=school,
        actor=actor,
        action="devices.take_back_from_police",
        at=at,
        obj=open_one,
        submission=submission,
        detail={"custody": stay.pk},
    )
    return open_one


@operation("devices.decide_after_police")
def decide_after_police(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    target: str,
    reason: str,
    ground: str = "",
    ground_words: str = "",
    seen: str = "",
    submission: UUID | None = None,
) -> CustodyRecord:
    """Decide about a device that came back: a parent collects it, or it is confiscated and the school's release rule
    applies again (CNF-12).

    Who may: LIFT_HOLD. One that had no ground before, a hand-in, gets one. Raises a kind of `UnableToDecide`, or
    `GroundNeeded`.
    """
    require(actor, Permission.LIFT_HOLD, school)
    if not reason:
        raise DecisionSaysWhy("Say why.", rule="CNF-12")
    stay = locked(custody)
    if stay.state != State.BACK_FROM_POLICE:
        raise NothingToDecide("It does not wait for a decision any more.", rule="CNF-12")
    stay.basis = Basis.CONFISCATED
    keep_on_ground(stay, actor, at, ground=ground, ground_words=ground_words, seen=seen)
    if target == State.CONFISCATED:
        step(stay, EventKind.TAKE, State.CONFISCATED, actor, at, note=reason[:300])
        if waits_for_parent(stay):
            step(stay, EventKind.AWAIT_PARENT, State.PARENT_COLLECTION, actor, at)
    else:
        step(stay, EventKind.AWAIT_PARENT, State.PARENT_COLLECTION, actor, at, note=reason[:300])
    settle_hold_notices(stay, actor=actor, at=at)
    record(
        school=school,
        actor=actor,
        action="devices.decide_after_police",
        at=at,
        obj=stay,
        submission=submission,
        detail={"new": stay.state},
    )
    return stay
