"""What must happen upstairs when an urgent notice is acknowledged: wired by the app whose record it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

Acknowledged = Callable[..., Any]

_acknowledged: dict[str, Acknowledged] = {}


def connect_acknowledged(app: str, function: Acknowledged) -> None:
    """Called once by an app that keeps who has taken its records on, as `function(notice=…, actor=…, at=…)` in the
    transaction that acknowledges a notice of its kinds ("incidents.…"). The inbox calls it, not the app itself."""
    _acknowledged[app] = function


def tell_acknowledged(notice: Any, *, actor: Any, at: datetime) -> None:
    """Let the app of an acknowledged notice know of it."""
    function = _acknowledged.get(notice.kind.split(".")[0])
    if function is not None:
        function(notice=notice, actor=actor, at=at)
