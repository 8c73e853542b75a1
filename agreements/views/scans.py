"""Pages about scans of what was signed on paper: adding one, opening one (AGR-07)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from agreements.enums import SignMode
from agreements.forms.scans import ScanForm
from agreements.models import Signatory
from agreements.operations.scans import keep_scan
from agreements.queries.issued import signatories_visible_to
from agreements.queries.papers import scans_visible_to
from agreements.views.papers import pdf_response
from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from core.people.views.pages import FormPage


class AddScanView(FormPage):
    """Keep the sheet that somebody signed; what is sent is drawn anew, and the file itself is not kept."""

    permission = Permission.MANAGE_AGREEMENTS
    takes_files: ClassVar[bool] = True
    form_class = ScanForm
    title = "Keep the scan of what was signed"
    intro = (
        "Only the signed sheets. Never add a picture of a {child}; if one was sent to you, do not open or forward it: "
        "tell the DSL now."
    )

    @property
    def signatory(self) -> Signatory:
        if not hasattr(self, "_signatory"):
            visible = signatories_visible_to(self.actor, self.school, self.today)
            on_paper = visible.filter(signatures__mode=SignMode.PAPER).distinct()
            self._signatory: Signatory = get_or_404(on_paper, pk=self.kwargs["signatory"])
        return self._signatory

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.signatory.agreement.reference, "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("agreements:agreement", agreement=self.signatory.agreement_id)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        keep_scan(
            school=self.school,
            actor=self.actor,
            at=self.now,
            signatory=self.signatory,
            scan=given["file"],
            submission=given["submission"],
        )
        return self.done("The scan is kept with the agreement.", self.documents_url())

    def documents_url(self) -> str:
        return self.link("agreements:documents", agreement=self.signatory.agreement_id)


class DownloadScanView(SchoolView):
    """One scan; that somebody took it is on record."""

    permission = Permission.MANAGE_AGREEMENTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        scan = get_or_404(scans_visible_to(self.actor, self.school, self.today), pk=self.kwargs["paper_scan"])
        self.note_view("agreements.open_scan", scan)
        return pdf_response(bytes(scan.content), f"{scan.agreement.reference}-scan-{scan.pk}")
