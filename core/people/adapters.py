"""How django-allauth behaves here: nobody signs themselves up, and a leaver's right password opens nothing."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from core.people.desk import signed_in_fully
from core.people.held import end_session, held_for, let_go_of_others


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator or the staff import; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_display(self, user: Any) -> str:
        return str(user.display_name)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Signed in fully, second step and all: a shared desk that had seen too many wrong PINs is trusted again."""
        super().login(request, user)
        let_go_of_others(request)
        signed_in_fully(request, user)

    def logout(self, request: HttpRequest) -> None:
        """Signed out by hand, as from a locked screen so that somebody else can sign in."""
        end_session(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("session:continue") if held_for(request) is not None else "/"
