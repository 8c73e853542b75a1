"""Invented schools and people for tests. Each call makes one thing that nothing else shares."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from django_scopes import scope

from core.people.enums import Category, Phase
from core.people.models import Contact, FormGroup, Membership, Pupil, RoleHolding, School, User
from core.people.roles import Role

BEGIN = date(2025, 9, 1)
BEGAN = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_school(slug: str = "", *, name: str = "", preset: str = "phone-free-agreement", **fields: Any) -> School:
    """A school with the named preset's rules in force since before every test (empty `preset`: none)."""
    slug = slug or f"school-{next(_numbers)}"
    defaults: dict[str, Any] = {"phases": [Phase.PRIMARY, Phase.SECONDARY], "phone": "01632 960000"}
    school = School.objects.create(
        slug=slug, name=name or slug.replace("-", " ").title() + " School", **defaults | fields
    )
    if preset:
        try:
            from core.rules.operations import adopt_preset
        except ImportError:
            return school

        with scope(school=school):
            adopt_preset(
                school=school, actor=None, at=BEGAN, preset=preset, effective_from=BEGIN, reason="Set-up of a test."
            )
        school.refresh_from_db()
    return school


def make_user(role: Role | str | None, school: School | None, **fields: Any) -> User:
    """An active account; with a role, its holder in `school` since before every test."""
    number = next(_numbers)
    name = str(role or "nobody").replace("_", " ").title()
    values: dict[str, Any] = {
        "email": f"person{number}@example.org",
        "given_name": "Robin",
        "family_name": f"{name}{number}",
    } | fields
    user = User(**values)
    user.set_password("a long enough password")
    user.save()
    if role and school:
        give_role(user, school, role)
    return user


def give_role(
    user: User, school: School, role: Role | str, *, phase: str = "", form: FormGroup | None = None
) -> RoleHolding:
    """Let `user` hold a role in `school`."""
    with scope(school=school):
        if not Membership.objects.filter(school=school, user=user).exists():
            Membership.objects.create(school=school, user=user, joined_on=BEGIN, category=Category.TEACHER)
        holding: RoleHolding = RoleHolding.objects.create(
            school=school, user=user, role=Role(role), starts_on=BEGIN, phase=phase, form=form
        )
    user.__dict__.pop("_holdings", None)
    user.__dict__.pop("_permissions", None)
    return holding


def make_form(school: School, name: str = "", *, year: int | None = 8, **fields: Any) -> FormGroup:
    with scope(school=school):
        form: FormGroup = FormGroup.objects.create(
            school=school, name=name or f"F{next(_numbers)}", year_from=year, year_to=year, **fields
        )
    return form


def make_pupil(
    school: School, forename: str = "Sam", surname: str = "", *, form: FormGroup | None = None, **fields: Any
) -> Pupil:
    number = next(_numbers)
    year = fields.pop("year_group", form.year_from if form is not None and form.year_from is not None else 8)
    pupil = Pupil(
        school=school,
        legal_forename=forename,
        legal_surname=surname or f"Pupil{number}",
        form=form,
        year_group=year,
        admission_number=fields.pop("admission_number", f"{number:06d}"),
        **fields,
    )
    pupil.stamp(by=None, at=BEGAN)
    with scope(school=school):
        pupil.save()
    return pupil


def make_contact(pupil: Pupil, surname: str = "Kovacs", **fields: Any) -> Contact:
    contact = Contact(school_id=pupil.school_id, pupil=pupil, surname=surname, **{"forename": "Dana"} | fields)
    contact.stamp(by=None, at=BEGAN)
    with scope(school=pupil.school):
        contact.save()
    return contact
