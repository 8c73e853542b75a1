"""What agreements must tell apps that stand above them: wired by those apps when the registry is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_moved: list[Callable[..., Any]] = []


def connect_moved(function: Callable[..., Any]) -> None:
    """Called once by an app that follows agreements, as `function(agreement=…, origin=…, actor=…, at=…)`."""
    if function not in _moved:
        _moved.append(function)


def tell_moved(**said: Any) -> None:
    """Inside the act that moves an agreement: whoever has a record that rests on it follows, in one transaction."""
    for function in _moved:
        function(**said)
