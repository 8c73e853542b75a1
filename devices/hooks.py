"""What devices must tell apps that stand above: wired by those apps when the registry is ready (decision 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_with_police: list[Callable[..., Any]] = []
_held: list[Callable[..., Any]] = []


def connect_with_police(function: Callable[..., Any]) -> None:
    """Called once by an app that waits for a device to go to the police, as `function(handover=…, actor=…, at=…)`."""
    if function not in _with_police:
        _with_police.append(function)


def tell_with_police(**said: Any) -> None:
    """Inside the handover: whoever waits for it follows, in the same transaction."""
    for function in _with_police:
        function(**said)


def connect_held(function: Callable[..., Any]) -> None:
    """Called once by an app that follows what is held as evidence, as `function(hold=…, actor=…, at=…)`."""
    if function not in _held:
        _held.append(function)


def tell_held(**said: Any) -> None:
    """Inside the act that places a hold: whoever has a record about the device follows, in the same transaction."""
    for function in _held:
        function(**said)
