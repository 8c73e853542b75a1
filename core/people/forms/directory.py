"""The form of an entry in the directory of outside bodies (ORG-14)."""

from __future__ import annotations

from django import forms

from core.kit.forms import LineField
from core.people.enums import BodyKind
from core.people.forms.base import AddressField, PhoneField, VersionedForm


class BodyForm(VersionedForm):
    """Whom to ring or write to, and when they can be reached."""

    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose a kind"), *BodyKind.choices])
    name = LineField(label="Name", max_length=160)
    contact_role = LineField(label="Person or role to ask for", max_length=120, required=False)
    phone = PhoneField(label="Telephone", required=False)
    email = AddressField(label="Email", max_length=254, required=False)
    hours = LineField(label="Hours", max_length=160, required=False, help_text="For example Monday to Friday, 9 to 5.")
    note = LineField(label="Note", max_length=300, required=False)
