"""The words of what a family gets: merge fields from a fixed list, plainly replaced, and the first wording."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.kit.text import apart
from core.rules.words import Words
from devices.enums import DocumentKind
from devices.models import DocumentWording

# What may stand in braces, and what it stands for; {child_word} follows the school's vocabulary (ORG-07).
MERGE_FIELDS: dict[str, str] = {
    "parent": "To whom it is written",
    "child": "The {child}’s name",
    "child_word": "Your school’s word for a pupil",
    "device": "What was taken",
    "taken_on": "When it was taken",
    "held_at": "Where it is kept",
    "why": "Why it was taken, in neutral words",
    "collect": "Who may collect it",
    "from_when": "From when it may be collected",
    "calendar": "How long that is, weekends and holidays counted",
    "bring": "What to bring, where somebody may collect it",
    "disclaimer": "Your school’s words on loss and damage, as they stood that day",
    "school": "The name of your school",
    "contact": "How to reach the school",
}
_FIELD = re.compile(r"\{([^{}]*)\}")
# Stands in for each field where nobody's record is to be shown.
INVENTED: dict[str, str] = {
    "parent": "Dana Kovacs",
    "child": "Amara Kovacs",
    "device": "black phone",
    "taken_on": "Friday 27 November 2026, 11:05am",
    "held_at": "in the school’s locked cabinet",
    "why": "it was used during the school day",
    "collect": "You, or another adult whom the school has on record to collect",
    "from_when": "from Monday 30 November 2026, 3:15pm, at the school office",
    "calendar": "It is kept over the weekend: 3 days.",
    "bring": "Please bring something that shows who you are.",
}


@dataclass(frozen=True)
class Wording:
    """The title and the text of one kind of document, fields and all. `number` 0: the product's own first wording."""

    title: str
    body: str
    number: int = 0


_FIRST: dict[DocumentKind, Wording] = {
    DocumentKind.RECEIPT: Wording(
        "Receipt for a device",
        "The school has {child}’s {device}. It was taken on {taken_on}, because {why}.\n\n"
        "It is kept {held_at}. {collect} may collect it, {from_when}. {calendar}\n\n"
        "{disclaimer}\n\n"
        "Questions? {contact}",
    ),
    DocumentKind.LETTER: Wording(
        "About {child}’s device",
        "Dear {parent}\n\n"
        "{child}’s {device} was taken in school on {taken_on}, because {why}. It is kept {held_at}.\n\n"
        "{collect} may collect it, {from_when}. {calendar} {bring}\n\n"
        "{disclaimer}\n\n"
        "If you would like to talk about this, or cannot come, please get in touch. {contact}\n\n"
        "{school}",
    ),
    DocumentKind.SLIP: Wording(
        "Collection slip",
        "Please bring this slip to {school} to collect {child}’s {device}.\n\n"
        "{collect} may collect it, {from_when}. {calendar} {bring}\n\n"
        "{disclaimer}",
    ),
}


def first_wording(kind: DocumentKind) -> Wording:
    """The wording a school begins with; KeyError for a document that is a record and has no wording."""
    return _FIRST[kind]


def in_force(kind: DocumentKind, row: DocumentWording | None) -> Wording:
    """The school's own wording, or the product's first one."""
    return first_wording(kind) if row is None else Wording(row.title, row.body, row.number)


def wrong_fields(text: str) -> list[str]:
    """A sentence for each brace that is not one of the fields, naming its line; nothing when all is well."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        found += [
            f"Line {number}: {{{name}}} is not one of the fields."
            for name in _FIELD.findall(line)
            if name not in MERGE_FIELDS
        ]
        if set(_FIELD.sub("", line)) & {"{", "}"}:
            found.append(f"Line {number}: a brace has no partner. Fields are written like {{child}}.")
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields replaced, once: a brace inside a value stays what it is. Nothing else is carried out."""

    def value(match: re.Match[str]) -> str:
        said = apart(values[match.group(1)])
        before = text[: match.start()].rstrip(" ")
        begins = not before or before.endswith((".", "!", "?", "\n", ":"))
        return said[:1].upper() + said[1:] if begins else said

    return _FIELD.sub(value, text)


def paragraphs(text: str) -> tuple[str, ...]:
    """The text by empty lines."""
    return tuple(part.strip() for part in re.split(r"\n\s*\n", text) if part.strip())


def invented(words: Words, *, school: str, contact: str, disclaimer: str) -> dict[str, str]:
    """Values that are nobody's, for the preview."""
    own = {"child_word": words.child, "school": school, "contact": contact, "disclaimer": disclaimer}
    return INVENTED | own
