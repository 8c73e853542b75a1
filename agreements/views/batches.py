"""Pages about issuing to many: choosing, seeing what it would do, and how far the worker is (AGR-01, AGR-09)."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from agreements.enums import SEVERAL_KINDS, BatchScope, BatchState
from agreements.forms.batches import IssueManyForm
from agreements.models import IssueBatch, TemplateVersion
from agreements.operations.batches import go_on_issuing, issue_to_many, stop_issue
from agreements.operations.issuing import needed_for
from agreements.queries.batches import MISSED_BELL, Chosen, batches_of, chosen_by, preview_of, years_on_roll
from agreements.queries.issued import PAGE, versions_to_issue
from core.kit.forms import BaseForm
from core.kit.times import day as day_in_words
from core.notices.queries import worker_is_silent
from core.people.enums import year_label
from core.people.queries import forms_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, FormPage, Page

TAGS = {
    BatchState.WAITING: "waiting",
    BatchState.MAKING: "waiting",
    BatchState.READY: "ok",
    BatchState.FAILED: "attention",
    BatchState.STOPPED: "neutral",
}


def whom(chosen: Chosen) -> str:
    """To whom, in words."""
    if chosen.scope == BatchScope.FORM and chosen.form is not None:
        return f"form {chosen.form.name}"
    if chosen.scope == BatchScope.YEAR and chosen.year is not None:
        return year_label(chosen.year)
    if chosen.scope == BatchScope.JOINERS and chosen.since is not None:
        return f"those who joined since {day_in_words(chosen.since)}"
    return str(BatchScope(chosen.scope).label).lower()


def row_of(batch: IssueBatch) -> dict[str, Any]:
    """A batch as a line of a list."""
    state = BatchState(batch.state)
    return {"batch": batch, "whom": whom(chosen_by(batch)), "tag": {"kind": TAGS[state], "word": str(state.label)}}


class BatchesView(Page):
    """What was issued to many, the newest first."""

    permission = Permission.MANAGE_AGREEMENTS
    template_name = "agreements/batches.html"
    title = "Issued to many"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Agreements", "url": self.link("agreements:overview")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(batches_of(self.school), PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(rows=[row_of(batch) for batch in page.object_list], page_obj=page, **kwargs)


class IssueManyView(FormPage):
    """Choose what is issued to whom; see what it would do; say yes. Nothing is issued before that."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = IssueManyForm
    template_name = "agreements/batch_issue.html"
    title = "Issue to many"

    def crumbs(self) -> list[dict[str, str]]:
        return [
            {"label": "Agreements", "url": self.link("agreements:overview")},
            {"label": BatchesView.title, "url": self.cancel_url()},
        ]

    def cancel_url(self) -> str:
        return self.link("agreements:batches")

    @property
    def versions(self) -> list[TemplateVersion]:
        if not hasattr(self, "_versions"):
            found = versions_to_issue(self.school, self.today)
            self._versions = [version for version in found if version.template.kind not in SEVERAL_KINDS]
        return self._versions

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "versions": self.versions,
            "groups": forms_of(self.school),
            "asks_who": any(needed_for(version.template.kind, self.rules) is None for version in self.versions),
            "years": [(year, year_label(year)) for year in years_on_roll(self.school, self.today)],
        }

    def get_initial(self) -> dict[str, Any]:
        """Another page may lead here with its own choice in the address: a scope, a form, a day."""
        asked = self.request.GET
        initial = {"starts_on": self.today, "parents_needed": "one", "send": True}
        for name in ("version", "scope", "form", "year"):
            if asked.get(name):
                initial[name] = asked[name]
        with suppress(ValueError):
            initial["since"] = date.fromisoformat(asked.get("since", ""))
        return initial

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            has_versions=bool(self.versions),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, IssueManyForm)
        step = self.request.POST.get("step")
        if step == "change":
            return self.render(form=form)
        if step == "issue":
            batch = issue_to_many(school=self.school, actor=self.actor, at=self.now, **form.values())
            return HttpResponseRedirect(self.link("agreements:batch", batch=batch.pk))
        return self._preview(form)

    def _preview(self, form: IssueManyForm) -> HttpResponseBase:
        version, chosen = form.version_chosen(), form.chosen()
        return self.render(
            template="agreements/batch_preview.html",
            form=form,
            preview=preview_of(chosen, version.template, self.today),
            version=version,
            whom=whom(chosen),
            starts_on=form.cleaned_data["starts_on"],
            send=form.cleaned_data["send"],
        )


class BatchPage(Page, abstract=True):
    """A page about one issue to many."""

    permission = Permission.MANAGE_AGREEMENTS

    @property
    def batch(self) -> IssueBatch:
        if not hasattr(self, "_batch"):
            self._batch: IssueBatch = get_or_404(batches_of(self.school), pk=self.kwargs["batch"])
        return self._batch


class BatchView(BatchPage):
    """How far one is, asked again every two seconds by the page itself."""

    permission = Permission.MANAGE_AGREEMENTS
    template_name = "agreements/batch.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(template="agreements/_batch_progress.html" if self.is_htmx else None)

    def get_title(self) -> str:
        return f"{self.batch.template_version.title}: {whom(chosen_by(self.batch))}"

    def crumbs(self) -> list[dict[str, str]]:
        return [
            {"label": "Agreements", "url": self.link("agreements:overview")},
            {"label": BatchesView.title, "url": self.link("agreements:batches")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch = self.batch
        unheard = batch.state == BatchState.WAITING and self.now - batch.requested_at > MISSED_BELL
        form = f"?form={batch.form_id}" if batch.form_id else ""
        return super().get_context_data(
            **row_of(batch),
            state=str(batch.state),
            waits=unheard and worker_is_silent(self.now),
            sending=batch.state == BatchState.MAKING and batch.done == batch.total and batch.send_links,
            poll_url=self.link("agreements:batch", batch=batch.pk),
            missing_url=self.link("agreements:outstanding") + form,
            **kwargs,
        )


class BatchAct(BatchPage, ActPage, abstract=True):
    """A button on that page."""

    def back(self) -> str:
        return self.link("agreements:batch", batch=self.batch.pk)


class StopBatchView(BatchAct):
    """Stop it; what was issued stays."""

    permission = Permission.MANAGE_AGREEMENTS

    def act(self, submission: uuid.UUID | None) -> str:
        stop_issue(school=self.school, actor=self.actor, at=self.now, batch=self.batch, submission=submission)
        return "Stopped. What was issued stays; you can go on later."


class GoOnBatchView(BatchAct):
    """Go on with what was stopped or failed."""

    permission = Permission.MANAGE_AGREEMENTS

    def act(self, submission: uuid.UUID | None) -> str:
        go_on_issuing(school=self.school, actor=self.actor, at=self.now, batch=self.batch, submission=submission)
        return "The worker goes on from where it stopped."
