"""Concerns about staff: a person classes them, the LADO and the police are spoken to, and the subject never reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.enums import Outcome as Kept
from core.audit.models import Entry
from core.notices.models import Notice
from core.people.access import NotPermitted
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Role
from incidents import operations
from incidents.access import may_read
from incidents.enums import AccessReason, AllegationKind, CaseState, IncidentType, Outcome, Route
from incidents.models import CaseAccess, Incident, OutsideEntry, StaffConcern
from incidents.queries.closing import what_is_missing
from incidents.queries.staff_concerns import lado_by, patterns
from tests.factories import make_user
from tests.factories.cases import make_case
from tests.incidents.test_chronology import words

Clients = Callable[[User], Client]
WHY = "He was seen to do it by two colleagues."


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def subject(school: School) -> User:
    return make_user(Role.TEACHER, school)


@pytest.fixture
def case(school: School, subject: User, at: datetime) -> Incident:
    reporter = make_user(Role.SUPPORT, school)
    return make_case(school, by=reporter, at=at, staff=subject, type=IncidentType.STAFF_CONTENT)


def url(name: str, *args: Any) -> str:
    return reverse(f"incidents:{name}", args=["harbour-view", *args])


def keys(case: Incident, at: datetime) -> set[str]:
    return {one.key for one in what_is_missing(Incident.objects.get(pk=case.pk), london_day(at))}


@pytest.mark.parametrize(
    ("kinds", "meets", "route", "needs"),
    [
        ([AllegationKind.OWN_DEVICE], False, Route.LOW_LEVEL_CONCERN, set()),
        ([AllegationKind.PHOTOGRAPHS], False, Route.LOW_LEVEL_CONCERN, set()),  # SG-8, STA-11
        ([AllegationKind.SHARING, AllegationKind.DIRECT_WORK], False, Route.LOW_LEVEL_CONCERN, set()),  # STA-05, STA-11
        ([AllegationKind.HARMED], True, Route.ALLEGATION, {"outside-lado"}),
        ([AllegationKind.ILLEGAL_CONTENT], True, Route.ALLEGATION, {"outside-lado", "outside-police"}),
        ([AllegationKind.DEVICE_CRIME, AllegationKind.OTHER], False, Route.ALLEGATION,
         {"outside-lado", "outside-police"}),
    ],
)  # fmt: skip
def test_a_person_classes_it_and_its_road_and_what_it_needs_follow(
    case: Incident, headteacher_user: User, at: datetime, client_for: Clients, kinds: list[str], meets: bool,
    route: Route, needs: set[str],
) -> None:  # fmt: skip
    """SG-7, SG-8, STA-07, STA-13, STA-14: nothing is classed by itself; the documents are the rules' own."""
    assert "threshold" in keys(case, at)
    browser = client_for(headteacher_user)
    page = browser.get(url("classify-concern", case.pk))
    assert "24 November 2026" in words(page)  # one working day after the report
    given = {"kinds": kinds, "threshold": "yes" if meets else "no", "reason": WHY, "sharer_named": "",
             "version": case.version}  # fmt: skip
    wrong = browser.post(url("classify-concern", case.pk), given | {"reason": ""})
    assert wrong.status_code == 422
    done = browser.post(url("classify-concern", case.pk), given, follow=True)
    assert done.status_code == 200
    case.refresh_from_db()
    concern = StaffConcern.objects.get(incident=case)
    assert (case.route, concern.documents) == (route, ["staff behaviour", "child protection"])
    assert (concern.threshold_reason, concern.sharer_named) == (WHY, False)
    assert {key for key in keys(case, at) if key in {"threshold", "outside-lado", "outside-police"}} == needs
    told = Notice.objects.filter(kind="incidents.outside", recipient=headteacher_user)
    assert told.count() == bool(needs)
    assert all(WHY not in notice.subject + notice.body for notice in told)
    assert "staff behaviour; child protection" in words(browser.get(url("case-actions", case.pk)))
    for name in ("case", "case-actions"):  # whoever shared it asked not to be named
        shown = words(browser.get(url(name, case.pk)))
        assert "omebody who asked not to be named" in shown and case.reporter.display_name not in shown
    assert "by somebody who asked not to be named" in words(browser.get(url("inbox")))
    again = browser.post(url("classify-concern", case.pk), given)  # opened before somebody else saved
    assert again.status_code == 422 and "Somebody else changed" in words(again)


def test_a_dsl_who_finds_it_low_level_hands_it_to_the_head(
    case: Incident, dsl_user: User, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """SG-7: the register of low-level concerns is the head's; the page goes where the DSL still may."""
    given = {"kinds": ["own_device"], "threshold": "no", "reason": WHY, "version": case.version}
    page = client_for(dsl_user).post(url("classify-concern", case.pk), given, follow=True)
    assert page.status_code == 200 and "it is the head’s now" in page.content.decode()
    assert client_for(dsl_user).get(url("case", case.pk)).status_code == 404
    assert client_for(headteacher_user).get(url("case", case.pk)).status_code == 200


def test_the_lado_is_spoken_to_by_the_next_working_day(case: Incident, at: datetime) -> None:
    """SG-7: a Friday's report by Monday; school holidays do not count."""
    assert lado_by(case) == date(2026, 11, 24)
    case.reported_at = at + timedelta(days=4)
    assert lado_by(case) == date(2026, 11, 30)


def test_each_call_is_an_entry_and_both_open_the_way_to_the_end(
    school: School, case: Incident, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """STA-14: whom, when, reference, advice; the second entry of one body does not stand for the other."""
    operations.classify_concern(
        school=school, actor=headteacher_user, at=at, incident=case, kinds=["illegal_content"], meets_threshold=True,
        reason=WHY,
    )  # fmt: skip
    browser = client_for(headteacher_user)
    given = {"body": "lado", "spoken_to": "Duty adviser", "on": "2026-11-23", "spoken_at": "08:10",
             "reference": "L/17", "advice": "Wait with the talk."}  # fmt: skip
    assert browser.post(url("outside-entry", case.pk), given | {"advice": ""}).status_code == 422
    ahead = browser.post(url("outside-entry", case.pk), given | {"spoken_at": "18:10"})
    assert ahead.status_code == 422 and "not ahead of now" in words(ahead)
    for sent in (given, given):
        browser.post(url("outside-entry", case.pk), sent | {"submission": "6d0c5d5e-4a36-4a34-9f3b-7a7d0b8a9c11"})
    assert OutsideEntry.objects.count() == 1
    assert "outside-police" in keys(case, at) and "outside-lado" not in keys(case, at)
    browser.post(url("outside-entry", case.pk), given | {"body": "police", "spoken_to": "The station"})
    assert "outside-police" not in keys(case, at)
    said = words(browser.get(url("case-actions", case.pk)))
    assert "Duty adviser" in said and "Wait with the talk." in said and "L/17" in said


def test_somebody_is_let_in_and_out_again_and_never_the_subject(
    school: School, case: Incident, subject: User, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """STA-17: a named investigator, until a day; the subject never reads it, and the try is on record."""
    investigator, day = make_user(Role.SLT, school), london_day(at)
    browser = client_for(headteacher_user)
    given = {"person": investigator.pk, "reason": "investigator", "until": "2026-11-27"}
    assert browser.post(url("give-access", case.pk), given).status_code == 302
    assert StaffConcern.objects.get(incident=case).investigator == investigator
    theirs = client_for(investigator)
    assert theirs.get(url("case", case.pk)).status_code == 200
    for name in ("classify-concern", "outside-entry", "give-access"):
        assert theirs.get(url(name, case.pk)).status_code in (403, 404), name
    with pytest.raises(NotPermitted):
        operations.record_outside(
            school=school, actor=investigator, at=at, incident=case, body="lado", spoken_to="A", spoken_at=at,
            advice="B",
        )  # fmt: skip
    refused = browser.post(url("give-access", case.pk), given | {"person": subject.pk})
    assert refused.status_code == 422 and "about them" in words(refused)
    assert Entry.objects.filter(action="incidents.give_access", outcome=Kept.REFUSED).count() == 1
    access = CaseAccess.objects.get()
    assert browser.post(url("end-access", case.pk, access.pk), {}).status_code == 302
    assert theirs.get(url("case", case.pk)).status_code == 404
    assert not may_read(subject, case, day)
    for name in ("case", "case-actions", "classify-concern"):
        assert client_for(subject).get(url(name, case.pk)).status_code in (403, 404)


def test_a_concern_about_the_head_is_for_the_chair_and_the_group(
    school: School, at: datetime, dsl_user: User, headteacher_user: User, client_for: Clients
) -> None:
    """STA-17: the chair classes it and speaks to the LADO; head and DSL learn nothing."""
    case = make_case(school, by=make_user(Role.TEACHER, school), at=at, staff=headteacher_user)
    concern = case.staff_concern
    concern.head_is_subject = True
    concern.stamp(by=None, at=at)
    concern.save()
    chair = make_user(Role.CHAIR, school)
    given = {"kinds": ["harmed"], "threshold": "yes", "reason": WHY, "version": case.version}
    assert client_for(chair).post(url("classify-concern", case.pk), given).status_code == 302
    assert Notice.objects.filter(kind="incidents.outside").values_list("recipient", flat=True).get() == chair.pk
    for other in (dsl_user, headteacher_user):
        browser = client_for(other)
        assert browser.get(url("classify-concern", case.pk)).status_code == 404
        assert browser.get(url("staff-pattern", headteacher_user.pk)).status_code == 404
        assert "Nothing" in words(browser.get(url("staff-register"))) or "No low-level" in words(
            browser.get(url("staff-register"))
        )


def test_the_register_shows_a_pattern_to_its_readers_alone(
    school: School, subject: User, headteacher_user: User, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """SG-7: a line for each person, with how many and of what kind; nothing is decided by it."""
    for days in (0, 30, 500):
        case = make_case(
            school, by=make_user(Role.SUPPORT, school), at=at, staff=subject, route=Route.LOW_LEVEL_CONCERN,
            reported_at=at - timedelta(days=days),
        )  # fmt: skip
        concern = case.staff_concern
        concern.kinds, concern.meets_threshold, concern.threshold_reason = ["photographs"], False, WHY
        concern.stamp(by=None, at=at)
        concern.save()
    (row,) = patterns(headteacher_user, school, london_day(at))
    assert (row.count, row.this_year, row.kinds) == (3, 2, [("Pictures of pupils on an own device", 3)])
    page = client_for(headteacher_user).get(url("staff-pattern", subject.pk))
    assert words(page).count(WHY) == 3
    assert patterns(dsl_user, school, london_day(at)) == []
    assert client_for(dsl_user).get(url("staff-pattern", subject.pk)).status_code == 404


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (IncidentType.STAFF_CONTACT, Outcome.ADVICE_GIVEN),  # STA-08, SOC-09
        (IncidentType.STAFF_CONTENT, Outcome.DISCIPLINARY),  # STA-07
        (IncidentType.SOCIAL_MEDIA, Outcome.DISCIPLINARY),  # SOC-27
        (IncidentType.SOCIAL_MEDIA, Outcome.CIVIL_ACTION),  # SOC-28
        (IncidentType.WORK_SHARED, Outcome.DISMISSAL),  # SOC-29
        (IncidentType.EQUIPMENT, Outcome.DISMISSAL),  # SDV-12
    ],
)
def test_a_staff_breach_is_handled_under_its_documents_and_ends_as_far_as_dismissal(
    school: School, subject: User, headteacher_user: User, at: datetime, client_for: Clients, kind: IncidentType,
    outcome: Outcome,
) -> None:  # fmt: skip
    """STA-07, STA-08, STA-13, SOC-09, SOC-27, SOC-28, SOC-29, SDV-12, INC-39: one register, its own road and ends."""
    case = make_case(
        school, by=make_user(Role.SUPPORT, school), at=at, staff=subject, type=kind, state=CaseState.ACTION,
        decided_at=at, decided_by=headteacher_user, decision_reason=WHY, acknowledged_at=at,
        acknowledged_by=headteacher_user, immediate_action="Asked to put it away.",
    )  # fmt: skip
    operations.classify_concern(
        school=school, actor=headteacher_user, at=at, incident=case, kinds=["other"], meets_threshold=False, reason=WHY
    )
    operations.add_note(
        school=school, actor=headteacher_user, at=at, incident=case, kind="case_note", text="Talked it through."
    )
    page = client_for(headteacher_user).post(
        url("close", case.pk), {"outcome": outcome.value, "outcome_words": "As agreed."}
    )
    assert page.status_code == 302, words(page)
    case.refresh_from_db()
    assert (case.state, case.outcome) == (CaseState.CLOSED, outcome)
    assert case.staff_concern.documents and case.reference


def test_a_private_question_is_read_by_two_people_alone(
    school: School, dsl_user: User, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """STA-15: asked, answered, dated; nobody else learns of it, and what was asked is in no notice."""
    asker, deputy = make_user(Role.TEACHER, school), make_user(Role.DEPUTY_DSL, school)
    browser = client_for(asker)
    given = {"adviser": Role.DSL.label, "question": "May I answer a former pupil’s message?"}
    page = browser.post(url("private-questions"), given, follow=True)
    assert "Not yet" in words(page)
    from incidents.models import AdviceRecord

    one = url("private-question", AdviceRecord.objects.get().pk)
    asked = client_for(dsl_user)
    assert given["question"] in words(asked.get(one))
    for stranger in (headteacher_user, make_user(Role.TEACHER, school)):
        assert client_for(stranger).get(one).status_code == 404
        assert client_for(stranger).post(one, {"answer": "No."}).status_code == 404
    assert client_for(deputy).get(one).status_code == 200  # until it is answered
    assert browser.post(one, {"answer": "Of course."}).status_code in (403, 404, 422)
    assert asked.post(one, {"answer": "No: use the school’s address."}).status_code == 302
    assert "23 November" in words(browser.get(one)) or "8:30am" in words(browser.get(one))
    assert "use the school’s address" in words(browser.get(one))
    assert client_for(deputy).get(one).status_code == 404
    notices = Notice.objects.filter(kind__in=["incidents.question", "incidents.answer"])
    assert {notice.recipient_id for notice in notices} == {dsl_user.pk, deputy.pk, asker.pk}
    assert all("former" not in notice.subject + notice.body for notice in notices)
    alone = browser.post(url("private-questions"), given | {"question": "  "})
    assert alone.status_code == 422


def test_access_given_twice_is_given_once(school: School, case: Incident, headteacher_user: User, at: datetime) -> None:
    """One live way in for each person; a way in that ran out gives way to a new one."""
    person = make_user(Role.SLT, school)
    common = {"school": school, "actor": headteacher_user, "incident": case, "person": person,
              "reason": AccessReason.ADVISES}  # fmt: skip
    operations.give_access(at=at, until=london_day(at), **common)
    with pytest.raises(operations.ReadsAlready):
        operations.give_access(at=at, **common)
    operations.give_access(at=at + timedelta(days=2), **common)
    assert CaseAccess.objects.filter(ended_at__isnull=True).count() == 1


def test_lists_about_staff_cost_the_same_at_one_row_and_at_three(
    school: School, subject: User, headteacher_user: User, at: datetime, client_for: Clients
) -> None:
    """Speed: the register, one person's pattern, the questions; whatever is on record."""
    pages = [url("staff-register"), url("staff-pattern", subject.pk), url("private-questions")]
    browser, asker = client_for(headteacher_user), make_user(Role.TEACHER, school)

    def more() -> None:
        make_case(school, by=asker, at=at, staff=subject, route=Route.LOW_LEVEL_CONCERN)
        make_case(school, by=asker, at=at, staff=make_user(Role.SUPPORT, school), route=Route.LOW_LEVEL_CONCERN)
        operations.ask_privately(
            school=school, actor=asker, at=at, adviser=Role.HEADTEACHER.label, question="May I do this?"
        )

    def cost(page: str) -> int:
        browser.get(page)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(page).status_code == 200
        return len(seen)

    more()
    at_one = [cost(page) for page in pages]
    more()
    more()
    assert [cost(page) for page in pages] == at_one
    assert max(at_one) <= 20
