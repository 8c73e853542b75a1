"""What families print and take away in a visit: the text before signing, the sealed document afterwards (AG-7)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from agreements.languages import ENGLISH, language_of
from agreements.queries.links import copy_for, sent_by
from agreements.views.papers import pdf_response
from agreements.views.signing import SignPage, VisitPage, signatory_of
from agreements.wording import in_language, intention_of, statements_for
from core.audit.enums import Outcome
from core.audit.operations import record


class PrintItemView(SignPage):
    """The whole text with boxes and lines to fill in by hand, in ordinary or large print."""

    template_name = "agreements/sign_print.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.item(link_item) if self.opened() else None
        if item is None:
            return self.closed()
        row = signatory_of(item)
        wording = row.agreement.wording
        read = in_language(wording, request.GET.get("language", ENGLISH))
        return self.render(
            item=item,
            agreement=row.agreement,
            wording=wording | read,
            language=language_of(read["language"]),
            statements=statements_for(wording, row.capacity),
            intention=intention_of(row.capacity),
            large="large" in request.GET,
        )


class CopyItemView(VisitPage):
    """The sealed document of what was signed in this visit, while it lasts; that it was taken is on record."""

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        signature = sent_by(self.visit.link, link_item) if self.opened() else None
        document = copy_for(signature) if signature is not None else None
        if document is None:
            return self.closed()
        record(
            school=self.school, actor=None, action="agreements.open_document", at=self.now, obj=document,
            outcome=Outcome.EXPORTED, detail={"link": self.visit.link_id},
        )  # fmt: skip
        return pdf_response(bytes(document.content), f"{document.agreement.reference}-{document.number}")
