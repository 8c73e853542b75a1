"""Triage by the safeguarding team, and low-level behaviour by whoever was given it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django_scopes import scope

from core.kit.refusals import ChangedMeanwhile, Refusal
from core.notices.models import Notice
from core.notices.operations import acknowledge_notice, escalate_unacknowledged, notify
from core.people.access import NotPermitted
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.queries import deputies_for, dsls_for
from core.people.roles import Role
from incidents import operations, queries
from incidents.access import may_read
from incidents.enums import (
    CaseEventKind,
    CaseState,
    IncidentType,
    NoteKind,
    OffsiteTest,
    PersonRole,
    RiskArea,
    Route,
    Track,
)
from incidents.models import Incident, IncidentEvent, IncidentNote, ParentContact, SubType
from incidents.operations import Classing
from incidents.workflow import StepNotAllowed
from tests.factories import make_pupil, make_school, make_user
from tests.factories.cases import add_person, make_case

pytestmark = pytest.mark.django_db

LOW = Classing(track=Track.LOW_LEVEL)
SERIOUS = Classing(track=Track.SERIOUS)


@pytest.fixture
def pupil(school: School) -> Pupil:
    return make_pupil(school)


@pytest.fixture
def dsl(school: School) -> User:
    return make_user(Role.DSL, school)


@pytest.fixture
def teacher(school: School) -> User:
    return make_user(Role.TEACHER, school)


@pytest.fixture
def case(school: School, teacher: User, pupil: Pupil, at: datetime) -> Incident:
    return make_case(school, by=teacher, at=at, pupil=pupil)


def do(operation: Callable[..., Any], case: Incident, actor: User, at: datetime, **given: Any) -> Any:
    return operation(school=case.school, actor=actor, at=at, incident=case, **given)


def kinds_of(case: Incident) -> list[str]:
    return list(IncidentEvent.objects.filter(incident=case).order_by("id").values_list("kind", flat=True))[1:]


def urgent(case: Incident, at: datetime, url: str = "") -> list[Notice]:
    """The notice that a report sends to the team."""
    return notify(
        school=case.school, recipients=dsls_for(case.school, case.phase), kind="incidents.reported", at=at, urgent=True,
        subject="A record needs you", url=url or f"/{case.school.slug}/incidents/case/{case.pk}/",
        dedupe_key=f"incidents.reported:{case.pk}:{url}", escalate_to=Role.DEPUTY_DSL,
    )  # fmt: skip


def test_triage_case_by_dsl_moves_it_and_keeps_each_choice(case: Incident, dsl: User, at: datetime) -> None:
    """INC-07, INC-23, INC-31, INC-34, ORG-22: the track, by whom and when, child-on-child and prejudice are on record;
    “serious” is taken off for a reason, and whoever was told by then stays told."""
    classing = Classing(track=Track.VICTIM, between_children=True, prejudice=True, is_serious=True, title="At the gate")
    done = do(operations.triage_case, case, dsl, at, classing=classing, owner=dsl, version=case.version)
    assert (done.state, done.track, done.triaged_by, done.owner) == (CaseState.TRIAGED, Track.VICTIM, dsl, dsl)
    assert done.between_children and done.prejudice and done.is_serious and done.title == "At the gate"
    assert done.acknowledged_by == dsl
    assert kinds_of(case) == ["triaged", "acknowledged", "assigned"]
    with pytest.raises(operations.NotSeriousNeedsReason):
        do(operations.triage_case, case, dsl, at, classing=LOW)
    cleared = Classing(track=Track.LOW_LEVEL, not_serious_reason="It was a toy.")
    again = do(operations.triage_case, case, dsl, at, classing=cleared)
    assert IncidentNote.objects.get(incident=case).text == "It was a toy."
    assert case.events.last().about == "Not serious after all" and case.notifications.exists()
    assert (again.state, again.track, again.prejudice) == (CaseState.TRIAGED, Track.LOW_LEVEL, False)
    assert kinds_of(case)[-1] == CaseEventKind.RECLASSIFIED


def test_triage_case_urgent_is_acknowledged_first(case: Incident, dsl: User, at: datetime) -> None:
    """Matrix 4.4: the guard of reported → triaged; a receipt by name and time (law SG-3)."""
    Incident.objects.filter(pk=case.pk).update(urgent=True)
    with pytest.raises(operations.NotAcknowledged):
        do(operations.triage_case, case, dsl, at, classing=SERIOUS)
    do(operations.acknowledge_case, case, dsl, at)
    assert do(operations.triage_case, case, dsl, at, classing=SERIOUS).state == CaseState.TRIAGED


@pytest.mark.parametrize("preset", ["group-locked-storage", "primary-by-agreement", "primary-online-safety",
                                    "image-and-conduct", "phone-free-agreement"])  # fmt: skip
def test_risk_areas_follow_the_rule_of_each_preset(preset: str, at: datetime) -> None:
    """INC-05, INC-06, SG-9: four areas with their kinds where the rule uses them; nowhere else are they asked."""
    school = make_school(preset=preset)
    with scope(school=school):
        dsl, pupil = make_user(Role.DSL, school), make_pupil(school, year_group=5)
        operations.seed_sub_types(school=school, actor=None, at=at)
        case = make_case(school, by=dsl, at=at, pupil=pupil, is_online=True)
        used = preset == "primary-online-safety"
        assert operations.triage.asked_of(case).areas is used
        assert SubType.objects.count() == (23 if used else 0)
        if not used:
            return
        bullying = SubType.objects.get(name="Online bullying")
        with pytest.raises(operations.AreaNeeded):
            do(operations.triage_case, case, dsl, at, classing=Classing(track=Track.LOW_LEVEL, sub_type=bullying))
        wrong = Classing(track=Track.LOW_LEVEL, risk_area=RiskArea.CONTENT, sub_type=bullying)
        with pytest.raises(operations.NotOfThisArea):
            do(operations.triage_case, case, dsl, at, classing=wrong)
        right = Classing(
            track=Track.LOW_LEVEL, risk_area=RiskArea.CONDUCT, sub_type=bullying,
            other_areas=(RiskArea.CONDUCT, RiskArea.CONTACT),
        )  # fmt: skip
        done = do(operations.triage_case, case, dsl, at, classing=right)
        assert (done.risk_area, done.sub_type, done.other_areas) == (RiskArea.CONDUCT, bullying, [RiskArea.CONTACT])
        operations.end_sub_type(school=school, actor=dsl, at=at, sub_type=bullying)
        assert do(operations.triage_case, case, dsl, at, classing=right).sub_type == bullying  # it keeps what it has


def test_risk_area_waits_for_parents_in_a_safeguarding_case(at: datetime) -> None:
    """INC-05, INC-11: parents, then the area; low-level behaviour is not held up."""
    school = make_school(preset="primary-online-safety")
    with scope(school=school):
        dsl, pupil = make_user(Role.DSL, school), make_pupil(school, year_group=5)
        case = make_case(school, by=dsl, at=at, pupil=pupil, is_online=True)
        classing = Classing(track=Track.VICTIM, risk_area=RiskArea.CONTACT)
        with pytest.raises(operations.ParentsFirst):
            do(operations.triage_case, case, dsl, at, classing=classing)
        do(operations.triage_case, case, dsl, at, classing=Classing(track=Track.VICTIM))
        ParentContact.objects.create(
            school=school, incident=case, pupil=pupil, decision="not_yet", reason="Not reached.", at=at, by=dsl
        )
        assert do(operations.triage_case, case, dsl, at, classing=classing).risk_area == RiskArea.CONTACT


def test_conduct_out_of_school_needs_one_of_three_tests(at: datetime) -> None:
    """SOC-26: where the rule has the tests one is ticked, but for whoever was harmed; elsewhere none is asked."""
    for preset, asked in (("primary-online-safety", True), ("phone-free-agreement", False)):
        school = make_school(preset=preset)
        with scope(school=school):
            dsl, pupil = make_user(Role.DSL, school), make_pupil(school)
            case = make_case(school, by=dsl, at=at, pupil=pupil, type=IncidentType.OUT_OF_SCHOOL)
            if asked:
                with pytest.raises(operations.NoTestMet):
                    do(operations.triage_case, case, dsl, at, classing=SERIOUS)
                do(operations.triage_case, case, dsl, at, classing=Classing(track=Track.VICTIM))
                ticked = Classing(track=Track.SERIOUS, offsite_tests=(OffsiteTest.HARM, OffsiteTest.DISRUPTION))
                assert len(do(operations.triage_case, case, dsl, at, classing=ticked).offsite_tests) == 2
            else:
                assert do(operations.triage_case, case, dsl, at, classing=SERIOUS).state == CaseState.TRIAGED


def test_teacher_who_was_given_it_finds_it_low_level_and_nothing_more(
    school: School, case: Incident, dsl: User, at: datetime
) -> None:
    """INC-08, matrix 1.21: low-level only, by whoever was given it; raised, it is theirs no longer (INC-20)."""
    tutor, day = make_user(Role.FORM_TUTOR, school), london_day(at)
    with pytest.raises(operations.NothingThere):
        do(operations.triage_case, case, tutor, at, classing=LOW)
    do(operations.assign_case, case, dsl, at, owner=tutor)
    assert Notice.objects.get(recipient=tutor).subject == "A record was given to you"
    with pytest.raises(operations.OnlyLowLevel):
        do(operations.triage_case, case, tutor, at, classing=SERIOUS)
    assert do(operations.triage_case, case, tutor, at, classing=LOW).acknowledged_at is None
    do(operations.set_next_step, case, tutor, at, next_step="Talk with both", next_step_on=day)
    raised = do(operations.escalate_to_safeguarding, case, tutor, at, reason="There is more to it.")
    assert (raised.track, raised.concern_for_child, raised.owner) == (Track.SERIOUS, True, None)
    assert not may_read(tutor, raised, day) and may_read(dsl, raised, day)
    assert IncidentNote.objects.get(incident=case).text == "There is more to it."
    told = Notice.objects.get(recipient=dsl)
    assert told.is_urgent and "more to it" not in f"{told.subject} {told.body} {told.url}"


@pytest.mark.parametrize("fields", [{"urgent": True}, {"concern_for_child": True}, {"track": Track.SERIOUS},
                                    {"type": IncidentType.IMAGE}, {"route": Route.VISITOR}])  # fmt: skip
def test_what_is_more_than_low_level_is_given_to_the_team_alone(
    school: School, case: Incident, dsl: User, at: datetime, fields: dict[str, Any]
) -> None:
    """Matrix 1.21, STA-17: and a member of the team may own it, unless it is about them."""
    Incident.objects.filter(pk=case.pk).update(**fields)
    with pytest.raises(operations.OwnerMayNotRead):
        do(operations.assign_case, case, dsl, at, owner=make_user(Role.TEACHER, school))
    deputy = make_user(Role.DEPUTY_DSL, school)
    assert do(operations.assign_case, case, dsl, at, owner=deputy).owner == deputy
    head = make_user(Role.HEADTEACHER, school)
    add_person(case, at=at, role=PersonRole.ADULT_INVOLVED, user=head)
    with pytest.raises(operations.OwnerMayNotRead):
        do(operations.assign_case, case, dsl, at, owner=head)


@pytest.mark.parametrize("type", [IncidentType.IMAGE, IncidentType.HARM_TO_CHILD, IncidentType.HARMFUL_CONTACT])
def test_what_may_harm_a_child_is_never_low_level(case: Incident, dsl: User, at: datetime, type: str) -> None:
    """INC-20: senior leaders and teachers read low-level behaviour."""
    Incident.objects.filter(pk=case.pk).update(type=type)
    with pytest.raises(operations.NotLowLevel):
        do(operations.triage_case, case, dsl, at, classing=LOW)
    with pytest.raises(operations.TrackNeeded):
        do(operations.triage_case, case, dsl, at, classing=Classing())


def test_senior_leader_deals_with_low_level_behaviour_only(case: Incident, dsl: User, at: datetime) -> None:
    """Matrix 1.21: an SLT member finds nothing until it is low-level, and cannot make it more."""
    leader = make_user(Role.SLT, case.school)
    with pytest.raises(operations.NothingThere):
        do(operations.triage_case, case, leader, at, classing=LOW)
    do(operations.triage_case, case, dsl, at, classing=LOW)
    with pytest.raises(operations.OnlyLowLevel):
        do(operations.triage_case, case, leader, at, classing=SERIOUS)
    assert do(operations.take_into_review, case, leader, at).owner == leader


def test_acknowledge_case_stops_every_notice_of_it(case: Incident, dsl: User, at: datetime) -> None:
    """SG-6, NOT-04, INC-32: who has it, since when; a second changes nothing; triage does not undo it."""
    deputy = make_user(Role.DEPUTY_DSL, case.school)
    other = make_case(case.school, by=case.reporter, at=at, pupil=make_pupil(case.school))
    for url in ("", f"/{case.school.slug}/incidents/case/{case.pk}/acknowledge/"):
        urgent(case, at, url)
    urgent(other, at)
    do(operations.acknowledge_case, case, deputy, at + timedelta(minutes=2))
    later = do(operations.acknowledge_case, case, dsl, at + timedelta(minutes=3))
    assert (later.acknowledged_by, later.acknowledged_at) == (deputy, at + timedelta(minutes=2))
    assert later.dsl_notified_at is not None and kinds_of(case) == ["acknowledged"]
    assert list(Notice.objects.filter(acknowledged_at=None).values_list("dedupe_key", flat=True)) == [
        f"incidents.reported:{other.pk}:"
    ]


def test_acknowledging_the_notice_acknowledges_the_record(case: Incident, dsl: User, at: datetime) -> None:
    """SG-6: from the inbox of notices too; the same form twice is one act."""
    (notice,) = urgent(case, at)
    key = uuid4()
    for _ in range(2):
        acknowledge_notice(school=case.school, actor=dsl, at=at, notice=notice, submission=key)
    case.refresh_from_db()
    assert (case.acknowledged_by, kinds_of(case)) == (dsl, ["acknowledged"])


def test_urgent_case_nobody_acknowledges_goes_to_deputies_then_the_head(
    case: Incident, dsl: User, at: datetime
) -> None:
    """INC-32, ORG-03, SG-13, NOT-04: on, every 15 minutes, until somebody says that they have it."""
    deputy, head = make_user(Role.DEPUTY_DSL, case.school), make_user(Role.HEADTEACHER, case.school)
    assert deputies_for(case.school) == [deputy]
    urgent(case, at)

    def told() -> set[User]:
        return {notice.recipient for notice in Notice.objects.all()}

    assert told() == {dsl}
    for minutes, people in ((14, {dsl}), (15, {dsl, deputy}), (30, {dsl, deputy, head})):
        escalate_unacknowledged(at=at + timedelta(minutes=minutes))
        assert told() == people
    do(operations.acknowledge_case, case, deputy, at + timedelta(minutes=31))
    escalate_unacknowledged(at=at + timedelta(hours=3))
    assert told() == {dsl, deputy, head}
    assert not Notice.objects.filter(acknowledged_at=None).exists()


def test_mark_protected_comes_after_acknowledging_and_is_a_note(case: Incident, dsl: User, at: datetime) -> None:
    """Matrix 4.4, sub-states: told, acknowledged, protected; the words are sealed and in no event."""
    with pytest.raises(operations.NotAcknowledged):
        do(operations.mark_protected, case, dsl, at, text="Stays with Mrs Shah until collected.")
    do(operations.acknowledge_case, case, dsl, at)
    with pytest.raises(operations.NothingSaid):
        do(operations.mark_protected, case, dsl, at, text="  ")
    done = do(operations.mark_protected, case, dsl, at, text="Stays with Mrs Shah until collected.")
    do(operations.mark_protected, case, dsl, at + timedelta(hours=1), text="Collected by an aunt.")
    assert (done.protected_by, done.protected_at, done.state) == (dsl, at, CaseState.REPORTED)
    assert [note.kind for note in IncidentNote.objects.filter(incident=case)] == [NoteKind.PROTECTION] * 2
    assert not IncidentEvent.objects.filter(incident=case, about__contains="Shah").exists()


def test_next_step_is_one_of_two_and_clashes_are_seen(case: Incident, dsl: User, at: datetime) -> None:
    """INC-31: a step with its day, or why there is none; the second of two writers changes nothing."""
    day = london_day(at)
    for wrong in ({}, {"next_step": "Call", "no_next_step": "None"}, {"next_step": "Call"}):
        with pytest.raises(operations.StepOrReason):
            do(operations.set_next_step, case, dsl, at, **wrong)
    with pytest.raises(operations.StepInThePast):
        do(operations.set_next_step, case, dsl, at, next_step="Call", next_step_on=day - timedelta(days=1))
    do(operations.set_next_step, case, dsl, at, next_step="Call", next_step_on=day, version=case.version)
    with pytest.raises(ChangedMeanwhile):
        do(operations.set_next_step, case, dsl, at, no_next_step="Done", version=case.version)
    done = do(operations.set_next_step, case, dsl, at, no_next_step="All is said.")
    assert (done.next_step, done.next_step_on, done.no_next_step) == ("", None, "All is said.")


def test_overdue_steps_are_told_once_a_school_day_as_a_number(case: Incident, dsl: User, at: datetime) -> None:
    """INC-31: owners, not their records; nobody at the weekend."""
    day = london_day(at)
    do(operations.assign_case, case, dsl, at, owner=dsl)
    do(operations.set_next_step, case, dsl, at, next_step="Ring the aunt", next_step_on=day)
    tell = operations.tell_overdue_steps
    assert tell(school=case.school, at=at) == 0
    tomorrow = at + timedelta(days=1)
    assert [tell(school=case.school, at=tomorrow) for _ in range(2)] == [1, 0]
    assert tell(school=case.school, at=at + timedelta(days=5)) == 0
    told = Notice.objects.get(recipient=dsl)
    assert told.subject == "1 next step is overdue" and "aunt" not in f"{told.subject}{told.body}{told.url}"


def test_assign_cases_gives_all_or_none(school: School, case: Incident, dsl: User, at: datetime) -> None:
    """INC-31: an error if none is ticked; one that cannot be given holds back all."""
    tutor = make_user(Role.FORM_TUTOR, school)
    serious = make_case(school, by=dsl, at=at, pupil=make_pupil(school), urgent=True)
    given: dict[str, Any] = {"school": school, "actor": dsl, "at": at}
    with pytest.raises(operations.NobodyTicked):
        operations.assign_cases(**given, incidents=[], owner=tutor)
    with pytest.raises(operations.OwnerMayNotRead):
        operations.assign_cases(**given, incidents=[case, serious], owner=tutor)
    assert not Incident.objects.filter(owner__isnull=False).exists()
    operations.assign_cases(**given, incidents=[serious, case], owner=dsl)
    assert Incident.objects.filter(owner=dsl).count() == 2


def test_merge_case_keeps_the_link_and_what_was_written(
    school: School, case: Incident, dsl: User, at: datetime
) -> None:
    """Matrix 4.4: any → merged; its report, people and notes are read through the one that goes on."""
    twin = make_case(school, by=case.reporter, at=at, pupil=make_pupil(school, "Ash"))
    third = make_case(school, by=case.reporter, at=at, pupil=make_pupil(school, "Kit"))
    with pytest.raises(operations.SameRecord):
        do(operations.merge_case, case, dsl, at, into=case)
    do(operations.merge_case, twin, dsl, at, into=third)
    do(operations.merge_case, third, dsl, at, into=case)
    twin.refresh_from_db()
    assert (twin.state, twin.merged_into) == (CaseState.MERGED, third)
    joined = queries.joined_to(case, dsl, london_day(at))
    assert joined == [third, twin] and [queries.people_of(one).count() for one in joined] == [1, 1]
    with pytest.raises(operations.NotThereToJoin):
        do(operations.merge_case, case, dsl, at, into=twin)
    with pytest.raises(StepNotAllowed):
        do(operations.set_next_step, twin, dsl, at, no_next_step="It is joined.")


@pytest.mark.parametrize("fields", [{"track": Track.LOW_LEVEL}, {"route": Route.SYSTEM}, {"phase": "primary"}])
def test_merge_case_across_readers_is_refused(
    school: School, case: Incident, dsl: User, at: datetime, fields: dict[str, Any]
) -> None:
    """STA-17, ORG-02: whoever reads the one would otherwise learn of the other."""
    other = make_case(school, by=case.reporter, at=at, pupil=make_pupil(school))
    Incident.objects.filter(pk=other.pk).update(**fields)
    for one, into in ((case, other), (other, case)):
        with pytest.raises(operations.ReadByOthers):
            do(operations.merge_case, one, dsl, at, into=into)


def test_merge_case_of_two_members_of_staff_is_refused(school: School, dsl: User, at: datetime) -> None:
    """STA-17: an allegation is joined only to one about the same person."""
    first, second = (make_case(school, by=dsl, at=at, staff=make_user(Role.TEACHER, school)) for _ in range(2))
    with pytest.raises(operations.ReadByOthers):
        do(operations.merge_case, first, make_user(Role.HEADTEACHER, school), at, into=second)


def test_reopen_case_needs_a_reason_and_the_team(school: School, teacher: User, pupil: Pupil, at: datetime) -> None:
    """INC-42, matrix 4.4: closed → reopened → in review."""
    dsl, leader = make_user(Role.DSL, school), make_user(Role.SLT, school)
    case = make_case(school, by=teacher, at=at, pupil=pupil, state=CaseState.CLOSED, track=Track.LOW_LEVEL)
    with pytest.raises(operations.NoReason):
        do(operations.reopen_case, case, dsl, at, reason="")
    with pytest.raises(operations.OnlyTheTeam):
        do(operations.reopen_case, case, leader, at, reason="New facts.")
    again = do(operations.reopen_case, case, dsl, at, reason="New facts.")
    assert (again.state, again.closed_at) == (CaseState.REOPENED, None)
    assert IncidentNote.objects.get(incident=case).text == "New facts."
    reviewed = do(operations.take_into_review, case, dsl, at)
    assert (reviewed.state, reviewed.owner) == (CaseState.IN_REVIEW, dsl)


def test_new_record_of_a_phase_is_that_dsls(at: datetime, school: School, teacher: User) -> None:
    """ORG-02: the DSL of the other phase neither finds nor triages it; one for all phases does."""
    from tests.factories import give_role

    primary, secondary = make_user(None, school), make_user(None, school)
    give_role(primary, school, Role.DSL, phase="primary")
    give_role(secondary, school, Role.DSL, phase="secondary")
    case = make_case(school, by=teacher, at=at, pupil=make_pupil(school, year_group=8))
    day = london_day(at)
    found = [queries.inbox_of(user, school, day, show="new").counts["new"] for user in (primary, secondary)]
    assert found == [0, 1]
    with pytest.raises(operations.NothingThere):
        do(operations.triage_case, case, primary, at, classing=SERIOUS)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER,
                                                                        Role.HEAD_OF_SCHOOL}])  # fmt: skip
def test_every_other_role_does_nothing_to_a_reported_record(case: Incident, at: datetime, role: Role) -> None:
    """ORG-10, matrix 1.21: refused, whether the role or the record stands in the way, and nothing has changed."""
    user = make_user(role, case.school)
    other = make_case(case.school, by=case.reporter, at=at, pupil=make_pupil(case.school))
    acts: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (operations.acknowledge_case, {}),
        (operations.mark_protected, {"text": "Done."}),
        (operations.triage_case, {"classing": LOW}),
        (operations.escalate_to_safeguarding, {"reason": "More."}),
        (operations.take_into_review, {}),
        (operations.assign_case, {"owner": user}),
        (operations.set_next_step, {"no_next_step": "None."}),
        (operations.merge_case, {"into": other}),
        (operations.reopen_case, {"reason": "More."}),
    ]
    for operation, given in acts:
        with pytest.raises(Refusal) as refused:
            do(operation, case, user, at, **given)
        assert isinstance(refused.value, NotPermitted | operations.NothingThere)
    assert kinds_of(case) == []


def test_children_are_treated_alike(school: School, dsl: User, at: datetime) -> None:
    """ORG-22: what may be chosen does not depend on who the child is; no field of the pupil is asked."""
    asked = set()
    for fields in ({}, {"sen_status": "E"}, {"year_group": 3}):
        case = make_case(school, by=dsl, at=at, pupil=make_pupil(school, **fields))
        asked.add(operations.triage.asked_of(case))
    assert len(asked) == 1
    assert not Contact.objects.exists()
