"""The level of need of a record, set with the school's tool and in its order; every change is kept (INC-11, INC-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import require
from core.people.models import School, User
from core.people.queries import deputies_for, dsls_for
from core.people.roles import Permission, Role
from core.rules.operations import record_decision
from incidents.enums import CaseEventKind, Route
from incidents.models import Incident, ThresholdAssessment
from incidents.operations.guards import review_guard
from incidents.operations.moves import locked, step
from incidents.queries.levels import DUE_AFTER, scale_of
from incidents.queries.parents import is_safeguarding, parents_undecided, rules_of


class UnableToSetLevel(Refusal):
    """The level stays as it is."""

    default_field = "level"


class LevelsNotUsed(UnableToSetLevel):
    """The school's rules know no levels of need, or the record is not about a pupil."""


class ParentsToldFirst(UnableToSetLevel):
    """In a safeguarding case parents are told, or it is recorded why not, before anything is chosen (INC-11)."""

    recorded = True


class AreaChosenFirst(UnableToSetLevel):
    """The risk area is chosen before the level (INC-05, INC-11)."""

    recorded = True


class LevelFirst(UnableToSetLevel):
    """A safeguarding case has its level before it is taken into review (matrix 4.4)."""


class LevelUnknown(UnableToSetLevel):
    """The school's tool has no such level."""


class SameLevel(UnableToSetLevel):
    """It stands at this level."""


class LevelSaysWhy(UnableToSetLevel):
    """A level has a reason."""

    default_field = "reason"


class ToolNotNamed(UnableToSetLevel):
    """Where the rules name no tool, whoever sets a level does."""

    default_field = "tool"


@operation("incidents.set_level")
def set_level(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    level: int,
    reason: str,
    tool: str = "",
    submission: UUID | None = None,
) -> ThresholdAssessment:
    """Set the level of need of a record, or change it, with a reason; what it was before stays on record (INC-12).

    Who may: SET_LEVEL. Where the school tells parents directly and uses risk areas, parents come first, then the area,
    then the level; it is refused in that order (INC-11). From level 2 a referral is due, and the team is told: two
    school days, one, or at once (NOT-11). Raises a kind of `UnableToSetLevel`.
    """
    require(actor, Permission.SET_LEVEL, school)
    held = locked(school, incident, actor, at)
    scale = scale_of(held)
    if scale is None:
        raise LevelsNotUsed("Your school’s rules use no levels for this record.", rule="INC-12")
    need_parents_and_area(held)
    if not 1 <= level <= scale.levels:
        raise LevelUnknown(f"Choose a level from 1 to {scale.levels}.", rule="INC-12")
    if held.level == level:
        raise SameLevel(f"It stands at level {level} already.", rule="INC-12")
    if not reason.strip():
        raise LevelSaysWhy("Say why this is the level.", rule="INC-12")
    named = scale.tool or tool.strip()
    if not named:
        raise ToolNotNamed("Say by which tool the level was found.", rule="INC-12")
    row: ThresholdAssessment = ThresholdAssessment.objects.create(
        school=school,
        incident=held,
        level=level,
        previous=held.level,
        tool=named,
        reason=reason.strip(),
        at=at,
        by=actor,
    )
    about = f"Level {level}" if held.level is None else f"Level {held.level} to level {level}"
    step(held, CaseEventKind.LEVEL, actor=actor, at=at, about=about, level=level)
    if not scale.tool:
        record_decision(
            school=school, actor=actor, at=at, key="threshold_levels", question="Which level of need is it?",
            decision=f"Level {level}, {named}", reason=f"Kept in {held.reference}.", subject=held,
        )  # fmt: skip
    if level in DUE_AFTER:
        _tell_of_referral(held, row)
    record(
        school=school, actor=actor, action="incidents.set_level", at=at, obj=row, submission=submission,
        detail={"incident": held.pk, "level": level, "previous": row.previous},
    )  # fmt: skip
    return row


def need_parents_and_area(held: Incident) -> None:
    """Raise `ParentsToldFirst`, then `AreaChosenFirst`, where the school's rules have this order (INC-11)."""
    rules = rules_of(held)
    if rules.parents_informed == "direct_in_safeguarding" and is_safeguarding(held) and parents_undecided(held):
        raise ParentsToldFirst("Record first that parents were told, or why they are not.", rule="INC-11")
    if rules.risk_areas_used == "four_cs" and not held.risk_area:
        raise AreaChosenFirst("Choose the risk area first, with how it is answered.", rule="INC-05")


@review_guard
def order_before_review(held: Incident, at: datetime) -> None:
    """Under the same rules a safeguarding case has all three before it is taken into review (matrix 4.4)."""
    rules = rules_of(held)
    if held.route != Route.PUPIL or not is_safeguarding(held) or rules.parents_informed != "direct_in_safeguarding":
        return
    need_parents_and_area(held)
    if scale_of(held) is not None and held.level is None:
        raise LevelFirst("Set the level of need first.", rule="matrix 4.4")


def _tell_of_referral(held: Incident, row: ThresholdAssessment) -> None:
    """The owner, or the team where nobody owns it, hears that a referral is due; at level 4 at once (NOT-11)."""
    school = held.school
    days = DUE_AFTER[row.level]
    when = {0: "at once", 1: "by the next school day"}.get(days, f"within {days} school days")
    people = [held.owner] if held.owner is not None else [*dsls_for(school, held.phase), *deputies_for(school)]
    notify(
        school=school,
        recipients=people,
        kind="incidents.referral_due",
        subject=f"A referral is due {when}",
        body="The record says why.",
        url=reverse("incidents:refer", args=[school.slug, held.pk]),
        at=row.at,
        urgent=days == 0,
        dedupe_key=f"incidents.referral_due:{row.pk}",
        escalate_to=Role.HEADTEACHER,
    )
