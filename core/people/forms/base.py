"""Fields and bases that several forms about people share."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from core.kit.forms import LineField, SubmissionForm

_PHONE = re.compile(r"^[0-9+() .x-]{3,40}$")


class VersionedForm(SubmissionForm):
    """An edit of something that another person may be editing: it knows which version it began with."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_version(self) -> int:
        return int(self.cleaned_data.get("version") or 0)


class PhoneField(LineField):
    """A telephone number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text and not _PHONE.match(text):
            raise ValidationError("Enter a telephone number, like 01632 960000")
        return text


class AddressField(forms.EmailField):
    """An email address; kept in lower case, as accounts are found."""

    default_error_messages = {"invalid": "Enter an email address, like name@example.org"}

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


class PasswordPair:
    """A new password, twice, held to the rules of security row 23. Mixed into a form with `password` and `again`."""

    cleaned_data: dict[str, Any]

    def check_passwords(self, user: Any) -> None:
        """Add errors where the two differ or the password breaks a rule."""
        first, second = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if first and second and first != second:
            self.add_error("again", "The two passwords are not the same")  # type: ignore[attr-defined]
        elif first:
            try:
                validate_password(first, user)
            except ValidationError as error:
                self.add_error("password", error)  # type: ignore[attr-defined]


def new_password_field(label: str = "Choose a password") -> forms.CharField:
    """At least 12 characters of any kind; pasting is allowed."""
    return forms.CharField(
        label=label,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validators_help_texts()),
        error_messages={"required": "Enter a password", "max_length": "Use 128 characters or fewer"},
    )


def same_password_field() -> forms.CharField:
    return forms.CharField(
        label="The same password again",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter the password again"},
    )


class ReasonForm(SubmissionForm):
    """An act that says why."""

    reason = LineField(label="Reason", max_length=300, error_messages={"required": "Enter the reason"})
