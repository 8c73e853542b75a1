"""ORG-19: notices reach people once, urgent ones must be acknowledged and go on when nobody does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django_scopes import scope

from core.audit.models import Entry
from core.notices import operations, queries
from core.notices.enums import Delivery, Urgency
from core.notices.models import Notice, NoticePreference, OutboxEmail
from core.people.access import NotPermitted
from core.people.models import School, User
from core.people.roles import Role
from tests.factories import give_role
from tests.factories import make_user as build_user

URL = "/harbour-view/devices/"


def tell(school: School, people: list[User], at: datetime, **given: Any) -> list[Notice]:
    words = {"kind": "test", "subject": "A device was not collected", "url": URL, "dedupe_key": "event:1"} | given
    return operations.notify(school=school, recipients=people, at=at, **words)


def test_notify_twice_with_one_key_tells_and_emails_once(school: School, office_user: User, at: datetime) -> None:
    """ORG-19, F09: every message five times, one effect."""
    for _ in range(5):
        tell(school, [office_user], at, urgent=True)
    assert Notice.objects.count() == 1
    assert OutboxEmail.objects.count() == 1


def test_notify_of_many_people_takes_as_many_statements_as_of_one(
    school: School, at: datetime, django_assert_num_queries: Any, make_user: Any
) -> None:
    people = [make_user(Role.TEACHER) for _ in range(3)]
    tell(school, people[:1], at, dedupe_key="warm")
    for count, key in ((1, "one"), (3, "three")):
        with django_assert_num_queries(6):  # savepoint, wishes, insert, read back, record, release
            tell(school, people[:count], at, dedupe_key=key, urgent=False)


def test_notify_person_whose_account_is_closed_is_left_out(school: School, office_user: User, at: datetime) -> None:
    office_user.is_active = False
    office_user.save()
    assert tell(school, [office_user], at) == []


def test_notify_ordinary_without_a_wish_waits_for_the_digest(school: School, office_user: User, at: datetime) -> None:
    (notice,) = tell(school, [office_user], at)
    assert notice.delivery == Delivery.DIGEST
    assert not OutboxEmail.objects.exists()


@pytest.mark.parametrize("wish", [Delivery.NONE, Delivery.DIGEST])
def test_notify_urgent_ignores_wishes(school: School, dsl_user: User, at: datetime, wish: str) -> None:
    """ORG-19: a person's settings cannot silence an urgent notice."""
    operations.set_preferences(school=school, actor=dsl_user, at=at, delivery=wish)
    (notice,) = tell(school, [dsl_user], at, urgent=True, email=False)
    assert notice.delivery == Delivery.AT_ONCE
    assert OutboxEmail.objects.get().user == dsl_user


def test_notice_urgent_without_email_is_refused_by_the_database(school: School, dsl_user: User, at: datetime) -> None:
    (notice,) = tell(school, [dsl_user], at, urgent=True)
    with pytest.raises(IntegrityError, match="urgent_is_never_silenced"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(delivery=Delivery.NONE)


def test_notice_acknowledged_by_nobody_is_refused_by_the_database(school: School, dsl_user: User, at: datetime) -> None:
    (notice,) = tell(school, [dsl_user], at, urgent=True)
    with pytest.raises(IntegrityError, match="acknowledged_paired"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(acknowledged_at=at)


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/"])
def test_notice_whose_url_leads_elsewhere_is_refused(school: School, office_user: User, at: datetime, url: str) -> None:
    with pytest.raises(IntegrityError, match="url_is_a_path"), transaction.atomic():
        tell(school, [office_user], at, url=url)


def test_notify_at_once_email_says_nothing_of_the_record(school: School, office_user: User, at: datetime) -> None:
    """ORG-19: no subject, no body, no name in an email; a link, and the office's number."""
    operations.set_preferences(school=school, actor=office_user, at=at, delivery=Delivery.AT_ONCE)
    (notice,) = tell(school, [office_user], at, body="Slot 14")
    mail = OutboxEmail.objects.get()
    assert f"/harbour-view/inbox/{notice.pk}/" in mail.text
    assert school.phone in mail.text
    for word in (notice.subject, notice.body, office_user.family_name):
        assert word not in mail.text + mail.subject


def test_mark_read_is_of_ones_own_notices_alone(
    school: School, office_user: User, teacher_user: User, at: datetime
) -> None:
    mine, theirs = tell(school, [office_user, teacher_user], at)
    operations.mark_read(school=school, actor=mine.recipient, at=at, notice=theirs)
    operations.mark_read(school=school, actor=mine.recipient, at=at)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.read_at, theirs.read_at) == (at, None)


def test_mark_read_all_leaves_urgent_ones(school: School, dsl_user: User, at: datetime) -> None:
    tell(school, [dsl_user], at, urgent=True)
    operations.mark_read(school=school, actor=dsl_user, at=at)
    assert queries.unread_count(dsl_user, school) == 1


def test_acknowledge_stands_for_everybody_and_stops_escalation(
    school: School, dsl_user: User, deputy_dsl_user: User, headteacher_user: User, at: datetime
) -> None:
    first, second = tell(school, [dsl_user, deputy_dsl_user], at, urgent=True)
    done = operations.acknowledge_notice(school=school, actor=dsl_user, at=at, notice=first)
    second.refresh_from_db()
    assert (done.acknowledged_by, second.acknowledged_by) == (dsl_user, dsl_user)
    assert operations.escalate_unacknowledged(at=at + timedelta(hours=1)) == 0


def test_acknowledge_second_person_changes_nothing(
    school: School, dsl_user: User, deputy_dsl_user: User, at: datetime
) -> None:
    first, second = tell(school, [dsl_user, deputy_dsl_user], at, urgent=True)
    operations.acknowledge_notice(school=school, actor=dsl_user, at=at, notice=first)
    late = operations.acknowledge_notice(
        school=school, actor=deputy_dsl_user, at=at + timedelta(minutes=1), notice=second
    )
    assert (late.acknowledged_by, late.acknowledged_at) == (dsl_user, at)


def test_acknowledge_of_somebody_elses_notice_is_refused_and_recorded(
    school: School, dsl_user: User, office_user: User, at: datetime
) -> None:
    (notice,) = tell(school, [dsl_user], at, urgent=True)
    with pytest.raises(NotPermitted):
        operations.acknowledge_notice(school=school, actor=office_user, at=at, notice=notice)
    assert Entry.objects.filter(action="notices.acknowledge", outcome="refused", actor_id=office_user.pk).exists()


def test_acknowledge_ordinary_notice_is_refused(school: School, office_user: User, at: datetime) -> None:
    (notice,) = tell(school, [office_user], at)
    with pytest.raises(operations.NothingToAcknowledge):
        operations.acknowledge_notice(school=school, actor=office_user, at=at, notice=notice)


def test_escalate_before_its_time_tells_nobody(
    school: School, dsl_user: User, deputy_dsl_user: User, at: datetime
) -> None:
    tell(school, [dsl_user], at, urgent=True)
    assert operations.escalate_unacknowledged(at=at + timedelta(minutes=14, seconds=59)) == 0


def test_escalate_goes_to_deputies_then_head_then_ends(
    school: School, dsl_user: User, deputy_dsl_user: User, headteacher_user: User, at: datetime
) -> None:
    """ORG-03, ORG-19, NOT-04"""
    tell(school, [dsl_user], at, urgent=True)
    reached = []
    for minutes in (15, 15, 30, 30, 45, 60):
        operations.escalate_unacknowledged(at=at + timedelta(minutes=minutes))
        reached.append([notice.recipient for notice in Notice.objects.order_by("id")])
    assert reached[0] == reached[1] == [dsl_user, deputy_dsl_user]
    assert reached[2] == reached[-1] == [dsl_user, deputy_dsl_user, headteacher_user]
    assert OutboxEmail.objects.count() == 3
    assert Notice.objects.filter(escalated_from__isnull=False).count() == 2


def test_escalate_deputies_already_told_goes_to_the_head(
    school: School, dsl_user: User, deputy_dsl_user: User, headteacher_user: User, at: datetime
) -> None:
    """NOT-04: DSL and deputies at once, the head after 15 minutes."""
    tell(school, [dsl_user, deputy_dsl_user], at, urgent=True)
    operations.escalate_unacknowledged(at=at + timedelta(minutes=15))
    assert Notice.objects.get(escalated_from__isnull=False).recipient == headteacher_user


@pytest.mark.parametrize("by_role", [True, False])
def test_escalate_to_whom_the_notice_names(
    school: School, dsl_user: User, deputy_dsl_user: User, exams_officer_user: User, at: datetime, by_role: bool
) -> None:
    named: Any = Role.EXAMS_OFFICER if by_role else [exams_officer_user]
    tell(school, [dsl_user], at, urgent=True, escalate_to=named, escalate_after_minutes=5)
    assert operations.escalate_unacknowledged(at=at + timedelta(minutes=5)) == 1
    assert Notice.objects.get(escalated_from__isnull=False).recipient == exams_officer_user


def test_escalate_in_two_schools_stays_in_each(
    school: School, other_school: School, dsl_user: User, at: datetime
) -> None:
    there = build_user(Role.DSL, other_school)
    head_there = build_user(Role.HEADTEACHER, other_school)
    tell(school, [dsl_user], at, urgent=True)
    with scope(school=other_school):
        tell(other_school, [there], at, urgent=True)
    assert operations.escalate_unacknowledged(at=at + timedelta(minutes=15)) == 2
    with scope(school=other_school):
        assert set(Notice.objects.values_list("recipient", flat=True)) == {there.pk, head_there.pk}


def test_send_digests_counts_the_unread_and_no_more(school: School, office_user: User, at: datetime) -> None:
    tell(school, [office_user], at, dedupe_key="a")
    tell(school, [office_user], at, dedupe_key="b")
    (read,) = tell(school, [office_user], at, dedupe_key="c")
    operations.mark_read(school=school, actor=office_user, at=at, notice=read)
    for _ in range(5):
        operations.send_digests(at=at)
    mail = OutboxEmail.objects.get()
    assert mail.subject == f"2 records need you: {school.name}"
    assert f"2 records need you at {school.name}." in mail.text
    assert "/harbour-view/inbox/" in mail.text


def test_send_digests_of_one_speaks_of_one(school: School, office_user: User, at: datetime) -> None:
    tell(school, [office_user], at)
    operations.send_digests(at=at)
    assert OutboxEmail.objects.get().subject == f"1 record needs you: {school.name}"


def test_send_digests_on_a_saturday_waits_for_monday(school: School, office_user: User, at: datetime) -> None:
    tell(school, [office_user], at - timedelta(days=3))
    assert operations.send_digests(at=at - timedelta(days=2)) == 0
    assert operations.send_digests(at=at) == 1


def test_set_preferences_twice_keeps_one_row_and_records_both(school: School, office_user: User, at: datetime) -> None:
    operations.set_preferences(school=school, actor=office_user, at=at, delivery=Delivery.AT_ONCE)
    wish = operations.set_preferences(school=school, actor=office_user, at=at, delivery=Delivery.NONE)
    assert NoticePreference.objects.get() == wish
    assert Entry.objects.filter(action="notices.set_preferences").latest("id").detail == {
        "old": "at_once",
        "new": "none",
    }


def test_wish_at_one_school_says_nothing_of_another(
    school: School, other_school: School, office_user: User, at: datetime
) -> None:
    give_role(office_user, other_school, Role.OFFICE)
    operations.set_preferences(school=school, actor=office_user, at=at, delivery=Delivery.NONE)
    with scope(school=other_school):
        (notice,) = tell(other_school, [office_user], at, url="/mill-lane/devices/")
    assert notice.delivery == Delivery.DIGEST


def test_inbox_lists_urgent_first_and_pages_by_key(school: School, dsl_user: User, at: datetime) -> None:
    for number in range(queries.PAGE + 2):
        tell(school, [dsl_user], at, dedupe_key=f"n{number}")
    tell(school, [dsl_user], at, dedupe_key="u", urgent=True)
    page = queries.inbox_for(dsl_user, school, unread_only=True)
    assert [notice.urgency for notice in page.urgent] == [Urgency.URGENT]
    assert len(page.others) == queries.PAGE
    older = queries.inbox_for(dsl_user, school, unread_only=True, before=page.before)
    assert (len(older.others), older.before, older.urgent) == (2, 0, [])
