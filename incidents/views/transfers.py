"""Pages of files that go to another school: the list, one with its next step, and files that came (law SG-4, SG-5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm, SubmissionForm
from core.kit.times import day, moment
from core.people.models import Pupil, School
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from incidents.enums import TransferState
from incidents.forms.transfers import (
    ArrivalForm,
    OpenTransferForm,
    ReceiptForm,
    SendFileForm,
    SetAsideForm,
    SharingForm,
)
from incidents.models import FileArrival, FileTransfer
from incidents.operations import transfers as operations
from incidents.queries.chronology import pupils_for_chronology
from incidents.queries.transfers import (
    arrivals_visible_to,
    over,
    paper_for,
    receipt_due_on,
    steps_of,
    transfer_rows,
    transfers_visible_to,
    waiting,
)
from incidents.views.papers import pdf_response

_LIST = 50
_KINDS = {
    TransferState.DUE: "attention",
    TransferState.SENT: "waiting",
    TransferState.RECEIVED: "ok",
    TransferState.NOT_NEEDED: "neutral",
}


class TransfersView(SchoolView):
    """What waits to be sent or for its receipt, what is over, and files that came. Opening the list is on record."""

    permission = Permission.VIEW_CHRONOLOGY
    template_name = "incidents/transfers.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look_at_transfers", self.school)
        mine = transfers_visible_to(self.actor, self.school)
        return self.render(
            rows=transfer_rows(waiting(mine)[:_LIST], self.today),
            over=over(mine),
            arrivals=list(arrivals_visible_to(self.actor, self.school)[:_LIST]),
            fresh_key=SubmissionForm()["submission"].value(),
        )


class _TransferPage(SchoolView, abstract=True):
    permission = Permission.VIEW_CHRONOLOGY

    @cached_property
    def transfer(self) -> FileTransfer:
        """The transfer in the address, among those of pupils whose chronology this person may open."""
        found = transfers_visible_to(self.actor, self.school).select_related("paper__made_by")
        return get_or_404(found.defer("paper__content"), pk=self.kwargs["file_transfer"])

    @property
    def page(self) -> str:
        return _address(self.school, "transfer", self.transfer.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(transfer=self.transfer, back_url=self.page, **kwargs)

    def given(self) -> dict[str, Any]:
        """What every act on the transfer takes."""
        return {"school": self.school, "actor": self.actor, "at": self.now, "transfer": self.transfer}


class TransferView(_TransferPage, SchoolFormView):
    """One transfer: what is known, what was done, and the next step: send it, or record the receipt."""

    template_name = "incidents/transfer.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look_at_transfer", self.transfer)
        return super().get(request, *args, **kwargs)

    def get_form(self) -> BaseForm:
        """The next step; a form that is sent is read as what it was."""
        sent = self.request.POST if self.request.method == "POST" else None
        is_receipt = "received_by" in sent if sent is not None else self.transfer.state == TransferState.SENT
        form: type[BaseForm] = ReceiptForm if is_receipt else SendFileForm
        if sent is not None:
            return form(sent)
        if is_receipt:
            return form(initial={"received_at": self.now})
        return form(initial={"to_school": self.transfer.to_school, "to_dsl": self.transfer.to_dsl, "sent_at": self.now})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.transfer
        paper = paper_for(self.actor, row, self.today)
        return super().get_context_data(
            rows=_rows(row), kind=_KINDS[TransferState(row.state)], events=_events(row),
            is_due=row.state == TransferState.DUE, is_sent=row.state == TransferState.SENT,
            has_paper=row.paper_id is not None,
            paper_url=_address(self.school, "transfer-paper", row.pk) if paper is not None else "",
            fresh_key=SubmissionForm()["submission"].value(),
            **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        if isinstance(form, ReceiptForm):
            operations.record_receipt(**self.given(), **form.cleaned_data)
            return self.done("The receipt is recorded. The transfer is complete.", self.page)
        operations.send_file(**self.given(), **form.cleaned_data)
        return self.done("It is on record. Record the receipt when it comes.", self.page)


class SharingView(_TransferPage, SchoolFormView):
    """Whether something is shared before the file goes (SG-5)."""

    template_name = "incidents/transfer_sharing.html"
    form_class = SharingForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, SharingForm)
        operations.decide_sharing(**self.given(), **form.values())
        return self.done("The decision is kept.", self.page)


class SetAsideView(_TransferPage, SchoolFormView):
    """No file is sent after all."""

    template_name = "incidents/transfer_aside.html"
    form_class = SetAsideForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.set_transfer_aside(**self.given(), **form.cleaned_data)
        return self.done("It is set aside.", _address(self.school, "transfers"))


class MakePaperView(_TransferPage):
    """The button that makes what is sent."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        operations.make_transfer_paper(**self.given(), submission=_key(request))
        return self.done("The PDF is made. Save it, send it, then say here that it went.", self.page)


class TransferPaperView(_TransferPage):
    """What is sent, as it was made; that it was opened is on record."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        paper = paper_for(self.actor, self.transfer, self.today)
        if paper is None:
            raise Http404
        record(
            school=self.school, actor=self.actor, action="incidents.open_document", at=self.now, obj=paper,
            outcome=Outcome.EXPORTED, detail={"checksum": paper.checksum},
        )  # fmt: skip
        return pdf_response(paper)


class _PupilPage(SchoolFormView, abstract=True):
    permission = Permission.VIEW_CHRONOLOGY

    @cached_property
    def pupil(self) -> Pupil:
        """The pupil in the address."""
        return get_or_404(pupils_for_chronology(self.actor, self.school), pk=self.kwargs["pupil"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = _address(self.school, "chronology", self.pupil.pk)
        return super().get_context_data(pupil=self.pupil, back_url=back, **kwargs)

    def act(self, act: Callable[..., Any], form: BaseForm) -> Any:
        """Call an operation about the pupil with what the form holds."""
        return act(school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.cleaned_data)


class OpenTransferView(_PupilPage):
    """The pupil leaves, or left: the file goes on the list."""

    template_name = "incidents/open_transfer.html"
    form_class = OpenTransferForm

    def get_initial(self) -> dict[str, Any]:
        return {"leaves_on": self.pupil.left_on}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        made = self.act(operations.open_transfer, form)
        return self.done(f"It is on the list, due {day(made.due_on)}.", _address(self.school, "transfer", made.pk))


class ArrivalView(_PupilPage):
    """A file came from another school."""

    template_name = "incidents/file_arrived.html"
    form_class = ArrivalForm

    def get_initial(self) -> dict[str, Any]:
        return {"arrived_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.act(operations.record_arrival, form)
        return self.done("It is on record that the file came.", _address(self.school, "transfers"))


class GiveReceiptView(SchoolView):
    """The button beside a file that came: the other school has its receipt."""

    permission = Permission.VIEW_CHRONOLOGY
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        arrival: FileArrival = get_or_404(arrivals_visible_to(self.actor, self.school), pk=self.kwargs["file_arrival"])
        operations.give_receipt(
            school=self.school, actor=self.actor, at=self.now, arrival=arrival, submission=_key(request)
        )
        return self.done("The receipt is on record.", _address(self.school, "transfers"))


def _address(school: School, name: str, *keys: int) -> str:
    return reverse(f"incidents:{name}", args=[school.slug, *keys])


def _key(request: HttpRequest) -> Any:
    form = SubmissionForm(request.POST)
    return form.cleaned_data["submission"] if form.is_valid() else None


def _rows(row: FileTransfer) -> list[dict[str, Any]]:
    """What is known of a transfer, in short lines."""
    shared = {True: "Yes", False: "No", None: ""}[row.shared_early]
    if row.shared_at is not None and row.shared_by is not None:
        shared = f"{shared}: decided {moment(row.shared_at)} by {row.shared_by.display_name}"
    sent = ""
    if row.sent_at is not None and row.sent_by is not None:
        sent = f"{moment(row.sent_at)}, {row.get_channel_display().lower()}, entered by {row.sent_by.display_name}"
    asked = receipt_due_on(row)
    missing = f"Not yet; asked after from {day(asked)}" if asked is not None else "Not yet"
    rows: list[dict[str, Any]] = [
        {"label": "Last day here", "value": day(row.leaves_on) if row.leaves_on else "", "missing": "Not known"},
        {"label": "To be sent by", "value": day(row.due_on)},
        {"label": "To which school", "value": row.to_school, "missing": "Not known yet"},
        {"label": "Shared before it goes", "value": shared, "missing": "Not decided yet"},
        {"label": "What, and why", "value": row.shared_before, "missing": "Nothing said"},
        {"label": "Into whose hands", "value": row.to_dsl, "missing": "Not yet"},
        {"label": "Sent, apart from the main file", "value": sent, "missing": "Not yet"},
        {"label": "What else went", "value": row.what, "missing": "Nothing noted"},
        {
            "label": "Receipt",
            "value": f"{moment(row.received_at)}, {row.received_by}" if row.received_at else "",
            "missing": missing,
        },
    ]
    if row.why_not:
        rows.append({"label": "Why no file is sent", "value": row.why_not})
    return rows


def _events(row: FileTransfer) -> list[dict[str, Any]]:
    return [
        {
            "title": step.get_kind_display(),
            "when": moment(step.at),
            "by": step.by.display_name if step.by is not None else "the system",
            "text": step.text,
        }
        for step in steps_of(row)
    ]
