"""The profile and the sign-in settings (ORG-01, ORG-20)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from core.audit.models import Entry
from core.kit.refusals import ChangedMeanwhile
from core.people import operations
from core.people.access import NotPermitted
from core.people.models import School, User
from core.people.operations.school import RoleNotKnown, SchoolNameTaken
from core.people.roles import Role
from tests.people.conftest import at_once, version_in


def profile(school: School, **changed: Any) -> dict[str, Any]:
    return {
        "name": school.name,
        "motto": "",
        "phases": ["primary", "secondary"],
        "trust_name": "",
        "governing_body": "governors",
        "safeguarding_partnership": "",
        "address": "",
        "phone": "01632 960000",
        "email": "",
        "website": "",
        "version": school.version,
    } | changed


def test_change_profile_records_old_and_new(school: School, administrator_user: User, at: datetime) -> None:
    """ORG-01, ORG-09."""
    row = operations.change_profile(
        school=school, actor=administrator_user, at=at, version=1, values={"motto": "Steady as she goes"}
    )
    assert (row.motto, row.version) == ("Steady as she goes", 2)
    entry = Entry.objects.get(action="people.change_profile")
    assert entry.detail == {"old": {"motto": ""}, "new": {"motto": "Steady as she goes"}}
    assert entry.actor_id == administrator_user.pk


def test_change_profile_teacher_is_refused_and_recorded(school: School, teacher_user: User, at: datetime) -> None:
    with pytest.raises(NotPermitted):
        operations.change_profile(school=school, actor=teacher_user, at=at, version=1, values={"motto": "x"})
    assert Entry.objects.filter(action="people.change_profile", outcome="refused").count() == 1


def test_change_profile_of_an_old_page_is_refused(school: School, administrator_user: User, at: datetime) -> None:
    operations.change_profile(school=school, actor=administrator_user, at=at, version=1, values={"motto": "One"})
    with pytest.raises(ChangedMeanwhile):
        operations.change_profile(school=school, actor=administrator_user, at=at, version=1, values={"motto": "Two"})
    school.refresh_from_db()
    assert school.motto == "One"


def test_change_profile_name_of_another_school_is_refused(
    school: School, other_school: School, administrator_user: User, at: datetime
) -> None:
    with pytest.raises(SchoolNameTaken):
        operations.change_profile(
            school=school, actor=administrator_user, at=at, version=1, values={"name": other_school.name.upper()}
        )


@pytest.mark.django_db(transaction=True)
def test_change_profile_two_editors_one_wins(school: School, administrator_user: User, at: datetime) -> None:
    """F22: one winner; the loser is told, and nothing of theirs is saved."""

    def save(motto: str) -> Any:
        return operations.change_profile(
            school=school, actor=administrator_user, at=at, version=1, values={"motto": motto}
        )

    results = at_once(school, lambda: save("One"), lambda: save("Two"))
    assert sorted(type(result).__name__ for result in results) == ["ChangedMeanwhile", "School"]


def test_profile_page_saves_and_says_so(school: School, administrator_user: User, client_for: Any) -> None:
    client, url = client_for(administrator_user), f"/{school.slug}/people/profile/"
    assert version_in(client.get(url)) == "1"
    answer = client.post(url, profile(school, motto="Ahead"), follow=True)
    assert "The profile is saved." in answer.content.decode()
    school.refresh_from_db()
    assert school.motto == "Ahead"


def test_profile_page_wrong_input_is_shown_at_its_field(
    school: School, administrator_user: User, client_for: Any
) -> None:
    answer = client_for(administrator_user).post(
        f"/{school.slug}/people/profile/", profile(school, phone="ring me", name="\u202eevil", phases=[])
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a telephone number" in text and "hidden character" in text and "Choose at least one phase" in text


def test_profile_page_clash_shows_both_texts_and_loses_nothing(
    school: School, administrator_user: User, client_for: Any, at: datetime
) -> None:
    """Security §5.11: the loser sees both texts; saving again, knowingly, works."""
    client, url = client_for(administrator_user), f"/{school.slug}/people/profile/"
    mine = profile(school, motto="Mine")
    operations.change_profile(school=school, actor=None, at=at, version=1, values={"motto": "Theirs"})
    answer = client.post(url, mine)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Theirs" in text and text.count("Mine") >= 2
    assert version_in(answer) == "2"
    assert client.post(url, mine | {"version": "2"}).status_code == 302
    school.refresh_from_db()
    assert school.motto == "Mine"


def test_set_mfa_roles_page_and_operation(
    school: School, administrator_user: User, client_for: Any, at: datetime
) -> None:
    """ORG-20, security row 26."""
    client = client_for(administrator_user)
    url = f"/{school.slug}/people/sign-in/"
    assert client.post(url, {"roles": ["dsl", "office"], "version": "1"}).status_code == 302
    school.refresh_from_db()
    assert school.mfa_roles == ["dsl", "office"]
    with pytest.raises(RoleNotKnown):
        operations.set_mfa_roles(school=school, actor=None, at=at, version=2, roles=["wizard"])


@pytest.mark.parametrize("page", ["profile/", "sign-in/", "set-up/"])
def test_school_pages_refuse_other_roles_and_strangers(
    school: School, other_school: School, make_user: Any, client_for: Any, page: str
) -> None:
    """ORG-10: role 403, stranger 404."""
    url = f"/{school.slug}/people/{page}"
    assert client_for(make_user(Role.OFFICE)).get(url).status_code == 403
    assert client_for(make_user(Role.ADMINISTRATOR, other_school)).get(url).status_code == 404


def test_profile_page_by_htmx_redirects_whole_pages_and_swaps_errors(
    school: School, administrator_user: User, client_for: Any
) -> None:
    """house §4: the same form by htmx: a full redirect when it is saved, the page with 422 when it is not."""
    client, url, htmx = client_for(administrator_user), f"/{school.slug}/people/profile/", {"HTTP_HX_REQUEST": "true"}
    refused = client.post(url, profile(school, name=""), **htmx)
    assert refused.status_code == 422 and "Enter name" in refused.content.decode()
    saved = client.post(url, profile(school), **htmx)
    assert saved.status_code == 200 and saved["HX-Redirect"] == url
