"""Work on many rows that leaves the same history as work on one (house §4.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

M = TypeVar("M", bound=models.Model)


def bulk_create(
    model: type[M], objects: Sequence[M], *, by: Any, at: datetime, reason: str, batch_size: int = 500
) -> list[M]:
    """Insert `objects` in few statements, each with its history row naming `by`, `at` and `reason`."""
    for item in objects:
        _stamp(item, by=by, at=at)
    return bulk_create_with_history(  # type: ignore[no-any-return]
        list(objects),
        model,
        batch_size=batch_size,
        default_user=by,
        default_change_reason=reason,
        default_date=at,
    )


def bulk_update(
    model: type[M],
    objects: Sequence[M],
    fields: Sequence[str],
    *,
    by: Any,
    at: datetime,
    reason: str,
    batch_size: int = 500,
) -> int:
    """Update `fields` of `objects` in few statements, each with its history row."""
    for item in objects:
        _stamp(item, by=by, at=at)
    stamped = [name for name in ("changed_at", "changed_by", "version") if hasattr(model, name)]
    return bulk_update_with_history(  # type: ignore[no-any-return]
        list(objects),
        model,
        [*fields, *(name for name in stamped if name not in fields)],
        batch_size=batch_size,
        default_user=by,
        default_change_reason=reason,
        default_date=at,
        manager=model._base_manager,
    )


def _stamp(item: models.Model, *, by: Any, at: datetime) -> None:
    stamp = getattr(item, "stamp", None)
    if stamp is not None:
        stamp(by=by, at=at)
