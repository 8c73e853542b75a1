"""Risk assessments: one tool for all, complete and then unchanged (DEV-18, STA-12)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.approvals import operations as ops
from core.approvals.enums import AssessmentState, Kind, Level, State
from core.approvals.models import Hazard, RiskAssessment
from core.people.models import School, User
from tests.approvals.conftest import Stand
from tests.factories import make_user


@pytest.fixture
def draft(school: School, teacher: User, at: datetime) -> RiskAssessment:
    return ops.begin_assessment(
        school=school,
        actor=teacher,
        at=at,
        title="Filming",
        activity="A play",
        review_on=at.date() + timedelta(days=90),
    )


def hazard(school: School, actor: User, at: datetime, row: RiskAssessment) -> Hazard:
    return ops.add_hazard(
        school=school, actor=actor, at=at, assessment=row, hazard="Somebody is filmed", harmed="Pupils",
        likelihood=Level.LOW, severity=Level.HIGH, controls="The teacher looks", residual=Level.LOW,
    )  # fmt: skip


def complete(school: School, actor: User, at: datetime, row: RiskAssessment, said: str = "Go ahead") -> Any:
    return ops.complete_assessment(school=school, actor=actor, at=at, assessment=row, conclusion=said)


def test_assessment_is_written_by_its_assessor_hazard_by_hazard(
    school: School, draft: RiskAssessment, teacher: User, at: datetime
) -> None:
    with pytest.raises(ops.HazardsMissing):
        complete(school, teacher, at, draft)
    with pytest.raises(ops.NotYours):
        hazard(school, make_user("teacher", school), at, draft)
    first, second = hazard(school, teacher, at, draft), hazard(school, teacher, at, draft)
    assert (first.position, second.position) == (1, 2)
    ops.remove_hazard(school=school, actor=teacher, at=at, hazard=first)
    with pytest.raises(ops.UnableToAssess):
        complete(school, teacher, at, draft, " ")
    assert complete(school, teacher, at, draft).state == AssessmentState.COMPLETE


def test_complete_assessment_stands_by_operation_and_in_the_database(
    school: School, draft: RiskAssessment, teacher: User, at: datetime
) -> None:
    kept = hazard(school, teacher, at, draft)
    complete(school, teacher, at, draft)
    for act in (lambda: hazard(school, teacher, at, draft), lambda: complete(school, teacher, at, draft)):
        with pytest.raises(ops.StandsAsItIs):
            act()
    for change in (
        lambda: RiskAssessment.objects.filter(pk=draft.pk).update(activity="Something else"),
        lambda: Hazard.objects.filter(pk=kept.pk).update(controls="None"),
        lambda: Hazard.objects.filter(pk=kept.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match=r"stands|not changed"), transaction.atomic():
            change()


def test_attach_what_is_being_written_or_due_for_review_is_refused(
    school: School, stand: Stand, draft: RiskAssessment, teacher: User, at: datetime
) -> None:
    """STA-12: a formal assessment, complete and current; without one nothing is approved."""
    row = stand(Kind.REMOTE_TEACHING)
    given: dict[str, Any] = {"school": school, "actor": teacher, "at": at, "approval": row}
    with pytest.raises(ops.NotReady):
        ops.attach_assessment(assessment=draft, **given)
    hazard(school, teacher, at, draft)
    complete(school, teacher, at, draft)
    with pytest.raises(ops.NotReady):
        ops.attach_assessment(assessment=draft, **(given | {"at": at + timedelta(days=90)}))
    with pytest.raises(IntegrityError, match="assessed_first"), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(
            state=State.APPROVED, decided_at=at, decided_by=make_user("headteacher", school)
        )
    assert ops.attach_assessment(assessment=draft, **given).state == State.ASSESSED


def test_begin_with_a_review_that_is_not_to_come_is_refused(school: School, teacher: User, at: datetime) -> None:
    with pytest.raises(ops.UnableToAssess) as refused:
        ops.begin_assessment(school=school, actor=teacher, at=at, title="A", activity="B", review_on=at.date())
    assert refused.value.field == "review_on"
