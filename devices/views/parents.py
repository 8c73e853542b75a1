"""Parents and carers to tell: the list, one of them, and what the DSL or a leader decides instead."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.kit.forms import BaseForm, SubmissionForm
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.enums import NoticeAbout, State, ToldHow
from devices.forms.parents import DropNoticeForm, TellParentForm, WithholdForm
from devices.models import ParentNotice
from devices.operations.taken.parents import email_text
from devices.queries.taken import (
    adults_to_tell,
    collecting_in_words,
    may_be_dropped,
    notice_rows,
    notices_visible_to,
    to_tell,
    told_lately,
    waits_for_dsl,
    withheld,
)
from devices.views.base import DevicesView

_MOST_SHOWN = 200


class ParentsToTellView(DevicesView):
    """Whom to tell, the longest due first; emails that did not arrive; what was told lately."""

    permission = Permission.RELEASE_DEVICE
    template_name = "devices/parents_to_tell.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = notices_visible_to(self.actor, self.school)
        waiting = list(to_tell(seen)[: _MOST_SHOWN + 1])
        told = told_lately(seen)
        kept = list(withheld(seen)[:_MOST_SHOWN]) if self.may(Permission.SET_DO_NOT_INFORM) else []
        rows = notice_rows(self.school, [*waiting[:_MOST_SHOWN], *told], self.now)
        return super().get_context_data(
            waiting=rows[: len(waiting[:_MOST_SHOWN])],
            told=rows[len(waiting[:_MOST_SHOWN]) :],
            kept=kept,
            more=len(waiting) > _MOST_SHOWN,
            **kwargs,
        )


class OfNoticeView(SchoolFormView, DevicesView, abstract=True):
    """A page about one thing to tell."""

    @property
    def notice(self) -> ParentNotice:
        if not hasattr(self, "_notice"):
            seen = notices_visible_to(self.actor, self.school)
            self._notice: ParentNotice = get_or_404(seen, pk=self.kwargs["parent_notice"])
        return self._notice

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            notice=self.notice, back_url=self.url("parent-notice", self.notice.pk), **kwargs
        )


class ParentNoticeView(OfNoticeView):
    """One thing to tell: whom, the words of an email, and what came of it."""

    permission = Permission.RELEASE_DEVICE
    template_name = "devices/parent_notice.html"
    form_class = TellParentForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.notice.withheld_at is not None:
            self.note_view("devices.view_withheld_notice", self.notice)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        contacts = adults_to_tell(self.school, self.notice.pupil)
        return super().get_form_kwargs() | {"contacts": contacts}

    def get_initial(self) -> dict[str, Any]:
        return {"message": self._words()}

    def _words(self) -> str:
        """Neutral words to start from; staff change them to what they said."""
        stay = self.notice.custody
        said = {
            NoticeAbout.TAKEN: "The school has taken a device and keeps it safe.",
            NoticeAbout.ESCALATED: "A parent or carer is asked to collect the device.",
            NoticeAbout.CLAIM_REFUSED: "Somebody asked for the device and was not given it.",
            NoticeAbout.HELD: self._of_hold(),
        }.get(NoticeAbout(self.notice.about), "")
        collecting = collecting_in_words(stay, self.now) if said and stay is not None else ""
        return f"{said} {collecting}".strip()

    def _of_hold(self) -> str:
        """Which device, where it is and whom to speak to; never why it is held (law IM-6)."""
        notice = self.notice
        if notice.about != NoticeAbout.HELD or notice.custody is None or notice.changed_by is None:
            return ""
        where = " It is locked away at school." if notice.custody.state == State.EVIDENCE_HOLD else ""
        which = notice.custody.device.description
        return f"The school has the {which} and keeps it for now.{where} Speak to {notice.changed_by.display_name}."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.tell_parent(
            school=self.school, actor=self.actor, at=self.now, notice=self.notice, **form.cleaned_data
        )
        by_email = form.cleaned_data["how"] == ToldHow.EMAIL
        said = "The email is on its way. This list shows whether it arrives." if by_email else "Recorded as told."
        return self.done(said, self.url("parents-to-tell"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        notice = self.notice
        (row,) = notice_rows(self.school, [notice], self.now)
        may_tell = notice.is_open or row.failed
        is_dsl = self.may(Permission.SET_DO_NOT_INFORM)
        return super().get_context_data(**kwargs) | {
            "row": row,
            "may_tell": may_tell,
            "is_held": waits_for_dsl(notice.custody),
            "has_adults": bool(adults_to_tell(self.school, notice.pupil)),
            "email_words": email_text(notice, self.now) if may_tell else "",
            "may_withhold": is_dsl and notice.is_open,
            "may_drop": self.may(Permission.LEAD_CUSTODY) and notice.is_open and may_be_dropped(notice),
            "is_dsl": is_dsl,
            "list_url": self.url("parents-to-tell"),
            "key": SubmissionForm(),
        }


class _AnswerView(DevicesView, abstract=True):
    """One answer about a notice that needs no form: a button."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        seen = notices_visible_to(self.actor, self.school)
        notice = get_or_404(seen, pk=self.kwargs["parent_notice"])
        key = SubmissionForm(request.POST)
        key.is_valid()
        try:
            said = self.answer(notice, key.cleaned_data.get("submission"))
        except operations.taken.UnableToTell as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.url("parent-notice", notice.pk))
        return self.done(said, self.url("parent-notice", notice.pk))

    def answer(self, notice: ParentNotice, submission: Any) -> str:
        raise NotImplementedError


class NotReachedView(_AnswerView):
    """Nobody answered: counted, and it stays on the list."""

    permission = Permission.RELEASE_DEVICE

    def answer(self, notice: ParentNotice, submission: Any) -> str:
        operations.taken.parent_not_reached(
            school=self.school, actor=self.actor, at=self.now, notice=notice, submission=submission
        )
        return "Recorded: tried and not reached. It stays on the list."


class StopWithholdingView(_AnswerView):
    """The DSL says that parents may be told after all."""

    permission = Permission.SET_DO_NOT_INFORM

    def answer(self, notice: ParentNotice, submission: Any) -> str:
        operations.taken.stop_withholding(
            school=self.school, actor=self.actor, at=self.now, notice=notice, submission=submission
        )
        return "Parents may be told. It is on the list of parents to tell."


class WithholdNoticeView(OfNoticeView):
    """The DSL keeps something from parents, with a reason that only the DSL reads."""

    permission = Permission.SET_DO_NOT_INFORM
    template_name = "devices/withhold_notice.html"
    form_class = WithholdForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.withhold_notice(
            school=self.school, actor=self.actor, at=self.now, notice=self.notice, **form.cleaned_data
        )
        return self.done("Nothing goes out. The office sees only that it is held.", self.url("parents-to-tell"))


class DropNoticeView(OfNoticeView):
    """A leader decides that a parent need not be told, where the rules leave it open."""

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/drop_notice.html"
    form_class = DropNoticeForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.taken.drop_notice(
            school=self.school, actor=self.actor, at=self.now, notice=self.notice, **form.cleaned_data
        )
        return self.done("The decision is recorded.", self.url("parents-to-tell"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_drop": may_be_dropped(self.notice)}
