"""Pages about staff’s own devices: the rules, what one may do, asking, giving and logging leave (STA-01 to STA-12)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from core.approvals.access import may_read_reason, role_to_decide
from core.approvals.enums import STAFF_KINDS, GivenHow, Kind
from core.approvals.hooks import feature_of
from core.approvals.kinds import deciders_of
from core.approvals.models import Approval
from core.approvals.operations import address_of
from core.approvals.queries import approvals_visible_to, hazards_of
from core.approvals.words import state_tag, when_in_words
from core.kit.forms import BaseForm
from core.people.calendar import LONDON
from core.people.queries import holders_of, staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page
from devices.documents.permissions import permission_pdf
from devices.forms.staff_permissions import (
    ChangeStaffForm,
    GiveLessonUseForm,
    LessonUseForm,
    LogLessonUseForm,
    RemoteTeachingForm,
    StaffContactForm,
)
from devices.operations.permissions import staff as ops
from devices.queries.staff_permissions import has_paper, kinds_offered, rules_for_staff, staff_permissions


class StaffPage(Page, abstract=True):
    """What the pages about staff’s own devices share."""

    permission = Permission.ASK_PERMISSION

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Staff’s own devices", "url": self.link("devices:staff-permissions")}]

    def decides(self, kind: str) -> bool:
        return role_to_decide(self.actor, self.school, kind, self.rules, self.today) is not None


class StaffPermissionsView(StaffPage):
    """Who among staff may use an own device, where and when: one’s own, and for leaders everybody’s."""

    template_name = "devices/staff_permissions.html"
    title = "Staff’s own devices"

    def crumbs(self) -> list[dict[str, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offered = kinds_offered(self.rules)
        rows = staff_permissions(self.actor, self.school)
        return super().get_context_data(
            now_in_force=[self._line(row) for row in rows if row.holds_at(self.now)],
            others=[self._line(row) for row in rows if not row.holds_at(self.now)],
            offered=offered,
            asks=[
                {"url": self.link(f"devices:{name}"), "label": label}
                for kind, name, label in (
                    (Kind.STAFF_LESSON_USE, "ask-lesson-use", "Ask to use one in teaching time"),
                    (Kind.STAFF_LESSON_USE, "log-lesson-use", "Log what you were told"),
                    (Kind.STAFF_CONTACT, "ask-staff-contact", "Ask to reach somebody by one"),
                    (Kind.REMOTE_TEACHING, "ask-remote-teaching", "Ask to teach remotely on one"),
                )
                if not offered[kind]
                and not (name == "log-lesson-use" and self.rules.staff_lesson_use_form == GivenHow.WRITTEN)
            ],
            refused=[{"kind": Kind(kind).label, "why": why} for kind, why in offered.items() if why],
            remote_url=self.link("devices:remote-teaching"),
            may_give=self.decides(Kind.STAFF_LESSON_USE),
            **kwargs,
        )

    def _line(self, row: Approval) -> dict[str, Any]:
        return {
            "url": self.link("overview:approval", approval=row.pk),
            "kind": row.get_kind_display(),
            "who": row.user,
            "when": when_in_words(row),
            "where": ", ".join(row.places),
            "tag": state_tag(row),
        }


class StaffRulesView(StaffPage):
    """The rules about staff’s own devices, in the school’s words, fit to print (STA-03 to STA-06, STA-11, STA-19)."""

    template_name = "devices/staff_rules.html"
    title = "Own devices: the rules for staff"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(rules=rules_for_staff(self.rules), **kwargs)


class PermissionPaperView(StaffPage):
    """What was given to one of the staff, on paper: the slip, or remote teaching with its risk assessment."""

    @property
    def row(self) -> Approval:
        if not hasattr(self, "_row"):
            found = approvals_visible_to(self.actor, self.school).filter(kind__in=STAFF_KINDS)
            self._row: Approval = get_or_404(found, pk=self.kwargs["approval"])
        return self._row

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.row
        if not has_paper(row):
            raise Http404
        feature = feature_of(row.kind)
        reads = may_read_reason(self.actor, row, self.rules, self.today)
        # The slip goes from hand to hand: why stands in the record alone.
        reasons = feature.reasons(row) if reads and row.kind == Kind.REMOTE_TEACHING else ()
        self.note_view("devices.permission_paper", row)
        content = permission_pdf(
            row, facts=feature.facts(row), reasons=reasons, made_at=self.now,
            hazards=hazards_of(row.assessment) if row.assessment is not None else (),
        )  # fmt: skip
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{row.reference}.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response


class AskPage(FormPage, StaffPage, abstract=True):
    """A form that asks for, gives or logs a permission."""

    def cancel_url(self) -> str:
        return self.link("devices:staff-permissions")

    def get_initial(self) -> dict[str, Any]:
        return {"first_day": self.today, "starts_on": self.today}

    def who_does(self) -> dict[str, Any]:
        return {"school": self.school, "actor": self.actor, "at": self.now}


class AskLessonUseView(AskPage):
    """Ask to use an own device in teaching time."""

    form_class = LessonUseForm
    title = "Ask to use your own device in teaching time"

    def get_intro(self) -> str:
        return f"By the school’s rules this is for {deciders_of(Kind.STAFF_LESSON_USE, self.rules).called} to decide."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LessonUseForm)
        row = ops.ask_lesson_use(**self.who_does(), **form.given())
        return self.done("It is asked for. You are told when it is decided.", address_of(row.approval))


class LogLessonUseView(AskPage):
    """Log a spoken permission that one was given."""

    form_class = LogLessonUseForm
    title = "Log a permission that you were told"
    intro = "It holds once the person who gave it has confirmed it here."

    def get_form_kwargs(self) -> dict[str, Any]:
        roles = deciders_of(Kind.STAFF_LESSON_USE, self.rules).roles
        found = {one.pk: one for one in holders_of(self.school, *roles, on=self.today) if one.pk != self.actor.pk}
        return super().get_form_kwargs() | {"givers": found.values()}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LogLessonUseForm)
        row = ops.log_lesson_use(**self.who_does(), **form.given())
        return self.done("It is logged, and waits to be confirmed.", address_of(row.approval))


class GiveLessonUseView(AskPage):
    """Give a colleague leave, in writing or logging one’s own word."""

    form_class = GiveLessonUseForm
    title = "Let a colleague use their own device in teaching time"

    def get_form_kwargs(self) -> dict[str, Any]:
        form = self.rules.staff_lesson_use_form
        taken = [form] if form == GivenHow.WRITTEN else list(GivenHow.values)
        return super().get_form_kwargs() | {
            "staff": [one for one in staff_of(self.school) if one.pk != self.actor.pk],
            "forms_taken": taken,
            "is_open": deciders_of(Kind.STAFF_LESSON_USE, self.rules).is_open,
        }

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, GiveLessonUseForm)
        row = ops.give_lesson_use(**self.who_does(), **form.given())
        return self.done("It is given and holds for that time.", address_of(row.approval))


class AskStaffContactView(AskPage):
    """Ask to reach somebody by an own device."""

    form_class = StaffContactForm
    title = "Ask to reach somebody by your own device"
    intro = "The head of school decides. Without it, contact from an own device is a breach."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        row = ops.ask_staff_contact(**self.who_does(), **form.cleaned_data)
        return self.done("It is asked for.", address_of(row.approval))


class AskRemoteTeachingView(AskPage):
    """Ask to teach remotely on an own device."""

    form_class = RemoteTeachingForm
    title = "Ask to teach remotely on your own device"
    intro = "Next, a formal risk assessment is attached; then it is decided."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        row = ops.ask_remote_teaching(**self.who_does(), **form.cleaned_data)
        return self.done("It is asked for. Next, attach a risk assessment.", address_of(row.approval))


class ChangeStaffRequestView(AskPage):
    """Change one’s request, as when it was sent back."""

    form_class = ChangeStaffForm
    title = "Change your request"

    @property
    def row(self) -> Approval:
        if not hasattr(self, "_row"):
            own = approvals_visible_to(self.actor, self.school).filter(requested_by=self.actor, kind__in=STAFF_KINDS)
            self._row: Approval = get_or_404(own, pk=self.kwargs["approval"])
        return self._row

    def cancel_url(self) -> str:
        return address_of(self.row)

    def get_initial(self) -> dict[str, Any]:
        starts, ends = self.row.starts_at.astimezone(LONDON), self.row.ends_at.astimezone(LONDON)
        return {
            "first_day": starts.date(), "from_time": starts.time(), "last_day": ends.date(), "to_time": ends.time(),
        }  # fmt: skip

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.row  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ChangeStaffForm)
        given = self.who_does() | form.moments()
        given |= {name: form.cleaned_data[name] for name in ("note", "submission")}
        ops.change_staff_request(approval=self.row, **given)
        return self.done("The request is changed, and waits again.", self.cancel_url())
