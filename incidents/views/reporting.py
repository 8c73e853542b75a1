"""Record a concern: one question a page, kept at each step, sent at the end (W4). Only its author sees a draft."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from core.kit.forms import BaseForm
from core.people.models import Pupil, User
from core.people.queries import all_pupils, find_pupils, safeguarding_team, staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from devices.queries import area_choices
from incidents import image_guidance, operations, queries
from incidents.enums import IncidentType, PersonKind, PersonRole, Quick
from incidents.forms.reporting import BeginForm, DoneForm, KindForm, SeenForm, WhenForm, WhoForm
from incidents.guidance import guidance_for, guidance_of_group
from incidents.models import Incident
from incidents.operations import Named
from incidents.queries.reporting import devices_named, stay_of, types_in
from incidents.routing import HARM, OWN_CONTACT
from incidents.views.answers import answers_of

STEPS = ("who", "what", "when", "seen", "done", "check")
# What a page can have found about one of the staff, and lead here with.
_FOUND_BY_PAGES = (IncidentType.STAFF_OWN_DEVICE, IncidentType.EQUIPMENT)
_RELATED = ("told_whom", "device__type", "device__pupil", "custody__device__type")


class ReportPage(SchoolView, abstract=True):
    """A page of the report."""

    permission = Permission.REPORT_INCIDENT
    step: ClassVar[str] = "who"

    def url(self, name: str, *args: Any) -> str:
        """The address of a page of the app in this school."""
        return reverse(f"incidents:{name}", args=[self.school.slug, *args])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("number", STEPS.index(self.step) + 1)
        kwargs.setdefault("steps", len(STEPS))
        return super().get_context_data(**kwargs)


class DraftPage(ReportPage, abstract=True):
    """A page about one's own draft. For everybody else, and once it is sent, there is none."""

    @cached_property
    def draft(self) -> Incident:
        found = get_or_404(
            queries.drafts_of(self.actor, self.school).select_related(*_RELATED), pk=self.kwargs["draft"]
        )
        found.school = self.school
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("draft", self.draft)
        return super().get_context_data(**kwargs)

    def go_on(self, step: str) -> HttpResponseRedirect:
        """The next page; back to the answers for somebody who came from there to change one."""
        to_check = "check" in self.request.GET
        return HttpResponseRedirect(self.url(f"report-{'check' if to_check else step}", self.draft.pk))

    def save(self, form: BaseForm, said: dict[str, Any]) -> None:
        operations.save_draft(
            school=self.school, actor=self.actor, at=self.now, draft=self.draft, said=said,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip


class WhoPage(SchoolFormView, ReportPage, abstract=True):
    """Finds whom the form means and puts them into a draft."""

    template_name = "incidents/report_who.html"
    form_class = WhoForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def who(self, form: WhoForm) -> Named | None:
        """Whom the form means; None where it has to ask which."""
        values = form.values()
        if values["kind"] != PersonKind.PUPIL:
            return Named(role=values["role"], user=values["user"], kind=values["kind"], name=values["name"])
        if form.cleaned_data["pupil"]:
            return Named(role=values["role"], pupil=get_or_404(all_pupils(self.school), pk=form.cleaned_data["pupil"]))
        found = find_pupils(self.school, values["name"], limit=10, on=self.today)
        if len(found.pupils) != 1 or found.near:
            form.ask_which(found.pupils)
            return None
        return Named(role=values["role"], pupil=found.pupils[0])


class StartReportView(WhoPage):
    """Who is it about? The draft begins with the answer; looking at the page begins none.

    A page about a pupil or a taken device leads here with its key, and the report begins with them; so does a page that
    found a breach by one of the staff, with the kind of it (CON-08, SDV-08). Nothing is said for the reporter.
    """

    @cached_property
    def pupil(self) -> Pupil | None:
        key = self.request.GET.get("pupil", "")
        return get_or_404(all_pupils(self.school), pk=int(key)) if key.isdigit() else None

    @cached_property
    def member(self) -> User | None:
        """One of the staff, by key; somebody who does not work here is not named."""
        key = self.request.GET.get("staff", "")
        return next((one for one in staff_of(self.school) if str(one.pk) == key), None)

    @property
    def kind(self) -> str:
        """The kind of breach that a page found, where the school takes reports of it (INC-03)."""
        asked = self.request.GET.get("kind", "")
        return asked if asked in _FOUND_BY_PAGES and asked in queries.offered_types(self.school) else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            about=self.pupil or self.member, beginning=BeginForm(auto_id=False),
            drafts=queries.drafts_of(self.actor, self.school)[:3], quick=self.may(Permission.TAKE_DEVICE), **kwargs,
        )  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "begin" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = BeginForm(request.POST)
        if not form.is_valid():
            return self.render(form=self.form_class(**self.get_form_kwargs()), status=422)
        said: dict[str, Any] = {}
        if self.pupil is not None:
            stay = stay_of(self.actor, self.school, self.pupil, request.GET.get("custody", ""))
            if stay is not None:
                said = {"custody": stay, "device": stay.device}
        begins_with = Named(pupil=self.pupil) if self.pupil is not None else None
        if begins_with is None and self.member is not None:
            begins_with = Named(user=self.member)
            said = {"type": self.kind} if self.kind else {}
        draft = operations.save_draft(
            school=self.school, actor=self.actor, at=self.now, said=said, add=begins_with,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return HttpResponseRedirect(self.url("report-when" if "type" in said else "report-what", draft.pk))

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, WhoForm)
        named = self.who(form)
        if named is None:
            return self.form_invalid(form)
        draft = operations.save_draft(
            school=self.school, actor=self.actor, at=self.now, add=named, submission=form.cleaned_data["submission"]
        )
        return HttpResponseRedirect(self.url("report-who", draft.pk))


class WhoView(WhoPage, DraftPage):
    """Who is in it; add another, or take somebody out."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            people=queries.people_of(self.draft), beginning=BeginForm(auto_id=False),
            next_url=self.go_on("what").url, **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, WhoForm)
        named = self.who(form)
        if named is None:
            return self.form_invalid(form)
        operations.save_draft(
            school=self.school, actor=self.actor, at=self.now, draft=self.draft, add=named,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return HttpResponseRedirect(self.request.get_full_path())


class TakeOutView(SchoolFormView, DraftPage):
    """The button beside somebody in the draft."""

    http_method_names = ["post"]
    template_name = "incidents/report_who.html"
    form_class = BeginForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        person = get_or_404(queries.people_of(self.draft), pk=self.kwargs["draft_person"])
        operations.save_draft(
            school=self.school, actor=self.actor, at=self.now, draft=self.draft, remove=person,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return HttpResponseRedirect(self.url("report-who", self.draft.pk))


class WhatView(DraftPage):
    """What is it about? Six answers; each leads to its own kinds."""

    template_name = "incidents/report_what.html"
    step = "what"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        back = "&check" if "check" in request.GET else ""
        groups = [
            {
                "label": group.label,
                "url": self.url("report-image", self.draft.pk)
                if group == Quick.IMAGE
                else f"{self.url('report-kind', self.draft.pk)}?group={group.value}{back}",
            }
            for group in Quick
        ]
        return self.render(groups=groups)


class KindView(SchoolFormView, DraftPage):
    """Which kind, of those that the school takes (INC-03); what to keep in mind stands above."""

    template_name = "incidents/report_kind.html"
    form_class = KindForm
    step = "what"

    @property
    def group(self) -> str:
        asked = self.request.GET.get("group", "")
        return asked if asked in Quick.values and asked != Quick.IMAGE else Quick.OTHER

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"types": types_in(self.school, self.group)}

    def get_initial(self) -> dict[str, Any]:
        return {"type": self.draft.type}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            group=Quick(self.group).label, guidance=guidance_of_group(self.group), pressing=self.group == Quick.HARM,
            **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        self.save(form, {"type": form.cleaned_data["type"]})
        return self.go_on("when")


class WhenView(SchoolFormView, DraftPage):
    """When and where: a time that is not known, out of school, online, a placement, a barred area (INC-38, DEV-20)."""

    template_name = "incidents/report_when.html"
    form_class = WhenForm
    step = "when"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"areas": area_choices(self.rules)}

    def get_initial(self) -> dict[str, Any]:
        draft = self.draft
        at = timezone.localtime(draft.happened_at or self.now)
        return {
            "on": at.date(), "time": at.time() if draft.time_is_known else None, "place": draft.place,
            "area": draft.area, "is_online": draft.is_online, "is_offsite": draft.is_offsite,
            "provider": draft.provider,
        }  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, WhenForm)
        said = form.values()
        if said["happened_at"] > self.now:
            form.add_error("time" if said["time_is_known"] else "on", "That time is still ahead")
            return self.form_invalid(form)
        self.save(form, said)
        return self.go_on("seen")


class SeenView(SchoolFormView, DraftPage):
    """What was seen and heard, in the child’s own words where there are any; opinion apart (SG-2)."""

    template_name = "incidents/report_seen.html"
    form_class = SeenForm
    step = "seen"

    def get_form_kwargs(self) -> dict[str, Any]:
        devices = devices_named(self.draft)
        return super().get_form_kwargs() | {
            "own_contact": self.draft.type in OWN_CONTACT,
            "staff_contact": self.draft.type == IncidentType.STAFF_CONTACT,
            "devices": devices,
            "named": len({device.pupil_id for device in devices}) > 1,
        }

    def get_initial(self) -> dict[str, Any]:
        names = ("raised_by", "account", "own_words", "opinion", "platform", "response", "arrangement")
        return {name: getattr(self.draft, name) for name in names} | {"device": str(self.draft.device_id or "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            guidance=guidance_for(self.draft.type), pressing=self.draft.type in HARM, **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, SeenForm)
        said = form.values()
        if self.draft.custody_id and "device" in said:
            stays = self.draft.custody is not None and said["device"] == self.draft.custody.device
            said |= {} if stays else {"custody": None}
        self.save(form, said)
        return self.go_on("done")


class DoneView(SchoolFormView, DraftPage):
    """What was done, and whether a DSL was told in person; if not, who is there to be told now (SG-6)."""

    template_name = "incidents/report_done.html"
    form_class = DoneForm
    step = "done"

    @cached_property
    def team(self) -> list[dict[str, Any]]:
        people: dict[int, dict[str, Any]] = {}
        for user, role, _phase in safeguarding_team(self.school):
            people.setdefault(user.pk, {"user": user, "role": role.label})
        return list(people.values())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"team": [one["user"] for one in self.team]}

    def get_initial(self) -> dict[str, Any]:
        draft = self.draft
        return {
            "danger_now": draft.danger_now, "concern_for_child": draft.concern_for_child or draft.type in HARM,
            "told": "" if draft.told_in_person is None else "yes" if draft.told_in_person else "no",
            "told_whom": str(draft.told_whom_id or ""), "immediate_action": draft.immediate_action,
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(team=self.team, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, DoneForm)
        self.save(form, form.values())
        return self.go_on("check")


class CheckView(SchoolFormView, DraftPage):
    """Every answer with the way to change it, and the button that sends it. Sent again, it is the same report."""

    template_name = "incidents/report_check.html"
    form_class = BeginForm
    step = "check"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if queries.reports_of(self.actor, self.school).filter(pk=self.kwargs["draft"]).exists():
            return HttpResponseRedirect(self.url("report-sent", self.kwargs["draft"]))
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            rows=answers_of(self.draft, self.rules, self.url),
            people=queries.people_of(self.draft),
            discarding=BeginForm(auto_id=False),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        sent = operations.report_incident(
            school=self.school, actor=self.actor, at=self.now, draft=self.draft,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return HttpResponseRedirect(self.url("report-sent", sent.pk))

    def form_invalid(self, form: BaseForm) -> HttpResponseBase:
        del self.draft  # an operation that refused has left its answers in no row
        return super().form_invalid(form)


class DiscardView(SchoolFormView, DraftPage):
    """Throw the draft away."""

    http_method_names = ["post"]
    template_name = "incidents/report_check.html"
    form_class = BeginForm

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.discard_draft(
            school=self.school, actor=self.actor, at=self.now, draft=self.draft,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("The draft is thrown away.", self.url("my-reports"))


class ImageStopView(SchoolFormView, DraftPage):
    """A nude or sexual image: stop. Do not open, copy or forward it; its own report goes on from here (W4, IMG-01)."""

    template_name = "incidents/report_image.html"
    form_class = BeginForm
    step = "what"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(never=image_guidance.NEVER, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        people = list(queries.people_of(self.draft))
        pupils = [person.pupil_id for person in people if person.pupil_id and person.role == PersonRole.SUBJECT]
        operations.discard_draft(
            school=self.school, actor=self.actor, at=self.now, draft=self.draft,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        if len(pupils) == 1:
            return HttpResponseRedirect(self.url("image-report-about", pupils[0]))
        return HttpResponseRedirect(self.url("image-report"))
