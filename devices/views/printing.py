"""Printing: choosing what, watching it being made, opening it; the receipt for one hand-in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm
from core.notices.queries import worker_is_silent
from core.people.calendar import london_day
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.clash import VersionedFormView
from core.rules.queries import rules_as_judged
from devices import operations
from devices.documents import receipt_of
from devices.enums import PrintKind, PrintState
from devices.forms.printing import LABELS, OFFERED, LabelOffsetsForm, PrintForm
from devices.forms.storage import ActForm
from devices.models import DeskSettings, PrintJob
from devices.queries import custody_visible_to, daily_places
from devices.queries.closing import desk_settings
from devices.queries.printing import MISSED_BELL, print_content, prints_visible_to
from devices.queries.taken.papers import letters_open_to
from devices.views.base import DevicesView

SHOWN = 10
# What each kind counts while it is made.
_COUNTED = {
    PrintKind.SLOT_LABELS: "labels",
    PrintKind.PUPIL_LABELS: "labels",
    PrintKind.DEVICE_LABELS: "labels",
    PrintKind.COMMAND_CARDS: "cards",
    PrintKind.MORNING_REGISTER: "lines",
    PrintKind.DAY_REGISTER: "lines",
    PrintKind.UNCOLLECTED: "lines",
    PrintKind.DAY_SUMMARY: "sheets",
    PrintKind.LETTERS: "letters",
}
_ABOUT = {
    PrintKind.SLOT_LABELS: "One label for each slot: its number, its place and its code.",
    PrintKind.PUPIL_LABELS: "One label for each {child}, for a pouch or a card. Code and form alone, never a name.",
    PrintKind.DEVICE_LABELS: "One label for each device on record. Code and kind, not whose it is.",
    PrintKind.COMMAND_CARDS: "A sheet to tape to the desk: an exception is a scan or a key. And what to do offline.",
    PrintKind.MORNING_REGISTER: "The paper twin of the morning, form by form, to tick by hand and type in afterwards.",
    PrintKind.DAY_REGISTER: "Who handed in, who brought none, who was not seen, with the totals of each form.",
    PrintKind.UNCOLLECTED: "Every device that nobody fetched, with room to write what came of it.",
    PrintKind.DAY_SUMMARY: "The figures of a day on one page. No names.",
}
_STATES = {
    PrintState.WAITING: "waiting",
    PrintState.MAKING: "waiting",
    PrintState.READY: "ok",
    PrintState.FAILED: "stop",
    PrintState.EXPIRED: "neutral",
}


class PrintingView(DevicesView, abstract=True):
    """What the pages about prints share."""

    permission = Permission.LOG_CUSTODY

    def crumbs(self, here: str) -> list[dict[str, str]]:
        return [{"label": "Print", "url": self.url("prints")}, {"label": here, "url": ""}]

    def load(self, key: int) -> PrintJob:
        found: PrintJob = get_or_404(prints_visible_to(self.actor, self.school), pk=key)
        return found


class PrintsView(SchoolFormView, PrintingView):
    """Choose what to print; the worker makes it (ux 5, at most four clicks for 300 labels)."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/prints.html"
    form_class = PrintForm

    @property
    def kind(self) -> PrintKind:
        asked = self.request.POST.get("kind") or self.request.GET.get("kind") or ""
        return PrintKind(asked) if asked in OFFERED else PrintKind.SLOT_LABELS

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "kind": self.kind,
            "places": [(place.pk, place.name) for place in daily_places(self.school)],
            "forms_in_use": [(form.pk, form.name) for form in forms_of(self.school)],
        }

    def get_initial(self) -> dict[str, Any]:
        return {"kind": self.kind, "sheet": "3x8", "start": 1, "day": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PrintForm)
        job = operations.ask_for_print(
            school=self.school,
            actor=self.actor,
            at=self.now,
            kind=self.kind,
            wanted=form.wanted(),
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.url("print-job", job.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = prints_visible_to(self.actor, self.school).exclude(state=PrintState.EXPIRED)[:SHOWN]
        kwargs.update(
            kinds=[
                {"label": kind.label, "url": f"{self.url('prints')}?kind={kind.value}", "current": kind == self.kind}
                for kind in OFFERED
            ],
            kind=self.kind,
            about=_ABOUT[self.kind].format(child=self.child),
            offsets=desk_settings(self.school) if self.kind in LABELS else None,
            jobs=[_row(job, self.url("print-job", job.pk)) for job in made],
        )
        return super().get_context_data(**kwargs)


def _row(job: PrintJob, url: str) -> dict[str, Any]:
    return {"job": job, "url": url, "state_kind": _STATES[PrintState(job.state)]}


class PrintJobView(SchoolFormView, PrintingView):
    """How far a print is, asked again every two seconds by the page itself; then the way to it, or to try again."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/print_job.html"
    form_class = ActForm

    @property
    def job(self) -> PrintJob:
        if not hasattr(self, "_job"):
            self._job = self.load(self.kwargs["print_job"])
        return self._job

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(template="devices/_print_progress.html" if self.is_htmx else None, form=self.get_form())

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        job = operations.try_print_again(
            school=self.school,
            actor=self.actor,
            at=self.now,
            job=self.job,
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.url("print-job", job.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job = self.job
        kind, state = PrintKind(job.kind), PrintState(job.state)
        is_letters = kind == PrintKind.LETTERS
        unheard = state == PrintState.WAITING and self.now - job.requested_at > MISSED_BELL
        return super().get_context_data(
            job=job,
            state=state.value,
            running=state in (PrintState.WAITING, PrintState.MAKING),
            job_title=str(kind.label),
            counted=_COUNTED[kind],
            state_kind=_STATES[state],
            waits=unheard and worker_is_silent(self.now),
            is_labels=kind in LABELS,
            poll_url=self.url("print-job", job.pk),
            file_url=self.url("print-file", job.pk) if state == PrintState.READY else "",
            again_url=self.url("letters") if is_letters else f"{self.url('prints')}?kind={kind.value}",
            is_letters=is_letters,
            left_out=len(job.wanted.get("left_out", ())),
            breadcrumbs=self.crumbs(str(kind.label)),
            **kwargs,
        )


class PrintFileView(PrintingView):
    """The PDF itself, while it is kept; who opened it is in the record."""

    permission = Permission.LOG_CUSTODY

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        job = self.load(kwargs["print_job"])
        if job.kind == PrintKind.LETTERS and not letters_open_to(self.actor, job):
            raise Http404
        content = print_content(job)
        if content is None:
            return HttpResponseRedirect(self.url("print-job", job.pk))
        record(
            school=self.school,
            actor=self.actor,
            action="devices.open_print",
            at=self.now,
            obj=job,
            outcome=Outcome.EXPORTED,
            detail={"kind": job.kind, "checksum": job.checksum},
        )
        day = job.wanted.get("day") or london_day(job.requested_at).isoformat()
        response = HttpResponse(content, content_type="application/pdf")
        name = f"{PrintKind(job.kind).value.replace('_', '-')}-{date.fromisoformat(day)}.pdf"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response


class LabelOffsetsView(VersionedFormView, PrintingView):
    """How far this school's printer is out; remembered for every sheet of labels."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/label_offsets.html"
    form_class = LabelOffsetsForm

    def record(self) -> DeskSettings:
        return desk_settings(self.school)

    def said(self, record: DeskSettings) -> dict[str, str]:
        return {"offset_x": str(record.label_offset_x), "offset_y": str(record.label_offset_y)}

    def get_initial(self) -> dict[str, Any]:
        now = self.record()
        return {"offset_x": now.label_offset_x, "offset_y": now.label_offset_y, "version": now.version}

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.change_label_offsets(school=self.school, actor=self.actor, at=self.now, **form.cleaned_data)
        return self.done("The next labels are moved as you said.", self.url("prints"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            back_url=self.url("prints"), breadcrumbs=self.crumbs("Labels a little out?"), **kwargs
        )


class ReceiptView(DevicesView):
    """The receipt for one hand-in, to print and give out (DEV-23, DEV-24, DEV-25)."""

    permission = Permission.LOG_CUSTODY
    template_name = "devices/receipt.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        stay = get_or_404(custody_visible_to(self.actor, self.school), pk=kwargs["custody"])
        rules = rules_as_judged(self.school, on=stay.day, version=stay.rules_version)
        record(
            school=self.school,
            actor=self.actor,
            action="devices.print_receipt",
            at=self.now,
            obj=stay,
            outcome=Outcome.EXPORTED,
        )
        return self.render(
            receipt=receipt_of(stay, rules),
            printed_at=self.now,
            printed_by=self.actor.display_name,
            back_url=self.url("device", stay.device_id),
        )
