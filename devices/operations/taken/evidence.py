"""Holds: a device kept as evidence, untouched, until the DSL or head lifts the hold or the police have it (CNF-10)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import deputies_for, dsls_for, holders_of
from core.people.roles import HEAD_ROLES, Permission, Role
from core.rules.queries import for_school
from devices.enums import Basis, EventKind, HoldReason, State, TakenBecause
from devices.hooks import tell_held
from devices.models import Confiscation, CustodyRecord, Escalation, EvidenceHold, StoragePlace
from devices.operations.moves import add_events, locked
from devices.operations.taken.holds_told import settle_hold_notices
from devices.queries.taken.evidence import image_suspected, live_hold_of

_HELD = "It is held as evidence. Nothing can be done with it until the DSL or head lifts the hold."
_AFTER_POLICE = "The police gave it back. Nothing can be done with it until the DSL or head decides."
_PARENT_ONLY = ("parent_only", "parent_end_of_day_office")


class OnEvidenceHold(Refusal):
    """The device is held as evidence: it is not released, returned, searched, moved out or corrected away."""

    recorded = True


class ImageSuspected(Refusal):
    """An indecent image of a child was suspected on it: nobody searches it or deletes from it (law EX-2)."""

    recorded = True


class UnableToHold(Refusal):
    """A device was not put on evidence hold."""


class HeldAlready(UnableToHold):
    """It is on evidence hold already; the first hold stands."""


class NotHereToHold(UnableToHold):
    """The school does not have the device, so that it has to be taken first."""


class HoldSaysWhy(UnableToHold):
    """“Something else” says what in a few words."""

    default_field = "note"


class UnableToLift(Refusal):
    """A hold was not lifted."""


class NotOnHold(UnableToLift):
    """Somebody lifted it already, or the police have the device."""


class LiftSaysWhy(UnableToLift):
    """A hold is lifted for a reason, which stays on record."""

    default_field = "because"


class GroundNeeded(UnableToLift):
    """What was handed in is kept as confiscated only on a ground, and with what was seen (CNF-01)."""

    default_field = "ground"


class NeverHandedIn(UnableToLift):
    """It was not handed in before the hold, so it cannot go back to that."""

    default_field = "target"


def refuse_if_held(stay: CustodyRecord) -> None:
    """Raise `OnEvidenceHold` while a device is held, or has come back from the police and is not decided about.

    Asked by whatever releases, returns, searches, deletes, moves out or corrects away, for every role (CNF-10, SEA-11).
    """
    if stay.state == State.EVIDENCE_HOLD:
        raise OnEvidenceHold(_HELD, rule="CNF-10")
    if stay.state == State.BACK_FROM_POLICE:
        raise OnEvidenceHold(_AFTER_POLICE, rule="CNF-12")


def refuse_if_image_suspected(stay: CustodyRecord) -> None:
    """Raise `ImageSuspected` for a device on which an indecent image of a child was ever suspected (SEA-12, law EX-2).

    For good: the hold may have been lifted by the head, or the police may have had the device since. It falls only when
    the DSL lifts that hold and says why.
    """
    if image_suspected(stay.device_id):
        raise ImageSuspected(
            "A nude or indecent image of a child was suspected on it. Nobody looks, searches or deletes. Ask the DSL.",
            rule="SEA-12",
        )


def put_on_hold(
    stay: CustodyRecord,
    *,
    actor: User,
    at: datetime,
    reason: str,
    note: str = "",
    bag: str = "",
    place: StoragePlace | None = None,
    came_from: State | None = None,
) -> EvidenceHold:
    """Hold a locked, saved stay as evidence and tell DSL and head, inside the caller's operation (CNF-10, NOT-07).

    What it was, state and footing, is kept on the hold for the day it is lifted. With `place` it lies there from now
    on, and its slot is free. `came_from` is where the device was when it is held straight from the pupil: the one
    event says so, and `stay` says what it would have been. Raises a kind of `UnableToHold`.
    """
    if live_hold_of(stay) is not None:
        raise HeldAlready("It is on evidence hold already.", rule="CNF-10")
    if not stay.is_open:
        raise NotHereToHold("The school does not have it. Take it from the pupil first.", rule="CNF-10")
    if reason == HoldReason.OTHER and not note:
        raise HoldSaysWhy("Say in a few words what it may be evidence of.", rule="CNF-10")
    hold = EvidenceHold(
        school=stay.school,
        custody=stay,
        reason=HoldReason(reason),
        note=note,
        bag=bag,
        was_state=stay.state,
        was_basis=stay.basis,
        placed_at=at,
        placed_by=actor,
    )
    origin = came_from or State(stay.state)
    stay.state, stay.basis = State.EVIDENCE_HOLD, Basis.EVIDENCE
    if place is not None and place.pk != stay.place_id:
        stay.place, stay.slot = place, None
    stay.stamp(by=actor, at=at)
    stay.save()
    hold.stamp(by=actor, at=at)
    hold.save()
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.HOLD, "from_state": origin, "to_state": State.EVIDENCE_HOLD, "place": stay.place,
         "slot": stay.slot},
    )  # fmt: skip
    _tell(hold, at)
    tell_held(hold=hold, actor=actor, at=at)
    return hold


def _tell(hold: EvidenceHold, at: datetime) -> None:
    """An urgent notice that names no one: to DSLs and deputies, and to the head at once, or for a suspected image when
    nobody acknowledged in 15 minutes (NOT-04, NOT-07). The head hears of every hold the same minute."""
    school, pupil = hold.school, hold.custody.pupil
    heads = list(holders_of(school, *HEAD_ROLES, on=london_day(at)))
    safeguarding = [*dsls_for(school, pupil.phase), *deputies_for(school)]
    url = reverse("devices:hold", args=[school.slug, hold.pk])
    body = "It stays as it is until you lift the hold or the police have it. The page says which device and why."
    if hold.is_image:
        notify(
            school=school, recipients=safeguarding or heads, kind="devices.hold_image", urgent=True, url=url, at=at,
            subject="A device is held: act now", body="Nobody looks at it. " + body,
            dedupe_key=f"devices.hold.{hold.pk}", escalate_to=Role.HEADTEACHER,
        )  # fmt: skip
        notify(
            school=school, recipients=heads, kind="devices.hold", url=url, at=at, body=body,
            subject="A device is held as evidence", dedupe_key=f"devices.hold.{hold.pk}.head",
        )  # fmt: skip
        return
    notify(
        school=school, recipients=[*safeguarding, *heads], kind="devices.hold", urgent=True, url=url, at=at, body=body,
        subject="A device is held as evidence", dedupe_key=f"devices.hold.{hold.pk}", escalate_to=Role.HEADTEACHER,
    )  # fmt: skip


@operation("devices.place_hold")
def place_hold(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    reason: str,
    note: str = "",
    bag: str = "",
    place: StoragePlace | None = None,
    submission: UUID | None = None,
) -> EvidenceHold:
    """Put a device that the school has on evidence hold (CNF-10, IMG-03). What is on it is not looked at or described.

    Who may: TAKE_DEVICE, any member of staff. One that is still with its pupil is held by taking it. Raises a kind of
    `UnableToHold`.
    """
    require(actor, Permission.TAKE_DEVICE, school)
    stay = locked(custody)
    hold = put_on_hold(stay, actor=actor, at=at, reason=reason, note=note, bag=bag, place=place)
    record(
        school=school,
        actor=actor,
        action="devices.place_hold",
        at=at,
        obj=hold,
        submission=submission,
        detail={"custody": stay.pk, "reason": hold.reason, "was": hold.was_state},
    )
    return hold


@operation("devices.lift_hold")
def lift_hold(
    *,
    school: School,
    actor: User,
    at: datetime,
    hold: EvidenceHold,
    because: str,
    target: str = "",
    ground: str = "",
    ground_words: str = "",
    seen: str = "",
    submission: UUID | None = None,
) -> EvidenceHold:
    """Lift a hold, for a reason (CNF-10). The device goes back to what the hold interrupted (decision 15).

    Who may: LIFT_HOLD, the DSL, deputies and the head. A hand-in is stored again, whatever was taken is confiscated
    again and waits for a parent where its rule says so. With `target` "confiscated" a hand-in is kept, on a `ground`
    and with what was `seen`. Raises a kind of `UnableToLift`.
    """
    require(actor, Permission.LIFT_HOLD, school)
    if not because:
        raise LiftSaysWhy("Say why the hold is lifted.", rule="CNF-10")
    stay = locked(hold.custody)
    live = live_hold_of(stay)
    if live is None or live.pk != hold.pk:
        raise NotOnHold("The hold has ended already: it was lifted, or the police have the device.", rule="CNF-10")
    was_hand_in = live.was_basis == Basis.HAND_IN
    wanted = State(target) if target else State.STORED if was_hand_in else State.CONFISCATED
    if wanted == State.STORED and not was_hand_in:
        raise NeverHandedIn("It was not handed in before the hold. It stays confiscated.", rule="CNF-10")
    live.lifted_at = live.ended_at = at
    live.lifted_by, live.lifted_because = actor, because
    live.stamp(by=actor, at=at)
    live.save()
    stay.basis = Basis.HAND_IN if wanted == State.STORED else Basis.CONFISCATED
    step(stay, EventKind.LIFT_HOLD, wanted, actor, at)
    if wanted == State.CONFISCATED:
        keep_on_ground(stay, actor, at, ground=ground, ground_words=ground_words, seen=seen)
        if live.was_state == State.PARENT_COLLECTION or waits_for_parent(stay):
            step(stay, EventKind.AWAIT_PARENT, State.PARENT_COLLECTION, actor, at)
    settle_hold_notices(stay, actor=actor, at=at)
    record(
        school=school,
        actor=actor,
        action="devices.lift_hold",
        at=at,
        obj=live,
        submission=submission,
        detail={"custody": stay.pk, "reason": live.reason, "new": stay.state},
    )
    return live


def step(stay: CustodyRecord, kind: EventKind, target: State, actor: User, at: datetime, note: str = "") -> None:
    """Move a locked stay, whose footing the caller has set, and write the event."""
    origin = State(stay.state)
    stay.state = target
    stay.stamp(by=actor, at=at)
    stay.save()
    add_events(
        stay, actor, at, at,
        {"kind": kind, "from_state": origin, "to_state": target, "place": stay.place, "slot": stay.slot, "note": note},
    )  # fmt: skip


def keep_on_ground(
    stay: CustodyRecord, actor: User, at: datetime, *, ground: str, ground_words: str, seen: str
) -> Confiscation:
    """The taking of a stay that is kept from now on; one that was taken has it already. Raises `GroundNeeded`."""
    found: Confiscation | None = Confiscation.objects.filter(custody=stay).first()
    if found is not None:
        return found
    if not ground:
        raise GroundNeeded("Choose the ground on which it is kept.", rule="CNF-01")
    if not seen:
        raise GroundNeeded("Say in plain facts what was seen or heard.", rule="CNF-02", field="seen")
    taking = Confiscation(
        school=stay.school,
        custody=stay,
        pupil=stay.pupil,
        basis=Basis.CONFISCATED,
        ground=ground,
        ground_words=ground_words or ground,
        because=TakenBecause.OTHER,
        seen=seen,
        taken_at=at,
        taken_by=actor,
        taken_where=str(stay.place) if stay.place else "Held by the school",
        release_rule=for_school(stay.school, on=london_day(at)).release_rule,
    )
    taking.stamp(by=actor, at=at)
    taking.save()
    return taking


def waits_for_parent(stay: CustodyRecord) -> bool:
    """Whether a parent or carer collects, by the rule of the day it was taken or because it was escalated."""
    by_rule = Confiscation.objects.filter(custody=stay, release_rule__in=_PARENT_ONLY).exists()
    return by_rule or Escalation.objects.filter(custody=stay).exists()
