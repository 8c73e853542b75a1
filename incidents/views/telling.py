"""Whom a serious record is told to: the mark, the list, and each on it (INC-23, INC-24, NOT-09)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.models import User
from core.people.views.base import get_or_404
from incidents import operations
from incidents.enums import TellState, Track
from incidents.forms.telling import AddBodyForm, NotSeriousForm, SeriousForm, TellBodyForm
from incidents.leading import may_lead
from incidents.models import Incident, Notification
from incidents.queries.telling import lists_are_silent, notifications_of
from incidents.views.leading import LeadFormPage, lead_links
from incidents.views.panels import Panel
from incidents.workflow import TELL_MOVES

_T = TellState
KINDS = {_T.NEEDED: "attention", _T.SENT: "waiting", _T.ACKNOWLEDGED: "ok", _T.NOT_RELEVANT: "neutral"}
_ANSWERS = {
    _T.SENT: "They were told",
    _T.ACKNOWLEDGED: "They have acknowledged it",
    _T.NOT_RELEVANT: "Not relevant",
    _T.NEEDED: "They are to be told after all",
}


class SeriousView(LeadFormPage):
    """The mark; once it stands, the list, and somebody else to tell."""

    template_name = "incidents/case_serious.html"

    def get_form_class(self) -> type[BaseForm]:
        return AddBodyForm if self.case.is_serious else SeriousForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            tasks=_tasks(self.case, True) if self.case.is_serious else [],
            silent=lists_are_silent(self.case),
            back_url=self.actions_url,
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given: dict[str, Any] = {"school": self.school, "actor": self.actor, "at": self.now, "incident": self.case}
        if isinstance(form, AddBodyForm):
            operations.add_body(**given, **form.cleaned_data)
            return self.done("They are on the list.", self.url("case-serious", self.case.pk))
        operations.set_serious(**given, **form.cleaned_data)
        return self.done("It is marked as serious. Here is whom to tell.", self.url("case-serious", self.case.pk))


class NotSeriousView(LeadFormPage):
    """It is not serious after all."""

    template_name = "incidents/case_not_serious.html"
    form_class = NotSeriousForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.url("case-serious", self.case.pk), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.set_serious(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, serious=False, **form.cleaned_data
        )
        return self.done("The mark is taken off.", self.actions_url)


class TellBodyView(LeadFormPage):
    """One on the list: told, acknowledged, not relevant with a reason, or to be told after all."""

    template_name = "incidents/case_tell_body.html"
    form_class = TellBodyForm

    @cached_property
    def notification(self) -> Notification:
        return get_or_404(notifications_of(self.case), pk=self.kwargs["notification"])

    def back_url(self) -> str:
        """The list it stands on."""
        return self.url("case-serious", self.case.pk)

    def answer_words(self, to: TellState) -> str:
        """One of the answers that are offered."""
        return _ANSWERS[to]

    def get_form_kwargs(self) -> dict[str, Any]:
        row = self.notification
        here = _T(row.state)
        answers = [
            (to.value, self.answer_words(to))
            for to in _ANSWERS
            if (here, to) in TELL_MOVES and not (row.must and to == _T.NOT_RELEVANT)
        ]
        return super().get_form_kwargs() | {"answers": answers}

    def get_initial(self) -> dict[str, Any]:
        return {"told_at": self.now}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            row=self.notification, kind=KINDS[_T(self.notification.state)],
            is_over=self.notification.state == _T.ACKNOWLEDGED,
            back_url=self.back_url(), **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        cleaned = form.cleaned_data
        given: dict[str, Any] = {
            "school": self.school, "actor": self.actor, "at": self.now, "notification": self.notification,
            "submission": cleaned["submission"],
        }  # fmt: skip
        answer = _T(cleaned["answer"])
        if answer == _T.SENT:
            names = ("told_whom", "told_at", "channel", "reference")
            operations.tell_body(**given, **{name: cleaned[name] for name in names})
        elif answer == _T.ACKNOWLEDGED:
            operations.body_acknowledged(**given, reference=cleaned["reference"])
        elif answer == _T.NOT_RELEVANT:
            operations.body_not_relevant(**given, reason=cleaned["reason"])
        else:
            operations.tell_after_all(**given)
        return self.done("Saved.", self.back_url())


def _tasks(case: Incident, leads: bool) -> list[dict[str, Any]]:
    """Each on the list with its state; who must be told says so."""
    slug, tasks = case.school.slug, []
    for row in notifications_of(case):
        state = _T(row.state)
        hint = "Must be told." if row.must else ""
        if state == _T.NEEDED and row.due_at is not None:
            hint = f"{hint} By {moment(row.due_at)}.".strip()
        if row.told_at is not None and row.told_by is not None:
            hint = f"{row.told_whom}, {moment(row.told_at)}, by {row.told_by.display_name}"
        url = reverse("incidents:tell-body", args=[slug, case.pk, row.pk]) if leads else ""
        tasks.append({"label": row.body, "url": url, "word": state.label, "kind": KINDS[state], "hint": hint})
    return tasks


def serious_panel(case: Incident, user: User) -> Panel | None:
    """Whether it is serious, and whom to tell."""
    if case.track == Track.LOW_LEVEL and not case.is_serious:
        return None
    leads = may_lead(user, case)
    text = "Marked as serious." if case.is_serious else "Not marked as serious."
    links = lead_links(
        case, user, ("The list of whom to tell" if case.is_serious else "Mark as serious", "case-serious")
    )
    tasks = _tasks(case, leads) if case.is_serious else []
    return Panel("serious", "Who is told", "incidents/panels/tasks.html", {"text": text, "tasks": tasks}, links)
