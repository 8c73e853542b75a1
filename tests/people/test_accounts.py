"""Invitations, leavers, accounts switched off, second steps taken off by two (ORG-05, ORG-08, ORG-20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from django_scopes import scope

from core.audit.models import Entry
from core.people import operations, queries
from core.people.access import NotPermitted
from core.people.models import FactorReset, Membership, OneTimeLink, RoleHolding, School, Session, User
from core.people.operations import RoleWish
from core.people.operations.accounts import (
    AddressInUse,
    AddressIsTheirs,
    AlreadyHere,
    AlreadySignedUp,
    NotAtThisSchool,
    OwnAccount,
    SharedAccount,
    StaffCodeTaken,
)
from core.people.operations.links import LinkNotUsable, token_hash
from core.people.operations.roles import LastAdministrator, OwnRole
from core.people.operations.second_step import NothingToReset, SamePersonTwice
from core.people.roles import Role
from tests.factories import give_role, make_user
from tests.people.conftest import at_once

PASSWORD = "a long enough password"


def invite(school: School, actor: Any, at: datetime, **changed: Any) -> User:
    values: dict[str, Any] = {
        "email": "p.shah@example.org",
        "given_name": "Priya",
        "family_name": "Shah",
        "category": "teacher",
    }
    return operations.invite_person(school=school, actor=actor, at=at, **values | changed)


def token_in(letters: list[dict[str, Any]]) -> str:
    return str(letters[-1]["path"]).split("/")[-2]


def test_invite_person_makes_account_place_roles_and_one_letter(
    school: School, administrator_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    """ORG-05, ORG-08: account without a usable password, category, roles, and a hashed link for a day."""
    user = invite(school, administrator_user, at, roles=[RoleWish(Role.SLT), RoleWish(Role.TEACHER)])
    assert not user.has_usable_password()
    assert Membership.objects.get(user=user).category == "teacher"
    assert {holding.role for holding in RoleHolding.objects.filter(user=user)} == {"slt", "teacher"}
    assert [(letter["kind"], letter["user"]) for letter in letters] == [("invitation", user)]
    link = OneTimeLink.objects.get()
    assert link.token_hash == token_hash(token_in(letters)) and link.expires_at == at + timedelta(hours=24)


def test_invite_person_letter_goes_to_the_outbox_without_names(
    school: School, administrator_user: User, at: datetime
) -> None:
    """ORG-19: the email that really leaves carries no name; the link's token stands in no table of people."""
    from core.notices.models import OutboxEmail

    user = invite(school, administrator_user, at)
    mail = OutboxEmail.objects.get(user=user)
    assert "/account/invitation/" in mail.text
    assert "Priya" not in mail.text + mail.subject and "Shah" not in mail.text + mail.subject


def test_invite_person_known_elsewhere_keeps_account_and_gets_a_place(
    school: School, other_school: School, administrator_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    """One person, several schools: nothing of the account is changed, no link is made."""
    there = make_user(Role.TEACHER, other_school, email="p.shah@example.org", given_name="Pia")
    user = invite(school, administrator_user, at, email="P.Shah@example.org", roles=[RoleWish(Role.OFFICE)])
    assert user == there and User.objects.get(pk=user.pk).given_name == "Pia"
    assert [letter["kind"] for letter in letters] == ["added"] and not OneTimeLink.objects.exists()
    fresh = User.objects.get(pk=user.pk)
    assert [found.slug for found in queries.schools_of(fresh)] == [school.slug, other_school.slug]
    with scope(school=other_school):
        assert {row.role for row in RoleHolding.objects.filter(user=user)} == {"teacher"}


def test_invite_person_already_here_is_refused(school: School, administrator_user: User, at: datetime) -> None:
    invite(school, administrator_user, at)
    with pytest.raises(AlreadyHere):
        invite(school, administrator_user, at, email="P.SHAH@example.org")


def test_invite_person_same_submission_twice_invites_once(
    school: School, administrator_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    """Security §5.11: a double click is one act."""
    import uuid

    key = uuid.uuid4()
    assert invite(school, administrator_user, at, submission=key) == invite(
        school, administrator_user, at, submission=key
    )
    assert len(letters) == 1


def test_invite_person_staff_code_of_another_is_refused_and_nothing_stays(
    school: School, administrator_user: User, at: datetime
) -> None:
    invite(school, administrator_user, at, staff_code="PS1")
    with pytest.raises(StaffCodeTaken):
        invite(school, administrator_user, at, email="other@example.org", staff_code="PS1")
    assert not User.objects.filter(email="other@example.org").exists()


def test_invite_person_oneself_with_a_role_is_refused(
    school: School, other_school: School, administrator_user: User, at: datetime
) -> None:
    """Nobody gives themselves a role, through an invitation neither."""
    Membership.objects.filter(user=administrator_user).delete()
    with pytest.raises(OwnRole):
        invite(school, administrator_user, at, email=administrator_user.email, roles=[RoleWish(Role.DSL)])


@pytest.mark.parametrize("role", [Role.OFFICE, Role.DSL, Role.TEACHER, Role.GOVERNOR])
def test_invite_person_other_roles_may_not(school: School, make_user: Any, at: datetime, role: Role) -> None:
    with pytest.raises(NotPermitted):
        invite(school, make_user(role), at)


@pytest.mark.django_db(transaction=True)
def test_invite_person_two_administrators_at_once_make_one_account(school: School, at: datetime) -> None:
    one, two = make_user(Role.ADMINISTRATOR, school), make_user(Role.ADMINISTRATOR, school)
    results = at_once(school, lambda: invite(school, one, at), lambda: invite(school, two, at))
    assert sorted(type(result).__name__ for result in results) == ["AlreadyHere", "User"]
    assert User.objects.filter(email="p.shah@example.org").count() == 1


def test_invitation_from_letter_to_signed_in(
    school: School, administrator_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    """Security row 27: GET shows, POST decides; the token leaves the address; the link is spent once."""
    user = invite(school, administrator_user, at, roles=[RoleWish(Role.OFFICE)])
    url = letters[-1]["path"]
    Client().get(url)  # a mail scanner
    client = Client()
    assert client.get(url)["Location"] == "/account/invitation/"
    page = client.get("/account/invitation/")
    assert page.status_code == 200 and token_in(letters) not in page.content.decode()
    short = client.post("/account/invitation/", {"password": "short", "again": "short"})
    assert short.status_code == 422
    done = client.post("/account/invitation/", {"password": PASSWORD, "again": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/")
    assert client.get("/")["Location"] == f"/{school.slug}/"
    assert Client().get(url).status_code == 404
    assert Entry.objects.filter(action="people.accept_invitation", actor_id=user.pk).count() == 1


def test_accept_invitation_run_out_replaced_and_leaver_are_refused(
    school: School, administrator_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    user = invite(school, administrator_user, at)
    first = OneTimeLink.objects.get()
    with pytest.raises(LinkNotUsable):
        operations.accept_invitation(link=first, password=PASSWORD, at=at + timedelta(hours=24))
    operations.resend_invitation(school=school, actor=administrator_user, at=at, user=user)
    with pytest.raises(LinkNotUsable):
        operations.accept_invitation(link=first, password=PASSWORD, at=at)
    second = OneTimeLink.objects.latest("pk")
    operations.end_employment(school=school, actor=administrator_user, at=at, user=user)
    with pytest.raises(LinkNotUsable):
        operations.accept_invitation(link=second, password=PASSWORD, at=at)
    assert not User.objects.get(pk=user.pk).has_usable_password()


@pytest.mark.django_db(transaction=True)
def test_accept_invitation_two_posts_set_one_password(school: School, at: datetime) -> None:
    invite(school, make_user(Role.ADMINISTRATOR, school), at)
    link = OneTimeLink.objects.get()
    results = at_once(
        school,
        lambda: operations.accept_invitation(link=link, password="first long password", at=at),
        lambda: operations.accept_invitation(link=link, password="second long password", at=at),
    )
    assert sorted(type(result).__name__ for result in results) == ["LinkNotUsable", "User"]


def test_resend_invitation_to_who_has_signed_in_is_refused(
    school: School, administrator_user: User, teacher_user: User, at: datetime
) -> None:
    with pytest.raises(AlreadySignedUp):
        operations.resend_invitation(school=school, actor=administrator_user, at=at, user=teacher_user)


def edit(school: School, actor: Any, at: datetime, user: User, **changed: Any) -> Membership:
    values: dict[str, Any] = {
        "version": Membership.objects.get(user=user).version,
        "email": user.email,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "title": "",
        "category": "teacher",
        "job_title": "",
        "staff_code": "",
    }
    return operations.edit_person(school=school, actor=actor, at=at, user=user, **values | changed)


def test_edit_person_changes_name_and_place(
    school: School, administrator_user: User, teacher_user: User, at: datetime
) -> None:
    place = edit(school, administrator_user, at, teacher_user, family_name="Day", job_title="Head of year")
    assert place.job_title == "Head of year" and User.objects.get(pk=teacher_user.pk).family_name == "Day"


def test_edit_person_address_only_before_the_first_sign_in(
    school: School, administrator_user: User, teacher_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    """No administrator can take an account over by giving it their own address."""
    with pytest.raises(AddressIsTheirs):
        edit(school, administrator_user, at, teacher_user, email="mine@example.org")
    user = invite(school, administrator_user, at, email="tpyo@example.org")
    with pytest.raises(AddressInUse):
        edit(school, administrator_user, at, user, email=teacher_user.email)
    edit(school, administrator_user, at, user, email="typo@example.org")
    assert User.objects.get(pk=user.pk).email == "typo@example.org" and len(letters) == 2


def test_end_employment_ends_roles_closes_account_and_sessions(
    school: School, administrator_user: User, form_tutor_user: User, client_for: Any, at: datetime
) -> None:
    """Security row 31: a leaver is out with their next request; holdings end today; nothing is deleted."""
    client = client_for(form_tutor_user)
    assert client.get(f"/{school.slug}/people/pupils/").status_code == 200
    place = operations.end_employment(school=school, actor=administrator_user, at=at, user=form_tutor_user)
    answer = client.get(f"/{school.slug}/people/pupils/")
    assert answer.status_code == 302 and "/account/login/" in answer["Location"]
    assert place.left_on == at.date()
    holding = RoleHolding.objects.get(user=form_tutor_user)
    assert (holding.ends_on, holding.cut_at) == (at.date(), at)
    assert not User.objects.get(pk=form_tutor_user.pk).is_active
    assert not Session.objects.filter(user_id=form_tutor_user.pk).exists()
    assert not Client().login(email=form_tutor_user.email, password=PASSWORD)
    assert Entry.objects.filter(action="people.end_employment").count() == 1


def test_end_employment_with_another_school_keeps_the_account(
    school: School, other_school: School, administrator_user: User, teacher_user: User, client_for: Any, at: datetime
) -> None:
    give_role(teacher_user, other_school, Role.TEACHER)
    client = client_for(teacher_user)
    operations.end_employment(school=school, actor=administrator_user, at=at, user=teacher_user)
    assert client.get(f"/{school.slug}/people/pupils/").status_code == 404
    assert client.get(f"/{other_school.slug}/people/pupils/").status_code == 200


def test_end_employment_also_stops_roles_that_have_not_begun(
    school: School, administrator_user: User, teacher_user: User, at: datetime
) -> None:
    later = at.date() + timedelta(days=30)
    operations.grant_role(
        school=school, actor=administrator_user, at=at, user=teacher_user, wish=RoleWish(Role.SLT), starts_on=later
    )
    operations.end_employment(school=school, actor=administrator_user, at=at, user=teacher_user)
    assert not queries.holders_of(school, Role.SLT, on=later).exists()
    assert not RoleHolding.objects.filter(user=teacher_user, cut_at__isnull=True).exists()


def test_end_employment_of_oneself_or_a_stranger_is_refused(
    school: School, other_school: School, administrator_user: User, at: datetime
) -> None:
    with pytest.raises(OwnAccount):
        operations.end_employment(school=school, actor=administrator_user, at=at, user=administrator_user)
    with pytest.raises(NotAtThisSchool):
        operations.end_employment(
            school=school, actor=administrator_user, at=at, user=make_user(Role.TEACHER, other_school)
        )


def test_end_employment_of_the_last_administrator_is_refused(
    school: School, administrator_user: User, headteacher_user: User, at: datetime
) -> None:
    for act in (operations.end_employment, operations.deactivate_account):
        extra = {"reason": "x"} if act is operations.deactivate_account else {}
        with pytest.raises(LastAdministrator):
            act(school=school, actor=headteacher_user, at=at, user=administrator_user, **extra)  # type: ignore[operator]


@pytest.mark.django_db(transaction=True)
def test_end_employment_two_administrators_of_each_other_leaves_one(school: School, at: datetime) -> None:
    one, two = make_user(Role.ADMINISTRATOR, school), make_user(Role.ADMINISTRATOR, school)
    at_once(
        school,
        lambda: operations.end_employment(school=school, actor=one, at=at, user=two),
        lambda: operations.end_employment(school=school, actor=two, at=at, user=one),
    )
    assert queries.holders_of(school, Role.ADMINISTRATOR).count() == 1


def test_invite_person_who_left_comes_back(
    school: School, administrator_user: User, teacher_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    operations.end_employment(school=school, actor=administrator_user, at=at, user=teacher_user)
    user = invite(school, administrator_user, at, email=teacher_user.email, roles=[RoleWish(Role.TEACHER)])
    place = Membership.objects.get(user=user)
    assert user.is_active and place.left_on is None and place.joined_on == at.date()
    assert queries.holders_of(school, Role.TEACHER).filter(pk=user.pk).exists()


def test_deactivate_and_reactivate_account(
    school: School, administrator_user: User, teacher_user: User, client_for: Any, at: datetime
) -> None:
    client = client_for(teacher_user)
    operations.deactivate_account(
        school=school, actor=administrator_user, at=at, user=teacher_user, reason="Laptop stolen"
    )
    assert client.get(f"/{school.slug}/people/pupils/")["Location"].startswith("/account/login/")
    operations.reactivate_account(school=school, actor=administrator_user, at=at, user=teacher_user)
    assert client_for(User.objects.get(pk=teacher_user.pk)).get(f"/{school.slug}/people/pupils/").status_code == 200


def test_deactivate_account_that_serves_another_school_is_refused(
    school: School, other_school: School, administrator_user: User, teacher_user: User, at: datetime
) -> None:
    give_role(teacher_user, other_school, Role.TEACHER)
    with pytest.raises(SharedAccount):
        operations.deactivate_account(school=school, actor=administrator_user, at=at, user=teacher_user, reason="Doubt")


def test_sign_out_person_kills_the_next_request(
    school: School, administrator_user: User, teacher_user: User, client_for: Any, at: datetime
) -> None:
    """Security row 31: a captured cookie fails within one request."""
    client = client_for(teacher_user)
    assert client.get(f"/{school.slug}/people/pupils/").status_code == 200
    operations.sign_out_person(school=school, actor=administrator_user, at=at, user=teacher_user)
    assert client.get(f"/{school.slug}/people/pupils/")["Location"].startswith("/account/login/")


@pytest.fixture
def locked_out(teacher_user: User) -> User:
    Authenticator.objects.create(user=teacher_user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return teacher_user


def test_factor_reset_needs_two_people(
    school: School, administrator_user: User, headteacher_user: User, locked_out: User, client_for: Any, at: datetime
) -> None:
    """Security row 27: one asks, another confirms; the second step and all sessions go, both names stay."""
    client = client_for(locked_out)
    reset = operations.ask_factor_reset(
        school=school, actor=administrator_user, at=at, user=locked_out, reason="Telephone lost; seen in person"
    )
    with pytest.raises(SamePersonTwice):
        operations.confirm_factor_reset(school=school, actor=administrator_user, at=at, reset=reset)
    assert queries.has_second_step(locked_out)
    done = operations.confirm_factor_reset(school=school, actor=headteacher_user, at=at, reset=reset)
    assert (done.asked_by, done.confirmed_by) == (administrator_user, headteacher_user)
    assert not queries.has_second_step(locked_out)
    assert client.get(f"/{school.slug}/people/pupils/")["Location"].startswith("/account/login/")
    assert Entry.objects.filter(action="people.confirm_factor_reset", outcome="refused").count() == 1


def test_factor_reset_runs_out_is_replaced_and_never_ones_own(
    school: School, administrator_user: User, headteacher_user: User, locked_out: User, at: datetime
) -> None:
    first = operations.ask_factor_reset(school=school, actor=administrator_user, at=at, user=locked_out, reason="Lost")
    second = operations.ask_factor_reset(
        school=school, actor=administrator_user, at=at, user=locked_out, reason="Lost again"
    )
    for reset, moment in ((first, at), (second, at + timedelta(hours=25))):
        with pytest.raises(NothingToReset):
            operations.confirm_factor_reset(school=school, actor=headteacher_user, at=moment, reset=reset)
    with pytest.raises(OwnAccount):
        operations.ask_factor_reset(school=school, actor=headteacher_user, at=at, user=headteacher_user, reason="Mine")


def test_factor_reset_constraints_hold_in_the_database(
    school: School, administrator_user: User, locked_out: User, at: datetime
) -> None:
    wrong = [
        {"asked_by": locked_out},
        {"asked_by": administrator_user, "confirmed_by": administrator_user, "confirmed_at": at},
        {"asked_by": administrator_user, "confirmed_at": at},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            FactorReset.objects.create(school=school, user=locked_out, reason="x", asked_at=at, **fields)


def test_one_time_link_constraints_hold_in_the_database(school: School, administrator_user: User, at: datetime) -> None:
    later = at + timedelta(hours=1)
    wrong = [
        {"kind": "invitation", "expires_at": later},
        {"kind": "set_up", "expires_at": at},
        {"kind": "set_up", "expires_at": later, "spent_at": at, "withdrawn_at": at},
    ]
    for number, fields in enumerate(wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            OneTimeLink.objects.create(token_hash=str(number), made_at=at, **fields)


def test_staff_list_knows_states_roles_and_names(
    school: School, administrator_user: User, teacher_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    invite(school, administrator_user, at, job_title="Caretaker")
    gone = make_user(Role.SUPPORT, school)
    operations.end_employment(school=school, actor=administrator_user, at=at, user=gone)

    def names(**narrow: Any) -> list[str]:
        return [row.user.family_name for row in queries.staff_list(school, today=at.date(), **narrow)]

    assert len(names()) == 3
    assert names(state="left") == [gone.family_name] and names(state="invited") == ["Shah"]
    assert names(role="teacher") == [teacher_user.family_name]
    assert names(text="care") == ["Shah"] and names(text="pri sha") == ["Shah"] and names(text="zzz") == []


def test_staff_pages_by_role_and_by_school(
    school: School, other_school: School, administrator_user: User, teacher_user: User, make_user: Any, client_for: Any
) -> None:
    """ORG-10: role 403, the neighbour's person 404."""
    stranger = make_user(Role.TEACHER, other_school)
    client = client_for(administrator_user)
    base = f"/{school.slug}/people/staff/"
    assert client.get(f"{base}{teacher_user.pk}/").status_code == 200
    assert client.get(f"{base}{stranger.pk}/").status_code == 404
    assert client_for(make_user(Role.OFFICE)).get(base).status_code == 403
    own = client.get(f"{base}{administrator_user.pk}/").content.decode()
    assert "This is you." in own and "End employment" not in own


def test_staff_page_search_is_posted_and_names_nobody_in_the_address(
    school: School, administrator_user: User, teacher_user: User, client_for: Any
) -> None:
    client = client_for(administrator_user)
    answer = client.post(f"/{school.slug}/people/staff/", {"text": teacher_user.family_name, "state": "here"})
    assert answer.status_code == 200 and "1 person" in answer.content.decode()
    none = client.post(f"/{school.slug}/people/staff/", {"text": "zzz"})
    assert "Nobody here fits" in none.content.decode()


def test_staff_page_statements_do_not_grow_with_people(
    school: School, administrator_user: User, make_user: Any, client_for: Any, statements: Any
) -> None:
    client, url = client_for(administrator_user), f"/{school.slug}/people/staff/"
    one = statements(client, url)
    for _ in range(3):
        make_user(Role.TEACHER)
    assert statements(client, url) == one


def test_person_page_acts(
    school: School, administrator_user: User, client_for: Any, letters: list[dict[str, Any]]
) -> None:
    """Invite, send again, change, deactivate, reactivate and end, all through pages."""
    client, base = client_for(administrator_user), f"/{school.slug}/people/staff/"
    form = {
        "given_name": "Priya", "family_name": "Shah", "email": "p.shah@example.org", "category": "teacher",
        "roles": ["teacher"],
    }  # fmt: skip
    assert client.post(base + "invite/", form | {"email": "no"}).status_code == 422
    page = client.post(base + "invite/", form)
    user = User.objects.get(email="p.shah@example.org")
    assert page["Location"] == f"{base}{user.pk}/"
    assert client.post(base + "invite/", form).status_code == 422
    person = f"{base}{user.pk}/"
    assert "works until" in client.get(person).content.decode()
    assert "new invitation is on its way" in client.post(person + "resend/", follow=True).content.decode()
    assert len(letters) == 2
    changed = form | {"title": "Dr", "job_title": "Head of art", "version": "1"}
    assert client.post(person + "edit/", changed).status_code == 302
    assert client.post(person + "edit/", changed).status_code == 422
    assert client.post(person + "deactivate/", {}).status_code == 422
    assert client.post(person + "deactivate/", {"reason": "Doubt"}).status_code == 302
    assert "Deactivated" in client.get(person).content.decode()
    assert client.post(person + "reactivate/").status_code == 302
    assert client.get(person + "leave/").status_code == 200
    assert client.post(person + "leave/").status_code == 302
    assert "Left" in client.get(person).content.decode()
    assert client.post(person + "reactivate/", follow=True).content.decode().count("does not work at the school") == 1


def test_person_page_second_step_by_two(
    school: School, administrator_user: User, headteacher_user: User, locked_out: User, client_for: Any
) -> None:
    one, two = client_for(administrator_user), client_for(headteacher_user)
    person = f"/{school.slug}/people/staff/{locked_out.pk}/"
    assert "Lost second step" in one.get(person).content.decode()
    assert one.post(person + "second-step/", {"reason": ""}).status_code == 422
    assert one.post(person + "second-step/", {"reason": "Lost, seen in person"}).status_code == 302
    assert "Waiting for a second person" in one.get(person).content.decode()
    reset = FactorReset.objects.get()
    confirm = f"{person}second-step/{reset.pk}/"
    assert one.post(confirm).status_code == 422
    assert "A second person is needed" in two.get(person).content.decode()
    assert "Lost, seen in person" in two.get(confirm).content.decode()
    assert two.post(confirm).status_code == 302
    assert two.get(confirm).status_code == 404


def test_role_cut_mid_session_is_refused_at_the_next_request(
    school: School, administrator_user: User, office_user: User, client_for: Any, at: datetime
) -> None:
    """F36, ASVS 8.3.2: role changes bite at once."""
    give_role(office_user, school, Role.GOVERNOR)
    client, url = client_for(office_user), f"/{school.slug}/people/pupils/"
    assert client.get(url).status_code == 200
    holding = RoleHolding.objects.get(user=office_user, role=Role.OFFICE)
    operations.end_role(school=school, actor=administrator_user, at=at, holding=holding)
    assert client.get(url).status_code == 403


def test_invitation_link_after_a_day_shows_the_plain_page(
    school: School, administrator_user: User, at: datetime, letters: list[dict[str, Any]]
) -> None:
    invite(school, administrator_user, at)
    client = Client()
    client.get(letters[-1]["path"])
    with time_machine.travel(at + timedelta(hours=25)):
        late = client.post("/account/invitation/", {"password": PASSWORD, "again": PASSWORD})
    assert late.status_code == 404 and "This link does not work" in late.content.decode()
