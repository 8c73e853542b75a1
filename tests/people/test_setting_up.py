"""Setting up the first school by a one-time link, further schools, and the list of what a new school does."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django_scopes import scope

from core.audit.models import Entry
from core.people import operations, queries
from core.people.enums import LinkKind
from core.people.models import Membership, OneTimeLink, RoleHolding, School, User
from core.people.operations.links import LinkNotUsable, token_hash
from core.people.operations.school import AddressHasAccount, PresetNotKnown, SchoolNameTaken
from core.people.roles import STAFF_ROLES, Role
from core.rules.queries import for_school
from tests.factories import make_pupil, make_school, make_user
from tests.people.conftest import at_once

FIRST = {
    "given_name": "Nadia",
    "family_name": "Okafor",
    "email": "N.Okafor@example.org",
    "password": "copper kettle by the sea",
    "again": "copper kettle by the sea",
    "name": "Larkfield Academy",
    "phases": ["secondary"],
    "preset": "phone-free-agreement",
    "rules_from": "2026-09-01",
}


def new_school(at: datetime, **changed: Any) -> School:
    values: dict[str, Any] = {
        "name": "Larkfield Academy",
        "phases": ["secondary", "primary"],
        "preset": "primary-by-agreement",
        "rules_from": date(2026, 9, 1),
        "demand_mfa": False,
        "administrator": operations.NewPerson("Nadia", "Okafor", "n.okafor@example.org", "copper kettle by the sea"),
        "actor": None,
        "at": at,
    }
    return operations.create_school(**values | changed)


def link_from_command() -> str:
    out = StringIO()
    call_command("setup_link", stdout=out)
    found = re.search(r"/setup/([^/\s]+)/", out.getvalue())
    assert found, out.getvalue()
    return found.group(1)


def test_create_school_makes_school_administrator_and_rules_in_one(db: None, at: datetime) -> None:
    """ORG-01, ORG-15: profile, first administrator and the preset's rules, dated."""
    school = new_school(at)
    assert (school.slug, school.phases, school.mfa_roles) == ("larkfield-academy", ["primary", "secondary"], [])
    with scope(school=school):
        holding = RoleHolding.objects.get(role=Role.ADMINISTRATOR)
        assert holding.user.email == "n.okafor@example.org" and holding.user.check_password("copper kettle by the sea")
        assert Membership.objects.get().joined_on == date(2026, 11, 23)
    assert for_school(school, on=date(2026, 9, 1)).pupil_bring_rule == "prior_agreement"
    assert Entry.objects.filter(school_id=school.pk, action="people.create_school").count() == 1


def test_create_school_in_production_demands_second_step_of_all_staff(db: None, at: datetime) -> None:
    """ORG-20, security row 26."""
    assert set(new_school(at, demand_mfa=True).mfa_roles) == set(STAFF_ROLES)


def test_create_school_same_name_is_refused(db: None, at: datetime) -> None:
    new_school(at)
    with pytest.raises(SchoolNameTaken):
        new_school(at, name="larkfield academy", administrator=make_user(None, None))


def test_create_school_similar_name_gets_an_address_of_its_own(db: None, at: datetime) -> None:
    new_school(at)
    second = new_school(at, name="Larkfield-Academy!", administrator=make_user(None, None))
    assert second.slug == "larkfield-academy-2"
    assert new_school(at, name="Setup", administrator=make_user(None, None)).slug == "setup-2"


def test_create_school_unknown_preset_leaves_nothing_behind(db: None, at: datetime) -> None:
    with pytest.raises(PresetNotKnown):
        new_school(at, preset="no-such")
    assert not School.objects.exists() and not User.objects.exists()


def test_create_school_address_with_account_is_refused(db: None, at: datetime) -> None:
    make_user(None, None, email="n.okafor@example.org")
    with pytest.raises(AddressHasAccount):
        new_school(at)


def test_create_school_spent_link_makes_nothing(db: None, at: datetime) -> None:
    """Security row 27: a link is spent once."""
    operations.make_set_up_link(at=at)
    link = OneTimeLink.objects.get()
    new_school(at, link=link)
    with pytest.raises(LinkNotUsable):
        new_school(at, link=link, name="Another", administrator=make_user(None, None))
    assert School.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_create_school_two_posts_of_one_link_make_one_school(at: datetime) -> None:
    operations.make_set_up_link(at=at)
    link = OneTimeLink.objects.get()
    results = at_once(
        School(pk=0),
        lambda: new_school(at, link=link),
        lambda: new_school(at, link=link, name="Other", administrator=operations.NewPerson("A", "B", "a@example.org")),
    )
    assert School.objects.count() == 1
    assert len([result for result in results if isinstance(result, LinkNotUsable)]) == 1


def test_setup_link_keeps_only_a_digest_and_withdraws_the_earlier(db: None) -> None:
    """Security row 27: 256 random bits, stored hashed."""
    first, second = link_from_command(), link_from_command()
    assert len(second) >= 43 and not OneTimeLink.objects.filter(token_hash=second).exists()
    assert OneTimeLink.objects.get(token_hash=token_hash(first)).withdrawn_at is not None
    assert OneTimeLink.objects.get(token_hash=token_hash(second)).withdrawn_at is None


def test_setup_link_on_an_installation_in_use_points_to_sign_in(school: School) -> None:
    out = StringIO()
    call_command("setup_link", stdout=out)
    assert "/account/login/" in out.getvalue() and not OneTimeLink.objects.exists()


def test_set_up_page_from_link_to_task_list(db: None) -> None:
    """The whole way: the link, a form without the token in its address, signed in at the list (ORG-15)."""
    client, token = Client(), link_from_command()
    for _ in range(2):  # a mail scanner that opens the link does not use it up
        answer = client.get(f"/setup/{token}/")
        assert (answer.status_code, answer["Location"]) == (302, "/setup/")
        assert answer["Referrer-Policy"] == "no-referrer"
    page = client.get("/setup/")
    assert page.status_code == 200 and "Primary, devices by agreement only" in page.content.decode()
    wrong = client.post("/setup/", FIRST | {"again": "different", "phases": []})
    assert wrong.status_code == 422 and "There is a problem" in wrong.content.decode()
    before = client.session.session_key
    done = client.post("/setup/", FIRST)
    assert (done.status_code, done["Location"]) == (302, "/larkfield-academy/people/set-up/")
    assert client.session.session_key != before
    listed = client.get(done["Location"]).content.decode()
    assert "1 of 8 are done" in listed and "No designated safeguarding lead is named." in listed
    assert Client().get(f"/setup/{token}/").status_code == 404


@pytest.mark.parametrize("password", ["short", "password1234", "n.okafor@example.org"])
def test_set_up_page_weak_password_is_refused(db: None, password: str) -> None:
    """Security row 23."""
    client = Client()
    client.get(f"/setup/{link_from_command()}/")
    answer = client.post("/setup/", FIRST | {"password": password, "again": password})
    assert answer.status_code == 422 and not School.objects.exists()


def test_set_up_page_without_link_unknown_and_run_out_look_alike(db: None) -> None:
    """Security §5.3: no oracle."""
    token = link_from_command()
    with time_machine.travel(datetime.now().astimezone() + timedelta(hours=25)):
        late = Client().get(f"/setup/{token}/")
    unknown, bare = Client().get("/setup/nothing-like-it/"), Client().get("/setup/")
    assert {late.status_code, unknown.status_code, bare.status_code} == {404}
    texts = {re.sub(r"X-CSRFToken[^}]*", "", answer.content.decode()) for answer in (late, unknown, bare)}
    assert len(texts) == 1


def test_link_of_other_kind_does_not_open_set_up(db: None) -> None:
    token = link_from_command()
    assert queries.link_of(LinkKind.INVITATION, token_hash(token), datetime.now().astimezone()) is None
    assert Client().get(f"/account/invitation/{token}/").status_code == 404


def test_create_school_command_invites_a_new_administrator(db: None, letters: list[dict[str, Any]]) -> None:
    out = StringIO()
    call_command(
        "create_school",
        "Mill Lane Primary",
        "--administrator=a.rowe@example.org",
        "--given-name=Ada",
        "--family-name=Rowe",
        "--phase=primary",
        "--preset=primary-online-safety",
        stdout=out,
    )
    assert "/mill-lane-primary/" in out.getvalue()
    assert [letter["kind"] for letter in letters] == ["invitation"]


def test_create_school_command_nameless_newcomer_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="given-name"):
        call_command(
            "create_school", "X", "--administrator=x@example.org", "--phase=primary", "--preset=image-and-conduct"
        )


def test_add_school_page_makes_a_second_school_for_the_administrator(
    school: School, administrator_user: User, client_for: Any
) -> None:
    client = client_for(administrator_user)
    url = f"/{school.slug}/people/set-up/another-school/"
    assert client.get(url).status_code == 200
    answer = client.post(
        url,
        {"name": "Second", "phases": ["primary"], "preset": "image-and-conduct", "rules_from": "2026-09-01"},
    )
    assert answer["Location"] == "/second/people/set-up/"
    assert client.get("/second/people/set-up/").status_code == 200


def test_set_up_lines_follow_the_data(school: School, at: datetime) -> None:
    """Each state is read from what is there (ORG-01, ORG-17, ORG-21, ORG-24)."""

    def done() -> dict[str, bool]:
        return {line.label: line.state.done for line in queries.set_up_lines(school, at.date())}

    before = done()
    assert not before["School profile"] and not before["Staff and roles"] and not before["Roll import"]
    operations.change_profile(
        school=school,
        actor=None,
        at=at,
        version=school.version,
        values={
            "governing_body": "trustees",
            "safeguarding_partnership": "Westshire",
            "address": "1 Harbour Road",
            "email": "office@example.org",
        },
    )
    school.refresh_from_db()
    for role in (Role.DSL, Role.HEADTEACHER, Role.ONLINE_SAFETY_HOLDER, Role.OFFICE):
        make_user(role, school)
    make_pupil(school)
    operations.save_term(
        school=school, actor=None, at=at, name="Autumn", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 18)
    )
    for kind in ("police", "social_care", "lado"):
        operations.add_body(school=school, actor=None, at=at, values={"kind": kind, "name": kind, "phone": "101"})
    after = done()
    assert after["School profile"] and after["Staff and roles"] and after["Roll import"] and after["Outside bodies"]
    assert not after["Calendar and times of the day"], "the times still stand at their defaults"
    assert not after["Storage places"] and not after["First hand-in"]


def test_finish_set_up_is_kept(school: School, administrator_user: User, client_for: Any) -> None:
    client_for(administrator_user).post(f"/{school.slug}/people/set-up/finish/")
    school.refresh_from_db()
    assert school.set_up_at is not None


def test_create_school_second_school_needs_permission_in_the_first(
    school: School, teacher_user: User, at: datetime
) -> None:
    from core.people.access import NotPermitted

    with pytest.raises(NotPermitted):
        new_school(at, actor=teacher_user, administrator=teacher_user, school=school)
    assert make_school("still-works").pk
