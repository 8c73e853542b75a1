"""Records about a system: onto the action plan in one step; and the network’s emergency blocks (INC-41, FIL-18)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.models import User
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolView
from incidents.enums import Route
from incidents.forms.systems import PutOnPlanForm
from incidents.models import ImageTask, Incident
from incidents.operations.systems import may_put_on_plan, put_on_plan
from incidents.queries.images import emergency_blocks
from incidents.queries.systems import on_the_plan
from incidents.views.panels import Panel
from incidents.views.triage import ActPage


def system_panel(case: Incident, user: User) -> Panel | None:
    """On a record about a system: where it stands on the action plan, or the way to put it there."""
    if case.route != Route.SYSTEM:
        return None
    item, links = on_the_plan(case), []
    if item is None and may_put_on_plan(user, case):
        url = reverse("incidents:put-on-plan", args=[case.school.slug, case.pk])
        links = [{"label": "Put it on the action plan", "url": url}]
    return Panel("system", "The system", "incidents/panels/system.html", {"item": item}, links=links)


class PutOnPlanView(ActPage):
    """What has to change about the system, and who sees to it; it stands on the action plan then (INC-41)."""

    form_class = PutOnPlanForm
    title = "Put it on the action plan"
    intro = "For what is about filtering, monitoring or equipment, and about nobody."

    def may_open(self, case: Incident) -> bool:
        return may_put_on_plan(self.actor, case)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PutOnPlanForm)
        put_on_plan(school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values())
        return self.done("It is on the action plan.", self.url("case-actions", self.case.pk))


class FilteringBlocksView(SchoolView):
    """Each time the network was blocked at once: when, by whom, when access came back; never because of what (FIL-18,
    IMG-08)."""

    permission = Permission.VIEW_FILTERING
    template_name = "incidents/filtering_blocks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        blocks = [self._row(block) for block in emergency_blocks(self.school)[:100]]
        return super().get_context_data(blocks=blocks, **kwargs)

    def _row(self, block: ImageTask) -> dict[str, Any]:
        return {
            "key": block.pk,
            "since": moment(block.done_at, self.now) if block.done_at is not None else "",
            "by": block.done_by.display_name if block.done_by is not None else "",
            "restored": moment(block.restored_at, self.now) if block.restored_at is not None else "",
        }
