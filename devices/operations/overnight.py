"""A device that stays with the school overnight: who decided, with whom, why, until when, and who told the parents."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError
from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.times import day as day_in_words
from core.kit.times import moment
from core.notices.operations import notify
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Permission, Role
from devices.enums import EventKind, State
from devices.models import CustodyRecord, OvernightDecision
from devices.operations.moves import add_events, locked
from devices.operations.refusals import NotInCustody
from devices.operations.taken.evidence import refuse_if_held
from devices.queries import desk_settings


class UnableToKeep(Refusal):
    """A device is not kept overnight on this decision."""


class AlreadyKept(UnableToKeep):
    """Somebody decided about this device today already."""


class UntilNotLater(UnableToKeep):
    """It would be kept until today, or until a day that has passed."""

    default_field = "keep_until"


class SecondPersonNeeded(UnableToKeep):
    """The same person cannot give both names."""

    recorded = True


class NoSecondNeeded(UnableToKeep):
    """The second name is given already, or none is needed."""


class AlreadyTold(UnableToKeep):
    """Somebody has told the parents."""


class ToldWhenWrong(UnableToKeep):
    """The parents were told at a moment that cannot be."""

    default_field = "told_at"


@operation("devices.keep_overnight")
def keep_overnight(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    reason: str,
    keep_until: date,
    submission: UUID | None = None,
) -> OvernightDecision:
    """Decide that a device stays with the school until a later day (W3). `actor` decides and is named.

    Who may: LOG_CUSTODY. Where the school wants two names it counts once somebody else agrees (`agree_overnight`),
    and the office and the leaders are asked. Raises `NotInCustody` or a kind of `UnableToKeep`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    stay, today = locked(custody), london_day(at)
    if not stay.is_open:
        raise NotInCustody("It is not here any more.", rule="DEV-07")
    refuse_if_held(stay)
    if keep_until <= today:
        raise UntilNotLater("Choose a later day than today.", rule="DEV-09")
    known = OvernightDecision.objects.filter(custody=stay, day=today).select_related("decided_by").first()
    if known is not None:
        raise AlreadyKept(
            f"{known.decided_by.display_name} decided this at {moment(known.decided_at, now=at)}: kept until "
            f"{day_in_words(known.keep_until)}.",
            rule="DEV-09",
        )
    decision = OvernightDecision(
        school=school,
        custody=stay,
        day=today,
        reason=reason,
        keep_until=keep_until,
        decided_by=actor,
        decided_at=at,
        needs_second=desk_settings(school).overnight_two_names,
    )
    decision.stamp(by=actor, at=at)
    try:
        decision.save()
    except IntegrityError as error:
        if "devices_overnight_once_a_day" in str(error):
            raise AlreadyKept("Somebody decided this a moment ago. Open the page again.", rule="DEV-09") from error
        raise
    _note(stay, actor, at, f"Kept until {day_in_words(keep_until)}. {reason}")
    if decision.needs_second:
        _ask_for_second(school, actor, at, decision)
    record(
        school=school,
        actor=actor,
        action="devices.keep_overnight",
        at=at,
        obj=decision,
        submission=submission,
        detail={"custody": stay.pk, "until": keep_until.isoformat(), "needs_second": decision.needs_second},
    )
    return decision


def _note(stay: CustodyRecord, actor: User, at: datetime, note: str) -> None:
    state = State(stay.state)
    add_events(
        stay, actor, at, at,
        {"kind": EventKind.KEPT_OVERNIGHT, "from_state": state, "to_state": state, "place": stay.place,
         "slot": stay.slot, "note": note[:300]},
    )  # fmt: skip


def _ask_for_second(school: School, actor: User, at: datetime, decision: OvernightDecision) -> None:
    people = holders_of(school, Role.OFFICE, Role.SLT, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL, on=decision.day)
    notify(
        school=school,
        recipients=people.exclude(pk=actor.pk),
        kind="devices.overnight",
        subject="1 device kept overnight needs a second name",
        body="Somebody other than the person who decided looks at it and agrees under their own sign-in.",
        url=reverse("devices:close-day", args=[school.slug]),
        at=at,
        dedupe_key=f"overnight:{decision.pk}",
    )


@operation("devices.agree_overnight")
def agree_overnight(
    *, school: School, actor: User, at: datetime, decision: OvernightDecision, submission: UUID | None = None
) -> OvernightDecision:
    """Give the second name to a decision, where the school wants two. Who may: LOG_CUSTODY, and never who decided.

    Raises `SecondPersonNeeded`, `NoSecondNeeded`, or `NotInCustody` when the device has gone back meanwhile.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    held = _held(school, decision)
    if held.decided_by_id == actor.pk:
        raise SecondPersonNeeded("You decided this. Somebody else must agree under their own sign-in.", rule="DEV-09")
    if not held.needs_second or held.second_at is not None:
        raise NoSecondNeeded("This decision has all the names it needs.", rule="DEV-09")
    stay = locked(held.custody)
    if not stay.is_open:
        raise NotInCustody("It is not here any more.", rule="DEV-07")
    held.second_by, held.second_at = actor, at
    held.stamp(by=actor, at=at)
    held.save()
    _note(stay, actor, at, "Agreed by a second person.")
    record(
        school=school,
        actor=actor,
        action="devices.agree_overnight",
        at=at,
        obj=held,
        submission=submission,
        detail={"custody": stay.pk},
    )
    return held


@operation("devices.record_parent_told")
def record_parent_told(
    *,
    school: School,
    actor: User,
    at: datetime,
    decision: OvernightDecision,
    how: str,
    told_at: datetime,
    submission: UUID | None = None,
) -> OvernightDecision:
    """Write down that a parent or carer was told that the device stays, how, and when (W3). Who may: LOG_CUSTODY."""
    require(actor, Permission.LOG_CUSTODY, school)
    held = _held(school, decision)
    if held.parent_told_at is not None:
        raise AlreadyTold(f"This was written down already: told {moment(held.parent_told_at, now=at)}.", rule="DEV-09")
    if told_at > at or london_day(told_at) < held.custody.day:
        raise ToldWhenWrong("Enter a time since the device came in, and not after now.", rule="DEV-09")
    held.parent_told_at, held.parent_told_by, held.parent_told_how = told_at, actor, how
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school,
        actor=actor,
        action="devices.record_parent_told",
        at=at,
        obj=held,
        submission=submission,
        detail={"told_at": told_at.isoformat()},
    )
    return held


def _held(school: School, decision: OvernightDecision) -> OvernightDecision:
    """The decision as it is now, held until the transaction ends."""
    held: OvernightDecision = (
        OvernightDecision.objects.select_for_update(of=("self",))
        .select_related("custody")
        .get(school=school, pk=decision.pk)
    )
    return held
