"""A row's history, as simple-history keeps it: who stands in it, and the statement that copies many rows into it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connections, models


def attribute(row: models.Model, *, by: Any, at: datetime | None = None) -> None:
    """Name who changes `row` in the history that the coming save or delete leaves, and when (None: as it happens)."""
    named: Any = row
    named._history_user = by
    if at is not None:
        named._history_date = at


def attributed(row: models.Model) -> tuple[datetime, int | None]:
    """When a stamped row was changed, and the key of who changed it (None: the system)."""
    named: Any = row
    return named._history_date, key_of(named._history_user)


def key_of(by: Any) -> int | None:
    """The key of a person; None for the system and for whoever has not signed in."""
    return by.pk if by is not None and getattr(by, "pk", None) else None


def insert_history(model: Any, source: str, database: str) -> str:
    """The INSERT that copies the rows of `source`, a table or a WITH, into the history of `model`.

    It takes four values: when, why, the kind of change (`+`, `~` or `-`), and the key of who.
    """
    quote = connections[database].ops.quote_name
    history = model.history.model
    columns = ", ".join(quote(field.column) for field in history.tracked_fields)
    # Names come from the models, values go as parameters.
    return (
        f"INSERT INTO {quote(history._meta.db_table)} "  # noqa: S608
        f"({columns}, history_date, history_change_reason, history_type, history_user_id) "
        f"SELECT {columns}, %s, %s, %s, %s FROM {source}"
    )
