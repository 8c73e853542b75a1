"""Which agreements a person sees, and in which capacity they may sign one. Refuses None."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from agreements.enums import Capacity
from agreements.models import Agreement, Signatory
from core.people.access import has, holds
from core.people.models import School
from core.people.queries import tutors_of_forms
from core.people.roles import Permission, Role


def forms_tutored(user: Any, school: School, on: date) -> list[int]:
    """The forms whose tutor the person is on a day."""
    if user is None:
        return []
    return [form for form, tutors in tutors_of_forms(school, on).items() if user.pk in {one.pk for one in tutors}]


def readable_by(user: Any, school: School, on: date) -> Q:
    """Which agreements a person may open: their own; all, for those who see to them; for a tutor those of the form."""
    if user is None:
        return Q(pk__in=[])
    own = Q(user=user)
    if has(user, Permission.MANAGE_AGREEMENTS, school):
        return Q()  # what staff declare is asked for and followed up with the rest (SOC-21)
    if has(user, Permission.EDIT_TEMPLATES, school):
        return Q(user__isnull=True) | own
    if has(user, Permission.VIEW_AGREEMENTS, school):
        return own | Q(pupil__form__in=forms_tutored(user, school, on))
    return own


def capacity_of(user: Any, signatory: Signatory, on: date) -> bool:
    """Whether a person signed in may sign as this signatory: as themselves, as the head, as the form's tutor."""
    agreement: Agreement = signatory.agreement
    school = agreement.school
    if user is None:
        return False
    if signatory.capacity == Capacity.STAFF:
        return bool(signatory.user_id == user.pk)
    if signatory.capacity == Capacity.HEADTEACHER:
        return holds(user, school, Role.HEADTEACHER)
    if signatory.capacity == Capacity.FORM_TUTOR:
        form = agreement.pupil.form_id if agreement.pupil is not None else None
        return form is not None and form in forms_tutored(user, school, on)
    return False
