"""The school calendar: a month at a time, terms, odd days, the times of a day (ORG-17)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django.db.models import Model
from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people import operations, queries
from core.people.forms import DaysForm, TermForm, TimesForm
from core.people.models import Term
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, EditPage, FormPage, Page


class CalendarView(Page):
    """What each day of a month is, the terms, and the times in force."""

    permission = Permission.MANAGE_CALENDAR
    template_name = "people/calendar.html"
    title = "Calendar and times"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = self._month()
        kwargs |= {
            "month": first,
            "earlier": (first - timedelta(days=1)).strftime("%Y-%m"),
            "later": (first + timedelta(days=32)).strftime("%Y-%m"),
            "weeks": queries.month_of(self.school, first.year, first.month),
            "odd": [day for day in queries.odd_days_of(self.school, first) if day.date.replace(day=1) == first],
            "terms": list(queries.terms_of(self.school)),
            "times": queries.times_in_force(self.school, self.today),
            "own": queries.own_times(self.school),
            "to_come": list(queries.times_to_come(self.school, self.today)),
        }
        return super().get_context_data(**kwargs)

    def _month(self) -> date:
        """The month that the address names ("2026-11"), else this one."""
        try:
            asked = date.fromisoformat(f"{self.request.GET.get('month', '')}-01")
        except ValueError:
            return self.today.replace(day=1)
        return asked if 2000 <= asked.year <= 2099 else self.today.replace(day=1)


class _CalendarPage(Page, abstract=True):
    permission = Permission.MANAGE_CALENDAR

    def cancel_url(self) -> str:
        return self.link("people:calendar")

    def back(self) -> str:
        return self.link("people:calendar")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Calendar and times", "url": self.cancel_url()}]

    def get_term(self) -> Term:
        return get_or_404(queries.terms_of(self.school), pk=self.kwargs["term"])


class AddTermView(_CalendarPage, FormPage):
    """Add a run of school weeks."""

    form_class = TermForm
    title = "Add a term"
    submit_label = "Add the term"
    intro = "Weekdays inside a term are school days. Enter the weeks before and after a half-term holiday as two."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        given.pop("version")
        operations.save_term(school=self.school, actor=self.actor, at=self.now, **given)
        return self.done("The term is added.", self.cancel_url())


class EditTermView(_CalendarPage, EditPage):
    """Change a term's name or dates."""

    form_class = TermForm
    title = "Change a term"
    submit_label = "Save the term"

    def get_record(self) -> Model:
        return self.get_term()

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.save_term(
            school=self.school, actor=self.actor, at=self.now, term=self.get_term(), **form.cleaned_data
        )
        return self.done("The term is saved.", self.cancel_url())


class TakeOutTermView(_CalendarPage, ActPage):
    """Take a term out."""

    def act(self, submission: Any) -> str:
        operations.take_out_term(
            school=self.school, actor=self.actor, at=self.now, term=self.get_term(), submission=submission
        )
        return "The term is taken out."


class SetDaysView(_CalendarPage, FormPage):
    """Inset days, closures, holidays inside a term, and school on a day that would have none."""

    form_class = DaysForm
    title = "Days out of the ordinary"
    submit_label = "Save these days"
    intro = "Rules that count school days, and the desk's lists, follow this at once."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        kind = given.pop("kind")
        operations.set_days(
            school=self.school, actor=self.actor, at=self.now, kind="" if kind == "ordinary" else kind, **given
        )
        return self.done("The days are saved.", f"{self.cancel_url()}?month={given['first']:%Y-%m}")


class SetTimesView(_CalendarPage, FormPage):
    """The times from which every "end of day", "break" and cut-off is computed."""

    form_class = TimesForm
    title = "Times of the day"
    submit_label = "Save the times"
    intro = "What happened earlier keeps the times of its own day."

    def get_initial(self) -> dict[str, Any]:
        now = {row.key: row.usual for row in queries.times_in_force(self.school, self.today)}
        return now | {"effective_from": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        form = cast(TimesForm, form)
        given = form.cleaned_data
        operations.set_times(
            school=self.school,
            actor=self.actor,
            at=self.now,
            effective_from=given["effective_from"],
            weekday=given["weekday"],
            times=form.times(),
            submission=given["submission"],
        )
        return self.done("The times are saved.", self.cancel_url())
