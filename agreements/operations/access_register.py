"""Letting people into the school's systems relying on what they acknowledged; and ending it (AGR-19, AGR-20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from agreements.enums import AccessState, SystemKind
from agreements.models import AccessGrant, AccessSystem
from agreements.workflow import ACCESS_MOVES, check_move
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.enums import Category
from core.people.models import FormGroup, Membership, Pupil, School, User
from core.people.queries import pupils_on_roll, roles_in
from core.people.roles import Permission
from policies.enums import DocumentKind
from policies.models import Acknowledgement
from policies.queries import acknowledgements_for, moment_of

_LEFT = "Left the school"


class UnableToGrant(Refusal):
    """Nobody was let in."""


class NoCurrentAcknowledgement(UnableToGrant):
    """The person has not acknowledged the document that holds now (AGR-19)."""

    recorded = True
    default_field = "pupils"


class NoticeNotAcknowledged(UnableToGrant):
    """A school device goes to nobody who has not acknowledged the notice that its use can be watched (SDV-05)."""

    recorded = True
    default_field = "system"


class SystemEnded(UnableToGrant):
    """The system is not used any more."""

    default_field = "system"


class SystemKnown(Refusal):
    """There is a system of that name."""

    default_field = "name"


class AccessHeld(UnableToGrant):
    """The person has this access already."""

    default_field = "system"


class NotHere(UnableToGrant):
    """The person is not at the school."""


class EndsTooEarly(UnableToGrant):
    """Its last day is past."""

    default_field = "ends_on"


class NobodyTicked(UnableToGrant):
    """Nobody was chosen."""

    default_field = "pupils"


class ReasonNeeded(Refusal):
    """Why it is stopped or ended was not said."""

    default_field = "reason"


@operation("agreements.add_system")
def add_system(
    *, school: School, actor: User | None, at: datetime, name: str, kind: str, submission: UUID | None = None
) -> AccessSystem:
    """Name a system that people are let into. Who may: MANAGE_ACCESS. Raises `SystemKnown`."""
    require(actor, Permission.MANAGE_ACCESS, school)
    known = AccessSystem.objects.select_for_update().filter(school=school, name=name.strip()).first()
    if known is not None and known.ended_on is None:
        raise _system_known()
    system = known or AccessSystem(school=school, name=name.strip())
    system.kind, system.ended_on = kind, None
    system.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            system.save()
    except IntegrityError as error:
        if "agreements_system_name_unique" not in str(error):
            raise
        raise _system_known() from error
    record(school=school, actor=actor, action="agreements.add_system", at=at, obj=system, submission=submission)
    return system


@operation("agreements.end_system")
def end_system(
    *, school: School, actor: User, at: datetime, system: AccessSystem, submission: UUID | None = None
) -> AccessSystem:
    """Stop using a system: everybody's access to it ends with it. Who may: MANAGE_ACCESS."""
    require(actor, Permission.MANAGE_ACCESS, school)
    system = AccessSystem.objects.select_for_update().get(pk=system.pk, school=school)
    if system.ended_on is None:
        system.ended_on = london_day(at)
        system.stamp(by=actor, at=at)
        system.save()
        for grant in AccessGrant.objects.select_for_update().filter(system=system).exclude(state=AccessState.REVOKED):
            _revoke(grant, actor, at, "The system is not used any more")
    record(school=school, actor=actor, action="agreements.end_system", at=at, obj=system, submission=submission)
    return system


@operation("agreements.grant_access")
def grant_access(
    *,
    school: School,
    actor: User | None,
    at: datetime,
    person: Pupil | User,
    system: AccessSystem,
    device: str = "",
    ends_on: date | None = None,
    submission: UUID | None = None,
) -> AccessGrant:
    """Let a pupil or a member of staff into a system, relying on their current acknowledgement, which is kept with its
    time (AGR-19, AGR-20, AGR-25).

    A school device asks for the notice of monitoring beside it (SDV-05). Who may: MANAGE_ACCESS. Raises
    `NoCurrentAcknowledgement`, `NoticeNotAcknowledged`, `AccessHeld`, `SystemEnded`, `NotHere`, `EndsTooEarly`.
    """
    require(actor, Permission.MANAGE_ACCESS, school)
    _check_system(school, system, ends_on, at)
    _check_here(school, person, at)
    given = _current(school, [person], at).get(_key(person))
    if given is None:
        raise _not_acknowledged(field="system")
    noticed = _noticed(school, [person], system, at)
    grant = _grant(school, actor, at, person, system, given, device, ends_on)
    record(
        school=school, actor=actor, action="agreements.grant_access", at=at, obj=grant, submission=submission,
        detail={"system": system.pk, "acknowledgement": given.pk, "notice": noticed},
    )  # fmt: skip
    return grant


@operation("agreements.grant_access_to_form")
def grant_access_to_form(
    *,
    school: School,
    actor: User,
    at: datetime,
    form: FormGroup,
    pupils: Sequence[Pupil],
    system: AccessSystem,
    ends_on: date | None = None,
    submission: UUID | None = None,
) -> FormGroup:
    """Let these pupils of a form into a system in one act: all of them, or nobody if one has no current
    acknowledgement. Those who have the access already keep it as it is.

    Who may: MANAGE_ACCESS. Raises as `grant_access`, and `NobodyTicked`.
    """
    require(actor, Permission.MANAGE_ACCESS, school)
    _check_system(school, system, ends_on, at)
    chosen = {pupil.pk for pupil in pupils}
    here = list(pupils_on_roll(school, london_day(at)).filter(form=form, pk__in=chosen))
    if not here:
        raise NobodyTicked("Tick whom to let in.", rule="AGR-20")
    given = _current(school, here, at)
    without = [pupil for pupil in here if _key(pupil) not in given]
    if without:
        raise _not_acknowledged(number=len(without), field="pupils")
    noticed = _noticed(school, here, system, at)
    held = set(
        AccessGrant.objects.filter(system=system, pupil__in=here)
        .exclude(state=AccessState.REVOKED)
        .values_list("pupil_id", flat=True)
    )
    new = [pupil for pupil in here if pupil.pk not in held]
    for pupil in new:
        _grant(school, actor, at, pupil, system, given[_key(pupil)], "", ends_on)
    record(
        school=school, actor=actor, action="agreements.grant_access_to_form", at=at, obj=form, submission=submission,
        detail={"system": system.pk, "new": len(new), "known": len(held), "notice": noticed},
    )  # fmt: skip
    return form


@operation("agreements.suspend_access")
def suspend_access(
    *, school: School, actor: User, at: datetime, grant: AccessGrant, reason: str, submission: UUID | None = None
) -> AccessGrant:
    """Stop an access for a time, for a reason. Who may: MANAGE_ACCESS. Raises `MoveNotPossible`, `ReasonNeeded`."""
    require(actor, Permission.MANAGE_ACCESS, school)
    grant = _held(school, grant)
    _move(grant, AccessState.SUSPENDED)
    grant.suspended_at, grant.suspended_because = at, _reason(reason)
    return _saved(grant, actor, at, "agreements.suspend_access", submission)


@operation("agreements.resume_access")
def resume_access(
    *, school: School, actor: User, at: datetime, grant: AccessGrant, submission: UUID | None = None
) -> AccessGrant:
    """Take a suspended access up again, on a current acknowledgement; the one first relied on stays with the access.

    Who may: MANAGE_ACCESS. Raises `MoveNotPossible`, `NoCurrentAcknowledgement`, `NoticeNotAcknowledged`.
    """
    require(actor, Permission.MANAGE_ACCESS, school)
    grant = _held(school, grant)
    _move(grant, AccessState.GRANTED)
    person = _person(grant)
    _check_here(school, person, at)
    if _key(person) not in _current(school, [person], at):
        raise _not_acknowledged(field="reason")
    _noticed(school, [person], grant.system, at)
    grant.suspended_at, grant.suspended_because = None, ""
    return _saved(grant, actor, at, "agreements.resume_access", submission)


@operation("agreements.end_access")
def end_access(
    *, school: School, actor: User | None, at: datetime, grant: AccessGrant, reason: str, submission: UUID | None = None
) -> AccessGrant:
    """End an access for good, for a reason. Who may: MANAGE_ACCESS. Raises `MoveNotPossible`, `ReasonNeeded`."""
    require(actor, Permission.MANAGE_ACCESS, school)
    grant = _held(school, grant)
    _revoke(grant, actor, at, _reason(reason))
    record(school=school, actor=actor, action="agreements.end_access", at=at, obj=grant, submission=submission)
    return grant


def close_ended_access(*, school: School, at: datetime) -> int:
    """End what runs out: of pupils and staff who have left, on their leaving date, and what had a last day (AGR-20).

    Called by the clock, daily; twice is harmless. Returns how many ended.
    """
    today, ended = london_day(at), 0
    here = set(pupils_on_roll(school, today).values_list("pk", flat=True))
    gone = set(
        Membership.objects.filter(school=school, left_on__isnull=False, left_on__lte=today).values_list(
            "user_id", flat=True
        )
    )
    for grant in AccessGrant.objects.filter(school=school).exclude(state=AccessState.REVOKED):
        has_left = grant.user_id in gone if grant.pupil_id is None else grant.pupil_id not in here
        if has_left or (grant.ends_on is not None and grant.ends_on < today):
            end_access(
                school=school, actor=None, at=at, grant=grant, reason=_LEFT if has_left else "Its last day has passed"
            )
            ended += 1
    return ended


def _system_known() -> SystemKnown:
    return SystemKnown("There is a system of that name already.", rule="AGR-20")


def _current(
    school: School, people: Sequence[Pupil | User], at: datetime, kind: DocumentKind = DocumentKind.ACCEPTABLE_USE
) -> dict[tuple[str, int], Acknowledgement]:
    return acknowledgements_for(
        school,
        kind,
        london_day(at),
        pupils=[one for one in people if isinstance(one, Pupil)],
        users=[one for one in people if isinstance(one, User)],
    )


def _noticed(school: School, people: Sequence[Pupil | User], system: AccessSystem, at: datetime) -> list[int]:
    """For a school device: the acknowledgements of the notice of monitoring, of everybody. Raises
    `NoticeNotAcknowledged`."""
    if system.kind != SystemKind.DEVICE:
        return []
    given = _current(school, people, at, DocumentKind.MONITORING)
    if len(given) < len(people):
        raise NoticeNotAcknowledged(
            "A school device is for those who have acknowledged the notice of monitoring (SDV-05). Record it first.",
            rule="SDV-05",
        )
    return [row.pk for row in given.values()]


def _key(person: Pupil | User) -> tuple[str, int]:
    return ("pupil" if isinstance(person, Pupil) else "user", person.pk)


def _person(grant: AccessGrant) -> Pupil | User:
    person = grant.pupil or grant.user
    assert person is not None
    return person


def _not_acknowledged(*, number: int = 1, field: str) -> NoCurrentAcknowledgement:
    who = "This person has" if number == 1 else f"{number} of those ticked have"
    return NoCurrentAcknowledgement(
        f"{who} no current acknowledgement of the rules for acceptable use (AGR-19). Record it first.",
        rule="AGR-19",
        field=field,
    )


def _check_system(school: School, system: AccessSystem, ends_on: date | None, at: datetime) -> None:
    if system.school_id != school.pk or system.ended_on is not None:
        raise SystemEnded("This system is not used any more.", rule="AGR-20")
    if ends_on is not None and ends_on < london_day(at):
        raise EndsTooEarly("The last day is past.", rule="AGR-20")


def _check_here(school: School, person: Pupil | User, at: datetime) -> None:
    if isinstance(person, Pupil):
        here = pupils_on_roll(school, london_day(at)).filter(pk=person.pk).exists()
    else:
        here = bool(roles_in(person, school))
    if not here:
        raise NotHere("This person is not at the school.", rule="AGR-20")


def _category(school: School, person: Pupil | User) -> str:
    if isinstance(person, Pupil):
        return Category.PUPIL
    place = Membership.objects.filter(school=school, user=person).first()
    return str(place.category) if place is not None else Category.SUPPORT


def _grant(
    school: School,
    actor: User | None,
    at: datetime,
    person: Pupil | User,
    system: AccessSystem,
    given: Acknowledgement,
    device: str,
    ends_on: date | None,
) -> AccessGrant:
    named: dict[str, Any] = {"pupil": person} if isinstance(person, Pupil) else {"user": person}
    AccessSystem.objects.select_for_update(of=("self",), no_key=True).get(pk=system.pk)
    if AccessGrant.objects.filter(system=system, **named).exclude(state=AccessState.REVOKED).exists():
        raise AccessHeld("This person has this access already.", rule="AGR-20")
    grant = AccessGrant(
        school=school, system=system, category=_category(school, person), device=device.strip(), ends_on=ends_on,
        acknowledgement=given, acknowledged_at=moment_of(given), granted_at=at, granted_by=actor, **named,
    )  # fmt: skip
    grant.stamp(by=actor, at=at)
    grant.save()
    return grant


def _held(school: School, grant: AccessGrant) -> AccessGrant:
    found: AccessGrant = (
        AccessGrant.objects.select_for_update(of=("self",))
        .select_related("pupil", "user", "system")
        .get(pk=grant.pk, school=school)
    )
    return found


def _move(grant: AccessGrant, target: AccessState) -> None:
    check_move(ACCESS_MOVES, grant.state, target, "This access cannot go there from where it is.", rule="matrix 4.14")
    grant.state = target


def _revoke(grant: AccessGrant, actor: User | None, at: datetime, reason: str) -> None:
    _move(grant, AccessState.REVOKED)
    grant.revoked_at, grant.revoked_by, grant.revoked_because = at, actor, reason
    grant.stamp(by=actor, at=at)
    grant.save()


def _saved(grant: AccessGrant, actor: User, at: datetime, action: str, submission: UUID | None) -> AccessGrant:
    grant.stamp(by=actor, at=at)
    grant.save()
    record(school=grant.school, actor=actor, action=action, at=at, obj=grant, submission=submission)
    return grant


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded("Say why.", rule="AGR-20")
    return reason.strip()
