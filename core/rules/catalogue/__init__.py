"""The typed catalogue of every rule a school may set: one frozen `Rules` object, and what each key means on screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from .confiscation import ConfiscationRules
from .groups import GroupRules
from .incidents import IncidentRules
from .policy import PolicyRules
from .pupil_devices import PupilDeviceRules
from .pupil_exceptions import PupilExceptionRules
from .setting import (
    NOT_APPLICABLE,
    NOT_APPLICABLE_WORDS,
    SILENT_TITLES,
    SILENT_WORDS,
    UNSPECIFIED,
    UNSPECIFIED_WORDS,
    Kind,
    MonthEnd,
    Setting,
    Silent,
    ThresholdTool,
    parse_day,
    say_date,
)
from .staff import StaffRules
from .visitors import VisitorRules

__all__ = [
    "NOT_APPLICABLE",
    "NOT_APPLICABLE_WORDS",
    "SECTIONS",
    "SETTINGS",
    "SILENT_TITLES",
    "SILENT_WORDS",
    "UNSPECIFIED",
    "UNSPECIFIED_WORDS",
    "Kind",
    "MonthEnd",
    "Rules",
    "Section",
    "Setting",
    "Silent",
    "ThresholdTool",
    "as_json",
    "parse_day",
    "read_value",
    "say_date",
]


class Rules(
    PolicyRules,
    VisitorRules,
    StaffRules,
    IncidentRules,
    ConfiscationRules,
    PupilExceptionRules,
    GroupRules,
    PupilDeviceRules,
):
    """Every rule of one school as it stood on one date; frozen. `version` is what a record keeps of it.

    Ask `rules.release_rule`, never which school it is. A rule that is not settled equals `UNSPECIFIED` (matrix 0.3).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 0


@dataclass(frozen=True)
class Section:
    """One page of rules: its address, its name, what it is about, and its keys in order."""

    slug: str
    number: str
    name: str
    about: str
    keys: tuple[str, ...]

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The settings of this section, in order."""
        return tuple(SETTINGS[key] for key in self.keys)


_SECTIONS: Final[tuple[tuple[str, str, str, str, type[BaseModel]], ...]] = (
    (
        "pupil-devices",
        "2.1",
        "{Children}’s devices",
        "Bringing, handing in, storing, returning and using a device.",
        PupilDeviceRules,
    ),
    (
        "groups",
        "PH-3",
        "Sixth form, boarders and named places",
        "Who may use which device where and when, what for, and own devices for lessons.",
        GroupRules,
    ),
    (
        "pupil-exceptions",
        "2.2",
        "Exceptions for {children}",
        "Exceptional use, and the home-school agreement.",
        PupilExceptionRules,
    ),
    (
        "confiscation",
        "2.3",
        "Confiscation, search, deletion and images",
        "Taking a device, giving it back, looking for something on it, and possible evidence.",
        ConfiscationRules,
    ),
    (
        "incidents",
        "2.4",
        "Incidents",
        "How concerns and breaches are classed, told, decided and learned from.",
        IncidentRules,
    ),
    ("staff", "2.5", "Staff", "Own devices, contact with families, school equipment and social media.", StaffRules),
    (
        "visitors",
        "2.6",
        "Visitors and images",
        "What visitors may do with a device, and photographs and video.",
        VisitorRules,
    ),
    (
        "policy",
        "2.7",
        "Policy cycle, filtering and words",
        "The policy’s dates and oversight, filtering and monitoring, and the words the school uses.",
        PolicyRules,
    ),
)


def _read_settings() -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for slug, _number, _name, _about, part in _SECTIONS:
        for key in part.__annotations__:
            metadata = part.model_fields[key].metadata
            setting = next(entry for entry in metadata if isinstance(entry, Setting))
            found[key] = dataclasses.replace(setting, key=key, section=slug)
    return found


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(_read_settings())
SECTIONS: Final[tuple[Section, ...]] = tuple(
    Section(slug, number, name, about, tuple(key for key, setting in SETTINGS.items() if setting.section == slug))
    for slug, number, name, about, _part in _SECTIONS
)


_RESERVED: Final = frozenset({UNSPECIFIED, NOT_APPLICABLE, "none"})


@cache
def _adapter(key: str) -> TypeAdapter[Any]:
    shape: Any = Rules.model_fields[key].annotation
    return TypeAdapter(shape)


def read_value(key: str, raw: Any) -> Any:
    """The typed value of `key` from what a form, a preset file or the database holds; raises ValueError in words.

    Checks the type, and what a type cannot say: nothing listed twice, no empty set where something must be chosen,
    and no item beside one that stands alone.
    """
    setting = SETTINGS[key]
    if isinstance(raw, bool):
        raise ValueError(_sentence(setting))
    if setting.is_several and isinstance(raw, (list, tuple)) and len(set(raw)) != len(raw):
        raise ValueError("Choose each one only once.")
    if setting.is_several and isinstance(raw, (set, frozenset)):
        raw = setting.in_order(raw)
    if setting.never and isinstance(raw, (list, tuple)):
        for item in raw:
            if item in setting.never:
                raise ValueError(setting.never[item])
    try:
        value = _adapter(key).validate_python(raw)
    except (ValidationError, TypeError):
        raise ValueError(_sentence(setting)) from None
    if setting.is_several and not isinstance(value, str):
        if _RESERVED.intersection(value):
            raise ValueError(_sentence(setting))
        if not value and not setting.may_be_empty:
            raise ValueError(_sentence(setting))
        alone = setting.alone & set(value)
        if alone and len(value) > 1:
            raise ValueError(f"“{setting.words_for_item(sorted(alone)[0])}” stands alone. Choose it or the others.")
    return value


def as_json(value: Any) -> Any:
    """A typed value as it is kept in the database and in the audit record; `read_value` gives it back."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, ThresholdTool):
        return {"levels": value.levels, "tool": value.tool}
    if isinstance(value, MonthEnd):
        return f"{value.year:04d}-{value.month:02d}"
    if isinstance(value, date):
        return value.isoformat()
    return value


def _sentence(setting: Setting) -> str:
    """What the rule allows, as a sentence for the person at the form."""
    specials = [f"“{words}”" for words in setting.specials.values()]
    named = [f"“{words}”" for words in setting.values.values()]
    if setting.kind == Kind.TEXT:
        return f"Enter up to 200 characters of plain text, or choose {' or '.join(specials)}."
    if setting.kind == Kind.NUMBER:
        span = f"Enter a whole number from {setting.smallest} to {setting.largest}"
        return f"{span}, or choose {' or '.join(named + specials)}."
    if setting.kind == Kind.DATE:
        return f"Enter a date such as 2026-07-01, a month such as 2026-07, or choose {' or '.join(specials)}."
    if setting.kind == Kind.THRESHOLD:
        span = f"Enter from {setting.smallest} to {setting.largest} levels and the name of the tool"
        return f"{span}, or choose {' or '.join(named + specials)}."
    several = "Choose one or more of" if setting.is_several else "Choose one of"
    if not named:
        return f"Write one on each line, or choose {' or '.join(specials)}."
    return f"{several}: {', '.join(named + specials)}."
