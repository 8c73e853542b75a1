"""Holding one permission and moving it: the only door to its state."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from core.approvals.enums import EventKind, State
from core.approvals.models import Approval, ApprovalEvent
from core.approvals.workflow import check_move
from core.notices.operations import notify
from core.people.models import School, User

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference(letter: str) -> str:
    """What a record is called on paper and on the telephone; it says nothing about it."""
    return f"{letter}-" + "".join(secrets.choice(_ALPHABET) for _ in range(7))


def held(school: School, approval: Approval) -> Approval:
    """The permission, held until the transaction ends."""
    row: Approval = (
        Approval.objects.select_for_update(of=("self",))
        .select_related("pupil", "user", "requested_by", "assessment")
        .get(pk=approval.pk, school=school)
    )
    return row


def move(
    row: Approval, target: State, kind: EventKind, actor: User | None, at: datetime, *, note: str = ""
) -> ApprovalEvent:
    """Move it, save it and write the step down. Raises `MoveNotPossible`."""
    origin = row.state
    check_move(row.kind, origin, target)
    row.state = target
    save(row, actor, at)
    return write_event(row, kind, actor, at, from_state=origin, note=note)


def write_event(
    row: Approval, kind: EventKind, actor: User | None, at: datetime, *, from_state: str = "", note: str = ""
) -> ApprovalEvent:
    """Write down one thing that happened, whether it moved the permission or not."""
    event = ApprovalEvent(
        school=row.school,
        approval=row,
        kind=kind,
        from_state=from_state or row.state,
        to_state=row.state,
        at=at,
        by=actor,
        note=note.strip()[:1000],
    )
    event.save()
    return event


def save(row: Approval, actor: User | None, at: datetime) -> None:
    """Attribute and save."""
    row.stamp(by=actor, at=at)
    row.save()


def address_of(row: Approval) -> str:
    """The page of the permission; the roof keeps it, for it shows what every app says of its kinds."""
    return reverse("overview:approval", args=[row.school.slug, row.pk])


def tell(row: Approval, people: Iterable[User | None], subject: str, at: datetime, key: str) -> None:
    """Put it into their inboxes. Nobody is named, nor why: the page says it to those who may read it."""
    notify(
        school=row.school,
        recipients={one.pk: one for one in people if one is not None}.values(),
        kind="approvals.permission",
        subject=subject,
        url=address_of(row),
        at=at,
        dedupe_key=f"approvals.{row.pk}.{key}",
    )
