"""What monitoring finds about a system and about nobody becomes an item of the action plan (INC-41, FIL-12)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import NotPermitted, holds
from core.people.models import School, User
from core.people.roles import Role
from incidents.enums import CaseEventKind, Route
from incidents.leading import may_lead
from incidents.models import Incident
from incidents.operations.moves import locked, step
from incidents.queries.systems import SOURCE, on_the_plan
from policies.enums import ImprovementList
from policies.models import ImprovementItem
from policies.operations import give_improvement, raise_improvement


class UnableToPutOnPlan(Refusal):
    """The action plan stays as it was."""


class NotASystem(UnableToPutOnPlan):
    """The record is about somebody: it goes its own road, and the plan names nobody."""


class PlanSaysWhat(UnableToPutOnPlan):
    """An item says what has to change; whoever sees to it has a day."""

    default_field = "text"


class OnPlanAlready(UnableToPutOnPlan):
    """The record is on the action plan once."""


def may_put_on_plan(user: Any, incident: Incident) -> bool:
    """Whether `user`, who reads the record, may put what it is about on the plan: the team, and who leads on filtering
    and monitoring."""
    about_system = incident.route == Route.SYSTEM
    return about_system and (may_lead(user, incident) or holds(user, incident.school, Role.FILTERING_LEAD))


@operation("incidents.put_on_plan")
def put_on_plan(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    text: str,
    owner: User | None = None,
    due_on: date | None = None,
    submission: UUID | None = None,
) -> ImprovementItem:
    """Put what a system has to be changed for on the action plan, in one step; the record stays with those who lead on
    it. `text` names nobody.

    Who may: see `may_put_on_plan`. Raises a kind of `UnableToPutOnPlan`.
    """
    held = locked(school, incident, actor, at)
    if held.route != Route.SYSTEM:
        raise NotASystem("This record is about somebody. Only what is about a system goes on the plan.", rule="INC-41")
    if not may_put_on_plan(actor, held):
        raise NotPermitted("Your role does not allow this. Ask the DSL.", rule="INC-41")
    if not text.strip():
        raise PlanSaysWhat("Say what has to change.", rule="INC-41")
    if owner is not None and due_on is None:
        raise PlanSaysWhat("Enter by which day.", rule="INC-41", field="due_on")
    if on_the_plan(held) is not None:
        raise OnPlanAlready("It is on the action plan already.", rule="INC-41")
    item = raise_improvement(
        school=school, actor=actor, at=at, list=ImprovementList.ACTION_PLAN, text=text.strip(), source=SOURCE,
        source_key=held.pk,
    )  # fmt: skip
    if owner is not None:
        item = give_improvement(school=school, actor=actor, at=at, item=item, owner=owner, due_on=due_on)
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Put on the action plan")
    record(
        school=school, actor=actor, action="incidents.put_on_plan", at=at, obj=held, submission=submission,
        detail={"item": item.pk},
    )  # fmt: skip
    return item
