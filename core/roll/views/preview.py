"""The preview: what an import would do, from where it is applied, compared again or dropped."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.roll import operations, queries
from core.roll.enums import Entity, FileKind, ImportState
from core.roll.forms import ApplyForm
from core.roll.views.base import SHOWN, OpenFormView
from core.roll.views.words import counts_of, groups_of, leaver_groups

LEAVERS_LISTED = 400


class PreviewImportView(OpenFormView):
    """Step 3: what would be added, changed and left, and what is wrong; from here the import is applied."""

    permission = Permission.MANAGE_ROLL
    form_class = ApplyForm
    template_name = "roll/preview_import.html"
    states = frozenset({ImportState.PREVIEWED})

    def get_initial(self) -> dict[str, Any]:
        return {"effective_on": self.roll_import.effective_on}

    def get_form_kwargs(self) -> dict[str, Any]:
        self.leavers = queries.leavers_of(self.roll_import, LEAVERS_LISTED)
        choices = [(f"{change.entity}:{change.target_id}", change.label) for change in self.leavers]
        choices += [(f"{entity}:all", "All") for entity in (Entity.PUPIL, Entity.CONTACT, Entity.MEMBERSHIP)]
        return super().get_form_kwargs() | {"leavers": choices, "jobs": self.roll_import.summary.get("jobs", [])}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roll_import = self.roll_import
        summary = roll_import.summary
        form: ApplyForm = kwargs["form"]
        kwargs.update(
            roll_import=roll_import,
            breadcrumbs=self.crumbs("Preview"),
            counts=counts_of(summary),
            total=queries.planned_total(roll_import),
            groups=groups_of(roll_import),
            problems=list(queries.problems_of(roll_import)[:SHOWN]),
            problem_rows=summary.get("problems", 0),
            checks=summary.get("checks", 0),
            leaver_groups=leaver_groups(self.leavers, form, queries.totals_of(roll_import)),
            leavers_total=sum(summary.get(kind.value, {}).get("left", 0) for kind in FileKind),
            job_rows=form.job_rows(),
            proposals=summary.get(FileKind.CONTACTS.value, {}).get("proposals", 0),
            is_outdated=queries.roll_mark(self.school) != roll_import.roll_mark,
            running=queries.running_import(self.school),
            files=queries.files_of(roll_import),
        )
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ApplyForm)
        roll_import = operations.apply_roll(
            school=self.school,
            actor=self.actor,
            at=self.now,
            roll_import=self.roll_import,
            leavers=form.cleaned_data["leavers"],
            roles=form.roles,
            without_problem_rows=form.cleaned_data["without_problem_rows"],
            effective_on=form.cleaned_data["effective_on"],
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.url("progress", roll_import.pk))
