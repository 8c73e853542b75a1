"""Pages about school equipment used beyond the job: looked up by leaders, authorised by the head (SDV-08)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from agreements.forms.conduct import BecauseForm
from agreements.forms.equipment import AuthoriseEquipmentForm
from agreements.models import EquipmentUse
from agreements.operations import equipment
from agreements.queries.equipment import equipment_uses
from core.kit.forms import BaseForm
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page


class EquipmentView(Page):
    """Who may use which equipment beyond the job, and what is over."""

    permission = Permission.LEAD_CUSTODY
    template_name = "agreements/conduct_equipment.html"
    title = "School equipment beyond the job"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(equipment_uses(self.school))
        live = [row for row in rows if row.withdrawn_at is None and row.ends_on >= self.today]
        return super().get_context_data(
            live=live,
            over=[row for row in rows if row not in live],
            may_authorise=self.may(Permission.AUTHORISE_EQUIPMENT),
            **kwargs,
        )


class EquipmentFormPage(FormPage, abstract=True):
    """A form about equipment."""

    permission = Permission.AUTHORISE_EQUIPMENT

    def cancel_url(self) -> str:
        return self.link("agreements:equipment")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "School equipment beyond the job", "url": self.cancel_url()}]


class AuthoriseEquipmentView(EquipmentFormPage):
    """Authorise personal use, or use for another job."""

    form_class = AuthoriseEquipmentForm
    title = "Authorise use beyond the job"
    intro = "Your written word, for one person, within limits and between two days. Without it such use is misuse."

    def get_form_kwargs(self) -> dict[str, Any]:
        people = [person for person in staff_of(self.school) if person.pk != self.actor.pk]
        return super().get_form_kwargs() | {"people": people}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        equipment.authorise_equipment(
            school=self.school, actor=self.actor, at=self.now, user=given.pop("person"), **given
        )
        return self.done("It is authorised.", self.cancel_url())


class WithdrawEquipmentView(EquipmentFormPage):
    """Take an authorisation back."""

    form_class = BecauseForm
    title = "Take the authorisation back"
    submit_label = "Take it back"

    @property
    def use(self) -> EquipmentUse:
        found: EquipmentUse = get_or_404(equipment_uses(self.school), pk=self.kwargs["equipment_use"])
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        use = self.use
        kwargs["intro"] = f"{use.user.display_name}: {use.equipment}, {use.get_kind_display().lower()}."
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        equipment.withdraw_equipment(
            school=self.school, actor=self.actor, at=self.now, use=self.use, **form.cleaned_data
        )
        return self.done("It is taken back.", self.cancel_url())
