"""A device found in an exam: what is reported to the exam body, and what it decided. The school decides no penalty."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import holds
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role
from incidents.enums import CaseEventKind, ExamKind, ExamOutcome, IncidentType
from incidents.leading import need_leader
from incidents.models import ExamReport, Incident
from incidents.operations.moves import NothingThere, step
from incidents.operations.outside import back_from_outside, wait_outside
from incidents.queries.course import exam_cases, exam_of


class UnableToReportExam(Refusal):
    """Nothing was recorded about the exam."""


class NotAnExam(UnableToReportExam):
    """The record is not about a device in an exam."""


class ExamSaysWhat(UnableToReportExam):
    """An exam report names the exam, the device, who found it and what was seen."""

    default_field = "exam"


class ExamBodyNamed(UnableToReportExam):
    """A public exam has an exam body."""

    default_field = "body"


class InternalTest(UnableToReportExam):
    """An internal test is not reported outside."""

    recorded = True


class ReportedFirst(UnableToReportExam):
    """The exam body decides on a report; there is none yet, or there is one already."""

    recorded = True


@operation("incidents.write_exam_report")
def write_exam_report(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    kind: str,
    exam: str,
    body: str = "",
    candidate: str = "",
    room: str = "",
    found_at: datetime,
    found_by: str,
    device: str,
    was_on: bool | None = None,
    could_communicate: bool | None = None,
    could_go_online: bool | None = None,
    statement: str = "",
    submission: UUID | None = None,
) -> ExamReport:
    """Write down what was found in an exam: facts for the exam body to judge (DEV-30, INC-35, law JC-1, JC-3).

    Before it is reported it can be written again. For a public exam the exams officer and the head are told that a
    report is due (NOT-15); an internal test is logged and goes nowhere. Who may: whoever leads on the record, and
    the exams officer. Raises a kind of `UnableToReportExam`.
    """
    held = _locked(school, incident, actor, at)
    public = ExamKind(kind) == ExamKind.PUBLIC
    said = {"exam": exam, "device": device, "found_by": found_by, "statement": statement}
    for field, text in said.items():
        if not text.strip():
            raise ExamSaysWhat("This is part of the report.", rule="INC-35", field=field)
    if public and not body.strip():
        raise ExamBodyNamed("Enter the exam body.", rule="INC-35")
    if found_at > at:
        raise ExamSaysWhat("This is still to come.", rule="INC-35", field="found_at")
    report = exam_of(held) or ExamReport(school=school, incident=held)
    if report.reported_at is not None:
        raise ReportedFirst("It was reported as it stands.", rule="INC-35")
    is_new = report.pk is None
    values = {
        "kind": kind, "body": body.strip() if public else "", "candidate": candidate.strip(), "room": room.strip(),
        "found_at": found_at, "was_on": was_on, "could_communicate": could_communicate,
        "could_go_online": could_go_online, **{field: text.strip() for field, text in said.items()},
    }  # fmt: skip
    for name, value in values.items():
        setattr(report, name, value)
    report.stamp(by=actor, at=at)
    report.save()
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Exam report" if is_new else "Exam report written again")
    if public:
        notify(
            school=school,
            recipients=holders_of(school, Role.EXAMS_OFFICER, Role.HEADTEACHER, on=london_day(at)),
            kind="incidents.exam_report",
            subject="A report to an exam body is due today",
            body="The page says which.",
            url=reverse("incidents:exam", args=[school.slug, held.pk]),
            at=at,
            dedupe_key=f"incidents.exam_report.{held.pk}",
        )
    record(
        school=school, actor=actor, action="incidents.write_exam_report", at=at, obj=report, submission=submission,
        detail={"incident": held.pk, "public": public},
    )  # fmt: skip
    return report


@operation("incidents.send_exam_report")
def send_exam_report(
    *,
    school: School,
    actor: User,
    at: datetime,
    incident: Incident,
    reported_to: str,
    reference: str = "",
    submission: UUID | None = None,
) -> ExamReport:
    """Write down that the exam body has the report. A record in action waits for the answer.

    Who may: whoever leads on the record, and the exams officer. Raises `InternalTest`, `ReportedFirst`, `ExamSaysWhat`.
    """
    held = _locked(school, incident, actor, at)
    report = exam_of(held)
    if report is None:
        raise ReportedFirst("Write the report first.", rule="INC-35")
    if report.kind == ExamKind.INTERNAL:
        raise InternalTest("An internal test is not reported outside.", rule="INC-35")
    if report.reported_at is not None:
        raise ReportedFirst("It was reported already.", rule="INC-35")
    if not reported_to.strip():
        raise ExamSaysWhat("Enter who has the report.", rule="INC-35", field="reported_to")
    report.reported_at, report.reported_by = at, actor
    report.reported_to, report.reference = reported_to.strip(), reference.strip()
    report.stamp(by=actor, at=at)
    report.save()
    step(held, CaseEventKind.TOLD, actor=actor, at=at, about="Exam body")
    wait_outside(held, actor=actor, at=at, about="Exam body")
    record(
        school=school, actor=actor, action="incidents.send_exam_report", at=at, obj=report, submission=submission,
        detail={"incident": held.pk},
    )  # fmt: skip
    return report


@operation("incidents.record_exam_outcome")
def record_exam_outcome(
    *, school: School, actor: User, at: datetime, incident: Incident, outcome: str, submission: UUID | None = None
) -> ExamReport:
    """Write down what the exam body decided: none, this exam or all; the school decides no penalty (law JC-3).

    Who may: whoever leads on the record, and the exams officer. A record that waited comes back to action. Raises
    `ReportedFirst`.
    """
    held = _locked(school, incident, actor, at)
    report = exam_of(held)
    if report is None or report.reported_at is None:
        raise ReportedFirst("Only the exam body decides, and it has no report yet.", rule="law JC-3")
    report.outcome, report.outcome_at = ExamOutcome(outcome), at
    report.stamp(by=actor, at=at)
    report.save()
    step(held, CaseEventKind.NOTED, actor=actor, at=at, about="Outcome of the exam body")
    back_from_outside(held, actor=actor, at=at, about="Exam body")
    record(
        school=school, actor=actor, action="incidents.record_exam_outcome", at=at, obj=report, submission=submission,
        detail={"incident": held.pk, "new": outcome},
    )  # fmt: skip
    return report


def _locked(school: School, incident: Incident, actor: User, at: datetime) -> Incident:
    """The record of an exam, held until the transaction ends, for whoever leads on it and for the exams officer."""
    held: Incident = Incident.objects.select_for_update(of=("self",)).get(school=school, pk=incident.pk)
    if not exam_cases(actor, school, london_day(at)).filter(pk=held.pk).exists():
        raise NothingThere("There is nothing here that you can see. Ask the DSL if you need it.", rule="ORG-10")
    if not holds(actor, school, Role.EXAMS_OFFICER):
        need_leader(actor, held)
    if held.type != IncidentType.EXAM_POSSESSION:
        raise NotAnExam("This record is not about a device in an exam.", rule="INC-35")
    return held
