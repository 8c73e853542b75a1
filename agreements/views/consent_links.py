"""The form about images, sent to parents by a link (CON-01)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from agreements.forms.consent_links import SendConsentForm
from agreements.operations.consent_links import send_consent_form
from agreements.queries.consent_links import reached_by_email
from agreements.views.consent import ImagesOfPupilView
from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView


class SendConsentFormView(SchoolFormView, ImagesOfPupilView):
    """Which adults are asked by email; each answers apart, without an account."""

    permission = Permission.MANAGE_CONSENTS
    template_name = "agreements/consent_send.html"
    form_class = SendConsentForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"adults": reached_by_email(self.pupil, self.today)}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, SendConsentForm)
        without = send_consent_form(school=self.school, actor=self.actor, at=self.now, **form.values())
        if without:
            return self.done("Not all could be written to: look at their contacts.", self.back())
        return self.done("The form is sent. The link holds for 14 days; an older one stops working.", self.back())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(reached=bool(reached_by_email(self.pupil, self.today)), **kwargs)
