"""The end of a record: what is missing before it closes, the debrief and its lessons, the exam body."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_scopes import scope

from core.audit.enums import Outcome as Recorded
from core.audit.models import Entry
from core.notices.models import Notice
from core.people.models import School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from incidents import operations
from incidents.enums import CaseState, IncidentType, LessonState, NoteKind, Outcome, PersonRole, Route, Track
from incidents.models import (
    Debrief,
    ExamReport,
    Incident,
    IncidentNote,
    Lesson,
    Notification,
    ParentContact,
    Referral,
    SupportPlan,
)
from incidents.queries.closing import what_is_missing
from incidents.workflow import LESSON_MOVES, StepNotAllowed
from policies.enums import DocumentKind, ImprovementState
from policies.models import Document, ImprovementItem
from policies.operations import decide_improvement
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school
from tests.factories import make_user as build_user
from tests.factories.cases import add_person, make_case
from tests.incidents.test_course import plan, sanction

pytestmark = pytest.mark.django_db

WORDS = "Both families agreed."
# What debriefs are under each preset: needed, left to a decision, or not asked for.
DEBRIEF = {
    "group-locked-storage": "yes", "primary-by-agreement": "yes", "phone-free-agreement": "yes",
    "primary-online-safety": "no", "image-and-conduct": "ask",
}  # fmt: skip


def ready(school: School, by: User, at: datetime, **fields: Any) -> Incident:
    """A record in action from which nothing is missing but its outcome."""
    pupil = make_pupil(school)
    values = {"decided_at": at, "decided_by": by, "decision_reason": "They knew.", "immediate_action": "Taken aside."}
    case = make_case(school, by=by, at=at, pupil=pupil, **{"state": CaseState.ACTION} | values | fields)
    IncidentNote.objects.create(school=school, incident=case, kind=NoteKind.MEETING, text="We met.", at=at, by=by)
    decide_parents(case, pupil, by, at)
    return case


def decide_parents(case: Incident, pupil: Any, by: User, at: datetime, decision: str = "withheld") -> None:
    ParentContact.objects.create(
        school=case.school, incident=case, pupil=pupil, decision=decision, reason="A risk.", at=at, by=by
    )


def close(case: Incident, by: User, at: datetime, outcome: str = Outcome.SPOKEN_TO, **fields: Any) -> Incident:
    values = {"outcome_words": WORDS} | fields
    return operations.close_case(school=case.school, actor=by, at=at, incident=case, outcome=outcome, **values)


def keys(case: Incident, at: datetime) -> set[str]:
    return {one.key.split("-")[0] for one in what_is_missing(case, at.date())} - {"outcome"}


def saved(row: Any, by: User, at: datetime, **values: Any) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.stamp(by=by, at=at)
    row.save()
    return row


def _no_decision(case: Incident, by: User, at: datetime) -> None:
    saved(case, by, at, decided_at=None, decided_by=None, decision_reason="")


def _no_action(case: Incident, by: User, at: datetime) -> None:
    saved(case, by, at, immediate_action="")


def _affected(case: Incident, by: User, at: datetime) -> None:
    add_person(case, at=at, role=PersonRole.AFFECTED, pupil=make_pupil(case.school))


def _not_yet(case: Incident, by: User, at: datetime) -> None:
    decide_parents(case, case.people.get(role="subject").pupil, by, at, "not_yet")


def _to_tell(case: Incident, by: User, at: datetime) -> None:
    case.is_serious = True
    saved(case, by, at)
    saved(Notification(school=case.school, incident=case, body="Police"), by, at)


def _referred(case: Incident, by: User, at: datetime) -> None:
    saved(Referral(school=case.school, incident=case, state="consent_sought", body="Front door", reason="Need"), by, at)


def _asked(case: Incident, by: User, at: datetime) -> None:
    operations.ask_advice(school=case.school, actor=by, at=at, incident=case, body="other_agency", question="What now?")


def _drafted(case: Incident, by: User, at: datetime) -> None:
    plan(case, case.people.get(role="subject").pupil, by, at, begin=False)


def _overdue(case: Incident, by: User, at: datetime) -> None:
    made = plan(case, case.people.get(role="subject").pupil, by, at)
    saved(made, by, at, review_on=at.date() - timedelta(days=1))


def _level_one(case: Incident, by: User, at: datetime) -> None:
    saved(case, by, at, level=1)


def _exam(case: Incident, by: User, at: datetime) -> None:
    saved(case, by, at, type=IncidentType.EXAM_POSSESSION)


def _investigated(case: Incident, by: User, at: datetime) -> None:
    operations.end_investigation(school=case.school, actor=by, at=at, incident=case)


@pytest.mark.parametrize(
    ("leave", "key"),
    [
        (_no_decision, "decision"), (_no_action, "action"), (_affected, "parents"), (_not_yet, "parents"),
        (_to_tell, "told"), (_referred, "referral"), (_asked, "advice"), (_drafted, "plan"), (_overdue, "review"),
        (_level_one, "support"), (_exam, "exam"), (_investigated, "debrief"),
    ],
)  # fmt: skip
def test_close_case_names_what_is_missing(
    school: School, dsl_user: User, at: datetime, leave: Callable[..., None], key: str
) -> None:
    """INC-42, law SG-1: with nothing missing it closes; each thing that is missing refuses it, by name."""
    case = ready(school, dsl_user, at)
    assert keys(case, at) == set()
    leave(case, dsl_user, at)
    case.refresh_from_db()
    assert keys(case, at) == {key}
    saved(case, dsl_user, at)
    with pytest.raises((operations.StillMissing, StepNotAllowed)) as refusal:
        close(case, dsl_user, at)
    assert key == "advice" or what_is_missing(case, at.date())[0].words in str(refusal.value)
    case.refresh_from_db()
    assert (case.closed_at, Entry.objects.filter(action="incidents.close_case").count()) == (None, 1)


def test_close_case_needs_account_follow_up_and_outcome(school: School, dsl_user: User, at: datetime) -> None:
    """law SG-1: account, follow-up, action, decision and reasons, outcome: none may be empty, in the database too."""
    bare = make_case(school, by=dsl_user, at=at, pupil=make_pupil(school), state=CaseState.ACTION)
    assert keys(bare, at) == {"follow_up", "decision", "action", "parents"}
    bare.account = ""
    assert "account" in keys(bare, at)
    case = ready(school, dsl_user, at)
    for wrong in ({"outcome": ""}, {"outcome_words": "  "}):
        with pytest.raises(operations.OutcomeInWords):
            close(case, dsl_user, at, **wrong)
    case.refresh_from_db()
    case.state = CaseState.CLOSED
    with pytest.raises(IntegrityError), transaction.atomic():
        saved(case, dsl_user, at)


def test_close_case_keeps_how_it_ended(school: School, dsl_user: User, at: datetime) -> None:
    """INC-22, INC-42: outcome in a word and in words, once; the same form again is the same closing."""
    case, key = ready(school, dsl_user, at), uuid4()
    first = close(case, dsl_user, at, Outcome.SUPPORT, submission=key)
    again = close(case, dsl_user, at, Outcome.SUPPORT, submission=key)
    case.refresh_from_db()
    assert (first.pk, case.state, case.outcome_words) == (again.pk, CaseState.CLOSED, WORDS)
    assert case.events.filter(kind="closed").count() == 1
    with pytest.raises(StepNotAllowed):
        close(case, dsl_user, at)
    assert "families" not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_close_case_of_whoever_was_harmed_is_never_a_sanction(
    school: School, dsl_user: User, at: datetime, client_for: Callable[..., Any]
) -> None:
    """INC-10, INC-22: refused and not offered; support is."""
    case = ready(school, dsl_user, at, track=Track.VICTIM)
    for outcome in (Outcome.SANCTION, Outcome.BOTH):
        with pytest.raises(operations.NoSanctionForVictim):
            close(case, dsl_user, at, outcome)
    page = client_for(dsl_user).get(reverse("incidents:close", args=[school.slug, case.pk])).content.decode()
    assert 'value="support"' in page
    assert 'value="sanction"' not in page
    close(case, dsl_user, at, Outcome.SUPPORT)


def test_serious_behaviour_with_a_sanction_has_its_plan(at: datetime) -> None:
    """INC-09, INC-22: where the rules fix who decides, a sanction for serious behaviour stands beside a plan; elsewhere
    there may be either."""
    for preset, key in (("primary-online-safety", {"support"}), ("phone-free-agreement", set())):
        school = make_school(preset=preset)
        with scope(school=school):
            head = build_user(Role.HEADTEACHER, school)
            case = ready(school, head, at, track=Track.SERIOUS)
            kind = "internal fixed-term exclusion" if key else "restrictions"
            pupil = case.people.get().pupil
            sanction(case, pupil, head, at, kind=kind)
            assert keys(case, at) == key
            plan(case, pupil, head, at)
            assert keys(case, at) == set()


@pytest.mark.parametrize("preset", list(DEBRIEF))
def test_end_investigation_asks_for_the_debrief_of_the_rules(preset: str, at: datetime) -> None:
    """INC-26, NOT-16: where it is needed leaders who read the record are asked to hold it within ten school days; where
    the rules are silent somebody decides, and that is kept; where none is asked for the record can be closed."""
    school = make_school(preset=preset)
    with scope(school=school):
        dsl, head, slt = (build_user(role, school) for role in (Role.DSL, Role.HEADTEACHER, Role.SLT))
        case, kind = ready(school, dsl, at), DEBRIEF[preset]
        end: dict[str, Any] = {"school": school, "actor": dsl, "at": at, "incident": case}
        if kind == "ask":
            with pytest.raises(operations.DebriefToDecide):
                operations.end_investigation(**end)
            operations.end_investigation(**end, debrief=True)
            assert RecordedDecision.objects.get(key="debrief_required").decision == "yes"
        else:
            operations.end_investigation(**end)
        with pytest.raises(operations.InvestigationEnded):
            operations.end_investigation(**end, debrief=True)
        case.refresh_from_db()
        told = set(Notice.objects.filter(kind="incidents.debrief").values_list("recipient", flat=True))
        if kind == "no":
            assert (case.state, told, keys(case, at)) == (CaseState.ACTION, set(), set())
            close(case, dsl, at)
            return
        assert (case.state, told) == (CaseState.DEBRIEF, {dsl.pk, head.pk})
        assert slt.pk not in told
        assert case.next_step_on == at.date() + timedelta(days=14)  # ten school days
        with pytest.raises(operations.StillMissing, match="debrief"):
            close(case, dsl, at)
        if kind == "ask":
            operations.decide_debrief(**end, needed=False)
            assert keys(case, at) == set()


def held(case: Incident, by: User, at: datetime, **fields: Any) -> Debrief:
    values = {"held_on": at.date(), "present": "Head and DSL", "summary": "It went on for weeks."} | fields
    return operations.hold_debrief(school=case.school, actor=by, at=at, incident=case, **values)


def learned(case: Incident, by: User, at: datetime, kind: str, **fields: Any) -> Lesson:
    values = {"text": "Say what a wearable is.", "owner": by, "due_on": at.date() + timedelta(days=30)} | fields
    return operations.add_lesson(school=case.school, actor=by, at=at, incident=case, kind=kind, **values)


@pytest.mark.parametrize("preset", list(DEBRIEF))
def test_lessons_go_on_the_list_where_they_are_decided(preset: str, at: datetime) -> None:
    """INC-26 to INC-28, POL-22, matrix 4.19: a change to a policy is on that policy's change list, to teaching on the
    curriculum's, to practice on the action plan; accepted, rejected with a reason, done, and the lesson follows."""
    school = make_school(preset=preset)
    with scope(school=school):
        dsl = build_user(Role.DSL, school)
        case = ready(school, dsl, at)
        with pytest.raises(operations.NoDebriefYet):
            learned(case, dsl, at, "practice")
        held(case, dsl, at)
        policy = Document.objects.filter(kind=DocumentKind.POLICY).first()
        assert policy is not None
        with pytest.raises(operations.LessonSaysWhat):
            learned(case, dsl, at, "policy")
        with pytest.raises(operations.LessonHasOwner):
            learned(case, dsl, at, "practice", owner=None)
        one = learned(case, dsl, at, "policy", document=policy, early_review=True)
        two = learned(case, dsl, at, "curriculum", owner=None, due_on=None)
        three = learned(case, dsl, at, "practice")
        items = {item.source_key: item for item in ImprovementItem.objects.all()}
        assert [items[row.pk].list for row in (one, two, three)] == ["policy", "curriculum", "action_plan"]
        assert (items[one.pk].document, items[one.pk].early_review, items[one.pk].owner) == (policy, True, dsl)
        assert keys(case, at) == set() if not case.investigation_ended_at else {"lessons"}

        def decide(row: Lesson, state: str, reason: str = "") -> str:
            item = items[row.pk]
            decide_improvement(school=school, actor=dsl, at=at, item=item, state=state, reason=reason)
            row.refresh_from_db()
            return str(row.state)

        with pytest.raises(operations.LessonNotGiven):
            decide(two, ImprovementState.ACCEPTED)
        operations.assign_lesson(school=school, actor=dsl, at=at, lesson=two, owner=dsl, due_on=at.date())
        assert decide(one, ImprovementState.ACCEPTED) == LessonState.ACCEPTED
        assert decide(one, ImprovementState.DONE) == LessonState.DONE
        assert decide(two, ImprovementState.ACCEPTED) == LessonState.ACCEPTED
        from policies.operations import DecidedAlready, RejectedSaysWhy

        with pytest.raises(RejectedSaysWhy):
            decide(three, ImprovementState.REJECTED)
        assert decide(three, ImprovementState.REJECTED, "It is so already.") == LessonState.REJECTED
        assert three.reason == "It is so already."
        with pytest.raises(DecidedAlready):
            decide(three, ImprovementState.ACCEPTED)


def test_debrief_without_a_change_says_why(school: School, dsl_user: User, at: datetime) -> None:
    """INC-26: “no change” is an answer, with a reason, and makes no item. A record has one debrief."""
    case = ready(school, dsl_user, at)
    operations.end_investigation(school=school, actor=dsl_user, at=at, incident=case)
    for wrong in ({"summary": " "}, {"present": ""}, {"held_on": at.date() + timedelta(days=1)}):
        with pytest.raises(operations.DebriefSaysWhat):
            held(case, dsl_user, at, **wrong)
    held(case, dsl_user, at)
    with pytest.raises(operations.DebriefHeldAlready):
        held(case, dsl_user, at)
    case.refresh_from_db()
    assert keys(case, at) == {"lessons"}
    with pytest.raises(operations.LessonSaysWhat):
        learned(case, dsl_user, at, "no_change")
    learned(case, dsl_user, at, "no_change", reason="Staff did what the policy says.", owner=None, due_on=None)
    assert (keys(case, at), ImprovementItem.objects.count()) == (set(), 0)
    close(case, dsl_user, at)


def test_debrief_of_a_reviewed_record_is_needed_and_of_low_level_not(
    school: School, dsl_user: User, at: datetime
) -> None:
    """A-64, INC-26: it is owed once a record was taken into review; for low-level behaviour it is theirs to choose."""
    from incidents.enums import CaseEventKind
    from incidents.models import IncidentEvent

    for track, key in ((Track.SERIOUS, {"debrief"}), (Track.LOW_LEVEL, set())):
        case = ready(school, dsl_user, at, track=track)
        IncidentEvent.objects.create(
            school=school, incident=case, kind=CaseEventKind.REVIEWED, from_state="triaged", to_state="in_review", at=at
        )
        assert keys(case, at) == key


@pytest.mark.parametrize("origin", list(LessonState))
def test_every_move_of_a_lesson_is_the_tables(
    school: School, dsl_user: User, at: datetime, origin: LessonState
) -> None:
    """Matrix 4.19: the database holds the same moves as the program."""
    debrief = held(ready(school, dsl_user, at), dsl_user, at)
    for target in LessonState:
        row = Lesson(
            school=school, debrief=debrief, kind="practice", text="x", owner=dsl_user, reason="why", state=origin
        )
        saved(row, dsl_user, at)
        if origin == target or (origin, target) in LESSON_MOVES:
            saved(row, dsl_user, at, state=target)
            continue
        with pytest.raises(IntegrityError), transaction.atomic():
            saved(row, dsl_user, at, state=target)


EXAM: dict[str, Any] = {
    "exam": "Maths, paper 1", "found_by": "An invigilator", "device": "A phone", "statement": "It rang.",
    "room": "Hall", "candidate": "0042", "was_on": True, "could_communicate": True, "could_go_online": None,
}  # fmt: skip


@pytest.mark.parametrize("outcome", ["none", "this_exam", "all_exams"])
def test_exam_report_goes_to_the_exam_body_which_decides(
    school: School, dsl_user: User, at: datetime, outcome: str
) -> None:
    """DEV-30, INC-35, law JC-1, JC-3, NOT-15: a public exam needs its body and a report; only after the report is an
    outcome recorded, and it is the exam body's. Exams officer and head are told that a report is due."""
    officer, head = build_user(Role.EXAMS_OFFICER, school), build_user(Role.HEADTEACHER, school)
    case = ready(school, dsl_user, at, type=IncidentType.EXAM_POSSESSION)
    do: dict[str, Any] = {"school": school, "actor": officer, "at": at, "incident": case}
    with pytest.raises(operations.ExamBodyNamed):
        operations.write_exam_report(**do, **EXAM, kind="public", found_at=at)
    with pytest.raises(operations.ExamSaysWhat):
        operations.write_exam_report(**do, **EXAM | {"statement": ""}, kind="public", body="A body", found_at=at)
    with pytest.raises(operations.ReportedFirst):
        operations.send_exam_report(**do, reported_to="The body")
    operations.write_exam_report(**do, **EXAM, kind="public", body="A body", found_at=at)
    told = Notice.objects.filter(kind="incidents.exam_report")
    assert set(told.values_list("recipient", flat=True)) == {officer.pk, head.pk}
    with pytest.raises(operations.ReportedFirst):
        operations.record_exam_outcome(**do, outcome=outcome)
    assert keys(case, at) == {"exam"}
    operations.send_exam_report(**do, reported_to="The malpractice team", reference="M-1")
    case.refresh_from_db()
    assert case.state == CaseState.AWAITING_OUTSIDE
    with pytest.raises(operations.ReportedFirst):
        operations.send_exam_report(**do, reported_to="Again")
    operations.record_exam_outcome(**do, outcome=outcome)
    case.refresh_from_db()
    assert (case.state, ExamReport.objects.get().outcome, keys(case, at)) == (CaseState.ACTION, outcome, set())
    assert not case.sanctions.exists()


def test_internal_test_is_logged_without_an_outside_report(
    school: School, dsl_user: User, at: datetime, client_for: Callable[..., Any]
) -> None:
    """INC-35: it goes nowhere, asks nobody, and the database holds it so. The exams officer sees its page alone."""
    officer = build_user(Role.EXAMS_OFFICER, school)
    case = ready(school, dsl_user, at, type=IncidentType.EXAM_POSSESSION)
    other = ready(school, dsl_user, at)
    browser = client_for(officer)
    url = reverse("incidents:exam", args=[school.slug, case.pk])
    assert "Exam report" in browser.get(url).content.decode()
    for hidden in (
        reverse("incidents:case", args=[school.slug, case.pk]),
        url.replace(f"/{case.pk}/", f"/{other.pk}/"),
    ):
        assert browser.get(hidden).status_code == 404
    typed = {name: value for name, value in EXAM.items() if isinstance(value, str)} | {"was_on": "yes"}
    sent = {"kind": "internal", "found_at": "2026-11-20T09:00", **typed}
    assert browser.post(url, sent | {"kind": "public"}).status_code == 422
    assert browser.post(url, sent).status_code == 302
    report = ExamReport.objects.get()
    assert (report.was_on, report.could_go_online, keys(case, at)) == (True, None, set())
    assert not Notice.objects.filter(kind="incidents.exam_report").exists()
    with pytest.raises(operations.InternalTest):
        operations.send_exam_report(school=school, actor=dsl_user, at=at, incident=case, reported_to="Somebody")
    with pytest.raises(IntegrityError), transaction.atomic():
        saved(report, dsl_user, at, reported_at=at, reported_by=dsl_user)
    with pytest.raises(operations.NotAnExam):
        operations.write_exam_report(
            school=school, actor=dsl_user, at=at, incident=other, **EXAM, kind="internal", found_at=at
        )


def test_pages_lead_from_what_is_missing_to_the_end(
    school: School, dsl_user: User, at: datetime, client_for: Callable[..., Any]
) -> None:
    """INC-42, INC-26: the page lists what is missing with the way to it, keeps what was typed, and closes at last."""
    case, browser = ready(school, dsl_user, at), client_for(dsl_user)

    def url(name: str, *more: int) -> str:
        return reverse(f"incidents:{name}", args=[school.slug, case.pk, *more])

    assert "Nothing else is missing" in browser.get(url("close")).content.decode()
    assert browser.post(url("end-investigation"), {}).status_code == 302
    page = browser.get(url("close")).content.decode()
    assert url("debrief") in page
    ended = {"outcome": "support", "outcome_words": "Zephyrine is content."}
    refused = browser.post(url("close"), ended)
    assert (refused.status_code, "Zephyrine" in refused.content.decode()) == (422, True)
    assert Entry.objects.filter(action="incidents.close_case", outcome=Recorded.REFUSED).count() == 1
    debrief = {"held_on": "2026-11-20", "present": "Head", "summary": "Weeks."}
    assert browser.post(url("debrief"), debrief | {"summary": ""}).status_code == 422
    assert browser.post(url("debrief"), debrief).status_code == 302
    lesson = {"kind": "practice", "text": "Two people count."}
    assert browser.post(url("add-lesson"), lesson).status_code == 302
    row = Lesson.objects.get()
    given = {"owner": dsl_user.pk, "due_on": "2027-01-11"}
    assert browser.post(url("assign-lesson", row.pk), given).status_code == 302
    assert "Two people count." in browser.get(url("debrief")).content.decode()
    lists = reverse("policies:improvements", args=[school.slug])
    assert "Two people count." in browser.get(lists).content.decode()
    item = reverse("policies:decide-improvement", args=[school.slug, ImprovementItem.objects.get().pk])
    assert browser.post(item, {"state": "rejected"}).status_code == 422
    assert browser.post(item, {"state": "accepted"}).status_code == 302
    assert browser.post(item, {"state": "done"}).status_code == 302
    assert browser.post(url("close"), ended).status_code == 302
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
    assert "It is closed" in browser.get(url("close")).content.decode()


def test_record_about_staff_is_closed_by_its_own_readers(school: School, dsl_user: User, at: datetime) -> None:
    """Law SG-7: the same closing, by whoever leads on staff concerns; nobody else finds the record."""
    colleague, slt = build_user(Role.TEACHER, school), build_user(Role.SLT, school)
    case = make_case(
        school, by=build_user(Role.TEACHER, school), at=at, staff=colleague, state=CaseState.ACTION, decided_at=at,
        decided_by=dsl_user, decision_reason="Clear.", immediate_action="Spoken to.", route=Route.ALLEGATION,
    )  # fmt: skip
    for stranger in (slt, colleague):
        with pytest.raises(operations.NothingThere):
            close(case, stranger, at)
    with pytest.raises(operations.StillMissing):
        close(case, dsl_user, at)


@pytest.mark.django_db(transaction=True)
def test_two_close_and_debrief_at_once(at: datetime) -> None:
    """Two leaders in the same second: one closing, one debrief, and a plain sentence for the other."""
    school = make_school()
    with scope(school=school):
        dsl, head = build_user(Role.DSL, school), build_user(Role.HEADTEACHER, school)
        case = ready(school, dsl, at)
        results = at_once(school, *(lambda by=by: held(case, by, at) for by in (dsl, head)))
        assert sorted(type(one).__name__ for one in results) == ["Debrief", "DebriefHeldAlready"]
        results = at_once(school, *(lambda by=by: close(case, by, at) for by in (dsl, head)))
        assert sorted(type(one).__name__ for one in results) == ["Incident", "StepNotAllowed"]
        made = SupportPlan.objects.count()
        assert made == 0
