"""The school's profile and how its people sign in (ORG-01, ORG-20)."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people import operations, queries
from core.people.forms import ProfileForm, SignInSettingsForm
from core.people.models import School
from core.people.roles import Permission
from core.people.views.pages import EditPage


class _SchoolEdit(EditPage, abstract=True):
    permission = Permission.MANAGE_SCHOOL

    def get_record(self) -> Model:
        return queries.school_now(self.school)

    def cancel_url(self) -> str:
        return self.link("people:set-up")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Set-up", "url": self.cancel_url()}]


class ProfileView(_SchoolEdit):
    """Name, motto, phases, trust, governing body, partnership, address: what every new document reads (ORG-01)."""

    form_class = ProfileForm
    title = "School profile"
    intro = "Headings, letters and documents made from now on say what stands here."
    submit_label = "Save the profile"

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        operations.change_profile(
            school=self.school,
            actor=self.actor,
            at=self.now,
            version=given.pop("version"),
            submission=given.pop("submission"),
            values=given,
        )
        return self.done("The profile is saved.", self.link("people:profile"))


class SignInSettingsView(_SchoolEdit):
    """Which roles need a second step to sign in."""

    form_class = SignInSettingsForm
    title = "Signing in"
    intro = (
        "Everybody signs in with an address and a password of their own. For the roles below a second step is asked "
        "as well; who has none yet sets one up at their next page."
    )
    submit_label = "Save the sign-in settings"

    def values_of(self, record: Any) -> dict[str, Any]:
        return {"roles": record.mfa_roles if isinstance(record, School) else []}

    def save(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        operations.set_mfa_roles(
            school=self.school,
            actor=self.actor,
            at=self.now,
            version=given["version"],
            roles=given["roles"],
            submission=given["submission"],
        )
        return self.done("The sign-in settings are saved.", self.link("people:sign-in-settings"))
