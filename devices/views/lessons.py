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
from devices.forms.lessons import SOME, WHOLE, ChangeLessonForm, ProposeLessonForm, RestoreForm, RevokeForm
from devices.hooks import breaches_openable
from devices.models import CurriculumUse, PrivilegeRevocation
from devices.operations.permissions import lessons as ops
from devices.queries.lessons import (
    coming_and_past,
    lessons_visible_to,
    pupils_of_form,
    revocations_now_and_past,
    revocations_visible_to,
    taking_part,
)


class LessonsView(Page):
    """Lessons with own devices: one’s own and others to come, and those that are over."""

    permission = Permission.ASK_PERMISSION
    template_name = "devices/lessons.html"
    title = "Lessons with own devices"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        coming, past = coming_and_past(self.actor, self.school, self.now)
        refused = deciders_of(Kind.CURRICULUM_USE, self.rules).refused
        mine = [row for row in coming if self.actor.pk in (row.teacher_id, row.approval.requested_by_id)]
        others = [row for row in coming if row not in mine]
        listed = (("Yours to come", mine), ("Others’ to come", others), ("Over", past))
        return super().get_context_data(
            columns=["Activity", "Class", "When", "Teacher", "State", *([] if refused else ["Again"])],
            groups=[
                {"title": title, "rows": [{"cells": self._cells(row, again=not refused)} for row in rows]}
                for title, rows in listed
                if rows
            ],
            refused=refused,
            **kwargs,
        )

    def _cells(self, row: CurriculumUse, *, again: bool) -> list[dict[str, Any]]:
        cells: list[dict[str, Any]] = [
            {"value": row.title, "url": self.link("overview:approval", approval=row.approval_id)},
            {"value": row.form.name, "label": "Class"},
            {"value": when_in_words(row.approval), "label": "When"},
            {"value": row.teacher.display_name, "label": "Teacher"},
            {"tag": state_tag(row.approval), "label": "State"},
        ]
        if again:
            like = f"{self.link('devices:propose-lesson')}?like={row.approval_id}"
            cells.append({"value": f"Another like {row.approval.reference}", "url": like, "label": "Again"})
        return cells


class LessonPage(FormPage, abstract=True):
    """A form about a lesson."""

    permission = Permission.ASK_PERMISSION

    def cancel_url(self) -> str:
        return self.link("devices:lessons")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Lessons with own devices", "url": self.link("devices:lessons")}]

    def get_form_kwargs(self) -> dict[str, Any]:
        def pupils_of(form: int) -> list[Pupil]:
            return pupils_of_form(self.school, form, self.today)

        return super().get_form_kwargs() | {"pupils_of": pupils_of}


class ProposeLessonView(LessonPage):
    """Propose a lesson with own devices; another like an earlier one takes its words along, and nothing that was
    agreed, assessed or decided (DEV-19)."""

    form_class = ProposeLessonForm
    title = "Propose a lesson with own devices"

    def get_intro(self) -> str:
        then = "the teacher agrees" if self.rules.curriculum_use == "consent_only" else (
            "the teacher agrees, a risk assessment is attached and a senior leader approves"
        )  # fmt: skip
        return f"For one class and one activity on one day. It cannot be used until {then}."

    def get_initial(self) -> dict[str, Any]:
        return {"teacher": self.actor.pk} | self._words_of(self.request.GET.get("like", ""))

    def _words_of(self, like: str) -> dict[str, Any]:
        if not like.isdecimal() or len(like) > 18:
            return {}
        use = lessons_visible_to(self.actor, self.school).filter(approval=int(like)).first()
        if use is None:
            return {}
        return {"title": use.title, "purpose": use.purpose, "form": use.form_id, "teacher": use.teacher_id}

    def get_form_kwargs(self) -> dict[str, Any]:
        teachers = {one.pk: one for one in holders_of(self.school, *TEACHERS, on=self.today)}
        return super().get_form_kwargs() | {"forms_of": forms_of(self.school), "teachers": teachers.values()}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ProposeLessonForm)
        row = ops.propose_lesson(school=self.school, actor=self.actor, at=self.now, **form.given())
        return self.done("It is proposed. Next, the teacher agrees.", address_of(row.approval))


class ChangeLessonView(LessonPage):
    """Change a proposal that is not decided."""

    form_class = ChangeLessonForm
    title = "Change the proposal"

    @property
    def use(self) -> CurriculumUse:
        if not hasattr(self, "_use"):
            own = lessons_visible_to(self.actor, self.school).filter(approval__requested_by=self.actor)
            self._use: CurriculumUse = get_or_404(own, approval=self.kwargs["approval"])
        return self._use

    def cancel_url(self) -> str:
        return address_of(self.use.approval)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"group": self.use.form_id}

    def get_initial(self) -> dict[str, Any]:
        use = self.use
        starts, ends = use.approval.starts_at.astimezone(LONDON), use.approval.ends_at.astimezone(LONDON)
        return {
            "title": use.title, "purpose": use.purpose, "day": starts.date(), "from_time": starts.time(),
            "to_time": ends.time(), "who": WHOLE if use.whole_class else SOME, "pupils": taking_part(use),
        }  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ChangeLessonForm)
        given = form.cleaned_data
        ops.change_lesson(
            school=self.school, actor=self.actor, at=self.now, use=self.use, title=given["title"],
            purpose=given["purpose"], pupils=given["pupils"], submission=given["submission"], **form.moments(),
        )  # fmt: skip
        return self.done("The proposal is changed, and waits again.", self.cancel_url())


class RevocationsView(Page):
    """Whose break-time privilege is revoked, for the leaders: from when to when, why, for which breach, by whom."""

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/revocations.html"
    title = "Break-time privilege"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, past = revocations_now_and_past(self.actor, self.school, self.today)
        keys = [row.breach for row in (*now, *past) if row.breach is not None]
        breaches = breaches_openable(school=self.school, keys=keys, reader=self.actor, on=self.today) if keys else {}
        return super().get_context_data(
            is_privilege=self.rules.break_use == "revocable_privilege",
            groups=[
                {
                    "title": title,
                    "rows": [
                        {
                            "row": row,
                            "url": self.link("devices:pupil-permissions", pupil=row.pupil_id),
                            "breach_url": breaches.get(row.breach, "") if row.breach is not None else "",
                            "end_url": self.link("devices:restore-privilege", revocation=row.pk) if rows is now else "",
                        }
                        for row in rows
                    ],
                }
                for title, rows in (("Revoked now or soon", now), ("Over", past))
                if rows
            ],
            **kwargs,
        )


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
