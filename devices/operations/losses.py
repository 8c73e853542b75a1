"""Loss, theft and damage of a device that was with the school."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.kit.times import moment
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.enums import EventKind, Flag, LossKind, State
from devices.models import CustodyEvent, CustodyRecord, LossReport
from devices.operations.moves import add_events, locked
from devices.operations.taken.evidence import refuse_if_held
from devices.words import disclaimer
from devices.workflow import TAKEN_STATES

_CLOSING = ("state", "closed_at", "closed_by", "changed_at", "changed_by", "version")


class UnableToReport(Refusal):
    """A loss or damage was not put on record."""


class LossReportedAlready(UnableToReport):
    """The same thing about the same stay is on record and still open."""

    default_field = "kind"


class NotWithSchool(UnableToReport):
    """The school did not have the device then: it had gone back, or was never taken in."""

    default_field = "kind"


class NoticedTooSoon(UnableToReport):
    """The time it was noticed lies before the hand-in or still ahead."""

    default_field = "time"


class UnableToEndLoss(Refusal):
    """A report of loss or damage was not closed."""


class LossHasEnded(UnableToEndLoss):
    """Somebody closed the report already."""


class FoundIsHereAlready(UnableToEndLoss):
    """The device was handed in again since it was reported lost: two stays at once are not possible."""

    default_field = "found"


@operation("devices.report_loss")
def report_loss(
    *,
    school: School,
    actor: User,
    at: datetime,
    custody: CustodyRecord,
    kind: str,
    noticed_at: datetime,
    told_by: str,
    account: str,
    submission: UUID | None = None,
) -> LossReport:
    """Put loss, theft or damage of a device in the school's care on record (DEV-23, law PH-9).

    Who may: LOG_CUSTODY. Damage leaves the device where it is. A loss ends the stay and frees its slot; the footing
    on which the school held it stays on the event. The disclaimer of the day of the hand-in is kept with the report,
    with the rules it comes from. Raises a kind of `UnableToReport`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    stay = locked(custody)
    origin = State(stay.state)
    if stay.voided:
        raise NotWithSchool("This hand-in was corrected: the device was not here.", rule="DEV-23")
    if noticed_at > at or noticed_at < stay.opened_at.replace(second=0, microsecond=0):
        raise NoticedTooSoon(
            f"Enter a time between the hand-in ({moment(stay.opened_at, now=at)}) and now.", rule="DEV-23"
        )
    if LossReport.objects.filter(custody=stay, kind=kind, ended_at__isnull=True).exists():
        raise LossReportedAlready("That is on record already and still open.", rule="DEV-23")
    if kind == LossKind.DAMAGED:
        _damage(stay, origin, actor, at, account)
    else:
        _lose(stay, origin, actor, at, account)
    rules = for_school(school, on=stay.day)
    report = LossReport(
        school=school,
        custody=stay,
        kind=kind,
        noticed_at=noticed_at,
        told_by=told_by,
        account=account,
        disclaimer=disclaimer(rules),
        rules_version=stay.rules_version,
        reported_at=at,
        reported_by=actor,
    )
    report.stamp(by=actor, at=at)
    report.save()
    record(
        school=school,
        actor=actor,
        action="devices.report_loss",
        at=at,
        obj=report,
        submission=submission,
        detail={"kind": kind, "custody": stay.pk, "was": origin.value},
    )
    return report


def _damage(stay: CustodyRecord, origin: State, actor: User, at: datetime, account: str) -> None:
    if origin == State.LOST_OR_DAMAGED:
        raise NotWithSchool("It is reported lost. Say that it was found first.", rule="DEV-23")
    _add(stay, actor, at, EventKind.DAMAGE, origin, origin, account)


def _lose(stay: CustodyRecord, origin: State, actor: User, at: datetime, account: str) -> None:
    if origin == State.LOST_OR_DAMAGED:
        raise LossReportedAlready("It is reported lost already.", rule="DEV-23")
    if not stay.is_open:
        closed = moment(stay.closed_at, now=at) if stay.closed_at else ""
        raise NotWithSchool(f"It was given back, {closed}. The school did not have it after that.", rule="DEV-23")
    refuse_if_held(stay)
    stay.state, stay.closed_at, stay.closed_by = State.LOST_OR_DAMAGED, max(at, stay.opened_at), actor
    stay.stamp(by=actor, at=at)
    stay.save(update_fields=_CLOSING)
    _add(stay, actor, at, EventKind.LOSS, origin, State.LOST_OR_DAMAGED, account)


def _add(
    stay: CustodyRecord, actor: User, at: datetime, kind: EventKind, origin: State, target: State, note: str
) -> None:
    row: dict[str, Any] = {"kind": kind, "from_state": origin, "to_state": target}
    add_events(stay, actor, at, at, {**row, "place": stay.place, "slot": stay.slot, "note": _short(note)})


def _short(text: str) -> str:
    """As much of an account as an event holds; the report has the whole of it."""
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:299] + "…"


@operation("devices.end_loss")
def end_loss(
    *,
    school: School,
    actor: User,
    at: datetime,
    report: LossReport,
    outcome: str,
    found: bool = False,
    submission: UUID | None = None,
) -> LossReport:
    """Close a report with what came of it. With `found` a lost device is here again, in its slot if that is free.

    Who may: LOG_CUSTODY. Raises a kind of `UnableToEndLoss`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    stay = locked(report.custody)  # the stay before the report: the order in which reports are made
    held: LossReport = LossReport.objects.select_for_update(of=("self",)).get(school=school, pk=report.pk)
    if held.ended_at is not None:
        by = held.ended_by.display_name if held.ended_by else "the office"
        raise LossHasEnded(f"It was closed already, by {by}.", rule="DEV-23")
    if found and held.kind != LossKind.DAMAGED:
        _bring_back(stay, actor, at, outcome)
    held.outcome, held.ended_at, held.ended_by = outcome, at, actor
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school,
        actor=actor,
        action="devices.end_loss",
        at=at,
        obj=held,
        submission=submission,
        detail={"kind": held.kind, "found": found, "state": stay.state},
    )
    return held


def _bring_back(stay: CustodyRecord, actor: User, at: datetime, note: str) -> None:
    """Open the stay again: uncollected where its day is over, without a slot where another device lies in it."""
    if stay.state != State.LOST_OR_DAMAGED:
        raise FoundIsHereAlready("It is not reported lost any more.", rule="DEV-23")
    lost = CustodyEvent.objects.filter(custody=stay, kind=EventKind.LOSS).order_by("-id").first()
    if lost is not None and State(lost.from_state) in TAKEN_STATES:
        stay.state = State(lost.from_state)  # what was taken is still taken
    else:
        stay.state = State.STORED if stay.day == london_day(at) else State.UNCOLLECTED
    stay.closed_at = stay.closed_by = None
    open_stays = CustodyRecord.objects.filter(closed_at__isnull=True)
    if stay.slot_id and open_stays.filter(slot_id=stay.slot_id).exists():
        stay.slot = None
        if Flag.NO_SLOT not in stay.flags:
            stay.flags = [*stay.flags, Flag.NO_SLOT.value]
    stay.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            stay.save()
    except IntegrityError as error:
        raise FoundIsHereAlready(
            "It was handed in again since then, or its slot was just taken.", rule="DEV-23"
        ) from error
    _add(stay, actor, at, EventKind.FOUND, State.LOST_OR_DAMAGED, State(stay.state), note)
