"""Loss and damage of devices that were with the school: the list, a report, and what came of it (DEV-23)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import for_school
from devices import operations
from devices.enums import LossKind
from devices.forms.office import EndLossForm, ReportLossForm
from devices.models import CustodyRecord, LossReport
from devices.queries import custody_visible_to, losses_visible_to
from devices.views.office import OfficeView
from devices.words import disclaimer

_A_PAGE = 40


class LossesView(OfficeView):
    """Every report, those still open first."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/losses.html"
    tab = "losses"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = Paginator(losses_visible_to(self.actor, self.school), _A_PAGE).get_page(request.GET.get("page"))
        return self.render(page_obj=page, reports=list(page), may_claim=self.may(Permission.RELEASE_DEVICE))


class ReportLossView(SchoolFormView, OfficeView):
    """Put loss or damage on record beside the stay it is about; the disclaimer of its day stands on the page."""

    permission = Permission.LOG_CUSTODY
    form_class = ReportLossForm
    template_name = "devices/report_loss.html"

    @property
    def stay(self) -> CustodyRecord:
        if not hasattr(self, "_stay"):
            self._stay: CustodyRecord = get_or_404(
                custody_visible_to(self.actor, self.school), pk=self.kwargs["custody"]
            )
        return self._stay

    def get_initial(self) -> dict[str, Any]:
        local = timezone.localtime(self.now)
        return {"on": local.date(), "time": local.time()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            stay=self.stay,
            disclaimer=disclaimer(for_school(self.school, on=self.stay.day)),
            back_url=self.url("device", self.stay.device_id),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ReportLossForm)
        operations.report_loss(school=self.school, actor=self.actor, at=self.now, custody=self.stay, **form.values())
        return self.done("The report is kept.", self.url("losses"))


class EndLossView(SchoolFormView, OfficeView):
    """Say what came of a report."""

    permission = Permission.LOG_CUSTODY
    form_class = EndLossForm
    template_name = "devices/end_loss.html"

    @property
    def report(self) -> LossReport:
        if not hasattr(self, "_report"):
            self._report: LossReport = get_or_404(losses_visible_to(self.actor, self.school), pk=self.kwargs["loss"])
        return self._report

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"may_be_found": self.report.kind != LossKind.DAMAGED}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(report=self.report, back_url=self.url("losses"), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        operations.end_loss(
            school=self.school,
            actor=self.actor,
            at=self.now,
            report=self.report,
            outcome=given["outcome"],
            found=given.get("found") == "yes",
            submission=given["submission"],
        )
        return self.done("The report is closed.", self.url("losses"))
