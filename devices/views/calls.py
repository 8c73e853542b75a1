"""Calls home on a school phone: the day's list, and writing one down (DEV-26)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone

from core.kit.forms import BaseForm
from core.kit.times import day as day_in_words
from core.people.models import Pupil
from core.people.queries import contacts_of, pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import DialledBy
from devices.forms.office import DayFilterForm, LogCallForm
from devices.queries import calls_on
from devices.views.office import FindThenView, OfficeView

# What the rule `school_phone` expects, in words, and who is taken to have dialled (DEV-26).
_EXPECTED = {
    "pupil_dials": ("Your school’s rule: the {child} may use a school phone.", DialledBy.PUPIL),
    "adult_usually_dials": ("Your school’s rule: an adult usually rings for the {child}.", DialledBy.ADULT),
    "via_staff": ("Your school’s rule: the {child} asks a member of staff for a school phone.", DialledBy.PUPIL),
}


class CallsView(FindThenView):
    """The calls of a day, and the box for whoever rings next."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/calls.html"
    leads_to = "log-call"
    tab = "calls"

    def page_context(self) -> dict[str, Any]:
        filters = DayFilterForm(self.request.GET or None)
        chosen = filters.cleaned_data.get("day") if filters.is_bound and filters.is_valid() else None
        on = chosen or self.today
        return {
            "calls": list(calls_on(self.school, on)),
            "on": on,
            "filter_form": filters if filters.is_bound else DayFilterForm(initial={"day": on}),
            "chosen": [{"label": day_in_words(on), "remove_url": self.request.path}] if chosen else [],
        }


class AboutPupilView(SchoolFormView, OfficeView, abstract=True):
    """A form about one pupil and an adult who is reached, or who rang."""

    permission = Permission.LOG_CUSTODY

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get_form_kwargs(self) -> dict[str, Any]:
        """Contacts are offered to whoever may see them; others enter a name."""
        sees = self.may(Permission.VIEW_CONTACTS)
        return super().get_form_kwargs() | {"contacts": list(contacts_of(self.pupil)) if sees else []}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(pupil=self.pupil, back_url=self.url(self.tab), **kwargs)


class LogCallView(AboutPupilView):
    """Write down that a pupil rang home. No number is asked for."""

    form_class = LogCallForm
    template_name = "devices/log_call.html"
    tab = "calls"

    def get_form_kwargs(self) -> dict[str, Any]:
        words, _ = self._expected()
        return super().get_form_kwargs() | {"dialled_help": words}

    def get_initial(self) -> dict[str, Any]:
        local = timezone.localtime(self.now)
        _, dialled_by = self._expected()
        return {"on": local.date(), "time": local.time(), "dialled_by": dialled_by, "answered": "yes"}

    def _expected(self) -> tuple[str, str]:
        words, by = _EXPECTED.get(self.rules.school_phone, ("", ""))
        return words.replace("{child}", self.child), str(by)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LogCallForm)
        operations.log_call(school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.values())
        return self.done("The call is logged.", self.url("calls"))
