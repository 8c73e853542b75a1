"""What goes out of one record: a notification sheet, an exam report, a referral summary, a debrief (DOC-13 to DOC-17).

Each holds what whoever gets it needs. What a person may add is asked for; what is left out is said on the paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from core.kit.text import apart
from core.kit.times import day, moment
from core.people.models import User
from incidents.documents.facts import Facts, Rows, Section, beginning, kept, pupil_words
from incidents.enums import (
    Consent,
    LessonKind,
    PaperKind,
    PaperPart,
    ParentsDecision,
    PersonKind,
    ReferralState,
    TellState,
)
from incidents.models import Debrief, ExamReport, Incident, IncidentPerson, Lesson, Notification, Referral
from incidents.queries.parents import ParentsRow

_CONFIDENTIAL = "Confidential: for whoever is named below"
_KNOWN = {True: "Yes", False: "No", None: "Not known"}
_PARENTS = {
    ParentsDecision.TOLD: "Told",
    ParentsDecision.NOT_YET: "Not told yet",
    ParentsDecision.WITHHELD: "Not to be told: ask the DSL before you contact them",
}


def serious_facts(
    row: Notification,
    everybody: Sequence[Notification],
    people: Sequence[IncidentPerson],
    parents: Iterable[ParentsRow],
    *,
    asks: Sequence[User],
    parts: frozenset[PaperPart],
    by: User,
    at: datetime,
) -> Facts:
    """One sheet for one body: what happened in plain words, who must be told, and when each was (DOC-13, INC-23).

    Nobody who reported it is named. Names and what was written are there only if they were asked for.
    """
    case = row.incident
    left_out = ["who reported it", "notes and decisions of the record"]
    sections = [
        Section("What happened", _what(case)),
        Section("Who is in it", _people(people, named=PaperPart.NAMES in parts)),
        Section("What the school has done", _done(case, parents)),
        Section("Whom the school must tell", _told(everybody, row)),
        Section("Whom to ask", kept(("Safeguarding lead", ", ".join(apart(one.display_name) for one in asks)))),
    ]
    if PaperPart.ACCOUNT in parts:
        sections.insert(1, Section("What was reported, as it was written", text=case.account))
    else:
        left_out.insert(0, "what was reported in words")
    if PaperPart.NAMES not in parts:
        left_out.insert(0, "names")
    return Facts(
        **beginning(case, title=PaperKind.SERIOUS.label, by=by, at=at),  # type: ignore[arg-type]
        for_whom=row.body,
        mark=_CONFIDENTIAL,
        sections=tuple(section for section in sections if section.rows or section.text),
        left_out=tuple(left_out),
    )


def exam_facts(
    report: ExamReport, people: Sequence[IncidentPerson], *, parts: frozenset[PaperPart], by: User, at: datetime
) -> Facts:
    """The facts for the exam body, which alone decides a penalty (DOC-14, INC-35, law JC-1, JC-3)."""
    case, named = report.incident, PaperPart.NAMES in parts
    pupils = [pupil_words(one.pupil) for one in people if one.pupil is not None and one.role == "subject"]
    sent = ", ".join(part for part in (moment(report.reported_at) if report.reported_at else "", report.reported_to,
                                       report.reference) if part)  # fmt: skip
    rows = kept(
        ("Exam", report.exam),
        ("Exam body", report.body),
        ("Candidate number", report.candidate or "Not entered"),
        ("Candidate", "; ".join(pupils) if named else ""),
        ("Date and time", moment(report.found_at)),
        ("Room", report.room or "Not entered"),
        ("Device", report.device),
        ("Was it on?", _KNOWN[report.was_on]),
        ("Could it communicate?", _KNOWN[report.could_communicate]),
        ("Could it go online?", _KNOWN[report.could_go_online]),
        ("Found by", report.found_by),
        ("Reported", sent or "With this document"),
        ("Outcome", report.get_outcome_display() if report.outcome else "For the exam body to decide"),
    )
    return Facts(
        **beginning(case, title=PaperKind.EXAM.label, by=by, at=at),  # type: ignore[arg-type]
        for_whom=report.body,
        mark=_CONFIDENTIAL,
        sections=(Section("What was found", rows), Section("What was seen", text=report.statement)),
        left_out=tuple((["the candidate’s name"] if not named else []) + ["all else of the school’s record"]),
    )


def referral_facts(
    row: Referral,
    people: Sequence[IncidentPerson],
    parents: Iterable[ParentsRow],
    *,
    tool: str,
    parts: frozenset[PaperPart],
    by: User,
    at: datetime,
) -> Facts:
    """What the front door or social care needs: level, risk area, why, and consent or the exception (DOC-15, INC-14).

    The child it is about is named; others in the record are counted.
    """
    case = row.incident
    about = [one for one in people if one.pupil is not None and (row.pupil is None or one.pupil_id == row.pupil_id)]
    others = len(people) - len(about)
    level = f"Level {row.level}" if row.level else "Not set"
    sections = [
        Section("About whom", tuple(_named(one) for one in about)),
        Section("The need", kept(
            ("Level of need", f"{level}{f', by {tool}' if tool and row.level else ''}"),
            ("Risk area", _areas(case) or "Not set"),
            ("Section 17 assessment", _asked(row.section_17)),
            ("Section 47 enquiry", _asked(row.section_47)),
        )),
        Section("Why the school refers", text=row.reason),
        Section("Consent", _consent(row)),
        Section("Further steps", text=row.further),
        Section("What happened", _what(case)),
        Section("What the school has done", _done(case, [one for one in parents if one.pupil.pk in _keys(about)])),
    ]  # fmt: skip
    left_out = ["who reported it"]
    if PaperPart.ACCOUNT in parts:
        sections.append(Section("What was reported, as it was written", text=case.account))
    else:
        left_out.insert(0, "what was reported in words")
    if others > 0:
        left_out.append(f"{others} other {'person' if others == 1 else 'people'} in the record")
    return Facts(
        **beginning(case, title=PaperKind.REFERRAL.label, by=by, at=at),  # type: ignore[arg-type]
        for_whom=row.body,
        mark=_CONFIDENTIAL,
        sections=tuple(section for section in sections if section.rows or section.text),
        left_out=tuple(left_out),
    )


def debrief_facts(
    debrief: Debrief, lessons: Sequence[Lesson], *, parts: frozenset[PaperPart], by: User, at: datetime
) -> Facts:
    """What leaders learned: for leaders and for owners of policies, who need not read the record (DOC-17, INC-26)."""
    case, whole = debrief.incident, PaperPart.SUMMARY in parts
    sections = [
        Section("The debrief", kept(("Held on", day(debrief.held_on)), ("Who was there", apart(debrief.present)))),
        *([Section("What it came to", text=debrief.summary)] if whole else []),
        *(
            Section(f"Lesson {number}: {lesson.get_kind_display().lower()}", _lesson(lesson, whole))
            for number, lesson in enumerate(lessons, 1)
        ),
    ]
    if not lessons:
        sections.append(Section("Lessons", text="None is written down yet."))
    left_out = [*([] if whole else ["what the debrief came to", "reasons"]), "the record itself and who is in it"]
    return Facts(
        **beginning(case, title=PaperKind.DEBRIEF.label, by=by, at=at),  # type: ignore[arg-type]
        for_whom="Leaders and owners of policies",
        mark="Confidential: it holds what was said" if whole else "For those who work at the school",
        sections=tuple(sections),
        left_out=tuple(left_out),
    )


def _what(case: Incident) -> Rows:
    happened = case.happened_at
    when = "" if happened is None else moment(happened) if case.time_is_known else f"{day(happened)}, time not known"
    where = ", ".join(word for word in (case.place, case.area, case.provider) if word)
    marks = [
        ("Out of school", case.is_offsite),
        ("Online", case.is_online),
        ("Between children", case.between_children),
    ]
    return kept(
        ("What", case.get_type_display()),
        ("When", when),
        ("Where", apart(where)),
        ("Reported", moment(case.reported_at) if case.reported_at else ""),
        ("Risk area", _areas(case)),
        ("Level of need", f"Level {case.level}" if case.level else ""),
        ("Marked", ", ".join(word for word, is_so in marks if is_so)),
    )


def _areas(case: Incident) -> str:
    area = case.get_risk_area_display() if case.risk_area else ""
    return f"{area}: {case.sub_type}" if area and case.sub_type else area


def _people(people: Sequence[IncidentPerson], *, named: bool) -> Rows:
    if named:
        return tuple(_named(one) for one in people if one.role != "witness")
    counted: dict[str, int] = {}
    for one in people:
        years = f", {one.pupil.year_name}" if one.pupil is not None else ""
        label = f"{one.get_role_display()}: {PersonKind(one.kind).label.lower()}{years}"
        counted[label] = counted.get(label, 0) + 1
    return tuple((label, str(count)) for label, count in counted.items())


def _named(one: IncidentPerson) -> tuple[str, str]:
    if one.pupil is None:
        return one.get_role_display(), f"{apart(one.display_name)}, {PersonKind(one.kind).label.lower()}"
    born = f", born {day(one.pupil.date_of_birth)}" if one.pupil.date_of_birth else ""
    return one.get_role_display(), f"{pupil_words(one.pupil)}, {one.pupil.year_name}{born}"


def _keys(people: Sequence[IncidentPerson]) -> set[int | None]:
    return {one.pupil_id for one in people}


def _done(case: Incident, parents: Iterable[ParentsRow]) -> Rows:
    told = [_of_parents(row) for row in parents]
    return kept(
        ("Children protected", moment(case.protected_at) if case.protected_at else ""),
        ("Safeguarding team has it", moment(case.acknowledged_at) if case.acknowledged_at else ""),
        ("Parents and carers", "; ".join(dict.fromkeys(told))),
    )


def _of_parents(row: ParentsRow) -> str:
    """The decision that stands; where there is none, what the desk told of the same stay."""
    if row.stands is not None:
        when = f", {moment(row.stands.told_at)}" if row.stands.told_at else ""
        return f"{_PARENTS[ParentsDecision(row.stands.decision)]}{when}"
    if any(notice.withheld_at for notice in row.notices):
        return _PARENTS[ParentsDecision.WITHHELD]
    told = [notice.told_at for notice in row.notices if notice.told_at is not None]
    return f"Told, {moment(told[0])}" if told else "Not decided yet"


def _told(everybody: Sequence[Notification], own: Notification) -> Rows:
    rows = []
    for row in everybody:
        said = [TellState(row.state).label]
        if row.must and row.state == TellState.NEEDED:
            said.append("must be told")
        if row.told_at is not None:
            said.append(moment(row.told_at))
        elif row.due_at is not None and row.state == TellState.NEEDED:
            said.append(f"by {moment(row.due_at)}")
        if row.pk == own.pk and row.told_at is not None:
            said += [apart(row.told_whom), row.get_channel_display().lower(), row.reference]
        rows.append((f"{row.body} (this sheet)" if row.pk == own.pk else row.body, ", ".join(filter(None, said))))
    return tuple(rows)


def _asked(value: bool | None) -> str:
    return "" if value is None else "Asked for" if value else "Not asked for"


def _consent(row: Referral) -> Rows:
    """Consent with its giver and moment, or by whose decision it goes without, and why (INC-14)."""
    who = f", {apart(row.consent_from.display_name)}" if row.consent_from is not None else ""
    when = f", {moment(row.consent_at)}" if row.consent_at is not None else ""
    rows: list[tuple[str, Any]] = [("Consent of a parent or carer", f"{Consent(row.consent).label}{who}{when}")]
    if row.overridden_by is not None:
        rows.append(("Goes without consent", f"By decision of {apart(row.overridden_by.display_name)}"))
        rows.append(("The reason", row.consent_reason))
    elif row.state == ReferralState.CONSENT_GIVEN or row.consent == Consent.GIVEN:
        rows.append(("What was said", row.consent_reason))
    return kept(*rows)


def _lesson(lesson: Lesson, whole: bool) -> Rows:
    owner = lesson.owner.display_name if lesson.owner is not None else "Nobody yet"
    return kept(
        ("What has to change" if lesson.kind != LessonKind.NO_CHANGE else "No change", lesson.text),
        ("Policy", lesson.document.title if lesson.document is not None else ""),
        ("Who sees to it", apart(owner) if lesson.kind != LessonKind.NO_CHANGE else ""),
        ("By", day(lesson.due_on) if lesson.due_on else ""),
        ("Where it stands", lesson.get_state_display()),
        ("The reason", lesson.reason if whole else ""),
    )
