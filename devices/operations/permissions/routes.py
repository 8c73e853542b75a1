"""A family’s own way to reach a child, where the rules let somebody except them from the office’s (DEV-28)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.approvals.enums import Kind
from core.approvals.models import Approval
from core.approvals.operations import Limits, after_day, change_request, first_moment, open_request
from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.models import Pupil, School, User
from devices.models import ContactRoute


class WayMissing(Refusal):
    """How the family is to reach the child was left out."""

    default_field = "route"


class WhyMissing(Refusal):
    """Why the office’s way will not do was left out."""

    default_field = "why"


@operation("devices.ask_contact_route")
def ask_contact_route(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    route: str,
    why: str,
    starts_on: date,
    ends_on: date,
    submission: UUID | None = None,
) -> ContactRoute:
    """Ask that a family may reach a child otherwise than by the office; whom `parent_contact_exception_by` names
    decides case by case (DEV-28). All staff read `route`, by what way; `why` only those who decide or asked.

    Who may: ASK_PERMISSION. Raises `NotUnderTheRules` where the rules know no exception, `WayMissing`, `WhyMissing`.
    """
    limits = _limits(route, why)
    approval = open_request(
        school=school, actor=actor, at=at, kind=Kind.CONTACT_ROUTE, pupil=pupil, starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on), limits=limits,
    )  # fmt: skip
    row = ContactRoute(school=school, approval=approval, why=why.strip())
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.ask_contact_route", at=at, obj=row, submission=submission)
    return row


@operation("devices.change_contact_route")
def change_contact_route(
    *,
    school: School,
    actor: User,
    at: datetime,
    approval: Approval,
    route: str,
    why: str,
    starts_on: date,
    ends_on: date,
    submission: UUID | None = None,
) -> ContactRoute:
    """Answer a request that was sent back, or change one that waits. Who may: whoever asked. Raises as
    `ask_contact_route` and `change_request`."""
    limits = _limits(route, why)
    held = change_request(
        school=school, actor=actor, at=at, approval=approval, starts_at=first_moment(starts_on),
        ends_at=after_day(ends_on), limits=limits,
    )  # fmt: skip
    row: ContactRoute = ContactRoute.objects.select_for_update().get(approval=held)
    row.why = why.strip()
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="devices.change_contact_route", at=at, obj=row, submission=submission)
    return row


def _limits(route: str, why: str) -> Limits:
    if not route.strip():
        raise WayMissing("Say how the family may reach them.", rule="DEV-28")
    if not why.strip():
        raise WhyMissing("Say why the office’s way will not do.", rule="DEV-28")
    return Limits(conditions=route.strip())
