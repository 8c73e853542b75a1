"""How django-allauth behaves here: nobody signs themselves up, and a leaver's right password opens nothing."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from core.people.desk import signed_in_fully


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator or the staff import; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_display(self, user: Any) -> str:
        return str(user.display_name)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Signed in fully, second step and all: a shared desk that had seen too many wrong PINs is trusted again."""
        super().login(request, user)
        signed_in_fully(request, user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/"
