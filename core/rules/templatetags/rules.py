"""The school's words in any template (ORG-07), and a rule's value in words."""

from __future__ import annotations

from typing import Any

from django import template

from core.rules.catalogue import SETTINGS
from core.rules.words import PLAIN, Words, settings_in, words_for

register = template.Library()


def words_of(context: Any) -> Words:
    """The words of the page's school: from `words` in the context, else from the request's rules, else plain."""
    given = context.get("words")
    if isinstance(given, Words):
        return given
    request = context.get("request")
    rules = context.get("rules") or getattr(request, "rules", None)
    # A page's rules are lazy, and outside the rules app they may be nothing at all.
    return words_for(rules) if rules is not None and hasattr(rules, "term_child") else PLAIN


@register.simple_tag(takes_context=True)
def term(context: Any, name: str, plural: bool = False, capital: bool = False, possessive: bool = False) -> str:
    """`{% term "child" plural=True capital=True %}`: the school's word, the plain one where the rule is not settled.

    Names: child, head, governor, governors, child_protection, aup, behaviour.
    """
    return words_of(context).term(name, plural=plural, capital=capital, possessive=possessive)


@register.filter
def rule_label(value: Any, key: str) -> str:
    """`{{ rules.release_rule|rule_label:"release_rule" }}`: a rule's value in plain words."""
    return settings_in(PLAIN)[key].words_for(value)


@register.simple_tag(takes_context=True)
def rule_words(context: Any, key: str) -> str:
    """`{% rule_words "release_rule" %}`: what the page's school has decided, in its own words; "" for no such rule."""
    request = context.get("request")
    rules = context.get("rules") or getattr(request, "rules", None)
    if rules is None or key not in SETTINGS:
        return ""
    return settings_in(words_of(context))[key].words_for(getattr(rules, key))
