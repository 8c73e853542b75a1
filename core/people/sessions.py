"""The session engine: Django's database sessions with the user's key in a column (security §5.5)."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from core.kit.rows import SideBySide


class SessionStore(DatabaseStore):
    """Sessions in the database, so sign-in needs no Redis."""

    @classmethod
    def get_model_class(cls) -> Any:
        from core.people.models import Session  # the engine is imported before the app registry is ready

        return Session

    def _get_session_from_db(self) -> Any:
        """The row of this browser, if it has not run out: read with every request, so by hand (see core.kit.rows)."""
        beside, sql = _reading(self.model)
        found = beside.read(sql, [self.session_key, timezone.now()])
        if not found:
            self._session_key = None
            return None
        return found[0][0][0]

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        instance: Any = super().create_model_instance(data)
        user = data.get(SESSION_KEY)
        instance.user_id = int(user) if user else None
        return instance


@cache
def _reading(model: Any) -> tuple[SideBySide, str]:
    beside = SideBySide(("s", model, ""))
    table = model._meta.db_table
    return beside, f"SELECT {beside.columns} FROM {table} s WHERE s.session_key = %s AND s.expire_date > %s"  # noqa: S608
