"""Contacts: whom to reach, who may collect, and whom only the DSL may bar (ORG-13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import may_link_contacts, require
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.operations.editing import change, locked
from core.people.queries import staff_of
from core.people.roles import Permission

CONTACT_FIELDS = (
    "title",
    "forename",
    "surname",
    "relationship",
    "priority",
    "mobile",
    "phone",
    "email",
    "has_parental_responsibility",
    "may_collect",
)


class UnableToSaveContact(Refusal):
    """The contact was left as they are."""


class CollectingIsBarred(UnableToSaveContact):
    """The DSL has said that this person may not collect."""

    default_field = "may_collect"
    recorded = True


class OwnLinkStays(UnableToSaveContact):
    """Nobody takes the mark off their own account: what is kept about their child would open to them."""

    default_field = "account"
    recorded = True


class NotOfThisSchool(UnableToSaveContact):
    """The account belongs to nobody who works at the school."""

    default_field = "account"


class ContactEnded(UnableToSaveContact):
    """The contact is no longer in use."""


@operation("people.add_contact")
def add_contact(
    *,
    school: School,
    actor: Any,
    at: datetime,
    pupil: Pupil,
    values: Mapping[str, Any],
    submission: UUID | None = None,
) -> Contact:
    """Add somebody to reach about a pupil; `values` holds any of `CONTACT_FIELDS`. Raises `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    contact = Contact(school=school, pupil=pupil, **{name: values[name] for name in CONTACT_FIELDS if name in values})
    contact.stamp(by=actor, at=at)
    contact.save()
    record(school=school, actor=actor, action="people.add_contact", at=at, obj=contact, submission=submission)
    return contact


@operation("people.edit_contact")
def edit_contact(
    *,
    school: School,
    actor: Any,
    at: datetime,
    contact: Contact,
    version: int,
    values: Mapping[str, Any],
    submission: UUID | None = None,
) -> Contact:
    """Change a contact's details. Raises `ChangedMeanwhile`, `CollectingIsBarred`, `ContactEnded`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    row = _open(contact, version)
    given = {name: values[name] for name in CONTACT_FIELDS if name in values}
    if row.do_not_inform and given.get("may_collect"):
        raise CollectingIsBarred("Ask the DSL: this person may not collect.", rule="ORG-13")
    detail = change(row, given)
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="people.edit_contact", at=at, obj=row, detail=detail, submission=submission
    )
    return row


@operation("people.end_contact")
def end_contact(
    *, school: School, actor: Any, at: datetime, contact: Contact, submission: UUID | None = None
) -> Contact:
    """Take a contact out of use; the row stays. Raises `ContactEnded`, `NotPermitted`."""
    require(actor, Permission.EDIT_PUPILS, school)
    row = _open(contact)
    row.ended_on = london_day(at)
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="people.end_contact", at=at, obj=row, submission=submission)
    return row


@operation("people.link_contact")
def link_contact(
    *,
    school: School,
    actor: Any,
    at: datetime,
    contact: Contact,
    version: int,
    account: User | None,
    submission: UUID | None = None,
) -> Contact:
    """Say that a contact also works at the school, or (None) that they do not: records about their child are not for
    them, whatever their role (security 5.2).

    Who may: the DSL and deputies, and whoever looks after accounts. Raises `OwnLinkStays`, `NotOfThisSchool`,
    `ContactEnded`, `ChangedMeanwhile`, `NotPermitted`.
    """
    if not may_link_contacts(actor, school):
        require(actor, Permission.SET_DO_NOT_INFORM, school)
    held = locked(contact, version)
    if held.ended_on is not None:
        raise ContactEnded("This contact is no longer in use.", rule="ORG-13")
    if held.account_id == actor.pk and account != actor:
        raise OwnLinkStays("This is your own account. Somebody else has to change it.", rule="ORG-10")
    if account is not None and account not in staff_of(school):
        raise NotOfThisSchool("Choose somebody who works at the school.", rule="ORG-13")
    detail = change(held, {"account": account})
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school, actor=actor, action="people.link_contact", at=at, obj=held, detail=detail, submission=submission
    )
    return held


@operation("people.set_do_not_inform")
def set_do_not_inform(
    *,
    school: School,
    actor: Any,
    at: datetime,
    contact: Contact,
    version: int,
    reason: str,
    court_order_note: str = "",
    submission: UUID | None = None,
) -> Contact:
    """Bar a contact: not to be told, not to collect; DSL or deputy alone (ORG-13).

    The reason stays with the contact, where the DSLs see it; the record says only that it was done. Raises
    `ChangedMeanwhile`, `ContactEnded`, `NotPermitted`.
    """
    return _bar(
        school=school,
        actor=actor,
        at=at,
        contact=contact,
        version=version,
        values={
            "do_not_inform": True,
            "may_collect": False,
            "do_not_inform_reason": reason,
            "court_order_note": court_order_note,
        },
        action="people.set_do_not_inform",
        submission=submission,
    )


@operation("people.lift_do_not_inform")
def lift_do_not_inform(
    *,
    school: School,
    actor: Any,
    at: datetime,
    contact: Contact,
    version: int,
    reason: str,
    may_collect: bool = False,
    submission: UUID | None = None,
) -> Contact:
    """Let a barred contact be told again, and collect if said so; DSL or deputy alone, with the reason (ORG-13).

    Raises `ChangedMeanwhile`, `ContactEnded`, `NotPermitted`.
    """
    return _bar(
        school=school,
        actor=actor,
        at=at,
        contact=contact,
        version=version,
        values={"do_not_inform": False, "may_collect": may_collect, "do_not_inform_reason": reason},
        action="people.lift_do_not_inform",
        submission=submission,
    )


def _bar(
    *,
    school: School,
    actor: Any,
    at: datetime,
    contact: Contact,
    version: int,
    values: dict[str, Any],
    action: str,
    submission: UUID | None,
) -> Contact:
    require(actor, Permission.SET_DO_NOT_INFORM, school)
    row = _open(contact, version)
    before = {"do_not_inform": row.do_not_inform, "may_collect": row.may_collect}
    change(row, values)
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school,
        actor=actor,
        action=action,
        at=at,
        obj=row,
        detail={"old": before, "new": {"do_not_inform": row.do_not_inform, "may_collect": row.may_collect}},
        submission=submission,
    )
    return row


def _open(contact: Contact, version: int | None = None) -> Contact:
    row = locked(contact, version)
    if row.ended_on is not None:
        raise ContactEnded("This contact is no longer in use.", rule="ORG-13")
    return row
