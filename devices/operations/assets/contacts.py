"""The work number and work email of staff whose job is to reach pupils or families (SDV-06)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.models import School, User
from core.people.queries import staff_of
from core.people.roles import Permission
from devices.models import WorkContact


class NotOnStaff(Refusal):
    """The person does not work at the school."""


@operation("devices.set_work_contact")
def set_work_contact(
    *,
    school: School,
    actor: User,
    at: datetime,
    user: User,
    needs_contact: bool,
    number: str = "",
    email: str = "",
    submission: UUID | None = None,
) -> WorkContact:
    """Say whether somebody's job is to reach pupils or families, and by which work number and email (SDV-06).

    Who may: MANAGE_ASSETS. Raises `NotOnStaff`.
    """
    require(actor, Permission.MANAGE_ASSETS, school)
    if user.pk not in {one.pk for one in staff_of(school)}:
        raise NotOnStaff("Choose somebody who works at the school.", rule="SDV-06")
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two who begin at once do it in turn
    row = WorkContact.objects.filter(school=school, user=user).first() or WorkContact(school=school, user=user)
    row.needs_contact, row.number, row.email = needs_contact, number.strip(), email.strip()
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school, actor=actor, action="devices.set_work_contact", at=at, obj=row, submission=submission,
        detail={"number": bool(row.number), "email": bool(row.email)},
    )  # fmt: skip
    return row
