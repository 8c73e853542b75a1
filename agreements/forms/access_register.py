"""Forms about access to systems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from agreements.enums import AccessState, SystemKind
from agreements.forms.disclosures import PersonForm
from agreements.models import AccessSystem
from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.enums import Category
from core.people.models import Pupil

_DAY = {"invalid": "Enter a day such as 23/11/2026"}


class AddSystemForm(SubmissionForm):
    """A system that people are let into."""

    submit_label = "Add it"

    name = LineField(label="Name", max_length=120)
    kind = forms.ChoiceField(label="What it is", choices=SystemKind.choices)


class FilterRegisterForm(BaseForm):
    """Which lines of the register; no names."""

    state = forms.ChoiceField(
        label="State", choices=[("", "All that has not ended"), *AccessState.choices], required=False
    )
    category = forms.ChoiceField(label="Category", choices=[("", "Everybody"), *Category.choices], required=False)
    system = forms.ChoiceField(label="System", required=False)

    def __init__(self, *args: Any, systems: Iterable[AccessSystem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("system", [("", "All"), *((str(one.pk), one.name) for one in systems)])

    def wanted(self) -> dict[str, Any]:
        """What the query takes; what is not a choice is left out."""
        given = self.cleaned_data if self.is_valid() else {}
        return {
            "state": given.get("state", ""),
            "category": given.get("category", ""),
            "system": int(given["system"]) if given.get("system") else None,
        }


class SystemField(SubmissionForm):
    """A form that chooses a system and the last day."""

    submit_label = "Let in"

    system = forms.ChoiceField(label="Into what", error_messages={"required": "Choose into what"})
    ends_on = forms.DateField(
        label="Until", required=False, error_messages=_DAY, help_text="The last day. Empty: until it is ended."
    )

    def __init__(self, *args: Any, systems: Iterable[AccessSystem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems = {str(one.pk): one for one in systems}
        self.offer("system", [("", "Choose"), *((key, one.name) for key, one in self.systems.items())])

    def clean_system(self) -> AccessSystem:
        return self.systems[self.cleaned_data["system"]]


class GrantForm(SystemField):
    """Let one person in."""

    device = LineField(label="Device or account", max_length=120, required=False, help_text="If it is about one.")


class GrantStaffForm(GrantForm, PersonForm):
    """Let one of the staff in."""

    submit_label = "Let in"

    field_order = ("submission", "person", "system", "device", "ends_on")


class GrantGroupForm(SystemField):
    """Let pupils of a form in."""

    submit_label = "Let those ticked in"

    pupils = forms.MultipleChoiceField(
        label="Whom", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Tick whom to let in"}
    )

    def __init__(self, *args: Any, pupils: Iterable[tuple[Pupil, bool]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(pupils)
        self.by_key = {str(pupil.pk): pupil for pupil, _known in rows}
        self.offer(
            "pupils",
            (
                (str(pupil.pk), pupil.sort_name if known else f"{pupil.sort_name}, no current acknowledgement")
                for pupil, known in rows
            ),
        )

    def clean_pupils(self) -> list[Pupil]:
        return [self.by_key[key] for key in self.cleaned_data["pupils"]]
