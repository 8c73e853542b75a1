"""The board of taken devices: what the school holds, since when, for whom it waits, and what is still to be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from core.people.calendar import Calendar, calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import School
from core.rules.queries import for_school
from devices.enums import State
from devices.holding import closed_between, days_in_words
from devices.judgement import UNSPECIFIED
from devices.models import Confiscation, CustodyRecord, Escalation, ReleaseDecision, UseOfForce
from devices.workflow import TAKEN_STATES

_ON_HOLD = (State.EVIDENCE_HOLD, State.BACK_FROM_POLICE)

# The filters of the board, in their order, with the words of the tab.
SHOWS: dict[str, str] = {
    "all": "All",
    "due": "Due today",
    "overdue": "Overdue",
    "over": "Over a weekend or holiday",
    "parent": "Waits for a parent",
    "held": "On hold",
    "police": "With the police",
    "decision": "Needs a decision",
    "sign_off": "Needs a signature",
    "put_away": "Not put away",
    "force": "Force to be recorded",
}


def is_long_held(taking: Confiscation, stay: CustodyRecord, at: datetime) -> bool:
    """Whether a device is, or will be, kept beyond the school's limit of days (law CO-4); never where none is set."""
    limit = for_school(stay.school, on=london_day(taking.taken_at)).confiscation_days_limit
    return taking.needs_sign_off or (isinstance(limit, int) and days_held(taking.taken_at, at) > limit)


def days_held(since: datetime, at: datetime) -> int:
    """Calendar days, weekends and holidays included."""
    return (london_day(at) - london_day(since)).days


@dataclass(frozen=True)
class HeldRow:
    """One device on the board. `status` is a key of `SHOWS`, or `later`; `tags` are the keys it is found under."""

    stay: CustodyRecord
    taking: Confiscation | None
    status: str
    kind: str
    word: str
    days: str
    tags: frozenset[str]


@dataclass(frozen=True)
class HeldBoard:
    """What is held, the most pressing first, and how many are found under each filter."""

    rows: list[HeldRow]
    counts: dict[str, int]

    def shown(self, show: str) -> list[HeldRow]:
        return [row for row in self.rows if show == "all" or show in row.tags]


_RANK = ("overdue", "decision", "due", "parent", "later", "held", "police")


def held_board(school: School, at: datetime) -> HeldBoard:
    """Every taken device of the school, those with the police too, in one statement and the rules of each day."""
    stays = (
        CustodyRecord.objects.filter(school=school)
        .filter(Q(closed_at__isnull=True, state__in=[*TAKEN_STATES, *_ON_HOLD]) | Q(state=State.WITH_POLICE))
        .select_related("pupil__form", "device__type", "place", "slot", "confiscation__taken_by", "school")
        .annotate(
            is_decided=Exists(ReleaseDecision.objects.filter(custody=OuterRef("pk"))),
            is_escalated=Exists(Escalation.objects.filter(custody=OuterRef("pk"))),
            force_missing=ExpressionWrapper(
                Q(confiscation__force_used=True)
                & ~Exists(UseOfForce.objects.filter(confiscation=OuterRef("confiscation"))),
                output_field=BooleanField(),
            ),
        )
    )
    judge = _judge(calendar_for(school), at)
    rows = sorted((judge(stay) for stay in stays), key=lambda row: (_RANK.index(row.status), row.stay.pk))
    counts = Counter(tag for row in rows for tag in row.tags)
    return HeldBoard(rows, {"all": len(rows)} | {key: counts[key] for key in SHOWS if key != "all"})


def _judge(calendar: Calendar, at: datetime) -> Callable[[CustodyRecord], HeldRow]:
    today = london_day(at)
    closes = calendar.at(today, DayTimeKey.OFFICE_CLOSE)
    is_shut = not calendar.is_school_day(today) or closes is None or at >= closes
    until = calendar.next_school_day(today)
    ahead = closed_between(calendar, today, until) if until is not None and is_shut else ""

    def row(stay: CustodyRecord) -> HeldRow:
        taking: Confiscation | None = getattr(stay, "confiscation", None)
        status, kind, word = _status(stay, taking, today, is_shut=is_shut)
        since = taking.taken_at if taking is not None else stay.opened_at
        tags = {status}
        if status != "police":
            if ahead or closed_between(calendar, london_day(since), max(today, _expected(taking) or today)):
                tags.add("over")
            if stay.place_id is None:
                tags.add("put_away")
            if taking is not None and taking.signed_off_at is None and is_long_held(taking, stay, at):
                tags.add("sign_off")
        if stay.state == State.PARENT_COLLECTION:
            tags.add("parent")
        if getattr(stay, "force_missing", False):
            tags.add("force")
        return HeldRow(stay, taking, status, kind, word, days_in_words(days_held(since, at)), frozenset(tags))

    return row


def _expected(taking: Confiscation | None) -> date | None:
    return taking.expected_on if taking is not None else None


def _status(stay: CustodyRecord, taking: Confiscation | None, today: date, *, is_shut: bool) -> tuple[str, str, str]:
    """Which filter a device stands under first, and how that is said."""
    if stay.state == State.WITH_POLICE:
        return "police", "info", "With the police"
    if stay.state in _ON_HOLD:
        return "held", "stop", "Held. Ask the DSL."
    if taking is not None and taking.release_rule == UNSPECIFIED and not getattr(stay, "is_decided", False):
        return "decision", "attention", "Needs a decision"
    expected = _expected(taking)
    parent = stay.state == State.PARENT_COLLECTION
    if expected is not None and (expected < today or (expected == today and is_shut)):
        return "overdue", "attention", "Overdue: waits for a parent" if parent else "Overdue"
    if parent:
        return "parent", "waiting", "Waits for a parent"
    if expected is not None and expected > today:
        return "later", "waiting", f"Due on {expected:%A}"
    return "due", "ok", "Due today"
