"""What devices must tell apps that stand above: wired by those apps when the registry is ready (decision 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_with_police: list[Callable[..., Any]] = []
_held: list[Callable[..., Any]] = []
_breaches: list[tuple[Callable[..., int | None], Callable[..., dict[int, str]]]] = []


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


def connect_breaches(find: Callable[..., int | None], openable: Callable[..., dict[int, str]]) -> None:
    """Called once by the app that keeps breaches. `find(school=…, pupil=…, reference=…, reader=…, on=…)` gives the key
    of one about the pupil, if the reader may open it; `openable(school=…, keys=…, reader=…, on=…)` the addresses of
    those among some keys that the reader may open."""
    if (find, openable) not in _breaches:
        _breaches.append((find, openable))


def knows_breaches() -> bool:
    """Whether an app keeps them."""
    return bool(_breaches)


def find_breach(**said: Any) -> int | None:
    """The key of a breach by its reference, for somebody who may open it."""
    return next((key for find, _openable in _breaches if (key := find(**said)) is not None), None)


def breaches_openable(**said: Any) -> dict[int, str]:
    """The addresses of breaches that somebody may open, by their keys."""
    found: dict[int, str] = {}
    for _find, openable in _breaches:
        found |= openable(**said)
    return found
