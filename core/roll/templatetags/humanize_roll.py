"""Figures and sentences as the import's pages say them."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def thousands(value: int) -> str:
    """1,500."""
    return f"{int(value):,}"


@register.filter
def proposal_words(number: int) -> str:
    """What follows for contacts with a court-order note."""
    who = "1 contact carries" if number == 1 else f"{number} contacts carry"
    return (
        f"{who} a court-order note. They may not collect a device, and the DSL is asked to decide whether they may be "
        "informed."
    )
