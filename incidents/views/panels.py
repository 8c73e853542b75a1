"""One section of what stands on a record's page under “Actions”; `incidents.views.actions` says which there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One section of a record's page. `template` gets `context` with the page's own; `links` are {"label", "url"}."""

    key: str
    title: str
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[Mapping[str, str]] = ()
