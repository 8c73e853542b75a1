"""What stands between a record and its end: one list, to which each part of the app adds (INC-42, law SG-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from core.rules.queries import UNSPECIFIED, for_school
from incidents.enums import (
    AdviceState,
    ExamKind,
    IncidentType,
    LessonKind,
    LessonState,
    NoteKind,
    ParentsDecision,
    PlanState,
    ReferralState,
    TellState,
    TellWhy,
    Track,
)
from incidents.models import (
    AdviceRecord,
    Incident,
    IncidentNote,
    Notification,
    OutsideEntry,
    ParentContact,
    Referral,
    Sanction,
    SupportPlan,
)
from incidents.queries.course import (
    debrief_decision,
    debrief_of,
    exam_of,
    lessons_of,
    needs_plan,
    was_investigated,
)
from incidents.queries.parents import parents_still_to_tell


@dataclass(frozen=True)
class Missing:
    """One thing that is still missing. `url_name` is the page of the record where it is put right; `of` what it takes
    besides the record."""

    key: str
    words: str
    url_name: str = "case-actions"
    of: tuple[int, ...] = ()


Check = Callable[[Incident, date], Iterable[Missing]]
_checks: list[Check] = []

_FOLLOW_UP = (
    NoteKind.CASE_NOTE, NoteKind.MEETING, NoteKind.REFLECTION, NoteKind.PARENT_WORK, NoteKind.PROTECTION,
    NoteKind.HANDOVER,
)  # fmt: skip
_ANSWERED = (ReferralState.NOT_NEEDED, ReferralState.OUTCOME, ReferralState.CLOSED)
_TOLD = (TellState.SENT, TellState.ACKNOWLEDGED)


def connect_check(check: Check) -> Check:
    """Ask `check` too whenever a record is to be closed: given the record and the day, it yields what is missing.

    A module that uses it is imported by `incidents.operations`.
    """
    if check not in _checks:
        _checks.append(check)
    return check


def what_is_missing(case: Incident, on: date) -> list[Missing]:
    """Everything that is missing before a record can be closed, in the order in which it is usually done (INC-42).

    The outcome is among it until the closing itself gives it.
    """
    return [
        missing
        for check in (_account, _action, _parents, _told, _asked, _plans, _exam, _debrief, *_checks, _outcome)
        for missing in check(case, on)
    ]


def _account(case: Incident, on: date) -> Iterator[Missing]:
    """law SG-1: a clear account, how it was followed up, and the decision with its reasons."""
    if not case.account:
        yield Missing("account", "What happened is not described.", "case")
    if not IncidentNote.objects.filter(incident=case, kind__in=_FOLLOW_UP).exists():
        yield Missing("follow_up", "How it was followed up is not written down.", "case-notes")
    if case.decided_at is None or not case.decision_reason:
        yield Missing("decision", "The decision and its reasons are not recorded.", "decide")


def _action(case: Incident, on: date) -> Iterator[Missing]:
    """law SG-1: what was done, at once or afterwards."""
    if case.immediate_action:
        return
    done = (
        Sanction.objects.filter(incident=case, withdrawn_at__isnull=True),
        SupportPlan.objects.filter(incident=case),
        Referral.objects.filter(incident=case),
        Notification.objects.filter(incident=case, state__in=_TOLD),
        ParentContact.objects.filter(incident=case, decision=ParentsDecision.TOLD),
        AdviceRecord.objects.filter(incident=case, state=AdviceState.ACTED_ON),
        OutsideEntry.objects.filter(concern__incident=case),
        IncidentNote.objects.filter(incident=case, kind__in=(NoteKind.REFLECTION, NoteKind.PROTECTION)),
    )
    if not any(rows.exists() for rows in done):
        yield Missing("action", "What was done is not recorded.")


def _parents(case: Incident, on: date) -> Iterator[Missing]:
    """INC-19: for each pupil it is about or who was affected, a decision that stands; “not yet” is none. What the desk
    told, or decided, of the same stay is one (CNF-13)."""
    for pupil in parents_still_to_tell(case):
        words = f"Whether parents of {pupil.display_name} are told is not decided."
        yield Missing(f"parents-{pupil.pk}", words, "case-parents", (pupil.pk,))


def _told(case: Incident, on: date) -> Iterator[Missing]:
    """INC-23, INC-24: everybody on the list of a serious incident is told, or is not relevant for a reason."""
    rows = list(Notification.objects.filter(incident=case, why=TellWhy.SERIOUS))
    for row in rows:
        if case.is_serious and row.state == TellState.NEEDED:
            extra = " This one must be told." if row.must else ""
            yield Missing(f"told-{row.pk}", f"Not marked as told: {row.body}.{extra}", "tell-body", (row.pk,))
    must = for_school(case.school, on=on).serious_inside_must
    if case.is_serious and not rows and must != UNSPECIFIED and must:
        yield Missing("told", "The list of who is told of a serious incident is not worked through.", "case-serious")


def _asked(case: Incident, on: date) -> Iterator[Missing]:
    """Referrals and advice have their answers."""
    if Referral.objects.filter(incident=case).exclude(state__in=_ANSWERED).exists():
        yield Missing("referral", "A referral has no outcome yet.")
    if AdviceRecord.objects.filter(incident=case, state=AdviceState.ASKED).exists():
        yield Missing("advice", "Advice was asked for and has not been answered.")


def _plans(case: Incident, on: date) -> Iterator[Missing]:
    """INC-18, INC-09, INC-13: each plan is under review or has ended; there is one where there must be."""
    plans = list(SupportPlan.objects.filter(incident=case))
    if any(plan.state == PlanState.DRAFTED for plan in plans):
        yield Missing("plan", "A support plan is drafted and has not begun.")
    if any(plan.state != PlanState.ENDED and plan.review_on is not None and plan.review_on < on for plan in plans):
        yield Missing("review", "A support plan’s review is overdue.")
    if not plans and needs_plan(case, for_school(case.school, on=on)):
        yield Missing("support", "There is no support plan beside what was decided.", "plan")


def _exam(case: Incident, on: date) -> Iterator[Missing]:
    """INC-35: a device in a public exam has gone to the exam body, and its answer is there."""
    if case.type != IncidentType.EXAM_POSSESSION:
        return
    report = exam_of(case)
    if report is None:
        yield Missing("exam", "The exam report is not written.", "exam")
    elif report.kind == ExamKind.PUBLIC and report.reported_at is None:
        yield Missing("exam", "The exam body has not had the report.", "exam")
    elif report.kind == ExamKind.PUBLIC and not report.outcome:
        yield Missing("exam", "The exam body’s outcome is not recorded.", "exam")


def _debrief(case: Incident, on: date) -> Iterator[Missing]:
    """INC-26: after an investigation leaders have recorded what was learned; where the rules are silent, a decision.

    For low-level behaviour a debrief is theirs to choose (A-64).
    """
    rule: str = for_school(case.school, on=on).debrief_required
    if rule == UNSPECIFIED:
        rule = debrief_decision(case)
    if case.track == Track.LOW_LEVEL or rule == "no" or not was_investigated(case):
        return
    if not rule:
        yield Missing("debrief", "Whether a debrief is needed is not decided.", "decide-debrief")
    elif debrief_of(case) is None:
        yield Missing("debrief", "The debrief has not been held.", "debrief")
    else:
        lessons = list(lessons_of(case))
        if not lessons:
            yield Missing("lessons", "The debrief says neither what has to change nor that nothing has.", "debrief")
        if any(one.state == LessonState.NOTED and one.kind != LessonKind.NO_CHANGE for one in lessons):
            yield Missing("lessons", "A lesson of the debrief has nobody who sees to it.", "debrief")


def _outcome(case: Incident, on: date) -> Iterator[Missing]:
    """law SG-1: how it ended, in a word and in words."""
    if not case.outcome or not case.outcome_words:
        yield Missing("outcome", "How it ended is not recorded.", "close")
