"""Documents about a taken device or a search: make one, open it again as it was made, or write several letters."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm
from core.people.models import Contact
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import WORDED_KINDS, DocumentKind
from devices.forms.papers import IssueForm, LettersForm
from devices.forms.storage import ActForm
from devices.models import CustodyRecord, IssuedDocument, LossReport, SearchRecord
from devices.operations.taken import MOST_LETTERS
from devices.queries import custody_visible_to, losses_visible_to
from devices.queries.searches.records import searches_visible_to
from devices.queries.taken import (
    confiscation_of,
    document_content,
    documents_visible_to,
    last_handover,
    stays_to_write_about,
    waits_for_dsl,
)
from devices.queries.taken.papers import NEEDS
from devices.views.base import DevicesView

_FIRST_SHOWN = 3


class PapersView(SchoolFormView, DevicesView, abstract=True):
    """A page that makes documents about one thing and lists those made before."""

    template_name = "devices/papers.html"
    heading = ""
    form_class: ClassVar[type[BaseForm]] = ActForm

    def made(self, document: IssuedDocument) -> HttpResponse:
        return self.done(f"Made: {document.get_kind_display()}. It is kept as it is now.", self.request.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("heading", self.heading)
        return super().get_context_data(**kwargs)


class StayPapersView(PapersView):
    """Every document about one stay, and the making of another (DOC-08, DOC-10, DOC-11)."""

    permission = Permission.VIEW_HELD
    form_class = IssueForm
    heading = "Documents about a device"

    @property
    def stay(self) -> CustodyRecord:
        if not hasattr(self, "_stay"):
            self._stay: CustodyRecord = get_or_404(
                custody_visible_to(self.actor, self.school), pk=self.kwargs["custody"]
            )
        return self._stay

    @property
    def is_kept(self) -> bool:
        """Whether the DSL keeps it from parents or has yet to decide, for the person of this request."""
        taken = confiscation_of(self.stay)
        kept = (taken is not None and taken.withheld) or waits_for_dsl(self.stay)
        return kept and not self.may(Permission.SET_DO_NOT_INFORM)

    def adults(self) -> list[Contact]:
        if not hasattr(self, "_adults"):
            self._adults = contacts_to_tell(self.school, [self.stay.pupil_id]).get(self.stay.pupil_id, [])
        return self._adults

    def kinds(self) -> list[DocumentKind]:
        """What this person may make of this stay now."""
        found: list[DocumentKind] = []
        if confiscation_of(self.stay) is not None and not self.is_kept:
            found += [kind for kind in DocumentKind if kind in WORDED_KINDS]
            if not self.adults():
                found.remove(DocumentKind.LETTER)
        found.append(DocumentKind.CHAIN)
        if last_handover(self.stay) is not None:
            found.append(DocumentKind.POLICE_RECEIPT)
        return [kind for kind in found if self.may(NEEDS[kind])]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"kinds": self.kinds(), "adults": self.adults()}

    def get_initial(self) -> dict[str, Any]:
        adults = self.adults()
        return {"kind": self.request.GET.get("kind", "")} | ({"contact": adults[0].pk} if adults else {})

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, IssueForm)
        return self.made(
            operations.taken.issue_document(
                school=self.school, actor=self.actor, at=self.now, custody=self.stay, **form.values()
            )
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = documents_visible_to(self.actor, self.school).filter(custody=self.stay)
        return super().get_context_data(
            stay=self.stay, is_kept=self.is_kept, documents=list(made), may_make=bool(self.kinds()), **kwargs
        )


class SearchPapersView(PapersView):
    """The record of one search on paper, as it stood each time (DOC-12)."""

    permission = Permission.VIEW_SEARCHES
    heading = "The search record on paper"

    @property
    def search(self) -> SearchRecord:
        if not hasattr(self, "_search"):
            self._search: SearchRecord = get_or_404(
                searches_visible_to(self.actor, self.school), pk=self.kwargs["search"]
            )
        return self._search

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        return self.made(
            operations.taken.issue_document(
                school=self.school,
                actor=self.actor,
                at=self.now,
                kind=DocumentKind.SEARCH,
                search=self.search,
                submission=form.cleaned_data["submission"],
            )
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = documents_visible_to(self.actor, self.school).filter(search=self.search)
        return super().get_context_data(
            pupil=self.search.pupil,
            documents=list(made),
            may_make=True,
            make_label="Make the search record",
            back_url=self.url("search", self.search.pk),
            **kwargs,
        )


class ClaimPackView(PapersView):
    """What a claim for loss or damage needs, in one document (DEV-23)."""

    permission = Permission.RELEASE_DEVICE
    heading = "Loss or damage claim"

    @property
    def report(self) -> LossReport:
        if not hasattr(self, "_report"):
            self._report: LossReport = get_or_404(losses_visible_to(self.actor, self.school), pk=self.kwargs["loss"])
        return self._report

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        return self.made(
            operations.taken.issue_document(
                school=self.school,
                actor=self.actor,
                at=self.now,
                kind=DocumentKind.CLAIM_PACK,
                custody=self.report.custody,
                loss=self.report,
                submission=form.cleaned_data["submission"],
            )
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stay = self.report.custody
        made = documents_visible_to(self.actor, self.school).filter(custody=stay, kind=DocumentKind.CLAIM_PACK)
        return super().get_context_data(
            stay=stay,
            documents=list(made),
            may_make=True,
            make_label="Make the claim pack",
            about="The report, the condition at each step, the school’s words on loss that day, and the whole chain.",
            back_url=self.url("losses"),
            **kwargs,
        )


class IssuedDocumentView(DevicesView):
    """The PDF as it was made; who opened it is in the record."""

    permission = Permission.VIEW_HELD

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        made = documents_visible_to(self.actor, self.school)
        document: IssuedDocument = get_or_404(made, pk=kwargs["issued_document"])
        record(
            school=self.school,
            actor=self.actor,
            action="devices.open_document",
            at=self.now,
            obj=document,
            outcome=Outcome.EXPORTED,
            detail={"kind": document.kind, "checksum": document.checksum},
        )
        return pdf_response(document_content(document), f"{document.kind.replace('_', '-')}-{document.pk}.pdf")


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A PDF that no browser keeps; `name` holds nobody's name."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


class LettersView(SchoolFormView, DevicesView):
    """Letters about several taken devices: choose, see the first three, and have the worker make them all (DOC-08)."""

    permission = Permission.RELEASE_DEVICE
    template_name = "devices/letters.html"
    form_class = LettersForm

    @property
    def known(self) -> dict[int, tuple[CustodyRecord, Contact]]:
        if not hasattr(self, "_known"):
            self._known = {stay.pk: (stay, to) for stay, to in stays_to_write_about(self.actor, self.school)}
        return self._known

    def get_form_kwargs(self) -> dict[str, Any]:
        stays = [
            (key, f"{stay.pupil.sort_name}: {stay.device.description}, to {to.display_name}")
            for key, (stay, to) in self.known.items()
        ]
        return super().get_form_kwargs() | {"stays": stays, "most": MOST_LETTERS}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        letters = [self.known[key] for key in form.cleaned_data["chosen"]]
        if "make" not in self.request.POST:
            shown = [
                operations.taken.preview_letter(
                    school=self.school, actor=self.actor, at=self.now, custody=stay, contact=to
                )
                for stay, to in letters[:_FIRST_SHOWN]
            ]
            return self.render(
                form=form, shown=shown, chosen=form.cleaned_data["chosen"], more=len(letters) - len(shown)
            )
        job = operations.taken.ask_for_letters(
            school=self.school,
            actor=self.actor,
            at=self.now,
            letters=letters,
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.url("print-job", job.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(nobody=not self.known, most=MOST_LETTERS, **kwargs)
