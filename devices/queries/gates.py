"""Gates, devices put aside, and the figures beside the day's own."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.db.models import Count, QuerySet

from core.people.models import School, User
from devices.models import CustodyRecord, Gate, OfflineScan, ParkedDevice


class SideFigures(NamedTuple):
    """Devices put aside and scans made offline that wait for a person, and what came in at each gate."""

    aside: int
    to_settle: int
    by_gate: list[tuple[str, int]]


def gates_in_use(school: School) -> list[Gate]:
    """The gates a desk may stand at, in order."""
    return list(Gate.objects.filter(school=school, closed_on__isnull=True))


def gates_visible_to(user: User, school: School) -> QuerySet[Gate]:
    """Every gate the school ever had."""
    return Gate.objects.filter(school=school)


def side_figures(school: School, day: date) -> SideFigures:
    """In three statements; none of them looks at more than the day or what is unsettled."""
    counted = dict(
        CustodyRecord.objects.filter(school=school, day=day, voided=False, gate__isnull=False)
        .order_by()
        .values_list("gate")
        .annotate(number=Count("id"))
    )
    by_gate = [(gate.name, counted.get(gate.pk, 0)) for gate in gates_in_use(school)]
    return SideFigures(
        aside=ParkedDevice.objects.filter(school=school, settled_at__isnull=True).count(),
        to_settle=OfflineScan.objects.filter(school=school, settled_at__isnull=True).count(),
        by_gate=by_gate,
    )


def parked_devices(school: School, *, settled_on: date | None = None) -> QuerySet[ParkedDevice]:
    """Devices put aside that wait for a name, oldest first; or those of a day that are settled."""
    found: QuerySet[ParkedDevice] = ParkedDevice.objects.filter(school=school).select_related(
        "type", "place", "gate", "parked_by", "settled_by", "custody__pupil__form", "custody__slot"
    )
    if settled_on is not None:
        return found.filter(day=settled_on, settled_at__isnull=False).order_by("number")
    return found.filter(settled_at__isnull=True).order_by("day", "number")


def parked_visible_to(user: User, school: School) -> QuerySet[ParkedDevice]:
    """Every device that was ever put aside."""
    return ParkedDevice.objects.filter(school=school).select_related("type", "place", "parked_by")
