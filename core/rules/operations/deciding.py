"""Keeping what a person decided where a rule is not settled (matrix 0.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.calendar import london_day
from core.people.models import School
from core.rules import queries
from core.rules.catalogue import SETTINGS, UNSPECIFIED
from core.rules.models import RecordedDecision
from core.rules.operations.changing import UnknownRule, reason_given


class DecisionNotNeeded(Refusal):
    """The rule is settled, so it decides and not the person at hand (matrix 0.3)."""


@operation("rules.record_decision")
def record_decision(
    *,
    school: School,
    actor: Any,
    at: datetime,
    key: str,
    question: str,
    decision: str,
    reason: str,
    subject: models.Model | None = None,
    submission: UUID | None = None,
) -> RecordedDecision:
    """Keep what a person decided where a rule is not settled: who, when, why (matrix 0.3). Returns the decision.

    The calling feature checks who may decide. `subject` is the record decided about. Raises `UnknownRule`,
    `DecisionNotNeeded` when the rule is settled on that day, and `ReasonMissing`.
    """
    if key not in SETTINGS:
        raise UnknownRule("There is no such rule.", rule="ORG-15")
    rules = queries.for_school(school, on=london_day(at))
    if getattr(rules, key) != UNSPECIFIED:
        raise DecisionNotNeeded("The school’s rules settle this. Follow the rule.", rule="0.3")
    said = reason_given(reason)
    row = RecordedDecision(
        school=school,
        key=key,
        question=question,
        decision=decision,
        reason=said,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        rules_version=rules.version,
        decided_at=at,
        decided_by=actor,
    )
    row.save()
    record(
        school=school,
        actor=actor,
        action="rules.record_decision",
        at=at,
        obj=row,
        detail={"key": key, "new": decision},
        submission=submission,
    )
    return row
