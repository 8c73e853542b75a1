"""The level of need of a record, and the referral that a level asks for (INC-12 to INC-16, NOT-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from core.people.calendar import calendar_for, london_day
from core.people.enums import DayTimeKey
from core.people.models import School
from core.rules.catalogue import UNSPECIFIED
from incidents.enums import Route
from incidents.models import Incident, Referral, ThresholdAssessment
from incidents.queries.parents import rules_of

# School days until a referral is due at a level; at level 4 it is made at once (NOT-11).
DUE_AFTER = {2: 2, 3: 1, 4: 0}


@dataclass(frozen=True)
class Scale:
    """The levels that a school uses: how many, and what the tool is called ("" = a person names it)."""

    levels: int
    tool: str


@dataclass(frozen=True)
class ReferralTask:
    """A level asks for a referral, by a time; settled when one went, or was decided against."""

    level: int
    due_at: datetime
    referral: Referral | None
    is_settled: bool


def scale_of(incident: Incident) -> Scale | None:
    """The levels by which a record is judged; None where the school uses none, or it is not about a pupil."""
    rule: Any = rules_of(incident).threshold_levels
    if rule == "none" or incident.route != Route.PUPIL:
        return None
    return Scale(4, "") if rule == UNSPECIFIED else Scale(rule.levels, rule.tool)


def assessments_of(incident: Incident) -> QuerySet[ThresholdAssessment]:
    """Each level that was set, the newest first."""
    found: QuerySet[ThresholdAssessment] = ThresholdAssessment.objects.filter(incident=incident)
    return found.select_related("by").order_by("-at", "-id")


def due_for(school: School, level: int, at: datetime) -> datetime:
    """By when a referral is made after a level was set: office close of the second or next school day, or at once."""
    days = DUE_AFTER.get(level, 0)
    calendar, day = calendar_for(school), london_day(at)
    for _count in range(days):
        day = calendar.next_school_day(day) or day + timedelta(days=1)
    return (calendar.at(day, DayTimeKey.OFFICE_CLOSE) or at + timedelta(days=days)) if days else at


def referral_task(incident: Incident) -> ReferralTask | None:
    """What the newest level asks for (NOT-11); None below level 2 or without a level."""
    newest = assessments_of(incident).first()
    if newest is None or newest.level not in DUE_AFTER:
        return None
    since = Referral.objects.filter(incident=incident, level=newest.level).order_by("-id")
    referral = since.first()
    settled = referral is not None and (referral.sent_at is not None or referral.state == "not_needed")
    return ReferralTask(newest.level, due_for(incident.school, newest.level, newest.at), referral, settled)
