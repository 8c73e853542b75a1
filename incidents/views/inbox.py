"""The inbox: what is new, whose each record is, what waits on others; several given to one owner (W5, INC-31)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import clock, moment, waited
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import holders_of, staff_of
from core.people.roles import DSL_ROLES, Permission, Role
from core.people.views.base import SchoolFormView
from incidents import operations, queries
from incidents.enums import CaseState
from incidents.forms.triage import AssignManyForm, FilterForm
from incidents.queries.inbox import SHOWS, Line
from incidents.routing import policies_offered

_MOST_PAGES = 10_000
KINDS = {
    CaseState.REPORTED: "attention", CaseState.REOPENED: "attention", CaseState.AWAITING_OUTSIDE: "waiting",
    CaseState.CLOSED: "neutral", CaseState.MERGED: "neutral",
}  # fmt: skip


def inbox_url(school: School) -> str:
    """The inbox of a school."""
    return reverse("incidents:inbox", args=[school.slug])


def owners_for(view: Any) -> tuple[list[User], list[User]]:
    """Whom a record can be given to: the team and the head, then everybody else who works here."""
    roles = (*DSL_ROLES, Role.HEADTEACHER, Role.HEAD_OF_SCHOOL)
    team = list(holders_of(view.school, *roles, on=view.today))
    keys = {user.pk for user in team}
    return team, [user for user in staff_of(view.school) if user.pk not in keys]


class InboxView(SchoolFormView):
    """The records of one list, by urgency and then age; POST gives those that are ticked to somebody."""

    permission = Permission.VIEW_CASES
    form_class = AssignManyForm
    template_name = "incidents/inbox.html"

    @property
    def show(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in SHOWS else "new" if self.leads else "mine"

    @property
    def leads(self) -> bool:
        return self.may(Permission.LEAD_CASES)

    def filter(self) -> FilterForm:
        if not hasattr(self, "_filter"):
            owners = queries.owners_of(self.actor, self.school, self.today)
            asked = self.request.GET or {"show": self.show}
            self._filter = FilterForm(asked, owners=owners, policies=policies_offered(self.school.preset))
            self._filter.is_valid()
        return self._filter

    def inbox(self) -> queries.Inbox:
        if not hasattr(self, "_inbox"):
            page = self.request.GET.get("page", "1")
            number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
            self._inbox = queries.inbox_of(
                self.actor,
                self.school,
                self.today,
                show=self.show,
                chosen=self.filter().cleaned_data,
                page=min(max(number, 1), _MOST_PAGES),
            )
        return self._inbox

    def get_form(self) -> BaseForm:
        data = {"data": self.request.POST} if self.request.method == "POST" else {}
        form = AssignManyForm(**data, auto_id="assign_%s", cases=[line.case.pk for line in self.inbox().lines])
        form.offer_owners(*owners_for(self)) if self.leads else form.offer_owners([], [])
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        inbox, chosen = self.inbox(), self.filter()
        ticked = set(self.request.POST.getlist("ticked"))
        return super().get_context_data(
            rows=[self._row(line, ticked) for line in inbox.lines],
            tabs=self._tabs(inbox.counts),
            filter_form=chosen,
            chosen=self._chips(chosen),
            clear_url=f"?show={self.show}",
            show=self.show,
            show_word=SHOWS[self.show],
            leads=self.leads,
            earlier_url=self._address(page=inbox.page + 1) if inbox.has_more else "",
            later_url=self._address(page=inbox.page - 1) if inbox.page > 1 else "",
            is_filtered=bool(chosen.chosen()),
            empty=self._empty() if not inbox.lines else "",
            tasks=self._tasks() if self.show in ("new", "mine") else [],
            **kwargs,
        )

    def _tabs(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": f"?show={key}", "current": key == self.show, "count": counts.get(key)}
            for key, label in SHOWS.items()
        ]

    def _tasks(self) -> list[dict[str, Any]]:
        """What a suspected crime asks of this person: the police, the LADO (INC-33, NOT-08)."""
        tasks = []
        for task in queries.tasks_waiting_for(self.actor, self.school, self.today):
            name, keys = queries.page_of(task)
            late = task.due_at is not None and london_day(task.due_at) < self.today
            tasks.append(
                {
                    "label": f"{task.incident.reference}: {task.body}",
                    "url": reverse(f"incidents:{name}", args=[self.school.slug, *keys]),
                    "hint": queries.due_words(task),
                    "kind": "attention",
                    "word": "Overdue" if late else "To do",
                }
            )
        return tasks

    def _address(self, **changed: Any) -> str:
        kept = {name: value for name, value in self.request.GET.items() if value and name != "page"}
        return "?" + urlencode({**kept, "show": self.show, **changed})

    def _chips(self, form: FilterForm) -> list[dict[str, str]]:
        """What narrows the list, each with the address of the list without it."""
        kept = {name: value for name, value in self.request.GET.items() if value and name != "page"}
        return [
            {"label": words, "remove_url": "?" + urlencode({key: kept[key] for key in kept if key != name})}
            for name, words in form.chosen().items()
        ]

    def _row(self, line: Line, ticked: set[str]) -> dict[str, Any]:
        case = line.case
        name = "acknowledge" if line.is_unacknowledged and self.leads else "case"
        if case.state == CaseState.REPORTED and name == "case" and (self.leads or case.owner_id == self.actor.pk):
            name = "triage"
        began = case.reported_at or case.created_at
        return {
            "line": line,
            "url": reverse(f"incidents:{name}", args=[self.school.slug, case.pk]),
            "waited": waited(began, self.now),
            "reported": moment(began, self.now),
            "kind": KINDS.get(CaseState(case.state), "info"),
            "is_late": bool(case.next_step_on and case.next_step_on < self.today and case.is_open),
            "is_ticked": str(case.pk) in ticked,
        }

    def _empty(self) -> str:
        """Nothing new is good news only with the time of the last one and of this look (SG-6)."""
        last = queries.last_reported(self.actor, self.school, self.today)
        return f"{queries.last_in_words(last, self.today)} Checked {clock(self.now)}."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AssignManyForm) and form.chosen_owner is not None
        ticked = set(form.cleaned_data["ticked"])
        cases = [line.case for line in self.inbox().lines if str(line.case.pk) in ticked]
        operations.assign_cases(
            school=self.school,
            actor=self.actor,
            at=self.now,
            incidents=cases,
            owner=form.chosen_owner,
            submission=form.cleaned_data["submission"],
        )
        said = "1 record was given" if len(cases) == 1 else f"{len(cases)} records were given"
        return self.done(f"{said} to {form.chosen_owner.display_name}.", f"{inbox_url(self.school)}?show={self.show}")
