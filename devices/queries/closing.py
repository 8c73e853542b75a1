"""The end of a day: what is left, what was decided about it, how the day went, and how it was closed (W3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from core.audit.queries import entries_for
from core.people.models import School, User
from devices.enums import Basis, EventKind, Flag
from devices.models import (
    ChaseList,
    CustodyEvent,
    CustodyRecord,
    DayClose,
    DeskSettings,
    OvernightDecision,
    ParkedDevice,
)
from devices.queries.chase import chases_of
from devices.queries.custody import DayTotals, day_totals, open_custody

TOLD_PARENTS = "devices.tell_parents"


def desk_settings(school: School) -> DeskSettings:
    """What the school chose about its desks; an unsaved row with the defaults until somebody chooses."""
    found: DeskSettings | None = DeskSettings.objects.filter(school=school).select_related("changed_by").first()
    return found or DeskSettings(school=school)


def decisions_visible_to(user: User, school: School) -> QuerySet[OvernightDecision]:
    """Every decision to keep a device overnight."""
    found: QuerySet[OvernightDecision] = OvernightDecision.objects.filter(school=school)
    return found.select_related(
        "custody__pupil__form", "custody__device__type", "custody__place", "custody__slot", "decided_by", "second_by",
        "parent_told_by",
    )  # fmt: skip


def is_agreed(decision: OvernightDecision) -> bool:
    """Whether a decision has all the names that it needs."""
    return not decision.needs_second or decision.second_at is not None


def overnight_now(school: School, day: date) -> dict[int, OvernightDecision]:
    """The decision that covers the night after a day, by the stay it is about; those that wait for a name too."""
    found = (
        OvernightDecision.objects.filter(school=school, custody__closed_at__isnull=True)
        .filter(day__lte=day, keep_until__gt=day)
        .select_related("decided_by", "second_by", "parent_told_by")
        .order_by("day", "id")
    )
    return {decision.custody_id: decision for decision in found}


@dataclass(frozen=True)
class LeftDevice:
    """A device that is still here, and the decision that covers it, if there is one."""

    stay: CustodyRecord
    decision: OvernightDecision | None
    told_parents_at: datetime | None = None

    @property
    def is_kept(self) -> bool:
        """Kept by a decision that needs nobody else."""
        return self.decision is not None and is_agreed(self.decision)

    @property
    def waits_for_name(self) -> bool:
        return self.decision is not None and not is_agreed(self.decision)


def left_devices(school: School, day: date) -> list[LeftDevice]:
    """What was handed in and is still here, oldest first, in three statements; what was taken lies apart (CNF-03)."""
    decisions = overnight_now(school, day)
    handed_in = open_custody(school).filter(basis=Basis.HAND_IN)
    stays = list(handed_in.order_by("day", "pupil__form__name", "pupil__legal_surname", "id"))
    told = parents_told(school, [stay.pk for stay in stays])
    return [LeftDevice(stay, decisions.get(stay.pk), max(told.get(stay.pk, ()), default=None)) for stay in stays]


def parents_told(school: School, custody_ids: list[int]) -> dict[int, list[datetime]]:
    """When parents were emailed that a device was not collected, by stay, as the record has it (NOT-02)."""
    found: dict[int, list[datetime]] = {}
    entries = entries_for(school, action=TOLD_PARENTS, object_type="devices.custodyrecord")
    for entry in entries.filter(object_id__in=custody_ids):
        found.setdefault(int(entry.object_id or 0), []).append(entry.at)
    return found


def tags_waiting(school: School) -> int:
    """Devices put aside that nobody has put a name to yet; they lie in the places too."""
    return int(ParkedDevice.objects.filter(school=school, settled_at__isnull=True).count())


def closes_of(school: School, day: date) -> list[DayClose]:
    """Every time the day was closed, the first first."""
    return list(DayClose.objects.filter(school=school, day=day).select_related("closed_by").order_by("number"))


def last_close(school: School, day: date) -> DayClose | None:
    """How the day was closed last; None while it is open."""
    found: DayClose | None = (
        DayClose.objects.filter(school=school, day=day).select_related("closed_by").order_by("-number").first()
    )
    return found


def moved_since(school: School, close: DayClose) -> bool:
    """Whether anything happened to a device after the day was closed, so that its figures may not be the last word."""
    later = CustodyEvent.objects.filter(school=school, recorded_at__gt=close.closed_at)
    return bool(later.filter(custody__day__lte=close.day).exclude(kind=EventKind.UNCOLLECTED).exists())


@dataclass(frozen=True)
class DaySummary:
    """One day on one page: the book, the gates, what was out of the ordinary, who decided what, who was told."""

    totals: DayTotals
    gates: list[tuple[str, int]]
    flags: list[tuple[str, int]]
    returned_later: int
    uncollected: list[CustodyRecord]
    kept: list[OvernightDecision]
    chases: list[ChaseList]
    closes: list[DayClose]


def day_summary(school: School, day: date, *, handin_types: frozenset[str] | None = None) -> DaySummary:
    """How a day went, of today or any day before, in twelve statements whatever came in."""
    gates: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    later = 0
    stays = CustodyRecord.objects.filter(school=school, day=day, voided=False)
    for gate, raised, went_later in stays.order_by("gate__position").values_list(
        "gate__name", "flags", Q(closed_at__date__gt=day)
    ):
        gates[gate or ""] += 1
        flags.update(raised)
        later += bool(went_later)
    named = [(name or "No gate said", number) for name, number in gates.items()] if set(gates) - {""} else []
    left = CustodyEvent.objects.filter(school=school, kind=EventKind.UNCOLLECTED, custody__day=day)
    return DaySummary(
        totals=day_totals(school, day, handin_types=handin_types),
        gates=named,
        flags=[(str(flag.label), flags[flag]) for flag in Flag if flags[flag]],
        returned_later=later,
        uncollected=list(
            CustodyRecord.objects.filter(school=school, pk__in=left.values("custody"), voided=False)
            .select_related("pupil__form", "device__type", "place", "slot")
            .order_by("pupil__form__name", "pupil__legal_surname", "id")
        ),
        kept=list(
            OvernightDecision.objects.filter(school=school, day=day)
            .select_related("custody__pupil__form", "custody__device__type", "decided_by", "second_by")
            .order_by("id")
        ),
        chases=chases_of(school, day),
        closes=closes_of(school, day),
    )
