"""Forms about schools, people and sessions, by subject."""

from core.people.forms.accounts import (
    EditPersonForm,
    EndRoleForm,
    FactorResetForm,
    GrantRoleForm,
    InviteForm,
    StaffFilterForm,
)
from core.people.forms.base import ReasonForm, VersionedForm
from core.people.forms.calendar import DaysForm, TermForm, TimesForm
from core.people.forms.directory import BodyForm
from core.people.forms.pupils import (
    BarContactForm,
    ClosePupilForm,
    ContactForm,
    EndPlacementForm,
    FormGroupForm,
    LiftBarForm,
    LinkContactForm,
    PlacementForm,
    PupilFilterForm,
    PupilForm,
    PupilSearchForm,
)
from core.people.forms.school import AddSchoolForm, FirstPasswordForm, ProfileForm, SetUpForm, SignInSettingsForm
from core.people.forms.session import DeskPinForm, EnrolDeskForm, OwnPinForm, UnlockForm

__all__ = [
    "AddSchoolForm",
    "BarContactForm",
    "BodyForm",
    "ClosePupilForm",
    "ContactForm",
    "DaysForm",
    "DeskPinForm",
    "EditPersonForm",
    "EndPlacementForm",
    "EndRoleForm",
    "EnrolDeskForm",
    "FactorResetForm",
    "FirstPasswordForm",
    "FormGroupForm",
    "GrantRoleForm",
    "InviteForm",
    "LiftBarForm",
    "LinkContactForm",
    "OwnPinForm",
    "PlacementForm",
    "ProfileForm",
    "PupilFilterForm",
    "PupilForm",
    "PupilSearchForm",
    "ReasonForm",
    "SetUpForm",
    "SignInSettingsForm",
    "StaffFilterForm",
    "TermForm",
    "TimesForm",
    "UnlockForm",
    "VersionedForm",
]
