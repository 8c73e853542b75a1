"""The five preset files say what the requirements matrix says (§2), key by key."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from core.rules.catalogue import SECTIONS, SETTINGS, MonthEnd, ThresholdTool
from core.rules.presets import all_presets
from tests.rules.preset_table import ADDED, SECTION_SIZES, SLUGS, TABLE, U, r

CELLS = [(key, slug, cell) for key, row in {**TABLE, **ADDED}.items() for slug, cell in zip(SLUGS, row, strict=True)]


def _typed(key: str, cell: Any) -> Any:
    """The cell of the hand-written table as the catalogue types it."""
    if isinstance(cell, set):
        return frozenset(cell)
    if key == "threshold_levels" and isinstance(cell, tuple):
        return ThresholdTool(levels=cell[0], tool=cell[1])
    if isinstance(cell, str) and re.fullmatch(r"\d{4}-\d{2}", cell):
        return MonthEnd.of(int(cell[:4]), int(cell[5:]))
    return cell


def test_catalogue_has_every_key_of_the_matrix_and_only_those() -> None:
    """ORG-15: 114 settings of the matrix, two that it leaves to the school, and what law asks beside it.

    That is eleven of groups and places (PH-3), and how long a device is kept (CO-4).
    """
    assert len(TABLE) == 114
    assert set(SETTINGS) == set(TABLE) | set(ADDED)
    assert {key for key, setting in SETTINGS.items() if setting.added} == set(ADDED)


def test_catalogue_sections_have_the_sizes_of_the_matrix() -> None:
    sizes = {section.number: len([key for key in section.keys if key not in ADDED]) for section in SECTIONS}
    assert sizes == SECTION_SIZES


def test_presets_are_the_five_in_order() -> None:
    assert tuple(all_presets()) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_preset_has_every_key(slug: str) -> None:
    assert set(all_presets()[slug].values) == set(SETTINGS)


@pytest.mark.parametrize(("key", "slug", "cell"), CELLS, ids=[f"{slug}:{key}" for key, slug, _cell in CELLS])
def test_preset_value_is_the_matrix_value(key: str, slug: str, cell: Any) -> None:
    found = all_presets()[slug].values[key]
    expected = cell.value if isinstance(cell, r) else cell
    assert found.value == _typed(key, expected)
    assert found.is_reading == isinstance(cell, r)


def test_preset_month_only_dates_are_the_last_day_of_the_month() -> None:
    """POL-04, A-24."""
    due = all_presets()["primary-online-safety"].value("next_review_due")
    assert due == date(2024, 10, 31)
    assert isinstance(due, MonthEnd)


def test_preset_suggestions_and_blanks_are_marked() -> None:
    """A-24, A-27, A-62: what a policy leaves blank or only hints at is marked, and its value is unspecified."""
    presets = all_presets()
    assert presets["image-and-conduct"].values["review_interval_months"].suggested == 12
    assert presets["phone-free-agreement"].values["approver_body"].suggested == "trustees"
    assert presets["primary-online-safety"].values["staff_lesson_storage"].is_blank
    assert presets["primary-online-safety"].values["last_reviewed"].is_blank
    for preset in presets.values():
        for value in preset.values.values():
            if value.suggested is not None or value.is_blank:
                assert value.value == U


def test_preset_readings_name_known_ambiguities() -> None:
    for preset in all_presets().values():
        for value in preset.values.values():
            assert not value.ref or re.fullmatch(r"A-\d{2}", value.ref)


def test_presets_name_no_place_or_source() -> None:
    """§0.1: codes and places of the sources stay out of files and screens."""
    from pathlib import Path

    from core.rules import presets

    folder = Path(presets.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.parent.rglob("*.toml"))
    assert not re.search(r"Kent|Lancashire|Sussex|Medway|\b(BEL|BAR|RUS|UNN|ROC)\b", text)
