"""Forms that set a school up, describe it, and say how its people sign in (ORG-01, ORG-15, ORG-20)."""

from __future__ import annotations

from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm
from core.people.enums import GoverningBody, Phase
from core.people.forms.base import (
    AddressField,
    PasswordPair,
    PhoneField,
    VersionedForm,
    new_password_field,
    same_password_field,
)
from core.people.hooks import preset_choices
from core.people.models import User
from core.people.roles import Role


class AddSchoolForm(SubmissionForm):
    """A new school: what it is called, its phases, the rules it starts with."""

    submit_label = "Add the school"

    name = LineField(
        label="Name of the school", max_length=160, error_messages={"required": "Enter the name of the school"}
    )
    phases = forms.MultipleChoiceField(
        label="Phases",
        choices=Phase.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one phase"},
    )
    preset = forms.ChoiceField(
        label="Rules to start from",
        help_text="Each rule can be changed afterwards, and the change is dated.",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the rules to start from", "invalid_choice": "Choose one of the presets"},
    )
    rules_from = forms.DateField(
        label="Rules apply from",
        help_text="What happens on or after this day is judged by them.",
        error_messages={"required": "Enter the day", "invalid": "Enter a real date"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("preset", ((choice.slug, f"{choice.name}. {choice.summary}") for choice in preset_choices()))


class SetUpForm(PasswordPair, AddSchoolForm):
    """The first school of an installation with its first administrator."""

    submit_label = "Set up the school"

    given_name = LineField(
        label="Your first name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = LineField(
        label="Your surname", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    email = AddressField(
        label="Your work email address",
        max_length=254,
        help_text="You sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "Enter your work email address"},
    )
    password = new_password_field()
    again = same_password_field()

    field_order = [
        "given_name",
        "family_name",
        "email",
        "password",
        "again",
        "name",
        "phases",
        "preset",
        "rules_from",
        "submission",
    ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_passwords(
            User(
                email=cleaned.get("email") or "",
                given_name=cleaned.get("given_name") or "",
                family_name=cleaned.get("family_name") or "",
            )
        )
        return cleaned


class FirstPasswordForm(PasswordPair, SubmissionForm):
    """The first password of an account that somebody was invited to."""

    submit_label = "Save and sign in"

    password = new_password_field()
    again = same_password_field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_passwords(self.user)
        return cleaned


class ProfileForm(VersionedForm):
    """What headings, letters and documents say about the school (ORG-01)."""

    name = LineField(label="Name", max_length=160)
    motto = LineField(label="Motto", max_length=200, required=False)
    phases = forms.MultipleChoiceField(
        label="Phases",
        choices=Phase.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one phase"},
    )
    trust_name = LineField(label="Parent group or trust", max_length=160, required=False)
    governing_body = forms.ChoiceField(label="Kind of governing body", choices=GoverningBody.choices)
    safeguarding_partnership = LineField(
        label="Local safeguarding partnership",
        max_length=160,
        required=False,
        help_text="The children’s partnership of the area, as policies name it.",
    )
    address = LineField(label="Address", max_length=300, required=False)
    phone = PhoneField(label="Telephone", required=False)
    email = AddressField(label="Email", max_length=254, required=False)
    website = forms.URLField(
        label="Website",
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Enter a web address, like https://school.example.org"},
    )


class SignInSettingsForm(VersionedForm):
    """Which roles sign in with a second step (security row 26)."""

    roles = forms.MultipleChoiceField(
        label="Roles that need a second step",
        help_text="A code from an app, or a passkey. Who holds several roles needs it if one of them does.",
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
