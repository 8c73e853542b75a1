"""Private questions to the designated adviser: one's own, and those to answer (STA-15)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from incidents import operations
from incidents.enums import AdviceState
from incidents.forms.staff_concerns import AnswerQuestionForm, QuestionForm
from incidents.models import AdviceRecord
from incidents.queries.staff_concerns import may_answer, questions_visible_to

_A_PAGE = 30


class PrivateQuestionsView(SchoolFormView):
    """Ask in private; what one asked, and what waits for one's answer."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/private_questions.html"
    form_class = QuestionForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = questions_visible_to(self.actor, self.school)
        page = Paginator(found, _A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page_obj=page, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.ask_privately(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done(
            "Sent. You are told when it is answered.", reverse("incidents:private-questions", args=[self.school.slug])
        )


class PrivateQuestionView(SchoolFormView):
    """One question with its answer; for everybody but these two it does not exist."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/private_question.html"
    form_class = AnswerQuestionForm

    @cached_property
    def question(self) -> AdviceRecord:
        found = get_or_404(questions_visible_to(self.actor, self.school), pk=self.kwargs["private_question"])
        found.school = self.school
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look_at_question", self.question)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        question = self.question
        waits = question.state == AdviceState.ASKED
        return super().get_context_data(
            question=question,
            answers=waits and may_answer(self.actor, question),
            waits=waits,
            back_url=reverse("incidents:private-questions", args=[self.school.slug]),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.answer_privately(
            school=self.school, actor=self.actor, at=self.now, question=self.question, **form.cleaned_data
        )
        return self.done("Your answer is sent.", self.request.path)
