"""A school's beginning, its profile and how its people sign in (ORG-01, ORG-15, ORG-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.text import slugify
from django_scopes import scope

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.kit.history import attribute
from core.kit.refusals import Refusal
from core.people import hooks
from core.people.access import require
from core.people.calendar import london_day
from core.people.enums import Category, Phase
from core.people.models import Membership, OneTimeLink, RoleHolding, School, User
from core.people.operations.editing import change, locked
from core.people.operations.links import send_invitation, spend_link
from core.people.queries import forget_roles
from core.people.roles import STAFF_ROLES, Permission, Role

PROFILE_FIELDS = (
    "name",
    "motto",
    "phases",
    "trust_name",
    "governing_body",
    "safeguarding_partnership",
    "address",
    "phone",
    "email",
    "website",
)
_RESERVED = {"account", "setup", "static", "media", "healthz", "readyz", "admin", "people", "gallery"}


class UnableToCreateSchool(Refusal):
    """No school was made."""


class SchoolNameTaken(UnableToCreateSchool):
    """There is a school of that name here already."""

    default_field = "name"


class PresetNotKnown(UnableToCreateSchool):
    """There is no such preset."""

    default_field = "preset"


class AddressHasAccount(UnableToCreateSchool):
    """The administrator's email address belongs to an account already."""

    default_field = "email"


class UnableToChangeSchool(Refusal):
    """The school's profile was left as it is."""


class RoleNotKnown(UnableToChangeSchool):
    """A role that does not exist was named."""


@dataclass(frozen=True)
class NewPerson:
    """Somebody who has no account yet."""

    given_name: str
    family_name: str
    email: str
    password: str | None = None
    title: str = ""
    job_title: str = ""


def _replayed(entry: Entry) -> School:
    return School.objects.get(pk=entry.object_id or 0)


@operation("people.create_school", replay=_replayed)
def create_school(
    *,
    name: str,
    phases: Sequence[str],
    preset: str,
    rules_from: date,
    demand_mfa: bool,
    administrator: User | NewPerson,
    actor: Any,
    at: datetime,
    link: OneTimeLink | None = None,
    school: School | None = None,
    invite: bool = False,
    submission: UUID | None = None,
) -> School:
    """Make a school with its rules from a preset and its first administrator, all or nothing (ORG-01, ORG-15).

    `actor` is None for a set-up link or the command line; the link is spent here and nowhere else. An `actor` must be
    an administrator of `school`. With `demand_mfa` every staff role must sign in with a second step; with `invite`
    the administrator gets the email of somebody who is invited. Raises `SchoolNameTaken`, `PresetNotKnown`,
    `AddressHasAccount`, `LinkNotUsable`, `NotPermitted`.
    """
    if actor is not None and school is not None:
        require(actor, Permission.MANAGE_SCHOOL, school)
    if link is not None:
        spend_link(link, at=at)
    if School.objects.filter(name__iexact=name).exists():
        raise SchoolNameTaken("There is already a school of this name here.", rule="ORG-01")
    if preset not in {choice.slug for choice in hooks.preset_choices()}:
        raise PresetNotKnown("Choose one of the presets.", rule="ORG-15")
    if isinstance(administrator, NewPerson):
        if User.objects.filter(email__iexact=administrator.email).exists():
            raise AddressHasAccount("This address already has an account. Sign in with it.", rule="ORG-20")
        user = User.objects.create_user(
            administrator.email,
            administrator.password,
            given_name=administrator.given_name,
            family_name=administrator.family_name,
            title=administrator.title,
        )
        job_title = administrator.job_title
    else:
        user, job_title = administrator, ""
    made = School(
        slug=_free_slug(name),
        name=name,
        phases=[phase.value for phase in Phase if phase.value in phases],
        mfa_roles=sorted(STAFF_ROLES) if demand_mfa else [],
    )
    attribute(made, by=user)
    made.save()
    with scope(school=made):
        today = london_day(at)
        membership = Membership(
            school=made, user=user, joined_on=today, category=Category.SUPPORT, job_title=job_title or "Administrator"
        )
        holding = RoleHolding(school=made, user=user, role=Role.ADMINISTRATOR, starts_on=today)
        for row in (membership, holding):
            row.stamp(by=actor or user, at=at)
            row.save()
        forget_roles(user)
        hooks.adopt_preset(
            school=made, actor=user, at=at, preset=preset, effective_from=rules_from, reason="Chosen at set-up."
        )
        hooks.begin_school(school=made, at=at)
        made.refresh_from_db()
        if invite:
            send_invitation(made, user, actor, at)
        record(
            school=made,
            actor=actor or user,
            action="people.create_school",
            at=at,
            obj=made,
            detail={"new": {"name": name, "preset": preset, "rules_from": rules_from.isoformat()}},
            submission=submission,
        )
    return made


def _free_slug(name: str) -> str:
    """An address for the school that nobody has: its name, with a number where that is taken."""
    base = slugify(name)[:50] or "school"
    taken = set(School.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | _RESERVED
    return next(slug for slug in [base, *(f"{base}-{number}" for number in range(2, 1000))] if slug not in taken)


@operation("people.change_profile")
def change_profile(
    *,
    school: School,
    actor: Any,
    at: datetime,
    version: int,
    values: Mapping[str, Any],
    submission: UUID | None = None,
) -> School:
    """Change what headings and documents say about the school (ORG-01); administrator or head.

    `values` holds any of `PROFILE_FIELDS`. Raises `ChangedMeanwhile`, `SchoolNameTaken`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_SCHOOL, school)
    row = locked(school, version)
    given = {name: values[name] for name in PROFILE_FIELDS if name in values}
    if School.objects.filter(name__iexact=given.get("name", row.name)).exclude(pk=row.pk).exists():
        raise SchoolNameTaken("There is already a school of this name here.", rule="ORG-01")
    return _save(row, school, change(row, given), "people.change_profile", actor, at, submission)


@operation("people.set_mfa_roles")
def set_mfa_roles(
    *,
    school: School,
    actor: Any,
    at: datetime,
    version: int,
    roles: Sequence[str],
    submission: UUID | None = None,
) -> School:
    """Say which roles must sign in with a second step (ORG-20, security row 26); it holds from their next request.

    Administrator or head. Raises `RoleNotKnown`, `ChangedMeanwhile`, `NotPermitted`.
    """
    require(actor, Permission.MANAGE_SCHOOL, school)
    if set(roles) - set(Role.values):
        raise RoleNotKnown("Choose roles from the list.", rule="ORG-05")
    row = locked(school, version)
    return _save(
        row, school, change(row, {"mfa_roles": sorted(set(roles))}), "people.set_mfa_roles", actor, at, submission
    )


@operation("people.finish_set_up")
def finish_set_up(*, school: School, actor: Any, at: datetime, submission: UUID | None = None) -> School:
    """Say that the set-up list is worked through; it stays reachable. Administrator or head."""
    require(actor, Permission.MANAGE_SCHOOL, school)
    row = locked(school)
    if row.set_up_at is None:
        row.set_up_at = at
    detail = {"new": {"set_up_at": row.set_up_at.isoformat()}}
    return _save(row, school, detail, "people.finish_set_up", actor, at, submission)


def _save(
    row: School,
    given: School,
    detail: dict[str, Any],
    action: str,
    actor: Any,
    at: datetime,
    submission: UUID | None,
) -> School:
    row.version += 1
    attribute(row, by=actor, at=at)
    row.save()
    record(school=given, actor=actor, action=action, at=at, obj=row, detail=detail, submission=submission)
    return row
