"""The five presets as data: one file each, every key of the catalogue in every file (ORG-15)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ..catalogue import SETTINGS, read_value

_FOLDER: Final = Path(__file__).parent
_MARKS: Final = frozenset({"value", "reading", "ref", "note", "suggested", "blank"})


@dataclass(frozen=True)
class PresetValue:
    """One value of a preset and where it comes from.

    `is_reading`: the policy does not say it outright; this is a sensible reading of it. `ref` names the ambiguity it
    settles (matrix §6), `note` qualifies it, `suggested` is offered for a rule left open, `is_blank` marks a heading
    that the policy leaves empty.
    """

    value: Any
    is_reading: bool = False
    ref: str = ""
    note: str = ""
    suggested: Any = None
    is_blank: bool = False


@dataclass(frozen=True)
class Preset:
    """A set of rules that a new school picks from and then changes."""

    slug: str
    name: str
    summary: str
    order: int
    values: Mapping[str, PresetValue]

    def value(self, key: str) -> Any:
        """The typed value of one rule."""
        return self.values[key].value


def _read_one(key: str, raw: Any) -> PresetValue:
    marks: dict[str, Any] = {}
    if isinstance(raw, dict):
        marks = {name: raw[name] for name in _MARKS & raw.keys()}
        value = {name: raw[name] for name in raw.keys() - _MARKS}
        if not value:
            value = marks["reading"] if "reading" in marks else marks["value"]
    else:
        value = raw
    suggested = marks.get("suggested")
    return PresetValue(
        value=read_value(key, value),
        is_reading="reading" in marks,
        ref=marks.get("ref", ""),
        note=marks.get("note", ""),
        suggested=read_value(key, suggested) if suggested is not None else None,
        is_blank=marks.get("blank", False),
    )


def _read(path: Path) -> Preset:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    missing, unknown = SETTINGS.keys() - data["values"].keys(), data["values"].keys() - SETTINGS.keys()
    if missing or unknown:
        raise ValueError(f"{path.name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    values = {key: _read_one(key, data["values"][key]) for key in SETTINGS}
    return Preset(data["slug"], data["name"], data["summary"], data["order"], MappingProxyType(values))


@cache
def all_presets() -> Mapping[str, Preset]:
    """The five presets by slug, in the order in which a new school sees them."""
    found = sorted((_read(path) for path in _FOLDER.glob("*.toml")), key=lambda preset: preset.order)
    return MappingProxyType({preset.slug: preset for preset in found})


def preset_of(slug: str) -> Preset | None:
    """The preset of that slug, or None."""
    return all_presets().get(slug)
