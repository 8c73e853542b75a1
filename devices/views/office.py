"""What the office's pages share: finding the pupil that something is about, and the tabs between the lists."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import Search, find_pupils
from core.people.roles import Permission
from devices.forms.office import FindPupilForm
from devices.views.base import DevicesView

_TABS = (
    ("messages", "Messages", Permission.VIEW_PUPIL_DETAIL),
    ("calls", "Calls home", Permission.LOG_CUSTODY),
    ("losses", "Loss and damage", Permission.LOG_CUSTODY),
)


class OfficeView(DevicesView, abstract=True):
    """A page of the office."""

    tab: ClassVar[str] = ""

    def crumbs(self, *trail: tuple[str, str]) -> list[dict[str, str]]:
        return [{"label": label, "url": url} for label, url in trail]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.tab:
            kwargs["tabs"] = [
                {"label": label, "url": self.url(name), "current": name == self.tab}
                for name, label, permission in _TABS
                if self.may(permission)
            ]
        return super().get_context_data(**kwargs)


class FindThenView(OfficeView, abstract=True):
    """A page with a box for a pupil. One that fits leads on at once; several are shown to choose from.

    The name travels in the body of a POST; what it leads to is named by its key.
    """

    leads_to: ClassVar[str]
    find_permission: ClassVar[Permission | None] = None

    def get_find_form(self) -> BaseForm:
        return FindPupilForm(self.request.POST if self.request.method == "POST" else None)

    def asked(self, form: BaseForm) -> dict[str, str]:
        """What goes along in the address: keys, never a name."""
        return {}

    def lead(self, pupil: Pupil, asked: dict[str, str]) -> str:
        found = self.url(self.leads_to, pupil.pk)
        return f"{found}?{urlencode(asked)}" if asked else found

    def page_context(self) -> dict[str, Any]:
        """What the page shows beside the box."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=self.get_find_form(), **self.page_context())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_find_form()
        if not form.is_valid():
            return self.render(form=form, status=422, **self.page_context())
        found: Search = find_pupils(self.school, form.cleaned_data["query"], limit=10, on=self.today)
        asked = self.asked(form)
        if len(found.pupils) == 1 and not found.near:
            return HttpResponseRedirect(self.lead(found.pupils[0], asked))
        results = [
            {
                "url": self.lead(pupil, asked),
                "name": pupil.display_name,
                "detail": pupil.form.name if pupil.form is not None else pupil.year_name,
            }
            for pupil in found.pupils
        ]
        return self.render(
            form=form,
            results=results,
            near=found.near,
            more=found.more,
            searched=True,
            status=200 if results else 422,
            **self.page_context(),
        )
