"""Migration operations that the database needs in order to keep the house's promises."""

from __future__ import annotations

from django.db.migrations.operations import RunSQL

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


def states_allowed(table: str, pairs: set[tuple[str, str]]) -> RunSQL:
    """Let the `state` of a row of `table` go only from one to another of a pair; see `moves_allowed`."""
    listed = ", ".join(f"'{origin}>{target}'" for origin, target in sorted(pairs))
    forward = f"""
CREATE OR REPLACE FUNCTION {table}_check_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT OLD.state || '>' || NEW.state = ANY (ARRAY[{listed}]) THEN
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
