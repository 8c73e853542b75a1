"""The register of authorised searchers: whom the headteacher authorised, for what, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.queries import staff_of
from core.people.roles import Permission
from devices.models import SearcherAuthorisation


class UnableToAuthorise(Refusal):
    """The register stays as it is."""


class NotOnStaff(UnableToAuthorise):
    """Only somebody who works at the school is authorised."""

    default_field = "person"


class AuthorisesThemselves(UnableToAuthorise):
    """The headteacher searches by law and needs no entry; nobody authorises themselves."""

    default_field = "person"


class ScopeMissing(UnableToAuthorise):
    """An authorisation says for what it is."""

    default_field = "scope"


class EndsBeforeItStarts(UnableToAuthorise):
    """The last day lies before the first."""

    default_field = "ends_on"


class AuthorisationHasEnded(UnableToAuthorise):
    """Somebody ended it already."""


@operation("devices.authorise_searcher")
def authorise_searcher(
    *,
    school: School,
    actor: User,
    at: datetime,
    person: User,
    scope: Sequence[str],
    classes: Sequence[str],
    starts_on: date,
    ends_on: date | None = None,
    trained_on: date | None = None,
    submission: UUID | None = None,
) -> SearcherAuthorisation:
    """Put a member of staff on the register of searchers (SEA-05, law SE-3). Who may: AUTHORISE_SEARCHERS, the head.

    `scope` is what may be searched (`SearchOf`), `classes` for which items (`ItemClass`). Raises a kind of
    `UnableToAuthorise`.
    """
    require(actor, Permission.AUTHORISE_SEARCHERS, school)
    if person.pk == actor.pk:
        raise AuthorisesThemselves("You search by law and need no entry. Choose somebody else.", rule="SE-3")
    if person.pk not in {one.pk for one in staff_of(school)}:
        raise NotOnStaff("Choose somebody who works at the school.", rule="SE-3")
    if not scope or not classes:
        field = "scope" if not scope else "classes"
        raise ScopeMissing("Choose at least one.", rule="SEA-05", field=field)
    if ends_on is not None and ends_on < starts_on:
        raise EndsBeforeItStarts("The last day cannot be before the first.", rule="SEA-05")
    entry = SearcherAuthorisation(
        school=school,
        person=person,
        scope=list(scope),
        classes=list(classes),
        starts_on=starts_on,
        ends_on=ends_on,
        trained_on=trained_on,
        authorised_at=at,
        authorised_by=actor,
    )
    entry.stamp(by=actor, at=at)
    entry.save()
    record(
        school=school,
        actor=actor,
        action="devices.authorise_searcher",
        at=at,
        obj=entry,
        submission=submission,
        detail={"person": person.pk, "scope": entry.scope, "classes": entry.classes, "from": str(starts_on)},
    )
    return entry


@operation("devices.end_searcher")
def end_searcher(
    *, school: School, actor: User, at: datetime, authorisation: SearcherAuthorisation, submission: UUID | None = None
) -> SearcherAuthorisation:
    """End an entry of the register, at once. Who may: AUTHORISE_SEARCHERS. Raises `AuthorisationHasEnded`."""
    require(actor, Permission.AUTHORISE_SEARCHERS, school)
    held: SearcherAuthorisation = SearcherAuthorisation.objects.select_for_update().get(
        school=school, pk=authorisation.pk
    )
    if held.ended_at is not None:
        raise AuthorisationHasEnded("It was ended already.", rule="SEA-05")
    held.ended_at, held.ended_by = at, actor
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school,
        actor=actor,
        action="devices.end_searcher",
        at=at,
        obj=held,
        submission=submission,
        detail={"person": held.person_id},
    )
    return held
