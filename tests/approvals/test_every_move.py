"""Every state of every kind of permission, and every act on it: matrix 4.8 to 4.11, by operation and in the base."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction

from core.approvals import operations as ops
from core.approvals.enums import Kind, State
from core.approvals.models import Approval, ApprovalEvent
from core.approvals.workflow import MOVES, triples
from core.kit.refusals import Refusal
from core.people.models import School, User
from tests.approvals.conftest import Stand, assessment

S = State
# What the tables say in the matrix’s own order; the code’s own are held against it.
MATRIX = {
    Kind.EXCEPTIONAL_USE: "requested>discussed discussed>approved discussed>declined approved>drafted approved>live "
    "drafted>awaiting awaiting>live live>review_due review_due>live live>suspended review_due>suspended "
    "suspended>live suspended>withdrawn live>withdrawn review_due>withdrawn live>lapsed review_due>lapsed live>ended "
    "review_due>ended",
    Kind.CURRICULUM_USE: "requested>consented consented>assessed assessed>approved assessed>declined approved>used "
    "approved>lapsed",
    Kind.BRING_DEVICE: "requested>approved requested>declined approved>live live>lapsed live>withdrawn",
    Kind.STAFF_LESSON_USE: "requested>approved approved>live approved>confirmed confirmed>live live>ended "
    "live>withdrawn live>lapsed",
    Kind.REMOTE_TEACHING: "requested>assessed assessed>approved approved>live live>ended",
}
# What the matrix does not draw, and every permission needs: a request is taken back, or its last day comes; nothing
# else leads out of a state in which nothing more can happen.
OVER = {S.DECLINED, S.WITHDRAWN, S.LAPSED, S.ENDED, S.USED}


@pytest.mark.parametrize("kind", MATRIX)
def test_tables_hold_the_matrix(kind: Kind) -> None:
    """Matrix 4.8 to 4.11: each arrow that is drawn is there; from what is over, none."""
    drawn = {tuple(S(end) for end in arrow.split(">")) for arrow in MATRIX[kind].split()}
    assert drawn <= MOVES[kind]
    assert not [pair for pair in MOVES[kind] if pair[0] in OVER]


def test_curriculum_use_is_never_opened_again() -> None:
    """DEV-19: one activity; used or not used, it is over."""
    after = {target for origin, target in MOVES[Kind.CURRICULUM_USE] if origin == S.APPROVED}
    assert after == {S.USED, S.LAPSED, S.WITHDRAWN}


def test_migration_has_the_tables_of_the_code() -> None:
    written = import_module("core.approvals.migrations.0001_initial").MOVES
    assert set(written) == triples()


_TRIED = """
CREATE OR REPLACE FUNCTION pg_temp.gone_from(key bigint, states text[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE target text; gone text[] := '{}'; broken text;
BEGIN
    FOREACH target IN ARRAY states LOOP
        BEGIN
            UPDATE approvals_approval SET state = target WHERE id = key;
            RAISE EXCEPTION 'undone' USING ERRCODE = 'P0002';
        EXCEPTION
            WHEN SQLSTATE 'P0002' THEN gone := gone || target;
            WHEN check_violation THEN
                GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
                IF broken <> 'approvals_approval_state_allowed' THEN gone := gone || broken; END IF;
        END;
    END LOOP;
    RETURN gone;
END $$"""


@pytest.mark.parametrize("kind", Kind)
def test_database_lets_each_state_go_only_where_the_table_leads(kind: Kind, stand: Stand, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TRIED)
        for origin in State:
            row = stand(kind, origin, **_whole(kind, at))
            others = [one.value for one in State if one != origin]
            cursor.execute("SELECT pg_temp.gone_from(%s, %s)", [row.pk, others])
            ((gone,),) = cursor.fetchall()
            assert set(gone) == {t.value for o, t in MOVES[kind] if o == origin}, (kind, origin)


def _whole(kind: Kind, at: datetime) -> dict[str, Any]:
    """Everything that any state asks for, so that nothing but the table stands in the way."""
    from core.people.models import User as Person

    head = Person.objects.order_by("pk").first()
    whole: dict[str, Any] = {
        "discussed_on": at.date() - timedelta(days=1), "decided_at": at, "decided_by": head,
        "decided_as": "headteacher",
        "decided_because": "Said so", "review_route": "Ask the head", "confirmed_at": at, "confirmed_by": head,
        "needs_assessment": False,
    }  # fmt: skip
    if kind == Kind.CURRICULUM_USE:
        whole |= {"consented_at": at, "consented_by": head}
    return whole


def _acts(school: School, head: User, teacher: User, at: datetime) -> dict[str, Callable[[Approval], object]]:
    given: dict[str, Any] = {"school": school, "actor": head, "at": at}
    late: dict[str, Any] = {"school": school, "at": at + timedelta(days=3)}

    def on(act: Callable[..., object], **said: Any) -> Callable[[Approval], object]:
        return lambda row: act(approval=row, **(given | said))

    def inside(act: Callable[..., object], **said: Any) -> Callable[[Approval], object]:
        return lambda row: act(ops.held(school, row), actor=head, at=at, **said)

    return {
        "discuss": on(ops.discuss, discussed_on=at.date(), discussed_with="mother"),
        "consent": on(ops.consent_to_lesson, actor=teacher),
        "attach": on(ops.attach_assessment, assessment=assessment(school, teacher, at)),
        "approve": on(ops.approve, because="Needed"),
        "decline": on(ops.decline, because="Not needed"),
        "send back": on(ops.send_back, because="Say more"),
        "confirm": on(ops.confirm),
        "withdraw": on(ops.withdraw, because="A mistake"),
        "suspend": on(ops.suspend, because="Messages were sent"),
        "resume": on(ops.resume, because="Talked over"),
        "review": on(ops.review, note="Still needed"),
        "end": on(ops.end, because="Not needed any more"),
        "used": on(ops.mark_used),
        "lapse": lambda row: ops.lapse(approval=row, **late),
        "due": lambda row: ops.mark_review_due(approval=row, **late),
        "start": inside(ops.start),
        "stop": inside(ops.stop, because="The agreement was withdrawn"),
        "draft": inside(partial(_move, State.DRAFTED)),
        "issue": inside(partial(_move, State.AWAITING)),
    }


def _move(target: State, row: Approval, *, actor: User, at: datetime) -> None:
    from core.approvals.enums import EventKind

    ops.move(row, target, EventKind.DRAFTED, actor, at)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.STAFF_CONTACT])
def test_acts_go_every_arrow_and_no_other(
    kind: Kind, stand: Stand, school: School, head: User, teacher: User, at: datetime
) -> None:
    """Matrix 4.8 to 4.11: from each state each act goes where the table leads, or is refused and leaves no trace."""
    acts, made = _acts(school, head, teacher, at), set[tuple[str, str]]()
    rows = [stand(kind, origin, review_on=at.date() + timedelta(days=1)) for origin in State]
    if kind in (Kind.REMOTE_TEACHING, Kind.CURRICULUM_USE):  # where the rules ask for no assessment
        rows.append(stand(kind, S.REQUESTED, needs_assessment=False))
    for row in rows:
        origin = row.state
        for name, act in acts.items():
            outer = transaction.savepoint()
            try:
                with transaction.atomic():
                    act(Approval.objects.get(pk=row.pk))
            except Refusal as refusal:
                assert refusal.message.endswith(".") and refusal.rule, (origin, name, refusal.message)
                assert not ApprovalEvent.objects.filter(approval=row).exists()
                assert Approval.objects.get(pk=row.pk).state == origin
            else:
                steps = list(ApprovalEvent.objects.filter(approval=row).values_list("from_state", "to_state"))
                assert steps or name == "stop", (origin, name)
                made |= {step for step in steps if step[0] != step[1]}
            transaction.savepoint_rollback(outer)
    assert {(S(one), S(other)) for one, other in made} == set(MOVES[kind])
