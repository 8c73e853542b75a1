"""Forms about school equipment used beyond the job."""

from __future__ import annotations

from django import forms

from agreements.enums import EquipmentUseKind
from agreements.forms.disclosures import PersonForm
from core.kit.forms import LineField, TextField

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class AuthoriseEquipmentForm(PersonForm):
    """Who may use what, for what, from when to when."""

    submit_label = "Authorise it"
    person_label = "Who may use it"

    equipment = LineField(label="Which equipment", max_length=200)
    kind = forms.ChoiceField(
        label="What for", choices=EquipmentUseKind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what for"},
    )  # fmt: skip
    terms = TextField(label="For what exactly, and within what limits", max_length=500, rows=3)
    starts_on = forms.DateField(label="From", error_messages={**_DAY, "required": "Enter the first day"})
    ends_on = forms.DateField(label="To", error_messages={**_DAY, "required": "Enter the last day"})
