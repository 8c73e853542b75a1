"""Telling parents of a record: the decision about each pupil (INC-19, NOT-10)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.models import User
from core.rules.words import settings_in, words_for
from devices.queries.taken.parents import adults_to_tell
from incidents import operations
from incidents.enums import ParentsDecision
from incidents.forms.parents import ParentsForm
from incidents.leading import may_lead
from incidents.models import Incident
from incidents.queries.parents import ParentsRow, parents_of, rules_of
from incidents.views.leading import LeadFormPage
from incidents.views.panels import Panel

_KINDS = {ParentsDecision.TOLD: "ok", ParentsDecision.NOT_YET: "waiting", ParentsDecision.WITHHELD: "stop"}


class ParentsView(LeadFormPage):
    """Whether a pupil's parents are told: by whom, when, how and what, or why not."""

    template_name = "incidents/case_parents.html"
    form_class = ParentsForm

    @property
    def row(self) -> ParentsRow:
        if not hasattr(self, "_row"):
            found = [row for row in parents_of(self.case, self.actor) if row.pupil.pk == self.kwargs["pupil"]]
            if not found:
                raise Http404
            self._row = found[0]
        return self._row

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"contacts": adults_to_tell(self.school, self.row.pupil)}

    def get_initial(self) -> dict[str, Any]:
        return {"told_at": self.now}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        setting = settings_in(words_for(self.rules))["parents_informed"]
        rule = rules_of(self.case).parents_informed
        return super().get_context_data(
            row=self.row,
            rule=setting.values.get(rule, "Your school’s rules do not say. You decide, and the decision is kept."),
            back_url=self.actions_url,
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ParentsForm)
        row = operations.decide_parents(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, pupil=self.row.pupil,
            **form.values(),
        )  # fmt: skip
        said = {
            ParentsDecision.TOLD: "It is recorded that a parent was told.",
            ParentsDecision.NOT_YET: "A parent is not told yet.",
            ParentsDecision.WITHHELD: "Nothing of this goes to a parent, by any way.",
        }
        return self.done(said[ParentsDecision(row.decision)], self.actions_url)


def parents_panel(case: Incident, user: User) -> Panel | None:
    """Each pupil with what was decided about their parents; what is due the same day says so (NOT-10)."""
    leads = may_lead(user, case)
    tasks = [_task(case, row, leads) for row in parents_of(case, user)]
    if not tasks:
        return None
    return Panel("parents", "Parents and carers", "incidents/panels/tasks.html", {"tasks": tasks})


def _task(case: Incident, row: ParentsRow, leads: bool) -> dict[str, Any]:
    url = reverse("incidents:case-parents", args=[case.school.slug, case.pk, row.pupil.pk]) if leads else ""
    task = {"label": str(row.pupil.display_name), "url": url}
    if row.stands is not None:
        decision = ParentsDecision(row.stands.decision)
        hint = f"{moment(row.stands.told_at or row.stands.at)}, by {row.stands.by.display_name}"
        return task | {"word": decision.label, "kind": _KINDS[decision], "hint": hint}
    if row.is_decided:
        return task | {"word": "Settled at the desk", "kind": "ok", "hint": "Told, or decided, with the device."}
    due = f"Due by {moment(row.due_at)}, before the risk area and the level." if row.due_at else ""
    return task | {"word": "To decide", "kind": "attention", "hint": due}
