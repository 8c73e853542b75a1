"""Reporting: drafts, what a report becomes, who is told, quick breaches, adding without reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from core.notices.operations import escalate_unacknowledged
from core.people.access import NotPermitted
from core.people.calendar import london_day
from core.people.enums import Phase
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.enums import MarkKind, TakenBecause
from devices.models import Confiscation, PupilDevice
from devices.operations import add_device, mark_day, seed_device_types
from devices.queries.taken.taking import ground_choices
from incidents import operations, queries
from incidents.access import may_read
from incidents.enums import CaseState, IncidentType, NoteKind, PersonKind, PersonRole, Route
from incidents.models import CaseAccess, Incident, IncidentEvent, IncidentNote, StaffConcern, TypeSetting
from incidents.operations import Named, Said
from incidents.operations.breaches import BECAUSE, Taking
from incidents.routing import QUICK
from tests.factories import give_role, make_form, make_pupil, make_school
from tests.factories import make_user as build_user

SECRET = "She said that the xylograph frightened her."

ROLES = (Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.CHAIR, Role.FILTERING_LEAD, Role.EXAMS_OFFICER)


@pytest.fixture
def team(school: School) -> dict[Role, User]:
    return {role: build_user(role, school) for role in ROLES}


@pytest.fixture
def teacher(school: School) -> User:
    return build_user(Role.TEACHER, school)


def offer(school: School, kind: IncidentType, at: datetime) -> None:
    setting = TypeSetting(school=school, type=kind, offered=True)
    setting.stamp(by=None, at=at)
    setting.save()


def send(school: School, actor: User, at: datetime, *people: Named, **said: Any) -> Incident:
    values = {"type": IncidentType.ABUSIVE_MESSAGE, "happened_at": at, "account": SECRET} | said
    return operations.report_incident(school=school, actor=actor, at=at, said=Said(**values), people=people)


def told(case: Incident, team: dict[Role, User], kind: str = "incidents.reported") -> tuple[set[Role], bool]:
    notices = list(Notice.objects.filter(kind=kind, url__contains=f"/case/{case.pk}/"))
    roles = {role for role, user in team.items() for notice in notices if notice.recipient_id == user.pk}
    return roles, any(notice.is_urgent for notice in notices)


def test_report_incident_gets_its_reference_road_phase_policies_and_names_nobody_elsewhere(
    school: School, team: dict[Role, User], teacher: User, pupil: Pupil, at: datetime
) -> None:
    """INC-01, INC-02, INC-21, INC-43: what is written stands in the sealed record alone."""
    case = send(school, teacher, at, Named(pupil=pupil), Named(role=PersonRole.WITNESS, kind="visitor", name="A man"))
    case.refresh_from_db()
    assert (case.reference, case.state, case.route, case.phase) == ("I-2611-0001", "reported", "pupil", pupil.phase)
    assert (case.title, case.reporter, case.dsl_notified_at) == ("Abusive or upsetting message", teacher, at)
    assert "Bullying" in case.policies
    assert [event.kind for event in queries.events_of(case)] == ["drafted", "reported"]
    plain = [*Entry.objects.values_list("detail", flat=True), *IncidentEvent.objects.values_list("about", flat=True)]
    plain += [
        *Notice.objects.values_list("subject", "body", "url"),
        *OutboxEmail.objects.values_list("text", "subject"),
    ]
    assert not [row for row in plain if "xylograph" in str(row) or "Kovacs" in str(row)]
    assert not may_read(teacher, case, london_day(at))


PUPIL, STAFF, VISITOR, NOBODY = "pupil", "staff", "visitor", "nobody"
T, R = IncidentType, Role
SAFE = {R.DSL, R.DEPUTY_DSL}
# Type, whom it is about, what else is said → road, who is told, urgently or not.
TABLE: list[tuple[IncidentType, str, dict[str, Any], Route, set[Role], bool]] = [
    (T.USED_IN_LESSON, PUPIL, {}, Route.PUPIL, {R.DSL}, False),
    (T.USED_IN_LESSON, PUPIL, {"concern_for_child": True}, Route.PUPIL, SAFE, True),
    (T.LOSS_OR_DAMAGE, PUPIL, {"danger_now": True}, Route.PUPIL, SAFE, True),
    (T.ABUSIVE_MESSAGE, PUPIL, {"told_in_person": True}, Route.PUPIL, {R.DSL}, False),
    (T.ABUSIVE_MESSAGE, PUPIL, {"told_in_person": False}, Route.PUPIL, SAFE, True),
    (T.HARM_TO_CHILD, PUPIL, {"told_in_person": True}, Route.PUPIL, SAFE, True),
    (T.IMAGE, PUPIL, {}, Route.PUPIL, SAFE, True),
    (T.HARMFUL_CONTENT, PUPIL, {}, Route.PUPIL, {*SAFE, R.HEADTEACHER}, True),
    (T.STAFF_CONTENT, STAFF, {}, Route.ALLEGATION, {R.HEADTEACHER, R.DSL}, True),
    (T.STAFF_OWN_DEVICE, STAFF, {}, Route.ALLEGATION, {R.HEADTEACHER, R.DSL}, False),
    (T.MONITORING_ALERT, STAFF, {}, Route.ALLEGATION, {R.HEADTEACHER, R.DSL}, False),
    (T.MONITORING_ALERT, PUPIL, {}, Route.PUPIL, {R.DSL}, False),
    (T.MONITORING_ALERT, NOBODY, {}, Route.SYSTEM, {R.DSL, R.FILTERING_LEAD}, False),
    (T.MONITORING_ALERT, NOBODY, {"concern_for_child": True}, Route.PUPIL, SAFE, True),
    (T.LENT_BY_VISITOR, VISITOR, {}, Route.VISITOR, {R.DSL, R.HEADTEACHER}, False),
    (T.CONTACT_RECEIVED, PUPIL, {"platform": "A game"}, Route.PUPIL, {*SAFE, R.HEADTEACHER}, True),
    (T.CONFLICTING_CONTENT, NOBODY, {}, Route.PUPIL, {*SAFE, R.HEADTEACHER}, True),
    (T.EXAM_POSSESSION, PUPIL, {}, Route.PUPIL, {R.DSL, R.HEADTEACHER}, False),
]


@pytest.mark.parametrize(("kind", "about", "said", "road", "roles", "urgent"), TABLE)
def test_report_incident_tells_whom_the_notices_name(
    school: School,
    team: dict[Role, User],
    teacher: User,
    pupil: Pupil,
    at: datetime,
    kind: IncidentType,
    about: str,
    said: dict[str, Any],
    road: Route,
    roles: set[Role],
    urgent: bool,
) -> None:
    """INC-04, INC-20, INC-44, FIL-12, SOC-08, SOC-10, NOT-04, NOT-07, NOT-08, NOT-14, NOT-15, SG-6: by type and by
    whom it is about; whoever is told may read it, and of a system it is the filtering lead too."""
    offer(school, kind, at)
    people = {
        PUPIL: [Named(pupil=pupil)],
        STAFF: [Named(user=build_user(Role.SUPPORT, school))],
        VISITOR: [Named(kind=PersonKind.VISITOR, name="A man"), Named(role=PersonRole.AFFECTED, pupil=pupil)],
        NOBODY: [],
    }[about]
    case = send(school, teacher, at, *people, type=kind, **said)
    assert (case.route, case.urgent) == (road, urgent)
    assert told(case, team) == (roles, urgent)
    assert {role for role in roles if not may_read(team[role], case, london_day(at))} == set()
    assert CaseAccess.objects.filter(user=team[Role.EXAMS_OFFICER]).exists() == (kind == T.EXAM_POSSESSION)
    assert (told(case, team, "incidents.exam")[0] == {Role.EXAMS_OFFICER}) == (kind == T.EXAM_POSSESSION)


def test_report_incident_about_the_head_goes_to_the_chair_and_never_on(
    school: School, team: dict[Role, User], teacher: User, at: datetime
) -> None:
    """NOT-08, STA-17: not the subject, not the DSL; and if nobody acknowledges, still nobody else hears of it."""
    case = send(school, teacher, at, Named(user=team[Role.HEADTEACHER]), type=T.STAFF_CONDUCT)
    concern = StaffConcern.objects.get(incident=case)
    assert (concern.subject, concern.head_is_subject, concern.dsl_is_subject) == (team[Role.HEADTEACHER], True, False)
    assert told(case, team) == ({Role.CHAIR}, True)
    escalate_unacknowledged(at=at + timedelta(hours=1))
    assert told(case, team) == ({Role.CHAIR}, True)


def test_report_incident_about_a_dsl_is_not_told_to_them_and_deputies_do_not_get_it(
    school: School, team: dict[Role, User], teacher: User, at: datetime
) -> None:
    """NOT-08, STA-17."""
    case = send(school, teacher, at, Named(user=team[Role.DSL]), type=T.STAFF_CONTACT, arrangement="no")
    assert StaffConcern.objects.get(incident=case).dsl_is_subject
    escalate_unacknowledged(at=at + timedelta(hours=1))
    assert told(case, team) == ({Role.HEADTEACHER}, True)


def test_urgent_report_goes_on_to_the_head_after_fifteen_minutes(
    school: School, team: dict[Role, User], teacher: User, pupil: Pupil, at: datetime
) -> None:
    """NOT-04: DSL and deputies, then the head."""
    case = send(school, teacher, at, Named(pupil=pupil), type=T.IMAGE)
    assert escalate_unacknowledged(at=at + timedelta(minutes=14)) == 0
    escalate_unacknowledged(at=at + timedelta(minutes=15))
    assert told(case, team) == ({*SAFE, Role.HEADTEACHER}, True)


def test_report_incident_goes_to_the_dsl_of_the_phase(school: School, teacher: User, at: datetime) -> None:
    """ORG-02: by the pupils' phase; to all DSLs where they are of two."""
    primary, secondary = build_user(None, school), build_user(None, school)
    give_role(primary, school, Role.DSL, phase=Phase.PRIMARY)
    give_role(secondary, school, Role.DSL, phase=Phase.SECONDARY)
    young, old = make_pupil(school, year_group=3), make_pupil(school, year_group=9)
    one = send(school, teacher, at, Named(pupil=young))
    both = send(school, teacher, at, Named(pupil=young), Named(role=PersonRole.AFFECTED, pupil=old))
    people = {user.pk: user for user in (primary, secondary)}
    notices = Notice.objects.filter(kind="incidents.reported")
    assert [people[row.recipient_id] for row in notices.filter(url__contains=f"/{one.pk}/")] == [primary]
    assert {people[row.recipient_id] for row in notices.filter(url__contains=f"/{both.pk}/")} == {primary, secondary}
    assert (one.phase, both.phase) == (Phase.PRIMARY, "")


@pytest.mark.parametrize(
    ("said", "people", "refusal"),
    [
        ({"type": ""}, True, operations.TypeNotOffered),
        ({"type": T.CONTACT_RECEIVED}, True, operations.TypeNotOffered),
        ({"account": "  "}, True, operations.AccountMissing),
        ({"happened_at": None}, True, operations.WhenUnknown),
        ({"happened_at": datetime(2027, 1, 1, 9, tzinfo=UTC)}, True, operations.WhenUnknown),
        ({}, False, operations.WhomUnknown),
        ({"type": T.STAFF_CONDUCT}, True, operations.WhomUnknown),
    ],
)  # fmt: skip
def test_report_incident_refuses_what_is_not_whole(
    school: School,
    teacher: User,
    pupil: Pupil,
    at: datetime,
    said: dict[str, Any],
    people: bool,
    refusal: type[Exception],
) -> None:
    """INC-02, INC-03: phone-free-agreement does not offer contact received."""
    with pytest.raises(refusal):
        send(school, teacher, at, *([Named(pupil=pupil)] if people else []), **said)
    assert not Incident.objects.exists()


def test_draft_is_kept_sent_once_and_only_by_its_author(
    school: School, team: dict[Role, User], teacher: User, pupil: Pupil, at: datetime
) -> None:
    """INC-01: a draft from the first page; the same form twice is one report; nobody else's draft exists."""
    key = uuid4()
    draft = operations.save_draft(school=school, actor=teacher, at=at, add=Named(pupil=pupil), submission=key)
    assert operations.save_draft(school=school, actor=teacher, at=at, add=Named(pupil=pupil), submission=key) == draft
    said = {"type": T.HARM_TO_CHILD, "happened_at": at, "time_is_known": False, "account": SECRET}
    operations.save_draft(school=school, actor=teacher, at=at, draft=draft, said=said)
    assert list(queries.drafts_of(teacher, school)) == [draft]
    with pytest.raises(operations.DraftGone):
        operations.report_incident(school=school, actor=team[Role.DSL], at=at, draft=draft)
    send_key = uuid4()
    for _again in range(2):
        sent = operations.report_incident(school=school, actor=teacher, at=at, draft=draft, submission=send_key)
        assert (sent.pk, sent.reference) == (draft.pk, "I-2611-0001")
    with pytest.raises(operations.DraftGone):
        operations.save_draft(school=school, actor=teacher, at=at, draft=draft, said={"account": "Other words"})
    other = operations.save_draft(school=school, actor=teacher, at=at)
    operations.discard_draft(school=school, actor=teacher, at=at, draft=other)
    other.refresh_from_db()
    assert (other.state, list(queries.drafts_of(teacher, school))) == (CaseState.DISCARDED, [])
    with pytest.raises(NotPermitted):
        operations.save_draft(school=school, actor=build_user(Role.GOVERNOR, school), at=at)


def test_add_to_record_without_reading_it(
    school: School, team: dict[Role, User], teacher: User, pupil: Pupil, at: datetime
) -> None:
    """SG-3, law SG-2: the reporter adds, the owner or the team hears, the reporter reads nothing; others cannot."""
    case = send(school, teacher, at, Named(pupil=pupil))
    operations.add_to_record(school=school, actor=teacher, at=at, incident=case, text="He wept again.")
    note = IncidentNote.objects.get()
    assert (note.incident, note.kind, note.text, note.by) == (case, NoteKind.ADDED, "He wept again.", teacher)
    assert told(case, team, "incidents.added")[0] == {Role.DSL}
    assert not may_read(teacher, case, london_day(at))
    with pytest.raises(operations.DraftGone):
        operations.add_to_record(
            school=school, actor=build_user(Role.TEACHER, school), at=at, incident=case, text="And I."
        )


# --- quick breaches ---------------------------------------------------------------------------------------------------


@pytest.fixture
def phone(school: School, pupil: Pupil, at: datetime) -> PupilDevice:
    types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    return add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])


def test_record_breach_takes_the_device_in_the_same_act(
    school: School, team: dict[Role, User], teacher: User, pupil: Pupil, phone: PupilDevice, at: datetime
) -> None:
    """DEV-13, DEV-22, CNF-02, CNF-08: one submission, both records, linked; sent again, one of each."""
    at = at + timedelta(hours=2)
    key, ground = uuid4(), ground_choices(school_rules(school, at))[0][0]
    for _again in range(2):
        case = operations.record_breach(
            school=school, actor=teacher, at=at, pupil=pupil, type=T.NOT_HANDED_IN, where="Corridor", device=phone,
            taking=Taking(ground=ground), submission=key,
        )  # fmt: skip
    taking = Confiscation.objects.get()
    case = Incident.objects.get(pk=case.pk)
    assert (case.custody, case.device, case.type, case.place) == (taking.custody, phone, "not_handed_in", "Corridor")
    assert (taking.because, taking.seen, case.account) == (
        TakenBecause.NOT_HANDED_IN, "Had it and had not handed it in.", "Had it and had not handed it in.",
    )  # fmt: skip
    assert told(case, team) == ({Role.DSL}, False)


def school_rules(school: School, at: datetime) -> Any:
    from core.rules.queries import for_school

    return for_school(school, on=london_day(at))


@pytest.mark.parametrize("kind", [T.USED_ELSEWHERE, T.KEPT_ON_PERSON, T.SECOND_DEVICE])
def test_record_breach_files_nothing_where_it_is_allowed_unless_it_is_a_breach_all_the_same(
    school: School, teacher: User, pupil: Pupil, phone: PupilDevice, at: datetime, kind: IncidentType
) -> None:
    """DEV-13, DEV-21: a live permission covers use and keeping; never a second device. What is filed says so."""
    at = at + timedelta(hours=2)
    mark_day(
        school=school, actor=build_user(Role.OFFICE, school), at=at, pupil=pupil, kind=MarkKind.PERMITTED,
        note="Agreed by the head",
    )  # fmt: skip
    breach = {"school": school, "actor": teacher, "at": at, "pupil": pupil, "type": kind, "where": "Corridor"}
    if kind != T.SECOND_DEVICE:
        with pytest.raises(operations.AllowedHere):
            operations.record_breach(**breach, device=phone)
        assert not Incident.objects.exists()
    case = operations.record_breach(**breach, device=phone, all_the_same=kind != T.SECOND_DEVICE)
    about = queries.events_of(case).get(kind="reported").about
    assert about == ("" if kind == T.SECOND_DEVICE else "Reported although it was allowed")


@pytest.mark.parametrize(
    "preset",
    [
        "group-locked-storage",
        "primary-by-agreement",
        "primary-online-safety",
        "image-and-conduct",
        "phone-free-agreement",
    ],
)
def test_every_preset_offers_its_breaches_and_cites_its_policies(db: None, preset: str, at: datetime) -> None:
    """INC-03, INC-21, DEV-22, DEV-29: under each preset a breach of each type that it offers becomes a record."""
    from django_scopes import scope

    school = make_school("fernleigh", name="Fernleigh School", preset=preset)
    with scope(school=school):
        teacher, dsl = build_user(Role.TEACHER, school), build_user(Role.DSL, school)
        pupil = make_pupil(school, form=make_form(school, "5A", year=5))
        offered = [kind for kind in QUICK if kind in queries.offered_types(school)]
        assert {T.USED_IN_LESSON, T.USED_ELSEWHERE, T.REFUSED} <= set(offered) <= set(BECAUSE)
        assert (T.OWN_ARRANGEMENTS in offered) == (preset == "phone-free-agreement")
        for kind in offered:
            case = operations.record_breach(
                school=school, actor=teacher, at=at + timedelta(hours=2), pupil=pupil, type=kind, where="Hall",
                all_the_same=True,
            )  # fmt: skip
            assert case.policies
            assert may_read(dsl, case, london_day(at))


def test_custody_of_another_pupil_is_refused(
    school: School, teacher: User, pupil: Pupil, phone: PupilDevice, at: datetime, make_user: Callable[..., User]
) -> None:
    """CNF-02: the linked breach is of the pupil whose device it is."""
    other = make_pupil(school)
    with pytest.raises(operations.DeviceOfAnother):
        operations.record_breach(
            school=school, actor=teacher, at=at, pupil=other, type=T.REFUSED, where="Hall", device=phone
        )
    with pytest.raises(operations.DeviceOfAnother):
        send(school, teacher, at, Named(pupil=other), device=phone)
