"""What stands on a record's page of what follows it: repeats, sanctions, plans, advice, the exam, and the end."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from core.kit.times import day, moment
from core.people.models import User
from core.rules.queries import for_school
from incidents.enums import AdviceState, CaseState, ExamKind, IncidentType, PersonRole, PlanState
from incidents.leading import may_lead
from incidents.models import Incident, Sanction
from incidents.queries.closing import what_is_missing
from incidents.queries.course import (
    advice_of,
    debrief_of,
    exam_of,
    may_exclude,
    may_seek_advice,
    plans_of,
    pupils_for_sanction,
    pupils_in,
    repeats_of,
    sanctions_of,
    was_investigated,
)
from incidents.views.leading import lead_links
from incidents.views.panels import Panel

_TEMPLATE = "incidents/panels/course.html"


def _address(case: Incident, name: str, *keys: int) -> str:
    return reverse(f"incidents:{name}", args=[case.school.slug, case.pk, *keys])


def repeats_panel(case: Incident, user: User) -> Panel | None:
    """Whether this has happened before: the same type, the same pupil, within the rule's time (INC-36)."""
    today = timezone.localdate()
    repeats = repeats_of(case, user, for_school(case.school, on=today), today)
    if not repeats:
        return None
    return Panel("repeats", "The same before", "incidents/panels/repeats.html", {"repeats": repeats})


def sanctions_panel(case: Incident, user: User) -> Panel | None:
    """What was decided; nothing of it where the pupil was harmed (INC-10)."""
    if not pupils_for_sanction(case):
        return None
    rows = list(sanctions_of(case))
    leads = may_lead(user, case)
    rules = for_school(case.school, on=timezone.localdate())
    links: list[dict[str, str]] = []
    if case.is_open and (leads or may_exclude(user, case.school, rules)):
        links = [{"label": "Record a sanction", "url": _address(case, "sanction")}]
    if not rows and not links:
        return None
    several = len(pupils_for_sanction(case)) > 1
    lines = [
        {
            "what": row.kind[:1].upper() + row.kind[1:],
            "who": row.pupil.display_name if several else "",
            "hint": _until(row),
            "text": row.reason,
            "kind": "neutral" if row.withdrawn_at else "info",
            "word": "Withdrawn" if row.withdrawn_at else "Decided",
            "url": _address(case, "withdraw-sanction", row.pk) if leads and not row.withdrawn_at else "",
            "url_label": "Withdraw it",
        }
        for row in rows
    ]
    return Panel("sanctions", "Sanctions", _TEMPLATE, {"lines": lines}, links)


def _until(row: Sanction) -> str:
    parts = [f"from {day(row.starts_on)}", f"to {day(row.ends_on)}" if row.ends_on else ""]
    if row.reviewer is not None:
        on = f" on {day(row.review_on)}" if row.review_on else ""
        parts.append(f"looked at again by {row.reviewer.display_name}{on}")
    return ", ".join(part for part in [*parts, f"decided by {row.decided_by.display_name}"] if part)


def plans_panel(case: Incident, user: User) -> Panel | None:
    """Support: whose, until when, and whether a review is overdue (INC-18)."""
    rows, today = list(plans_of(case)), timezone.localdate()
    links = lead_links(case, user, ("Plan support", "plan")) if pupils_in(case, *PersonRole) else []
    if not rows and not links:
        return None
    lines = [
        {
            "what": "Support plan",
            "who": row.pupil.display_name,
            "hint": f"{row.owner.display_name} sees to it"
            + (f"; next review {day(row.review_on)}" if row.review_on else ""),
            "text": row.aims,
            **_plan_tag(row, today),
            "url": _address(case, "review-plan", row.pk) if may_lead(user, case) or row.owner_id == user.pk else "",
            "url_label": "Open the plan",
        }
        for row in rows
    ]
    return Panel("plans", "Support", _TEMPLATE, {"lines": lines, "empty": "No plan yet."}, links)


def _plan_tag(row: Any, today: Any) -> dict[str, str]:
    if row.review_on is not None and row.review_on < today and row.state != PlanState.DRAFTED:
        return {"kind": "attention", "word": "Review overdue"}
    kind = {PlanState.DRAFTED: "attention", PlanState.REVIEW_DUE: "attention", PlanState.ENDED: "neutral"}
    return {"kind": kind.get(row.state, "ok"), "word": row.get_state_display()}


def advice_panel(case: Incident, user: User) -> Panel | None:
    """Whom the school asked, and what it was told (INC-25)."""
    rows = list(advice_of(case))
    asks = may_seek_advice(user, case.school, for_school(case.school, on=timezone.localdate()))
    links = [{"label": "Ask for advice", "url": _address(case, "advice")}] if asks else []
    if not rows and not links:
        return None
    lines = [
        {
            "what": row.body,
            "hint": f"asked {moment(row.asked_at)} by {row.asked_by.display_name}",
            "text": row.question if row.state == AdviceState.ASKED else row.answer,
            "kind": "attention" if row.state == AdviceState.ASKED else "ok",
            "word": row.get_state_display(),
            "url": _address(case, "answer-advice", row.pk)
            if may_lead(user, case) or row.asked_by_id == user.pk
            else "",
            "url_label": "Open the question",
        }
        for row in rows
    ]
    return Panel("advice", "Advice", _TEMPLATE, {"lines": lines, "empty": "Nobody was asked yet."}, links)


def exam_panel(case: Incident, user: User) -> Panel | None:
    """A device in an exam: whether the exam body has the report, and what it decided (INC-35)."""
    if case.type != IncidentType.EXAM_POSSESSION:
        return None
    report = exam_of(case)
    if report is None:
        line = {"what": "Exam report", "kind": "attention", "word": "To be written"}
    elif report.kind == ExamKind.INTERNAL:
        line = {
            "what": report.exam,
            "kind": "ok",
            "word": "Logged",
            "hint": "An internal test is not reported outside.",
        }
    elif report.reported_at is None:
        line = {"what": report.exam, "kind": "attention", "word": "To be reported", "hint": report.body}
    else:
        word = f"Outcome: {report.get_outcome_display().lower()}" if report.outcome else "Reported"
        hint = f"{report.body}, reported {moment(report.reported_at)}"
        line = {"what": report.exam, "kind": "ok" if report.outcome else "waiting", "word": word, "hint": hint}
    links = lead_links(case, user, ("Open the exam report" if report else "Write the exam report", "exam"))
    return Panel("exam", "Exam", _TEMPLATE, {"lines": [line]}, links)


def ending_panel(case: Incident, user: User) -> Panel | None:
    """The end: the investigation, the debrief, and what is missing before the record can be closed (INC-26, INC-42)."""
    if not may_lead(user, case):
        return None
    debrief = debrief_of(case)
    if not case.is_open:
        text = case.outcome_words if case.state == CaseState.CLOSED else ""
        line = {"what": case.get_outcome_display() or case.get_state_display(), "text": text, "kind": "neutral"}
        line |= {"word": case.get_state_display(), "hint": moment(case.closed_at) if case.closed_at else ""}
        links = lead_links(case, user, ("Open the debrief", "debrief")) if debrief else []
        return Panel("ending", "How it ended", _TEMPLATE, {"lines": [line]}, links)
    missing = [one for one in what_is_missing(case, timezone.localdate()) if one.key != "outcome"]
    urls = [_address(case, one.url_name, *one.of) for one in missing]
    lines = [{"what": one.words, "url": url, "url_label": "Go there"} for one, url in zip(missing, urls, strict=True)]
    names: list[tuple[str, str]] = []
    if case.state == CaseState.ACTION and case.investigation_ended_at is None:
        names.append(("End the investigation", "end-investigation"))
    if debrief or was_investigated(case):
        names.append(("Open the debrief" if debrief else "Write down the debrief", "debrief"))
    names.append(("Close the record", "close"))
    context = {
        "lines": lines,
        "head": "Missing before it can be closed:" if lines else "",
        "empty": "Nothing is missing.",
    }
    return Panel("ending", "The end", _TEMPLATE, context, lead_links(case, user, *names))
