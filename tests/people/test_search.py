"""Finding a pupil by what is typed at the desk or after Ctrl+K (ux §4, ORG-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.people.models import FormGroup, Pupil, School
from core.people.queries import find_pupils, search_pupils
from tests.factories import make_form, make_pupil


@pytest.fixture
def roll(school: School) -> dict[str, Pupil]:
    """Eight invented pupils in two forms."""
    form_8b, oak = make_form(school, "8B"), make_form(school, "Oak Class", year=3)
    return {
        "amara": make_pupil(school, "Amara", "Kovacs", form=form_8b, admission_number="004711"),
        "amanda": make_pupil(school, "Amanda", "Pell", form=oak),
        "zoe": make_pupil(school, "Zoë", "O’Brien", form=form_8b),
        "lukasz": make_pupil(school, "Łukasz", "Nowak-Amari", form=oak),
        "sam": make_pupil(school, "Samuel", "Amos", preferred_forename="Sam", form=form_8b),
        "mary": make_pupil(school, "Mary Ann", "Ferreira", form=oak),
        "jon": make_pupil(school, "Jon", "Li", form=form_8b),
        "jonah": make_pupil(school, "Jonah", "Lightfoot", form=oak),
    }


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("amara", ["amara"]),
        ("kov", ["amara"]),
        ("ama kov", ["amara"]),
        ("kovacs amara", ["amara"]),
        ("zoe", ["zoe"]),
        ("ZOË", ["zoe"]),
        ("obrien", ["zoe"]),
        ("o'brien", ["zoe"]),
        ("lukasz", ["lukasz"]),
        ("ann", ["mary"]),
        ("8b ama", ["amara"]),
        ("ama 8b", ["amara"]),
        ("oak ama", ["amanda", "lukasz"]),
        ("004711", ["amara"]),
        ("%", []),
        ("_ma", []),
        ("", []),
        ("   ", []),
    ],
)
def test_search_pupils_word_starts_and_folding_find_the_pupil(
    roll: dict[str, Pupil], school: School, typed: str, names: list[str]
) -> None:
    """ORG-12, ux §4: any word start, accents and apostrophes folded, form and name, admission number."""
    assert search_pupils(school, typed) == [roll[name] for name in names]


def test_search_pupils_first_name_that_begins_so_comes_before_a_surname(roll: dict[str, Pupil], school: School) -> None:
    found = search_pupils(school, "am")
    assert found[:2] == [roll["amara"], roll["amanda"]]
    assert set(found[2:]) == {roll["sam"], roll["lukasz"]}


def test_search_pupils_whole_word_comes_first(roll: dict[str, Pupil], school: School) -> None:
    assert search_pupils(school, "jon") == [roll["jon"], roll["jonah"]]


@pytest.mark.parametrize("typed", ["amrra", "amaraa", "kovcas", "kovaks", "amarx kovacs", "jonha light"])
def test_find_pupils_one_letter_off_is_near_and_never_certain(
    roll: dict[str, Pupil], school: School, typed: str
) -> None:
    """ux §4: typo distance 1 from four letters; a near match is only ever offered."""
    found = find_pupils(school, typed)
    assert found.near and found.pupils


@pytest.mark.parametrize("typed", ["jno", "amrrx", "xx yy", "zzzz"])
def test_find_pupils_short_or_far_words_find_nobody(roll: dict[str, Pupil], school: School, typed: str) -> None:
    assert find_pupils(school, typed).pupils == []


def test_search_pupils_leaver_is_found_only_when_asked(roll: dict[str, Pupil], school: School) -> None:
    gone = roll["amara"]
    gone.left_on = timezone.localdate() - timedelta(days=2)
    gone.save()
    assert search_pupils(school, "amara kovacs") == []
    assert search_pupils(school, "amara kovacs", leavers=True) == [gone]


def test_search_pupils_neighbour_is_never_found(roll: dict[str, Pupil], school: School, other_school: School) -> None:
    make_pupil(other_school, "Amara", "Elsewhere")
    assert search_pupils(school, "elsewhere") == []


def test_find_pupils_limit_says_that_there_are_more(roll: dict[str, Pupil], school: School) -> None:
    found = find_pupils(school, "am", limit=2)
    assert len(found.pupils) == 2 and found.more


def test_search_pupils_statements_stay_constant(school: School, form_group: FormGroup) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert [pupil.form.name for pupil in search_pupils(school, "test")]  # type: ignore[union-attr]
        return len(caught)

    make_pupil(school, "Testa", form=form_group)
    one: Any = statements()
    make_pupil(school, "Testb", form=form_group)
    make_pupil(school, "Testc", form=form_group)
    assert statements() == one == 1


def test_printed_code_without_a_figure_is_still_a_code(school: School) -> None:
    """One code in thirty has letters alone; it is found all the same, and a surname of that shape too."""
    wren = make_pupil(school, "Wren", "Hale", code="PRSTXXGGW")
    named = make_pupil(school, "Ana", "Pettersen")
    assert search_pupils(school, "prstxxggw") == [wren]
    assert search_pupils(school, "Pettersen") == [named]
