"""Documents of agreements: how far they are, their download, a copy to sign on paper, and the check for anybody."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from agreements.enums import MakeState
from agreements.forms.papers import VerifyForm
from agreements.models import Agreement, DocumentJob
from agreements.operations import making
from agreements.queries.papers import (
    agreements_visible_to,
    answer_about,
    documents_of,
    documents_visible_to,
    is_checksum_of_ours,
    jobs_of,
    jobs_visible_to,
    scans_visible_to,
)
from agreements.views.public import PublicSchoolView
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from core.people.views.pages import ActPage, Page


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF to save, under a name that says nothing about anybody."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


class ShowDocumentsView(Page):
    """The documents of one agreement and how far the worker is with them; its PDFs to download (AGR-06)."""

    permission = Permission.SIGN_OWN
    template_name = "agreements/papers_documents.html"
    title = "Documents"

    @property
    def agreement(self) -> Agreement:
        if not hasattr(self, "_agreement"):
            visible = agreements_visible_to(self.actor, self.school, self.today)
            self._agreement: Agreement = get_or_404(visible, pk=self.kwargs["agreement"])
        return self._agreement

    def get_title(self) -> str:
        return f"Documents of {self.agreement.reference}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = {(one.kind, one.number): one for one in documents_of(self.agreement)}
        jobs = list(jobs_of(self.agreement))
        return super().get_context_data(
            agreement=self.agreement,
            jobs=[{"job": job, "document": made.get((job.kind, job.number))} for job in jobs],
            scans=scans_visible_to(self.actor, self.school, self.today).filter(agreement=self.agreement),
            is_waiting=any(job.state in (MakeState.WAITING, MakeState.MAKING) for job in jobs),
            may_try=self.may(Permission.MANAGE_AGREEMENTS),
            verify_address=making.verify_address(self.school),
            **kwargs,
        )


class DownloadDocumentView(SchoolView):
    """One sealed document, as it was made; that somebody took it is on record."""

    permission = Permission.SIGN_OWN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visible = documents_visible_to(self.actor, self.school, self.today)
        document = get_or_404(visible, pk=self.kwargs["document"])
        self.note_view("agreements.open_document", document)
        return pdf_response(bytes(document.content), f"{document.agreement.reference}-{document.number}")


class BlankCopyView(SchoolView):
    """The agreement to print and sign on paper, in ordinary or large print; it is drawn and not kept."""

    permission = Permission.MANAGE_AGREEMENTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visible = agreements_visible_to(self.actor, self.school, self.today)
        agreement = get_or_404(visible, pk=self.kwargs["agreement"])
        self.note_view("agreements.print_blank", agreement)
        pdf = making.blank_copy(agreement, at=self.now, large="large" in request.GET)
        return pdf_response(pdf.content, f"{agreement.reference}-to-sign")


class TryDocumentAgainView(ActPage):
    """Ask once more for a document that could not be made."""

    permission = Permission.MANAGE_AGREEMENTS

    @property
    def job(self) -> DocumentJob:
        if not hasattr(self, "_job"):
            visible = jobs_visible_to(self.actor, self.school, self.today)
            self._job: DocumentJob = get_or_404(visible, pk=self.kwargs["document_job"])
        return self._job

    def back(self) -> str:
        return self.link("agreements:documents", agreement=self.job.agreement_id)

    def act(self, submission: uuid.UUID | None) -> str:
        making.try_document_again(
            school=self.school, actor=self.actor, at=self.now, job=self.job, submission=submission
        )
        return "It is asked for again."


class VerifyView(PublicSchoolView):
    """Whether a document is this school’s and as it was sealed; nothing else about it (law AG-3)."""

    template_name = "agreements/papers_verify.html"
    takes_files: ClassVar[bool] = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=VerifyForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.too_often("verify", 20):
            return self.render(form=VerifyForm(), answer="later", status=429)
        form = VerifyForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render(form=form, status=422)
        given = form.cleaned_data
        if given["file"]:
            answer = answer_about(self.school, given["file"])
        else:
            answer = "ours" if is_checksum_of_ours(self.school, given["checksum"]) else "unknown"
        return self.render(form=VerifyForm(), answer=answer)
