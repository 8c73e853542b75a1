"""Pages about access: the register, letting people in, stopping and ending it (AGR-19, AGR-20, DOC-29)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from agreements.documents.access_register import HEADER, lines_of, register_pdf
from agreements.enums import AccessState, SystemKind
from agreements.forms.access_register import (
    AddSystemForm,
    FilterRegisterForm,
    GrantForm,
    GrantGroupForm,
    GrantStaffForm,
)
from agreements.forms.conduct import BecauseForm
from agreements.models import AccessGrant, AccessSystem
from agreements.operations import access_register
from agreements.queries.access_register import access_of, grants_of, register, systems_of
from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.kit.forms import BaseForm
from core.people.models import FormGroup, Pupil
from core.people.queries import forms_of, pupils_on_roll, staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage, Page
from policies.enums import DocumentKind
from policies.models import DocumentVersion
from policies.queries import acknowledgements_for, asks, readership_of_pupil, versions_in_force


class AccessPage(Page, abstract=True):
    """What the pages about access share."""

    permission = Permission.MANAGE_ACCESS

    def back(self) -> str:
        return self.link("agreements:access")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Access to systems", "url": self.back()}]


class AccessView(AccessPage):
    """The register: who is let into what, on the strength of what; what is out of date is marked, a person decides."""

    template_name = "agreements/access_register.html"
    title = "Access to systems"

    def crumbs(self) -> list[dict[str, str]]:
        return []

    @property
    def filter(self) -> FilterRegisterForm:
        if not hasattr(self, "_filter"):
            self._filter = FilterRegisterForm(self.request.GET, systems=systems_of(self.school, ended=True))
        return self._filter

    def rows(self) -> Any:
        return register(self.school, self.today, **self.filter.wanted())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.rows()
        return super().get_context_data(
            rows=rows,
            out_of_date=sum(row.is_out_of_date for row in rows),
            form=self.filter,
            groups=forms_of(self.school),
            has_systems=systems_of(self.school).exists(),
            query=self.request.GET.urlencode(),
            **kwargs,
        )

    def note_export(self, kind: str) -> None:
        record(
            school=self.school, actor=self.actor, action="agreements.export_access", at=self.now,
            outcome=Outcome.EXPORTED, detail={"as": kind},
        )  # fmt: skip


class AccessPaperView(AccessView):
    """The register on paper."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_export("pdf")
        content = register_pdf(self.rows(), school=self.school.name, made_at=self.now)
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = 'inline; filename="access-register.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response


class AccessListView(AccessView):
    """The register as a list for a spreadsheet."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_export("csv")
        return safe_csv_response("access-register.csv", HEADER, lines_of(self.rows()))


class SystemsView(FormPage, AccessPage):
    """The systems that people are let into, and one more."""

    template_name = "agreements/access_systems.html"
    form_class = AddSystemForm
    title = "Systems"

    def cancel_url(self) -> str:
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(systems=list(systems_of(self.school, ended=True)), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        access_register.add_system(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done("The system is added.", self.link("agreements:systems"))


class EndSystemView(ActPage, AccessPage):
    """Stop using a system."""

    def back(self) -> str:
        return self.link("agreements:systems")

    def act(self, submission: UUID | None) -> str:
        system: AccessSystem = get_or_404(systems_of(self.school, ended=True), pk=self.kwargs["system"])
        access_register.end_system(
            school=self.school, actor=self.actor, at=self.now, system=system, submission=submission
        )
        return "The system is not used any more, and nobody has access to it."


class GrantPage(FormPage, AccessPage, abstract=True):
    """A form that lets somebody in; where an acknowledgement is missing it leads to recording it."""

    template_name = "agreements/access_grant_form.html"

    def cancel_url(self) -> str:
        return self.back()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"systems": systems_of(self.school)}

    @property
    def to_acknowledge(self) -> list[DocumentVersion]:
        """The versions of acceptable use that hold."""
        return versions_in_force(self.school, self.today, kind=DocumentKind.ACCEPTABLE_USE)

    def notices_missing(self, pupils: list[Pupil]) -> list[DocumentVersion] | None:
        """Where school devices are given: the notices of monitoring that one of these has not acknowledged (SDV-05);
        None where there is nothing to record."""
        if not systems_of(self.school).filter(kind=SystemKind.DEVICE).exists():
            return None
        known = acknowledgements_for(self.school, DocumentKind.MONITORING, self.today, pupils=pupils)
        if len(known) == len(pupils):
            return None
        return versions_in_force(self.school, self.today, kind=DocumentKind.MONITORING)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_record=self.may(Permission.EDIT_PUPILS), **kwargs)


class GrantPupilView(GrantPage):
    """Let one pupil in."""

    form_class = GrantForm
    title = "Let a {child} into a system"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.pupil  # a key from elsewhere is refused before the form is made
        return super().get_form_kwargs()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pupil = self.pupil
        known = acknowledgements_for(self.school, DocumentKind.ACCEPTABLE_USE, self.today, pupils=[pupil])
        wanted = [one for one in self.to_acknowledge if asks(one, readership_of_pupil(pupil))]
        return super().get_context_data(
            pupil=pupil,
            is_missing=not known,
            missing=[
                {"version": one, "url": self.link("policies:record-pupil", document_version=one.pk, pupil=pupil.pk)}
                for one in wanted
            ],
            notices=self.notices_missing([pupil]),
            held=access_of(self.school, self.today, pupil=pupil),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        access_register.grant_access(
            school=self.school, actor=self.actor, at=self.now, person=self.pupil, **form.cleaned_data
        )
        return self.done("Access is granted and in the register.", self.back())


class GrantFormView(GrantPage):
    """Let pupils of a form in, in one go."""

    form_class = GrantGroupForm

    @property
    def group(self) -> FormGroup:
        if not hasattr(self, "_group"):
            self._group: FormGroup = get_or_404(forms_of(self.school), pk=self.kwargs["form"])
        return self._group

    @property
    def pupils(self) -> list[tuple[Pupil, bool]]:
        if not hasattr(self, "_pupils"):
            here = list(pupils_on_roll(self.school, self.today).filter(form=self.group).order_by("legal_surname", "pk"))
            known = acknowledgements_for(self.school, DocumentKind.ACCEPTABLE_USE, self.today, pupils=here)
            self._pupils = [(pupil, ("pupil", pupil.pk) in known) for pupil in here]
        return self._pupils

    def get_title(self) -> str:
        return f"Let {self.group.name} into a system"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"pupils": self.pupils}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            is_missing=any(not known for _pupil, known in self.pupils),
            missing=[
                {"version": one, "url": self.link("policies:record-form", document_version=one.pk, form=self.group.pk)}
                for one in self.to_acknowledge
            ],
            notices=self.notices_missing([pupil for pupil, _known in self.pupils]),
            group=self.group,
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        access_register.grant_access_to_form(
            school=self.school, actor=self.actor, at=self.now, form=self.group, **form.cleaned_data
        )
        return self.done("Access is granted and in the register.", self.back())


class GrantStaffView(GrantPage):
    """Let one of the staff in."""

    form_class = GrantStaffForm
    title = "Let one of the staff into a system"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": staff_of(self.school)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        access_register.grant_access(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done("Access is granted and in the register.", self.back())


class GrantedPage(AccessPage, abstract=True):
    """What the pages about one access share."""

    @property
    def granted(self) -> AccessGrant:
        if not hasattr(self, "_granted"):
            self._granted: AccessGrant = get_or_404(grants_of(self.school), pk=self.kwargs["access"])
        return self._granted

    def here(self) -> str:
        return self.link("agreements:granted", access=self.granted.pk)


class GrantedView(GrantedPage):
    """One access, and what it relies on."""

    template_name = "agreements/access_granted.html"
    title = "Access"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        grant = self.granted
        rows = access_of(self.school, self.today, pupil=grant.pupil, user=grant.user)
        return super().get_context_data(
            grant=grant,
            is_out_of_date=any(row.is_out_of_date for row in rows if row.grant.pk == grant.pk),
            may_suspend=grant.state == AccessState.GRANTED,
            may_resume=grant.state == AccessState.SUSPENDED,
            may_end=grant.state != AccessState.REVOKED,
            **kwargs,
        )


class BecausePage(FormPage, GrantedPage, abstract=True):
    """An act on one access that needs a reason."""

    form_class = BecauseForm

    def cancel_url(self) -> str:
        return self.here()

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": "Access", "url": self.here()}]


class SuspendAccessView(BecausePage):
    """Stop it for a time."""

    title = "Stop this access for a time"
    submit_label = "Stop it"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        access_register.suspend_access(
            school=self.school, actor=self.actor, at=self.now, grant=self.granted, **form.cleaned_data
        )
        return self.done("It is stopped.", self.here())


class EndAccessView(BecausePage):
    """End it for good."""

    title = "End this access"
    submit_label = "End it"
    danger = True

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        access_register.end_access(
            school=self.school, actor=self.actor, at=self.now, grant=self.granted, **form.cleaned_data
        )
        return self.done("It has ended.", self.here())


class ResumeAccessView(ActPage, GrantedPage):
    """Take it up again."""

    def back(self) -> str:
        return self.here()

    def act(self, submission: UUID | None) -> str:
        access_register.resume_access(
            school=self.school, actor=self.actor, at=self.now, grant=self.granted, submission=submission
        )
        return "It is granted again."
