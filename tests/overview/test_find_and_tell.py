"""Finding a pupil without a name in an address, and reaching a DSL from anywhere."""

from collections.abc import Callable

import pytest
from django.test import Client

from core.people.enums import Phase
from core.people.models import Pupil, School, User
from core.people.roles import Role
from tests.factories import give_role, make_pupil

Clients = Callable[[User], Client]
FIND = "/harbour-view/find/"


def test_find_htmx_answers_with_a_fragment(
    school: School, office_user: User, pupil: Pupil, client_for: Clients
) -> None:
    page = client_for(office_user).post(FIND, {"query": "kov"}, headers={"HX-Request": "true"}).content.decode()
    assert "Amara Kovacs" in page
    assert "8B" in page
    assert "<html" not in page


def test_find_without_javascript_answers_with_a_page(
    school: School, office_user: User, pupil: Pupil, client_for: Clients
) -> None:
    page = client_for(office_user).post(FIND, {"query": "amara"}).content.decode()
    assert "Amara Kovacs" in page
    assert "<html" in page


def test_find_nobody_says_what_to_try(school: School, office_user: User, client_for: Clients) -> None:
    assert "No pupil matches" in client_for(office_user).post(FIND, {"query": "zzzz"}).content.decode()


@pytest.mark.parametrize("query", ["", "   ", "x" * 500, "\u202eabc"])
def test_find_odd_text_is_sent_back_in_words(
    school: School, office_user: User, client_for: Clients, query: str
) -> None:
    client = client_for(office_user)
    assert client.post(FIND, {"query": query}).status_code == 422
    assert client.post(FIND, {"query": query}, headers={"HX-Request": "true"}).status_code == 200


def test_find_get_shows_the_box_and_ignores_a_name_in_the_address(
    school: School, office_user: User, pupil: Pupil, client_for: Clients
) -> None:
    page = client_for(office_user).get(FIND, {"query": "Amara"}).content.decode()
    assert "Amara Kovacs" not in page


def test_find_never_finds_the_neighbours_pupils(
    school: School, other_school: School, office_user: User, client_for: Clients
) -> None:
    make_pupil(other_school, "Bertil", "Nygaard")
    assert "Nygaard" not in client_for(office_user).post(FIND, {"query": "nyg"}).content.decode()


def test_find_is_not_for_governors(school: School, governor_user: User, client_for: Clients) -> None:
    assert client_for(governor_user).post(FIND, {"query": "kov"}).status_code == 403


def test_tell_dsl_names_the_team_by_phase(
    school: School, dsl_user: User, deputy_dsl_user: User, governor_user: User, make_user, client_for: Clients
) -> None:
    """ORG-02, ORG-03"""
    primary = make_user(None)
    give_role(primary, school, Role.DSL, phase=Phase.PRIMARY)
    page = client_for(governor_user).get("/harbour-view/tell-dsl/").content.decode()
    for person in (dsl_user, deputy_dsl_user, primary):
        assert person.display_name in page
    assert page.index("Whole school") < page.index("Primary")
    assert "call 999" in page
    assert school.phone in page


def test_tell_dsl_nobody_named_says_whom_to_tell(school: School, office_user: User, client_for: Clients) -> None:
    assert "Tell the headteacher" in client_for(office_user).get("/harbour-view/tell-dsl/").content.decode()


@pytest.mark.parametrize("path", ["", "inbox/", "inbox/preferences/", "find/", "tell-dsl/"])
def test_every_page_leads_to_a_dsl_in_one_click(
    school: School, office_user: User, client_for: Clients, path: str
) -> None:
    """ux §8: two clicks at most."""
    page = client_for(office_user).get(f"/harbour-view/{path}").content.decode()
    assert 'href="/harbour-view/tell-dsl/"' in page
