"""Afterwards: how far the worker is, what was done, taking it back, and the problems as a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.kit.csv import safe_csv_response
from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.roles import Permission
from core.people.views.base import SchoolFormView
from core.roll import operations, queries
from core.roll.enums import ImportState
from core.roll.forms import ActForm
from core.roll.models import RollImport
from core.roll.views.base import SHOWN, RollView
from core.roll.views.words import counts_of


class ProgressView(RollView):
    """How far the worker is; asked again every two seconds by the page itself."""

    permission = Permission.MANAGE_ROLL
    template_name = "roll/progress_import.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = self.load(kwargs["roll_import"])
        if found.is_open or (not found.is_running and not self.is_htmx):
            return HttpResponseRedirect(self.where(found))
        run = queries.run_of(found)
        waiting = queries.is_waiting(run, found, self.now)
        return self.render(
            template="roll/_progress.html" if self.is_htmx else None,
            roll_import=found,
            run=run,
            running=found.is_running,
            is_waiting=waiting,
            job_title="Undoing the import" if run and run.is_undo else "Applying the import",
            text=_waiting_words(self) if waiting else "",
            poll_url=self.url("progress", found.pk),
            result_url=self.url("result", found.pk),
            breadcrumbs=self.crumbs("Apply"),
        )


def _waiting_words(view: RollView) -> str:
    """Plain words for a worker that is not there, with when it last was."""
    seen = queries.worker_seen_at(view.school, view.now)
    last = f"It was last seen {moment(seen, view.now)}." if seen else "It has not been seen yet."
    return (
        f"Waiting for the background worker. {last} Nothing is lost: the import goes on by itself when the worker is "
        "back. If this lasts, tell whoever looks after the server."
    )


class ResultView(RollView):
    """Step 4, afterwards: what was done, what was left alone and why, and undo for 24 hours."""

    permission = Permission.MANAGE_ROLL
    template_name = "roll/result_import.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = self.load(kwargs["roll_import"])
        if found.is_open or found.is_running:
            return HttpResponseRedirect(self.where(found))
        return self.render(
            roll_import=found,
            counts=counts_of(found.summary),
            done=queries.done_by(found),
            left_alone=list(queries.not_done(found)[:SHOWN]),
            left_alone_total=queries.not_done(found).count(),
            problem_rows=found.summary.get("problems", 0),
            may_undo=queries.may_be_undone(found, self.now) or _stopped_half_way(found),
            undo_until=found.finished_at + queries.UNDO_FOR if found.finished_at else None,
            proposals=queries.open_proposals(self.school).filter(roll_import=found).count(),
            may_answer=self.may(Permission.SET_DO_NOT_INFORM),
            breadcrumbs=self.crumbs("Result"),
        )


def _stopped_half_way(roll_import: RollImport) -> bool:
    run = queries.run_of(roll_import)
    return roll_import.state == ImportState.FAILED and run is not None and not run.is_undo


class UndoImportView(SchoolFormView, RollView):
    """Ask once more, then take the import back."""

    permission = Permission.MANAGE_ROLL
    form_class = ActForm
    template_name = "roll/undo_import.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.load(self.kwargs["roll_import"])
        kwargs.update(
            roll_import=found,
            done=queries.done_by(found),
            cancel_url=self.where(found),
            breadcrumbs=self.crumbs("Undo"),
        )
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        done = operations.undo_roll(
            school=self.school,
            actor=self.actor,
            at=self.now,
            roll_import=self.load(self.kwargs["roll_import"]),
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.url("progress", done.pk))


class DownloadProblemsView(RollView):
    """Every problem as CSV, formula-safe; who took it is in the record."""

    permission = Permission.MANAGE_ROLL

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = operations.note_download(
            school=self.school, actor=self.actor, at=self.now, roll_import=self.load(kwargs["roll_import"])
        )
        return safe_csv_response(
            f"import-{found.pk}-problems.csv",
            ["List", "Row", "Column", "What was read", "Why it is a problem", "What follows"],
            queries.problem_rows(found),
        )
