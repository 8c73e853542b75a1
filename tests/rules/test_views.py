"""The pages of the rules: who may look, who may change, what is shown, and what a form does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.people.models import School, User
from core.rules import operations, queries
from core.rules.catalogue import SECTIONS, SETTINGS
from core.rules.models import RuleValue
from tests.factories import make_school
from tests.factories import make_user as build_user

TODAY = date(2026, 11, 23)
LOOK = ["overview", "differences", "unsettled", "history", "coming"]


@pytest.fixture(autouse=True)
def _on_the_day(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def admin(administrator_user: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(administrator_user)


def _url(name: str, *args: Any, school: str = "harbour-view") -> str:
    return reverse(f"rules:{name}", args=[school, *args])


def _text(page: Any) -> str:
    """What a reader sees, on one line."""
    body = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", body)


def _change(school: School, at: datetime, **given: Any) -> RuleValue:
    values = {"school": school, "actor": None, "at": at, "effective_from": TODAY, "reason": "For the test."}
    return operations.change_rule(**values | given)


# --- Who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOOK)
@pytest.mark.parametrize(
    ("role", "status"), [("administrator", 200), ("headteacher", 200), ("dsl", 200), ("teacher", 403)]
)
def test_pages_to_look_at_by_role(
    make_user: Callable[..., User], client_for: Callable[[User], Client], name: str, role: str, status: int
) -> None:
    """Matrix 1.21: administrator and head edit, the DSL reads, others are refused; all staff see what changes."""
    page = client_for(make_user(role)).get(_url(name))
    assert page.status_code == (200 if name == "coming" else status)


@pytest.mark.parametrize(
    ("role", "status"), [("administrator", 200), ("headteacher", 200), ("dsl", 403), ("teacher", 403)]
)
def test_pages_that_change_by_role(
    school: School,
    at: datetime,
    make_user: Callable[..., User],
    client_for: Callable[[User], Client],
    role: str,
    status: int,
) -> None:
    row = _change(school, at, key="break_use", value="yes", effective_from=TODAY + timedelta(days=5))
    client = client_for(make_user(role))
    for url in (_url("change", "break_use"), _url("choose-preset"), _url("withdraw-change", row.pk)):
        assert client.get(url).status_code == status
        assert client.post(url, {}).status_code == (422 if status == 200 else status)


def test_pages_of_another_school_are_not_found(other_school: School, admin: Client) -> None:
    for name in [*LOOK, "choose-preset"]:
        assert admin.get(_url(name, school="mill-lane")).status_code == 404
    assert admin.get(_url("change", "break_use", school="mill-lane")).status_code == 404


def test_change_of_another_school_cannot_be_withdrawn(other_school: School, at: datetime, admin: Client) -> None:
    with scope(school=other_school):
        row = _change(other_school, at, key="break_use", value="yes", effective_from=TODAY + timedelta(days=5))
    assert admin.get(_url("withdraw-change", row.pk)).status_code == 404
    assert admin.post(_url("withdraw-change", row.pk), {"reason": "Mine now."}).status_code == 404


def test_unknown_section_and_rule_are_not_found(admin: Client) -> None:
    for url in (_url("section", "nonesuch"), _url("rule", "nonesuch"), _url("change", "nonesuch")):
        assert admin.get(url).status_code == 404


# --- Looking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
def test_section_shows_each_rule_with_its_meaning(admin: Client, school: School, section: Any) -> None:
    page = _text(admin.get(_url("section", section.slug)))
    standings = queries.standings_for(school, TODAY)
    for key in section.keys:
        assert standings[key].setting.label in page.replace("&amp;", "&")
        assert standings[key].setting.meaning[:40] in page


def test_rule_and_change_page_open_for_every_rule(admin: Client) -> None:
    for key in SETTINGS:
        assert admin.get(_url("change", key)).status_code == 200, key
    for key in {setting.kind: key for key, setting in SETTINGS.items()}.values():
        assert admin.get(_url("rule", key)).status_code == 200, key


def test_overview_says_what_differs_what_is_open_and_what_comes(school: School, at: datetime, admin: Client) -> None:
    _change(school, at, key="break_use", value="yes")
    _change(school, at, key="storage_kind", value="safe", effective_from=TODAY + timedelta(days=30))
    page = _text(admin.get(_url("overview")))
    assert "Phone-free, with a signed agreement" in page
    assert f"1 of {len(SETTINGS)} rules" in page
    assert (
        f"{len(queries.unspecified_keys(school, TODAY))} of {len(SETTINGS)} rules: people are asked to decide" in page
    )
    assert "From 23 December 2026" in page
    assert "Where are devices kept during the day?" in page


def test_overview_of_a_new_school_offers_a_preset(client_for: Callable[[User], Client], db: None) -> None:
    """ORG-15."""
    school = make_school("bare", preset="")
    client = client_for(build_user("administrator", school))
    page = client.get(_url("overview", school="bare"))
    assert _url("choose-preset", school="bare") in page.content.decode()


def test_unsettled_says_what_then_happens(db: None, client_for: Callable[[User], Client]) -> None:
    """Matrix 0.3."""
    school = make_school("silent", preset="image-and-conduct")
    page = _text(client_for(build_user("dsl", school)).get(_url("unsettled", school="silent")))
    assert "is asked to decide and to write down why" in page
    assert "Who may collect a confiscated device, and when?" in page


def test_differences_show_both_values(school: School, at: datetime, admin: Client) -> None:
    _change(school, at, key="break_use", value="yes")
    page = _text(admin.get(_url("differences")))
    assert f"1 of {len(SETTINGS)} rules say something else" in page
    assert "The preset says: No" in page


def test_rule_page_shows_its_history(school: School, administrator_user: User, at: datetime, admin: Client) -> None:
    _change(school, at, key="break_use", value="yes", actor=administrator_user, reason="Trial for the spring.")
    page = _text(admin.get(_url("rule", "break_use")))
    assert "Trial for the spring." in page
    assert administrator_user.display_name in page


def test_pages_cost_the_same_at_one_change_and_at_three(school: School, at: datetime, admin: Client) -> None:
    """House: statements constant in rows."""
    urls = [_url(name) for name in LOOK] + [_url("section", "pupil-devices"), _url("rule", "break_use")]

    def count(url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert admin.get(url).status_code == 200
        return len(found)

    _change(school, at, key="break_use", value="yes", effective_from=TODAY + timedelta(days=5))
    for url in urls:
        count(url)  # the rules of this version are read once
    before = [count(url) for url in urls]
    for days, value in ((6, "no"), (7, "yes")):
        _change(school, at, key="break_use", value=value, effective_from=TODAY + timedelta(days=days))
    for url in urls:
        count(url)
    assert [count(url) for url in urls] == before
    assert max(before) <= 12


# --- Changing ---------------------------------------------------------------------------------------------------------


def _answers(**given: Any) -> dict[str, Any]:
    return {"effective_from": TODAY.isoformat(), "reason": "Agreed by the trustees."} | given


def _kept(page: Any) -> dict[str, list[str]]:
    """What the page that checks would send back with its button."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode()):
        found.setdefault(name, []).append(value)
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_change_is_checked_first_and_then_made(school: School, admin: Client) -> None:
    """GET shows, POST checks, only the confirmed POST decides."""
    page = admin.post(_url("change", "break_use"), _answers(value="yes"))
    assert page.status_code == 200
    assert "Before No After Yes" in _text(page)
    assert queries.for_school(School.objects.get(pk=school.pk), on=TODAY).break_use == "no"
    done = admin.post(_url("change", "break_use"), _kept(page) | {"confirm": "yes"})
    assert done.status_code == 302
    assert done["Location"] == _url("rule", "break_use")
    assert queries.for_school(School.objects.get(pk=school.pk), on=TODAY).break_use == "yes"


def test_change_confirmed_twice_is_one_change(admin: Client) -> None:
    """A second click, or a reply that was lost."""
    page = admin.post(_url("change", "break_use"), _answers(value="yes"))
    for _ in range(2):
        assert admin.post(_url("change", "break_use"), _kept(page) | {"confirm": "yes"}).status_code == 302
    assert RuleValue.objects.filter(key="break_use", value="yes").count() == 1


def test_change_may_go_back_with_everything_kept(admin: Client) -> None:
    page = admin.post(_url("change", "barred_areas"), _answers(value=["toilets"], own="The music corridor"))
    back = admin.post(_url("change", "barred_areas"), _kept(page) | {"edit": "yes"})
    assert back.status_code == 200
    assert "The music corridor" in back.content.decode()
    assert "Agreed by the trustees." in back.content.decode()


@pytest.mark.parametrize(
    ("key", "answers", "expected"),
    [
        ("rule_day_parts", {"value": ["lessons", "break"]}, frozenset({"lessons", "break"})),
        ("breach_types_extra", {"value": ["none"]}, frozenset()),
        ("release_escalators", {"value": ["not_applicable"]}, "not_applicable"),
        ("agreement_signatories", {"value": ["parent", "pupil"]}, ("pupil", "parent")),
        ("sanction_ladder", {"own": "a warning\nloss of privilege", "special": ""}, ("a warning", "loss of privilege")),
        ("home_learning_document", {"text": "Learning at home", "special": ""}, "Learning at home"),
        ("home_learning_document", {"text": "", "special": "unspecified"}, "unspecified"),
        ("term_behaviour", {"text": "", "special": "none"}, "none"),
        ("repeat_threshold", {"number": "4", "special": ""}, 4),
        ("repeat_window", {"number": "", "special": "not_applicable"}, "not_applicable"),
        ("governor_leads", {"number": "3", "special": ""}, 3),
        ("approved_on", {"day": "1 July 2026", "special": ""}, date(2026, 7, 1)),
        ("approved_on", {"day": "July 2026", "special": ""}, date(2026, 7, 31)),
        ("approved_on", {"day": "2026-07-02", "special": ""}, date(2026, 7, 2)),
        ("exam_scope", {"value": "unspecified"}, "unspecified"),
    ],
)
def test_change_of_each_shape_of_rule(
    school: School, admin: Client, key: str, answers: dict[str, Any], expected: Any
) -> None:
    page = admin.post(_url("change", key), _answers(**answers))
    assert page.status_code == 200, _text(page)
    assert admin.post(_url("change", key), _kept(page) | {"confirm": "yes"}).status_code == 302
    assert getattr(queries.for_school(School.objects.get(pk=school.pk), on=TODAY), key) == expected


def test_change_to_levels_with_a_tool(school: School, admin: Client) -> None:
    page = admin.post(_url("change", "threshold_levels"), _answers(levels="3", tool="windscreen of need", special=""))
    assert admin.post(_url("change", "threshold_levels"), _kept(page) | {"confirm": "yes"}).status_code == 302
    found = queries.for_school(School.objects.get(pk=school.pk), on=TODAY).threshold_levels
    assert (found.levels, found.tool) == (3, "windscreen of need")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "answers", "said"),
    [
        ("break_use", {"value": "sometimes"}, "Choose one of: “No”, “As a privilege"),
        ("break_use", {"value": "no"}, "already says “No”"),
        ("break_use", {"value": "yes", "reason": ""}, "Enter why this is changed"),
        ("break_use", {"value": "yes", "effective_from": "2026-11-22"}, "The date must be today or later"),
        ("break_use", {"value": "yes", "effective_from": ""}, "Enter the day from which it applies"),
        ("rule_day_parts", {"value": []}, "Choose one or more of"),
        ("rule_day_parts", {"value": ["lessons", "unspecified"]}, "“Not settled” stands alone"),
        ("barred_areas", {"value": ["whole_site"], "own": "The music corridor"}, "“The whole site” stands alone"),
        ("home_learning_document", {"text": "", "special": ""}, "Enter up to 200 characters"),
        ("home_learning_document", {"text": "A", "special": "unspecified"}, "Keep one of them"),
        ("repeat_threshold", {"number": "0", "special": ""}, "Enter a whole number from 1 to 50"),
        ("governor_leads", {"number": "0", "special": "unspecified"}, "Keep one of them"),
        ("governor_leads", {"number": "", "special": "zero"}, "Enter a whole number from 0 to 20"),
        ("rule_day_parts", {"value": ["lessons", "night"]}, "Choose one or more of"),
        ("break_use", {}, "Choose one of"),
        ("sanction_ladder", {"own": "", "special": ""}, "Write one on each line"),
        ("approved_on", {"day": "31/02/2026", "special": ""}, "Enter a date such as 2026-07-01"),
    ],
)
def test_change_that_cannot_be_is_said_at_the_field(
    admin: Client, key: str, answers: dict[str, Any], said: str
) -> None:
    rows = RuleValue.objects.count()
    for extra in ({}, {"confirm": "yes"}):
        page = admin.post(_url("change", key), _answers(**answers) | extra)
        assert page.status_code == 422
        assert said in _text(page)
        assert "There is a problem" in _text(page)
    assert RuleValue.objects.count() == rows


# --- Presets ----------------------------------------------------------------------------------------------------------


def test_choose_preset_compares_all_five(admin: Client) -> None:
    page = _text(admin.get(_url("choose-preset")))
    for preset in queries.all_presets().values():
        assert preset.summary[:60] in page.replace("&amp;", "&")


def test_choose_preset_is_checked_first_and_then_taken(school: School, admin: Client) -> None:
    later = TODAY + timedelta(days=30)
    answers = _answers(preset="primary-by-agreement", effective_from=later.isoformat())
    page = admin.post(_url("choose-preset"), answers)
    assert page.status_code == 200
    assert "28 days and 7 days before" in _text(page)
    done = admin.post(_url("choose-preset"), _kept(page) | {"confirm": "yes"})
    assert done.status_code == 302
    again = School.objects.get(pk=school.pk)
    assert queries.for_school(again, on=TODAY).storage_kind == "secure_place"
    assert queries.for_school(again, on=later).storage_kind == "safe"


def test_choose_preset_for_a_new_school_may_start_earlier(client_for: Callable[[User], Client], db: None) -> None:
    school = make_school("bare", preset="")
    client = client_for(build_user("administrator", school))
    answers = _answers(preset="image-and-conduct", effective_from="2026-09-01", confirm="yes")
    assert client.post(_url("choose-preset", school="bare"), answers).status_code == 302
    again = School.objects.get(pk=school.pk)
    assert queries.for_school(again, on=date(2026, 9, 1)).image_ceop_route == "direct_if_risk"


def test_choose_preset_without_a_choice_is_said(admin: Client) -> None:
    page = admin.post(_url("choose-preset"), _answers())
    assert page.status_code == 422
    assert "Choose one of the presets" in _text(page)


# --- Withdrawing ------------------------------------------------------------------------------------------------------


def test_withdraw_change_by_page(school: School, at: datetime, admin: Client) -> None:
    later = TODAY + timedelta(days=5)
    row = _change(school, at, key="break_use", value="yes", effective_from=later)
    assert "Before" in _text(admin.get(_url("withdraw-change", row.pk)))
    done = admin.post(_url("withdraw-change", row.pk), {"reason": "Not after all."})
    assert done.status_code == 302
    assert queries.for_school(School.objects.get(pk=school.pk), on=later).break_use == "no"
    again = admin.post(_url("withdraw-change", row.pk), {"reason": "Not after all."})
    assert again.status_code == 422
    assert "cannot be withdrawn" in _text(again)
    assert "meanwhile" in _text(again)
