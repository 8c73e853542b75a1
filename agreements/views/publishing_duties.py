"""Who takes and publishes images for the school, and so hears of every withdrawal at once (NOT-24)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from agreements.forms.consent import DutyForm
from agreements.operations import consent_telling
from agreements.operations.consent_refusals import DutyDatesWrong
from agreements.queries.consent_lists import duties_of
from agreements.views.consent import ImagesView
from core.kit.forms import BaseForm, SubmissionForm
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404


class DutiesView(SchoolFormView, ImagesView):
    """Name them, and see who is named."""

    permission = Permission.MANAGE_CONSENTS
    template_name = "agreements/consent_duties.html"
    form_class = DutyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": staff_of(self.school)}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        consent_telling.name_publishing_duty(
            school=self.school, actor=self.actor, at=self.now, **form.cleaned_data
        )  # fmt: skip
        return self.done("Named. They are told when a consent is withdrawn.", self.url("publishing-duties"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [
            {"duty": duty, "over": duty.ends_on is not None, "key": SubmissionForm()["submission"].value()}
            for duty in duties_of(self.school)
        ]
        return super().get_context_data(rows=rows, back_url=self.url("consents"), **kwargs)


class EndDutyView(ImagesView):
    """The button that ends a duty today."""

    permission = Permission.MANAGE_CONSENTS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        duty = get_or_404(duties_of(self.school), pk=self.kwargs["duty"])
        form = SubmissionForm(request.POST)
        try:
            consent_telling.end_publishing_duty(
                school=self.school, actor=self.actor, at=self.now, duty=duty,
                submission=form.cleaned_data["submission"] if form.is_valid() else None,
            )  # fmt: skip
        except DutyDatesWrong as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.url("publishing-duties"))
        return self.done("Ended. Today is the last day.", self.url("publishing-duties"))
