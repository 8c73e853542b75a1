"""Two people at once on a concern about staff: one true record each time, and a plain sentence for the other (F22)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django_scopes import scope

from core.kit.refusals import ChangedMeanwhile, Refusal
from core.people.models import School, User
from core.people.roles import Role
from incidents import operations
from incidents.enums import AccessReason
from incidents.models import AdviceRecord, CaseAccess, Incident, StaffConcern
from tests.devices.test_races import at_once
from tests.factories import make_school, make_user
from tests.factories.cases import make_case

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(at: datetime) -> tuple[School, User, User, Incident]:
    """A school, its head and DSL, and an allegation that both read."""
    school = make_school("harbour-view")
    with scope(school=school):
        head, dsl = make_user(Role.HEADTEACHER, school), make_user(Role.DSL, school)
        case = make_case(school, by=make_user(Role.TEACHER, school), at=at, staff=make_user(Role.SUPPORT, school))
    return school, head, dsl, case


def test_give_access_twice_at_once_lets_somebody_in_once(cast: Any, at: datetime) -> None:
    """STA-17: the constraint and the lock on the record agree."""
    school, head, dsl, case = cast
    with scope(school=school):
        person = make_user(Role.SLT, school)
    common = {"school": school, "at": at, "incident": case, "person": person, "reason": AccessReason.INVESTIGATOR}
    results = at_once(
        school,
        lambda: operations.give_access(actor=head, **common),
        lambda: operations.give_access(actor=dsl, **common),
    )
    with scope(school=school):
        assert CaseAccess.objects.filter(incident=case, ended_at__isnull=True).count() == 1
    assert sorted(type(result).__name__ for result in results) == ["CaseAccess", "ReadsAlready"]


def test_classify_concern_by_two_people_keeps_one_and_tells_the_other(cast: Any, at: datetime) -> None:
    """SG-7: whoever was second is told that somebody saved meanwhile."""
    school, head, dsl, case = cast
    common = {"school": school, "at": at, "incident": case, "meets_threshold": True, "version": case.version}
    results = at_once(
        school,
        lambda: operations.classify_concern(actor=head, kinds=["harmed"], reason="One.", **common),
        lambda: operations.classify_concern(actor=dsl, kinds=["risk"], reason="Two.", **common),
    )
    won = [result for result in results if isinstance(result, StaffConcern)]
    assert len(won) == 1 and any(isinstance(result, ChangedMeanwhile) for result in results)
    with scope(school=school):
        kept = StaffConcern.objects.get(incident=case)
        assert (kept.kinds, kept.threshold_reason) == (won[0].kinds, won[0].threshold_reason)


def test_private_question_answered_by_two_advisers_has_one_answer(cast: Any, at: datetime) -> None:
    """STA-15: the first answer stands; the second adviser overwrites nothing."""
    school, head, dsl, _case = cast
    with scope(school=school):
        deputy, asker = make_user(Role.DEPUTY_DSL, school), make_user(Role.TEACHER, school)
        question = operations.ask_privately(
            school=school, actor=asker, at=at, adviser=Role.DSL.label, question="May I?"
        )
    common = {"school": school, "at": at, "question": question}
    results = at_once(
        school,
        lambda: operations.answer_privately(actor=dsl, answer="No.", **common),
        lambda: operations.answer_privately(actor=deputy, answer="Yes.", **common),
    )
    won = [result for result in results if isinstance(result, AdviceRecord)]
    assert len(won) == 1 and any(isinstance(result, Refusal) for result in results)
    with scope(school=school):
        assert AdviceRecord.objects.get(pk=question.pk).answer == won[0].answer
