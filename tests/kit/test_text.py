"""Folding and cleaning of text that people type."""

import pytest

from core.kit.text import clean_line, fold


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("O’Brien", "obrien"),
        ("Zoë", "zoe"),
        ("Łukasz", "lukasz"),
        ("Nguyễn", "nguyen"),
        ("Fernández-García", "fernandez garcia"),
    ],
)
def test_fold_removes_accents_and_apostrophes(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x00", "\u2066"])
def test_clean_line_hidden_character_is_refused(hidden: str) -> None:
    with pytest.raises(ValueError, match="hidden character"):
        clean_line(f"Sam{hidden}")


def test_clean_line_composes_and_trims() -> None:
    assert clean_line("  Zoe\u0308   Ali ") == "Zoë Ali"
