"""The texts that come with the product, for a school to start from, in the school's own words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.people.models import School
from core.rules.queries import UNSPECIFIED
from core.rules.words import words_for
from policies.enums import DocumentKind
from policies.operations import Wording

_TEXTS = Path(__file__).parent / "texts"
READY = (DocumentKind.ACCEPTABLE_USE, DocumentKind.MONITORING, DocumentKind.CONDUCT)


@dataclass(frozen=True)
class ReadyDocument:
    """A document to start from: its name, who has to acknowledge it, and its texts."""

    title: str
    asked_of: tuple[str, ...]
    texts: tuple[Wording, ...]


def ready_document(school: School, kind: str, rules: Any) -> ReadyDocument | None:
    """The ready texts of a kind with the school's name, its words and the documents that its rules name."""
    if kind not in READY:
        return None
    written = _written(kind)
    words = words_for(rules)
    vehicle = rules.monitoring_notice_vehicle
    if vehicle in (UNSPECIFIED, "", "this policy"):
        vehicle = "image and conduct policy" if vehicle == "this policy" else words.aup
    said = {
        "aup": words.aup,
        "Aup": words.aup[:1].upper() + words.aup[1:],
        "behaviour": words.behaviour,
        "phone": school.phone or "the office will tell you",
        "school": school.name,
        "vehicle": str(vehicle),
    }

    def say(text: str) -> str:
        for name, word in said.items():
            text = text.replace(f"{{{name}}}", word)
        return words.say(text).strip()

    texts = tuple(
        Wording(one["readership"], say(one["title"]), say(one["text"]), plain=one.get("plain", False))
        for one in written["texts"]
    )
    return ReadyDocument(say(written["title"]), tuple(written["asked_of"]), texts)


@cache
def _written(kind: str) -> dict[str, Any]:
    return tomllib.loads((_TEXTS / f"{kind}.toml").read_text(encoding="utf-8"))
