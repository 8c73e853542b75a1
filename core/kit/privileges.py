"""What the app's database role may do: read and write rows, never alter tables, never touch a fact once written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models


def grant_app_role(connection: Any, role: str, all_models: Iterable[type[models.Model]]) -> None:
    """Grant `role` its rights on every table; append-only and history tables get SELECT and INSERT alone (ORG-09)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            return
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == role:
            return
        name = connection.ops.quote_name
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name(role)}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name(role)}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name(role)}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {name('django_migrations')} FROM {name(role)}")
        for model in all_models:
            if getattr(model, "append_only", False) or hasattr(model, "history_user"):
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name(model._meta.db_table)} FROM {name(role)}")
