"""Pages of the inbox: one's own notices and nobody else's; a link followed changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from core.notices import operations
from core.notices.enums import Beating, Delivery, MailState
from core.notices.models import Notice, NoticePreference, OutboxEmail
from core.people.models import School, User
from core.people.roles import Role
from tests.factories import make_user as build_user
from tests.notices.test_telling import tell

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"notices:{name}", args=["harbour-view", *args])


def test_inbox_first_use_says_what_will_appear(school: School, office_user: User, client_for: Clients) -> None:
    page = client_for(office_user).get(url("inbox")).content.decode()
    assert "No notices yet" in page
    assert "Checked " in page


def test_inbox_done_says_when_the_last_one_came(
    school: School, office_user: User, client_for: Clients, at: datetime
) -> None:
    tell(school, [office_user], at)
    operations.mark_read(school=school, actor=office_user, at=at)
    page = client_for(office_user).get(url("inbox")).content.decode()
    assert "No new notices" in page
    assert "The last one came at 23 November 2026, 8:30am" in page or "The last one came at 8:30am" in page


def test_inbox_urgent_on_top_with_its_button(school: School, dsl_user: User, client_for: Clients, at: datetime) -> None:
    (urgent,) = tell(school, [dsl_user], at, urgent=True, subject="First")
    tell(school, [dsl_user], at, subject="Second", dedupe_key="2")
    page = client_for(dsl_user).get(url("inbox")).content.decode()
    assert page.index("First") < page.index("Second")
    assert url("acknowledge", urgent.pk) in page
    assert "call 999" in page


def test_inbox_worker_silent_says_so(school: School, dsl_user: User, client_for: Clients) -> None:
    client = client_for(dsl_user)
    assert "Emails and reminders are late" in client.get(url("inbox")).content.decode()
    operations.beat(name=Beating.WORKER, at=timezone.now())
    assert "Emails and reminders are late" not in client.get(url("inbox")).content.decode()


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30])
def test_inbox_odd_page_key_shows_the_first_page(
    school: School, dsl_user: User, client_for: Clients, before: str
) -> None:
    assert client_for(dsl_user).get(url("inbox"), {"before": before}).status_code == 200


def test_inbox_takes_as_many_statements_for_three_as_for_one(
    school: School, dsl_user: User, client_for: Clients, at: datetime, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_for(dsl_user)
    client.get(url("inbox"))
    counts = []
    for rows in (1, 3):
        for number in range(rows):
            tell(school, [dsl_user], at, dedupe_key=f"{rows}{number}")
            tell(school, [dsl_user], at, dedupe_key=f"u{rows}{number}", urgent=True)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(url("inbox"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_notice_get_changes_nothing_post_marks_read(
    school: School, office_user: User, client_for: Clients, at: datetime
) -> None:
    """ux §1.8: no act by opening a link."""
    (notice,) = tell(school, [office_user], at)
    client = client_for(office_user)
    assert client.get(url("notice", notice.pk)).status_code == 200
    notice.refresh_from_db()
    assert notice.read_at is None
    assert client.post(url("notice", notice.pk)).status_code == 302
    notice.refresh_from_db()
    assert notice.read_at is not None


@pytest.mark.parametrize(("name", "method"), [("notice", "get"), ("notice", "post"), ("acknowledge", "post")])
def test_notice_of_somebody_else_is_not_there(
    school: School, office_user: User, dsl_user: User, client_for: Clients, at: datetime, name: str, method: str
) -> None:
    """ORG-10: hidden and absent look alike."""
    (notice,) = tell(school, [dsl_user], at, urgent=True)
    assert getattr(client_for(office_user), method)(url(name, notice.pk)).status_code == 404
    assert Notice.objects.get().acknowledged_at is None


def test_notice_of_the_neighbour_school_is_not_there(
    school: School, other_school: School, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    there = build_user(Role.DSL, other_school)
    with scope(school=other_school):
        (notice,) = tell(other_school, [there], at, urgent=True)
    assert client_for(dsl_user).get(url("notice", notice.pk)).status_code == 404


def test_acknowledge_post_names_who_took_it_on(
    school: School, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    (notice,) = tell(school, [dsl_user], at, urgent=True)
    page = client_for(dsl_user).post(url("acknowledge", notice.pk), follow=True).content.decode()
    assert f"Acknowledged by {dsl_user.display_name}" in page


def test_acknowledge_get_is_not_answered(school: School, dsl_user: User, client_for: Clients, at: datetime) -> None:
    (notice,) = tell(school, [dsl_user], at, urgent=True)
    assert client_for(dsl_user).get(url("acknowledge", notice.pk)).status_code == 405


def test_acknowledge_ordinary_answers_422_in_words(
    school: School, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    (notice,) = tell(school, [dsl_user], at)
    answer = client_for(dsl_user).post(url("acknowledge", notice.pk))
    assert answer.status_code == 422
    assert "This notice is not urgent" in answer.content.decode()


def test_preferences_saves_and_a_wrong_choice_answers_422(
    school: School, office_user: User, client_for: Clients
) -> None:
    client = client_for(office_user)
    assert client.get(url("preferences")).status_code == 200
    assert client.post(url("preferences"), {"delivery": "never"}).status_code == 422
    assert client.post(url("preferences"), {"delivery": Delivery.AT_ONCE}).status_code == 302
    assert NoticePreference.objects.get().delivery == Delivery.AT_ONCE


def test_count_is_a_fragment_with_the_number(
    school: School, office_user: User, client_for: Clients, at: datetime
) -> None:
    client = client_for(office_user)
    assert client.get(url("count"), headers={"HX-Request": "true"}).content.decode().strip() == ""
    tell(school, [office_user], at)
    fragment = client.get(url("count"), headers={"HX-Request": "true", "X-Schoolsafe-Poll": "1"}).content.decode()
    assert "1<span" in fragment
    assert "<html" not in fragment


def test_email_page_shows_dead_letters_and_tries_them_again(
    school: School, administrator_user: User, client_for: Clients, at: datetime
) -> None:
    operations.queue_email(
        school=school, to="a@example.org", subject="x", text="x", cause="c", at=at - timedelta(days=1)
    )
    OutboxEmail.objects.update(state=MailState.DEAD)
    client = client_for(administrator_user)
    assert "Some emails were given up" in client.get(url("email")).content.decode()
    client.post(url("email"))
    assert OutboxEmail.objects.get().state == MailState.WAITING


def test_email_page_is_not_for_the_office(school: School, office_user: User, client_for: Clients) -> None:
    assert client_for(office_user).get(url("email")).status_code == 403
