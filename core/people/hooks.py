"""What people must ask of apps that stand above them: wired by those apps when the registry is ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

RulesFor = Callable[..., Any]
Mailer = Callable[..., Any]

_rules_for: RulesFor | None = None
_mailer: Mailer | None = None
_words_for: Callable[[Any], Any] | None = None
_PLAIN = SimpleNamespace(child="pupil", children="pupils", head="headteacher", governor="governor")
_preset_choices: Callable[[], list[PresetChoice]] | None = None
_adopt: Callable[..., Any] | None = None
_tasks: dict[str, Callable[[Any], TaskState]] = {}
_beginnings: list[Callable[..., Any]] = []


@dataclass(frozen=True)
class PresetChoice:
    """One of the presets a new school picks from: its slug, its name, what it means in plain words."""

    slug: str
    name: str
    summary: str


@dataclass(frozen=True)
class TaskState:
    """How far one line of the set-up list is: done or not, and what is there or missing."""

    done: bool
    hint: str = ""


def connect_rules(function: RulesFor) -> None:
    """Called once, by `core.rules.apps`, with `core.rules.queries.for_school`."""
    global _rules_for
    _rules_for = function


def rules_on(school: Any, on: date) -> Any:
    """The school's rules as they stand on a day; None where the rules app is not installed."""
    return _rules_for(school, on=on) if _rules_for is not None else None


def connect_words(function: Callable[[Any], Any]) -> None:
    """Called once, by `core.rules.apps`, with `core.rules.words.words_for`: rules in, the school's words out."""
    global _words_for
    _words_for = function


def words_on(school: Any, on: date) -> Any:
    """What the school calls a child, its head and its governors on a day (ORG-07); the plain words without rules."""
    rules = rules_on(school, on)
    return _words_for(rules) if _words_for is not None and rules is not None else _PLAIN


def connect_presets(choices: Callable[[], list[PresetChoice]], adopt: Callable[..., Any]) -> None:
    """Called once, by `core.rules.apps`: what may be chosen, and `core.rules.operations.adopt_preset`."""
    global _preset_choices, _adopt
    _preset_choices, _adopt = choices, adopt


def preset_choices() -> list[PresetChoice]:
    """The presets a new school picks from (ORG-15)."""
    return _preset_choices() if _preset_choices is not None else []


def adopt_preset(*, school: Any, actor: Any, at: datetime, preset: str, effective_from: date, reason: str) -> None:
    """Give a new school the rules of a preset, in the caller's transaction."""
    if _adopt is not None:
        _adopt(school=school, actor=actor, at=at, preset=preset, effective_from=effective_from, reason=reason)


def connect_beginning(function: Callable[..., Any]) -> None:
    """Called once by an app that gives every new school something to begin with, as
    `function(school=…, actor=None, at=…)` in the transaction that makes the school."""
    _beginnings.append(function)


def begin_school(*, school: Any, at: datetime) -> None:
    """Give a new school what the apps above begin it with, in the caller's transaction."""
    for function in _beginnings:
        function(school=school, actor=None, at=at)


def connect_mailer(function: Mailer) -> None:
    """Called once, by `core.notices.apps`, with a function that queues one email about an account.

    It is called as `function(school=…, user=…, kind="invitation" | "added", path=…, at=…)`: `path` is the page that
    the email links to, put after the site's address; no name and no detail may stand in the email beside it.
    """
    global _mailer
    _mailer = function


def send_account_email(*, school: Any, user: Any, kind: str, path: str, at: datetime) -> None:
    """Queue the email about an account in the caller's transaction; it leaves after the commit (house §4.7)."""
    if _mailer is not None:
        _mailer(school=school, user=user, kind=kind, path=path, at=at)


def connect_set_up_task(key: str, state: Callable[[Any], TaskState]) -> None:
    """Called by an app that owns a line of the set-up list ("storage", "first-hand-in"): how far a school is."""
    _tasks[key] = state


def set_up_task(key: str, school: Any) -> TaskState:
    """How far a school is with a line that another app owns; not begun where the app is not installed."""
    state = _tasks.get(key)
    return state(school) if state is not None else TaskState(done=False)
