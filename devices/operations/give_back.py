"""Give a device back, and mark what nobody fetched."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.bulk import bulk_update
from core.kit.rows import update
from core.kit.times import moment
from core.people.access import require
from core.people.calendar import calendar_for, london_day
from core.people.models import Contact, School, User
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.enums import Basis, EventKind, GivenTo, State
from devices.models import (
    CustodyEvent,
    CustodyRecord,
)
from devices.operations.moves import add_events, held, how_taken
from devices.operations.refusals import (
    CollectorNotPermitted,
    EarlyReasonNeeded,
    MustGoToParent,
    NotInCustody,
    TakenNotHandedIn,
)
from devices.operations.taken.evidence import refuse_if_held
from devices.queries import is_early


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
    stay = held(custody)
    if not stay.is_open:
        raise NotInCustody(_gone(stay, at), rule="DEV-07")
    refuse_if_held(stay)
    if stay.basis != Basis.HAND_IN:
        raise TakenNotHandedIn(f"{how_taken(stay, at)} It goes back at the release desk.", rule="CNF-04")
    rules = for_school(school, on=stay.day)
    if rules.ordinary_return == "end_of_day_parent" and given_to != GivenTo.CONTACT:
        raise MustGoToParent("Your school’s rule: it goes back to a parent or carer only.", rule="ordinary_return")
    taker = stay.pupil.display_name
    if given_to == GivenTo.CONTACT:
        taker = _collector(stay, contact)
    early = is_early(school, rules, at)
    if early and not reason:
        raise EarlyReasonNeeded(
            f"It is before the end of the day ({early}). Choose why it goes back now.", rule="DEV-08"
        )
    origin = State(stay.state)
    stay.state, stay.closed_at, stay.closed_by = State.RETURNED, max(at, stay.opened_at), actor
    stay.stamp(by=actor, at=at)
    update(stay, "state", "closed_at", "closed_by")
    add_events(
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
