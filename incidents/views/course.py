"""Pages of what follows a report: sanctions, support plans and their reviews, advice."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from incidents import operations
from incidents.enums import AdviceState, PersonRole, PlanState, Track
from incidents.forms.course import (
    ActOnAdviceForm,
    AnswerAdviceForm,
    AskAdviceForm,
    BeginPlanForm,
    PlanForm,
    ReviewPlanForm,
    SanctionForm,
    WithdrawSanctionForm,
)
from incidents.leading import may_lead
from incidents.models import AdviceRecord, Incident, Sanction, SupportPlan
from incidents.queries.course import (
    advice_of,
    lines_of,
    may_exclude,
    may_seek_advice,
    open_plans,
    plans_of,
    pupils_for_sanction,
    pupils_in,
    readers_to_choose,
    repeats_of,
    reviews_of,
    sanctions_of,
)
from incidents.views.base import CaseFormPage
from incidents.views.leading import LeadFormPage


class SanctionView(CaseFormPage):
    """Record a sanction. For whoever leads on the record, and whoever decides one that excludes; where the pupil was
    harmed there is no such page (INC-10)."""

    template_name = "incidents/sanction.html"
    form_class = SanctionForm

    @cached_property
    def excluding(self) -> bool:
        return may_exclude(self.actor, self.school, self.rules)

    @cached_property
    def pupils(self) -> list[Pupil]:
        return pupils_for_sanction(self.case)

    def dispatch_case(self) -> Incident:
        """The record, for those who may decide about it."""
        if not (self.excluding or may_lead(self.actor, self.case)):
            raise Http404
        return self.case

    def get_form_kwargs(self) -> dict[str, Any]:
        case = self.dispatch_case()
        return super().get_form_kwargs() | {
            "pupils": self.pupils,
            "ladder": lines_of(self.rules, "sanction_ladder"),
            "staff": staff_of(self.school),
            "may_exclude": self.excluding,
            "at_level_one": case.level == 1,
            "is_low_level": case.track == Track.LOW_LEVEL,
        }

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            offered=bool(self.pupils), excluding=self.excluding,
            repeats=repeats_of(self.case, self.actor, self.rules, self.today),
            back_url=self.url("case-actions", self.case.pk), **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, SanctionForm)
        operations.record_sanction(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values()
        )
        return self.done("The sanction is recorded.", self.url("case-actions", self.case.pk))


class WithdrawSanctionView(LeadFormPage):
    """A sanction holds no more."""

    template_name = "incidents/withdraw_sanction.html"
    form_class = WithdrawSanctionForm

    @cached_property
    def sanction(self) -> Sanction:
        return get_or_404(sanctions_of(self.case), pk=self.kwargs["sanction"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sanction=self.sanction, back_url=self.actions_url, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.withdraw_sanction(
            school=self.school, actor=self.actor, at=self.now, sanction=self.sanction, **form.cleaned_data
        )
        return self.done("The sanction is withdrawn.", self.actions_url)


class PlanView(LeadFormPage):
    """Plan support for a pupil of the record."""

    template_name = "incidents/plan.html"
    form_class = PlanForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "pupils": pupils_in(self.case, *PersonRole), "people": readers_to_choose(self.case, self.today),
        }  # fmt: skip

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            offered=bool(pupils_in(self.case, *PersonRole)), back_url=self.actions_url, **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PlanForm)
        operations.make_plan(school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values())
        return self.done("The plan is saved.", self.actions_url)


class ReviewPlanView(CaseFormPage):
    """One plan: what it is, how it went, and the next review; a draft begins here. For leaders and its owner."""

    template_name = "incidents/review_plan.html"
    form_class = ReviewPlanForm

    @cached_property
    def plan(self) -> SupportPlan:
        plan = get_or_404(plans_of(self.case), pk=self.kwargs["plan"])
        if plan.owner_id != self.actor.pk and not may_lead(self.actor, self.case):
            raise Http404
        return plan

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = self.plan
        return super().get_context_data(
            plan=plan, reviews=reviews_of(plan), is_draft=plan.state == PlanState.DRAFTED,
            is_over=plan.state == PlanState.ENDED, begin_form=BeginPlanForm(auto_id=False),
            begin_url=self.url("begin-plan", self.case.pk, plan.pk), back_url=self.url("case-actions", self.case.pk),
            **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ReviewPlanForm)
        operations.review_plan(school=self.school, actor=self.actor, at=self.now, plan=self.plan, **form.values())
        return self.done("The review is saved.", self.url("review-plan", self.case.pk, self.plan.pk))


class BeginPlanView(LeadFormPage):
    """The button of a drafted plan."""

    http_method_names = ["post"]
    template_name = "incidents/begin_plan.html"
    form_class = BeginPlanForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.url("review-plan", self.case.pk, self.kwargs["plan"]), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        plan = get_or_404(plans_of(self.case), pk=self.kwargs["plan"])
        operations.begin_plan(school=self.school, actor=self.actor, at=self.now, plan=plan, **form.cleaned_data)
        return self.done("The plan has begun.", self.url("review-plan", self.case.pk, plan.pk))


class PlansView(SchoolView):
    """Every support plan that has not ended, of the records this person reads, the longest overdue first (INC-18)."""

    permission = Permission.VIEW_CASES
    template_name = "incidents/plans.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look_at_plans", self.school)
        rows = [
            {
                "plan": plan,
                "overdue": plan.review_on is not None and plan.review_on < self.today,
                "url": reverse("incidents:review-plan", args=[self.school.slug, plan.incident_id, plan.pk]),
            }
            for plan in open_plans(self.actor, self.school, self.today)
        ]
        return self.render(rows=rows, overdue=sum(row["overdue"] for row in rows))


class AdviceView(CaseFormPage):
    """Ask for advice on the record: for whoever the school's rules name (INC-25)."""

    template_name = "incidents/advice.html"
    form_class = AskAdviceForm

    def may_open(self, case: Incident) -> bool:
        return may_seek_advice(self.actor, self.school, self.rules)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"bodies": lines_of(self.rules, "advice_bodies")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.url("case-actions", self.case.pk), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AskAdviceForm)
        operations.ask_advice(school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values())
        return self.done("The question is saved.", self.url("case-actions", self.case.pk))


class AnswerAdviceView(CaseFormPage):
    """One question: its answer, and then what was done. For whoever asked, and whoever leads on the record."""

    template_name = "incidents/answer_advice.html"

    @cached_property
    def advice(self) -> AdviceRecord:
        advice = get_or_404(advice_of(self.case), pk=self.kwargs["advice"])
        if advice.asked_by_id != self.actor.pk and not may_lead(self.actor, self.case):
            raise Http404
        return advice

    def get_form(self) -> BaseForm:
        """The next thing to write down; a form that is sent is read as what it was."""
        sent = self.request.POST
        answers = "answer" in sent if sent else self.advice.state == AdviceState.ASKED
        form = AnswerAdviceForm if answers else ActOnAdviceForm
        return form(sent) if self.request.method == "POST" else form()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            advice=self.advice, is_over=self.advice.state == AdviceState.ACTED_ON,
            back_url=self.url("case-actions", self.case.pk), **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        act = operations.answer_advice if isinstance(form, AnswerAdviceForm) else operations.act_on_advice
        act(school=self.school, actor=self.actor, at=self.now, advice=self.advice, **form.cleaned_data)
        return self.done("It is saved.", self.url("case-actions", self.case.pk))
