"""Documents made of one record: what can be made, what each may hold, and opening what was made (DOC-13 to DOC-17)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm
from core.kit.times import moment
from core.people.access import holds
from core.people.models import Pupil, User
from core.people.queries import all_pupils
from core.people.roles import Permission, Role
from core.people.views.base import SchoolView, get_or_404
from incidents.access import may_read
from incidents.enums import ExamKind, IncidentType, PaperKind, PaperPart, ReferralState
from incidents.forms.papers import LetterForm, PaperForm
from incidents.leading import may_lead
from incidents.models import CaseDocument, Incident, Notification, Referral
from incidents.operations.papers import make_paper
from incidents.queries.course import debrief_of, exam_cases, exam_of
from incidents.queries.papers import (
    adults_for_letter,
    is_kept_from_parents,
    may_open,
    papers_in,
    papers_of,
    pupils_for_letter,
)
from incidents.queries.referrals import referrals_of
from incidents.queries.telling import notifications_of
from incidents.views.base import CaseFormPage
from incidents.views.leading import LeadFormPage, LeadPage, lead_links
from incidents.views.panels import Panel

_NOT_FOR_OUTSIDE = (ReferralState.NOT_NEEDED, ReferralState.CONSENT_SOUGHT, ReferralState.CONSENT_REFUSED)
_SHOWN = 3
_ACCOUNT = (PaperPart.ACCOUNT, PaperPart.ACCOUNT.label)


def paper_rows(case: Incident, papers: Any) -> list[dict[str, Any]]:
    """Documents that were made, as a list shows them."""
    return [
        {
            "paper": paper,
            "url": reverse("incidents:case-paper", args=[case.school.slug, case.pk, paper.pk]),
            "when": moment(paper.made_at),
        }
        for paper in papers
    ]


class PapersView(LeadPage):
    """What can be made of the record, and what was made: each as it stood at its moment."""

    template_name = "incidents/papers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.case
        return super().get_context_data(
            offered=self._offered(), made=paper_rows(case, papers_of(case)), back_url=self.actions_url, **kwargs
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look", self.case)
        return self.render()

    def _offered(self) -> list[dict[str, str]]:
        """Each document that the record has something for."""
        case, found = self.case, []
        if case.is_serious:
            found += [
                (PaperKind.SERIOUS, row.body, self.url("serious-paper", case.pk, row.pk))
                for row in notifications_of(case)
            ]
        found += [
            (PaperKind.REFERRAL, row.body, self.url("referral-paper", case.pk, row.pk))
            for row in referrals_of(case)
            if row.state not in _NOT_FOR_OUTSIDE
        ]
        report = exam_of(case)
        if case.type == IncidentType.EXAM_POSSESSION and report is not None and report.kind == ExamKind.PUBLIC:
            found.append((PaperKind.EXAM, report.body, self.url("exam-paper", case.pk)))
        found += [
            (PaperKind.LETTER, one.display_name, self.url("letter-paper", case.pk, one.pk))
            for one in pupils_for_letter(case)
        ]
        if debrief_of(case) is not None:
            found.append((PaperKind.DEBRIEF, "", self.url("debrief-paper", case.pk)))
        return [{"label": kind.label, "whom": whom, "url": url} for kind, whom, url in found]


class _MakePaper(CaseFormPage, abstract=True):
    """A page that makes one document: what it is for, what may be put in, one button."""

    template_name = "incidents/make_paper.html"
    form_class: ClassVar[type[BaseForm]] = PaperForm
    kind: ClassVar[PaperKind]
    intro: ClassVar[str]
    offered: ClassVar[Sequence[tuple[PaperPart, str]]] = ()

    @property
    def back_url(self) -> str:
        return self.url("case-papers", self.case.pk)

    @property
    def whom(self) -> str:
        """For whom or about whom it is."""
        return ""

    def given(self) -> dict[str, Any]:
        """What the operation is given beside the form."""
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offered": self.offered}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            kind=self.kind, intro=self.intro, whom=self.whom, back_url=self.back_url, **{"closed": ""} | kwargs
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PaperForm | LetterForm)
        make_paper(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, kind=self.kind, **self.given(),
            **form.values(),
        )  # fmt: skip
        return self.done("The document is made. It stands in the list.", self.back_url)


class SeriousPaperView(LeadFormPage, _MakePaper):
    """The notification sheet for one body on the list of a serious record (DOC-13)."""

    kind = PaperKind.SERIOUS
    intro = (
        "What happened in plain words, what the school has done, whom it must tell and when each was told. Whoever "
        "reported it is not named."
    )
    offered = ((PaperPart.NAMES, PaperPart.NAMES.label), _ACCOUNT)

    @cached_property
    def row(self) -> Notification:
        return get_or_404(notifications_of(self.case), pk=self.kwargs["notification"])

    @property
    def whom(self) -> str:
        return self.row.body

    def given(self) -> dict[str, Any]:
        return {"notification": self.row}


class ReferralPaperView(LeadFormPage, _MakePaper):
    """The summary that goes with a referral (DOC-15)."""

    kind = PaperKind.REFERRAL
    intro = "The child, the level of need, the risk area, why the school refers, and consent or why it goes without."
    offered = (_ACCOUNT,)

    @cached_property
    def row(self) -> Referral:
        return get_or_404(referrals_of(self.case), pk=self.kwargs["referral"])

    @property
    def whom(self) -> str:
        return self.row.body

    def given(self) -> dict[str, Any]:
        return {"referral": self.row}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        closed = ""
        if self.row.state in _NOT_FOR_OUTSIDE:
            closed = "It goes with a parent’s consent, or by the DSL’s decision. Record one of them first."
        return super().get_context_data(closed=closed, **kwargs)


class DebriefPaperView(LeadFormPage, _MakePaper):
    """The debrief and its lessons (DOC-17)."""

    kind = PaperKind.DEBRIEF
    intro = "When the debrief was held, who was there, and each lesson: what has to change, who sees to it, by when."
    offered = ((PaperPart.SUMMARY, PaperPart.SUMMARY.label),)

    @property
    def whom(self) -> str:
        return "Leaders and owners of policies"


class LetterPaperView(LeadFormPage, _MakePaper):
    """A letter about one pupil to one adult (DOC-16)."""

    kind = PaperKind.LETTER
    form_class = LetterForm
    intro = (
        "When it was, what it is about in neutral words, what was decided for this one child, whom to ask and how to "
        "complain. Nobody else is named and nothing of the record is quoted."
    )

    @cached_property
    def pupil(self) -> Pupil:
        there = [one.pk for one in pupils_for_letter(self.case)]
        return get_or_404(all_pupils(self.school).filter(pk__in=there), pk=self.kwargs["pupil"])

    @property
    def whom(self) -> str:
        return self.pupil.display_name

    def given(self) -> dict[str, Any]:
        return {"pupil": self.pupil}

    def get_form_kwargs(self) -> dict[str, Any]:
        adults = [] if is_kept_from_parents(self.case, self.pupil) else adults_for_letter(self.case, self.pupil)
        return {"initial": self.get_initial(), "adults": adults}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        closed = ""
        if is_kept_from_parents(self.case, self.pupil):
            closed = "The DSL keeps this from parents and carers. Nothing goes out."
        elif not adults_for_letter(self.case, self.pupil):
            closed = (
                "Nobody can be written to: there is no adult who may be told, or the record is about a parent who is "
                "not named as one of this pupil’s contacts."
            )
        return super().get_context_data(closed=closed, **kwargs)


class ExamPaperView(_MakePaper):
    """The report for the exam body, for whoever leads and the exams officer (DOC-14)."""

    kind = PaperKind.EXAM
    intro = "The facts for the exam body, which alone decides. Nothing else of the record is in it."
    offered = ((PaperPart.NAMES, "The candidate’s name"),)

    @cached_property
    def case(self) -> Incident:
        may = exam_cases(self.actor, self.school, self.today)
        case = get_or_404(may.filter(type=IncidentType.EXAM_POSSESSION), pk=self.kwargs["incident"])
        case.school = self.school
        if not (holds(self.actor, self.school, Role.EXAMS_OFFICER) or may_lead(self.actor, case)):
            raise Http404
        return case

    @property
    def back_url(self) -> str:
        return self.url("exam", self.case.pk)

    @property
    def whom(self) -> str:
        report = exam_of(self.case)
        return report.body if report is not None else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = exam_of(self.case)
        closed = ""
        if report is None:
            closed = "Write the exam report first."
        elif report.kind == ExamKind.INTERNAL:
            closed = "An internal test is not reported outside."
        return super().get_context_data(closed=closed, **kwargs)


class PaperView(SchoolView):
    """A document as it was made; that it was opened is on record."""

    permission = Permission.VIEW_CASES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = papers_in(self.school).filter(incident=self.kwargs["incident"])
        paper = get_or_404(found, pk=self.kwargs["case_paper"])
        if not self._may(paper):
            raise Http404
        record(
            school=self.school, actor=self.actor, action="incidents.open_document", at=self.now, obj=paper,
            outcome=Outcome.EXPORTED, detail={"checksum": paper.checksum},
        )  # fmt: skip
        return pdf_response(paper)

    def _may(self, paper: CaseDocument) -> bool:
        assert paper.incident is not None
        reads = may_read(self.actor, paper.incident, self.today)
        return (reads or paper.kind == PaperKind.EXAM) and may_open(self.actor, paper, self.today)


def pdf_response(paper: CaseDocument) -> HttpResponse:
    """The bytes as they were made, to be saved: kept by no cache, and named by kind and number alone."""
    response = HttpResponse(base64.b64decode(paper.content), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{paper.kind}-{paper.pk}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def papers_panel(case: Incident, user: User) -> Panel | None:
    """What was made of the record, and the way to make more."""
    if not may_lead(user, case):
        return None
    rows = paper_rows(case, papers_of(case)[:_SHOWN])
    lines = [
        {"what": row["paper"].title, "hint": row["when"], "url": row["url"], "url_label": "Open the PDF"}
        for row in rows
    ]
    links = lead_links(case, user, ("Documents of this record", "case-papers"))
    context = {"lines": lines, "empty": "No document was made yet."}
    return Panel("papers", "Documents", "incidents/panels/course.html", context, links)
