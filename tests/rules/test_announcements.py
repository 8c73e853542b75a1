"""NOT-22: all staff are told of a change of rules 28 and 7 days before and on the day, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from core.people.models import School, User
from core.rules import operations, tasks
from core.rules.models import RuleAnnouncement, RuleValue
from tests.factories import make_school
from tests.factories import make_user as build_user

LONDON = ZoneInfo("Europe/London")
DAY = date(2026, 7, 1)


@pytest.fixture
def going_phone_free(db: None) -> School:
    """Decided on 1 May 2026: phone-free from 1 July 2026."""
    school = make_school("going", preset="group-locked-storage")
    with scope(school=school):
        operations.adopt_preset(
            school=school,
            actor=None,
            at=datetime(2026, 5, 1, 10, 0, tzinfo=LONDON),
            preset="phone-free-agreement",
            effective_from=DAY,
            reason="Phone-free from July.",
        )
    return school


def _morning(days_before: int) -> datetime:
    day = DAY - timedelta(days=days_before)
    return datetime(day.year, day.month, day.day, 6, 30, tzinfo=LONDON)


def _steps(school: School) -> list[int]:
    with scope(school=school):
        return list(RuleAnnouncement.objects.values_list("days", flat=True))


def test_announce_changes_at_28_7_and_0_days(going_phone_free: School) -> None:
    staff = [build_user(role, going_phone_free) for role in ("teacher", "office", "dsl")]
    build_user("governor", going_phone_free)
    told = {days: operations.announce_changes(at=_morning(days)) for days in range(40, -10, -1)}
    assert {days for days, count in told.items() if count} == {28, 7, 0}
    assert _steps(going_phone_free) == [28, 7, 0]
    with scope(school=going_phone_free):
        notices = Notice.objects.order_by("created_at", "pk")
        assert {notice.recipient_id for notice in notices} == {person.pk for person in staff}
        assert notices.count() == 3 * len(staff)
        first, last = notices.first(), notices.last()
    assert first.subject.endswith("rules of the school change on 1 July 2026, in 28 days")
    assert last.subject.endswith("rules of the school change today")
    assert first.url == reverse("rules:coming", args=["going"])


def test_announce_changes_twice_tells_nobody_twice(going_phone_free: School) -> None:
    build_user("teacher", going_phone_free)
    assert operations.announce_changes(at=_morning(28)) == 1
    assert operations.announce_changes(at=_morning(28)) == 0
    assert operations.announce_changes(at=_morning(27)) == 0
    with scope(school=going_phone_free):
        assert Notice.objects.count() == 1


def test_announce_changes_catches_up_on_a_missed_day(going_phone_free: School) -> None:
    build_user("teacher", going_phone_free)
    assert operations.announce_changes(at=_morning(25)) == 1
    assert operations.announce_changes(at=_morning(-2)) == 1
    assert _steps(going_phone_free) == [28, 0]


def test_announce_changes_says_nothing_of_a_withdrawn_change(going_phone_free: School) -> None:
    with scope(school=going_phone_free):
        row = RuleValue.objects.filter(preset="phone-free-agreement").first()
        operations.withdraw_change(
            school=going_phone_free, actor=None, at=_morning(40), change=row, reason="Put off for a year."
        )
    assert operations.announce_changes(at=_morning(28)) == 0


def test_announce_changes_says_nothing_of_the_first_preset(db: None) -> None:
    make_school("fresh", preset="phone-free-agreement")
    assert operations.announce_changes(at=datetime(2025, 9, 1, 6, 30, tzinfo=LONDON)) == 0


def test_announce_changes_tells_two_changes_of_one_day_together(
    school: School, teacher_user: User, at: datetime
) -> None:
    for key, value in (("break_use", "yes"), ("storage_kind", "safe")):
        operations.change_rule(
            school=school,
            actor=None,
            at=at,
            key=key,
            value=value,
            effective_from=date(2026, 12, 1),
            reason="For the spring.",
        )
    assert operations.announce_changes(at=at) == 2
    notice = Notice.objects.get(recipient=teacher_user)
    assert notice.subject == "2 rules of the school change on 1 December 2026, in 8 days"


def test_announce_changes_of_a_single_change_reads_well(school: School, teacher_user: User, at: datetime) -> None:
    operations.change_rule(
        school=school,
        actor=None,
        at=at,
        key="break_use",
        value="yes",
        effective_from=at.date() + timedelta(days=1),
        reason="Tried out.",
    )
    operations.announce_changes(at=at)
    operations.announce_changes(at=at + timedelta(days=1))
    subjects = list(Notice.objects.filter(recipient=teacher_user).order_by("pk").values_list("subject", flat=True))
    assert subjects == [
        "A rule of the school changes tomorrow, 24 November 2026",
        "A rule of the school changes today",
    ]


def test_announce_changes_emails_say_no_more_than_when(school: School, teacher_user: User, at: datetime) -> None:
    """ORG-19."""
    operations.change_rule(
        school=school,
        actor=None,
        at=at,
        key="image_ceop_route",
        value="direct_if_risk",
        effective_from=date(2026, 12, 1),
        reason="After the case in year 8.",
    )
    operations.announce_changes(at=at)
    for mail in OutboxEmail.objects.all():
        assert "CEOP" not in mail.subject + mail.text
        assert "year 8" not in mail.subject + mail.text


def test_announce_changes_is_recorded(going_phone_free: School) -> None:
    operations.announce_changes(at=_morning(7))
    entry = Entry.objects.get(action="rules.announce_changes")
    assert entry.detail["steps"] == [7]
    assert entry.actor_id is None


def test_task_announces_and_may_run_twice(
    school: School, teacher_user: User, administrator_user: User, monkeypatch: pytest.MonkeyPatch, at: datetime
) -> None:
    operations.change_rule(
        school=school,
        actor=administrator_user,
        at=at,
        key="break_use",
        value="yes",
        effective_from=at.date() + timedelta(days=3),
        reason="Tried out.",
    )
    monkeypatch.setattr(tasks.timezone, "now", lambda: at)
    assert tasks.announce_changes() == 1
    assert tasks.announce_changes() == 0


def test_everybody_told_may_open_the_page(
    going_phone_free: School, client_for: Callable[[User], object], settings: object
) -> None:
    teacher = build_user("teacher", going_phone_free)
    page = client_for(teacher).get(reverse("rules:coming", args=["going"]))  # type: ignore[attr-defined]
    assert page.status_code == 200
