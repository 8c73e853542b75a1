"""Template filters for times and dates as people write them."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from core.kit import times

register = template.Library()


@register.filter
def clock(value: datetime | None) -> str:
    """8:41am; nothing for no time."""
    return times.clock(value) if value else ""


@register.filter
def day(value: date | None) -> str:
    """22 November 2026; nothing for no date."""
    return times.day(value) if value else ""


@register.filter
def moment(value: datetime | None, now: datetime | None = None) -> str:
    """8:41am where it is today by `now`, else 22 November 2026, 8:41am."""
    return times.moment(value, now) if value else ""
