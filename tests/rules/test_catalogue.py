"""The typed catalogue: it takes what a rule allows, refuses all else in words, and gives back what was kept."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.rules.catalogue import (
    NOT_APPLICABLE,
    SETTINGS,
    UNSPECIFIED,
    Kind,
    MonthEnd,
    Rules,
    ThresholdTool,
    as_json,
    read_value,
)
from core.rules.words import PLAIN, Words, sections_in, settings_in


def _literals(annotation: Any) -> set[str]:
    """Every literal anywhere inside a type."""
    found: set[str] = set()
    for part in get_args(annotation):
        if isinstance(part, str):
            found.add(part)
        else:
            found |= _literals(part)
    return found


@pytest.mark.parametrize("key", SETTINGS)
def test_setting_words_cover_its_type(key: str) -> None:
    """Each allowed value has words, and no words stand for a value that the type refuses."""
    setting = SETTINGS[key]
    literals = _literals(Rules.model_fields[key].annotation) - {UNSPECIFIED, NOT_APPLICABLE}
    if setting.own_words or setting.kind == Kind.TEXT:
        assert literals <= set(setting.values)
    else:
        assert literals == set(setting.values)
    assert setting.label.strip()
    assert setting.meaning.endswith((".", "?"))
    assert setting.sources
    assert setting.group


@pytest.mark.parametrize("key", SETTINGS)
def test_setting_may_always_be_unspecified(key: str) -> None:
    assert read_value(key, UNSPECIFIED) == UNSPECIFIED
    assert SETTINGS[key].words_for(UNSPECIFIED) == "Not settled"


@pytest.mark.parametrize("key", SETTINGS)
def test_setting_not_applicable_only_where_it_may_be(key: str) -> None:
    if SETTINGS[key].may_not_apply:
        assert read_value(key, NOT_APPLICABLE) == NOT_APPLICABLE
    elif SETTINGS[key].kind != Kind.TEXT:
        with pytest.raises(ValueError, match=r"Choose|Enter|Write"):
            read_value(key, NOT_APPLICABLE)


def test_rules_are_frozen_and_refuse_unknown_keys() -> None:
    rules = Rules()
    with pytest.raises(ValidationError):
        rules.release_rule = "parent_only"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Rules(colour="blue")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("break_use", "sometimes"),
        ("break_use", None),
        ("break_use", ["no"]),
        ("handin_required", True),
        ("rule_day_parts", ["lessons", "night"]),
        ("rule_day_parts", []),
        ("barred_areas", ["whole_site", "toilets"]),
        ("barred_areas", ["unspecified"]),
        ("barred_areas", [""]),
        ("agreement_signatories", ["pupil", "pupil"]),
        ("repeat_threshold", 0),
        ("repeat_threshold", -3),
        ("repeat_threshold", "many"),
        ("repeat_window", "two_terms"),
        ("review_interval_months", 61),
        ("approved_on", "2026-02-30"),
        ("approved_on", "2026-13"),
        ("approved_on", "yesterday"),
        ("home_learning_document", ""),
        ("home_learning_document", "x" * 201),
        ("home_learning_document", "abc\u202edef"),
        ("threshold_levels", {"levels": 5, "tool": "a tool"}),
        ("threshold_levels", {"levels": 4, "tool": " "}),
        ("threshold_levels", {"levels": 4}),
        ("threshold_levels", "four"),
    ],
)
def test_read_value_not_allowed_is_refused_in_words(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z“].*") as refused:
        read_value(key, value)
    assert "pydantic" not in str(refused.value)


def test_read_value_refusal_names_the_allowed_values() -> None:
    with pytest.raises(ValueError, match="“No”, “As a privilege that can be taken away”, “Yes”, “Not settled”"):
        read_value("break_use", "sometimes")


_ITEMS = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=30).filter(
    lambda text: text not in {"unspecified", "not_applicable", "none"}
)


def _values_of(key: str) -> st.SearchStrategy[Any]:
    setting = SETTINGS[key]
    known = sorted(set(setting.values) - setting.alone)
    if setting.kind == Kind.CHOICE:
        return st.sampled_from(known)
    if setting.is_several:
        item = st.one_of(st.sampled_from(known), _ITEMS) if setting.own_words and known else _ITEMS
        item = item if setting.own_words else st.sampled_from(known)
        return st.lists(item, min_size=1, max_size=4, unique=True)
    if setting.kind == Kind.NUMBER:
        return st.integers(setting.smallest, setting.largest)
    if setting.kind == Kind.DATE:
        days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
        return st.one_of(days.map(date.isoformat), days.map(lambda day: f"{day:%Y-%m}"))
    if setting.kind == Kind.THRESHOLD:
        return st.builds(lambda levels, tool: {"levels": levels, "tool": tool}, st.integers(2, 4), _ITEMS)
    return _ITEMS


@settings(deadline=None)  # a busy machine is no fault of the catalogue
@given(st.sampled_from(sorted(SETTINGS)).flatmap(lambda key: st.tuples(st.just(key), _values_of(key))))
def test_read_value_gives_back_what_was_kept(drawn: tuple[str, Any]) -> None:
    """Any allowed value survives the database, can be said in words, and stands in a Rules object."""
    key, raw = drawn
    value = read_value(key, raw)
    assert read_value(key, as_json(value)) == value
    assert as_json(read_value(key, as_json(value))) == as_json(value)
    assert SETTINGS[key].words_for(value)
    assert getattr(Rules(**{key: value}), key) == value


def test_words_for_sets_lists_dates_and_numbers() -> None:
    spoken = settings_in(PLAIN)
    assert spoken["barred_areas"].words_for(frozenset({"toilets", "changing_rooms"})) == "Changing rooms and toilets"
    assert spoken["breach_types_extra"].words_for(frozenset()) == "None"
    assert spoken["visitor_permission_by"].words_for(frozenset({"dsl", "headteacher"})) == "The headteacher or the DSL"
    assert spoken["repeat_threshold"].words_for(1) == "1 breach"
    assert spoken["repeat_window"].words_for(30) == "30 days"
    assert spoken["next_review_due"].words_for(MonthEnd.of(2027, 7)) == "July 2027"
    assert spoken["approved_on"].words_for(date(2021, 9, 1)) == "1 September 2021"
    tool = ThresholdTool(levels=4, tool="continuum of need")
    assert spoken["threshold_levels"].words_for(tool) == "Levels 1 to 4, by the continuum of need"


def test_settings_are_said_in_the_schools_words() -> None:
    """ORG-07."""
    words = Words(child="learner", children="learners", head="principal")
    spoken = settings_in(words)
    assert spoken["pupil_bring_rule"].label == "May a learner bring a device?"
    assert spoken["pupil_bring_authoriser"].values["headteacher"] == "The principal"
    assert sections_in(words)[0].name == "Learners’ devices"
    for setting in spoken.values():
        assert "{" not in setting.label + setting.meaning + "".join(setting.values.values())
