"""Deciding what is done about a record (W7)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.models import User
from core.people.views.base import get_or_404
from core.people.views.clash import VersionedFormView
from incidents import operations, queries
from incidents.enums import CaseState
from incidents.forms.deciding import DecideForm
from incidents.leading import may_lead
from incidents.models import Incident
from incidents.operations.deciding import is_decided_early
from incidents.queries.parents import parents_undecided
from incidents.views.leading import LeadPage
from incidents.views.panels import Panel

_MAY_BE_DECIDED = (
    CaseState.REPORTED, CaseState.TRIAGED, CaseState.IN_REVIEW, CaseState.ACTION, CaseState.AWAITING_OUTSIDE,
    CaseState.DEBRIEF,
)  # fmt: skip


class DecideView(LeadPage, VersionedFormView):
    """What is decided and why; where somebody else saved meanwhile both texts are shown, and neither is lost."""

    template_name = "incidents/case_decide.html"
    form_class = DecideForm

    def record(self) -> Incident:
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        return get_or_404(visible.select_related("changed_by", "decided_by"), pk=self.case.pk)

    def said(self, record: Any) -> dict[str, str]:
        return {"decision_reason": record.decision_reason}

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.case.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.record()
        return super().get_context_data(
            case=case,
            undecided=[
                {
                    "label": str(pupil.display_name),
                    "url": self.url("case-parents", case.pk, pupil.pk),
                    "word": "Parents: to decide",
                    "kind": "attention",
                }
                for pupil in parents_undecided(case)
            ],
            is_early=case.state in (CaseState.REPORTED, CaseState.TRIAGED),
            may_be_early=is_decided_early(case),
            clash_words="Save again to add yours; what is saved stays as it is.",
            back_url=self.actions_url,
            **kwargs,
        )

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.decide_case(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.cleaned_data
        )
        return self.done("The decision is recorded.", self.actions_url)


def decision_panel(case: Incident, user: User) -> Panel:
    """What was decided, by whom and when, and the way to decide."""
    leads = may_lead(user, case) and case.state in _MAY_BE_DECIDED
    url = reverse("incidents:decide", args=[case.school.slug, case.pk])
    label = "Add to the decision" if case.decided_at is not None else "Decide"
    by = case.decided_by.display_name if case.decided_by is not None else ""
    context = {
        "head": f"{moment(case.decided_at)}, by {by}" if case.decided_at is not None else "",
        "text": case.decision_reason,
    }
    links = [{"label": label, "url": url}] if leads else []
    return Panel("decision", "What is decided", "incidents/panels/decision.html", context, links)
