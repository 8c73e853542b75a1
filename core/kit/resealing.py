"""Sealing again with the newest key what older ones sealed, in small steps that may be interrupted anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction

from core.kit.fields import SealedTextField
from core.kit.sealing import ring, seal, unseal

_STEP = 500


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed text: the table it is in, that table's key, and the table whose rows it is bound to."""

    table: str
    key: str
    bound_to: str
    column: str


def sealed_columns() -> list[SealedColumn]:
    """Every sealed column of the product, those of past versions among them."""
    return [
        SealedColumn(
            table=model._meta.db_table,
            key=str(model._meta.pk.column),
            bound_to=getattr(model, "instance_type", model)._meta.db_table,
            column=str(field.column),
        )
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedTextField) and model._meta.pk is not None
    ]


def reseal() -> Iterator[tuple[SealedColumn, int]]:
    """Seal everything with the newest key, `_STEP` rows a transaction; yields each column with how many that were.

    Run by the owner of the tables, for facts may be written by nobody else. Interrupted, it goes on where it stopped.
    """
    for column in sealed_columns():
        done = 0
        while rows := _step(column):
            done += rows
        yield column, done


def _step(column: SealedColumn) -> int:
    quote = connection.ops.quote_name
    table, key, name = quote(column.table), quote(column.key), quote(column.column)
    # Names come from the models, values go as parameters.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, uid, {name} FROM {table} "  # noqa: S608
            f"WHERE octet_length({name}) > 0 AND substr({name}, 2, 8) <> %s ORDER BY {key} LIMIT %s FOR UPDATE",
            [ring().current, _STEP],
        )
        rows = cursor.fetchall()
        for row, uid, sealed in rows:
            about = f"{column.bound_to}.{column.column}:{uid}"
            fresh = seal(unseal(bytes(sealed), about=about), about=about)
            cursor.execute(f"UPDATE {table} SET {name} = %s WHERE {key} = %s", [fresh, row])  # noqa: S608
    return len(rows)
