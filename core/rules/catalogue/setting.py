"""What one rule of the catalogue is: its words, its allowed values, and how a value is read, kept and said."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from core.kit.text import clean_line

UNSPECIFIED: Final = "unspecified"
NOT_APPLICABLE: Final = "not_applicable"
Unspecified = Literal["unspecified"]
NotApplicable = Literal["not_applicable"]
YesNo = Literal["yes", "no"]

UNSPECIFIED_WORDS: Final = "Not settled"
NOT_APPLICABLE_WORDS: Final = "Does not apply"
YES_NO: Final[Mapping[str, str]] = {"yes": "Yes", "no": "No"}


class Kind(StrEnum):
    """The shape of a rule's value; it decides the type, the form field and the words."""

    CHOICE = "choice"
    SET = "set"
    LIST = "list"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    THRESHOLD = "threshold"


class Silent(StrEnum):
    """What the software does while a rule is not settled (matrix 0.3)."""

    DECISION = "decision"
    GAP = "gap"
    PLAIN_WORD = "plain_word"
    FLOOR = "floor"
    SAME_FOR_ALL = "same_for_all"


SILENT_WORDS: Final[Mapping[Silent, str]] = {
    Silent.DECISION: (
        "Nothing is allowed or refused by itself. When this rule would have mattered, "
        "the person dealing with it is asked to decide and to write down why."
    ),
    Silent.GAP: "It is shown as missing wherever it should appear, until somebody fills it in.",
    Silent.PLAIN_WORD: "Screens and letters use the plain word.",
    Silent.FLOOR: "The protection that every school has applies, whatever the school's own policy says.",
    Silent.SAME_FOR_ALL: "Nothing is added and nobody is excepted: the rule for everybody holds.",
}


SILENT_SHORT: Final[Mapping[Silent, str]] = {
    Silent.DECISION: "Somebody is asked to decide, and to say why.",
    Silent.GAP: "It is shown as missing.",
    Silent.PLAIN_WORD: "The plain word is used.",
    Silent.FLOOR: "The protection of every school applies.",
    Silent.SAME_FOR_ALL: "The rule for everybody holds.",
}
SILENT_TITLES: Final[Mapping[Silent, str]] = {
    Silent.DECISION: "Somebody is asked to decide",
    Silent.GAP: "Shown as missing",
    Silent.PLAIN_WORD: "The plain word is used",
    Silent.FLOOR: "The protection of every school applies",
    Silent.SAME_FOR_ALL: "The rule for everybody holds",
}


class MonthEnd(date):
    """A date known only to its month; it counts as the last day of that month (POL-04)."""

    @classmethod
    def of(cls, year: int, month: int) -> MonthEnd:
        """The last day of this month, remembering that only the month was given."""
        return cls(year, month, calendar.monthrange(year, month)[1])


_MONTH: Final = re.compile(r"^(\d{4})-(\d{2})$")
_DAY: Final = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def parse_day(value: object) -> date:
    """A date from `2026-07-01`, a month from `2026-07`, or a date as it is; raises ValueError for anything else."""
    if isinstance(value, date) and type(value) in (date, MonthEnd):
        return value
    if isinstance(value, str):
        month = _MONTH.match(value)
        if month:
            year, number = int(month[1]), int(month[2])
            if 1 <= number <= 12 and year >= 1900:
                return MonthEnd.of(year, number)
        elif _DAY.match(value):
            return date.fromisoformat(value)
    raise ValueError("Enter a date such as 2026-07-01, or a month such as 2026-07.")


def _line(value: object) -> str:
    """One line of text without hidden characters, trimmed, 1 to 200 characters; raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("Enter words.")
    words = clean_line(value)
    if not words or len(words) > 200:
        raise ValueError("Enter between 1 and 200 characters.")
    return words


PolicyDate = Annotated[date, PlainValidator(parse_day)]
Line = Annotated[str, PlainValidator(_line)]


class ThresholdTool(BaseModel):
    """The levels of need that the school uses, numbered from 1, and the name of the tool that defines them (INC-12)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    levels: Annotated[int, Field(ge=2, le=4)]
    tool: Line


@dataclass(frozen=True)
class Setting:
    """One rule of the catalogue: everything about it except its value.

    `label`, `meaning` and the words in `values` may hold {child}, {children}, {head} or {governors}; they are filled
    with the school's own words by `core.rules.words.Words.say`. `never` says of an item why no school may choose it.
    """

    label: str
    meaning: str
    sources: tuple[str, ...]
    group: str
    kind: Kind = Kind.CHOICE
    values: Mapping[str, str] = field(default_factory=dict)
    own_words: bool = False
    alone: frozenset[str] = frozenset()
    never: Mapping[str, str] = field(default_factory=dict)
    may_be_empty: bool = False
    empty_words: str = "None"
    joiner: str = "and"
    may_not_apply: bool = False
    unit: str = ""
    unit_one: str = ""
    smallest: int = 0
    largest: int = 0
    silent: Silent = Silent.DECISION
    readings: tuple[str, ...] = ()
    added: str = ""
    key: str = ""
    section: str = ""

    @property
    def if_silent(self) -> str:
        """What the software does while this rule is not settled, in a sentence."""
        return SILENT_WORDS[self.silent]

    @property
    def if_silent_short(self) -> str:
        """The same in a few words, for lists."""
        return SILENT_SHORT[self.silent]

    @property
    def is_several(self) -> bool:
        """Whether the value holds several items."""
        return self.kind in (Kind.SET, Kind.LIST)

    @property
    def specials(self) -> dict[str, str]:
        """The values that every rule of this shape has beside its own: not settled, does not apply, none."""
        found: dict[str, str] = {}
        if self.is_several and self.may_be_empty:
            found["none"] = self.empty_words
        if self.may_not_apply:
            found[NOT_APPLICABLE] = NOT_APPLICABLE_WORDS
        found[UNSPECIFIED] = UNSPECIFIED_WORDS
        return found

    def words_for_item(self, item: str) -> str:
        """One item of a value in words; an item in the school's own words starts with a capital."""
        return self.values.get(item) or item[:1].upper() + item[1:]

    def words_for(self, value: Any) -> str:
        """A whole value in words, for a person to read; never raises for a value of the catalogue."""
        if isinstance(value, str):
            if value == UNSPECIFIED:
                return UNSPECIFIED_WORDS
            if value == NOT_APPLICABLE:
                return NOT_APPLICABLE_WORDS
            return self.words_for_item(value)
        if isinstance(value, ThresholdTool):
            return f"Levels 1 to {value.levels}, by the {value.tool}"
        if isinstance(value, date):
            return say_date(value)
        if isinstance(value, int):
            return f"{value} {self.unit_one if value == 1 else self.unit}"
        items = self.in_order(value)
        if not items:
            return self.empty_words
        if len(items) == len(self.values) > 2 and self.kind == Kind.SET and self.joiner == "and" and not self.alone:
            return "All of them: " + self._joined(items, lead=False)
        return self._joined(items, lead=True)

    def in_order(self, value: Any) -> list[str]:
        """The items of a set in the catalogue's order (a list keeps its own)."""
        if self.kind == Kind.LIST:
            return list(value)
        known = [item for item in self.values if item in value]
        return known + sorted(item for item in value if item not in self.values)

    def _joined(self, items: list[str], *, lead: bool) -> str:
        said = [self.words_for_item(item) for item in items]
        said = [words if lead and place == 0 else lower_first(words) for place, words in enumerate(said)]
        if self.kind == Kind.LIST:
            return "; ".join(said)
        return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} {self.joiner} {said[-1]}"


def lower_first(words: str) -> str:
    """The words with a small first letter, unless they start with an abbreviation such as DSL."""
    first = words.split(" ", 1)[0]
    return words if len(first) > 1 and first[1:2].isupper() else words[:1].lower() + words[1:]


def say_date(value: date) -> str:
    """A date as people write it: 1 July 2026, or July 2026 when only the month is known."""
    month = f"{calendar.month_name[value.month]} {value.year}"
    return month if isinstance(value, MonthEnd) else f"{value.day} {month}"
