"""Closing the day: the places are counted, what is left is accounted for, and the figures are kept (W3, DEV-07, 09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from core.audit.operations import operation, record
from core.kit.refusals import ChangedMeanwhile, Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from devices.enums import EventKind, State
from devices.models import CustodyEvent, DayClose, DeskSettings
from devices.queries import LeftDevice, day_totals, handin_types, last_close, left_devices, tags_waiting


class UnableToClose(Refusal):
    """The day is not closed."""


class ReasonsMissing(UnableToClose):
    """A device is left with neither a decision nor a reason; `custody_ids` are those."""

    def __init__(self, message: str, custody_ids: list[int]) -> None:
        super().__init__(message, rule="DEV-09")
        self.custody_ids = custody_ids


class DifferenceUnexplained(UnableToClose):
    """What was counted is not what is on record, and nobody said why."""

    default_field = "note"


class ClosedMeanwhile(UnableToClose):
    """Somebody closed the day after this page was opened."""


@operation("devices.close_day")
def close_day(
    *,
    school: School,
    actor: User,
    at: datetime,
    counted: int,
    reasons: Mapping[int, str] | None = None,
    note: str = "",
    after: int = 0,
    submission: UUID | None = None,
) -> DayClose:
    """Close today's book (W3): `counted` devices lie in the places, and each that is left has a decision or a reason.

    Who may: LOG_CUSTODY. `reasons` are by stay; each is added to that device's record. `after` is the number of
    the closing that the page showed (0: none); a day may be closed again when something was put right. Where book and
    count differ, `note` says why. Raises a kind of `UnableToClose`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    day, reasons = london_day(at), reasons or {}
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two who close at once do it in turn
    last = last_close(school, day)
    if (last.number if last else 0) != after:
        by = last.closed_by.display_name if last else "Somebody"
        raise ClosedMeanwhile(f"{by} closed the day meanwhile. Open the page again.", rule="DEV-09")
    left = left_devices(school, day)
    unsaid = [one.stay.pk for one in left if not one.is_kept and not reasons.get(one.stay.pk)]
    if unsaid:
        raise ReasonsMissing(
            f"{_devices(len(unsaid))} left without a reason. Give it back, decide to keep it overnight, or say why it "
            "is still here.",
            unsaid,
        )
    totals, aside = day_totals(school, day, handin_types=handin_types(school, day)), tags_waiting(school)
    recorded = len(left) + aside
    balances = totals.balances and counted == recorded
    if not balances and not note:
        raise DifferenceUnexplained(_difference(counted, recorded, totals.unexplained), rule="DEV-09")
    closed = DayClose(
        school=school,
        day=day,
        number=after + 1,
        closed_at=at,
        closed_by=actor,
        balances=balances,
        note=note,
        figures=asdict(totals)
        | {
            "day": day.isoformat(),
            "not_seen": totals.not_seen,
            "kept": sum(one.is_kept for one in left),
            "left": [one.stay.pk for one in left],
            "aside": aside,
            "counted": counted,
        },
    )
    closed.save()
    _write_reasons(actor, at, [one for one in left if reasons.get(one.stay.pk)], reasons)
    record(
        school=school,
        actor=actor,
        action="devices.close_day",
        at=at,
        obj=closed,
        submission=submission,
        detail={"number": closed.number, "left": len(left), "counted": counted, "balances": balances},
    )
    return closed


def _devices(number: int) -> str:
    return "1 device is" if number == 1 else f"{number} devices are"


def _difference(counted: int, recorded: int, unexplained: int) -> str:
    if counted != recorded:
        return f"You counted {counted}, and {recorded} should be there. Count again, or say what the difference is."
    return f"The book does not balance by {abs(unexplained)}. Say what is known about it."


def _write_reasons(actor: User, at: datetime, left: list[LeftDevice], reasons: Mapping[int, str]) -> None:
    CustodyEvent.objects.bulk_create(
        CustodyEvent(
            school_id=one.stay.school_id,
            custody=one.stay,
            device_id=one.stay.device_id,
            basis=one.stay.basis,
            kind=EventKind.NOTE,
            from_state=State(one.stay.state),
            to_state=State(one.stay.state),
            at=at,
            recorded_at=at,
            by=actor,
            place=one.stay.place,
            slot=one.stay.slot,
            note=f"Still here when the day was closed: {reasons[one.stay.pk]}"[:300],
        )
        for one in left
    )


@operation("devices.change_desk_settings")
def change_desk_settings(
    *,
    school: School,
    actor: User,
    at: datetime,
    overnight_two_names: bool,
    tell_parents_uncollected: bool,
    version: int = 0,
    submission: UUID | None = None,
) -> DeskSettings:
    """Choose whether keeping overnight needs two names, and whether parents are emailed about what is not collected.

    Who may: MANAGE_STORAGE. `version` is the one the form was opened with, 0 where nobody had chosen yet; raises
    `ChangedMeanwhile` when somebody saved it since then.
    """
    require(actor, Permission.MANAGE_STORAGE, school)
    settings: DeskSettings | None = DeskSettings.objects.select_for_update(of=("self",)).filter(school=school).first()
    if (settings.version if settings else 0) != version:
        raise ChangedMeanwhile("Somebody changed these settings while you were looking. Compare, then save again.")
    settings = settings or DeskSettings(school=school)
    new = {"overnight_two_names": overnight_two_names, "tell_parents_uncollected": tell_parents_uncollected}
    old = {name: getattr(settings, name) for name in new}
    for name, value in new.items():
        setattr(settings, name, value)
    settings.stamp(by=actor, at=at)
    try:
        settings.save()
    except IntegrityError as error:
        if "devices_desksettings_one_a_school" in str(error):
            raise ChangedMeanwhile(
                "Somebody changed these settings while you were looking. Compare, then save again."
            ) from error
        raise
    record(
        school=school,
        actor=actor,
        action="devices.change_desk_settings",
        at=at,
        obj=settings,
        submission=submission,
        detail={"old": old, "new": new},
    )
    return settings
