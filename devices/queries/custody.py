"""Where devices are now, what happened to them, and how the day stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from core.approvals.enums import Kind
from core.approvals.queries import in_force_on
from core.people.calendar import LONDON
from core.people.models import Pupil, School, User
from core.people.queries import pupils_on_roll
from core.rules.models import RecordedDecision
from devices.enums import Basis, EventKind, MarkKind, State
from devices.models import (
    BringAgreement,
    CustodyEvent,
    CustodyRecord,
    DayMark,
    NoDeviceDeclaration,
    PupilDevice,
    Slot,
)
from devices.queries.cohorts import kept_by_cohort
from devices.queries.day import day_facts, live_marks, permitted_pupils, placed_pupils

_SHOWN = ("device__type", "pupil__form", "place", "slot", "opened_by")


def _custody(school: School) -> QuerySet[CustodyRecord]:
    return CustodyRecord.objects.filter(school=school).select_related(*_SHOWN)


def custody_visible_to(user: User, school: School) -> QuerySet[CustodyRecord]:
    """Every stay in the school; the page's permission says who may look (ORG-11: no incident is in it)."""
    return _custody(school)


def open_custody(school: School, *, day: date | None = None) -> QuerySet[CustodyRecord]:
    """What is in the school's hands now, by slot; with `day`, only what came in on that day."""
    found = _custody(school).filter(closed_at__isnull=True)
    if day is not None:
        found = found.filter(day=day)
    return found.order_by("place__position", F("slot__number").asc(nulls_last=True), "id")


def custody_for(pupil: Pupil) -> QuerySet[CustodyRecord]:
    """A pupil's open stays."""
    return _custody(pupil.school).filter(pupil=pupil, closed_at__isnull=True)


def custody_in_slot(slot: Slot) -> CustodyRecord | None:
    """What the slot holds now."""
    return _custody(slot.school).filter(slot=slot, closed_at__isnull=True).first()


def uncollected(school: School) -> QuerySet[CustodyRecord]:
    """Devices that nobody fetched by office close, oldest first; listed daily until dealt with (DEV-09)."""
    return _custody(school).filter(state=State.UNCOLLECTED).order_by("day", "id")


def live_bring_agreement(pupil: Pupil, on: date) -> BringAgreement | None:
    """The live agreement that the pupil may bring a device, if there is one (DEV-03)."""
    live = in_force_on(pupil.school, on, Kind.BRING_DEVICE).filter(pupil=pupil)
    return BringAgreement.objects.filter(approval__in=live).select_related("approval__decided_by").first()


def handin_decision(school: School, day: date) -> RecordedDecision | None:
    """The decision of that London day that devices are taken in, where the rules do not say (matrix §0.3)."""
    begins = datetime.combine(day, time.min, LONDON)
    return (
        RecordedDecision.objects.filter(
            school=school,
            key="handin_required",
            decided_at__gte=begins,
            decided_at__lt=datetime.combine(day + timedelta(days=1), time.min, LONDON),
        )
        .select_related("decided_by")
        .order_by("-id")
        .first()
    )


@dataclass(frozen=True)
class DayBook:
    """The day's book: what was handed in = given back + still here + lost + taken; and what is here from before.

    `taken` was handed in that day and is, or was, kept on another footing since: confiscated or held (law PH-9). What
    was taken straight from a pupil was never handed in and stands in no figure but `taken_here`: all such devices, of
    whatever day, that the school has now, kept apart from the others (CNF-03).
    """

    day: date
    handed_in: int
    returned: int
    still_here: int
    lost: int
    uncollected: int
    kept_from_before: int
    taken: int = 0
    taken_here: int = 0

    @property
    def here_now(self) -> int:
        """Every hand-in that the school holds, of whatever day; what was taken lies elsewhere."""
        return self.still_here + self.kept_from_before

    @property
    def unexplained(self) -> int:
        """How many hand-ins the book cannot account for; below nought: how many too many it has."""
        return self.handed_in - self.returned - self.still_here - self.lost - self.taken

    @property
    def balances(self) -> bool:
        return self.unexplained == 0


@dataclass(frozen=True)
class DayTotals(DayBook):
    """The book, and the pupils: `expected` have a device to hand in and nothing excuses them from bringing it."""

    none_today: int = 0
    expected: int = 0
    seen: int = 0
    refused: int = 0
    absent: int = 0
    permitted: int = 0
    placed: int = 0

    @property
    def not_seen(self) -> int:
        return max(self.expected - self.seen - self.refused, 0)


@dataclass(frozen=True)
class DeskCounts:
    """The figures that move with each scan.

    `seen` are the pupils nobody need look for: who handed in or declared none, and those marked absent, permitted or
    refused. `excused` of them are absent or permitted, so that nobody expects a device of theirs.
    """

    handed_in: int
    none_today: int
    seen: int
    refused: int = 0
    excused: int = 0


def desk_counts(school: School, day: date, *, handin_types: frozenset[str]) -> DeskCounts:
    """The day's moving figures in three statements over the day's rows alone, for every answer of the desk."""
    held = CustodyRecord.objects.filter(school=school, voided=False).filter(_held_on(day))
    kept_of_stays = kept_by_cohort(school, day, device="device__")
    custody = held.aggregate(
        handed_in=Count("id", filter=Q(day=day) & _came_in()),
        seen=Count("pupil", distinct=True, filter=Q(device__type__key__in=handin_types) & ~kept_of_stays),
    )
    owns = PupilDevice.objects.filter(
        pupil=OuterRef("pupil"), retired_on__isnull=True, type__key__in=handin_types
    ).exclude(kept_by_cohort(school, day))
    none = NoDeviceDeclaration.objects.filter(school=school, day=day, withdrawn_at__isnull=True).aggregate(
        every=Count("id"), expected=Count("id", filter=Q(Exists(owns)))
    )
    stays = CustodyRecord.objects.filter(pupil=OuterRef("pupil"), voided=False).filter(_held_on(day))
    declared = NoDeviceDeclaration.objects.filter(pupil=OuterRef("pupil"), day=day, withdrawn_at__isnull=True)
    marked = (
        live_marks(school, day)
        .filter(Exists(owns), ~Exists(stays), ~Exists(declared))
        .aggregate(
            every=Count("pupil", distinct=True),
            refused=Count("pupil", distinct=True, filter=Q(kind=MarkKind.REFUSED)),
        )
    )
    return DeskCounts(
        handed_in=custody["handed_in"],
        none_today=none["every"],
        seen=custody["seen"] + none["expected"] + marked["every"],
        refused=marked["refused"],
        excused=marked["every"] - marked["refused"],
    )


def expected_count(school: School, day: date, *, handin_types: frozenset[str]) -> int:
    """How many pupils on roll have a device of a kind that is handed in; who is at a placement all day is left out,
    unless the day has something to say of them. Take `DeskCounts.excused` off for those a device is expected of."""
    away = Q(pk__in=placed_pupils(school, day).keys())
    return _expecting(school, day, handin_types).exclude(away & ~_seen_on(day) & ~_marked_on(day)).count()


def _expecting(school: School, day: date, handin_types: frozenset[str] | None) -> QuerySet[Pupil]:
    """Pupils on roll who have a device of a kind that is handed in; one that their group keeps is not (law PH-3)."""
    devices = PupilDevice.objects.filter(pupil=OuterRef("pk"), retired_on__isnull=True).exclude(
        kept_by_cohort(school, day)
    )
    if handin_types is not None:
        devices = devices.filter(type__key__in=handin_types)
    return pupils_on_roll(school, day).filter(Exists(devices))


def day_totals(school: School, day: date, *, handin_types: frozenset[str] | None = None) -> DayTotals:
    """How the day stands, in seven statements whatever the number of pupils. `handin_types` are the keys of device
    kinds the school's rules take in; None counts all."""
    book, facts = day_book(school, day), day_facts(school, day)
    unseen = Q(is_seen=False)
    excused = Q(pk__in=facts.excused)
    counted = (
        _expecting(school, day, handin_types)
        .annotate(is_seen=ExpressionWrapper(_seen_on(day), output_field=BooleanField()))
        .order_by()
        .aggregate(
            seen=Count("pk", filter=Q(is_seen=True)),
            expected=Count("pk", filter=Q(is_seen=True) | ~excused | Q(pk__in=facts.refused)),
            refused=Count("pk", filter=unseen & Q(pk__in=facts.refused)),
            absent=Count("pk", filter=unseen & Q(pk__in=facts.absent - facts.refused)),
            permitted=Count("pk", filter=unseen & Q(pk__in=facts.permitted.keys() - facts.absent - facts.refused)),
            placed=Count(
                "pk",
                filter=unseen & Q(pk__in=facts.placed.keys() - facts.permitted.keys() - facts.absent - facts.refused),
            ),
        )
    )
    none_today = NoDeviceDeclaration.objects.filter(school=school, day=day, withdrawn_at__isnull=True).count()
    return DayTotals(**vars(book), none_today=none_today, **counted)


def day_book(school: School, day: date) -> DayBook:
    """What came in on a day and where it is now, each part counted by itself, in two statements."""
    by_arrangement = Q(basis=Basis.HAND_IN)
    today = CustodyRecord.objects.filter(school=school, day=day, voided=False).aggregate(
        handed_in=Count("id", filter=_came_in()),
        returned=Count("id", filter=by_arrangement & Q(state=State.RETURNED)),
        still_here=Count("id", filter=by_arrangement & Q(closed_at__isnull=True)),
        lost=Count("id", filter=by_arrangement & Q(state=State.LOST_OR_DAMAGED)),
        taken=Count("id", filter=~by_arrangement & _came_in()),
    )
    still = CustodyRecord.objects.filter(school=school, closed_at__isnull=True).aggregate(
        uncollected=Count("id", filter=Q(state=State.UNCOLLECTED)),
        kept_from_before=Count("id", filter=by_arrangement & Q(day__lt=day)),
        taken_here=Count("id", filter=~by_arrangement),
    )
    return DayBook(day=day, **today, **still)


def _came_in() -> Q:
    """Stays that began with a hand-in, also where the footing has changed since; looked up for those alone."""
    handed_in = CustodyEvent.objects.filter(custody=OuterRef("pk"), kind=EventKind.HAND_IN)
    return Q(basis=Basis.HAND_IN) | Q(Exists(handed_in))


def _held_on(day: date) -> Q:
    """Stays that began on a day, or that had not ended since one before it."""
    return Q(day=day) | Q(closed_at__isnull=True, day__lt=day)


def _seen_on(day: date) -> Q:
    """Pupils who handed something in or said they brought none on a day, or whose device never left."""
    stays = CustodyRecord.objects.filter(pupil=OuterRef("pk"), voided=False).filter(_held_on(day))
    none = NoDeviceDeclaration.objects.filter(pupil=OuterRef("pk"), day=day, withdrawn_at__isnull=True)
    return Q(Exists(stays)) | Q(Exists(none))


def _marked_on(day: date) -> Q:
    """Pupils who are absent, keep a device by permission, or were asked and did not hand in."""
    return Q(Exists(DayMark.objects.filter(pupil=OuterRef("pk"), day=day, withdrawn_at__isnull=True)))


def not_seen(
    school: School, day: date, *, handin_types: frozenset[str] | None = None, form_id: int | None = None
) -> QuerySet[Pupil]:
    """Pupils who usually bring a device, of whom the day knows nothing at all (DEV-10). Never called an offence.

    Left out: who handed in, declared none, is absent, at a placement or keeps it by permission, and who was asked and
    did not hand in (`refused_on`).
    """
    excused = {*permitted_pupils(school, day), *placed_pupils(school, day)}
    found = _expecting(school, day, handin_types).exclude(_seen_on(day) | _marked_on(day)).exclude(pk__in=excused)
    if form_id is not None:
        found = found.filter(form_id=form_id)
    return found.order_by("form__year_from", "form__name", "legal_surname", "legal_forename", "pk")


def refused_on(school: School, day: date) -> QuerySet[Pupil]:
    """Pupils who were asked that day and did not hand in, and have not since. A fact of the day, not a verdict."""
    asked = live_marks(school, day).filter(kind=MarkKind.REFUSED)
    return (
        pupils_on_roll(school, day)
        .filter(pk__in=asked.values("pupil_id"))
        .exclude(_seen_on(day))
        .order_by("form__year_from", "form__name", "legal_surname", "legal_forename", "pk")
    )


def recent_arrivals(school: School, day: date, *, limit: int = 8) -> list[CustodyRecord]:
    """The last hand-ins of a day, newest first."""
    stays = _custody(school).filter(day=day, voided=False, basis=Basis.HAND_IN)
    return list(stays.order_by("-opened_at", "-id")[:limit])


def recent_returns(school: School, day: date, *, limit: int = 8) -> list[CustodyRecord]:
    """The last returns of a day, newest first."""
    return list(
        _custody(school)
        .filter(closed_at__date=day, voided=False)
        .select_related(*_SHOWN, "closed_by")
        .order_by("-closed_at", "-id")[:limit]
    )


def device_timeline(device: PupilDevice) -> list[CustodyEvent]:
    """Every event of one device, oldest first, with who and where: the chain of custody (DEV-33)."""
    return list(
        CustodyEvent.objects.filter(device=device)
        .select_related("by", "place", "slot", "corrects", "custody")
        .order_by("id")
    )


def last_event_of(custody: CustodyRecord, *kinds: str) -> CustodyEvent | None:
    """The latest event of a stay, of the given kinds if any."""
    found: Any = CustodyEvent.objects.filter(custody=custody)
    if kinds:
        found = found.filter(kind__in=kinds)
    return found.order_by("-id").first()


def custody_events(custody: CustodyRecord) -> list[CustodyEvent]:
    """The events of one stay, oldest first."""
    return list(
        CustodyEvent.objects.filter(custody=custody).select_related("by", "place", "slot", "corrects").order_by("id")
    )


def declarations_of_day(school: School, day: date | None) -> QuerySet[NoDeviceDeclaration]:
    """Who said they brought none, on a day or ever; those withdrawn are marked, not left out."""
    found: QuerySet[NoDeviceDeclaration] = NoDeviceDeclaration.objects.filter(school=school).select_related(
        "pupil__form", "declared_by", "withdrawn_by"
    )
    if day is not None:
        found = found.filter(day=day)
    return found.order_by("pupil__form__name", "pupil__legal_surname", "id")
