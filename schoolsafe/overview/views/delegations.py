"""Who decides in the head’s place, about what and until when (law AP-7)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.approvals import operations
from core.approvals.enums import Kind
from core.approvals.kinds import LEADERS
from core.approvals.models import Delegation
from core.approvals.queries import delegations_of
from core.kit.forms import BaseForm
from core.people.queries import holders_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage
from schoolsafe.overview.forms.approvals import DelegateForm


class DelegationsView(FormPage):
    """Every delegation, and a form for the next."""

    permission = Permission.DELEGATE
    template_name = "overview/delegations.html"
    form_class = DelegateForm
    title = "Who decides in your place"

    def cancel_url(self) -> str:
        return self.link("overview:approvals")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Permissions", "url": self.cancel_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        others = [one for one in holders_of(self.school, *LEADERS, on=self.today) if one.pk != self.actor.pk]
        return super().get_form_kwargs() | {"leaders": list({one.pk: one for one in others}.values())}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(rows=[self._line(row) for row in delegations_of(self.school)], **kwargs)

    def _line(self, row: Delegation) -> dict[str, Any]:
        over = row.ended_at is not None or row.ends_on < self.today
        word = "Ended" if over else "In force" if row.starts_on <= self.today else "To come"
        return {
            "row": row,
            "kinds": [str(Kind(one).label) for one in row.kinds],
            "tag": {"kind": "neutral" if over else "ok", "word": word},
            "end_url": "" if over else self.link("overview:end-delegation", delegation=row.pk),
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        key = given.pop("delegate")
        chosen = next(one for one in holders_of(self.school, *LEADERS, on=self.today) if one.pk == key)
        operations.delegate(
            school=self.school, actor=self.actor, at=self.now, to=chosen, url=self.link("overview:approvals"), **given
        )
        return self.done("They are told, and can decide between those days.", self.link("overview:delegations"))


class EndDelegationView(ActPage):
    """End one now."""

    permission = Permission.DELEGATE

    def back(self) -> str:
        return self.link("overview:delegations")

    def act(self, submission: Any) -> str:
        row = get_or_404(delegations_of(self.school), pk=self.kwargs["delegation"])
        operations.end_delegation(
            school=self.school, actor=self.actor, at=self.now, delegation=row, submission=submission
        )
        return "It has ended. What was decided by it stands."
