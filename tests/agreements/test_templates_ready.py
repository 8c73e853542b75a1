"""The ready texts: every point its own clause, following the rules of each school, copied from nowhere (matrix 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope

from agreements.enums import AgreementKind, Party
from agreements.models import Clause
from agreements.operations.templates import start_template
from agreements.queries.templates import preview_of
from agreements.ready import ready_template
from agreements.wording import wording_of
from core.rules.catalogue import SETTINGS
from core.rules.queries import UNSPECIFIED, for_school
from core.rules.words import words_for
from tests.factories import make_school, make_user

PRESETS = {
    "group-locked-storage": "collect-parent",
    "primary-by-agreement": "collect-parent-office",
    "primary-online-safety": "collect-open",
    "image-and-conduct": "collect-open",
    "phone-free-agreement": "collect-pupil",
}


def keys_of(wording: dict[str, Any], party: str) -> list[str]:
    return [one["key"] for group in wording["groups"] if group["party"] == party for one in group["clauses"]]


@pytest.mark.django_db
@pytest.mark.parametrize(("preset", "collecting"), PRESETS.items())
def test_every_ready_text_merges_and_its_consequences_follow_the_release_rule(
    preset: str, collecting: str, at: datetime
) -> None:
    """AGR-03, AGR-04, AGR-05: parents told, who collects as the rule says, what follows; no field is left."""
    school = make_school(preset=preset)
    head = make_user("headteacher", school)
    with scope(school=school):
        for kind in AgreementKind:
            version = start_template(school=school, actor=head, at=at, kind=kind)
            wording = preview_of(version, school, on=at.date())
            shown = [one["text"] + one["plain"] for group in wording["groups"] for one in group["clauses"]]
            assert not [text for text in shown if "{" in text]
            assert "{" not in wording["title"] + wording["intro"]
            if kind == AgreementKind.HOME_SCHOOL:
                assert keys_of(wording, Party.CONSEQUENCES) == ["parents-told", collecting, "further"]
                assert len(keys_of(wording, Party.SCHOOL)) == 6
                assert len(keys_of(wording, Party.PARENT)) == len(keys_of(wording, Party.EVERYONE)) == 3
                assert len(keys_of(wording, Party.PUPIL)) >= 12


# Points that say one thing in several ways: of each row one stands, whatever the rules answer.
ALTERNATIVES = {
    AgreementKind.HOME_SCHOOL: (
        {"hand-in-arrival", "hand-in-morning", "hand-in-open"},
        {"kept-safe", "kept-safe-parent", "kept-safe-leaving", "kept-safe-open"},
        {"not-in-the-day", "break-privilege", "break-yes"},
        {"back-decisions", "back-decisions-break"},
        {"reach-home", "reach-home-advised"},
        {"collect-parent", "collect-parent-office", "collect-pupil", "collect-open"},
    ),
    AgreementKind.BRING_DEVICE: (
        {"approval", "approval-slt", "approval-other"},
        {"give-office", "give-staff"},
        {"keep-safe", "keep-place"},
        {"back", "back-parent"},
    ),
}
# Of these at most one stands: where the rules are silent, nothing is said.
SILENT = ({"hand-in-office", "hand-in-tutor", "hand-in-any"}, {"placements", "placements-provider"})


def every_answer(clauses: Iterable[Clause]) -> Iterator[dict[str, Any]]:
    """The rules as the school has them, and then each answer of each rule that a point follows."""
    yield {}
    for rule in sorted({one.rule for one in clauses if one.rule}):
        for answer in [*SETTINGS[rule].values, UNSPECIFIED]:
            yield {rule: {answer} if rule == "barred_areas" and answer != UNSPECIFIED else answer}


@pytest.mark.django_db
@pytest.mark.parametrize("preset", PRESETS)
def test_every_ready_text_reads_well_under_every_answer(preset: str, at: datetime) -> None:
    """AGR-04, AGR-05, AGR-23, matrix 5.3: whatever a rule answers, each point is a whole sentence with nothing left to
    fill in, none contradicts another, none is missing where the school must say something, and no heading is empty."""
    school = make_school(preset=preset)
    head = make_user("headteacher", school)
    with scope(school=school):
        base = for_school(school, on=at.date())
        for kind in AgreementKind:
            version = start_template(school=school, actor=head, at=at, kind=kind)
            clauses = list(version.clauses.all())
            for changed in every_answer(clauses):
                rules = base.model_copy(update=changed)
                wording = wording_of(
                    version, clauses=clauses, translations=[], readings=[], school=school, rules=rules,
                    words=words_for(rules), starts_on=at.date(), issued_on=at.date(), about={},
                )  # fmt: skip
                shown = [one for group in wording["groups"] for one in group["clauses"]]
                sentences = [wording["intro"], *(text for one in shown for text in (one["text"], one["plain"]))]
                for text in sentences:
                    assert re.fullmatch(r"[A-Z“].*[.?]", text, re.DOTALL) and "  " not in text, (changed, text)
                    assert not re.search(r"[{}]|\b(None|unspecified|a [aeiou]\w+ or|the the|an? the)\b", text), text
                    assert not re.search(r"\bthe The\b|\.\.", text), text
                keys = {one["key"] for one in shown}
                for row in ALTERNATIVES.get(kind, ()):
                    assert len(keys & row) == 1, (changed, row)
                for row in SILENT:
                    assert len(keys & row) <= 1, (changed, row)
                assert len(keys) == len(shown) and all(group["clauses"] for group in wording["groups"])
                if kind == AgreementKind.HOME_SCHOOL:
                    said = " ".join(one["text"] for one in shown)
                    assert not ({"break-yes", "break-privilege"} & keys and "day without phones" in said), changed
                    assert "filtered" in said and "which sites" in said


def test_every_answer_that_names_a_place_has_a_point() -> None:
    """AGR-05: whatever is barred, the agreement says so."""
    bound = {one.rule: set() for one in ready_template("home_school").clauses if one.rule}
    for one in ready_template("home_school").clauses:
        if one.rule:
            bound[one.rule] |= set(one.answers)
    for rule, answers in bound.items():
        assert set(SETTINGS[rule].values) - answers <= {"none"}, rule


@pytest.mark.parametrize("kind", AgreementKind)
def test_each_point_is_short_bound_to_real_answers_and_has_a_symbol_of_ours(kind: AgreementKind) -> None:
    """AGR-04, law AG-6: a plain reading of at most twelve words; rules and answers are those of the catalogue."""
    icons = set(re.findall(r'id="([a-z-]+)"', Path("static/img/icons.svg").read_text()))
    ready = ready_template(kind)
    assert len({one.key for one in ready.clauses}) == len(ready.clauses)
    for one in ready.clauses:
        assert 0 < len(one.plain.split()) <= 12 and one.symbol in icons, one.key
        assert one.party in Party.values and bool(one.rule) == bool(one.answers)
        if one.rule:
            setting = SETTINGS[one.rule]
            assert set(one.answers) <= {*setting.values, "unspecified"}, one.key
        if one.party == Party.PUPIL:
            assert re.search(r"\b(I|me|my)\b", one.text) or one.key.startswith("place-"), one.key


def test_nothing_in_a_ready_text_threatens_who_does_not_sign() -> None:
    """AG-1: no ready text ties a place, a lesson or a sanction to a signature; consent is asked apart (AG-4)."""
    for kind in AgreementKind:
        ready = ready_template(kind)
        for one in ready.clauses:
            assert not re.search(r"\b(sign|signed|signing|signature|refus\w+)\b", one.text), one.key
    assert "nobody loses a place" in ready_template("home_school").intro
    image = {one.key for one in ready_template("image_consent").clauses if one.required}
    assert {"each-use", "withdraw", "copies"} <= image
    for kind in set(AgreementKind) - {AgreementKind.IMAGE_CONSENT}:
        assert "consent" not in " ".join(one.text for one in ready_template(kind).clauses)


def test_filtering_monitoring_and_sites_are_explained_apart_from_the_home_school_agreement() -> None:
    """AGR-23, AGR-24: the online-safety agreement is a text of its own, and parents say that they talked it through."""
    keys = {one.key for one in ready_template("online_safety").clauses}
    assert {"filtering", "monitoring", "sites", "talk"} <= keys


def test_an_account_manager_declares_all_that_is_asked() -> None:
    """SOC-21: eight points, none of which can be switched off."""
    clauses = ready_template("account_manager").clauses
    assert len(clauses) == 8 and all(one.required for one in clauses)
