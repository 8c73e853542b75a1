"""Pages about printing many agreements to sign on paper: asking, how far it is, the file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from agreements.enums import MakeState
from agreements.forms.printing import PrintManyForm
from agreements.models import PrintRun
from agreements.operations.printing import TITLE, print_again, print_many
from agreements.queries.printing import MISSED_BELL, content_of, runs_of, to_print
from agreements.views.papers import pdf_response
from core.kit.forms import BaseForm, SubmissionForm
from core.notices.queries import worker_is_silent
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from core.people.views.pages import FormPage, Page


class PrintManyView(FormPage):
    """Choose which agreements that wait for a signature are printed; the worker makes one PDF of them."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = PrintManyForm
    title = "Print agreements to sign"
    intro = "Every agreement that waits for {child} or parent is printed once, with lines to sign on, form by form."

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Signatures that are missing", "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("agreements:outstanding")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"groups": forms_of(self.school)}

    def get_initial(self) -> dict[str, Any]:
        return {"form": self.request.GET.get("form", ""), "own_sheets": True}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PrintManyForm)
        given = form.cleaned_data
        run = print_many(
            school=self.school,
            actor=self.actor,
            at=self.now,
            agreements=to_print(self.school, **form.which()),
            large=given["large"],
            own_sheets=given["own_sheets"],
            submission=given["submission"],
        )
        return HttpResponseRedirect(self.link("agreements:print-run", print_run=run.pk))


class PrintRunView(SchoolFormView, Page):
    """How far a print is, asked again every two seconds by the page itself; then the way to it, or to try again."""

    permission = Permission.MANAGE_AGREEMENTS
    template_name = "agreements/print_run.html"
    form_class = SubmissionForm
    title = TITLE

    @property
    def run(self) -> PrintRun:
        if not hasattr(self, "_run"):
            self._run: PrintRun = get_or_404(runs_of(self.school), pk=self.kwargs["print_run"])
        return self._run

    def crumbs(self) -> list[dict[str, str]]:
        return [
            {"label": "Signatures that are missing", "url": self.link("agreements:outstanding")},
            {"label": PrintManyView.title, "url": self.link("agreements:print-many")},
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(template="agreements/_print_progress.html" if self.is_htmx else None, form=self.get_form())

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        print_again(
            school=self.school,
            actor=self.actor,
            at=self.now,
            run=self.run,
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.link("agreements:print-run", print_run=self.run.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.run
        unheard = run.state == MakeState.WAITING and self.now - run.requested_at > MISSED_BELL
        return super().get_context_data(
            run=run,
            state=str(run.state),
            waits=unheard and worker_is_silent(self.now),
            poll_url=self.link("agreements:print-run", print_run=run.pk),
            file_url=self.link("agreements:print-run-pdf", print_run=run.pk),
            again_url=self.link("agreements:print-many"),
            **kwargs,
        )


class PrintRunFileView(SchoolView):
    """The PDF itself, while it is kept; who opened it is in the record."""

    permission = Permission.MANAGE_AGREEMENTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = get_or_404(runs_of(self.school), pk=kwargs["print_run"])
        content = content_of(run)
        if content is None:
            raise Http404
        self.note_view("agreements.open_print", run)
        return pdf_response(content, f"agreements-to-sign-{run.pk}")
