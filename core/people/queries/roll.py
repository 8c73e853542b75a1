"""Reads about pupils for their pages: the list, one pupil's contacts and placements, the forms."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, QuerySet

from core.people.models import Contact, FormGroup, Placement, Pupil, School
from core.people.queries.school import all_pupils, pupils_on_roll


def pupil_list(
    school: School, *, today: date, form: int | None = None, year: int | None = None, left: bool = False
) -> QuerySet[Pupil]:
    """Pupils by surname: on roll, or those who have left; of one form or one year where given."""
    found = all_pupils(school).filter(left_on__lt=today) if left else pupils_on_roll(school, today)
    if form is not None:
        found = found.filter(form_id=form)
    if year is not None:
        found = found.filter(year_group=year)
    return found.order_by("legal_surname", "legal_forename", "pk")


def all_contacts(school: School) -> QuerySet[Contact]:
    """Every contact in use at the school."""
    return Contact.objects.filter(school=school, ended_on__isnull=True).select_related("pupil")


def all_placements(school: School) -> QuerySet[Placement]:
    """Every placement of the school's pupils."""
    return Placement.objects.filter(school=school).select_related("pupil")


def forms_with_counts(school: School, today: date) -> QuerySet[FormGroup]:
    """The forms in use with tutor and number of pupils on roll (`pupils_now`), youngest first."""
    on_roll = Q(pupils__left_on__isnull=True) | Q(pupils__left_on__gte=today)
    return (
        FormGroup.objects.filter(school=school, closed_on__isnull=True)
        .select_related("tutor")
        .annotate(pupils_now=Count("pupils", filter=on_roll))
    )
