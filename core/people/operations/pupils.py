"""Pupils, their placements and their forms, by hand; the roll import does the same for many (ORG-12, ORG-24)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import FormGroup, Placement, Pupil, School
from core.people.operations.editing import change, locked, secret_free
from core.people.roles import Permission

PUPIL_FIELDS = (
    "legal_forename",
    "legal_surname",
    "preferred_forename",
    "date_of_birth",
    "year_group",
    "form",
    "upn",
    "admission_number",
    "sen_status",
    "medical_note",
    "young_carer",
    "pupil_premium",
    "ethnicity",
    "is_boarder",
    "joined_on",
)
FORM_FIELDS = ("name", "year_from", "year_to")
_KEPT_OUT = frozenset({"medical_note", "ethnicity"})


class UnableToSavePupil(Refusal):
    """The pupil was left as they are."""


class NumberTaken(UnableToSavePupil):
    """Another pupil of the school has this admission number or UPN."""


class LeftBeforeJoining(UnableToSavePupil):
    """The last day cannot come before the first."""

    default_field = "left_on"


class PupilHasLeft(UnableToSavePupil):
    """The pupil is not on roll."""


class PupilOnRoll(UnableToSavePupil):
    """The pupil is on roll already."""


class FormClosed(UnableToSavePupil):
    """The form is closed; nobody can be put in it."""

    default_field = "form"


class UnableToSavePlacement(Refusal):
    """The placement was left as it is."""

    default_field = "ends_on"


class UnableToSaveForm(Refusal):
    """The form was left as it is."""

    default_field = "name"


class FormHasPupils(UnableToSaveForm):
    """A form that pupils are in stays open."""


@operation("people.add_pupil")
def add_pupil(
    *, school: School, actor: Any, at: datetime, values: Mapping[str, Any], submission: UUID | None = None
) -> Pupil:
    """Put a pupil on roll (ORG-12); `values` holds any of `PUPIL_FIELDS`. Office, administrator, leaders, DSL.

    Raises `NumberTaken`, `FormClosed`, `NotPermitted`.
    """
    require(actor, Permission.EDIT_PUPILS, school)
    pupil = Pupil(school=school, **{name: values[name] for name in PUPIL_FIELDS if name in values})
    if pupil.joined_on is None:
        pupil.joined_on = london_day(at)
    _save(pupil, actor, at)
    record(school=school, actor=actor, action="people.add_pupil", at=at, obj=pupil, submission=submission)
    return pupil


@operation("people.edit_pupil")
def edit_pupil(
    *,
    school: School,
    actor: Any,
    at: datetime,
    pupil: Pupil,
    version: int,
    values: Mapping[str, Any],
    submission: UUID | None = None,
) -> Pupil:
    """Change what is known of a pupil. Raises `ChangedMeanwhile`, `NumberTaken`, `FormClosed`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    row = locked(pupil, version)
    detail = change(row, {name: values[name] for name in PUPIL_FIELDS if name in values})
    _save(row, actor, at)
    record(
        school=school,
        actor=actor,
        action="people.edit_pupil",
        at=at,
        obj=row,
        detail=secret_free(detail, _KEPT_OUT),
        submission=submission,
    )
    return row


def _save(pupil: Pupil, actor: Any, at: datetime) -> None:
    if pupil.form is not None and pupil.form.closed_on is not None:
        raise FormClosed("This form is closed. Choose another.", rule="ORG-12")
    others = Pupil.objects.filter(school=pupil.school).exclude(pk=pupil.pk)
    if pupil.admission_number and others.filter(admission_number=pupil.admission_number).exists():
        raise NumberTaken("Another pupil has this admission number.", rule="ORG-12", field="admission_number")
    if pupil.upn and others.filter(upn=pupil.upn).exists():
        raise NumberTaken("Another pupil has this UPN.", rule="ORG-12", field="upn")
    if pupil.joined_on is not None and pupil.left_on is not None and pupil.left_on < pupil.joined_on:
        raise LeftBeforeJoining("The last day on roll must be on or after the first.", field="joined_on")
    pupil.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            pupil.save()
    except IntegrityError:
        raise NumberTaken("Another pupil has this admission number or UPN.", rule="ORG-12") from None


@operation("people.close_pupil")
def close_pupil(
    *,
    school: School,
    actor: Any,
    at: datetime,
    pupil: Pupil,
    left_on: date,
    submission: UUID | None = None,
) -> Pupil:
    """Close a leaver: the record stays, the desk no longer finds them after `left_on` (ORG-24).

    Raises `PupilHasLeft`, `LeftBeforeJoining`, `NotPermitted`.
    """
    require(actor, Permission.EDIT_PUPILS, school)
    row = locked(pupil)
    if row.left_on is not None and row.left_on < london_day(at):
        raise PupilHasLeft("This pupil has left already.", rule="ORG-24")
    if row.joined_on is not None and left_on < row.joined_on:
        raise LeftBeforeJoining("The last day on roll must be on or after the first.", rule="ORG-24")
    detail = change(row, {"left_on": left_on})
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="people.close_pupil", at=at, obj=row, detail=detail, submission=submission
    )
    return row


@operation("people.bring_back_pupil")
def bring_back_pupil(
    *, school: School, actor: Any, at: datetime, pupil: Pupil, submission: UUID | None = None
) -> Pupil:
    """Put a leaver on roll again, with all that was on record. Raises `PupilOnRoll`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    row = locked(pupil)
    if row.left_on is None:
        raise PupilOnRoll("This pupil is on roll.", rule="ORG-24")
    detail = change(row, {"left_on": None})
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school,
        actor=actor,
        action="people.bring_back_pupil",
        at=at,
        obj=row,
        detail=detail,
        submission=submission,
    )
    return row


@operation("people.add_placement")
def add_placement(
    *,
    school: School,
    actor: Any,
    at: datetime,
    pupil: Pupil,
    provider: str,
    place: str = "",
    days: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    submission: UUID | None = None,
) -> Placement:
    """Note a pupil's time off site with a provider (ORG-12). Raises `UnableToSavePlacement`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise UnableToSavePlacement("The last day must be on or after the first.", rule="ORG-12")
    placement = Placement(
        school=school, pupil=pupil, provider=provider, place=place, days=days, starts_on=starts_on, ends_on=ends_on
    )
    placement.stamp(by=actor, at=at)
    placement.save()
    record(school=school, actor=actor, action="people.add_placement", at=at, obj=placement, submission=submission)
    return placement


@operation("people.end_placement")
def end_placement(
    *,
    school: School,
    actor: Any,
    at: datetime,
    placement: Placement,
    ends_on: date,
    submission: UUID | None = None,
) -> Placement:
    """Give a placement its last day. Raises `UnableToSavePlacement`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    row = locked(placement)
    if row.starts_on is not None and ends_on < row.starts_on:
        raise UnableToSavePlacement("The last day must be on or after the first.", rule="ORG-12")
    detail = change(row, {"ends_on": ends_on})
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="people.end_placement", at=at, obj=row, detail=detail, submission=submission
    )
    return row


@operation("people.add_form")
def add_form(
    *,
    school: School,
    actor: Any,
    at: datetime,
    name: str,
    year_from: int | None,
    year_to: int | None,
    submission: UUID | None = None,
) -> FormGroup:
    """Add a form or class, perhaps of mixed age. Raises `UnableToSaveForm`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    form = FormGroup(school=school, name=name, year_from=year_from, year_to=year_to)
    _save_form(form, actor, at)
    record(school=school, actor=actor, action="people.add_form", at=at, obj=form, submission=submission)
    return form


@operation("people.edit_form")
def edit_form(
    *,
    school: School,
    actor: Any,
    at: datetime,
    form: FormGroup,
    version: int,
    name: str,
    year_from: int | None,
    year_to: int | None,
    submission: UUID | None = None,
) -> FormGroup:
    """Rename a form or change its years. Raises `ChangedMeanwhile`, `UnableToSaveForm`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    row = locked(form, version)
    detail = change(row, {"name": name, "year_from": year_from, "year_to": year_to})
    _save_form(row, actor, at)
    record(school=school, actor=actor, action="people.edit_form", at=at, obj=row, detail=detail, submission=submission)
    return row


@operation("people.close_form")
def close_form(
    *, school: School, actor: Any, at: datetime, form: FormGroup, submission: UUID | None = None
) -> FormGroup:
    """Close a form that nobody is in. Raises `FormHasPupils`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    row = locked(form)
    today = london_day(at)
    if Pupil.objects.filter(school=school, form=row).exclude(left_on__lt=today).exists():
        raise FormHasPupils("Pupils are in this form. Move them first.", rule="ORG-12")
    row.closed_on = today
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="people.close_form", at=at, obj=row, submission=submission)
    return row


def _save_form(form: FormGroup, actor: Any, at: datetime) -> None:
    if form.year_from is not None and form.year_to is not None and form.year_to < form.year_from:
        raise UnableToSaveForm("The second year must be the same or later.", rule="ORG-12", field="year_to")
    form.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        raise UnableToSaveForm("The school has a form of this name, perhaps a closed one.", rule="ORG-12") from None
