"""The DSL's question: contacts who came with a court-order note (ORG-13)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.roll import operations, queries
from core.roll.enums import ProposalAnswer
from core.roll.forms import AnswerForm, AnswerTarget
from core.roll.views.base import SHOWN, RollView


class ConfirmDoNotInformView(SchoolFormView, RollView):
    """The DSL's page: contacts who came with a court-order note, one decision each (ORG-13)."""

    permission = Permission.SET_DO_NOT_INFORM
    form_class = AnswerForm
    template_name = "roll/confirm_do_not_inform.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if queries.open_proposals(self.school).exists():
            self.note_view("roll.view_do_not_inform", self.school)
        return self.render()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refused: AnswerForm | None = kwargs.pop("form", None)
        failed = str(refused["proposal"].value()) if refused is not None else ""
        rows = []
        for proposal in queries.open_proposals(self.school):
            key = f"p{proposal.pk}"
            form = refused if refused is not None and failed == str(proposal.pk) else None
            form = form or AnswerForm(initial={"proposal": proposal.pk}, auto_id=f"{key}_%s")
            rows.append({"proposal": proposal, "form": form})
        kwargs.update(rows=rows, form=refused, answered=list(queries.answered_proposals(self.school)[:SHOWN]))
        return super().get_context_data(**kwargs)

    def get_form(self) -> BaseForm:
        target = AnswerTarget(self.request.POST)
        if not target.is_valid():
            return AnswerForm(self.request.POST)
        self.proposal = get_or_404(queries.all_proposals(self.school), pk=target.cleaned_data["proposal"])
        return AnswerForm(self.request.POST, auto_id=f"p{self.proposal.pk}_%s")

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.answer_proposal(
            school=self.school,
            actor=self.actor,
            at=self.now,
            proposal=self.proposal,
            answer=ProposalAnswer(form.cleaned_data["answer"]),
            reason=form.cleaned_data["reason"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("The decision is saved.", self.url("confirm-do-not-inform"))
