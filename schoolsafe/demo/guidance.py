"""What guides people in the demonstration: where the procedures are, a safe place, and what monitoring found."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role
from incidents.enums import HelpKind, IncidentType
from incidents.operations import Said, report_incident
from incidents.operations.systems import put_on_plan
from incidents.operations.whom_to_tell import add_help
from incidents.queries import offered_types
from policies.enums import DocumentKind
from policies.operations import Published, name_procedures


def name_the_procedures(school: School, *, head: User, at: datetime) -> None:
    """Where families and staff read how to complain and how to speak up (INC-30)."""
    site = f"https://www.{school.slug}.example.org"
    published = {
        DocumentKind.COMPLAINTS: Published("Complaints procedure", f"{site}/complaints"),
        DocumentKind.WHISTLEBLOWING: Published("Whistleblowing procedure", f"{site}/whistleblowing"),
    }
    name_procedures(school=school, actor=head, at=at, published=published)


def write_guidance(school: School, *, head: User, today: date, now: datetime) -> None:
    """The school's own line on the poster, and an alert about nobody that is on the action plan already."""
    dsl = holders_of(school, Role.DSL, on=today).first() or head
    at = now - timedelta(days=1)
    add_help(
        school=school, actor=dsl, at=at, kind=HelpKind.PLACE, name="The library", reach="Break and lunch",
        words="Somebody is there who listens.",
    )  # fmt: skip
    keeper = holders_of(school, Role.FILTERING_LEAD, on=today).first()
    if keeper is None or IncidentType.MONITORING_ALERT not in offered_types(school):
        return
    said = Said(
        type=IncidentType.MONITORING_ALERT, happened_at=at - timedelta(hours=1), is_online=True, raised_by="system",
        account="The weekly list shows searches that went round the filter, from a trolley of shared tablets.",
    )  # fmt: skip
    case = report_incident(school=school, actor=keeper, at=at, said=said)
    put_on_plan(
        school=school, actor=keeper, at=at + timedelta(hours=2), incident=case, owner=keeper,
        text="Shared tablets sign in with a year group’s own account, so that its filter holds.",
        due_on=today + timedelta(days=14),
    )  # fmt: skip
