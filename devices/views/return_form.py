"""Give back a whole form (W3): what is still here of it, all ticked, the number counted out."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.models import FormGroup
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import for_school
from devices import operations
from devices.forms.whole_form import ReturnFormForm
from devices.models import CustodyRecord
from devices.queries import is_early, stays_of_form
from devices.views.desk import forget_tally


class ReturnFormView(SchoolFormView):
    """Hand a form's devices back to their pupils in one step (DEV-07, DEV-08)."""

    permission = Permission.LOG_CUSTODY
    on_desk = True
    template_name = "devices/return_form.html"
    form_class = ReturnFormForm

    @cached_property
    def group(self) -> FormGroup:
        return get_or_404(forms_of(self.school), pk=self.kwargs["form"])

    @cached_property
    def here(self) -> list[CustodyRecord]:
        return list(stays_of_form(self.school, self.group))

    @cached_property
    def early(self) -> str:
        """The end of the day, while it is still to come for one of those here."""
        days = {stay.day for stay in self.here} or {self.today}
        found = [is_early(self.school, for_school(self.school, on=day), self.now) for day in days]
        return next((end for end in found if end), "")

    @property
    def to_parents(self) -> bool:
        """Whether a rule gives one of those here to a parent or carer only."""
        days = {stay.day for stay in self.here}
        return any(for_school(self.school, on=day).ordinary_return == "end_of_day_parent" for day in days)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert self.group
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"here": [stay.pk for stay in self.here], "early": bool(self.early)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        sent = {key for key in form.data.getlist("custody") if key.isdecimal()} if form.is_bound else None
        rows = [(stay, sent is None or str(stay.pk) in sent) for stay in self.here]
        return context | {
            "group": self.group,
            "rows": rows,
            "ticked": sum(1 for _, ticked in rows if ticked),
            "early": self.early,
            "to_parents": self.to_parents,
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        done = operations.return_form(
            school=self.school, actor=self.actor, at=self.now, form=self.group, **form.cleaned_data
        )
        forget_tally(self.school, self.today)
        number = len(done.custody)
        return self.done(
            f"{self.group.name}: {number} given back.", reverse("devices:whole-form-list", args=[self.school.slug])
        )
