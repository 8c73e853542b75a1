"""Signing in with the address as it is written, accents and all."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django.core.validators import validate_email


def validate_any_email(address: str) -> None:
    """As Django's check, but letters with accents may stand before the @, as school systems give them out."""
    local, at_sign, domain = str(address).rpartition("@")
    plain = "".join("a" if character.isalpha() and not character.isascii() else character for character in local)
    validate_email(f"{plain}{at_sign}{domain}")


class SignInForm(LoginForm):
    """allauth's sign-in form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].validators = [validate_any_email]


class ForgottenPasswordForm(ResetPasswordForm):
    """allauth's form that asks for a link to choose a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].validators = [validate_any_email]
