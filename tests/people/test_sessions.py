"""Sessions: idle lock with the typed text kept, absolute end, wrong passwords, second steps, keys (security §5.5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from core.people.models import School, Session, User
from core.people.roles import Role
from tests.factories import give_role

PASSWORD = "a long enough password"
POLL = {"HTTP_X_SCHOOLSAFE_POLL": "1"}


@pytest.fixture
def page(school: School) -> str:
    return f"/{school.slug}/people/pupils/"


def at_minute(at: datetime, minutes: float) -> Any:
    return time_machine.travel(at + timedelta(minutes=minutes), tick=False)


def sign_in(user: User) -> Client:
    client = Client()
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def test_idle_lock_falls_after_twenty_minutes(office_user: User, client_for: Any, page: str, at: datetime) -> None:
    """ORG-20, row 29: enforced by the server, with the clock standing still between requests."""
    client = client_for(office_user)
    for minutes, status in ((0, 200), (19.9, 200), (39.8, 200), (60, 302)):
        with at_minute(at, minutes):
            answer = client.get(page)
        assert answer.status_code == status
    assert answer["Location"] == "/account/unlock/"


def test_idle_lock_of_a_governor_falls_after_fifteen(
    school: School, governor_user: User, client_for: Any, at: datetime
) -> None:
    client, home = client_for(governor_user), f"/{school.slug}/inbox/"
    with at_minute(at, 0):
        client.get(home)
    with at_minute(at, 16):
        assert client.get(home)["Location"] == "/account/unlock/"


def test_polls_do_not_keep_a_forgotten_screen_awake(
    office_user: User, client_for: Any, page: str, at: datetime
) -> None:
    """Security §5.5: an hour of polling at a standing clock → locked."""
    client = client_for(office_user)
    with at_minute(at, 0):
        client.get(page)
    answers = []
    for minutes in range(1, 61):
        with at_minute(at, minutes):
            answers.append(client.get(page, **POLL).status_code)
    assert answers[:19] == [200] * 19 and set(answers[20:]) == {302}


def test_unlock_comes_back_to_the_page_with_a_new_key(
    office_user: User, client_for: Any, page: str, at: datetime
) -> None:
    client = client_for(office_user)
    with at_minute(at, 0):
        client.get(page)
    with at_minute(at, 30):
        client.get(f"{page}?year=8")
        key = client.session.session_key
        assert client.get("/account/unlock/").status_code == 200
        answer = client.post("/account/unlock/", {"password": PASSWORD})
        assert answer["Location"] == f"{page}?year=8"
        assert client.session.session_key != key
        assert client.get(page).status_code == 200


def test_what_was_typed_is_kept_offered_and_sent_only_by_hand(
    school: School, administrator_user: User, client_for: Any, at: datetime
) -> None:
    """Security §5.5: the text is a draft on the server; passwords never are; nothing goes by itself."""
    client, url = client_for(administrator_user), f"/{school.slug}/people/directory/add/"
    typed = {"kind": "police", "name": "Harbour desk", "phone": "101", "password": "never keep this"}
    with at_minute(at, 0):
        client.get(url)
    with at_minute(at, 30):
        assert client.post(url, typed)["Location"] == "/account/unlock/"
        assert "is kept" in client.get("/account/unlock/").content.decode()
        assert client.post("/account/unlock/", {"password": PASSWORD})["Location"] == "/account/continue/"
        offered = client.get("/account/continue/").content.decode()
        assert "Harbour desk" in offered and "never keep this" not in offered
        assert f'action="{url}"' in offered
        assert "Harbour desk" not in client.get(f"/{school.slug}/people/directory/").content.decode()
        assert client.post(url, typed).status_code == 302
        assert client.post("/account/continue/").status_code == 302
        assert client.get("/account/continue/")["Location"] == "/"


def test_unlock_five_wrong_passwords_end_the_session(
    office_user: User, client_for: Any, page: str, at: datetime
) -> None:
    client = client_for(office_user)
    with at_minute(at, 0):
        client.get(page)
        assert client.post("/account/lock/").status_code == 302
        for _ in range(4):
            assert client.post("/account/unlock/", {"password": "wrong"}).status_code == 422
        assert client.post("/account/unlock/", {"password": "wrong"})["Location"] == "/account/login/"
        assert client.post("/account/unlock/", {"password": PASSWORD})["Location"].startswith("/account/login/")


def test_locked_session_reaches_no_page(school: School, office_user: User, client_for: Any, page: str) -> None:
    client = client_for(office_user)
    client.get(page)
    client.post("/account/lock/", HTTP_REFERER=f"http://testserver{page}")
    for url in (page, f"/{school.slug}/", "/", "/account/you/"):
        assert client.get(url)["Location"] == "/account/unlock/"


def test_session_ends_after_ten_hours_however_busy(office_user: User, client_for: Any, page: str, at: datetime) -> None:
    client = client_for(office_user)
    for minutes in range(0, 600, 15):
        with at_minute(at, minutes):
            assert client.get(page).status_code == 200
    with at_minute(at, 601):
        assert "/account/login/" in client.get(page)["Location"]


def test_extend_keeps_the_session_awake(office_user: User, client_for: Any, page: str, at: datetime) -> None:
    client = client_for(office_user)
    with at_minute(at, 0):
        client.get(page)
    with at_minute(at, 18):
        answer = client.post("/account/extend/", HTTP_ACCEPT="application/json")
        assert answer.json() == {"seconds": 1200}
    with at_minute(at, 30):
        assert client.get(page).status_code == 200


def test_sign_in_changes_the_key(office_user: User) -> None:
    """Security row 30, F36: a key planted before sign-in opens nothing after it."""
    planted = Client()
    planted.get("/account/login/")
    planted.session.save()
    before = planted.session.session_key
    planted.post("/account/login/", {"login": office_user.email, "password": PASSWORD})
    assert planted.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_sign_in_is_by_address_in_any_case_and_only_for_active_people(office_user: User, teacher_user: User) -> None:
    office_user.email = office_user.email.upper()
    sign_in(office_user)
    User.objects.filter(pk=teacher_user.pk).update(is_active=False)
    answer = Client().post("/account/login/", {"login": teacher_user.email, "password": PASSWORD}, follow=True)
    assert not answer.wsgi_request.user.is_authenticated


def test_session_row_knows_its_user(office_user: User) -> None:
    client = sign_in(office_user)
    assert Session.objects.get(session_key=client.session.session_key).user_id == office_user.pk


def test_sign_out_everywhere_kills_the_other_browser(office_user: User, page: str) -> None:
    """Security row 31: a captured cookie fails within one request."""
    desk, phone = sign_in(office_user), sign_in(office_user)
    assert desk.get(page).status_code == phone.get(page).status_code == 200
    assert phone.post("/account/sign-out-everywhere/").status_code == 302
    for client in (desk, phone):
        assert "/account/login/" in client.get(page)["Location"]


def test_disabled_user_is_out_with_the_next_request(office_user: User, page: str) -> None:
    """F36."""
    client = sign_in(office_user)
    User.objects.filter(pk=office_user.pk).update(is_active=False)
    assert "/account/login/" in client.get(page)["Location"]


def test_second_step_demanded_by_role_sends_to_enrol(
    school: School, office_user: User, teacher_user: User, page: str
) -> None:
    """Security row 26: no page but signing in and enrolling is reachable without it."""
    school.mfa_roles = ["office"]
    school.save()
    client = sign_in(office_user)
    for url in (page, f"/{school.slug}/", "/"):
        assert client.get(url)["Location"] == "/account/2fa/"
    assert client.get("/account/2fa/").status_code in (200, 302)
    assert sign_in(teacher_user).get(page).status_code == 200
    Authenticator.objects.create(user=office_user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get(page).status_code == 200


def test_second_step_is_demanded_if_one_of_several_schools_demands_it(
    school: School, other_school: School, teacher_user: User, page: str
) -> None:
    give_role(teacher_user, other_school, Role.DSL)
    other_school.mfa_roles = ["dsl"]
    other_school.save()
    assert sign_in(teacher_user).get(page)["Location"] == "/account/2fa/"


def test_front_door_goes_into_the_only_school_or_lets_choose(
    school: School, other_school: School, teacher_user: User, no_role_user: User
) -> None:
    """One person may hold roles in several schools."""
    assert sign_in(teacher_user).get("/")["Location"] == f"/{school.slug}/"
    give_role(teacher_user, other_school, Role.TEACHER)
    text = sign_in(teacher_user).get("/").content.decode()
    assert school.name in text and other_school.name in text
    assert "no role at a school today" in sign_in(no_role_user).get("/").content.decode()


def test_your_account_lists_roles_in_every_school(school: School, other_school: School, teacher_user: User) -> None:
    give_role(teacher_user, other_school, Role.GOVERNOR)
    text = sign_in(teacher_user).get("/account/you/").content.decode()
    for word in (school.name, other_school.name, "Governor or trustee", "Change your password"):
        assert word in text


def test_wrong_passwords_are_limited_by_account_and_not_for_the_school(office_user: User, teacher_user: User) -> None:
    """ORG-20, security §5.7: after ten failures the account waits; a colleague at the same address signs in."""
    client = Client()
    for _ in range(10):
        client.post("/account/login/", {"login": office_user.email, "password": "wrong"})
    refused = client.post("/account/login/", {"login": office_user.email, "password": PASSWORD})
    assert refused.status_code != 302
    sign_in(teacher_user)
