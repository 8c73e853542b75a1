"""Whether a pupil may decide for themselves: asked by staff, judged by the head, brought into effect (CON-03)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from agreements.enums import ConsentGround, OwnConsentState
from agreements.forms.consent import AskOwnConsentForm, DecideOwnConsentForm
from agreements.models import OwnConsentDecision
from agreements.operations import own_consent
from agreements.queries.consent_lists import own_decisions
from agreements.views.consent import ImagesOfPupilView, ImagesView
from core.kit.forms import BaseForm, SubmissionForm
from core.kit.refusals import Refusal
from core.people.access import NotPermitted
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import UNSPECIFIED


class ListOwnConsentsView(ImagesView):
    """Every question about a pupil's own consent: those that wait for the head first."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_own_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            decisions=list(own_decisions(self.school)[:200]),
            may_decide=self.may(Permission.DECIDE_OWN_CONSENT),
            parents_only=self.rules.image_consent_giver == "parent",
            **kwargs,
        )


class AskOwnConsentView(SchoolFormView, ImagesOfPupilView):
    """Ask the head to judge whether a pupil may decide for themselves (CON-03, CON-04)."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_own_ask.html"
    form_class = AskOwnConsentForm

    def form_valid(self, form: BaseForm) -> HttpResponse:
        own_consent.ask_own_consent(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.cleaned_data
        )
        return self.done("Asked. The headteacher was told.", self.back())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(parents_only=self.rules.image_consent_giver == "parent", **kwargs)


class _OwnDecision(ImagesView, abstract=True):
    @property
    def decision(self) -> OwnConsentDecision:
        if not hasattr(self, "_decision"):
            self._decision: OwnConsentDecision = get_or_404(own_decisions(self.school), pk=self.kwargs["own_decision"])
        return self._decision

    def back(self) -> str:
        return self.url("pupil-consents", self.decision.pupil_id)


class DecideOwnConsentView(SchoolFormView, _OwnDecision):
    """The head's judgement in one case: grounds, parents, reason; age alone is refused."""

    permission = Permission.DECIDE_OWN_CONSENT
    template_name = "agreements/consent_own_decide.html"
    form_class = DecideOwnConsentForm

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, DecideOwnConsentForm)
        own_consent.decide_own_consent(
            school=self.school, actor=self.actor, at=self.now, own_decision=self.decision, **form.values()
        )
        return self.done("The decision is recorded. The office brings it into effect.", self.back())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.decision
        return super().get_context_data(
            decision=row,
            pupil=row.pupil,
            waits=row.state == OwnConsentState.ASKED,
            weighed=[str(one.label) for one in ConsentGround if one in row.grounds],
            giver_open=self.rules.image_consent_giver == UNSPECIFIED,
            back_url=self.back(),
            **kwargs,
        )


class ApplyOwnConsentView(_OwnDecision):
    """The button that brings a decision into effect."""

    permission = Permission.MANAGE_CONSENTS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SubmissionForm(request.POST)
        try:
            own_consent.apply_own_consent(
                school=self.school, actor=self.actor, at=self.now, own_decision=self.decision,
                submission=form.cleaned_data["submission"] if form.is_valid() else None,
            )  # fmt: skip
        except NotPermitted:
            raise
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.back())
        return self.done("The decision is in effect.", self.back())
