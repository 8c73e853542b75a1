"""A school with leaders, and permissions that stand in any state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django_scopes import scope

from core.approvals import hooks
from core.approvals.enums import PUPIL_KINDS, STAFF_KINDS, AssessmentState, Kind, State
from core.approvals.models import Approval, RiskAssessment
from core.people.models import Pupil, School, User
from core.people.roles import Role
from tests.factories import make_pupil, make_school, make_user

Stand = Callable[..., Approval]
NEEDS_ASSESSMENT = (Kind.CURRICULUM_USE, Kind.REMOTE_TEACHING)


@pytest.fixture
def school(db: None) -> Iterator[School]:
    """Its rules let the head decide about all but lessons, and know every kind of permission but contact by staff."""
    school = make_school("elm-bank", preset="group-locked-storage")
    with scope(school=school):
        yield school


@pytest.fixture(autouse=True)
def _no_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ground by itself: what apps above say of their kinds is tried with them."""
    monkeypatch.setattr(hooks, "_features", {})


@pytest.fixture
def head(school: School) -> User:
    return make_user(Role.HEADTEACHER, school)


@pytest.fixture
def leader(school: School) -> User:
    return make_user(Role.SLT, school)


@pytest.fixture
def teacher(school: School) -> User:
    return make_user(Role.TEACHER, school)


@pytest.fixture
def pupil(school: School) -> Pupil:
    return make_pupil(school, "Noor", "Abbas")


@pytest.fixture
def stand(school: School, head: User, teacher: User, pupil: Pupil, at: datetime) -> Stand:
    """A permission of a kind as it stands in a state, with all that its state asks for."""

    def make(kind: str = Kind.BRING_DEVICE, state: str = State.REQUESTED, **fields: Any) -> Approval:
        decided = state not in (State.REQUESTED, State.DISCUSSED, State.CONSENTED, State.ASSESSED)
        over = state in (State.DECLINED, State.WITHDRAWN, State.LAPSED, State.ENDED, State.USED)
        values: dict[str, Any] = {
            "kind": kind,
            "state": state,
            "pupil": pupil if kind in PUPIL_KINDS or kind == Kind.SCHOOL_DEVICE else None,
            "user": teacher if kind in STAFF_KINDS else None,
            "requested_at": at - timedelta(days=2),
            "requested_by": teacher,
            "rules_version": 1,
            "starts_at": at - timedelta(hours=1),
            "ends_at": at + timedelta(hours=20),
            "discussed_on": date(2026, 9, 1) if state != State.REQUESTED else None,
            "discussed_with": "mother",
            "needs_assessment": kind in NEEDS_ASSESSMENT,
        }
        if state != State.REQUESTED and kind == Kind.CURRICULUM_USE:
            values |= {"consented_at": at, "consented_by": teacher}
        if kind in NEEDS_ASSESSMENT and (decided or state == State.ASSESSED):
            values["assessment"] = assessment(school, teacher, at)
        if decided and state not in (State.WITHDRAWN, State.LAPSED):
            values |= {"decided_at": at, "decided_by": head, "decided_as": Role.HEADTEACHER}
            values |= {"decided_because": "Said so", "review_route": "Ask the head"}
            if kind == Kind.STAFF_LESSON_USE and state != State.APPROVED:
                values |= {"confirmed_at": at, "confirmed_by": head}
        if over:
            values |= {"over_at": at, "over_by": head}
        row = Approval(school=school, reference=f"P-{Approval.objects.count():07d}", **(values | fields))
        row.stamp(by=row.requested_by, at=at)
        row.save()
        return row

    return make


def assessment(school: School, by: User, at: datetime) -> RiskAssessment:
    """A complete risk assessment."""
    row = RiskAssessment(
        school=school, reference=f"R-{RiskAssessment.objects.count():07d}", title="Filming", activity="A play",
        assessor=by, assessed_on=at.date(), review_on=at.date() + timedelta(days=100), state=AssessmentState.COMPLETE,
        conclusion="It can go ahead", completed_at=at, completed_by=by,
    )  # fmt: skip
    row.stamp(by=by, at=at)
    row.save()
    return row
