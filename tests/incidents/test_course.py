"""What follows a report: sanctions, support plans and their reviews, advice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django_scopes import scope

from core.audit.enums import Outcome as Recorded
from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from core.people.access import NotPermitted
from core.people.models import Pupil, School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from incidents import operations
from incidents.enums import CaseState, IncidentType, NoteKind, PersonRole, PlanState, Track
from incidents.models import AdviceRecord, Incident, IncidentNote, PlanReview, Sanction, SupportPlan
from incidents.queries.course import open_plans, repeats_of
from incidents.workflow import PLAN_MOVES, StepNotAllowed
from tests.factories import make_pupil, make_school
from tests.factories import make_user as build_user
from tests.factories.cases import add_person, make_case

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 23)
RUS, BEL, ROC = "primary-online-safety", "group-locked-storage", "phone-free-agreement"
PRESETS = (BEL, "primary-by-agreement", RUS, "image-and-conduct", ROC)
FIRST_RUNG = {
    BEL: "school and group policies", "primary-by-agreement": "behaviour policy", RUS: "loss of privilege",
    "image-and-conduct": "Break time inside", ROC: "restrictions",
}  # fmt: skip
WHY = "Zephyrine told him to stop twice."


def a_case(school: School, by: User, at: datetime, **fields: Any) -> tuple[Incident, Pupil]:
    pupil = make_pupil(school)
    return make_case(school, by=by, at=at, pupil=pupil, **fields), pupil


def sanction(case: Incident, pupil: Pupil, by: User, at: datetime, **fields: Any) -> Sanction:
    values = {
        "kind": "restrictions", "reason": WHY, "starts_on": DAY, "ends_on": DAY + timedelta(days=4), "reviewer": by,
    } | fields  # fmt: skip
    return operations.record_sanction(school=case.school, actor=by, at=at, incident=case, pupil=pupil, **values)


@pytest.mark.parametrize("preset", PRESETS)
def test_sanction_is_one_of_the_schools_ladder(preset: str, at: datetime) -> None:
    """INC-09, CNF-15: a rung of the ladder with its first and last day, reviewer and reason; where the rules list none,
    the school's own words and who decided is kept. The same form twice is one sanction."""
    school = make_school(preset=preset)
    with scope(school=school):
        dsl = build_user(Role.DSL, school)
        case, pupil = a_case(school, dsl, at)
        key = uuid4()
        first = sanction(case, pupil, dsl, at, kind=FIRST_RUNG[preset], submission=key)
        again = sanction(case, pupil, dsl, at, kind=FIRST_RUNG[preset], submission=key)
        assert (first.pk, first.excludes, first.starts_on, first.reviewer) == (again.pk, False, DAY, dsl)
        kept = RecordedDecision.objects.filter(key="sanction_ladder")
        assert kept.count() == (1 if preset == "image-and-conduct" else 0)
        assert not any("Zephyrine" in row.reason + row.decision for row in kept)
        if preset != "image-and-conduct":
            with pytest.raises(operations.NotOnTheLadder):
                sanction(case, pupil, dsl, at, kind="Something else")
        for wrong, field in (
            ({"ends_on": None}, "ends_on"),
            ({"reviewer": None}, "reviewer"),
            ({"reason": " "}, "reason"),
        ):
            with pytest.raises(operations.UnableToSanction) as refusal:
                sanction(case, pupil, dsl, at, kind=FIRST_RUNG[preset], **wrong)
            assert refusal.value.field == field


@pytest.mark.parametrize(
    ("preset", "may", "kept"), [(RUS, {"head"}, 0), (BEL, {"head"}, 1), ("slt-rule", {"head", "slt"}, 0)]
)
def test_sanction_that_excludes_is_decided_by_whom_the_rules_name(
    preset: str, may: set[str], kept: int, at: datetime
) -> None:
    """INC-09, matrix 1.21: the head alone, or a senior leader where the rules say so; where they are silent the head,
    and that is kept. For everybody else it is refused, and the refusal recorded."""
    from core.rules.operations import change_rule

    school = make_school(preset=RUS if preset == "slt-rule" else preset)
    with scope(school=school):
        people = {"head": build_user(Role.HEADTEACHER, school), "slt": build_user(Role.SLT, school)}
        people["dsl"] = build_user(Role.DSL, school)
        if preset == "slt-rule":
            change_rule(
                school=school, actor=people["head"], at=at - timedelta(days=30), key="exclusion_decided_by",
                value="slt", effective_from=DAY - timedelta(days=20), reason="A test.",
            )  # fmt: skip
        track = Track.LOW_LEVEL if preset == "slt-rule" else Track.SERIOUS  # what senior leaders read
        case, pupil = a_case(school, people["dsl"], at, track=track)
        given: dict[str, Any] = {"takes_out": True, "kind": FIRST_RUNG[RUS if preset == "slt-rule" else preset]}
        for who in ("dsl", "slt", "head"):
            if who in may:
                assert sanction(case, pupil, people[who], at, **given).excludes
            elif who == "slt":
                with pytest.raises(operations.NothingThere):
                    sanction(case, pupil, people[who], at, **given)
            else:
                with pytest.raises(operations.NotForThemToExclude):
                    sanction(case, pupil, people[who], at, **given)
        assert Entry.objects.filter(action="incidents.record_sanction", outcome=Recorded.REFUSED).count() == 3 - len(
            may
        )
        assert RecordedDecision.objects.filter(key="exclusion_decided_by").count() == kept


def test_sanction_never_for_whoever_was_harmed(
    school: School, dsl_user: User, at: datetime, client_for: Callable[..., Any]
) -> None:
    """INC-10: hidden on the page and refused by the operation, for the victim track and for a pupil who is affected."""
    harmed, pupil = a_case(school, dsl_user, at, track=Track.VICTIM)
    mixed, subject = a_case(school, dsl_user, at)
    affected = make_pupil(school)
    add_person(mixed, at=at, role=PersonRole.AFFECTED, pupil=affected)
    for case, whom in ((harmed, pupil), (mixed, affected)):
        with pytest.raises(operations.SanctionForVictim):
            sanction(case, whom, dsl_user, at)
    with pytest.raises(operations.NotTheSubject):
        sanction(mixed, make_pupil(school), dsl_user, at)
    assert not Sanction.objects.exists()
    browser = client_for(dsl_user)
    page = browser.get(reverse("incidents:sanction", args=[school.slug, harmed.pk])).content.decode()
    assert "not for whoever was harmed" in page
    assert 'name="kind"' not in page
    assert (
        "Record a sanction"
        not in browser.get(reverse("incidents:case-actions", args=[school.slug, harmed.pk])).content.decode()
    )
    form = browser.get(reverse("incidents:sanction", args=[school.slug, mixed.pk])).content.decode()
    assert f'value="{subject.pk}"' in form
    assert f'value="{affected.pk}"' not in form


def test_low_level_is_led_by_its_teacher_with_a_reflection(
    school: School, at: datetime, dsl_user: User, teacher_user: User, slt_user: User
) -> None:
    """INC-08: whoever was given low-level behaviour takes a privilege and leads a reflection; others cannot."""
    case, pupil = a_case(school, dsl_user, at, track=Track.LOW_LEVEL, owner=teacher_user)
    made = sanction(case, pupil, teacher_user, at, reflection="They wrote how it felt to be filmed.")
    note = IncidentNote.objects.get(incident=case)
    assert (made.excludes, note.kind, note.text) == (False, NoteKind.REFLECTION, "They wrote how it felt to be filmed.")
    with pytest.raises(operations.NothingThere):
        sanction(case, pupil, build_user(Role.TEACHER, school), at)
    withdrawn = operations.withdraw_sanction(school=school, actor=slt_user, at=at, sanction=made, reason="Settled.")
    assert withdrawn.withdrawn_by == slt_user
    with pytest.raises(operations.WithdrawnAlready):
        operations.withdraw_sanction(school=school, actor=slt_user, at=at, sanction=made, reason="Again.")


def test_level_one_sanction_is_agreed_with_parents_and_child(school: School, dsl_user: User, at: datetime) -> None:
    """INC-13: what was agreed stands beside the sanction."""
    case, pupil = a_case(school, dsl_user, at, level=1)
    with pytest.raises(operations.AgreedWithFamily):
        sanction(case, pupil, dsl_user, at)
    sanction(case, pupil, dsl_user, at, agreed="Both parents and he agreed on a week.")
    assert IncidentNote.objects.get(incident=case).kind == NoteKind.PARENT_WORK


def plan(case: Incident, pupil: Pupil, by: User, at: datetime, **fields: Any) -> SupportPlan:
    values = {
        "aims": "He asks before he films.", "actions": "Weekly talk with the tutor.", "owner": by, "starts_on": DAY,
        "review_on": DAY + timedelta(days=14),
    } | fields  # fmt: skip
    return operations.make_plan(school=case.school, actor=by, at=at, incident=case, pupil=pupil, **values)


def test_plan_is_reviewed_until_it_ends(school: School, dsl_user: User, at: datetime) -> None:
    """INC-18: aims, actions, owner, review dates; each review is kept, and an overdue one is listed until it ends."""
    case, pupil = a_case(school, dsl_user, at)
    made = plan(case, pupil, dsl_user, at)
    later = at + timedelta(days=20)
    assert [row.pk for row in open_plans(dsl_user, school, later.date())] == [made.pk]
    operations.tell_plan_reviews(school=school, at=later)
    made.refresh_from_db()
    assert made.state == PlanState.REVIEW_DUE
    say: dict[str, Any] = {"school": school, "actor": dsl_user, "at": later, "plan": made, "text": "Better."}
    with pytest.raises(operations.ReviewOnADay):
        operations.review_plan(**say)
    with pytest.raises(operations.ReviewOnADay):
        operations.review_plan(**say, next_review_on=later.date())
    key = uuid4()
    first = operations.review_plan(**say, next_review_on=later.date() + timedelta(days=30), submission=key)
    again = operations.review_plan(**say, next_review_on=later.date() + timedelta(days=30), submission=key)
    made.refresh_from_db()
    assert (first.pk, made.state) == (again.pk, PlanState.ACTIVE)
    operations.review_plan(**say, end_words="He asks now.")
    made.refresh_from_db()
    assert (made.state, made.review_on, PlanReview.objects.count()) == (PlanState.ENDED, None, 2)
    assert not open_plans(dsl_user, school, later.date()).exists()
    with pytest.raises(StepNotAllowed):
        operations.review_plan(**say, end_words="Twice.")


def test_plan_owner_reads_the_record(school: School, dsl_user: User, teacher_user: User, at: datetime) -> None:
    """INC-18, STA-17: nobody is given a plan whose record they cannot read; a draft begins once."""
    case, pupil = a_case(school, dsl_user, at)
    with pytest.raises(operations.PlanOwnerReads):
        plan(case, pupil, dsl_user, at, owner=teacher_user)
    made = plan(case, pupil, dsl_user, at, begin=False)
    operations.begin_plan(school=school, actor=dsl_user, at=at, plan=made)
    with pytest.raises(StepNotAllowed):
        operations.begin_plan(school=school, actor=dsl_user, at=at, plan=made)


@pytest.mark.parametrize("origin", list(PlanState))
@pytest.mark.parametrize("target", list(PlanState))
def test_every_move_of_a_plan_is_the_tables(
    school: School, dsl_user: User, at: datetime, origin: PlanState, target: PlanState
) -> None:
    """Matrix 4.6: the database holds the same moves as the program."""
    from django.db import IntegrityError, transaction

    case, pupil = a_case(school, dsl_user, at)
    ends = {"ended_at": at, "ended_by": dsl_user, "review_on": None}
    row = SupportPlan(
        school=school, incident=case, pupil=pupil, aims="Aims", actions="Actions", owner=dsl_user, starts_on=DAY,
        state=origin, **({"review_on": DAY} if origin != PlanState.ENDED else ends),
    )  # fmt: skip
    row.stamp(by=dsl_user, at=at)
    row.save()
    row.state = target
    for name, value in (
        ends if target == PlanState.ENDED else {"ended_at": None, "ended_by": None, "review_on": DAY}
    ).items():
        setattr(row, name, value)
    row.stamp(by=dsl_user, at=at)
    if origin == target or (origin, target) in PLAN_MOVES:
        row.save()
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_reviews_are_asked_after_once_before_and_daily_after(school: School, dsl_user: User, at: datetime) -> None:
    """NOT-12: seven days before, then every day that it is overdue, owner and DSL, each once; nobody is named."""
    case, pupil = a_case(school, dsl_user, at)
    deputy = build_user(Role.DEPUTY_DSL, school)
    made = plan(case, pupil, dsl_user, at, owner=deputy)
    told = Notice.objects.filter(kind="incidents.plan_review")
    for days, expected in ((6, 0), (7, 2), (8, 2), (14, 2), (15, 4), (15, 4), (16, 6)):
        operations.tell_plan_reviews(school=school, at=at + timedelta(days=days))
        assert told.count() == expected, days
    assert set(told.values_list("recipient", flat=True)) == {dsl_user.pk, deputy.pk}
    for words in [*told.values_list("subject", "body", "url"), *OutboxEmail.objects.values_list("subject", "text")]:
        assert pupil.legal_surname.lower() not in " ".join(words).lower()
    operations.review_plan(
        school=school, actor=deputy, at=at + timedelta(days=17), plan=made, text="x", end_words="Done"
    )
    operations.tell_plan_reviews(school=school, at=at + timedelta(days=18))
    assert told.count() == 6


SEEKERS = {
    BEL: ("dsl", "deputy", "head"), "primary-by-agreement": ("dsl", "deputy", "head"), ROC: ("dsl", "deputy", "head"),
    RUS: ("dsl", "deputy", "head"), "image-and-conduct": ("dsl", "deputy", "head", "owner"),
}  # fmt: skip
BODY = {
    BEL: "regional_director", "primary-by-agreement": "other_agency", ROC: "council_safeguarding_service",
    RUS: "The county", "image-and-conduct": "headteacher",
}  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS)
def test_advice_is_asked_by_whom_the_rules_name(preset: str, at: datetime) -> None:
    """INC-25, A-54: by DSL, deputy or head, of the bodies of the rules; at a school that names nobody the team asks and
    that is kept. Who else reads the record is refused."""
    school = make_school(preset=preset)
    with scope(school=school):
        people = {
            "dsl": build_user(Role.DSL, school), "deputy": build_user(Role.DEPUTY_DSL, school),
            "head": build_user(Role.HEADTEACHER, school), "owner": build_user(Role.TEACHER, school),
        }  # fmt: skip
        case, _ = a_case(school, people["dsl"], at, owner=people["owner"])
        for who, user in people.items():
            ask: dict[str, Any] = {
                "school": school, "actor": user, "at": at, "incident": case, "body": BODY[preset], "question": WHY,
            }  # fmt: skip
            if who in SEEKERS[preset]:
                assert operations.ask_advice(**ask).asked_by == user
            else:
                with pytest.raises(operations.NotForThemToAsk):
                    operations.ask_advice(**ask)
        assert RecordedDecision.objects.filter(key="advice_seekers").exists() == (preset == RUS)
        if preset != RUS:
            with pytest.raises(operations.BodyNotInRules):
                operations.ask_advice(
                    school=school, actor=people["dsl"], at=at, incident=case, body="Somebody", question=WHY
                )


def test_advice_is_asked_answered_and_acted_on(school: School, dsl_user: User, at: datetime) -> None:
    """INC-25, matrix 4.7: a record in action waits for the answer and comes back; each step once and in order."""
    case, _ = a_case(school, dsl_user, at, state=CaseState.ACTION)
    asked = operations.ask_advice(
        school=school, actor=dsl_user, at=at, incident=case, body="other_agency", question=WHY
    )
    case.refresh_from_db()
    assert case.state == CaseState.AWAITING_OUTSIDE
    act: dict[str, Any] = {"school": school, "actor": dsl_user, "at": at, "advice": asked}
    with pytest.raises(StepNotAllowed):
        operations.act_on_advice(**act, action="Too soon.")
    operations.answer_advice(**act, answer_from="A duty officer", answer="Tell the parents.")
    with pytest.raises(StepNotAllowed):
        operations.answer_advice(**act, answer_from="A duty officer", answer="Again.")
    operations.act_on_advice(**act, action="They were told.")
    case.refresh_from_db()
    asked = AdviceRecord.objects.get()
    assert (case.state, asked.state, asked.answer) == (CaseState.ACTION, "acted_on", "Tell the parents.")
    stranger = build_user(Role.HEAD_OF_SCHOOL, school)
    assert operations.ask_advice is not None
    with pytest.raises(operations.NotForThemToAsk):
        operations.ask_advice(school=school, actor=stranger, at=at, incident=case, body="other_agency", question=WHY)


def test_repeats_within_the_window_are_shown(
    school: School, dsl_user: User, at: datetime, client_for: Callable[..., Any]
) -> None:
    """INC-36: how often records of the same type name the pupil within the rule's time; another type, another pupil and
    what is older do not count. It proposes and decides nothing."""
    from core.rules.queries import for_school

    pupil = make_pupil(school)
    window = for_school(school, on=DAY).repeat_window
    old = at - timedelta(days=window + 1 if isinstance(window, int) else 100)
    earlier = make_case(school, by=dsl_user, at=at - timedelta(days=2), pupil=pupil)
    make_case(school, by=dsl_user, at=old, pupil=pupil)
    make_case(school, by=dsl_user, at=at - timedelta(days=2), pupil=pupil, type=IncidentType.REFUSED)
    make_case(school, by=dsl_user, at=at - timedelta(days=2), pupil=make_pupil(school))
    case = make_case(school, by=dsl_user, at=at, pupil=pupil)
    repeats = repeats_of(case, dsl_user, for_school(school, on=DAY), DAY)
    assert [(one.pupil, [row.pk for row in one.cases]) for one in repeats] == [(pupil, [earlier.pk])]
    page = client_for(dsl_user).get(reverse("incidents:case-actions", args=[school.slug, case.pk])).content.decode()
    assert "1 more of the same type" in " ".join(page.split())


def test_pages_write_what_was_typed_and_keep_it_when_refused(
    school: School, dsl_user: User, at: datetime, client_for: Callable[..., Any]
) -> None:
    """CNF-15, INC-18, INC-25: through the pages; a refused form keeps its words, and what a person wrote is sealed."""
    case, pupil = a_case(school, dsl_user, at)
    browser = client_for(dsl_user)

    def send(name: str, *keys: int, **fields: Any) -> Any:
        return browser.post(reverse(f"incidents:{name}", args=[school.slug, case.pk, *keys]), fields)

    given = {
        "pupil": pupil.pk,
        "kind": "restrictions",
        "reason": WHY,
        "starts_on": "2026-11-23",
        "reviewer": dsl_user.pk,
    }
    refused = send("sanction", **given)
    assert (refused.status_code, "Zephyrine" in refused.content.decode()) == (422, True)
    assert send("sanction", **given, ends_on="2026-11-27").status_code == 302
    made = {"aims": "Aims", "actions": "Deeds", "owner": dsl_user.pk, "starts_on": "2026-11-23", "begin": "yes"}
    assert send("plan", pupil=pupil.pk, **made, review_on="2020-01-01").status_code == 422
    assert send("plan", pupil=pupil.pk, **made, review_on="2099-01-01").status_code == 302
    row = SupportPlan.objects.get()
    assert send("review-plan", row.pk, text="Well", goes_on="ends").status_code == 422
    assert send("review-plan", row.pk, text="Well", goes_on="ends", end_words="Done").status_code == 302
    assert send("advice", body="other_agency", question="What now?").status_code == 302
    key = AdviceRecord.objects.get().pk
    once = {"answer_from": "Duty officer", "answer": "Wait.", "submission": str(uuid4())}
    assert [send("answer-advice", key, **once).status_code for _ in range(2)] == [302, 302]
    assert send("answer-advice", key, action="We waited.").status_code == 302
    assert send("withdraw-sanction", Sanction.objects.get().pk, reason="Over.").status_code == 302
    page = browser.get(reverse("incidents:case-actions", args=[school.slug, case.pk])).content.decode()
    for word in ("Withdrawn", "Ended", "Acted on"):
        assert word in page


def test_others_cannot_decide(school: School, dsl_user: User, teacher_user: User, at: datetime) -> None:
    """Matrix 1.21: somebody let in to support a child reads, and decides nothing."""
    from incidents.models import CaseAccess

    case, pupil = a_case(school, dsl_user, at)
    access = CaseAccess(
        school=school, incident=case, user=teacher_user, reason="supports", given_at=at, given_by=dsl_user
    )
    access.stamp(by=dsl_user, at=at)
    access.save()
    with pytest.raises(NotPermitted):
        sanction(case, pupil, teacher_user, at)
    with pytest.raises(NotPermitted):
        plan(case, pupil, teacher_user, at)


def test_list_of_plans_costs_the_same_for_three(
    school: School, dsl_user: User, at: datetime, client_for: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    """INC-18: one list, however many plans."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, url, counts = client_for(dsl_user), reverse("incidents:plans", args=[school.slug]), []
    browser.get(url)
    for _ in range(3):
        case, pupil = a_case(school, dsl_user, at)
        plan(case, pupil, dsl_user, at)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(url).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[2]
