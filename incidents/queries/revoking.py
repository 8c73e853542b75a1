"""Breaches as the app of devices asks for them: by reference, and which of them somebody may open (DEV-16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.people.models import Pupil, School, User
from incidents.enums import CaseState, PersonKind, PersonRole, Route
from incidents.models import Incident
from incidents.queries.cases import cases_visible_to, people_of
from incidents.routing import QUICK


def find_breach(*, school: School, pupil: Pupil, reference: str, reader: User, on: date) -> int | None:
    """The key of a record about the pupil by its reference: of a breach of the rules on devices, and of any other that
    the reader may open or reported; hidden and absent look alike."""
    # Whoever takes the privilege away was told of the breach by its reference; what it says stays with its readers.
    seen = Q(pk__in=cases_visible_to(reader, school, on).values("pk")) | Q(reporter=reader)
    seen |= Q(type__in=QUICK, route=Route.PUPIL)
    found = Incident.objects.filter(
        seen, school=school, reference=reference, people__pupil=pupil, people__removed_at__isnull=True
    ).exclude(state__in=[CaseState.DRAFT, CaseState.DISCARDED])  # fmt: skip
    return found.values_list("pk", flat=True).first()


def breaches_openable(*, school: School, keys: Iterable[int], reader: Any, on: date) -> dict[int, str]:
    """The addresses of those among `keys` that the reader may open, in one statement."""
    found = cases_visible_to(reader, school, on).filter(pk__in=list(keys)).order_by()
    return {key: reverse("incidents:case", args=[school.slug, key]) for key in found.values_list("pk", flat=True)}


def subjects_of(case: Incident) -> list[Pupil]:
    """The pupils whom a record is about."""
    return [
        one.pupil
        for one in people_of(case).filter(role=PersonRole.SUBJECT, kind=PersonKind.PUPIL)
        if one.pupil is not None
    ]
