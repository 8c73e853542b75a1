"""What permissions ask of the apps that keep the record of each kind: wired by those when the registry is ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Facts = Sequence[tuple[str, str]]


def _nothing(*_args: Any, **_said: Any) -> Any:
    return ()


@dataclass(frozen=True)
class Paper:
    """A paper about one permission: what it is called, the URL name that makes it, and whether it says why."""

    label: str
    name: str
    says_why: bool = False


def _nobody(_approvals: Sequence[Any]) -> dict[int, int]:
    return {}


@dataclass(frozen=True)
class Feature:
    """What an app says of a kind.

    `change_name`: the URL name of the page where a request sent back is changed. `facts(approval)` is what is asked
    for, in words, without why; `reasons(approval)` why, for those alone who may know. `missing(approval)` lists what
    has to be there before anybody may approve. `effects(approval)` says what approving changes. `approved(approval,
    actor=, at=)` follows an approval inside its transaction and returns whether it holds now; False keeps it from
    coming into force until the app starts it. `over(approval, actor=, at=, because=)` follows the end of one, `paused`
    a suspension. `acts(approval, user)` is what else the person may do about one: URL names that take its key, and what
    their buttons say. `consents(approvals)` gives, by the key of each, that of the teacher whose consent the lesson
    needs. `papers(approval)` are those that can be printed of it as it stands.
    """

    change_name: str = ""
    facts: Callable[[Any], Facts] = _nothing
    reasons: Callable[[Any], Facts] = _nothing
    missing: Callable[[Any], Sequence[str]] = _nothing
    effects: Callable[[Any], Sequence[str]] = _nothing
    approved: Callable[..., bool] | None = None
    over: Callable[..., None] = _nothing
    paused: Callable[..., None] = _nothing
    acts: Callable[[Any, Any], Sequence[tuple[str, str]]] = _nothing
    consents: Callable[[Sequence[Any]], dict[int, int]] = _nobody
    papers: Callable[[Any], Sequence[Paper]] = _nothing


_features: dict[str, Feature] = {}
_PLAIN = Feature()


def connect(kind: str, feature: Feature) -> None:
    """Called once for each kind by the app that keeps its record."""
    _features[str(kind)] = feature


def feature_of(kind: str) -> Feature:
    """What the app of a kind says; nothing, where none is installed."""
    return _features.get(str(kind), _PLAIN)
