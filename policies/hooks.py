"""What improvements must tell apps that stand above: wired by those apps when the registry is ready (decision 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_followers: dict[str, Callable[..., Any]] = {}


def connect_source(source: str, function: Callable[..., Any]) -> None:
    """Called once by the app whose records raise improvements as `source`: `function` hears what became of each."""
    _followers[source] = function


def tell_source(item: Any, **said: Any) -> None:
    """Inside the decision: whatever raised the item follows it, in the same transaction, or refuses it."""
    function = _followers.get(item.source)
    if function is not None:
        function(item, **said)
