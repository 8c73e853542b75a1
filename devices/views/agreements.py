"""The headteacher's agreement that a pupil brings a device, where the school's rule asks for one (DEV-03)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.access import holds
from core.people.models import Pupil
from core.people.queries import holders_of, pupils_on_roll
from core.people.roles import Role
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.forms.agreements import AgreeBringForm, EndBringForm
from devices.models import BringAgreement
from devices.queries import bring_agreements_visible_to, desk_devices, live_bring_agreement
from devices.views.devices import PupilsDevicesView


class HeadDecidesView(SchoolFormView, PupilsDevicesView, abstract=True):
    """A decision of the headteacher. Others see who decides; what they send is refused and written to the record."""

    def asked_for(self) -> bool:
        """Whether the school's rule asks for an agreement at all."""
        return bool(self.rules.pupil_bring_rule == "prior_agreement")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            asked_for=self.asked_for(),
            may_decide=holds(self.actor, self.school, Role.HEADTEACHER),
            heads=list(holders_of(self.school, Role.HEADTEACHER, on=self.today)),
            rules=self.rules,
            **kwargs,
        )


class AgreeBringView(HeadDecidesView):
    """Agree that a pupil brings a device, from a day to a day."""

    form_class = AgreeBringForm
    template_name = "devices/agree_bring.html"

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"devices": desk_devices(self.pupil)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            pupil=self.pupil,
            live=live_bring_agreement(self.pupil, self.today),
            back_url=self.url("pupil-panel", self.pupil.pk),
            breadcrumbs=self.crumbs(self.pupil, ("Agree to a device", "")),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.asked_for():
            return self.render(form=self.get_form(), status=422)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.agree_bring_device(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.cleaned_data
        )
        return self.done(
            "Agreed. The desk takes the device in without a warning.", self.url("pupil-panel", self.pupil.pk)
        )


class EndBringView(HeadDecidesView):
    """End an agreement today."""

    form_class = EndBringForm
    template_name = "devices/end_bring.html"

    @property
    def agreement(self) -> BringAgreement:
        if not hasattr(self, "_agreement"):
            found = bring_agreements_visible_to(self.actor, self.school)
            self._agreement: BringAgreement = get_or_404(found, pk=self.kwargs["bring"])
        return self._agreement

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        agreement = self.agreement
        pupil = agreement.approval.pupil
        assert pupil is not None
        return super().get_context_data(
            agreement=agreement,
            pupil=pupil,
            back_url=self.url("pupil-panel", agreement.approval.pupil_id),
            breadcrumbs=self.crumbs(pupil, ("End the agreement", "")),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        agreement = operations.end_bring_agreement(
            school=self.school,
            actor=self.actor,
            at=self.now,
            agreement=self.agreement,
            **form.cleaned_data,
        )
        return self.done(
            "Ended. From now on a hand-in without a new agreement is flagged.",
            self.url("pupil-panel", agreement.approval.pupil_id),
        )
