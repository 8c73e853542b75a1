"""Two people in the same second: one decision, one end, one confirmation (security 5.11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django_scopes import scope

from core.approvals import operations as ops
from core.approvals.enums import EventKind, Kind, State
from core.approvals.models import Approval, ApprovalEvent
from core.kit.refusals import Refusal
from core.people.models import School, User
from core.people.roles import Role
from tests.factories import make_pupil, make_school, make_user
from tests.people.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(transactional_db: None) -> Iterator[School]:
    school = make_school("elm-bank", preset="group-locked-storage")
    with scope(school=school):
        yield school


@pytest.fixture
def heads(school: School) -> tuple[User, User]:
    return make_user(Role.HEADTEACHER, school), make_user(Role.HEADTEACHER, school)


@pytest.fixture
def waiting(school: School, at: datetime) -> Approval:
    teacher = make_user(Role.TEACHER, school)
    row = ops.open_request(
        school=school, actor=teacher, at=at, kind=Kind.EXCEPTIONAL_USE, pupil=make_pupil(school, "Noor", "Abbas"),
        starts_at=at, ends_at=at + timedelta(days=3),
    )  # fmt: skip
    return ops.discuss(
        school=school, actor=teacher, at=at, approval=row, discussed_on=at.date(), discussed_with="mother"
    )


def test_two_deciders_at_once_leave_one_decision(
    school: School, heads: tuple[User, User], waiting: Approval, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AGR-11: the first stands, the second is told who was first."""
    from core.approvals import hooks

    monkeypatch.setattr(hooks, "_features", {})
    given = {"school": school, "at": at, "approval": waiting, "because": "Seen the plan"}
    results = at_once(
        school, partial(ops.approve, actor=heads[0], **given), partial(ops.decline, actor=heads[1], **given)
    )
    refused = [one for one in results if isinstance(one, Refusal)]
    assert [type(one) for one in refused] == [ops.DecidedAlready], results
    decisions = ApprovalEvent.objects.filter(kind__in=[EventKind.APPROVED, EventKind.DECLINED])
    assert decisions.count() == 1
    row = Approval.objects.get()
    assert row.decided_by in heads and str(row.decided_by.full_name) in refused[0].message


def test_same_decision_sent_twice_is_one(
    school: School, heads: tuple[User, User], waiting: Approval, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from uuid import uuid4

    from core.approvals import hooks

    monkeypatch.setattr(hooks, "_features", {})
    act = partial(
        ops.approve, school=school, actor=heads[0], at=at, approval=waiting, because="Yes", submission=uuid4()
    )
    assert [one.pk for one in at_once(school, act, act)] == [waiting.pk] * 2
    assert ApprovalEvent.objects.filter(kind=EventKind.APPROVED).count() == 1


def test_end_by_the_clock_and_by_a_person_at_once_is_one_end(
    school: School, heads: tuple[User, User], waiting: Approval, at: datetime
) -> None:
    late = at + timedelta(days=4)
    results = at_once(
        school,
        partial(ops.lapse, school=school, at=late, approval=waiting),
        partial(ops.withdraw, school=school, actor=heads[0], at=late, approval=waiting, because="Too late"),
    )
    assert len([one for one in results if isinstance(one, Refusal)]) == 1, results
    ends = ApprovalEvent.objects.filter(to_state__in=[State.LAPSED, State.WITHDRAWN])
    assert ends.count() == 1
