"""Reading rules: the object features ask, what the pages show, and what it costs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django_scopes import scope

from core.people.models import School, User
from core.rules import operations, queries
from core.rules.catalogue import SETTINGS, UNSPECIFIED, Rules
from core.rules.presets import all_presets
from tests.factories import make_school

TODAY = date(2026, 11, 23)


def _change(school: School, at: datetime, **given: Any) -> Any:
    values = {"school": school, "actor": None, "at": at, "effective_from": TODAY, "reason": "For the test."}
    return operations.change_rule(**values | given)


@pytest.mark.parametrize("slug", list(all_presets()))
def test_for_school_is_the_preset(slug: str, db: None) -> None:
    """ORG-15: each of the five presets gives a whole, typed set of rules."""
    school = make_school(preset=slug)
    rules = queries.for_school(school, on=TODAY)
    for key in SETTINGS:
        assert getattr(rules, key) == all_presets()[slug].value(key)


def test_for_school_without_rules_is_all_unspecified(db: None) -> None:
    school = make_school(preset="")
    assert queries.for_school(school, on=TODAY) == Rules()
    assert len(queries.unspecified_keys(school, TODAY)) == len(SETTINGS)
    assert not queries.has_rules(school)


def test_for_school_again_costs_no_statement(school: School, django_assert_num_queries: Any) -> None:
    """The desk asks for every scan."""
    queries.clear_cache()
    with django_assert_num_queries(1):
        queries.for_school(school, on=TODAY)
    with django_assert_num_queries(0):
        queries.for_school(school, on=TODAY)
        queries.for_school(school, on=TODAY - timedelta(days=400))


def test_for_school_after_a_change_in_another_process_reads_again(school: School, at: datetime) -> None:
    """Another process knows of the change by the school's version, which it reads with the school."""
    mine = School.objects.get(pk=school.pk)
    queries.for_school(mine, on=TODAY)
    _change(school, at, key="break_use", value="yes")
    assert queries.for_school(mine, on=TODAY).break_use == "no"
    mine.refresh_from_db()
    assert queries.for_school(mine, on=TODAY).break_use == "yes"


def test_for_school_after_a_rollback_is_never_stale(school: School, at: datetime) -> None:
    """What was cached inside a transaction that failed is not taken for the next change's rules."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _change(school, at, key="break_use", value="yes")
        assert queries.for_school(school, on=TODAY).break_use == "yes"
        raise ZeroDivisionError
    again = School.objects.get(pk=school.pk)
    assert queries.for_school(again, on=TODAY).break_use == "no"
    _change(again, at, key="break_use", value="revocable_privilege")
    assert queries.for_school(again, on=TODAY).break_use == "revocable_privilege"


def test_schools_do_not_see_each_others_rules(school: School, other_school: School, at: datetime) -> None:
    _change(school, at, key="break_use", value="yes")
    assert queries.for_school(other_school, on=TODAY).break_use == "no"


def test_differences_from_preset_are_the_changed_rules(school: School, at: datetime) -> None:
    """ORG-15: the screen shows which settings differ from the preset."""
    assert queries.differences_from_preset(school, TODAY) == []
    _change(school, at, key="break_use", value="yes")
    _change(school, at, key="barred_areas", value=["toilets", "the music corridor"])
    found = queries.differences_from_preset(school, TODAY)
    assert [standing.setting.key for standing in found] == ["break_use", "barred_areas"]
    assert found[1].words == "Toilets and the music corridor"
    assert found[1].preset_words == "The whole site"
    assert queries.differences_from_preset(school, TODAY - timedelta(days=1)) == []


def test_unspecified_keys_follow_the_day(school: School, at: datetime) -> None:
    assert "exception_agreed_by" in queries.unspecified_keys(school, TODAY)
    _change(school, at, key="exception_agreed_by", value="parent_only", effective_from=TODAY + timedelta(days=2))
    assert "exception_agreed_by" in queries.unspecified_keys(school, TODAY)
    assert "exception_agreed_by" not in queries.unspecified_keys(school, TODAY + timedelta(days=2))


def test_future_changes_say_before_and_after(school: School, administrator_user: User, at: datetime) -> None:
    later = TODAY + timedelta(days=30)
    _change(school, at, key="break_use", value="yes", effective_from=later, actor=administrator_user)
    (found,) = queries.future_changes(school, TODAY)
    assert found.effective_from == later
    assert found.created_by == administrator_user
    assert [(change.before_words, change.after_words) for change in found.changes] == [("No", "Yes")]
    assert queries.future_changes(school, later) == []
    assert [change.batch for change in queries.recent_changes(school, later)] == [found.batch]


def test_standings_show_what_is_on_the_way(school: School, at: datetime) -> None:
    later = TODAY + timedelta(days=30)
    _change(school, at, key="break_use", value="yes", effective_from=later)
    standing = queries.standings_for(school, TODAY)["break_use"]
    assert standing.words == "No"
    assert standing.coming is not None
    assert (standing.coming.words, standing.coming.row.effective_from) == ("Yes", later)
    assert standing.since == date(2025, 9, 1)


def test_standings_cost_the_same_whatever_was_decided(
    school: School, at: datetime, django_assert_num_queries: Any
) -> None:
    queries.for_school(school, on=TODAY)
    with django_assert_num_queries(1):
        queries.standings_for(school, TODAY)
    for days in range(3):
        _change(school, at, key="break_use", value=["yes", "no", "yes"][days], effective_from=TODAY + timedelta(days))
    queries.for_school(school, on=TODAY)
    with django_assert_num_queries(1):
        queries.standings_for(school, TODAY)


def test_history_for_tells_past_present_future_and_withdrawn(school: School, at: datetime) -> None:
    _change(school, at, key="break_use", value="yes")
    doomed = _change(school, at, key="break_use", value="no", effective_from=TODAY + timedelta(days=5))
    operations.withdraw_change(school=school, actor=None, at=at, change=doomed, reason="Not after all.")
    _change(school, at, key="break_use", value="revocable_privilege", effective_from=TODAY + timedelta(days=9))
    found = queries.history_for(school, "break_use", today=TODAY)
    assert [(change.state, change.is_replaced, change.words) for change in found] == [
        ("coming", False, "As a privilege that can be taken away"),
        ("withdrawal", False, "Withdrawn"),
        ("coming", True, "No"),
        ("in_force", False, "Yes"),
        ("past", False, "No"),
    ]


def test_suggestion_is_shown_for_an_open_rule(db: None) -> None:
    school = make_school(preset="phone-free-agreement")
    with scope(school=school):
        standing = queries.standings_for(school, TODAY)["approver_body"]
    assert standing.is_unspecified
    assert standing.suggested_words == "Trustees"
    assert standing.value == UNSPECIFIED
