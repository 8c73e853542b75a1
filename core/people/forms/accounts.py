"""Forms about staff: inviting, editing, roles, leaving (ORG-02 to ORG-08, ORG-20)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.enums import Category
from core.people.forms.base import AddressField, VersionedForm
from core.people.models import FormGroup, School, User
from core.people.operations import RoleWish
from core.people.queries import forms_of, phases_of
from core.people.roles import FORM_SCOPED, PHASE_SCOPED, Role

STAFF_CATEGORIES = [
    (category.value, category.label)
    for category in Category
    if category not in {Category.PUPIL, Category.PARENT, Category.VISITOR}
]
STATES = [("here", "Working here"), ("invited", "Invited, not signed in yet"), ("off", "Deactivated"), ("left", "Left")]


class StaffFilterForm(BaseForm):
    """Narrows the staff list. It is posted, so that no name lands in an address."""

    text = LineField(label="Name, job title or staff code", max_length=80, required=False)
    role = forms.ChoiceField(label="Role", choices=[("", "Any role"), *Role.choices], required=False)
    state = forms.ChoiceField(label="Who", choices=STATES, required=False)


class PersonFields(SubmissionForm):
    """Who somebody is and what they do here."""

    title = LineField(label="Title", max_length=20, required=False, help_text="For example Mr, Ms or Dr.")
    given_name = LineField(label="First name", max_length=80)
    family_name = LineField(label="Surname", max_length=80)
    email = AddressField(
        label="Work email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the work email address"},
    )
    job_title = LineField(label="Job title", max_length=120, required=False)
    category = forms.ChoiceField(
        label="Category", choices=STAFF_CATEGORIES, initial=Category.SUPPORT, help_text="Rules say to whom they apply."
    )
    staff_code = LineField(label="Staff code", max_length=20, required=False)


class InviteForm(PersonFields):
    """A new member of staff, a governor or a contractor."""

    submit_label = "Send the invitation"

    roles = forms.MultipleChoiceField(
        label="Roles",
        help_text="A role for one phase or one form is given on the person’s page afterwards.",
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def wishes(self) -> list[RoleWish]:
        return [RoleWish(role) for role in self.cleaned_data["roles"]]


class EditPersonForm(PersonFields, VersionedForm):
    """What is known of somebody who works here."""

    line_manager = forms.ChoiceField(
        label="Line manager", required=False, help_text="Told when something they have to read is overdue."
    )

    def __init__(self, *args: Any, managers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.managers = {str(one.pk): one for one in managers}
        self.offer("line_manager", [("", "Nobody: the head is told"), *self._names()])

    def _names(self) -> list[tuple[str, str]]:
        return [(key, one.full_name) for key, one in self.managers.items()]

    def clean_line_manager(self) -> User | None:
        return self.managers.get(self.cleaned_data["line_manager"])


class GrantRoleForm(SubmissionForm):
    """A role for a person, with what it covers and when."""

    submit_label = "Give the role"

    role = forms.ChoiceField(label="Role", choices=[("", "Choose a role"), *Role.choices])
    phase = forms.ChoiceField(
        label="For one phase only",
        required=False,
        help_text="Only for " + ", ".join(sorted(role.label for role in PHASE_SCOPED)) + ".",
    )
    form: forms.ModelChoiceField[FormGroup] = forms.ModelChoiceField(
        queryset=None,
        label="For one form only",
        required=False,
        empty_label="No form",
        help_text="Only for form tutors.",
    )
    starts_on = forms.DateField(label="First day", error_messages={"required": "Enter the first day"})
    ends_on = forms.DateField(label="Last day", required=False)

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("phase", [("", "All phases"), *((phase.value, phase.label) for phase in phases_of(school))])
        groups = self.fields["form"]
        if isinstance(groups, forms.ModelChoiceField):
            groups.queryset = forms_of(school)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        role, form = cleaned.get("role"), cleaned.get("form")
        if form is not None and role and role not in FORM_SCOPED:
            self.add_error("form", ValidationError("Only a form tutor’s role is for one form"))
        if cleaned.get("phase") and role and role not in PHASE_SCOPED:
            self.add_error("phase", ValidationError("This role is not held for one phase"))
        return cleaned

    def wish(self) -> RoleWish:
        form: FormGroup | None = self.cleaned_data.get("form")
        return RoleWish(self.cleaned_data["role"], self.cleaned_data.get("phase") or "", form)


class EndRoleForm(SubmissionForm):
    """When a role ends."""

    submit_label = "End the role"

    when = forms.ChoiceField(
        label="When",
        choices=[("now", "Now: the next page they open is refused"), ("later", "With the end of a day")],
        widget=forms.RadioSelect,
        initial="now",
        error_messages={"required": "Choose when"},
    )
    last_day = forms.DateField(label="Last day", required=False, help_text="Only if it ends with a day.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("when") == "later" and not cleaned.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", ValidationError("Enter the last day"))
        return cleaned

    def chosen_day(self) -> date | None:
        return self.cleaned_data["last_day"] if self.cleaned_data["when"] == "later" else None


class FactorResetForm(SubmissionForm):
    """Why a second step is to be taken off."""

    submit_label = "Ask a second person to confirm"

    reason = LineField(
        label="What happened, and how you made sure who is asking",
        max_length=300,
        help_text="For example: telephone lost on Friday; spoke in the office, staff card seen.",
        error_messages={"required": "Enter what happened and how you made sure"},
    )
