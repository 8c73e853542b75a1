"""Permissions of staff, two writers at once: one true answer of the giver, one permission of one form (STA-02)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django_scopes import scope

from core.approvals import operations as approvals
from core.approvals.enums import EventKind, GivenHow, State
from core.approvals.models import Approval, ApprovalEvent
from core.people.models import School, User
from core.people.roles import Role
from devices.enums import LessonUseReason
from devices.operations.permissions import staff as ops
from tests.factories import make_school, make_user
from tests.people.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(transactional_db: None) -> Iterator[School]:
    school = make_school("elm-bank", preset="primary-online-safety")
    with scope(school=school):
        yield school


@pytest.fixture
def head(place: School) -> User:
    return make_user(Role.HEADTEACHER, place)


def logged(school: School, head: User, at: datetime) -> Approval:
    row: Approval = ops.log_lesson_use(
        school=school, actor=make_user(Role.TEACHER, school), at=at, giver=head, reason=LessonUseReason.EMERGENCY,
        starts_at=at, ends_at=at + timedelta(hours=1), place="Room 4",
    ).approval  # fmt: skip
    return row


def test_giver_who_confirms_and_denies_at_once_leaves_no_more_than_was_said(
    place: School, head: User, at: datetime
) -> None:
    """STA-02: whichever came first, it ends withdrawn, for “no” may follow “yes” and never the other way round."""
    row = logged(place, head, at)
    who = {"school": place, "actor": head, "at": at, "approval": row}
    results = at_once(
        place, partial(approvals.confirm, **who), partial(approvals.withdraw, **who, because="I did not give it")
    )
    refused = [one for one in results if isinstance(one, Exception)]
    assert {type(one) for one in refused} <= {approvals.MoveNotPossible}, results
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN and not row.holds_at(at)
    events = set(ApprovalEvent.objects.filter(approval=row).values_list("kind", flat=True))
    assert (EventKind.CONFIRMED in events) == (not refused)


def test_confirmed_twice_at_once_is_confirmed_once(place: School, head: User, at: datetime) -> None:
    row = logged(place, head, at)
    both = [partial(approvals.confirm, school=place, actor=head, at=at, approval=row) for _ in range(2)]
    results = at_once(place, *both)
    assert [type(one) for one in results if isinstance(one, Exception)] == [approvals.MoveNotPossible], results
    assert ApprovalEvent.objects.filter(approval=row, kind=EventKind.CONFIRMED).count() == 1
    row.refresh_from_db()
    assert row.state == State.LIVE


def test_same_form_twice_at_once_gives_one_leave(place: School, head: User, at: datetime) -> None:
    teacher = make_user(Role.TEACHER, place)
    act = partial(
        ops.give_lesson_use, school=place, actor=head, at=at, user=teacher, given_how=GivenHow.VERBAL,
        reason=LessonUseReason.EMERGENCY, starts_at=at, ends_at=at + timedelta(hours=1), place="Hall",
        submission=uuid4(),
    )  # fmt: skip
    results = at_once(place, act, act)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert Approval.objects.count() == 1
