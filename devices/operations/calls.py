"""Calls home on a school phone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.models import Contact, Pupil, School, User
from core.people.queries import contacts_of, deputies_for, dsls_for
from core.people.roles import Permission
from devices.models import SchoolPhoneCall


class CallNotYetMade(Refusal):
    """The time given for a call lies ahead."""

    default_field = "time"


class NobodyNamed(Refusal):
    """Neither a contact nor a name says whom it was about."""

    default_field = "contact"


@operation("devices.log_call")
def log_call(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    reason: str,
    dialled_by: str,
    called_at: datetime,
    contact: Contact | None = None,
    called_name: str = "",
    detail: str = "",
    answered: bool = True,
    submission: UUID | None = None,
) -> SchoolPhoneCall:
    """Write down that a pupil reached home, or tried to, on a school phone (DEV-26). No number is kept.

    Who may: LOG_CUSTODY. What has happened is kept whoever it was; where the DSL has to know that this adult was
    rung, a DSL is told. Raises `NobodyNamed` and `CallNotYetMade`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    known, name = named(pupil, contact, called_name)
    if called_at > at:
        raise CallNotYetMade("The time is still to come. Enter when the call was made.", rule="DEV-26")
    call = SchoolPhoneCall(
        school=school,
        pupil=pupil,
        contact=known,
        called_name=name,
        called_at=called_at,
        reason=reason,
        detail=detail,
        dialled_by=dialled_by,
        answered=answered,
        logged_by=actor,
    )
    call.stamp(by=actor, at=at)
    call.save()
    if known is not None and known.do_not_inform:
        tell_dsl(school, pupil, at, kind="devices.call", key=f"devices.call.{call.pk}")
    record(
        school=school,
        actor=actor,
        action="devices.log_call",
        at=at,
        obj=call,
        submission=submission,
        detail={"reason": reason, "dialled_by": dialled_by, "answered": answered},
    )
    return call


def named(pupil: Pupil, contact: Contact | None, name: str) -> tuple[Contact | None, str]:
    """The contact that was meant, by key or by name, and the name to keep; raises `NobodyNamed`.

    A name typed by hand is held against the pupil's contacts, so that a bar on one is not passed by in typing.
    """
    contacts = list(contacts_of(pupil))
    if contact is not None:
        known = next((found for found in contacts if found.pk == contact.pk), None)
        if known is None:
            raise NobodyNamed("That adult is not one of the pupil’s contacts.", rule="ORG-13")
        return known, known.display_name
    if not name.strip():
        raise NobodyNamed("Choose who it was, or enter their name.", rule="ORG-13")
    said = name.casefold().split()
    known = next((found for found in contacts if found.display_name.casefold().split() == said), None)
    return known, name.strip()


def tell_dsl(school: School, pupil: Pupil, at: datetime, *, kind: str, key: str) -> None:
    """Tell the DSLs of the pupil's phase that an adult they are to be asked about was in touch. Names no one."""
    notify(
        school=school,
        recipients=[*dsls_for(school, pupil.phase), *deputies_for(school)],
        kind=kind,
        subject="An adult you are to be asked about was in touch",
        body="The office spoke with an adult whom a bar of yours concerns. The page says about whom.",
        url=reverse("people:pupil", args=[school.slug, pupil.pk]),
        at=at,
        dedupe_key=key,
    )
