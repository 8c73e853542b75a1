"""Pages about concerns over staff: classing, the police and the LADO, who is let in, the register (SG-7, STA-13)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from agreements.queries.equipment import equipment_use_of
from core.approvals.words import when_in_words
from core.kit.forms import BaseForm, SubmissionForm
from core.kit.times import clock, day
from core.people.calendar import london_day
from core.people.models import User
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolView, get_or_404
from core.rules.queries import UNSPECIFIED
from devices.queries import covering
from incidents import operations
from incidents.access import ABOUT_STAFF, may_read
from incidents.enums import AllegationKind, IncidentType, OutsideBody, TellState
from incidents.forms.staff_concerns import AccessForm, ClassifyForm, OutsideForm
from incidents.leading import may_lead
from incidents.models import CaseAccess, Incident, StaffConcern
from incidents.queries.crime import due_words, tasks_of
from incidents.queries.staff_concerns import (
    access_of,
    concern_of,
    concerns_visible_to,
    contact_rule,
    entries_of,
    lado_by,
    outside_needed,
    patterns,
)
from incidents.views.leading import LeadFormPage, LeadPage, lead_links
from incidents.views.panels import Panel

_WORDS: dict[bool | None, str] = {True: "yes", False: "no", None: ""}


class ConcernPage(LeadPage, abstract=True):
    """A page about what a record says of a member of staff; other records have no such page."""

    permission = Permission.LEAD_STAFF_CONCERNS

    @cached_property
    def concern(self) -> StaffConcern:
        found = concern_of(self.case) if self.case.route in ABOUT_STAFF else None
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(concern=self.concern, back_url=self.actions_url, **kwargs)


class ClassifyConcernView(ConcernPage, LeadFormPage):
    """What is said, and whether it may meet the harm threshold: a person decides, and says why."""

    template_name = "incidents/staff_classify.html"
    form_class = ClassifyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        rule = contact_rule(self.case)
        return super().get_form_kwargs() | {
            "silent": self.rules.staff_breach_documents == UNSPECIFIED,
            "asks_cover": rule is not None and rule.is_asked,
        }

    def get_initial(self) -> dict[str, Any]:
        concern = self.concern
        return {
            "kinds": concern.kinds, "threshold": _WORDS[concern.meets_threshold],
            "reason": concern.threshold_reason,
            "context": concern.context, "sharer_named": concern.sharer_named, "version": self.case.version,
            "documents": "\n".join(concern.documents), "covered": _WORDS[concern.covered],
            "covered_words": concern.covered_words,
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            due=lado_by(self.case), contact=contact_of(self.case, self.concern), on_record=self._on_record(), **kwargs
        )

    def _on_record(self) -> list[dict[str, str]] | None:
        """The permissions that held at that moment, where the concern is about an own device (STA-01, STA-08), and what
        the head had authorised, where it is about school equipment (SDV-08): a person judges whether one covers it.
        None where that is not the question."""
        case, subject = self.case, self.concern.subject
        if subject is not None and case.type == IncidentType.EQUIPMENT:
            register = reverse("agreements:equipment", args=[self.school.slug])
            return [
                {"label": f"{row.equipment}, {row.get_kind_display()}, until {day(row.ends_on)}", "url": register}
                for row in equipment_use_of(subject, london_day(case.happened_at or case.created_at))
            ]
        if subject is None or case.type not in (IncidentType.STAFF_CONTACT, IncidentType.STAFF_OWN_DEVICE):
            return None
        return [
            {
                "label": f"{row.get_kind_display()}, {when_in_words(row)}",
                "url": reverse("overview:approval", args=[self.school.slug, row.pk]),
            }
            for row in covering(self.school, subject, case.happened_at or case.created_at)
        ]

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, ClassifyForm)
        operations.classify_concern(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values()
        )
        held = Incident(pk=self.case.pk, school=self.school)
        if may_read(self.actor, held, self.today):
            return self.done("It is recorded.", self.actions_url)
        return self.done("It is recorded, and it is the head’s now.", self.url("staff-register"))


class OutsideEntryView(ConcernPage, LeadFormPage):
    """The police or the LADO were spoken to."""

    template_name = "incidents/staff_outside.html"
    form_class = OutsideForm

    def get_initial(self) -> dict[str, Any]:
        spoken = {entry.body for entry in entries_of(self.concern)}
        open_ones = [body for body in outside_needed(self.concern) if body not in spoken]
        return {"on": self.today, "body": open_ones[0] if len(open_ones) == 1 else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(entries=entries_of(self.concern), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, OutsideForm)
        operations.record_outside(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values()
        )
        return self.done("The entry is saved.", self.actions_url)


class GiveAccessView(LeadFormPage):
    """Let a named person read this one record (STA-17)."""

    template_name = "incidents/give_access.html"
    form_class = AccessForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": staff_of(self.school)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.actions_url, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, AccessForm)
        operations.give_access(school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values())
        return self.done("They can read it, and are told.", self.actions_url)


class EndAccessView(LeadFormPage):
    """From now on somebody who was let in reads the record no longer."""

    template_name = "incidents/end_access.html"
    form_class = SubmissionForm

    @cached_property
    def access(self) -> CaseAccess:
        return get_or_404(access_of(self.case), pk=self.kwargs["case_access"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(access=self.access, back_url=self.actions_url, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        operations.end_access(
            school=self.school, actor=self.actor, at=self.now, access=self.access, **form.cleaned_data
        )
        return self.done("They read it no longer.", self.actions_url)


class StaffRegisterView(SchoolView):
    """Low-level concerns, a line for each person: figures for whoever may read them, and no judgement (SG-7, SG-8)."""

    permission = Permission.LEAD_STAFF_CONCERNS
    template_name = "incidents/staff_register.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look_at_register", self.school)
        return self.render(rows=patterns(self.actor, self.school, self.today))


class StaffPatternView(SchoolView):
    """Everything that is said of one member of staff, as far as the reader may see it, in order."""

    permission = Permission.LEAD_STAFF_CONCERNS
    template_name = "incidents/staff_pattern.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visible = concerns_visible_to(self.actor, self.school, self.today).filter(subject=self.kwargs["person"])
        found = list(visible)
        if not found or found[0].subject is None:
            raise Http404
        self.note_view("incidents.look_at_pattern", found[0].subject)
        register = reverse("incidents:staff-register", args=[self.school.slug])
        return self.render(
            person=found[0].subject,
            events=[self._line(concern) for concern in found],
            breadcrumbs=[{"label": "Low-level concerns", "url": register}, {"label": "One person"}],
        )

    def _line(self, concern: StaffConcern) -> dict[str, Any]:
        case = concern.incident
        return {
            "when": day(case.happened_at or case.created_at),
            "title": f"{case}: {case.get_type_display()}",
            "text": ". ".join([*kinds_of(concern), concern.threshold_reason]),
            "word": case.get_route_display(),
            "kind": "stop" if concern.meets_threshold else "info",
            "by": "",
            "url": reverse("incidents:case", args=[self.school.slug, case.pk]),
        }


def kinds_of(concern: StaffConcern) -> list[str]:
    """The kinds of a concern in words."""
    return [str(AllegationKind(kind).label) for kind in concern.kinds]


def contact_of(case: Incident, concern: StaffConcern) -> dict[str, str] | None:
    """Contact from an own device: what the rules say, what was claimed, and what was found (STA-08)."""
    rule = contact_rule(case)
    if rule is None:
        return None
    if not rule.is_asked:
        found = "No arrangement counts: it is a breach"
    else:
        found = {True: "Covered", False: "Not covered: it is a breach"}.get(concern.covered, "Not looked into yet")  # type: ignore[arg-type]
    claimed = {"yes": "It was said to be agreed", "no": "Nobody said that it was agreed"}
    return {
        "rule": rule.words, "found": found, "words": concern.covered_words,
        "claimed": claimed.get(case.arrangement, "Not known"),
    }  # fmt: skip


def staff_tasks(case: Incident, concern: StaffConcern, *, leads: bool) -> list[dict[str, str]]:
    """Whom outside to speak to: the tasks that are open or done, each with its time and its owner (NOT-08)."""
    url = reverse("incidents:outside-entry", args=[case.school.slug, case.pk]) if leads else ""
    spoken = {entry.get_body_display() for entry in entries_of(concern)}
    rows = {task.body: task for task in tasks_of(case) if task.state != TellState.NOT_RELEVANT}
    bodies = dict.fromkeys([*rows, *(body.label for body in outside_needed(concern))])
    made = []
    for body in bodies:
        done, task = body in spoken, rows.get(body)
        owner = f" {task.owner.display_name}." if task is not None and task.owner is not None else ""
        made.append(
            {
                "label": f"Speak to the {body if body == OutsideBody.LADO.label else body.lower()}",
                "url": url,
                "hint": (due_words(task) if task is not None else f"By {day(lado_by(case))}.") + owner,
                "kind": "ok" if done else "attention",
                "word": "Done" if done else "To do",
            }
        )
    return made


def staff_panel(case: Incident, user: User) -> Panel | None:
    """What is said of a member of staff, its documents, whom outside was spoken to."""
    concern = concern_of(case) if case.route in ABOUT_STAFF else None
    if concern is None:
        return None
    entries = list(entries_of(concern))
    leads = may_lead(user, case)
    calls = [{"entry": one, "when": f"{day(one.spoken_at)}, {clock(one.spoken_at)}"} for one in entries]
    shown = {
        "concern": concern, "kinds": kinds_of(concern), "tasks": staff_tasks(case, concern, leads=leads),
        "entries": calls, "contact": contact_of(case, concern),
    }  # fmt: skip
    links = lead_links(case, user, ("Class the concern", "classify-concern"), ("Record a call", "outside-entry"))
    if leads and concern.subject_id:
        pattern = reverse("incidents:staff-pattern", args=[case.school.slug, concern.subject_id])
        links.append({"label": "Everything said of this person", "url": pattern})
    return Panel("staff", "Member of staff", "incidents/panels/staff.html", {"staff": shown}, links)


def access_panel(case: Incident, user: User) -> Panel | None:
    """Who was let in, and the way to let somebody in, for whoever leads on the record."""
    if not may_lead(user, case):
        return None
    links = lead_links(case, user, ("Let somebody read it", "give-access"))
    return Panel("access", "Let in", "incidents/panels/access.html", {"access": access_of(case)}, links)
