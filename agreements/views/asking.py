"""Pages about which parents and carers are asked to sign: one more, or one no longer (law AG-5)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from agreements.enums import Capacity, SignatoryState
from agreements.forms.issued import AskAlsoForm, ReasonForm
from agreements.models import Signatory
from agreements.operations.asking import ask_also, stop_asking
from agreements.queries.issued import signatories_visible_to
from agreements.views.issued import OneAgreementForm
from core.kit.forms import BaseForm
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage


class AskAlsoView(OneAgreementForm):
    """Ask one more parent or carer, apart from the others (law AG-5)."""

    form_class = AskAlsoForm
    title = "Ask another parent or carer"
    intro = "Each is asked apart, and sees nothing of what another has said or where another lives."

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = {row.contact_id for row in self.agreement.signatories.all() if row.state != SignatoryState.NOT_ASKED}
        pupil = self.agreement.pupil_id or 0
        told = contacts_to_tell(self.school, [pupil]).get(pupil, [])
        return super().get_form_kwargs() | {"contacts": [one for one in told if one.pk not in asked]}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AskAlsoForm)
        ask_also(
            school=self.school, actor=self.actor, at=self.now, agreement=self.agreement,
            contact=form.contacts[form.cleaned_data["contact"]], submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("They are asked too.", self.cancel_url())


class StopAskingView(FormPage):
    """Do not ask one of the parents or carers any more."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = ReasonForm
    title = "Do not ask them any more"
    submit_label = "Do not ask them"
    intro = (
        "Nobody reminds them, and their link does not open this. What waited for them alone counts as signed by all. "
        "You can ask them again. A parent who has said no is not passed over: their answer stands."
    )

    @property
    def signatory(self) -> Signatory:
        if not hasattr(self, "_signatory"):
            found = signatories_visible_to(self.actor, self.school, self.today).filter(capacity=Capacity.PARENT)
            self._signatory: Signatory = get_or_404(found, pk=self.kwargs["signatory"])
        return self._signatory

    def get_title(self) -> str:
        return f"Do not ask {self.signatory.name} any more"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.signatory.agreement.reference, "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("agreements:agreement", agreement=self.signatory.agreement_id)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        stop_asking(
            school=self.school, actor=self.actor, at=self.now, signatory=self.signatory, reason=given["reason"],
            submission=given["submission"],
        )  # fmt: skip
        return self.done("They are not asked any more.", self.cancel_url())
