"""Who decides, about what, and what a decision leaves behind (AGR-11, AGR-15, law AP-1, AP-5, AP-7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.approvals import operations as ops
from core.approvals.access import may_read_reason
from core.approvals.enums import Kind, State
from core.approvals.models import Approval
from core.approvals.queries import waiting_for
from core.audit.models import Entry
from core.kit.refusals import ChangedMeanwhile
from core.notices.models import Notice
from core.people.models import School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from core.rules.operations import change_rule
from core.rules.queries import for_school
from tests.approvals.conftest import Stand
from tests.factories import make_user


def given(school: School, actor: User, at: datetime, row: Approval, **said: Any) -> dict[str, Any]:
    return {"school": school, "actor": actor, "at": at, "approval": row, **said}


def test_approve_by_whom_the_rule_names_and_nobody_else(
    stand: Stand, school: School, head: User, leader: User, at: datetime
) -> None:
    """AGR-11: the rule names the head alone; a senior leader is refused with the rule’s name, and on record."""
    row = stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED)
    with pytest.raises(ops.NotTheOneToDecide) as refused:
        ops.approve(**given(school, leader, at, row))
    assert refused.value.rule == "exception_authorisers" and "headteacher" in refused.value.message
    assert Entry.objects.filter(action="approvals.approve", outcome="refused", actor_id=leader.pk).exists()
    done = ops.approve(**given(school, head, at, row))
    assert (done.state, done.decided_by, done.decided_as) == (State.LIVE, head, Role.HEADTEACHER)


def test_approve_what_one_asked_for_is_refused_and_the_database_agrees(
    stand: Stand, school: School, head: User, at: datetime
) -> None:
    """AP-7: approver ≠ requester."""
    row = stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED, requested_by=head)
    with pytest.raises(ops.NotByOneself):
        ops.approve(**given(school, head, at, row))
    with pytest.raises(IntegrityError, match="approvals_approval_not_by_oneself"), transaction.atomic():
        Approval.objects.filter(pk=row.pk).update(decided_by=head, decided_at=at)


def test_approve_for_oneself_is_refused_whoever_asked(stand: Stand, school: School, head: User, at: datetime) -> None:
    """AP-7: nobody gives themselves leave."""
    row = stand(Kind.STAFF_LESSON_USE, user=head)
    with pytest.raises(ops.NotByOneself):
        ops.approve(**given(school, head, at, row))
    with pytest.raises(IntegrityError, match="approvals_approval_not_for_oneself"), transaction.atomic():
        Approval.objects.filter(pk=row.pk).update(decided_by=head, decided_at=at)


def test_delegate_decides_between_the_days_and_not_after(
    stand: Stand, school: School, head: User, leader: User, at: datetime
) -> None:
    """AP-7: the head delegates, dated; the decision says by which delegation."""
    day, row = at.date(), stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED)
    made = ops.delegate(
        school=school, actor=head, at=at, to=leader, starts_on=day, ends_on=day, reason="Away",
        kinds=[Kind.EXCEPTIONAL_USE],
    )  # fmt: skip
    other = stand(Kind.STAFF_LESSON_USE)
    with pytest.raises(ops.NotTheOneToDecide):
        ops.approve(**given(school, leader, at, other))
    with pytest.raises(ops.NotTheOneToDecide):
        ops.approve(**given(school, leader, at + timedelta(days=1), stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED)))
    done = ops.approve(**given(school, leader, at, row))
    assert (done.delegation, done.decided_by, done.decided_as) == (made, leader, Role.HEADTEACHER)
    ops.end_delegation(school=school, actor=head, at=at, delegation=made)
    with pytest.raises(ops.NotTheOneToDecide):
        ops.approve(**given(school, leader, at, stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED)))


@pytest.mark.parametrize(
    ("role", "said", "field"),
    [
        (Role.TEACHER, {}, "delegate"),
        (Role.SLT, {"ends": -1}, "ends_on"),
        (Role.SLT, {"ends": 400}, "ends_on"),
        (Role.SLT, {"reason": " "}, "reason"),
    ],
)
def test_delegate_what_does_not_fit_is_refused_at_its_field(
    school: School, head: User, at: datetime, role: Role, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(ops.UnableToDelegate) as refused:
        ops.delegate(
            school=school, actor=head, at=at, to=make_user(role, school), starts_on=at.date(),
            ends_on=at.date() + timedelta(days=said.get("ends", 1)), reason=said.get("reason", "Away"),
        )  # fmt: skip
    assert refused.value.field == field


def test_decline_needs_a_reason_and_a_way_to_ask_again(stand: Stand, school: School, head: User, at: datetime) -> None:
    """AP-1; the database holds both."""
    row = stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED)
    with pytest.raises(ops.ReasonNeeded):
        ops.decline(**given(school, head, at, row, because=" "))
    with pytest.raises(ops.RouteNeeded):
        ops.decline(**given(school, head, at, row, because="Not needed", review_route=""))
    done = ops.decline(**given(school, head, at, row, because="Not needed in lessons"))
    assert (done.state, done.decided_because) == (State.DECLINED, "Not needed in lessons")
    with pytest.raises(IntegrityError, match="refusal_says_why"), transaction.atomic():
        Approval.objects.filter(pk=row.pk).update(review_route="")


def test_decide_on_a_page_that_was_changed_meanwhile_is_refused(
    stand: Stand, school: School, head: User, at: datetime
) -> None:
    row = stand()
    with pytest.raises(ChangedMeanwhile):
        ops.approve(**given(school, head, at, row, version=row.version + 1))


def test_approve_narrower_than_asked_for_and_never_wider(
    stand: Stand, school: School, head: User, at: datetime
) -> None:
    """AGR-15: the decider sets limits."""
    row = stand(ends_at=at + timedelta(days=30))
    with pytest.raises(ops.DatesWrong):
        ops.approve(**given(school, head, at, row, narrower=ops.Narrower(ends_at=at + timedelta(days=31))))
    less = ops.Narrower(ends_at=at + timedelta(days=5), conditions="At the office only")
    done = ops.approve(**given(school, head, at, row, narrower=less))
    assert (done.ends_at, done.conditions) == (at + timedelta(days=5), "At the office only")


def test_sent_back_waits_for_who_asked_and_comes_again(
    stand: Stand, school: School, head: User, teacher: User, at: datetime
) -> None:
    """ux W8: Send back."""
    row = stand()
    assert [one.approval for one in waiting_for(head, school, at)] == [row]
    ops.send_back(**given(school, head, at, row, because="Until when?"))
    assert not waiting_for(head, school, at)
    assert [one.what for one in waiting_for(teacher, school, at)] == ["Sent back to you"]
    with pytest.raises(ops.NotReady):
        ops.approve(**given(school, head, at, row))
    ops.change_request(**given(school, teacher, at, row, starts_at=row.starts_at, ends_at=row.ends_at))
    assert [one.what for one in waiting_for(head, school, at)] == ["Decide"]
    assert not waiting_for(teacher, school, at)


def test_waiting_costs_the_same_for_one_and_for_three(
    stand: Stand, school: School, head: User, at: datetime, django_assert_num_queries: Any
) -> None:
    stand()
    waiting_for(User.objects.get(pk=head.pk), school, at)
    with django_assert_num_queries(3) as first:
        waiting_for(User.objects.get(pk=head.pk), school, at)
    stand(), stand(Kind.CONTACT_ROUTE)
    with django_assert_num_queries(len(first)):
        assert len(waiting_for(User.objects.get(pk=head.pk), school, at)) == 3


def test_notices_name_nobody_and_say_no_reason(stand: Stand, school: School, head: User, at: datetime) -> None:
    """AP-6, security 5.8."""
    row = stand(Kind.EXCEPTIONAL_USE, State.REQUESTED, requested_by=make_user(Role.TEACHER, school))
    ops.discuss(**given(school, row.requested_by, at, row, discussed_on=at.date(), discussed_with="Mrs Abbas"))
    ops.approve(**given(school, head, at, row, because="Glucose monitor"))
    said = " ".join(f"{one.subject} {one.body} {one.url}" for one in Notice.objects.all())
    assert "decision" in said and not any(word in said for word in ("Abbas", "Noor", "Glucose"))


def test_reason_is_read_by_those_who_need_it(
    stand: Stand, school: School, head: User, leader: User, teacher: User, at: datetime
) -> None:
    """AP-6: who asked, who decides, the DSL; no other teacher, tutor, office, and no leader the rule passes over."""
    row, rules = stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED), for_school(school, on=at.date())
    readers = {
        role: may_read_reason(make_user(role, school), row, rules, at.date())
        for role in (Role.DSL, Role.DEPUTY_DSL, Role.OFFICE, Role.TEACHER, Role.FORM_TUTOR, Role.SLT, Role.GOVERNOR)
    }
    assert [role for role, reads in readers.items() if reads] == [Role.DSL, Role.DEPUTY_DSL]
    assert may_read_reason(teacher, row, rules, at.date()) and may_read_reason(head, row, rules, at.date())
    assert not may_read_reason(None, row, rules, at.date())


def test_withdraw_by_who_asked_before_and_by_deciders_after(
    stand: Stand, school: School, head: User, teacher: User, at: datetime
) -> None:
    row = stand()
    with pytest.raises(ops.SaysTooLittle):
        ops.withdraw(**given(school, teacher, at, row, because=""))
    assert ops.withdraw(**given(school, teacher, at, row, because="Not needed")).state == State.WITHDRAWN
    live = stand(state=State.LIVE)
    with pytest.raises(ops.NotYours):
        ops.withdraw(**given(school, teacher, at, live, because="Not needed"))
    assert ops.withdraw(**given(school, head, at, live, because="Misused")).state == State.WITHDRAWN


def test_spoken_permission_holds_once_its_giver_confirms(
    stand: Stand, school: School, head: User, leader: User, teacher: User, at: datetime
) -> None:
    """STA-02: logged by who received it, confirmed by who gave it; somebody else cannot, and “no” ends it."""
    row = stand(Kind.STAFF_LESSON_USE, given_how="verbal")
    with pytest.raises(ops.NotTheOneToDecide):
        ops.log_word_of(ops.held(school, row), giver=leader, actor=teacher, at=at)
    ops.log_word_of(kept := ops.held(school, row), giver=head, actor=teacher, at=at)
    assert kept.state == State.APPROVED and not kept.holds_at(at)
    assert [one.what for one in waiting_for(head, school, at)] == ["Confirm that you gave it"]
    with pytest.raises(ops.NotYours):
        ops.confirm(**given(school, leader, at, row))
    with pytest.raises(IntegrityError, match="giver_confirms"), transaction.atomic():
        Approval.objects.filter(pk=row.pk).update(state=State.LIVE)
    assert ops.confirm(**given(school, head, at, row)).holds_at(at)


def test_spoken_permission_that_nobody_gave_is_withdrawn_by_the_named_giver(
    stand: Stand, school: School, head: User, teacher: User, at: datetime
) -> None:
    row = stand(Kind.STAFF_LESSON_USE, given_how="verbal")
    ops.log_word_of(ops.held(school, row), giver=head, actor=teacher, at=at)
    assert ops.withdraw(**given(school, head, at, row, because="I did not")).state == State.WITHDRAWN


def test_ask_where_the_rules_know_nothing_of_the_kind_is_refused(
    school: School, teacher: User, pupil: Any, at: datetime
) -> None:
    """STA-08, STA-09: never means never."""
    with pytest.raises(ops.NotUnderTheRules) as refused:
        ops.open_request(
            school=school, actor=teacher, at=at, kind=Kind.STAFF_CONTACT, user=teacher, starts_at=at,
            ends_at=at + timedelta(days=1),
        )  # fmt: skip
    assert refused.value.rule == "staff_contact_own_device"


@pytest.mark.parametrize(
    ("starts", "ends", "review", "refusal"),
    [
        (0, None, None, ops.DatesWrong),
        (3, 2, None, ops.DatesWrong),
        (-9, -1, None, ops.DatesWrong),
        (0, 367, None, ops.DatesWrong),
        (0, 20, 30, ops.ReviewDayWrong),
        (5, 20, 4, ops.ReviewDayWrong),
    ],
)
def test_ask_for_days_that_do_not_fit_is_refused(
    school: School, teacher: User, pupil: Any, at: datetime, starts: int, ends: int | None, review: int | None,
    refusal: type[Exception],
) -> None:  # fmt: skip
    """AP-5, DEV-19: an end, a year at most, a review in between."""
    with pytest.raises(refusal):
        ops.open_request(
            school=school, actor=teacher, at=at, kind=Kind.EXCEPTIONAL_USE, pupil=pupil,
            starts_at=at + timedelta(days=starts), ends_at=None if ends is None else at + timedelta(days=ends),
            review_on=None if review is None else at.date() + timedelta(days=review),
        )  # fmt: skip


def test_decide_about_what_was_not_talked_over_is_refused(
    stand: Stand, school: School, head: User, teacher: User, at: datetime
) -> None:
    """Matrix 4.8: discussed, with a date that is not after the first day."""
    row = stand(Kind.EXCEPTIONAL_USE)
    with pytest.raises(ops.NotReady):
        ops.approve(**given(school, head, at, row))
    for wrong in (at.date() + timedelta(days=1),):
        with pytest.raises(ops.NotReady):
            ops.discuss(**given(school, teacher, at, row, discussed_on=wrong, discussed_with="mother"))
    with pytest.raises(IntegrityError, match="discussed_first"), transaction.atomic():
        Approval.objects.filter(pk=row.pk).update(discussed_on=at.date() + timedelta(days=1))


def test_exception_rule_that_names_leaders_lets_each_decide(
    school: School, stand: Stand, leader: User, at: datetime
) -> None:
    """AGR-11 under ROC: headteacher or SLT member."""
    change_rule(
        school=school, actor=None, at=at, key="exception_authorisers", value=["headteacher", "slt"],
        effective_from=at.date(), reason="Decided by governors",
    )  # fmt: skip
    row = stand(Kind.EXCEPTIONAL_USE, State.DISCUSSED)
    assert ops.approve(**given(school, leader, at, row)).decided_as == Role.SLT


def test_open_rule_asks_for_a_reason_and_keeps_it_as_a_decision(db: None, at: datetime) -> None:
    """Matrix 0.3: where the rules do not say who decides."""
    from django_scopes import scope

    from tests.factories import make_pupil, make_school

    silent = make_school("stone-lane", preset="primary-online-safety")
    with scope(school=silent):
        teacher, leader = make_user(Role.TEACHER, silent), make_user(Role.SLT, silent)
        row = ops.open_request(
            school=silent, actor=teacher, at=at, kind=Kind.EXCEPTIONAL_USE, pupil=make_pupil(silent, "Lee", "Brown"),
            starts_at=at, ends_at=at + timedelta(days=3),
        )  # fmt: skip
        ops.discuss(**given(silent, teacher, at, row, discussed_on=at.date(), discussed_with="father"))
        with pytest.raises(ops.ReasonNeeded):
            ops.approve(**given(silent, leader, at, row))
        ops.approve(**given(silent, leader, at, row, because="The head is away and the need is plain"))
        kept = RecordedDecision.objects.get()
        assert (kept.key, kept.decided_by) == ("exception_authorisers", leader)
        assert "need is plain" not in f"{kept.decision} {kept.reason}"
