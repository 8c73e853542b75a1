"""Whom pupils can tell: the poster for the classroom screen and the wall, and the list that the school keeps for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.queries import safeguarding_team
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from incidents import image_guidance
from incidents.enums import HelpKind
from incidents.forms.triage import ActForm
from incidents.forms.whom_to_tell import HelpForm
from incidents.models import HelpEntry
from incidents.operations.whom_to_tell import add_help, begin_help, end_help
from incidents.queries.whom_to_tell import help_entries_of, help_shown
from incidents.views.lists import ListsPage
from incidents.whom_to_tell import HOW
from policies.queries import complaints_link


class WhomToTellView(SchoolView):
    """The poster: whom to tell and how, inside and outside school, by name and role and without a picture (COM-05).

    A member of staff opens it on the classroom screen, and prints it: pupils do not sign in here.
    """

    permission = Permission.TELL_DSL
    template_name = "incidents/whom_to_tell.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        team: dict[int, dict[str, str]] = {}
        for user, role, _phase in safeguarding_team(self.school):
            team.setdefault(user.pk, {"name": user.display_name, "role": role.label})
        shown = help_shown(self.school)
        return super().get_context_data(
            team=list(team.values()),
            adults=[one for one in shown if one.kind == HelpKind.ADULT],
            places=[one for one in shown if one.kind == HelpKind.PLACE],
            services=[one for one in shown if one.kind == HelpKind.SERVICE],
            how=HOW,
            on_pictures=image_guidance.FOR_PUPILS,
            complaints=complaints_link(self.school),
            back_url=reverse("overview:home", args=[self.school.slug]),
            change_url=self._change_url(),
            **kwargs,
        )

    def _change_url(self) -> str:
        may = self.may(Permission.SET_INCIDENT_LISTS)
        return reverse("incidents:help-list", args=[self.school.slug]) if may else ""


class HelpListView(ListsPage):
    """What stands on the poster beside the safeguarding team; POST adds an entry."""

    form_class = HelpForm
    template_name = "incidents/help_list.html"
    title = "Whom pupils can tell"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = list(help_entries_of(self.school))
        shown = own or help_shown(self.school)
        kinds = [{"label": kind.label, "entries": [one for one in shown if one.kind == kind]} for kind in HelpKind]
        return super().get_context_data(kinds=kinds, is_own=bool(own) or not shown, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        entry = add_help(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done(f"“{entry.name}” is on the poster.", self.link("incidents:help-list"))


class BeginHelpView(ListsPage):
    """The button that makes the usual entries the school’s own."""

    http_method_names = ["post"]
    form_class = ActForm
    title = "Whom pupils can tell"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        begin_help(school=self.school, actor=self.actor, at=self.now, submission=form.cleaned_data["submission"])
        return self.done("Each entry can be taken off now.", self.link("incidents:help-list"))


class EndHelpView(ListsPage):
    """The button that takes an entry off the poster."""

    http_method_names = ["post"]
    form_class = ActForm
    title = "Whom pupils can tell"

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        entry: HelpEntry = get_or_404(help_entries_of(self.school, ended=True), pk=self.kwargs["help_entry"])
        end_help(
            school=self.school, actor=self.actor, at=self.now, entry=entry, submission=form.cleaned_data["submission"]
        )
        return self.done(f"“{entry.name}” is off the poster.", self.link("incidents:help-list"))
