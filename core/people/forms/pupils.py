"""Forms about pupils, contacts, placements and forms (ORG-12, ORG-13)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from core.kit.forms import BaseForm, LineField, SubmissionForm
from core.people.enums import YEAR_CHOICES
from core.people.forms.base import AddressField, PhoneField, VersionedForm
from core.people.models import FormGroup, School, User
from core.people.queries import forms_of

_YES_NO = [("", "Not known"), ("yes", "Yes"), ("no", "No")]


class PupilFilterForm(BaseForm):
    """Narrows the list of pupils by keys only, so its address names nobody."""

    form = forms.TypedChoiceField(label="Form", required=False, coerce=int, empty_value=None)
    year = forms.TypedChoiceField(
        label="Year", choices=[("", "All years"), *YEAR_CHOICES], required=False, coerce=int, empty_value=None
    )
    left = forms.BooleanField(label="Show those who have left", required=False)

    def __init__(self, *args: Any, groups: list[FormGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("form", [("", "All forms"), *((group.pk, group.name) for group in groups)])


class PupilSearchForm(BaseForm):
    """A name as the desk's box takes it; posted, never in an address."""

    text = LineField(
        label="Find by name",
        max_length=80,
        error_messages={"required": "Enter the first letters of a name"},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class PupilForm(VersionedForm):
    """What is known of a pupil (ORG-12)."""

    legal_forename = LineField(label="Legal first name", max_length=120)
    legal_surname = LineField(label="Legal surname", max_length=120)
    preferred_forename = LineField(label="Name they go by", max_length=120, required=False)
    date_of_birth = forms.DateField(
        label="Date of birth", required=False, error_messages={"invalid": "Enter a real date"}
    )
    year_group = forms.TypedChoiceField(
        label="Year",
        choices=[("", "Choose a year"), *YEAR_CHOICES],
        coerce=int,
        error_messages={"required": "Choose the year"},
    )
    form: forms.ModelChoiceField[FormGroup] = forms.ModelChoiceField(
        queryset=None, label="Form", required=False, empty_label="No form"
    )
    admission_number = LineField(label="Admission number", max_length=20, required=False)
    upn = LineField(label="UPN", max_length=13, required=False)
    sen_status = LineField(label="Support (SEN) status", max_length=20, required=False)
    medical_note = LineField(
        label="Medical note that concerns a device",
        max_length=300,
        required=False,
        help_text="For example a glucose monitor that needs a telephone. Others see only that there is a note.",
    )
    is_boarder = forms.BooleanField(
        label="Boards at school",
        required=False,
        help_text="Some rules about devices are other for boarders, outside the teaching day.",
    )
    young_carer = forms.BooleanField(
        label="A young carer",
        required=False,
        help_text="It is weighed before a device is taken or a search is made.",
    )
    pupil_premium = forms.BooleanField(
        label="Pupil premium", required=False, help_text="For figures about groups. No list shows it."
    )
    ethnicity = LineField(
        label="Ethnicity, as the family gave it",
        max_length=60,
        required=False,
        help_text="For figures about groups. No list and no other page shows it.",
    )
    joined_on = forms.DateField(label="On roll from", required=False)

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = self.fields["form"]
        if isinstance(groups, forms.ModelChoiceField):
            groups.queryset = forms_of(school)

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data.get("date_of_birth")
        if born is not None and not 1990 <= born.year <= 2100:
            raise forms.ValidationError("Check the year of birth")
        return born


class ClosePupilForm(SubmissionForm):
    """The last day of a leaver."""

    submit_label = "Close the record"

    left_on = forms.DateField(label="Last day on roll", error_messages={"required": "Enter the last day"})


class ContactForm(VersionedForm):
    """An adult to reach about a pupil (ORG-13)."""

    title = LineField(label="Title", max_length=20, required=False)
    forename = LineField(label="First name", max_length=120, required=False)
    surname = LineField(label="Surname", max_length=120)
    relationship = LineField(
        label="Relationship", max_length=60, required=False, help_text="For example mother or uncle."
    )
    priority = forms.IntegerField(label="Order in which to ring", min_value=1, max_value=99, initial=1)
    mobile = PhoneField(label="Mobile", required=False)
    phone = PhoneField(label="Other telephone", required=False)
    email = AddressField(label="Email", max_length=254, required=False)
    has_parental_responsibility = forms.TypedChoiceField(
        label="Has parental responsibility",
        choices=_YES_NO,
        required=False,
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    may_collect = forms.BooleanField(label="May collect a device", required=False, initial=True)


class LinkContactForm(VersionedForm):
    """Which member of staff a contact is, if they are one."""

    account = forms.ChoiceField(label="Member of staff", required=False)

    def __init__(self, *args: Any, staff: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(person.pk): person for person in staff}
        self.offer("account", [("", "Does not work here"), *((key, str(who)) for key, who in self.staff.items())])

    def chosen(self) -> User | None:
        """The account that was chosen."""
        return self.staff.get(self.cleaned_data["account"])


class BarContactForm(VersionedForm):
    """The DSL's bar on a contact."""

    submit_label = "Do not inform this person"

    reason = LineField(
        label="Reason",
        max_length=300,
        help_text="Only the DSL and deputies see it.",
        error_messages={"required": "Enter the reason"},
    )
    court_order_note = LineField(label="Court order", max_length=300, required=False)


class LiftBarForm(VersionedForm):
    """The DSL lifts a bar."""

    submit_label = "Let this person be informed again"

    reason = LineField(
        label="Reason",
        max_length=300,
        help_text="Only the DSL and deputies see it.",
        error_messages={"required": "Enter the reason"},
    )
    may_collect = forms.BooleanField(label="They may also collect a device again", required=False)


class PlacementForm(SubmissionForm):
    """Time off site with a provider."""

    submit_label = "Add the placement"

    provider = LineField(label="Provider", max_length=160)
    place = LineField(label="Place", max_length=160, required=False)
    days = LineField(label="Days", max_length=120, required=False, help_text="For example Tuesdays and Thursdays.")
    starts_on = forms.DateField(label="First day", required=False)
    ends_on = forms.DateField(label="Last day", required=False)


class EndPlacementForm(SubmissionForm):
    """A placement's last day."""

    submit_label = "End the placement"

    ends_on = forms.DateField(label="Last day", error_messages={"required": "Enter the last day"})


class FormGroupForm(VersionedForm):
    """A form or class."""

    name = LineField(label="Name of the form", max_length=40)
    year_from = forms.TypedChoiceField(
        label="Year", choices=[("", "Not said"), *YEAR_CHOICES], required=False, coerce=int, empty_value=None
    )
    year_to = forms.TypedChoiceField(
        label="To year",
        choices=[("", "The same"), *YEAR_CHOICES],
        required=False,
        coerce=int,
        empty_value=None,
        help_text="Only for a form of mixed age.",
    )
