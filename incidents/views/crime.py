"""A suspected crime on a record’s page: the task for the police, by whom and by when, done or set aside (INC-33)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.access import has
from core.people.models import User
from core.people.roles import Permission
from core.people.views.base import get_or_404
from devices.queries.taken.evidence import live_hold_of
from incidents import operations
from incidents.access import ABOUT_STAFF
from incidents.enums import Route, TellState
from incidents.forms.crime import PoliceTaskForm, SuspectForm
from incidents.models import Incident, Notification
from incidents.operations.handling import is_of_the_team
from incidents.queries.crime import HANDOVER, due_words, handover_rule, tasks_of
from incidents.views.leading import LeadFormPage
from incidents.views.panels import Panel
from incidents.views.telling import KINDS, TellBodyView

_RULES = {
    "required_on_suspicion": "By your school’s rules the device goes to the police whenever a crime is suspected. "
    "It is set aside only if none is suspected after all.",
    "case_by_case": "By your school’s rules it is decided case by case whether the device goes to the police.",
}
_SILENT = "Your school’s rules do not say when a device goes to the police: you decide, and that you did is kept."


class _PolicePage(LeadFormPage, abstract=True):
    """For the team: not for whoever was given low-level behaviour, and not about staff."""

    @cached_property
    def case(self) -> Incident:
        found: Incident = LeadFormPage.case.func(self)  # type: ignore[attr-defined]
        if found.route in ABOUT_STAFF or not is_of_the_team(self.actor, found):
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(rule=_RULES.get(handover_rule(self.case), _SILENT), **kwargs)


class SuspectCrimeView(_PolicePage):
    """A crime or illegal material is suspected on a pupil’s device."""

    template_name = "incidents/suspect_crime.html"
    form_class = SuspectForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.actions_url, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        task = operations.suspect_crime(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.cleaned_data
        )
        return self.done("The task for the police is open.", self.url("crime-task", self.case.pk, task.pk))


class CrimeTaskView(_PolicePage, TellBodyView):
    """The police were told, or why not; where the device is here, the way to hand it over stands above."""

    template_name = "incidents/crime_task.html"
    form_class = PoliceTaskForm

    @cached_property
    def notification(self) -> Notification:
        return get_or_404(tasks_of(self.case), pk=self.kwargs["crime_task"])

    def back_url(self) -> str:
        return self.actions_url

    def answer_words(self, to: TellState) -> str:
        if to != TellState.NOT_RELEVANT:
            return super().answer_words(to)
        always = handover_rule(self.case) == "required_on_suspicion"
        return "No crime is suspected after all" if always else "They need not be told"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            handover_url=_handover_url(self.case, self.actor), due=due_words(self.notification), **kwargs
        )


def _handover_url(case: Incident, user: User) -> str:
    """The page of the desk that hands the device to the police, where it is held and this person may."""
    stay = case.custody
    if stay is None or live_hold_of(stay) is None or not has(user, Permission.LEAD_CUSTODY, case.school):
        return ""
    return reverse("devices:hand-to-police", args=[case.school.slug, stay.pk])


def crime_panel(case: Incident, user: User) -> Panel | None:
    """Whether a crime is suspected, and the task for the police; about staff it stands with the concern."""
    if case.route != Route.PUPIL:
        return None
    slug, tasks = case.school.slug, []
    rows, leads = list(tasks_of(case)), is_of_the_team(user, case)
    for row in rows:
        state = TellState(row.state)
        hint = due_words(row) if state == TellState.NEEDED else ""
        if state == TellState.NEEDED and row.owner is not None:
            hint = f"{hint} {row.owner.display_name}."
        if row.told_at is not None and row.told_by is not None:
            hint = f"{row.told_whom}, {moment(row.told_at)}, by {row.told_by.display_name}"
        url = reverse("incidents:crime-task", args=[slug, case.pk, row.pk]) if leads else ""
        tasks.append({"label": row.body, "url": url, "word": state.label, "kind": KINDS[state], "hint": hint})
    standing = any(row.body == HANDOVER and row.state != TellState.NOT_RELEVANT for row in rows)
    links = []
    if leads and case.is_open and not standing:
        url = reverse("incidents:suspect-crime", args=[slug, case.pk])
        links = [{"label": "A crime is suspected", "url": url}]
    if not rows and not links:
        return None
    text = "" if rows else "No crime is suspected."
    return Panel("crime", "The police", "incidents/panels/tasks.html", {"text": text, "tasks": tasks}, links)
