"""The level of need of a record, and what led to it (INC-12)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.access import has
from core.people.models import User
from core.people.roles import Permission
from incidents import operations
from incidents.forms.levels import LevelForm
from incidents.models import Incident
from incidents.operations.levels import UnableToSetLevel, need_parents_and_area
from incidents.queries.levels import Scale, assessments_of, referral_task, scale_of
from incidents.views.leading import LeadFormPage, lead_links
from incidents.views.panels import Panel

_NONE = Scale(4, "")  # the page says that there are no levels; a form sent all the same is refused in words


class LevelView(LeadFormPage):
    """Set the level, or change it; each one that stood stays to be read."""

    permission = Permission.SET_LEVEL
    template_name = "incidents/case_level.html"
    form_class = LevelForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"scale": scale_of(self.case) or _NONE}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            scale=scale_of(self.case),
            history=assessments_of(self.case),
            first=self._first(),
            back_url=self.actions_url,
            **kwargs,
        )

    def _first(self) -> str:
        """What has to come before the level, in the sentence that would refuse it."""
        if scale_of(self.case) is None:
            return ""
        try:
            need_parents_and_area(self.case)
        except UnableToSetLevel as refusal:
            return refusal.message
        return ""

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        row = operations.set_level(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.cleaned_data
        )
        return self.done(f"It is at level {row.level} now.", self.actions_url)


def level_panel(case: Incident, user: User) -> Panel | None:
    """The level, by which tool, and the referral that it asks for."""
    scale = scale_of(case)
    if scale is None:
        return None
    newest, task = assessments_of(case).first(), referral_task(case)
    tasks = []
    if task is not None and not task.is_settled:
        due = "at once" if task.level == 4 else f"by {moment(task.due_at)}"
        tasks.append({"label": f"Referral at level {task.level}", "word": "Due", "kind": "attention", "hint": due})
    text = "No level is set."
    if newest is not None:
        text = f"Level {newest.level}, {newest.tool}, {moment(newest.at)}, by {newest.by.display_name}."
    links = []
    if has(user, Permission.SET_LEVEL, case.school):
        links = lead_links(case, user, ("Change the level" if newest else "Set the level", "case-level"))
    return Panel("level", "Level of need", "incidents/panels/tasks.html", {"text": text, "tasks": tasks}, links)
