"""The directory of outside bodies (ORG-14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import OutsideBody, School
from core.people.operations.editing import change, locked
from core.people.roles import Permission

BODY_FIELDS = ("kind", "name", "contact_role", "phone", "email", "hours", "note")


class UnableToSaveBody(Refusal):
    """The entry was left as it is."""


class NoWayToReach(UnableToSaveBody):
    """An entry without telephone and email helps nobody."""

    default_field = "phone"


class BodyEnded(UnableToSaveBody):
    """The entry was taken out already."""


@operation("people.add_body")
def add_body(
    *, school: School, actor: Any, at: datetime, values: Mapping[str, Any], submission: UUID | None = None
) -> OutsideBody:
    """Add an outside body to ring or write to (ORG-14). Raises `NoWayToReach`, `NotPermitted`."""
    require(actor, Permission.MANAGE_DIRECTORY, school)
    body = OutsideBody(school=school, **{name: values[name] for name in BODY_FIELDS if name in values})
    _save(body, actor, at)
    record(school=school, actor=actor, action="people.add_body", at=at, obj=body, submission=submission)
    return body


@operation("people.edit_body")
def edit_body(
    *,
    school: School,
    actor: Any,
    at: datetime,
    body: OutsideBody,
    version: int,
    values: Mapping[str, Any],
    submission: UUID | None = None,
) -> OutsideBody:
    """Change an entry. Raises `ChangedMeanwhile`, `NoWayToReach`, `NotPermitted`."""
    require(actor, Permission.MANAGE_DIRECTORY, school)
    row = locked(body, version)
    detail = change(row, {name: values[name] for name in BODY_FIELDS if name in values})
    _save(row, actor, at)
    record(school=school, actor=actor, action="people.edit_body", at=at, obj=row, detail=detail, submission=submission)
    return row


@operation("people.end_body")
def end_body(
    *, school: School, actor: Any, at: datetime, body: OutsideBody, submission: UUID | None = None
) -> OutsideBody:
    """Take an entry out of the directory; the row stays. Raises `BodyEnded`, `NotPermitted`."""
    require(actor, Permission.MANAGE_DIRECTORY, school)
    row = locked(body)
    if row.ended_on is not None:
        raise BodyEnded("This entry has been taken out already.", rule="ORG-14")
    row.ended_on = london_day(at)
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="people.end_body", at=at, obj=row, submission=submission)
    return row


def _save(body: OutsideBody, actor: Any, at: datetime) -> None:
    if not body.phone and not body.email:
        raise NoWayToReach("Enter a telephone number or an email address.", rule="ORG-14")
    body.stamp(by=actor, at=at)
    body.save()
