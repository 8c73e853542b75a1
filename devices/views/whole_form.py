"""A whole form at once (W2): the school's forms, one form's page, and the same typed in from paper."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import clock
from core.kit.times import day as day_in_words
from core.people.calendar import calendar_for
from core.people.models import FormGroup
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from core.rules.queries import for_school
from devices import operations
from devices.enums import Flag, FormAnswer
from devices.forms.whole_form import PAPER_DAYS, PaperDayForm, PaperForm, WholeFormForm
from devices.judgement import DeskTerms, desk_terms
from devices.models import Gate
from devices.queries import form_lines, forms_today, handin_decision, next_form
from devices.views.desk import forget_tally, gate_of


class ListFormsView(SchoolView):
    """The school's forms, how far each is today, and which one comes next."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/list_forms.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = forms_today(self.school, self.today)
        asked = request.GET.get("after", "")
        done = next((row for row in rows if str(row.form.pk) == asked and row.recorded_at), None)
        return self.render(rows=rows, done=done, next=next_form(rows, done.form.pk if done else None))


class WholeFormView(SchoolFormView):
    """One form: all In until somebody says otherwise, and the number counted in the box (DEV-04, DEV-10, DEV-12)."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/whole_form.html"
    form_class = WholeFormForm
    paper = False

    @cached_property
    def group(self) -> FormGroup:
        return get_or_404(forms_of(self.school), pk=self.kwargs["form"])

    @property
    def day(self) -> date:
        return self.today

    @property
    def terms(self) -> DeskTerms:
        return desk_terms(for_school(self.school, on=self.day))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert self.group
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert self.group
        return super().post(request, *args, **kwargs)

    def get_form(self) -> BaseForm:
        form = super().get_form()
        if self.terms.off_check == "none":
            del form.fields["switched_off"]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        sent = form.answers if form.is_bound else {}
        rows, totals = [], dict.fromkeys(FormAnswer.values, 0)
        for line in form_lines(self.school, self.group, self.day, self.now):
            answer = sent.get(line.pupil.pk, line.answer)
            if not line.settled:
                totals[answer if answer in totals else line.answer] += 1
            rows.append((line, [(value, label, value == answer) for value, label in FormAnswer.choices]))
        undecided = self.terms.needs_decision and not any(
            handin_decision(self.school, day) for day in {self.day, self.today}
        )
        return context | {
            "group": self.group,
            "rows": rows,
            "open_rows": sum(totals.values()),
            "totals": [(value, FormAnswer(value).label, number) for value, number in totals.items()],
            "undecided": undecided,
            "needs_off": self.terms.off_check == "required",
            "paper": self.paper,
            "day": self.day,
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        return self._record(form, at=self.now, gate=gate_of(self.request, self.school))

    def _record(self, form: BaseForm, *, at: datetime, gate: Gate | None = None, **more: Any) -> HttpResponseBase:
        data = form.cleaned_data
        operations.hand_in_form(
            school=self.school,
            actor=self.actor,
            at=at,
            form=self.group,
            answers=data["answers"],
            counted=data["counted"],
            switched_off=data.get("switched_off", False),
            gate=gate,
            submission=data["submission"],
            **more,
        )
        forget_tally(self.school, self.today)
        return HttpResponseRedirect(
            f"{reverse('devices:whole-form-list', args=[self.school.slug])}?after={self.group.pk}"
        )


class PaperFormView(WholeFormView):
    """The same, typed in afterwards from a paper register, with the day and the time that stand on it."""

    form_class = PaperForm
    paper = True

    @cached_property
    def asked(self) -> PaperDayForm:
        """The day that was asked for, or today."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        values = given if "day" in given else {"day": self.today.isoformat()}
        return PaperDayForm(values, calendar=calendar_for(self.school), today=self.today, auto_id="paper_%s")

    @property
    def day(self) -> date:
        return self.asked.cleaned_data["day"] if self.asked.is_valid() else self.today

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"calendar": calendar_for(self.school), "now": self.now}

    def get_initial(self) -> dict[str, Any]:
        return {"day": self.day}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"asked": self.asked, "paper_days": PAPER_DAYS}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        at = form.cleaned_data["at"]
        answer = self._record(form, at=at, recorded_at=self.now, extra_flags=[Flag.FROM_PAPER])
        if self.day != self.today:
            messages.success(self.request, f"{self.group.name} of {day_in_words(self.day)}, {clock(at)}, is recorded.")
        return answer
