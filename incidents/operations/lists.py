"""The school's own lists: which types of report it offers, and the kinds within each risk area (INC-03, INC-06)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from core.rules.queries import for_school
from core.rules.reference_lists import reference_lists
from incidents.enums import IncidentType, RiskArea
from incidents.models import SubType, TypeSetting
from incidents.queries.lists import offered_types
from incidents.types import ALWAYS


class UnableToChangeLists(Refusal):
    """The school's lists stay as they are."""


class TypeStays(UnableToChangeLists):
    """The way to say that somebody may be in trouble is always there."""

    default_field = "types"


class ListedAlready(UnableToChangeLists):
    """The area has a kind of that name."""

    default_field = "name"


class EndedAlready(UnableToChangeLists):
    """Somebody took it off the list already."""


@operation("incidents.offer_types")
def offer_types(
    *, school: School, actor: User, at: datetime, types: Collection[IncidentType], submission: UUID | None = None
) -> School:
    """Offer these types of report and no others; earlier reports keep theirs (INC-03). Who may: SET_INCIDENT_LISTS.

    Raises `TypeStays` if one is left out that stays on offer always.
    """
    require(actor, Permission.SET_INCIDENT_LISTS, school)
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two of the team do it in turn
    wanted = frozenset(types)
    if missing := ALWAYS - wanted:
        words = ", ".join(sorted(f"“{kind.label}”" for kind in missing))
        raise TypeStays(f"Always offered: {words}.", rule="INC-20")
    before = frozenset(offered_types(school))
    rows = {row.type: row for row in TypeSetting.objects.filter(school=school)}
    for kind in sorted(before ^ wanted):
        row = rows.get(kind) or TypeSetting(school=school, type=kind)
        row.offered = kind in wanted
        row.stamp(by=actor, at=at)
        row.save()
    record(
        school=school, actor=actor, action="incidents.offer_types", at=at, obj=school, submission=submission,
        detail={"added": sorted(wanted - before), "taken_off": sorted(before - wanted)},
    )  # fmt: skip
    return school


@operation("incidents.seed_sub_types")
def seed_sub_types(*, school: School, actor: User | None, at: datetime, submission: UUID | None = None) -> School:
    """Begin the list of kinds with the usual ones, where the school's rule uses risk areas and it has none (INC-06).

    Who may: SET_INCIDENT_LISTS, or the system. Called when a school is made; a list that was begun stays as it is.
    """
    require(actor, Permission.SET_INCIDENT_LISTS, school)
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    used = for_school(school, on=london_day(at)).risk_areas_used == "four_cs"
    added = 0
    if used and not SubType.objects.filter(school=school).exists():
        usual = reference_lists().risk_areas
        rows = [SubType(school=school, area=area, name=name) for area, names in usual.items() for name in names]
        added = len(bulk_create(SubType, rows, by=actor, at=at, reason="usual list"))
    record(
        school=school, actor=actor, action="incidents.seed_sub_types", at=at, obj=school, submission=submission,
        detail={"added": added},
    )  # fmt: skip
    return school


@operation("incidents.add_sub_type")
def add_sub_type(
    *,
    school: School,
    actor: User,
    at: datetime,
    area: RiskArea,
    name: str,
    submission: UUID | None = None,
) -> SubType:
    """Put a kind on the list of a risk area. Who may: SET_INCIDENT_LISTS. Raises `ListedAlready`."""
    require(actor, Permission.SET_INCIDENT_LISTS, school)
    kind = SubType(school=school, area=area, name=name.strip())
    kind.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            if SubType.objects.filter(school=school, area=area, name__iexact=kind.name, ended_at__isnull=True).exists():
                raise ListedAlready(f"“{kind.name}” is on the list already.", rule="INC-06")
            kind.save()
    except IntegrityError:
        raise ListedAlready(f"“{kind.name}” was just put on the list.", rule="INC-06") from None
    record(
        school=school, actor=actor, action="incidents.add_sub_type", at=at, obj=kind, submission=submission,
        detail={"area": area, "name": kind.name},
    )  # fmt: skip
    return kind


@operation("incidents.end_sub_type")
def end_sub_type(
    *, school: School, actor: User, at: datetime, sub_type: SubType, submission: UUID | None = None
) -> SubType:
    """Take a kind off the list; records that have it keep it (INC-06). SET_INCIDENT_LISTS. Raises `EndedAlready`."""
    require(actor, Permission.SET_INCIDENT_LISTS, school)
    held: SubType = SubType.objects.select_for_update().get(school=school, pk=sub_type.pk)
    if held.ended_at is not None:
        raise EndedAlready("It was taken off the list already.", rule="INC-06")
    held.ended_at = at
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school, actor=actor, action="incidents.end_sub_type", at=at, obj=held, submission=submission,
        detail={"area": held.area, "name": held.name},
    )  # fmt: skip
    return held
