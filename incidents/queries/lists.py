"""The school's own lists: which types of report it offers, and the kinds within each risk area."""

from __future__ import annotations

from django.db.models import QuerySet

from core.people.models import School
from incidents.enums import IncidentType
from incidents.models import SubType, TypeSetting
from incidents.types import ALWAYS, default_types


def offered_types(school: School) -> tuple[IncidentType, ...]:
    """The types that a report can be of at this school, in the order of the list. One statement (INC-03)."""
    offered = set(default_types(school.preset))
    for kind, on in TypeSetting.objects.filter(school=school).values_list("type", "offered"):
        if on:
            offered.add(IncidentType(kind))
        else:
            offered.discard(IncidentType(kind))
    offered |= ALWAYS
    return tuple(kind for kind in IncidentType if kind in offered)


def sub_types_of(school: School, *, ended: bool = False) -> QuerySet[SubType]:
    """The kinds within the risk areas that can be chosen now; with `ended` those of earlier days too (INC-06)."""
    found: QuerySet[SubType] = SubType.objects.filter(school=school).order_by("area", "id")
    return found if ended else found.filter(ended_at__isnull=True)
