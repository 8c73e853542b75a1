"""Migration operations that the database needs in order to keep the house's promises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RemoveConstraint,
    RunSQL,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.state import ProjectState

_FUNCTION = """
CREATE OR REPLACE FUNCTION schoolsafe_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;
"""


_SEALED_FUNCTION = """
CREATE OR REPLACE FUNCTION schoolsafe_refuse_change_but_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;
"""


def append_only(table: str, *, sealed: tuple[str, ...] = ()) -> RunSQL:
    """Make `table` refuse UPDATE, DELETE and TRUNCATE, by triggers that replica mode does not switch off (ORG-09).

    Only what is in the columns `sealed` may be sealed again with another key, and only by the owner of the tables: the
    application's role has no UPDATE here.
    """
    refuse = "schoolsafe_refuse_change()"
    if sealed:
        refuse = f"schoolsafe_refuse_change_but_seal({', '.join(repr(column) for column in sealed)})"
    forward = f"""
{_FUNCTION}{_SEALED_FUNCTION}
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {refuse};
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION schoolsafe_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""
    backward = f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"
    return RunSQL(forward, backward)


def moves_allowed(table: str, columns: tuple[str, ...], moves: list[tuple[str, ...]]) -> RunSQL:
    """Let `table`, whose rows are steps, take only the moves listed: tuples of the values of `columns`.

    Made again with a longer list when a move is added; rows that are there already are left as they are.
    """
    listed = ", ".join("'" + ">".join(move) + "'" for move in moves)
    taken = ", ".join(f"{column} text" for column in columns)
    joined = " || '>' || ".join(columns)
    function = f"{table}_may_move"
    given = ", ".join(columns)
    create = f"""
CREATE OR REPLACE FUNCTION {function}({taken}) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$ SELECT {joined} = ANY (ARRAY[{listed}]) $$;
"""
    forward = f"""{create}
ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_move_allowed;
ALTER TABLE {table} ADD CONSTRAINT {table}_move_allowed CHECK ({function}({given})) NOT VALID;
"""
    backward = f"""
ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_move_allowed;
DROP FUNCTION IF EXISTS {function};
"""
    return RunSQL(forward, backward)


def states_allowed(table: str, moves: set[tuple[str, str]] | set[tuple[str, str, str]], *, by: str = "") -> RunSQL:
    """Let the `state` of a row of `table` go only from one to another of a pair; see `moves_allowed`.

    Where each value of the column `by` has a table of its own, a move begins with that value.
    """
    listed = ", ".join("'" + ">".join(move) + "'" for move in sorted(moves))
    kind = f"OLD.{by} || '>' || " if by else ""
    forward = f"""
CREATE OR REPLACE FUNCTION {table}_check_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT {kind}OLD.state || '>' || NEW.state = ANY (ARRAY[{listed}]) THEN
        RAISE EXCEPTION 'no move leads from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_state_allowed';
    END IF;
    RETURN NEW;
END;
$$;
DROP TRIGGER IF EXISTS {table}_state_allowed ON {table};
CREATE TRIGGER {table}_state_allowed BEFORE UPDATE OF state ON {table}
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION {table}_check_state();
"""
    backward = f"""
DROP TRIGGER IF EXISTS {table}_state_allowed ON {table};
DROP FUNCTION IF EXISTS {table}_check_state();
"""
    return RunSQL(forward, backward)


class Together(Operation):
    """Steps that do not build on one another, done as one: the models are drawn once and not anew after each.

    Django keeps a picture of every model while it migrates, and draws all that are related anew whenever one changes.
    Here all are, through the school they belong to: a hundred tables would cost ten thousand drawings.
    """

    reduces_to_sql = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self.reversible = all(operation.reversible for operation in operations)  # type: ignore[misc]

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)


# What may be done at once, as long as nothing else in the same go is about the same table or the same field of it.
_TOGETHER = (CreateModel, AddField, AlterField, AddConstraint, RemoveConstraint, AddIndex)


def together(operations: Iterable[Operation]) -> list[Operation]:
    """The same steps in the same order, those that follow one another independently made one."""
    made: list[Operation] = []
    run: list[Operation] = []
    new: set[str] = set()
    touched: set[tuple[str, str]] = set()

    def end() -> None:
        if len(run) > 1:
            made.append(Together(list(run)))
        else:
            made.extend(run)
        for seen in (run, new, touched):
            seen.clear()

    for operation in operations:
        if not isinstance(operation, _TOGETHER):
            end()
            made.append(operation)
            continue
        if isinstance(operation, CreateModel):
            new.add(operation.name_lower)
        else:
            field = getattr(operation, "name_lower", "") if isinstance(operation, FieldOperation) else ""
            about = (operation.model_name_lower, field)
            if about[0] in new or (field and about in touched):
                end()
            touched.add(about)
        run.append(operation)
    end()
    return made


class TablesTogether(Migration):
    """A migration of many tables, which makes them as one step where it can: ten times as fast, and the same tables."""

    def __init_subclass__(cls) -> None:
        cls.operations = together(cls.operations)


def frozen(table: str, columns: Sequence[str], *, when: str) -> RunSQL:
    """Let the `columns` of a row of `table` stay as they are once `when` holds of it, a condition about `OLD`."""
    before = ", ".join(f"OLD.{column}" for column in columns)
    after = ", ".join(f"NEW.{column}" for column in columns)
    forward = f"""
CREATE OR REPLACE FUNCTION {table}_check_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a row of {table} says is not changed any more'
        USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_frozen';
END;
$$;
CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (({when}) AND ({before}) IS DISTINCT FROM ({after})) EXECUTE FUNCTION {table}_check_frozen();
"""
    backward = f"DROP TRIGGER IF EXISTS {table}_frozen ON {table}; DROP FUNCTION IF EXISTS {table}_check_frozen();"
    return RunSQL(forward, backward)


def frozen_with(table: str, parent: str, key: str, *, when: str) -> RunSQL:
    """Let rows of `table` be neither added, changed nor removed once `when` holds of their row `p` of `parent`."""
    forward = f"""
CREATE OR REPLACE FUNCTION {table}_check_parent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parents bigint[];
BEGIN
    parents := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.{key}] WHEN 'DELETE' THEN ARRAY[OLD.{key}]
                          ELSE ARRAY[OLD.{key}, NEW.{key}] END;
    IF EXISTS (SELECT 1 FROM {parent} p WHERE p.id = ANY (parents) AND ({when})) THEN
        RAISE EXCEPTION 'a row of {table} stands as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END;
$$;
CREATE TRIGGER {table}_parent_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_check_parent();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_parent_frozen;
"""  # noqa: S608
    backward = (
        f"DROP TRIGGER IF EXISTS {table}_parent_frozen ON {table}; DROP FUNCTION IF EXISTS {table}_check_parent();"
    )
    return RunSQL(forward, backward)
