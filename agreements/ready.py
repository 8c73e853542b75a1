"""The texts that come with the product, for a school to start an agreement from (AGR-04, matrix 5.2 to 5.5)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from agreements.enums import AgreementKind

_TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class ReadyClause:
    """One point to start from; its key lasts from version to version."""

    key: str
    party: str
    text: str
    plain: str = ""
    symbol: str = ""
    required: bool = False
    rule: str = ""
    answers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ReadyTemplate:
    """A text of one kind, with its fields unfilled: they are filled by the rules of the day an agreement is issued."""

    title: str
    intro: str
    clauses: tuple[ReadyClause, ...]


@cache
def ready_template(kind: str) -> ReadyTemplate:
    """The ready text of a kind; each kind has one, and its clauses follow the school's rules (AGR-05)."""
    written = tomllib.loads((_TEXTS / f"{AgreementKind(kind)}.toml").read_text(encoding="utf-8"))
    return ReadyTemplate(
        written["title"], written["intro"].strip(), tuple(ReadyClause(**clause) for clause in written["clauses"])
    )
