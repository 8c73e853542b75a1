"""What every edit shares: the row under lock, the version it was opened with, old and new values for the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar

from django.db import models

from core.kit.refusals import ChangedMeanwhile

M = TypeVar("M", bound=models.Model)


def locked(row: M, version: int | None = None) -> M:
    """`row` as it stands now, held until the transaction ends.

    Raises `ChangedMeanwhile` when `version`, that of the page it was edited on, is no longer the row's.
    """
    found: M = type(row)._base_manager.select_for_update().get(pk=row.pk)
    if version is not None and found.version != version:  # type: ignore[attr-defined]
        raise ChangedMeanwhile(
            "Somebody else saved this while you were editing. Compare both texts below, then save again.", rule="ORG-09"
        )
    return found


def change(row: models.Model, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Set `values` on `row`; returns what they were and are, of those that differ, for the record (ORG-09)."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            old[name], new[name] = plain(before), plain(value)
            setattr(row, name, value)
    return {"old": old, "new": new}


def plain(value: Any) -> Any:
    """A value as JSON can hold it: dates and times in ISO form, a row by its key."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return [plain(item) for item in value]


def secret_free(detail: dict[str, dict[str, Any]], names: frozenset[str]) -> dict[str, dict[str, Any]]:
    """`detail` with the values of `names` left out: that they changed is recorded, what they say is not."""
    return {
        side: {name: ("recorded" if name in names and value else value) for name, value in values.items()}
        for side, values in detail.items()
    }
