"""The design tokens: every pair of colours that meets on a page has the contrast that WCAG 2.2 AA asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "static" / "css" / "tokens.css").read_text()
KINDS = ["ok", "attention", "stop", "info", "neutral", "waiting"]


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--ss-([\w-]+):\s*(#[0-9a-f]{6});", block))


LIGHT = _tokens(CSS[: CSS.index("@media")])
BY_DEVICE, BY_CHOICE = (_tokens(part) for part in CSS[CSS.index("@media") :].split("/* The person has chosen dark. */"))
THEMES = {"light": LIGHT, "dark": LIGHT | BY_DEVICE}

TEXT = [
    ("ink", "ground"),
    ("ink", "surface"),
    ("ink", "sunk"),
    ("ink-muted", "ground"),
    ("ink-muted", "surface"),
    ("ink-muted", "sunk"),
    ("link", "ground"),
    ("link", "surface"),
    ("link", "sunk"),
    ("link-hover", "ground"),
    ("on-primary", "primary"),
    ("on-primary", "primary-hover"),
    ("on-danger", "danger"),
    ("on-danger", "danger-hover"),
    ("band-ink", "band"),
    ("band-ink", "band-2"),
    ("band-muted", "band"),
    ("band-muted", "band-2"),
    ("on-signal", "signal"),
    *[(f"{kind}-ink", f"{kind}-tint") for kind in KINDS],
    *[(f"{kind}-ink", "surface") for kind in KINDS],
    *[("ink", f"{kind}-tint") for kind in KINDS],
]
SHAPES = [
    ("control", "ground"),
    ("control", "surface"),
    ("control", "sunk"),
    ("primary", "ground"),
    ("primary", "surface"),
    ("focus", "ground"),
    ("focus", "surface"),
    ("focus", "sunk"),
    ("focus-surface", "surface"),
    ("band-focus", "band"),
    ("band-focus", "band-2"),
    ("band-line", "band"),
    ("band-line", "band-2"),
    *[(f"{kind}-solid", "surface") for kind in KINDS],
    *[(f"{kind}-solid", f"{kind}-tint") for kind in KINDS],
    *[("focus", f"{kind}-tint") for kind in KINDS],
]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_tokens_text_on_its_ground_is_at_least_4_5(theme: str, ink: str, ground: str) -> None:
    """ux §3, WCAG 1.4.3."""
    tokens = THEMES[theme]
    assert contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_tokens_border_ring_or_status_on_its_ground_is_at_least_3(theme: str, shape: str, ground: str) -> None:
    """ux §3, WCAG 1.4.11 and 2.4.13: control borders, focus rings, status bars."""
    tokens = THEMES[theme]
    assert contrast(tokens[shape], tokens[ground]) >= 3


def test_tokens_primary_button_in_light_is_comfortably_above_the_minimum() -> None:
    """ux §3: Bootstrap's own primary is 4.50:1, the bare minimum."""
    assert contrast(LIGHT["on-primary"], LIGHT["primary"]) >= 7


def test_tokens_dark_by_device_and_dark_by_choice_are_the_same() -> None:
    assert BY_DEVICE == BY_CHOICE
    assert BY_DEVICE


def test_tokens_dark_names_no_colour_that_light_does_not() -> None:
    assert set(BY_DEVICE) <= set(LIGHT)
