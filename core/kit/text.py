"""Text as people type it: cleaning, folding for search, and nothing that hides."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_SPECIAL = str.maketrans(
    {
        "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE",
        "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "ı": "i",
    }
)  # fmt: skip
_APOSTROPHES = "'’‘`´ʼ"
_JOINERS = "-\u2010\u2011\u2013"
# Arabic and Indic scripts need the joiners below inside words; everything else invisible is refused.
_HIDDEN_CODES = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0xFEFF, 0x2060)
_HIDDEN = {chr(code) for code in _HIDDEN_CODES}


def fold(text: str) -> str:
    """Lower case without accents or apostrophes, hyphens as spaces: "O’Brien-Łuk" → "obrien luk"."""
    text = text.translate(_SPECIAL)
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    for apostrophe in _APOSTROPHES:
        kept = kept.replace(apostrophe, "")
    for joiner in _JOINERS:
        kept = kept.replace(joiner, " ")
    return " ".join(kept.casefold().split())


def hidden_character(text: str, *, lines: bool = False) -> str | None:
    """The first character in `text` that nobody can see, as "U+202E"; None when all can be seen."""
    for character in text:
        if lines and character in "\n\r\t":
            continue
        if character in _HIDDEN or unicodedata.category(character) in {"Cc", "Cs", "Cn"}:
            return f"U+{ord(character):04X}"
    return None


def clean_line(text: str) -> str:
    """One line of text, composed (NFC) and trimmed. Raises ValueError with a sentence on a hidden character."""
    found = hidden_character(text.strip())
    if found:
        raise ValueError(f"This text holds a hidden character ({found}). Type it again without it.")
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_text(text: str) -> str:
    """Several lines, composed and trimmed, line ends as LF. Raises ValueError with a sentence on a hidden character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    found = hidden_character(text, lines=True)
    if found:
        raise ValueError(f"This text holds a hidden character ({found}). Type it again without it.")
    return unicodedata.normalize("NFC", text)


def apart(said: str) -> str:
    """A value in its own direction of writing: a name from right to left does not turn the English round it."""
    turns = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in said)
    return f"\u2068{said}\u2069" if turns else said


def any_of(items: Sequence[str]) -> str:
    """`a, b or c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"
