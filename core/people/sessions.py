"""The session engine: Django's database sessions with the user's key in a column (security §5.5)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """Sessions in the database, so sign-in needs no Redis."""

    @classmethod
    def get_model_class(cls) -> Any:
        from core.people.models import Session  # the engine is imported before the app registry is ready

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        instance: Any = super().create_model_instance(data)
        user = data.get(SESSION_KEY)
        instance.user_id = int(user) if user else None
        return instance
