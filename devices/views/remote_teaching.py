"""Pages about remote teaching: who teaches on what, and putting it on record (SDV-07)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage
from devices.forms.staff_permissions import LogRemoteTeachingForm
from devices.models import RemoteTeaching
from devices.operations import remote_teaching as ops
from devices.queries.remote_teaching import grounds_of, remote_teaching_visible_to, taught
from devices.views.staff_permissions import AskPage, StaffPage


class RemoteTeachingView(StaffPage):
    """Who teaches remotely, from when to when and on what; one’s own, and for leaders everybody’s."""

    template_name = "devices/remote_teaching.html"
    title = "Remote teaching"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        leads = self.may(Permission.LEAD_CUSTODY)
        return super().get_context_data(
            rows=[
                {
                    "row": one.row,
                    "ground": one.ground,
                    "tag": self._tag(one.is_running, one.is_covered, one.row),
                    "end_url": self.link("devices:end-remote-teaching", remote=one.row.pk)
                    if one.row.ended_at is None and one.row.ends_on >= self.today
                    else "",
                }
                for one in taught(self.actor, self.school, self.now, self.today)
            ],
            sees_all=leads,
            **kwargs,
        )

    def _tag(self, is_running: bool, is_covered: bool, row: RemoteTeaching) -> dict[str, str]:
        if row.ended_at is not None or row.ends_on < self.today:
            return {"kind": "neutral", "word": "Over"}
        if not is_covered:
            return {"kind": "attention", "word": "No device for it any more"}
        return {"kind": "ok", "word": "Running"} if is_running else {"kind": "waiting", "word": "To come"}


class LogRemoteTeachingView(AskPage):
    """Put on record that one teaches remotely, and on what."""

    template_name = "devices/log_remote_teaching.html"
    form_class = LogRemoteTeachingForm
    title = "Teach remotely"
    intro = "On a school device that you were given, or on your own by a permission that is in force."

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Remote teaching", "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("devices:remote-teaching")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "grounds": [(one.key, one.label) for one in grounds_of(self.school, self.actor, self.now)]
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(has_ground=bool(grounds_of(self.school, self.actor, self.now)), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LogRemoteTeachingForm)
        ops.log_remote_teaching(**self.who_does(), **form.given())
        return self.done("It is on record.", self.cancel_url())


class EndRemoteTeachingView(ActPage):
    """Say that it is over."""

    permission = Permission.ASK_PERMISSION

    def back(self) -> str:
        return self.link("devices:remote-teaching")

    def act(self, submission: UUID | None) -> str:
        row = get_or_404(remote_teaching_visible_to(self.actor, self.school), pk=self.kwargs["remote"])
        ops.end_remote_teaching(school=self.school, actor=self.actor, at=self.now, row=row, submission=submission)
        return "It is over."
