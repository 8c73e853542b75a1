"""Exceptional use, two writers at once: one agreement sent, one true state (security 5.11)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django_scopes import scope

from agreements.enums import AgreementState
from agreements.models import Agreement
from core.approvals import operations as approvals
from core.approvals.enums import EventKind, State
from core.kit.refusals import Refusal
from core.rules.queries import for_school
from devices.operations.permissions import send_for_signatures
from tests.devices.permitting import Cast, cast_of
from tests.factories import make_school
from tests.factories.agreements import sign_as
from tests.people.conftest import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None, at: datetime) -> Iterator[Cast]:
    school = make_school("elm-bank", preset="group-locked-storage")
    with scope(school=school):
        yield cast_of(school, at)


def test_two_who_send_it_at_once_send_one_agreement(cast: Cast) -> None:
    """AGR-13: the second is told that it is waiting for signatures already."""
    use = cast.approved()
    both = [partial(send_for_signatures, **cast.who(one), approval=use.approval) for one in (cast.office, cast.head)]
    results = at_once(cast.school, *both)
    assert [type(one) for one in results if isinstance(one, Exception)] == [approvals.MoveNotPossible], results
    assert Agreement.objects.count() == 1
    assert cast.row(use).state == State.AWAITING


def test_same_form_twice_sends_one_agreement(cast: Cast) -> None:
    """One key, one act."""
    use = cast.approved()
    once = partial(
        send_for_signatures, **cast.who(cast.office), approval=use.approval, submission=uuid.uuid4()
    )  # fmt: skip
    results = at_once(cast.school, once, once)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert {one.pk for one in results} == {Agreement.objects.get().pk}


def test_signature_and_withdrawal_at_once_end_in_one_story(cast: Cast) -> None:
    """AGR-12, AGR-16: whichever is first, in the end nothing holds, and the agreement does not outlive it."""
    use, agreement = cast.sent()
    for_school(cast.school, on=cast.at.date())
    signs = partial(sign_as, agreement, "parent", cast.office, cast.at)
    withdraws = partial(approvals.withdraw, **cast.who(cast.head), approval=use.approval, because="Not needed")
    results = at_once(cast.school, signs, withdraws)
    assert all(isinstance(one, Refusal) for one in results if isinstance(one, Exception)), results
    agreement.refresh_from_db()
    assert cast.row(use).state == State.WITHDRAWN, results
    assert agreement.state in (AgreementState.WITHDRAWN, AgreementState.ENDED)


def test_clock_and_suspension_at_once_leave_one_end(cast: Cast) -> None:
    """AGR-15: past its end it lapses once, whatever else is done in that second."""
    use = cast.live()
    later = cast.row(use).ends_at + timedelta(minutes=1)
    clock = partial(approvals.end_what_ran_out, school=cast.school, at=later)
    at_once(cast.school, clock, clock, partial(
        approvals.suspend, **cast.who(cast.head, later), approval=use.approval, because="Misuse"
    ))  # fmt: skip
    approvals.end_what_ran_out(school=cast.school, at=later)
    row = cast.row(use)
    assert row.state == State.LAPSED and row.events.filter(kind=EventKind.LAPSED).count() == 1
    assert Agreement.objects.get().state == AgreementState.ENDED
