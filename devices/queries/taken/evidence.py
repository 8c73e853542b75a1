"""Evidence holds and what the police have: which are live, which device was ever flagged, what waits to be done."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from core.people.access import has
from core.people.calendar import london_day
from core.people.models import RoleHolding, School, User
from core.people.roles import DSL_ROLES, Permission
from core.rules.queries import for_school
from devices.enums import HoldReason, State
from devices.models import Confiscation, CustodyRecord, EvidenceHold, PoliceHandover

# What makes the rule `police_handover_pupil_device` speak: a suspicion of a crime (CNF-11, INC-33).
_SUSPICIONS = (HoldReason.INDECENT_IMAGE, HoldReason.ILLEGAL_MATERIAL, HoldReason.CRIME)
_BESIDE = (
    "school",
    "custody__pupil__form",
    "custody__device__type",
    "custody__place",
    "custody__slot",
    "placed_by",
    "lifted_by",
)


def live_hold_of(stay: CustodyRecord) -> EvidenceHold | None:
    """The hold that is on a device now."""
    return EvidenceHold.objects.filter(custody=stay, ended_at__isnull=True).first()


def holds_visible_to(user: User, school: School) -> QuerySet[EvidenceHold]:
    """Evidence holds, for those who may lift one; for everybody else there are none (data class restricted)."""
    found = EvidenceHold.objects.filter(school=school).select_related(*_BESIDE)
    return found if has(user, Permission.LIFT_HOLD, school) else found.none()


def live_holds(school: School) -> QuerySet[EvidenceHold]:
    """What is held now, the oldest first."""
    found = EvidenceHold.objects.filter(school=school, ended_at__isnull=True).select_related(*_BESIDE)
    return found.order_by("placed_at", "pk")


def ended_holds(school: School) -> QuerySet[EvidenceHold]:
    """Holds that were lifted or that the police took over, newest first."""
    found = EvidenceHold.objects.filter(school=school, ended_at__isnull=False)
    return found.select_related(*_BESIDE, "handover").order_by("-ended_at", "-pk")


def handovers_visible_to(user: User, school: School) -> QuerySet[PoliceHandover]:
    """What the police were given, for those who hand over."""
    found = PoliceHandover.objects.filter(school=school).select_related(
        "custody__pupil__form", "custody__device__type", "handed_by", "returned_to", "hold"
    )
    return found if has(user, Permission.LEAD_CUSTODY, school) else found.none()


def with_police(school: School) -> QuerySet[PoliceHandover]:
    """What the police have now."""
    return PoliceHandover.objects.filter(school=school, returned_at__isnull=True).select_related(
        "custody__pupil__form", "custody__device__type", "handed_by"
    )


def back_from_police(school: School) -> QuerySet[CustodyRecord]:
    """Devices that the police gave back and nobody has decided about, with their handovers."""
    return (
        CustodyRecord.objects.filter(school=school, state=State.BACK_FROM_POLICE, closed_at__isnull=True)
        .select_related("pupil__form", "device__type", "place", "slot")
        .prefetch_related(Prefetch("police_handovers", queryset=PoliceHandover.objects.order_by("-handed_at")))
        .order_by("changed_at")
    )


def police_task(hold: EvidenceHold) -> str:
    """What the rules of the day of a live hold ask about the police: `required`, `decide`, or nothing (CNF-11).

    `required`: a handover task, open until the device is handed over or the hold is lifted for a reason. `decide`: the
    school decides case by case, or its rules do not say.
    """
    if hold.ended_at is not None or hold.reason not in _SUSPICIONS:
        return ""
    rule = for_school(hold.school, on=london_day(hold.placed_at)).police_handover_pupil_device
    return "required" if rule == "required_on_suspicion" else "decide"


def image_suspected(device_id: int) -> bool:
    """Whether an indecent image of a child was ever suspected on a device and no DSL has lifted that (SEA-12).

    A hold that the head lifted, or that ended because the police took the device, leaves the flag where it is.
    """
    day = OuterRef("lifted_at__date")
    dsl = RoleHolding.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        school=OuterRef("school"),
        user=OuterRef("lifted_by"),
        role__in=DSL_ROLES,
        starts_on__lte=day,
    )
    flags = EvidenceHold.objects.filter(custody__device_id=device_id, reason=HoldReason.INDECENT_IMAGE)
    return flags.exclude(Q(lifted_at__isnull=False) & Exists(dsl)).exists()


def devices_here(school: School, pupil_id: int) -> QuerySet[CustodyRecord]:
    """What the school has of a pupil's now, held ones too."""
    return (
        CustodyRecord.objects.filter(school=school, pupil_id=pupil_id, closed_at__isnull=True)
        .select_related("device__type", "place", "slot", "pupil")
        .order_by("opened_at", "pk")
    )


def has_ground(stay: CustodyRecord) -> bool:
    """Whether a stay was taken on a ground; a hand-in that is kept after a hold gets one then."""
    return Confiscation.objects.filter(custody=stay).exists()
