"""Pages about signatures that are missing: the list by form and by who signs, and a call (AGR-08)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponseBase

from agreements.enums import Capacity
from agreements.forms.outstanding import CallForm, FilterMissingForm
from agreements.models import Signatory
from agreements.operations.outstanding import record_call
from agreements.queries.issued import PAGE
from agreements.queries.outstanding import missing_by_form, missing_visible_to, to_telephone
from core.kit.forms import BaseForm
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page


class OutstandingView(Page):
    """Whose signature is missing: a tutor sees the form, the office the school."""

    permission = Permission.VIEW_AGREEMENTS
    template_name = "agreements/outstanding.html"
    title = "Signatures that are missing"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Agreements", "url": self.link("agreements:overview")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = FilterMissingForm(self.request.GET, groups=forms_of(self.school))
        wanted = chosen.wanted()
        missing = missing_visible_to(self.actor, self.school, self.today)
        page = Paginator(missing.filter(wanted), PAGE).get_page(self.request.GET.get("page"))
        rows = list(page.object_list)
        calls = to_telephone(rows)
        return super().get_context_data(
            groups=missing_by_form(missing),
            rows=[{"signatory": row, "telephone": row.pk in calls} for row in rows],
            page_obj=page,
            query=chosen.query(),
            form=chosen,
            is_filtered=bool(wanted),
            may_manage=self.may(Permission.MANAGE_AGREEMENTS),
            **kwargs,
        )


class RecordCallView(FormPage):
    """Write down a telephone call to a parent or carer who has not answered."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = CallForm
    title = "Telephoned"
    intro = "A call signs nothing. It is kept with the agreement, so that nobody is called twice for the same."

    @property
    def signatory(self) -> Signatory:
        if not hasattr(self, "_signatory"):
            found = missing_visible_to(self.actor, self.school, self.today).filter(capacity=Capacity.PARENT)
            self._signatory: Signatory = get_or_404(found, pk=self.kwargs["signatory"])
        return self._signatory

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Signatures that are missing", "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("agreements:outstanding")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assert self.signatory  # answered meanwhile, or another school’s: nothing to see here
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        record_call(school=self.school, actor=self.actor, at=self.now, signatory=self.signatory, **form.cleaned_data)
        return self.done("The call is on record.", self.cancel_url())
