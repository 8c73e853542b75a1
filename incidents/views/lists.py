"""The school's own lists: the types of report, and the kinds within each risk area (INC-03, INC-06)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage
from incidents import operations, queries
from incidents.enums import IncidentType, RiskArea
from incidents.forms.triage import ActForm, SubTypeForm, TypesForm
from incidents.models import SubType


class ListsPage(FormPage, abstract=True):
    """A list that the safeguarding team keeps."""

    permission = Permission.SET_INCIDENT_LISTS

    def cancel_url(self) -> str:
        return reverse("incidents:inbox", args=[self.school.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tabs = [
            ("types", "Types of report"), ("sub-types", "Kinds in risk areas"), ("help-list", "Whom pupils can tell"),
        ]  # fmt: skip
        return super().get_context_data(
            tabs=[
                {"label": label, "url": self.link(f"incidents:{name}"), "current": label == self.title}
                for name, label in tabs
            ],
            **kwargs,
        )


class TypesView(ListsPage):
    """Which types of report staff are offered."""

    form_class = TypesForm
    template_name = "incidents/types.html"
    title = "Types of report"

    def get_initial(self) -> dict[str, Any]:
        return {"types": list(queries.offered_types(self.school))}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.offer_types(
            school=self.school,
            actor=self.actor,
            at=self.now,
            types=[IncidentType(key) for key in form.cleaned_data["types"]],
            submission=form.cleaned_data["submission"],
        )
        return self.done("Saved. Staff are offered these from now on.", self.link("incidents:types"))


class SubTypesView(ListsPage):
    """The kinds within each risk area; POST adds one."""

    form_class = SubTypeForm
    template_name = "incidents/sub_types.html"
    title = "Kinds in risk areas"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = list(queries.sub_types_of(self.school, ended=True))
        areas = [
            {
                "label": area.label,
                "kinds": [kind for kind in kinds if kind.area == area and kind.ended_at is None],
                "ended": [kind for kind in kinds if kind.area == area and kind.ended_at is not None],
            }
            for area in RiskArea
        ]
        used = self.rules.risk_areas_used
        return super().get_context_data(areas=areas, has_kinds=bool(kinds), used=used, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        kind = operations.add_sub_type(
            school=self.school,
            actor=self.actor,
            at=self.now,
            area=RiskArea(form.cleaned_data["area"]),
            name=form.cleaned_data["name"],
            submission=form.cleaned_data["submission"],
        )
        return self.done(f"“{kind.name}” is on the list.", self.link("incidents:sub-types"))


class SeedSubTypesView(ListsPage):
    """The button that begins the list with the usual kinds."""

    http_method_names = ["post"]
    form_class = ActForm
    title = "Kinds in risk areas"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.seed_sub_types(
            school=self.school, actor=self.actor, at=self.now, submission=form.cleaned_data["submission"]
        )
        return self.done("The list begins with the usual kinds.", self.link("incidents:sub-types"))


class EndSubTypeView(ListsPage):
    """The button that takes a kind off the list."""

    http_method_names = ["post"]
    form_class = ActForm
    title = "Kinds in risk areas"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        kind: SubType = get_or_404(queries.sub_types_of(self.school, ended=True), pk=self.kwargs["sub_type"])
        operations.end_sub_type(
            school=self.school,
            actor=self.actor,
            at=self.now,
            sub_type=kind,
            submission=form.cleaned_data["submission"],
        )
        return self.done(
            f"“{kind.name}” is off the list. Records that have it keep it.", self.link("incidents:sub-types")
        )
