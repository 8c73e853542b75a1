"""The first steps: every import of the school, the files, and what each of their columns holds."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView
from core.roll import operations, queries
from core.roll.enums import FileKind, ImportState
from core.roll.forms import MatchForm, UploadForm
from core.roll.models import RollImport
from core.roll.views.base import OpenFormView, RollView


class ListImportsView(RollView):
    """Every import of the school, newest first."""

    template_name = "roll/list_imports.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(queries.imports_of(self.school), 20).get_page(self.request.GET.get("page"))
        kwargs.update(
            page_obj=page,
            rows=[{"item": item, "url": self.where(item), "sizes": _sizes(item)} for item in page],
            start_url=self.url("start"),
        )
        return super().get_context_data(**kwargs)


def _sizes(roll_import: RollImport) -> str:
    """What an import brought, in a few words: "1,500 pupils, 61 staff"."""
    summary = roll_import.summary
    words = [
        f"{counts['rows']:,} {one if counts['rows'] == 1 else many}"
        for kind, one, many in (
            (FileKind.PUPILS, "pupil", "pupils"),
            (FileKind.CONTACTS, "contact", "contacts"),
            (FileKind.STAFF, "member of staff", "staff"),
        )
        if (counts := summary.get(kind.value))
    ]
    return ", ".join(words)


class UploadListsView(SchoolFormView, RollView):
    """Step 1: the files."""

    permission = Permission.MANAGE_ROLL
    form_class = UploadForm
    takes_files = True
    template_name = "roll/upload_lists.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.update(breadcrumbs=self.crumbs("Bring in lists"), running=queries.running_import(self.school))
        if kwargs["running"]:
            kwargs["running_url"] = self.url("progress", kwargs["running"].pk)
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, UploadForm)
        roll_import = operations.upload_roll(
            school=self.school,
            actor=self.actor,
            at=self.now,
            files=form.sent,
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.where(roll_import))


class MatchColumnsView(OpenFormView):
    """Step 2: what each column holds, as it was recognised, for a person to correct."""

    permission = Permission.MANAGE_ROLL
    form_class = MatchForm
    template_name = "roll/match_columns.html"
    states = frozenset({ImportState.UPLOADED, ImportState.PREVIEWED})

    def get_form_kwargs(self) -> dict[str, Any]:
        self.files = queries.files_of(self.roll_import)
        return super().get_form_kwargs() | {"roll_files": self.files}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form: MatchForm = kwargs["form"]
        kwargs.update(
            roll_import=self.roll_import,
            sections=form.sections(queries.samples_of(self.roll_import)),
            missing=queries.missing_columns(self.files),
            breadcrumbs=self.crumbs("Match columns"),
            cancel_url=self.url("cancel", self.roll_import.pk),
        )
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, MatchForm)
        roll_import = operations.correct_mapping(
            school=self.school,
            actor=self.actor,
            at=self.now,
            roll_import=self.roll_import,
            columns=form.columns,
            kinds=form.kinds,
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.where(roll_import))
