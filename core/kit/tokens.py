"""Addresses as they may be written down: the token of a one-time link is in no log, right or wrong (ASVS 16.2.5)."""

from __future__ import annotations

import re

# What follows these in a path is a token, if it is long; keys of records are short numbers.
_AFTER = re.compile(r"(/(?:sign|invitation|setup|key)/)([^/\s?\"]{12,})")


def without_tokens(text: str) -> str:
    """The text with the tokens in its addresses struck out."""
    return _AFTER.sub(r"\1…", text)
