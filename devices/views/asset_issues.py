"""Pages that give a school device out and take it back, and permission beforehand (SDV-03 to SDV-05, SDV-10)."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.approvals.enums import Kind
from core.approvals.kinds import deciders_of
from core.approvals.models import Approval
from core.approvals.operations import address_of
from core.approvals.queries import approvals_visible_to, last_day
from core.kit.forms import BaseForm
from core.people.calendar import london_day
from core.people.models import Pupil, User
from core.people.queries import find_pupils, people_at, pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage
from devices.enums import AssetStatus
from devices.forms.assets import (
    AskSchoolDeviceForm,
    ChangeSchoolDeviceForm,
    ChooseStaffForm,
    DaysForm,
    GiveSchoolDeviceForm,
    IssueForm,
    ReturnForm,
)
from devices.forms.office import FindPupilForm
from devices.models import AssetIssue
from devices.operations import assets as ops
from devices.operations.permissions import school_device
from devices.queries.assets import (
    documents_governing,
    issues_visible_to,
    readiness_of,
    staff_to_issue_to,
)
from devices.views.assets import AssetPage, OneAssetPage


class ChooseWhomView(OneAssetPage):
    """To whom: one of the staff, or a pupil who is found by a name that stands in no address."""

    template_name = "devices/issue_asset.html"
    title = "Issue a school device"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("staff_form", ChooseStaffForm(staff=staff_to_issue_to(self.school), auto_id="staff_%s"))
        kwargs.setdefault("form", FindPupilForm())
        return super().get_context_data(
            asset=self.asset, is_available=self.asset.status == AssetStatus.AVAILABLE, **kwargs
        )

    def lead(self, pupil: Pupil) -> str:
        return self.link("devices:issue-to-pupil", asset=self.asset.pk, pupil=pupil.pk)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "person" in request.POST:
            chosen = ChooseStaffForm(request.POST, staff=staff_to_issue_to(self.school), auto_id="staff_%s")
            if not chosen.is_valid():
                return self.render(staff_form=chosen, status=422)
            to = self.link("devices:issue-to-staff", asset=self.asset.pk, person=chosen.cleaned_data["person"])
            return HttpResponseRedirect(to)
        form = FindPupilForm(request.POST)
        if not form.is_valid():
            return self.render(form=form, status=422)
        found = find_pupils(self.school, form.cleaned_data["query"], limit=10, on=self.today)
        if len(found.pupils) == 1 and not found.near:
            return HttpResponseRedirect(self.lead(found.pupils[0]))
        results = [
            {
                "url": self.lead(one), "name": one.display_name,
                "detail": one.form.name if one.form is not None else one.year_name,
            }
            for one in found.pupils
        ]  # fmt: skip
        return self.render(
            form=form, results=results, near=found.near, more=found.more, searched=True,
            status=200 if results else 422,
        )  # fmt: skip


class IssuePage(OneAssetPage, FormPage, abstract=True):
    """Give it to one person: what is still missing first, what governs its use, then the form."""

    template_name = "devices/issue_asset_to.html"
    form_class = IssueForm
    title = "Issue a school device"

    @property
    def person(self) -> Pupil | User:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.person and self.asset  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.person
        return super().get_context_data(
            asset=self.asset,
            person=person,
            pupil=person if isinstance(person, Pupil) else None,
            is_self=person == self.actor,
            readiness=readiness_of(self.school, person, self.now, self.today),
            documents=documents_governing(self.school, self.rules, self.today),
            may_record=self.may(Permission.EDIT_PUPILS),
            may_give=self.may(Permission.LEAD_CUSTODY),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, IssueForm)
        ops.issue_asset(
            school=self.school, actor=self.actor, at=self.now, asset=self.asset, person=self.person, **form.given()
        )
        return self.done("It is issued, with the notice they acknowledged and when.", self.cancel_url())


class IssueToStaffView(IssuePage):
    """Give it to one of the staff. Somebody with another kind of account is refused, on record (SDV-03)."""

    @property
    def person(self) -> Pupil | User:
        if not hasattr(self, "_person"):
            self._person: User = get_or_404(people_at(self.school), pk=self.kwargs["person"])
        return self._person


class IssueToPupilView(IssuePage):
    """Give it to a pupil."""

    @property
    def person(self) -> Pupil | User:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil


class IssuedPage(AssetPage, abstract=True):
    """A page about one issue."""

    @property
    def issue(self) -> AssetIssue:
        if not hasattr(self, "_issue"):
            self._issue: AssetIssue = get_or_404(
                issues_visible_to(self.actor, self.school), pk=self.kwargs["asset_issue"]
            )
        return self._issue

    def cancel_url(self) -> str:
        return self.link("devices:asset", asset=self.issue.asset_id)

    def back(self) -> str:
        return self.cancel_url()

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": self.issue.asset.number, "url": self.cancel_url()}]


class ReturnAssetView(IssuedPage, FormPage):
    """Take it back."""

    template_name = "devices/return_asset.html"
    form_class = ReturnForm
    title = "Take a school device back"

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.issue  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(issue=self.issue, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ReturnForm)
        row = ops.return_asset(school=self.school, actor=self.actor, at=self.now, issue=self.issue, **form.given())
        said = "It is back." if row.reset_at else "It is back. Somebody confirms the reset."
        return self.done(said, self.cancel_url())


class ConfirmResetView(IssuedPage, ActPage):
    """Confirm that it is reset."""

    def act(self, submission: UUID | None) -> str:
        ops.confirm_reset(school=self.school, actor=self.actor, at=self.now, issue=self.issue, submission=submission)
        return "The reset is confirmed."


class PermissionPage(FormPage, abstract=True):
    """A form about permission beforehand to use a school device (SDV-04)."""

    permission = Permission.ASK_PERMISSION
    template_name = "devices/school_device_permission.html"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Permissions", "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("overview:approvals")

    @property
    def person(self) -> Pupil | User:
        return self.actor

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.person  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            person=self.person, decides=deciders_of(Kind.SCHOOL_DEVICE, self.rules).called, **kwargs
        )

    def who_does(self) -> dict[str, Any]:
        return {"school": self.school, "actor": self.actor, "at": self.now}


class AskSchoolDeviceView(PermissionPage):
    """Ask for oneself."""

    form_class: ClassVar[type[BaseForm]] = AskSchoolDeviceForm
    title = "Ask to use a school device"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, DaysForm)
        row = school_device.ask_school_device(**self.who_does(), person=self.person, **form.cleaned_data)
        return self.done("It is asked for. You are told when it is decided.", address_of(row))


class AskSchoolDeviceForView(AskSchoolDeviceView):
    """Ask for a pupil."""

    title = "Ask that a {child} may use a school device"

    @property
    def person(self) -> Pupil | User:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil


class GivePage(PermissionPage, abstract=True):
    """Permission that a senior leader gives unasked."""

    permission = Permission.LEAD_CUSTODY
    form_class: ClassVar[type[BaseForm]] = GiveSchoolDeviceForm
    title = "Permit the use of a school device"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, DaysForm)
        row = school_device.give_school_device(**self.who_does(), person=self.person, **form.cleaned_data)
        return self.done("It is given, and holds between these days.", address_of(row))


class GiveToStaffView(GivePage):
    """To one of the staff."""

    @property
    def person(self) -> Pupil | User:
        if not hasattr(self, "_person"):
            self._person: User = get_or_404(people_at(self.school), pk=self.kwargs["person"])
        return self._person


class GiveToPupilView(GivePage):
    """To a pupil."""

    @property
    def person(self) -> Pupil | User:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil


class ChangeSchoolDeviceView(PermissionPage):
    """Change one’s request, as when it was sent back."""

    form_class: ClassVar[type[BaseForm]] = ChangeSchoolDeviceForm
    title = "Change your request"

    @property
    def row(self) -> Approval:
        if not hasattr(self, "_row"):
            own = approvals_visible_to(self.actor, self.school).filter(requested_by=self.actor, kind=Kind.SCHOOL_DEVICE)
            self._row: Approval = get_or_404(own, pk=self.kwargs["approval"])
        return self._row

    @property
    def person(self) -> Pupil | User:
        person = self.row.pupil or self.row.user
        assert person is not None
        return person

    def cancel_url(self) -> str:
        return address_of(self.row)

    def get_initial(self) -> dict[str, Any]:
        row = self.row
        return {"purpose": row.conditions, "starts_on": london_day(row.starts_at), "ends_on": last_day(row)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ChangeSchoolDeviceForm)
        school_device.change_school_device(**self.who_does(), approval=self.row, **form.cleaned_data)
        return self.done("The request is changed, and waits again.", self.cancel_url())
