"""Who holds what, for which phase or form, from when to when (ORG-02 to ORG-06, ORG-21)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.audit.models import Entry
from core.people import operations, queries
from core.people.access import NotPermitted, has
from core.people.models import FormGroup, RoleHolding, School, User
from core.people.operations import RoleWish
from core.people.operations.roles import (
    LastAdministrator,
    OwnRole,
    RoleAlreadyHeld,
    RoleDatesOutOfOrder,
    RoleNeedsPlace,
    RoleOver,
    ScopeNotAllowed,
    UnableToGrantRole,
)
from core.people.roles import ROLE_PERMISSIONS, STAFF_ROLES, Permission, Role
from tests.factories import give_role, make_user
from tests.people.conftest import at_once

TODAY = date(2026, 11, 23)


def grant(school: School, actor: Any, at: datetime, user: User, role: str, **more: Any) -> RoleHolding:
    wish = RoleWish(role, more.pop("phase", ""), more.pop("form", None))
    return operations.grant_role(
        school=school, actor=actor, at=at, user=user, wish=wish, starts_on=more.pop("starts_on", TODAY), **more
    )


def test_every_role_of_the_catalogue_has_permissions() -> None:
    """ORG-05: no role is forgotten in the table."""
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_every_role_can_be_given(school: School, administrator_user: User, teacher_user: User, at: datetime) -> None:
    """ORG-05: a person may hold several roles."""
    for role in set(Role) - {Role.TEACHER}:
        grant(school, administrator_user, at, teacher_user, role)
    assert queries.roles_in(teacher_user, school) == frozenset(Role)


def test_grant_role_bites_at_once_and_is_recorded(
    school: School, administrator_user: User, teacher_user: User, at: datetime
) -> None:
    assert not has(teacher_user, Permission.MANAGE_STORAGE, school)
    grant(school, administrator_user, at, teacher_user, Role.OFFICE)
    assert has(teacher_user, Permission.MANAGE_STORAGE, school)
    entry = Entry.objects.get(action="people.grant_role")
    assert entry.detail["new"]["role"] == "office" and entry.actor_id == administrator_user.pk


def test_grant_role_for_a_phase_routes_to_that_dsl(
    school: School, administrator_user: User, make_user: Any, at: datetime
) -> None:
    """ORG-02: a pupil's phase has its own DSL; where none is named, all are asked."""
    one, two = make_user(Role.TEACHER), make_user(Role.TEACHER)
    grant(school, administrator_user, at, one, Role.DSL, phase="primary")
    grant(school, administrator_user, at, two, Role.DSL, phase="secondary")
    assert queries.dsls_for(school, "primary") == [one]
    assert set(queries.dsls_for(school, "sixth_form")) == {one, two}


def test_headteacher_and_head_of_school_are_two_roles(
    school: School, administrator_user: User, make_user: Any, at: datetime
) -> None:
    """ORG-06."""
    one, two = make_user(Role.TEACHER), make_user(Role.TEACHER)
    grant(school, administrator_user, at, one, Role.HEADTEACHER)
    grant(school, administrator_user, at, two, Role.HEAD_OF_SCHOOL)
    assert list(queries.holders_of(school, Role.HEADTEACHER)) == [one]
    assert list(queries.holders_of(school, Role.HEAD_OF_SCHOOL)) == [two]


def test_grant_role_to_a_tutor_for_a_form_names_the_forms_tutor(
    school: School, administrator_user: User, teacher_user: User, form_group: FormGroup, at: datetime
) -> None:
    """ORG-12: the pupil's tutor is whoever holds the role for the form."""
    holding = grant(school, administrator_user, at, teacher_user, Role.FORM_TUTOR, form=form_group)
    form_group.refresh_from_db()
    assert form_group.tutor == teacher_user
    operations.end_role(school=school, actor=administrator_user, at=at, holding=holding)
    form_group.refresh_from_db()
    assert form_group.tutor is None


def test_grant_role_to_oneself_is_refused_and_recorded(school: School, administrator_user: User, at: datetime) -> None:
    with pytest.raises(OwnRole):
        grant(school, administrator_user, at, administrator_user, Role.DSL)
    assert Entry.objects.filter(action="people.grant_role", outcome="refused").count() == 1


def test_grant_role_refusals(
    school: School, administrator_user: User, teacher_user: User, form_group: FormGroup, at: datetime
) -> None:
    wrong: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (UnableToGrantRole, "wizard", {}),
        (ScopeNotAllowed, Role.OFFICE, {"phase": "primary"}),
        (ScopeNotAllowed, Role.DSL, {"phase": "sixth_form"}),
        (ScopeNotAllowed, Role.DSL, {"form": form_group}),
        (RoleDatesOutOfOrder, Role.SLT, {"ends_on": TODAY - timedelta(days=1)}),
        (RoleAlreadyHeld, Role.TEACHER, {}),
    ]
    for refusal, role, more in wrong:
        with pytest.raises(refusal):
            grant(school, administrator_user, at, teacher_user, role, **more)
    with pytest.raises(RoleNeedsPlace):
        grant(school, administrator_user, at, make_user(None, None), Role.TEACHER)


def test_grant_role_dated_is_live_between_its_days(
    school: School, administrator_user: User, teacher_user: User, at: datetime
) -> None:
    first, last = TODAY + timedelta(days=7), TODAY + timedelta(days=14)
    grant(school, administrator_user, at, teacher_user, Role.SLT, starts_on=first, ends_on=last)
    live = [queries.holders_of(school, Role.SLT, on=day).exists() for day in (TODAY, first, last)]
    assert live == [False, True, True]
    assert not queries.holders_of(school, Role.SLT, on=last + timedelta(days=1)).exists()
    with pytest.raises(RoleAlreadyHeld):
        grant(school, administrator_user, at, teacher_user, Role.SLT, starts_on=last)
    grant(school, administrator_user, at, teacher_user, Role.SLT, starts_on=last + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_grant_role_two_administrators_at_once_give_it_once(school: School, at: datetime) -> None:
    one, two = make_user(Role.ADMINISTRATOR, school), make_user(Role.HEADTEACHER, school)
    teacher = make_user(Role.TEACHER, school)
    results = at_once(
        school,
        lambda: grant(school, one, at, teacher, Role.DSL),
        lambda: grant(school, two, at, teacher, Role.DSL),
    )
    assert sorted(type(result).__name__ for result in results) == ["RoleAlreadyHeld", "RoleHolding"]


def test_end_role_now_or_with_a_day(school: School, administrator_user: User, teacher_user: User, at: datetime) -> None:
    holding = RoleHolding.objects.get(user=teacher_user)
    with pytest.raises(RoleDatesOutOfOrder):
        operations.end_role(
            school=school, actor=administrator_user, at=at, holding=holding, last_day=TODAY - timedelta(days=1)
        )
    operations.end_role(school=school, actor=administrator_user, at=at, holding=holding, last_day=TODAY)
    assert queries.holders_of(school, Role.TEACHER).exists(), "the last day is still a day"
    operations.end_role(school=school, actor=administrator_user, at=at, holding=holding)
    assert not queries.holders_of(school, Role.TEACHER).exists()
    with pytest.raises(RoleOver):
        operations.end_role(school=school, actor=administrator_user, at=at, holding=holding)


def test_end_role_of_the_last_administrator_is_refused(
    school: School, administrator_user: User, headteacher_user: User, at: datetime
) -> None:
    holding = RoleHolding.objects.get(user=administrator_user)
    with pytest.raises(LastAdministrator):
        operations.end_role(school=school, actor=headteacher_user, at=at, holding=holding)
    give_role(headteacher_user, school, Role.ADMINISTRATOR)
    operations.end_role(school=school, actor=headteacher_user, at=at, holding=holding)


@pytest.mark.parametrize("role", sorted(set(STAFF_ROLES) - {Role.ADMINISTRATOR, Role.HEADTEACHER}))
def test_roles_are_given_by_administrator_and_head_alone(
    school: School, make_user: Any, teacher_user: User, at: datetime, role: Role
) -> None:
    with pytest.raises(NotPermitted):
        grant(school, make_user(role), at, teacher_user, Role.SLT)


def test_role_holding_constraints_hold_in_the_database(school: School, teacher_user: User, at: datetime) -> None:
    wrong = [
        {"role": "teacher", "starts_on": TODAY},
        {"role": "dsl", "starts_on": TODAY, "ends_on": TODAY - timedelta(days=1)},
        {"role": "dsl", "starts_on": TODAY, "cut_at": at},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleHolding.objects.create(school=school, user=teacher_user, **fields)


def test_posts_of_shows_dsls_by_phase_and_gaps(
    school: School, administrator_user: User, teacher_user: User, at: datetime
) -> None:
    """ORG-02, ORG-21: a phase without a DSL and a missing holder of online safety stand out."""
    before = {post.label: post.gap for post in queries.posts_of(school, TODAY)}
    assert before["Designated safeguarding lead"] and before["Holder of overall responsibility for online safety"]
    grant(school, administrator_user, at, teacher_user, Role.DSL, phase="primary")
    after = {post.label: post for post in queries.posts_of(school, TODAY)}
    assert [h.user for h in after["Designated safeguarding lead, primary"].holders] == [teacher_user]
    assert after["Designated safeguarding lead, secondary"].gap


def test_roles_page_shows_names_to_who_sees_the_rules(
    school: School, teacher_user: User, make_user: Any, client_for: Any, statements: Any
) -> None:
    url = f"/{school.slug}/people/roles/"
    dsl = make_user(Role.DSL)
    client = client_for(dsl)
    text = client.get(url).content.decode()
    assert dsl.full_name in text and "No headteacher is named." in text and "/people/staff/" not in text
    assert client_for(teacher_user).get(url).status_code == 403
    one = statements(client, url)
    for _ in range(3):
        make_user(Role.DSL)
    assert statements(client, url) == one


def test_role_pages_give_and_end(
    school: School, administrator_user: User, teacher_user: User, form_group: FormGroup, client_for: Any
) -> None:
    client, person = client_for(administrator_user), f"/{school.slug}/people/staff/{teacher_user.pk}/"
    assert client.get(person + "roles/add/").status_code == 200
    wrong = {"role": "office", "form": form_group.pk, "phase": "primary", "starts_on": "2026-11-23"}
    assert client.post(person + "roles/add/", wrong).status_code == 422
    right = {"role": "form_tutor", "form": form_group.pk, "starts_on": "2026-11-23"}
    assert client.post(person + "roles/add/", right).status_code == 302
    holding = RoleHolding.objects.get(user=teacher_user, role="form_tutor")
    end = f"{person}roles/{holding.pk}/end/"
    assert client.get(end).status_code == 200
    assert client.post(end, {"when": "later"}).status_code == 422
    assert client.post(end, {"when": "now"}).status_code == 302
    assert "Earlier roles" in client.get(person).content.decode()
    assert client.get(f"{person}roles/999999/end/").status_code == 404
