"""Two people at once on one record: one true record each time, and a plain sentence for the other (F22)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django_scopes import scope

from core.kit.refusals import Refusal
from core.people.models import School, User
from core.people.roles import Role
from incidents import operations
from incidents.enums import CaseState, IncidentType, NoteKind, ParentsDecision, TellState, TellWhy, Track
from incidents.models import Incident, IncidentNote, Notification, ParentContact
from incidents.operations.reporting import Named, Said
from incidents.operations.triage import Classing
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user
from tests.factories.cases import make_case

pytestmark = pytest.mark.django_db(transaction=True)

Cast = tuple[School, User, User]
Act = Callable[[Cast, Incident, datetime], tuple[Callable[[], Any], Callable[[], Any]]]


@pytest.fixture
def cast(at: datetime) -> Cast:
    school = make_school("harbour-view", preset="primary-by-agreement")
    return school, make_user(Role.DSL, school), make_user(Role.DEPUTY_DSL, school)


def a_case(cast: Cast, at: datetime, state: CaseState) -> Incident:
    """A record in a state, with all that its end asks for."""
    school, dsl, _deputy = cast
    with scope(school=school):
        pupil = make_pupil(school)
        decided = state in (CaseState.ACTION, CaseState.CLOSED)
        values = {"decided_at": at, "decided_by": dsl, "decision_reason": "As agreed."} if decided else {}
        case = make_case(
            school,
            by=dsl,
            at=at,
            pupil=pupil,
            state=state,
            track=Track.SERIOUS,
            immediate_action="Spoken to.",
            **values,
        )
        IncidentNote.objects.create(school=school, incident=case, kind=NoteKind.MEETING, text="We met.", at=at, by=dsl)
        ParentContact.objects.create(
            school=school,
            incident=case,
            pupil=pupil,
            decision=ParentsDecision.WITHHELD,
            reason="A risk.",
            at=at,
            by=dsl,
        )
    return case


def both(cast: Cast, case: Incident, at: datetime, operation: Callable[..., Any], *given: dict[str, Any]) -> list[Any]:
    """DSL and deputy do the same at the same moment, each with their own words."""
    school, *people = cast
    acts = [
        lambda actor=actor, said=said: operation(school=school, actor=actor, at=at, incident=case, **said)
        for actor, said in zip(people, given, strict=True)
    ]
    return at_once(school, *acts)


@pytest.mark.parametrize(
    ("name", "origin", "target", "given"),
    [
        (
            "close_case",
            CaseState.ACTION,
            CaseState.CLOSED,
            {"outcome": "spoken_to", "outcome_words": "Agreed."},
        ),
        ("reopen_case", CaseState.CLOSED, CaseState.REOPENED, {"reason": "New facts."}),
        ("take_into_review", CaseState.TRIAGED, CaseState.IN_REVIEW, {}),
        ("decide_case", CaseState.IN_REVIEW, CaseState.ACTION, {"decision_reason": "As agreed."}),
        ("suspect_crime", CaseState.TRIAGED, CaseState.TRIAGED, {"reason": "It was said."}),
    ],
)
def test_act_done_by_two_at_once_is_done_once(
    cast: Cast, at: datetime, name: str, origin: CaseState, target: CaseState, given: dict[str, Any]
) -> None:
    """Matrix 4.4, INC-33: the second finds the record where the first left it; one event, one sentence."""
    case = a_case(cast, at, origin)
    if name == "decide_case":
        given = given | {"version": case.version}  # without a form behind it, the second is added to the decision
    results = both(cast, case, at, getattr(operations, name), given, given)
    assert [isinstance(one, Refusal) for one in results].count(True) == 1, results
    with scope(school=cast[0]):
        case.refresh_from_db()
        assert case.state == target
        if origin != target:
            assert case.events.filter(to_state=target).count() == 1
        tasks = Notification.objects.filter(incident=case, why=TellWhy.CRIME, state=TellState.NEEDED)
        assert tasks.count() == (name == "suspect_crime")


def test_triage_by_two_at_once_keeps_one_and_shows_the_other_what_is_saved(cast: Cast, at: datetime) -> None:
    """INC-07: two forms opened at one version: one stands, whole, and the other is told that somebody saved."""
    case = a_case(cast, at, CaseState.REPORTED)
    tracks = (Track.LOW_LEVEL, Track.VICTIM)
    given = [{"classing": Classing(track=track), "version": case.version} for track in tracks]
    results = both(cast, case, at, operations.triage_case, *given)
    won = next(position for position, one in enumerate(results) if isinstance(one, Incident))
    assert type(results[1 - won]).__name__ == "ChangedMeanwhile"
    with scope(school=cast[0]):
        case.refresh_from_db()
        assert (case.track, case.triaged_by) == (tracks[won], cast[1 + won])


def test_records_joined_to_each_other_at_once_leave_one_that_goes_on(cast: Cast, at: datetime) -> None:
    """Matrix 4.4: A into B and B into A: no circle, nothing waits for ever, one survives."""
    school, dsl, deputy = cast
    one, other = (a_case(cast, at, CaseState.TRIAGED) for _time in range(2))
    results = at_once(
        school,
        lambda: operations.merge_case(school=school, actor=dsl, at=at, incident=one, into=other),
        lambda: operations.merge_case(school=school, actor=deputy, at=at, incident=other, into=one),
    )
    assert [isinstance(result, Refusal) for result in results].count(True) == 1, results
    with scope(school=school):
        states = sorted(Incident.objects.values_list("state", flat=True))
    assert states == sorted([CaseState.MERGED, CaseState.TRIAGED])


def test_same_report_sent_twice_at_once_is_one_record(cast: Cast, at: datetime) -> None:
    """INC-01, INC-33: a double click, or a retry beside its first try: one reference, one task, one event."""
    school, dsl, _deputy = cast
    with scope(school=school):
        make_user(Role.HEADTEACHER, school)
        pupil, key = make_pupil(school), uuid.uuid4()

    def send() -> Any:
        return operations.report_incident(
            school=school, actor=dsl, at=at, submission=key, people=[Named(pupil=pupil)],
            said=Said(type=IncidentType.HARMFUL_CONTENT, happened_at=at, account="Seen.", told_in_person=True),
        )  # fmt: skip

    first, second = at_once(school, send, send)
    assert first == second
    with scope(school=school):
        assert Incident.objects.count() == 1
        assert Notification.objects.filter(why=TellWhy.CRIME).count() == 1
