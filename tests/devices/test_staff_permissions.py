"""Permissions of staff: asking, giving, the list, the look-up, the papers, and the reason that is on none of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from agreements.queries.mine import mine_of
from core.approvals import operations as approvals
from core.approvals.enums import GivenHow, Kind, Level, State
from core.approvals.models import Approval, RiskAssessment
from core.approvals.queries import last_day
from core.audit.models import Entry
from core.notices.models import Notice, OutboxEmail
from core.people.models import School, User
from core.people.roles import Role
from core.rules.models import RecordedDecision
from core.rules.queries import for_school
from devices.enums import ContactChannel, LessonUseReason
from devices.models import StaffLessonUse
from devices.operations.permissions import staff as ops
from devices.queries import staff_permissions as found
from tests.acceptance.conftest import shown
from tests.factories import make_school, make_user

LOCKED, SPOKEN, SILENT = "group-locked-storage", "primary-online-safety", "image-and-conduct"
WHY = "Zephyrglow clinic rings back"
Clients = Callable[[User], Client]


@pytest.fixture
def preset() -> str:
    return SPOKEN


@pytest.fixture
def place(db: None, preset: str, at: datetime) -> Iterator[School]:
    school = make_school("elm-bank", preset=preset)
    with scope(school=school), time_machine.travel(at, tick=False):
        yield school


@pytest.fixture
def head(place: School) -> User:
    return make_user(Role.HEADTEACHER, place)


@pytest.fixture
def teacher(place: School) -> User:
    return make_user(Role.TEACHER, place)


def url(name: str, *args: Any) -> str:
    return reverse(name, args=["elm-bank", *args])


def lesson(at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "at": at, "reason": LessonUseReason.OTHER, "why": WHY, "place": "Room 4", "starts_at": at,
        "ends_at": at + timedelta(hours=1),
    } | more  # fmt: skip


def gives(school: School, by: User, to: User, at: datetime, **more: Any) -> Approval:
    """Leave in writing, for the next hour unless said otherwise."""
    said = lesson(at, given_how=GivenHow.WRITTEN) | more
    row: Approval = ops.give_lesson_use(school=school, actor=by, user=to, **said).approval
    return row


def remote(school: School, teacher: User, head: User, at: datetime) -> Approval:
    """Remote teaching, assessed and approved."""
    who = {"school": school, "actor": teacher, "at": at}
    row = ops.ask_remote_teaching(
        **who, why=WHY, device="Own tablet", starts_on=at.date(), ends_on=at.date() + timedelta(days=4)
    ).approval
    assessed = assessment(school, teacher, at)
    approvals.attach_assessment(**who, approval=row, assessment=assessed)
    return approvals.approve(school=school, actor=head, at=at, approval=row, because="No laptop is left")


def assessment(school: School, by: User, at: datetime) -> RiskAssessment:
    who = {"school": school, "actor": by, "at": at}
    row = approvals.begin_assessment(
        **who, title="Teaching from home", activity="Lessons by video", review_on=date(2027, 3, 1)
    )
    approvals.add_hazard(
        **who, assessment=row, hazard="Family is seen", harmed="The family", likelihood=Level.LOW,
        severity=Level.MEDIUM, controls="A plain background", residual=Level.LOW,
    )  # fmt: skip
    return approvals.complete_assessment(**who, assessment=row, conclusion="It can go ahead")


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return re.sub(r"\s+", " ", " ".join(page.get_textpage().get_text_range() for page in pages))


# --- Asking, giving, logging ---


def test_give_lesson_use_by_somebody_else_than_the_rule_names_is_refused(
    place: School, head: User, teacher: User, at: datetime
) -> None:
    """STA-01: the authoriser fits the preset; nobody gives it to themselves."""
    with pytest.raises(approvals.NotTheOneToDecide):
        gives(place, make_user(Role.SLT, place), teacher, at)
    with pytest.raises(approvals.NotByOneself):
        gives(place, head, head, at)
    with pytest.raises(ops.NotOnStaff):
        gives(place, head, make_user(Role.GOVERNOR, place), at)
    with pytest.raises(ops.SayWhy):
        gives(place, head, teacher, at, why=" ")
    assert not Approval.objects.exists()
    assert gives(place, head, teacher, at, reason=LessonUseReason.EMERGENCY, why="").state == State.LIVE


@pytest.mark.parametrize("preset", [LOCKED])
def test_spoken_leave_where_the_rules_want_writing_is_refused_and_on_record(
    place: School, head: User, teacher: User, at: datetime
) -> None:
    """STA-02: both ways of logging it."""
    with pytest.raises(ops.FormRefused):
        gives(place, head, teacher, at, given_how=GivenHow.VERBAL)
    with pytest.raises(ops.FormRefused):
        ops.log_lesson_use(school=place, actor=teacher, giver=head, **lesson(at))
    assert not Approval.objects.exists()


@pytest.mark.parametrize("preset", [SILENT])
def test_where_the_rules_are_silent_a_leader_decides_and_says_why_they_do(
    place: School, teacher: User, at: datetime
) -> None:
    """Matrix 0.3, STA-01, STA-12: the answer is kept; an assessment is asked for where nothing leaves it out."""
    leader = make_user(Role.SLT, place)
    with pytest.raises(approvals.ReasonNeeded):
        gives(place, leader, teacher, at)
    assert gives(place, leader, teacher, at, because="The head is away").state == State.LIVE
    assert RecordedDecision.objects.filter(key="staff_lesson_use_by").count() == 1
    asked = ops.ask_remote_teaching(
        school=place, actor=teacher, at=at, why=WHY, device="Own tablet", starts_on=at.date(), ends_on=at.date()
    )
    assert asked.approval.needs_assessment


def test_request_sent_back_is_changed_in_the_shape_it_was_asked_in(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    """STA-01, STA-09: times where it runs by the clock, days where it runs by days; the limits stay."""
    use = ops.ask_lesson_use(school=place, actor=teacher, **lesson(at)).approval
    contact = ops.ask_staff_contact(
        school=place, actor=teacher, at=at, whom="A mother", purpose="The trip", channel=ContactChannel.TEXT,
        starts_on=at.date(), ends_on=at.date() + timedelta(days=7),
    ).approval  # fmt: skip
    for row in (use, contact):
        approvals.send_back(school=place, actor=head, at=at, approval=row, because="Shorter, please")
    browser = client_for(teacher)
    days = browser.get(url("devices:change-staff-request", contact.pk)).content.decode()
    assert "2026-11-30" in days and "to_time" not in days
    browser.post(
        url("devices:change-staff-request", contact.pk),
        {"note": "Two days", "starts_on": "2026-11-24", "ends_on": "2026-11-25"},
    )
    browser.post(
        url("devices:change-staff-request", use.pk),
        {"note": "Half an hour", "first_day": "2026-11-23", "from_time": "10:00", "to_time": "10:30"},
    )
    use.refresh_from_db()
    contact.refresh_from_db()
    assert (use.sent_back_at, use.places, use.ends_at - use.starts_at) == (None, ["Room 4"], timedelta(minutes=30))
    assert (contact.sent_back_at, last_day(contact)) == (None, date(2026, 11, 25))
    other = client_for(make_user(Role.TEACHER, place))
    assert other.get(url("devices:change-staff-request", use.pk)).status_code == 404


# --- The list and the look-up ---


def test_list_parts_what_holds_from_what_comes_and_what_is_over(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    """STA-01, STA-18: leaders see everybody’s, a teacher their own."""
    colleague = make_user(Role.TEACHER, place)
    gives(place, head, teacher, at, place="Room 4")
    gives(
        place, head, colleague, at, place="Room 5", starts_at=at + timedelta(hours=2), ends_at=at + timedelta(hours=3)
    )
    gives(place, head, colleague, at, place="Room 6")
    ended = Approval.objects.latest("pk")
    approvals.withdraw(school=place, actor=head, at=at, approval=ended, because="Misused")
    page = url("devices:staff-permissions")
    answer = client_for(head).get(page)
    said, whole = shown(answer), answer.content.decode()
    order = ["<h2>In force now", "Room 4", "<h2>Coming and waiting", "Room 5", "<h2>Over", "Room 6"]
    places = [whole.index(one) for one in order]
    assert places == sorted(places)
    own = shown(client_for(teacher).get(page))
    assert "Room 4" in own and "Room 5" not in own and "Room 6" not in own
    assert WHY not in said + own


def test_what_holds_is_listed_however_much_came_after_it(
    place: School, head: User, teacher: User, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in force falls out of the list; what is over is cut, and the page says so."""
    monkeypatch.setattr(found, "OVER_SHOWN", 2)
    first = gives(place, head, teacher, at, ends_at=at + timedelta(days=100))
    for number in range(3):
        row = gives(place, head, teacher, at + timedelta(minutes=number))
        approvals.withdraw(school=place, actor=head, at=at + timedelta(minutes=9), approval=row, because="Done")
    listed = found.staff_permissions(head, place, at + timedelta(minutes=10))
    assert (listed.now, len(listed.over)) == ([first], 2)


def test_list_costs_the_same_for_one_and_three(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    browser, page = client_for(head), url("devices:staff-permissions")

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(page, {"who": teacher.pk}).status_code == 200
        return len(caught)

    def one_more(number: int) -> None:
        gives(place, head, teacher, at, ends_at=at + timedelta(hours=number))
        row = gives(place, head, make_user(Role.TEACHER, place), at)
        approvals.withdraw(school=place, actor=head, at=at, approval=row, because="Done")

    one_more(1)
    browser.get(page)
    alone = cost()
    for number in (2, 3):
        one_more(number)
    assert cost() == alone


def test_look_up_says_whether_a_colleague_may_use_theirs_now_and_within_what(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    """STA-01, STA-06: a leader asks about one colleague; place and time stand beside the yes, the reason nowhere."""
    gives(place, head, teacher, at)
    leader, page = make_user(Role.SLT, place), url("devices:staff-permissions")

    def answer(who: object) -> str:
        said = shown(client_for(leader).get(page, {"who": who}))
        return said[said.index("May a colleague use theirs now?") :]

    yes = answer(teacher.pk)
    assert "Own device in teaching time Yes Room 4. 23 November 2026, 8:30am to 9:30am." in yes
    assert "Contact by an own device No" in yes and WHY not in yes
    assert "Own device in teaching time No" in answer(head.pk)
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        assert "Own device in teaching time No" in answer(teacher.pk)
    assert client_for(leader).get(page, {"who": 999999}).status_code == 200
    assert "May a colleague" not in shown(client_for(teacher).get(page, {"who": head.pk}))


# --- On paper ---


def test_slip_says_who_when_where_and_by_whom_and_never_why(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    """DOC-18, STA-01, law AP-6: whoever carries it can show it."""
    row = gives(place, head, teacher, at, given_how=GivenHow.VERBAL)
    browser = client_for(teacher)
    assert url("devices:staff-slip", row.pk) in browser.get(url("overview:approval", row.pk)).content.decode()
    made = browser.get(url("devices:staff-slip", row.pk))
    said = text_of(made.content)
    for words in (
        teacher.full_name, "23 November 2026, 8:30am to 9:30am", "Room 4", head.full_name, "By word of mouth",
        row.reference, "In force", "Confirmed", "as it stood on",
    ):  # fmt: skip
        assert words in said, words
    assert "Zephyrglow" not in said and "Another reason" not in said
    assert client_for(make_user(Role.TEACHER, place)).get(url("devices:staff-slip", row.pk)).status_code == 404
    entry = Entry.objects.get(action="devices.print_permission")
    assert (entry.outcome, entry.detail) == ("exported", {"as": "slip"})


def test_slip_of_a_spoken_one_says_that_it_does_not_hold_until_it_is_confirmed(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    """DOC-18, STA-02; a request has no slip yet, a refusal none at all."""
    row = ops.log_lesson_use(school=place, actor=teacher, giver=head, **lesson(at)).approval
    browser = client_for(teacher)
    said = text_of(browser.get(url("devices:staff-slip", row.pk)).content)
    assert "Given, to be confirmed" in said and "Not yet: it does not hold" in said
    asked = ops.ask_lesson_use(school=place, actor=teacher, **lesson(at)).approval
    assert browser.get(url("devices:staff-slip", asked.pk)).status_code == 404
    approvals.decline(
        school=place, actor=head, at=at, approval=asked, because="The office rings", review_route="Ask again"
    )
    assert browser.get(url("devices:staff-slip", asked.pk)).status_code == 404


@pytest.mark.parametrize("preset", [LOCKED])
def test_remote_teaching_paper_has_assessment_and_approval_for_those_who_may_know(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    """DOC-19, STA-12, law AP-6: whoever asked and whoever decides; a leader who does neither gets no paper."""
    row = remote(place, teacher, head, at)
    page, paper = url("overview:approval", row.pk), url("devices:remote-teaching-paper", row.pk)
    for reader in (teacher, head):
        browser = client_for(reader)
        assert paper in browser.get(page).content.decode()
    said = text_of(browser.get(paper).content)
    for words in (
        WHY, "Own tablet", "Teaching from home", "Lessons by video", "Family is seen", "The family", "Low, medium",
        "A plain background", "It can go ahead", "1 March 2027", head.full_name, "No laptop is left", "headteacher",
    ):  # fmt: skip
        assert words in said, words
    leader = client_for(make_user(Role.SLT, place))
    assert paper not in leader.get(page).content.decode()
    assert leader.get(paper).status_code == 404


# --- Who is told, and what is not ---


@pytest.mark.parametrize("preset", [SPOKEN])
def test_why_is_in_no_notice_email_entry_or_page_of_others(
    place: School, head: User, teacher: User, at: datetime, client_for: Clients
) -> None:
    """Law AP-6."""
    row = ops.ask_lesson_use(school=place, actor=teacher, **lesson(at)).approval
    approvals.approve(school=place, actor=head, at=at, approval=row)
    remote(place, teacher, head, at)
    kept = [f"{one.subject} {one.body}" for one in Notice.objects.all()]
    kept += [f"{one.subject} {one.text}" for one in OutboxEmail.objects.all()]
    kept += [str(one.detail) for one in Entry.objects.all()]
    leader = client_for(make_user(Role.SLT, place))
    kept.append(shown(leader.get(url("devices:staff-permissions"))))
    kept += [shown(leader.get(url("overview:approval", one.pk))) for one in Approval.objects.all()]
    assert kept and not [one for one in kept if "Zephyrglow" in one]
    assert StaffLessonUse.objects.get().why == WHY


def test_own_page_names_what_lapses_and_not_what_was_only_asked_for(
    place: School, head: User, teacher: User, at: datetime
) -> None:
    """STA-18, NOT-18: what is in force and ends within thirty days."""
    gives(place, head, teacher, at, ends_at=at + timedelta(days=9))
    gives(place, head, teacher, at, ends_at=at + timedelta(days=60))
    ops.ask_lesson_use(school=place, actor=teacher, **lesson(at, ends_at=at + timedelta(days=5)))
    mine = mine_of(teacher, place, at.date())
    assert len(mine.permissions) == 3
    assert [(one.what, one.on) for one in mine.lapsing] == [(Kind.STAFF_LESSON_USE.label, date(2026, 12, 2))]


def test_covering_is_what_held_at_the_moment_and_not_before_or_after(
    place: School, head: User, teacher: User, at: datetime
) -> None:
    """STA-08: an arrangement made afterwards covers nothing, one withdrawn since still covered it then."""
    row = ops.ask_staff_contact(
        school=place, actor=teacher, at=at, whom="A mother", purpose="The trip", channel=ContactChannel.CALL,
        starts_on=at.date(), ends_on=at.date() + timedelta(days=2),
    ).approval  # fmt: skip
    later = at + timedelta(hours=2)
    approvals.approve(school=place, actor=head, at=later, approval=row, because="For the trip")
    approvals.withdraw(school=place, actor=head, at=later + timedelta(hours=2), approval=row, because="The trip is off")
    held = {
        hours: found.covering(place, teacher, at + timedelta(hours=hours), Kind.STAFF_CONTACT) for hours in (1, 3, 5)
    }
    assert held == {1: [], 3: [row], 5: []}
    assert not found.covering(place, head, at + timedelta(hours=3))


@pytest.mark.parametrize("preset", [LOCKED, SPOKEN, SILENT])
def test_rules_for_staff_say_of_contact_what_the_rule_says(
    place: School, preset: str, teacher: User, client_for: Clients
) -> None:
    """STA-05, STA-08, STA-11: never, by an arrangement, or left to judgement; and never two things at once."""
    said = shown(client_for(teacher).get(url("devices:staff-rules")))
    assert "Short-range sharing is hidden or off in lessons." in said
    assert ("their parents and carers." in said) == (preset == LOCKED)
    assert ("an arrangement agreed beforehand" in said) == (preset == SPOKEN)
    silent = [one for one in found.rules_for_staff(for_school(place, on=date(2026, 11, 23))) if one.is_open]
    assert said.count("The school’s rules do not say. Ask before you do.") == len(silent)


def test_same_form_twice_gives_once(place: School, head: User, teacher: User, at: datetime) -> None:
    key = uuid4()
    assert {gives(place, head, teacher, at, submission=key).pk for _ in range(2)} == {Approval.objects.get().pk}
