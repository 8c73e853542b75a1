"""Who may read a record: by role, road, phase, about oneself and about one's own child (ORG-02, ORG-10, STA-17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from django_scopes import scope

from core.people.calendar import LONDON, london_day
from core.people.enums import Phase
from core.people.models import School, User
from core.people.roles import Role
from incidents.access import may_read, readers_among
from incidents.enums import AccessReason, CaseState, PersonRole, Route, Track
from incidents.models import CaseAccess, Incident
from tests.factories import give_role, make_contact, make_pupil, make_school, make_user
from tests.factories.cases import add_person, make_case

pytestmark = pytest.mark.django_db

W, N = True, False  # reads it whole, or nothing at all
ROADS = ("pupil", "low_level", "other_phase", "visitor", "allegation", "staff_low", "about_head", "system")
# Everything somebody reads by role alone; roles that are not named read nothing.
TABLE: dict[Role, tuple[bool, ...]] = {
    Role.DSL: (W, W, W, W, W, N, N, W),
    Role.DEPUTY_DSL: (W, W, W, W, N, N, N, W),
    Role.HEADTEACHER: (W, W, W, W, W, W, N, W),
    Role.HEAD_OF_SCHOOL: (W, W, W, W, N, N, N, W),
    Role.SLT: (N, W, N, N, N, N, N, N),
    Role.FILTERING_LEAD: (N, N, N, N, N, N, N, W),
    Role.CHAIR: (N, N, N, N, N, N, W, N),
    Role.GROUP_SAFEGUARDING_HEAD: (N, N, N, N, N, N, W, N),
}
NOTHING = (N,) * len(ROADS)


@pytest.fixture
def school() -> Iterator[School]:
    school = make_school()
    with scope(school=school):
        yield school


@pytest.fixture
def reporter(school: School) -> User:
    return make_user(Role.TEACHER, school)


@pytest.fixture
def records(school: School, reporter: User, at: datetime) -> dict[str, Incident]:
    """One record of each road."""
    secondary, primary = make_pupil(school), make_pupil(school, year_group=3)
    colleague, head = make_user(Role.TEACHER, school), make_user(Role.HEADTEACHER, school)
    about_head = make_case(school, by=reporter, at=at, staff=head)
    about_head.staff_concern.head_is_subject = True
    about_head.staff_concern.stamp(by=reporter, at=at)
    about_head.staff_concern.save()
    return {
        "pupil": make_case(school, by=reporter, at=at, pupil=secondary),
        "low_level": make_case(school, by=reporter, at=at, pupil=secondary, track=Track.LOW_LEVEL),
        "other_phase": make_case(school, by=reporter, at=at, pupil=primary),
        "visitor": make_case(school, by=reporter, at=at, route=Route.VISITOR),
        "allegation": make_case(school, by=reporter, at=at, staff=colleague),
        "staff_low": make_case(school, by=reporter, at=at, staff=colleague, route=Route.LOW_LEVEL_CONCERN),
        "about_head": about_head,
        "system": make_case(school, by=reporter, at=at, route=Route.SYSTEM),
    }


def read(user: User, records: dict[str, Incident], at: datetime) -> tuple[bool, ...]:
    """By the database, and by the record at hand: the same answer, always."""
    day = london_day(at)
    one_by_one = tuple(may_read(user, records[road], day) for road in ROADS)
    assert tuple(bool(readers_among([user], records[road], day)) for road in ROADS) == one_by_one
    return one_by_one


def reads(user: User, case: Incident, day: date) -> bool:
    return read(user, dict.fromkeys(ROADS, case), datetime.combine(day, time(12), LONDON))[0]


@pytest.mark.parametrize("role", list(Role))
def test_role_reads_what_the_table_says(school: School, records: dict[str, Incident], role: Role, at: datetime) -> None:
    """ORG-10, STA-17, law SG-7: whatever is not in the table is not for that role."""
    assert read(make_user(role, school), records, at) == TABLE.get(role, NOTHING)


def test_reporter_of_a_record_reads_nothing_of_it(records: dict[str, Incident], reporter: User, at: datetime) -> None:
    """INC-01, law SG-3: staff add without reading."""
    assert read(reporter, records, at) == NOTHING


@pytest.mark.parametrize(
    ("role", "reads"), [(Role.DSL, True), (Role.DEPUTY_DSL, True), (Role.HEAD_OF_SCHOOL, True), (Role.SLT, False)]
)
def test_role_for_one_phase_reads_that_phase_alone(
    school: School, records: dict[str, Incident], role: Role, reads: bool, at: datetime
) -> None:
    """ORG-02: by phase; what is of no one phase is for each."""
    user = make_user(None, school)
    give_role(user, school, role, phase=Phase.SECONDARY)
    seen = dict(zip(ROADS, read(user, records, at), strict=True))
    assert (seen["pupil"], seen["other_phase"], seen["low_level"]) == (reads, False, True)


def test_nobody_reads_what_is_about_them_or_their_child(school: School, reporter: User, at: datetime) -> None:
    """Security 5.2, law 13.11: not the DSL, not the head; a witness may."""
    dsl, head = make_user(Role.DSL, school), make_user(Role.HEADTEACHER, school)
    pupil = make_pupil(school)
    case = make_case(school, by=reporter, at=at, pupil=pupil)
    day = london_day(at)
    add_person(case, at=at, role=PersonRole.WITNESS, user=head)
    assert reads(head, case, day)
    add_person(case, at=at, role=PersonRole.ADULT_INVOLVED, user=head)
    assert not reads(head, case, day)
    assert reads(dsl, case, day)
    contact = make_contact(pupil, "Winterbourne")
    contact.account = dsl
    contact.stamp(by=None, at=at)
    contact.save()
    assert not reads(dsl, case, day)


def test_owner_and_whoever_is_let_in_read_it_while_they_may(school: School, reporter: User, at: datetime) -> None:
    """STA-17: an investigator is named, until a day; a teacher owns a low-level record."""
    teacher, investigator = make_user(Role.TEACHER, school), make_user(Role.SLT, school)
    case = make_case(school, by=reporter, at=at, pupil=make_pupil(school), owner=teacher)
    allegation = make_case(school, by=reporter, at=at, staff=make_user(Role.SUPPORT, school))
    day = london_day(at)
    assert reads(teacher, case, day)
    assert not reads(investigator, allegation, day)
    way_in = CaseAccess(
        school=school, incident=allegation, user=investigator, reason=AccessReason.INVESTIGATOR, given_at=at,
        given_by=reporter, until=day,
    )  # fmt: skip
    way_in.stamp(by=reporter, at=at)
    way_in.save()
    assert reads(investigator, allegation, day)
    assert not reads(investigator, allegation, day + timedelta(days=1))


def test_draft_is_nobodys_but_its_authors(school: School, reporter: User, at: datetime) -> None:
    case = make_case(school, by=reporter, at=at, pupil=make_pupil(school), state=CaseState.DRAFT)
    assert not reads(make_user(Role.DSL, school), case, london_day(at))


def test_neighbour_and_nobody_read_nothing(school: School, records: dict[str, Incident], at: datetime) -> None:
    neighbour = make_user(Role.DSL, make_school())
    assert read(neighbour, records, at) == NOTHING
    assert not may_read(None, records["pupil"], london_day(at))
