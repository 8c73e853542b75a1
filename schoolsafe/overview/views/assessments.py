"""Risk assessments: a list to learn from, one whole, hazard by hazard, complete (DEV-18, STA-12)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core.approvals import operations
from core.approvals.enums import AssessmentState
from core.approvals.models import Hazard, RiskAssessment
from core.approvals.queries import assessments_visible_to, hazards_of, hazards_visible_to
from core.kit.forms import BaseForm
from core.kit.times import day
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.pages import ActPage, FormPage, Page
from schoolsafe.overview.forms.approvals import BeginAssessmentForm, CompleteAssessmentForm, HazardForm


class AssessmentsView(Page):
    """Every risk assessment of the school, the newest first."""

    permission = Permission.ASK_PERMISSION
    template_name = "overview/list_assessments.html"
    title = "Risk assessments"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(assessments_visible_to(self.actor, self.school)[:200])
        return super().get_context_data(
            columns=["Title", "Assessor", "State", "Review"],
            rows=[{"cells": self._cells(row)} for row in rows],
            **kwargs,
        )

    def _cells(self, row: RiskAssessment) -> list[dict[str, Any]]:
        is_complete = row.state == AssessmentState.COMPLETE
        tag = {"kind": "ok" if is_complete else "waiting", "word": str(row.get_state_display())}
        if is_complete and row.review_on <= self.today:
            tag = {"kind": "attention", "word": "Due for review"}
        return [
            {"value": row.title, "url": self.link("overview:assessment", assessment=row.pk)},
            {"value": row.assessor.display_name, "label": "Assessor"},
            {"tag": tag, "label": "State"},
            {"value": day(row.review_on), "label": "Review"},
        ]

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Permissions", "url": self.link("overview:approvals")}]


class BeginAssessmentView(FormPage):
    """Begin one."""

    permission = Permission.ASK_PERMISSION
    form_class = BeginAssessmentForm
    title = "Assess the risks"
    intro = "First what is to be done; then each thing that could go wrong and what is done about it."

    def cancel_url(self) -> str:
        return self.link("overview:assessments")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Risk assessments", "url": self.cancel_url()}]

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        row = operations.begin_assessment(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done("Now add what could go wrong.", self.link("overview:assessment", assessment=row.pk))


class AssessmentPage(Page, abstract=True):
    """What the pages about one assessment share."""

    permission = Permission.ASK_PERMISSION

    @property
    def row(self) -> RiskAssessment:
        if not hasattr(self, "_row"):
            self._row: RiskAssessment = get_or_404(
                assessments_visible_to(self.actor, self.school), pk=self.kwargs["assessment"]
            )
        return self._row

    @property
    def may_write(self) -> bool:
        return self.row.assessor_id == self.actor.pk and self.row.state == AssessmentState.DRAFT

    def back(self) -> str:
        return self.link("overview:assessment", assessment=self.row.pk)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Risk assessments", "url": self.link("overview:assessments")}]


class AssessmentView(SchoolFormView, AssessmentPage):
    """One assessment with its hazards; while it is being written its assessor adds the next one here."""

    template_name = "overview/show_assessment.html"
    form_class = HazardForm

    def get_title(self) -> str:
        return str(self.row.title)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=self.get_form() if self.may_write else None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(row=self.row, hazards=hazards_of(self.row), may_write=self.may_write, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        operations.add_hazard(
            school=self.school, actor=self.actor, at=self.now, assessment=self.row, **form.cleaned_data
        )
        return self.done("The hazard is added.", self.back())


class RemoveHazardView(ActPage):
    """Take a hazard out while the assessment is being written."""

    permission = Permission.ASK_PERMISSION

    @property
    def row(self) -> Hazard:
        if not hasattr(self, "_row"):
            self._row: Hazard = get_or_404(hazards_visible_to(self.actor, self.school), pk=self.kwargs["hazard"])
        return self._row

    def back(self) -> str:
        return self.link("overview:assessment", assessment=self.row.assessment_id)

    def act(self, submission: Any) -> str:
        operations.remove_hazard(
            school=self.school, actor=self.actor, at=self.now, hazard=self.row, submission=submission
        )
        return "The hazard is taken out."


class CompleteAssessmentView(FormPage, AssessmentPage):
    """Complete it."""

    form_class = CompleteAssessmentForm
    title = "Complete the risk assessment"

    def cancel_url(self) -> str:
        return self.back()

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": str(self.row.title), "url": self.back()}]

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.complete_assessment(
            school=self.school, actor=self.actor, at=self.now, assessment=self.row, **form.cleaned_data
        )
        return self.done("It is complete and can be attached to a request.", self.back())
