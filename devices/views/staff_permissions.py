"""Pages about staff’s own devices: the rules, what one may do, asking, giving and logging leave (STA-01 to STA-12)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from core.approvals.access import may_read_reason, reads_all, role_to_decide
from core.approvals.enums import STAFF_KINDS, GivenHow, Kind, State
from core.approvals.kinds import deciders_of
from core.approvals.models import Approval
from core.approvals.operations import address_of
from core.approvals.queries import approvals_visible_to, hazards_of, last_day
from core.approvals.words import state_tag, when_in_words
from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm
from core.people.calendar import LONDON
from core.people.queries import holders_of, staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page
from devices.documents.staff_permissions import PermissionFacts, permission_pdf, remote_facts, slip_facts
from devices.forms.staff_permissions import (
    ChangeDaysForm,
    ChangeStaffForm,
    ColleagueForm,
    GiveLessonUseForm,
    LessonUseForm,
    LogLessonUseForm,
    RemoteTeachingForm,
    StaffContactForm,
)
from devices.operations.permissions import staff as ops
from devices.queries import place_choices
from devices.queries.staff_permissions import (
    OVER_SHOWN,
    in_force_for,
    kinds_offered,
    lesson_use_of,
    remote_teaching_of,
    rules_for_staff,
    staff_permissions,
)


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
        found = staff_permissions(self.actor, self.school, self.now)
        return super().get_context_data(
            now_in_force=[self._line(row) for row in found.now],
            coming=[self._line(row) for row in found.coming],
            over=[self._line(row) for row in found.over],
            is_cut=len(found.over) == OVER_SHOWN,
            asks=self._asks(offered),
            refused=[{"kind": Kind(kind).label, "why": why} for kind, why in offered.items() if why],
            remote_url=self.link("devices:remote-teaching"),
            may_give=self.decides(Kind.STAFF_LESSON_USE),
            **self._look_up(offered),
            **kwargs,
        )

    def _asks(self, offered: dict[str, str]) -> list[dict[str, str]]:
        """What can be asked for or logged under the rules."""
        written_only = self.rules.staff_lesson_use_form == GivenHow.WRITTEN
        return [
            {"url": self.link(f"devices:{name}"), "label": label}
            for kind, name, label in (
                (Kind.STAFF_LESSON_USE, "ask-lesson-use", "Ask to use one in teaching time"),
                (Kind.STAFF_LESSON_USE, "log-lesson-use", "Log what you were told"),
                (Kind.STAFF_CONTACT, "ask-staff-contact", "Ask to reach somebody by one"),
                (Kind.REMOTE_TEACHING, "ask-remote-teaching", "Ask to teach remotely on one"),
            )
            if not offered[kind] and not (name == "log-lesson-use" and written_only)
        ]

    def _look_up(self, offered: dict[str, str]) -> dict[str, Any]:
        """May one colleague use theirs now? For those who may open everybody’s permissions."""
        if not reads_all(self.actor, self.school):
            return {}
        form = ColleagueForm(self.request.GET or None, staff=staff_of(self.school))
        if not form.is_bound or not form.is_valid() or form.colleague is None:
            return {"form": form}
        held = in_force_for(self.actor, self.school, form.colleague, self.now)
        answers = [self._answer(Kind(kind), [one for one in held if one.kind == kind], offered) for kind in offered]
        return {"form": form, "colleague": form.colleague, "answers": answers}

    def _answer(self, kind: Kind, held: list[Approval], offered: dict[str, str]) -> dict[str, Any]:
        """One line of the look-up: yes with its limits, or no."""
        if not held:
            return {
                "label": kind.label,
                "tag": {"kind": "stop", "word": "No"},
                "lines": [offered[kind]] if offered[kind] else [],
            }
        return {
            "label": kind.label,
            "tag": {"kind": "ok", "word": "Yes"},
            "lines": [f"{', '.join(one.places) or 'Anywhere'}. {when_in_words(one)}." for one in held],
            "url": self.link("overview:approval", approval=held[0].pk),
            "url_label": "Open",
        }

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
        return super().get_context_data(
            rules=rules_for_staff(self.rules), contact=self.rules.staff_contact_own_device, **kwargs
        )


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

    def get_form_class(self) -> type[BaseForm]:
        return ChangeStaffForm if self.row.kind == Kind.STAFF_LESSON_USE else ChangeDaysForm

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
            "starts_on": starts.date(), "ends_on": last_day(self.row),
            "first_day": starts.date(), "from_time": starts.time(), "last_day": ends.date(), "to_time": ends.time(),
        }  # fmt: skip

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.row  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ChangeStaffForm | ChangeDaysForm)
        given = self.who_does() | form.moments()
        given |= {name: form.cleaned_data[name] for name in ("note", "submission")}
        ops.change_staff_request(approval=self.row, **given)
        return self.done("The request is changed, and waits again.", self.cancel_url())


class StaffPaperPage(StaffPage, abstract=True):
    """One decided permission on paper, made anew each time; that it was printed is on record."""

    kind: ClassVar[Kind]
    name: ClassVar[str]

    def facts(self, row: Approval, places: dict[str, str]) -> PermissionFacts:
        """The snapshot that is printed."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        decided = approvals_visible_to(self.actor, self.school).filter(kind=self.kind, decided_at__isnull=False)
        row: Approval = get_or_404(decided.exclude(state=State.DECLINED), pk=self.kwargs["approval"])
        made = permission_pdf(self.facts(row, dict(place_choices(self.rules))), at=self.now)
        record(
            school=self.school, actor=self.actor, action="devices.print_permission", at=self.now, obj=row,
            outcome=Outcome.EXPORTED, detail={"as": self.name},
        )  # fmt: skip
        response = HttpResponse(made.content, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{row.reference}.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response


class StaffSlipView(StaffPaperPage):
    """The slip for whoever was given leave; it says not why, so that it can be shown (DOC-18, law AP-6)."""

    kind, name = Kind.STAFF_LESSON_USE, "slip"

    def facts(self, row: Approval, places: dict[str, str]) -> PermissionFacts:
        return slip_facts(get_or_404(lesson_use_of(row)), places=places, at=self.now, by=self.actor)


class RemoteTeachingPaperView(StaffPaperPage):
    """The risk assessment and the approval of remote teaching, for those who may know why (DOC-19)."""

    kind, name = Kind.REMOTE_TEACHING, "assessment"

    def facts(self, row: Approval, places: dict[str, str]) -> PermissionFacts:
        if not may_read_reason(self.actor, row, self.rules, self.today):
            raise Http404
        hazards = hazards_of(row.assessment) if row.assessment is not None else []
        use = get_or_404(remote_teaching_of(row))
        return remote_facts(use, hazards, places=places, at=self.now, by=self.actor)
