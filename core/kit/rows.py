"""Rows for the hot paths: an insert with its history in one statement, and records read side by side.

Both are for what happens hundreds of times in twenty minutes, where the ORM spends longer on composing a statement than
the database on answering it. Everything else goes through the ORM.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections, models, router

from core.kit.history import attributed, insert_history

# For each open connection, the statements it has prepared and the names it knows them by.
_prepared: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
_MOST_PREPARED = 100


def insert(*rows: models.Model) -> None:
    """Insert `rows`, all of one model and not yet saved, and give each its key; history is written with them.

    The same rows as `save()` would leave, for a quarter of its cost: no signals, and nothing compiled anew. Rows that
    have a history must have been stamped, all by the same person at the same moment. Raises what the constraints raise.
    """
    if not rows:
        return
    model = type(rows[0])
    database = router.db_for_write(model)
    connection = connections[database]
    sql, fields, has_history = _statement(model, len(rows), database)
    values: list[Any] = [
        field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields
    ]
    if has_history:
        at, by = attributed(rows[0])
        values += [at, None, "+", by]
    with connection.cursor() as cursor:
        _execute(connection, cursor, sql, values)
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, database


def update(row: models.Model, *names: str) -> None:
    """Write the fields `names` of a stamped row, who changed it and when, and its history, in one statement.

    The same as `save(update_fields=…)` would leave. The row must be held by a lock, as it is not read again.
    """
    model = type(row)
    database = router.db_for_write(model)
    connection = connections[database]
    sql, fields = _change(model, names, database)
    at, by = attributed(row)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        _execute(connection, cursor, sql, [*values, row.pk, at, None, "~", by])


def _execute(connection: Any, cursor: Any, sql: str, values: list[Any]) -> None:
    """Execute `sql`, parsed and planned once for each connection: of these statements that is half the work.

    A pool that hands a connection on between transactions keeps no prepared statement; Django is told of one by
    DISABLE_SERVER_SIDE_CURSORS, and then every statement is sent whole.
    """
    if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        cursor.execute(sql, values)
        return
    known = _prepared.setdefault(connection.connection, {})
    if sql not in known:
        if len(known) >= _MOST_PREPARED:
            cursor.execute(sql, values)
            return
        name = f"row_{len(known)}"
        first, *others = sql.split("%s")
        numbered = first + "".join(f"${place}{part}" for place, part in enumerate(others, 1))
        with connection.wrap_database_errors, connection.connection.cursor() as preparing:
            preparing.execute(f"PREPARE {name} AS {numbered}")
        known[sql] = name
    cursor.execute(f"EXECUTE {known[sql]} ({', '.join(['%s'] * len(values))})", values)


@cache
def _change(model: Any, names: tuple[str, ...], database: str) -> tuple[str, list[Any]]:
    """The UPDATE of these fields with its history row, and the fields whose values it takes in turn."""
    connection = connections[database]
    quote = connection.ops.quote_name
    fields = [model._meta.get_field(name) for name in (*names, "changed_at", "changed_by", "version")]
    compiler = model._base_manager.using(database).all().query.get_compiler(database)
    sets = ", ".join(
        f"{quote(field.column)} = "
        + (field.get_placeholder(None, compiler, connection) if hasattr(field, "get_placeholder") else "%s")
        for field in fields
    )
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    # Names come from the models, values go as parameters.
    changed = f"WITH changed AS (UPDATE {table} SET {sets} WHERE {key} = %s RETURNING *)"  # noqa: S608
    return f"{changed} {insert_history(model, 'changed', database)}", fields


@cache
def _statement(model: Any, number: int, database: str) -> tuple[str, list[Any], bool]:
    """The INSERT of `number` rows, the fields whose values it takes in turn, and whether it writes history."""
    connection = connections[database]
    quote = connection.ops.quote_name
    key = model._meta.pk
    fields = [field for field in model._meta.concrete_fields if field is not key]
    compiler = model._base_manager.using(database).all().query.get_compiler(database)
    one = ", ".join(
        field.get_placeholder(None, compiler, connection) if hasattr(field, "get_placeholder") else "%s"
        for field in fields
    )
    columns = ", ".join(quote(field.column) for field in fields)
    # Names come from the models, values go as parameters.
    made = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "  # noqa: S608
        f"VALUES {', '.join([f'({one})'] * number)} RETURNING "
    )
    if not hasattr(model, "history"):
        return f"{made}{quote(key.column)}", fields, False
    kept = insert_history(model, "made", database)
    sql = f"WITH made AS ({made}*), kept AS ({kept}) SELECT {quote(key.column)} FROM made ORDER BY 1"  # noqa: S608
    return sql, fields, True


class SideBySide:
    """Records that stand beside each other in the rows of one SELECT written by hand.

    Made of (alias of the table, model, names of the columns wanted; none: all). What is not wanted stays deferred.
    """

    def __init__(self, *wanted: tuple[str, type[models.Model], str]) -> None:
        self._parts = []
        self._wanted = wanted
        self._columns: list[tuple[str, str]] = []
        for alias, model, names in wanted:
            # A model takes its values in the order of its fields.
            fields = [field for field in model._meta.concrete_fields if not names or field.attname in names.split()]
            converters = [
                (place, field.from_db_value) for place, field in enumerate(fields) if hasattr(field, "from_db_value")
            ]
            self._parts.append((model, [field.attname for field in fields], converters))
            self._columns += [(alias, str(field.column)) for field in fields]
        self.columns = ", ".join(f"{alias}.{column}" for alias, column in self._columns)
        # The same out of a WITH, where each column needs a name of its own: `p.id AS p_id`, later `who.p_id`.
        self.named_columns = ", ".join(f"{alias}.{column} AS {alias}_{column}" for alias, column in self._columns)

    def __add__(self, other: SideBySide) -> SideBySide:
        return SideBySide(*self._wanted, *other._wanted)

    def names_in(self, name: str) -> str:
        """What `named_columns` are called in the WITH of this name."""
        return ", ".join(f"{name}.{alias}_{column}" for alias, column in self._columns)

    def read(self, sql: str, params: list[Any]) -> list[tuple[list[Any], tuple[Any, ...]]]:
        """For each row of `sql`, which selects `columns` first: its records (None where a join found nothing), and
        what was selected after them."""
        database = router.db_for_read(self._parts[0][0])
        connection = connections[database]
        with connection.cursor() as cursor:
            _execute(connection, cursor, sql, params)
            rows = cursor.fetchall()
        return [self._records(connection, row) for row in rows]

    def _records(self, connection: Any, row: tuple[Any, ...]) -> tuple[list[Any], tuple[Any, ...]]:
        records: list[Any] = []
        start = 0
        for model, names, converters in self._parts:
            values = row[start : start + len(names)]
            start += len(names)
            if values[0] is None:
                records.append(None)
                continue
            if converters:
                changed = list(values)
                for place, convert in converters:
                    changed[place] = convert(changed[place], None, connection)
                values = tuple(changed)
            records.append(model.from_db(connection.alias, names, values))
        return records, row[start:]
