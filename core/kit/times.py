"""Times and dates as people write them: 8:41am, 22 November 2026 (ux §5, Tone). London time."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")


def clock(moment: datetime) -> str:
    """The time of day: 8:41am."""
    local = moment.astimezone(_LONDON)
    return f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"


def day(value: date) -> str:
    """The date in full: 22 November 2026. A moment counts as its day in London."""
    on = value.astimezone(_LONDON).date() if isinstance(value, datetime) else value
    return f"{on.day} {on:%B %Y}"


def moment(value: datetime, now: datetime | None = None) -> str:
    """Day and time: "8:41am" today, else "22 November 2026, 8:41am"."""
    if now is not None and value.astimezone(_LONDON).date() == now.astimezone(_LONDON).date():
        return clock(value)
    return f"{day(value)}, {clock(value)}"


def waited(since: datetime, now: datetime) -> str:
    """How long ago, roughly: "just now", "12 minutes ago", "2 hours ago", "3 days ago"."""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < 2:
        return "just now"
    if minutes < 60:
        return f"{minutes} minutes ago"
    hours = minutes // 60
    if hours < 24:
        return "1 hour ago" if hours == 1 else f"{hours} hours ago"
    days = (now.astimezone(_LONDON).date() - since.astimezone(_LONDON).date()).days
    return "yesterday" if days == 1 else f"{days} days ago"
