"""What the school undertakes for a pupil: the part of the pupil's page, and the form (AGR-27)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from agreements.forms.promises import PromiseForm
from agreements.models import PupilPromise
from agreements.operations import promises
from agreements.queries.access_register import access_of
from agreements.queries.promises import promises_of, promises_to_offer
from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage, Page
from policies.queries import monitoring_acknowledged, readings_of_pupil


class PupilPage(Page, abstract=True):
    """What the pages about one pupil share."""

    permission = Permission.MANAGE_AGREEMENTS

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def back(self) -> str:
        return self.link("agreements:undertaken", pupil=self.pupil.pk)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.pupil.short_name, "url": self.link("people:pupil", pupil=self.pupil.pk)}]


class UndertakenView(PupilPage):
    """What a pupil has acknowledged, is let into and is promised; a page, and a part of the pupil's own."""

    permission = Permission.VIEW_PUPIL_DETAIL
    template_name = "agreements/conduct_pupil.html"
    title = "Acknowledged and promised"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(template="agreements/_conduct_pupil.html" if self.is_htmx else None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            pupil=self.pupil,
            readings=readings_of_pupil(self.pupil, self.today),
            monitoring=monitoring_acknowledged(self.pupil, self.today),
            access=access_of(self.school, self.today, pupil=self.pupil),
            promises=list(promises_of(self.pupil)),
            may_record=self.may(Permission.EDIT_PUPILS),
            may_grant=self.may(Permission.MANAGE_ACCESS),
            may_promise=self.may(Permission.MANAGE_AGREEMENTS),
            **kwargs,
        )


class PromiseView(FormPage, PupilPage):
    """Promise something to a pupil."""

    form_class = PromiseForm
    title = "Promise something"
    intro = "What the school undertakes for this {child}, from its own agreement or in its own words."

    def cancel_url(self) -> str:
        return self.back()

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.pupil  # a key from elsewhere is refused before the form is made
        return super().get_form_kwargs() | {"clauses": promises_to_offer(self.school, self.today)}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PromiseForm)
        promises.promise(school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.values())
        return self.done("It is on the page.", self.back())


class EndPromiseView(PupilPage, ActPage):
    """End one."""

    def act(self, submission: UUID | None) -> str:
        found: PupilPromise = get_or_404(promises_of(self.pupil), pk=self.kwargs["promise"])
        promises.end_promise(school=self.school, actor=self.actor, at=self.now, promised=found, submission=submission)
        return "It has ended."
