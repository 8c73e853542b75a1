"""A permission holds from its first minute to its last, also where the clocks change (AGR-15, AP-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.approvals import operations as ops
from core.approvals.enums import EventKind, Kind, State
from core.approvals.models import Approval
from core.approvals.operations import write_event
from core.approvals.queries import in_force, in_force_on, last_day, runs_out
from core.approvals.words import when_in_words
from core.notices.models import Notice
from core.people.models import School, User
from tests.approvals.conftest import Stand

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 23), date(2026, 11, 27)),
        (date(2027, 3, 26), date(2027, 3, 28)),  # the clocks go forward on the last day, which has 23 hours
        (date(2026, 10, 24), date(2026, 10, 25)),  # back on the last day, which has 25
        (date(2027, 3, 28), date(2027, 3, 28)),
        (date(2026, 10, 25), date(2026, 10, 25)),
    ],
)
def test_permission_by_days_holds_from_midnight_to_midnight(
    stand: Stand, school: School, first: date, last: date
) -> None:
    """AGR-15: it lapses by itself, to the minute, also where the clocks change."""
    starts, ends = ops.first_moment(first), ops.after_day(last)
    row = stand(state=State.LIVE, starts_at=starts, ends_at=ends)
    write_event(row, EventKind.STARTED, row.decided_by, starts - MINUTE)
    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time(), LONDON)
    assert ends == midnight
    holds = {moment: row.holds_at(moment) for moment in (starts - MINUTE, starts, ends - MINUTE, ends)}
    assert list(holds.values()) == [False, True, True, False]
    for moment, expected in holds.items():
        assert in_force(school, moment).exists() == expected
    assert last_day(row) == last
    assert in_force_on(school, last).exists() and not in_force_on(school, last + timedelta(days=1)).exists()
    assert not in_force_on(school, first - timedelta(days=1)).exists()


def test_permission_by_the_hour_through_the_hour_that_comes_twice(stand: Stand, school: School) -> None:
    """On 25 October 2026 half past one comes twice: each is its own minute."""
    first = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=0)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1)
    instant = first.astimezone(UTC)
    starts, ends = instant - timedelta(minutes=10), instant + timedelta(minutes=40)
    stand(Kind.STAFF_LESSON_USE, State.LIVE, starts_at=starts, ends_at=ends)
    assert in_force(school, first).exists() and not in_force(school, second).exists()


@pytest.mark.parametrize("state", [one for one in State if one not in (State.LIVE, State.REVIEW_DUE)])
def test_permission_in_any_other_state_does_not_hold(stand: Stand, school: School, at: datetime, state: State) -> None:
    """AGR-12: no use before approval and signatures; suspended is not in force."""
    stand(Kind.EXCEPTIONAL_USE, state)
    assert not in_force(school, at).exists()


def test_lesson_holds_once_approved_and_only_then(stand: Stand, school: School, at: datetime) -> None:
    """DEV-18: unusable until consent, assessment and approval are there."""
    for state in (State.REQUESTED, State.CONSENTED, State.ASSESSED, State.USED):
        stand(Kind.CURRICULUM_USE, state)
    assert not in_force(school, at).exists()
    row = stand(Kind.CURRICULUM_USE, State.APPROVED)
    assert list(in_force(school, at)) == [row]


def test_clock_ends_what_ran_out_once_and_marks_what_is_due(stand: Stand, school: School, at: datetime) -> None:
    """AGR-15, NOT-18: rung twice, it is done once."""
    live = stand(state=State.LIVE, review_on=at.date())
    waits = stand(state=State.REQUESTED)
    assert ops.look_at_the_day(school=school, at=at) == 2  # one is due, and it ends within fourteen days
    live.refresh_from_db()
    assert live.state == State.REVIEW_DUE and live.holds_at(at)
    told = Notice.objects.count()
    ops.look_at_the_day(school=school, at=at)
    assert Notice.objects.count() == told
    late = at + timedelta(days=2)
    assert ops.end_what_ran_out(school=school, at=late) == 2
    assert ops.end_what_ran_out(school=school, at=late) == 0
    assert set(Approval.objects.values_list("pk", "state")) == {(live.pk, "lapsed"), (waits.pk, "lapsed")}


def test_running_out_is_told_at_fourteen_days_and_on_the_last(stand: Stand, school: School, at: datetime) -> None:
    """NOT-18: holder and approver."""
    row = stand(Kind.STAFF_LESSON_USE, State.LIVE, ends_at=ops.after_day(at.date() + timedelta(days=16)))
    subjects = []
    for days in (0, 1, 2, 3, 14, 15, 16):
        ops.look_at_the_day(school=school, at=at + timedelta(days=days))
        subjects.append(Notice.objects.filter(recipient=row.user).count())
    assert subjects == [0, 0, 1, 1, 1, 2, 2]
    assert Notice.objects.filter(recipient=row.decided_by).count() == 2


def test_list_of_what_runs_out_has_thirty_days(
    stand: Stand, school: School, at: datetime, django_assert_num_queries: Any
) -> None:
    """AP-5: 30, 14, 7, 1 days."""
    for days in (0, 1, 7, 14, 30, 31):
        stand(state=State.LIVE, ends_at=ops.after_day(at.date() + timedelta(days=days)))
    with django_assert_num_queries(1):
        assert [days for _row, days in runs_out(school, at)] == [0, 1, 7, 14, 30]


def test_suspended_the_same_minute_and_in_force_again(stand: Stand, school: School, head: User, at: datetime) -> None:
    """AGR-16, matrix 4.8: active → suspended (same day) → withdrawn or active."""
    row = stand(Kind.EXCEPTIONAL_USE, State.LIVE)
    ops.suspend(school=school, actor=head, at=at, approval=row, because="Messages were sent")
    assert not in_force(school, at).exists()
    ops.resume(school=school, actor=head, at=at, approval=row, because="Talked over")
    assert in_force(school, at).exists()


def test_words_say_days_or_hours(stand: Stand, at: datetime) -> None:
    days = stand(starts_at=ops.first_moment(at.date()), ends_at=ops.after_day(at.date() + timedelta(days=1)))
    assert when_in_words(days) == "23 November 2026 to 24 November 2026"
    hours = stand(starts_at=at, ends_at=at + timedelta(hours=1))
    assert when_in_words(hours) == "23 November 2026, 8:30am to 9:30am"
