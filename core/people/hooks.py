"""What people must ask of the rules, which stand above them: wired by `core.rules` when the app registry is ready."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

RulesFor = Callable[..., Any]

_rules_for: RulesFor | None = None


def connect_rules(function: RulesFor) -> None:
    """Called once, by `core.rules.apps`, with `core.rules.queries.for_school`."""
    global _rules_for
    _rules_for = function


def rules_on(school: Any, on: date) -> Any:
    """The school's rules as they stand on a day; None where the rules app is not installed."""
    return _rules_for(school, on=on) if _rules_for is not None else None
