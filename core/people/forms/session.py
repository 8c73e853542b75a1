"""The form that unlocks a screen."""

from __future__ import annotations

from django import forms

from core.kit.forms import BaseForm


class UnlockForm(BaseForm):
    """The password of the person who is already signed in."""

    submit_label = "Unlock"

    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "Enter your password"},
        strip=False,
    )
