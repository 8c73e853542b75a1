"""Who is signed in: the person and the roles they hold today, in one statement."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from core.people.models import User
from core.people.queries import holdings_with_user


class PeopleBackend(AuthenticationBackend):
    """django-allauth's sign-in by email; every later request reads the person together with their roles."""

    def get_user(self, user_id: Any) -> User | None:
        """The active account of a session, its roles already there for the permission checks of the request."""
        found: User | None = holdings_with_user(int(user_id))
        if found is None:
            return super().get_user(user_id)
        return found if self.user_can_authenticate(found) else None
