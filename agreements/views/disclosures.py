"""Pages about requests to disclose a password (SDV-11): no page shows or takes one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase

from agreements.enums import DisclosureState
from agreements.forms.disclosures import AskDisclosureForm, DecideDisclosureForm
from agreements.models import PasswordDisclosure
from agreements.operations import disclosures
from agreements.queries.disclosures import deciders_for, disclosures_visible_to
from core.kit.forms import BaseForm
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage, Page

_S = DisclosureState


class DisclosuresView(Page):
    """Every request, for the head and the systems manager."""

    permission = Permission.ASK_DISCLOSURE
    template_name = "agreements/conduct_disclosures.html"
    title = "Requests for passwords"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(rows=list(disclosures_visible_to(self.actor, self.school)), **kwargs)


class AskDisclosureView(FormPage):
    """Ask that somebody disclose a password or open a system."""

    permission = Permission.ASK_DISCLOSURE
    form_class = AskDisclosureForm
    title = "Ask for a password"
    intro = "The person is told, and the other of head and systems manager decides. The password is never written down."

    def cancel_url(self) -> str:
        return self.link("agreements:disclosures")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Requests for passwords", "url": self.cancel_url()}]

    def get_form_kwargs(self) -> dict[str, Any]:
        people = [person for person in staff_of(self.school) if person.pk != self.actor.pk]
        return super().get_form_kwargs() | {"people": people}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        row = disclosures.ask_disclosure(
            school=self.school, actor=self.actor, at=self.now, holder=given.pop("person"), **given
        )
        return self.done(
            "The request is recorded, and they are told.", self.link("agreements:disclosure", disclosure=row.pk)
        )


class DisclosurePage(Page, abstract=True):
    """What the pages about one request share."""

    permission = Permission.SIGN_OWN

    @property
    def row(self) -> PasswordDisclosure:
        if not hasattr(self, "_row"):
            self._row: PasswordDisclosure = get_or_404(
                disclosures_visible_to(self.actor, self.school), pk=self.kwargs["disclosure"]
            )
        return self._row

    def back(self) -> str:
        return self.link("agreements:disclosure", disclosure=self.row.pk)


class DisclosureView(DisclosurePage):
    """One request, for its holder, the head and the systems manager."""

    template_name = "agreements/conduct_disclosure.html"
    title = "Request for a password"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        is_holder, may_ask = row.holder_id == self.actor.pk, self.may(Permission.ASK_DISCLOSURE)
        return super().get_context_data(
            row=row,
            is_overdue=row.state == _S.DISCLOSED and row.reset_by < self.today,
            may_decide=row.state == _S.REQUESTED and self.actor.pk in {one.pk for one in deciders_for(row)} and may_ask,
            may_disclose=row.state == _S.ALLOWED and is_holder,
            may_reset=row.state == _S.DISCLOSED and (is_holder or may_ask),
            **kwargs,
        )


class DecideDisclosureView(FormPage, DisclosurePage):
    """Allow a request or refuse it."""

    permission = Permission.ASK_DISCLOSURE
    form_class = DecideDisclosureForm
    title = "Decide about the request"

    def cancel_url(self) -> str:
        return self.back()

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Request for a password", "url": self.back()}]

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        disclosures.decide_disclosure(
            school=self.school, actor=self.actor, at=self.now, disclosure=self.row, **form.cleaned_data
        )
        return self.done("The decision is recorded, and they are told.", self.back())


class ConfirmDisclosedView(DisclosurePage, ActPage):
    """The holder confirms that they disclosed it."""

    def act(self, submission: UUID | None) -> str:
        disclosures.confirm_disclosed(
            school=self.school, actor=self.actor, at=self.now, disclosure=self.row, submission=submission
        )
        return "Recorded. Now it has to be reset."


class ConfirmResetView(DisclosurePage, ActPage):
    """Somebody confirms that it was reset."""

    def act(self, submission: UUID | None) -> str:
        disclosures.confirm_reset(
            school=self.school, actor=self.actor, at=self.now, disclosure=self.row, submission=submission
        )
        return "Recorded. The request is finished."
