"""Pages about lessons with own devices, and about the break-time privilege (DEV-16, DEV-18, DEV-19)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.approvals.enums import Kind
from core.approvals.kinds import TEACHERS, deciders_of
from core.approvals.operations import address_of
from core.approvals.words import state_tag, when_in_words
from core.kit.forms import BaseForm
from core.people.calendar import LONDON
from core.people.models import Pupil
from core.people.queries import forms_of, holders_of, pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page
from devices.forms.lessons import LessonForm, ProposeLessonForm, RestoreForm, RevokeForm
from devices.models import CurriculumUse, PrivilegeRevocation
from devices.operations.permissions import lessons as ops
from devices.queries.lessons import lessons_visible_to, revocations_visible_to


class LessonsView(Page):
    """Lessons with own devices: proposed, approved, past."""

    permission = Permission.ASK_PERMISSION
    template_name = "devices/lessons.html"
    title = "Lessons with own devices"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            columns=["Activity", "Class", "When", "Teacher", "State"],
            rows=[{"cells": self._cells(row)} for row in lessons_visible_to(self.actor, self.school)[:100]],
            refused=deciders_of(Kind.CURRICULUM_USE, self.rules).refused,
            **kwargs,
        )

    def _cells(self, row: CurriculumUse) -> list[dict[str, Any]]:
        return [
            {"value": row.title, "url": address_of(row.approval)},
            {"value": row.form.name, "label": "Class"},
            {"value": when_in_words(row.approval), "label": "When"},
            {"value": row.teacher.display_name, "label": "Teacher"},
            {"tag": state_tag(row.approval), "label": "State"},
        ]


class LessonPage(FormPage, abstract=True):
    """A form about a lesson."""

    permission = Permission.ASK_PERMISSION

    def cancel_url(self) -> str:
        return self.link("devices:lessons")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Lessons with own devices", "url": self.link("devices:lessons")}]


class ProposeLessonView(LessonPage):
    """Propose a lesson with own devices."""

    form_class = ProposeLessonForm
    title = "Propose a lesson with own devices"
    intro = (
        "For one class and one activity on one day. It cannot be used before the teacher has agreed and, where the "
        "rules ask for them, a risk assessment and a senior leader’s approval are there."
    )

    def get_initial(self) -> dict[str, Any]:
        return {"teacher": self.actor.pk}

    def get_form_kwargs(self) -> dict[str, Any]:
        teachers = {one.pk: one for one in holders_of(self.school, *TEACHERS, on=self.today)}
        return super().get_form_kwargs() | {"forms_of": forms_of(self.school), "teachers": teachers.values()}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ProposeLessonForm)
        row = ops.propose_lesson(school=self.school, actor=self.actor, at=self.now, **form.given())
        return self.done("It is proposed. Next, the teacher agrees.", address_of(row.approval))


class ChangeLessonView(LessonPage):
    """Change a proposal that is not decided."""

    form_class = LessonForm
    title = "Change the proposal"

    @property
    def use(self) -> CurriculumUse:
        if not hasattr(self, "_use"):
            own = lessons_visible_to(self.actor, self.school).filter(approval__requested_by=self.actor)
            self._use: CurriculumUse = get_or_404(own, approval=self.kwargs["approval"])
        return self._use

    def cancel_url(self) -> str:
        return address_of(self.use.approval)

    def get_initial(self) -> dict[str, Any]:
        use = self.use
        starts, ends = use.approval.starts_at.astimezone(LONDON), use.approval.ends_at.astimezone(LONDON)
        return {
            "title": use.title, "purpose": use.purpose, "day": starts.date(), "from_time": starts.time(),
            "to_time": ends.time(),
        }  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LessonForm)
        given = form.cleaned_data
        ops.change_lesson(
            school=self.school, actor=self.actor, at=self.now, use=self.use, title=given["title"],
            purpose=given["purpose"], submission=given["submission"], **form.moments(),
        )  # fmt: skip
        return self.done("The proposal is changed, and waits again.", self.cancel_url())


class RevokeView(FormPage):
    """Take the break-time privilege from a pupil for a time."""

    permission = Permission.LEAD_CUSTODY
    form_class = RevokeForm
    title = "Revoke the break-time privilege"
    intro = "While it is revoked, use at break is a breach."
    danger = True

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def cancel_url(self) -> str:
        return self.link("devices:pupil-permissions", pupil=self.pupil.pk)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.pupil.display_name, "url": self.cancel_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today, "breach_reference": self.request.GET.get("breach", "")[:20]}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.revoke_privilege(school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.cleaned_data)
        return self.done("It is revoked for that time.", self.cancel_url())


class RestoreView(FormPage):
    """Give the privilege back early."""

    permission = Permission.LEAD_CUSTODY
    form_class = RestoreForm
    title = "Give the privilege back"

    @property
    def row(self) -> PrivilegeRevocation:
        if not hasattr(self, "_row"):
            self._row: PrivilegeRevocation = get_or_404(
                revocations_visible_to(self.actor, self.school), pk=self.kwargs["revocation"]
            )
        return self._row

    def cancel_url(self) -> str:
        return self.link("devices:pupil-permissions", pupil=self.row.pupil_id)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.row.pupil.display_name, "url": self.cancel_url()}]

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.restore_privilege(
            school=self.school, actor=self.actor, at=self.now, revocation=self.row, **form.cleaned_data
        )
        return self.done("It is given back.", self.cancel_url())
