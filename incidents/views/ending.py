"""Pages of the end of a record: the investigation, the debrief and its lessons, closing; and the exam report."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.access import holds
from core.people.queries import staff_of
from core.people.roles import Role
from core.people.views.base import get_or_404
from core.rules.queries import UNSPECIFIED
from devices.queries import live_permissions
from incidents import operations
from incidents.access import ABOUT_STAFF, may_read
from incidents.enums import CaseState, ExamKind, IncidentType, LessonKind, LessonState, Outcome, Track
from incidents.forms.ending import (
    CloseForm,
    DebriefForm,
    DecideDebriefForm,
    EndInvestigationForm,
    ExamForm,
    ExamOutcomeForm,
    GiveForm,
    LessonForm,
    SendExamForm,
)
from incidents.guidance import EXAM_BEFORE
from incidents.leading import may_lead
from incidents.models import ExamReport, Incident, Lesson
from incidents.queries.closing import Missing, what_is_missing
from incidents.queries.course import debrief_of, exam_cases, exam_of, lessons_of
from incidents.queries.papers import exam_papers_of
from incidents.views.base import CaseFormPage
from incidents.views.leading import LeadFormPage
from incidents.views.papers import paper_rows
from policies.enums import DocumentKind
from policies.queries import documents_of

_ABOUT_STAFF = {Outcome.DISCIPLINARY, Outcome.DISMISSAL}
_CAN_CLOSE = (CaseState.ACTION, CaseState.DEBRIEF)


def outcomes_for(case: Incident) -> list[Outcome]:
    """How this record can end: sanctions are not for whoever was harmed, nor disciplinary ends for pupils (INC-10)."""
    left_out: set[Outcome] = set()
    if case.track == Track.VICTIM or case.route in ABOUT_STAFF:
        left_out |= {Outcome.SANCTION, Outcome.BOTH}
    if case.route not in ABOUT_STAFF:
        left_out |= _ABOUT_STAFF
    return [one for one in Outcome if one not in left_out]


class EndInvestigationView(LeadFormPage):
    """The investigation has ended: a debrief follows, or the record can be closed."""

    template_name = "incidents/end_investigation.html"
    form_class = EndInvestigationForm

    @property
    def asks(self) -> bool:
        rule = self.rules.debrief_required
        return bool(rule == UNSPECIFIED or (rule == "yes" and self.case.track == Track.LOW_LEVEL))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"asks": self.asks}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            asks=self.asks, rule=self.rules.debrief_required, back_url=self.actions_url,
            offered=self.case.state == CaseState.ACTION and self.case.investigation_ended_at is None, **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, EndInvestigationForm)
        case = operations.end_investigation(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values()
        )
        if case.state == CaseState.DEBRIEF:
            return self.done("Leaders are told to hold the debrief.", self.actions_url)
        return self.done("The investigation has ended.", self.actions_url)


class DecideDebriefView(LeadFormPage):
    """Where the school's rules do not say, decide whether the record is debriefed."""

    template_name = "incidents/decide_debrief.html"
    form_class = DecideDebriefForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            settled=self.rules.debrief_required != UNSPECIFIED, back_url=self.url("close", self.case.pk), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, DecideDebriefForm)
        operations.decide_debrief(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values()
        )
        return self.done("The decision is kept.", self.url("close", self.case.pk))


class DebriefView(LeadFormPage):
    """Write down the debrief; once it is there, what it came to and its lessons."""

    template_name = "incidents/debrief.html"
    form_class = DebriefForm

    def get_initial(self) -> dict[str, Any]:
        return {"held_on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lessons = [
            {
                "lesson": lesson,
                "give_url": self.url("assign-lesson", self.case.pk, lesson.pk)
                if lesson.state == LessonState.NOTED and lesson.kind != LessonKind.NO_CHANGE
                else "",
            }
            for lesson in lessons_of(self.case)
        ]
        return super().get_context_data(
            debrief=debrief_of(self.case), lessons=lessons, add_url=self.url("add-lesson", self.case.pk),
            back_url=self.actions_url, **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.hold_debrief(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.cleaned_data
        )
        return self.done("The debrief is saved. Now add what it found.", self.url("add-lesson", self.case.pk))


class AddLessonView(LeadFormPage):
    """Add what the debrief found; a change goes at once on the list where it is decided."""

    template_name = "incidents/add_lesson.html"
    form_class = LessonForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "staff": staff_of(self.school), "policies": list(documents_of(self.school, DocumentKind.POLICY)),
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            debrief=debrief_of(self.case), debrief_url=self.url("debrief", self.case.pk), **kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, LessonForm)
        operations.add_lesson(school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.values())
        return self.done("The lesson is added.", self.url("debrief", self.case.pk))


class AssignLessonView(LeadFormPage):
    """Give a lesson to somebody who sees to it."""

    template_name = "incidents/assign_lesson.html"
    form_class = GiveForm

    @cached_property
    def lesson(self) -> Lesson:
        return get_or_404(lessons_of(self.case), pk=self.kwargs["lesson"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lesson=self.lesson, back_url=self.url("debrief", self.case.pk), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, GiveForm)
        operations.assign_lesson(school=self.school, actor=self.actor, at=self.now, lesson=self.lesson, **form.values())
        return self.done("They see to it now.", self.url("debrief", self.case.pk))


class CloseView(LeadFormPage):
    """What is missing before the record can be closed, each with the way to it; then how it ended (INC-42)."""

    template_name = "incidents/close.html"
    form_class = CloseForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"outcomes": outcomes_for(self.case)}

    def missing(self) -> list[Missing]:
        """Everything but the outcome, which this page itself asks for."""
        return [one for one in what_is_missing(self.case, self.today) if one.key != "outcome"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.case
        tasks = [
            {
                "label": one.words,
                "url": self.url(one.url_name, case.pk, *one.of),
                "kind": "attention",
                "word": "Missing",
            }
            for one in self.missing()
        ]
        return super().get_context_data(
            tasks=tasks, can_close=case.state in _CAN_CLOSE, is_closed=not case.is_open, back_url=self.actions_url,
            **kwargs,
        )  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.close_case(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.cleaned_data
        )
        return self.done("The record is closed.", self.url("case", self.case.pk))


class ExamView(CaseFormPage):
    """The exam report: what was found, that the exam body has it, what it decided. For leaders and the exams officer,
    who sees this page and nothing else of the record (INC-35, law JC-3)."""

    template_name = "incidents/exam.html"

    @cached_property
    def case(self) -> Incident:
        may = exam_cases(self.actor, self.school, self.today)
        case = get_or_404(may.filter(type=IncidentType.EXAM_POSSESSION), pk=self.kwargs["incident"])
        case.school = self.school
        if not (holds(self.actor, self.school, Role.EXAMS_OFFICER) or may_lead(self.actor, case)):
            raise Http404
        return case

    @cached_property
    def report(self) -> ExamReport | None:
        return exam_of(self.case)

    def get_form(self) -> BaseForm:
        """The next thing to write down; a form that is sent is read as what it was."""
        sent = self.request.POST if self.request.method == "POST" else None
        report = self.report
        form: type[BaseForm] = ExamForm
        if sent is not None:
            form = SendExamForm if "reported_to" in sent else ExamOutcomeForm if "outcome" in sent else ExamForm
        elif report is not None and report.kind == ExamKind.PUBLIC:
            form = SendExamForm if report.reported_at is None else ExamOutcomeForm
        if form is ExamForm:
            return ExamForm(sent, initial=None if sent is not None else self._initial())
        return form(sent) if sent is not None else form()

    def _initial(self) -> dict[str, Any]:
        return {"found_at": self.case.happened_at, "room": self.case.place[:60]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = self.report
        reads = may_read(self.actor, self.case, self.today)
        return super().get_context_data(
            report=report, rows=_exam_rows(report) if report else [],
            is_internal=report is not None and report.kind == ExamKind.INTERNAL,
            back_url=self.url("case-actions", self.case.pk) if reads else "",
            made=paper_rows(self.case, exam_papers_of(self.case)),
            paper_url=self.url("exam-paper", self.case.pk), on_exams=EXAM_BEFORE, permitted=self._permitted(), **kwargs,
        )  # fmt: skip

    def _permitted(self) -> list[dict[str, str]]:
        """The candidates with a permission that day, each with their page: it counts in no exam, and whoever keeps
        the access arrangements looks whether there was one (law JC-4)."""
        there = self.case.people.filter(removed_at__isnull=True, pupil__isnull=False).select_related("pupil")
        pupils = {person.pupil.pk: person.pupil for person in there if person.pupil is not None}
        found = live_permissions(self.school, pupils.values(), self.case.happened_at or self.now)
        return [
            {"name": pupils[key].display_name, "url": reverse("people:pupil", args=[self.school.slug, key])}
            for key in found
        ]

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given: dict[str, Any] = form.values() if isinstance(form, ExamForm) else form.cleaned_data
        act: Callable[..., ExamReport] = operations.write_exam_report
        if isinstance(form, SendExamForm):
            act = operations.send_exam_report
        elif isinstance(form, ExamOutcomeForm):
            act = operations.record_exam_outcome
        act(school=self.school, actor=self.actor, at=self.now, incident=self.case, **given)
        return self.done("It is saved.", self.url("exam", self.case.pk))


_KNOWN = {True: "Yes", False: "No", None: "Not known"}


def _exam_rows(report: ExamReport) -> list[dict[str, Any]]:
    """The report in short lines."""
    rows: list[dict[str, Any]] = [
        {"label": "Exam", "value": f"{report.exam} ({report.get_kind_display().lower()})"},
        {"label": "Exam body", "value": report.body, "missing": "None: an internal test"},
        {"label": "Candidate number", "value": report.candidate},
        {"label": "Room", "value": report.room},
        {"label": "Found", "value": f"{moment(report.found_at)}, by {report.found_by}"},
        {"label": "What it is", "value": report.device},
        {"label": "Was it on?", "value": _KNOWN[report.was_on]},
        {"label": "Could it communicate?", "value": _KNOWN[report.could_communicate]},
        {"label": "Could it go online?", "value": _KNOWN[report.could_go_online]},
        {"label": "What was seen", "value": report.statement},
    ]
    if report.kind == ExamKind.PUBLIC:
        sent = report.reported_at
        told = ", ".join(word for word in (moment(sent) if sent else "", report.reported_to, report.reference) if word)
        rows += [
            {"label": "Reported", "value": told, "missing": "Not yet"},
            {"label": "What the exam body decided", "value": report.get_outcome_display(), "missing": "Nothing yet"},
        ]
    return rows
