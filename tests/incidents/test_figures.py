"""Records in figures: counted right, one register for all roads, small numbers hidden, nobody named (INC-40)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.people.models import School, User
from core.people.roles import Role
from core.rules.queries import for_school
from incidents.enums import CaseState, IncidentType, PersonRole, Route
from incidents.models import Incident, StaffConcern
from incidents.queries.figures import CaseFigures, case_figures, readable, register
from incidents.spans import ended_terms, spans_until
from tests.factories import make_pupil, make_school, make_user
from tests.factories.cases import add_person, make_case

HOUR = timedelta(hours=1)


@pytest.fixture
def school(db: None) -> Iterator[School]:
    """One that uses risk areas and levels of need."""
    made = make_school("harbour-view", name="Harbour View School", preset="primary-online-safety")
    with scope(school=made):
        yield made


@pytest.fixture
def teacher(school: School) -> User:
    return make_user(Role.TEACHER, school)


def several(number: int, school: School, **fields: Any) -> list[Incident]:
    """So many records, each about a pupil of its own."""
    named = fields.pop("named", True)
    return [make_case(school, pupil=make_pupil(school) if named else None, **fields) for _number in range(number)]


def figures(counted: Any, school: School, at: datetime) -> CaseFigures:
    day = at.date()
    return case_figures(counted, school, day.replace(month=9, day=1), day, for_school(school, on=day))


def cells(found: CaseFigures, key: str) -> dict[str, int | None]:
    return next({row.label: row.number for row in table.rows} for table in found.tables if table.key == key)


def test_figures_count_every_road_in_one_register(school: School, teacher: User, at: datetime) -> None:
    """INC-39, INC-40: pupils, staff, visitors, parents and systems count together; by type, risk area, level, month,
    phase, place and time of day; drafts and what was joined to another do not count."""
    about = {"by": teacher, "at": at}
    phone = several(7, school, **about, risk_area="conduct", level=1, place="Corridor", acknowledged_at=at + HOUR,
                    acknowledged_by=teacher)  # fmt: skip
    several(6, school, **about, type=IncidentType.ONLINE_BULLYING, is_online=True, level=2)
    several(5, school, **about, type=IncidentType.VISITOR, route=Route.VISITOR, named=False)
    several(5, school, **about, type=IncidentType.OTHER, route=Route.PARENT, named=False)
    several(5, school, **about, type=IncidentType.MONITORING_ALERT, route=Route.SYSTEM, named=False)
    for _number in range(6):
        make_case(school, **about, staff=make_user(Role.SUPPORT, school), type=IncidentType.STAFF_OWN_DEVICE)
    several(3, school, **about, state=CaseState.DRAFT)
    several(3, school, **about, state=CaseState.MERGED, merged_into=phone[0])
    found = figures(register(school), school, at)
    assert found.total == 34
    assert cells(found, "route") == {
        "About a pupil": 13, "About a member of staff": 6, "About a visitor": 5, "About a parent or carer": 5,
        "About a system": 5,
    }  # fmt: skip
    assert cells(found, "type") == {  # without noughts
        "Phone or device used in a lesson": 7, "Bullying online": 6, "Filtering or monitoring alert": 5,
        "About an adult, or something else": 16,
    }  # fmt: skip
    assert cells(found, "level")["Level 1"] == 7
    assert cells(found, "level")["Level 3"] == 0
    assert cells(found, "area") == {"Content": 0, "Contact": 0, "Conduct": 7, "Commerce": 0, "No area": 27}
    assert cells(found, "month") == {"September 2026": 0, "October 2026": 0, "November 2026": 34}
    assert cells(found, "phase") == {
        "Early years": 0, "Primary": 0, "Secondary": 13, "Sixth form": 0, "Of no one phase": 21,
    }  # fmt: skip
    assert (cells(found, "place")["Corridor"], cells(found, "place")["Online"]) == (7, 6)
    assert cells(found, "time")["Before 9am"] == 34
    assert [(pace.half, pace.most) for pace in found.paces] == [("1 hour", None), (None, None)]


def test_figures_hide_small_numbers_and_whether_a_concern_about_staff_exists(
    school: School, teacher: User, at: datetime
) -> None:
    """INC-40: one to four is hidden and with it what a total would give away; nought is shown, but by road it is
    hidden like one to four, and a concern about staff stands by type with everything else, whatever its type."""
    about = {"by": teacher, "at": at}
    several(2, school, **about)
    several(8, school, **about, type=IncidentType.ONLINE_BULLYING)
    several(6, school, **about, type=IncidentType.RECORDING)
    without = figures(register(school), school, at)
    assert list(cells(without, "type").items()) == [  # what is hidden in the list's order, not by its size
        ("Bullying online", 8), ("Phone or device used in a lesson", None), ("Recording or filming", None),
    ]  # fmt: skip
    assert set(cells(without, "route").values()) == {None}
    make_case(school, **about, staff=make_user(Role.SUPPORT, school), type=IncidentType.USED_IN_LESSON)
    told = figures(register(school), school, at)
    assert cells(told, "type")["About an adult, or something else"] is None
    assert cells(told, "type")["Phone or device used in a lesson"] is None
    assert cells(told, "route") == cells(without, "route")

    few = figures(register(school).filter(type=IncidentType.USED_IN_LESSON), school, at)
    assert (few.total, few.tables, few.again, few.paces) == (None, (), None, ())


def test_figures_tell_how_many_pupils_come_again_within_the_window(school: School, teacher: User, at: datetime) -> None:
    """INC-36, INC-40: of the pupils concerned, those with another of the same type in the school's window before."""
    for day in (0, 0, 0, 1, 1, 1):
        pupil = make_pupil(school)
        for before in (0, 5):
            make_case(school, by=teacher, at=at - timedelta(days=day + before), pupil=pupil)
    for type in (IncidentType.USED_IN_LESSON, IncidentType.RECORDING):  # another type is no repeat
        several(5, school, by=teacher, at=at, type=type)
    first, second = several(2, school, by=teacher, at=at, type=IncidentType.HARMFUL_CONTACT)
    add_person(second, at=at, pupil=first.people.get().pupil, role=PersonRole.WITNESS)  # nor having seen it
    pupil = make_pupil(school)
    for at_ in (at, at - timedelta(days=200)):  # nor what lies longer back
        make_case(school, by=teacher, at=at_, pupil=pupil)
    again = figures(register(school), school, at).again
    assert again is not None
    assert (again.pupils, again.again, again.share) == (19, 6, 31.6)


def test_figures_count_for_a_leader_what_they_may_read_and_for_governors_nothing_about_the_head(
    school: School, teacher: User, at: datetime
) -> None:
    """INC-40, ORG-10: nobody works out by subtraction that a record exists which they may not read."""
    head, deputy = make_user(Role.HEADTEACHER, school), make_user(Role.DEPUTY_DSL, school)
    several(6, school, by=teacher, at=at)
    make_case(school, by=teacher, at=at, staff=make_user(Role.SUPPORT, school))
    make_case(school, by=teacher, at=at, staff=head)
    StaffConcern.objects.filter(subject=head).update(head_is_subject=True)
    day = at.date()
    assert figures(readable(deputy, school, day), school, at).total == 6
    assert figures(readable(head, school, day), school, at).total == 7
    assert figures(register(school), school, at).total == 7


def test_figures_cost_the_same_whatever_their_number(school: School, teacher: User, at: datetime) -> None:
    """Nine statements at five records and at fifteen."""
    several(5, school, by=teacher, at=at)
    figures(register(school), school, at)  # rules and calendar are remembered
    counts = []
    for _time in range(2):
        several(5, school, by=teacher, at=at)
        with CaptureQueriesContext(connection) as statements:
            figures(register(school), school, at)
        counts.append(len(statements))
        several(5, school, by=teacher, at=at)
    assert counts == [9, 9]


def test_spans_of_those_who_do_not_read_stand_side_by_side_and_are_over() -> None:
    """INC-40: no two whole terms overlap, none leaves a day out, none is still growing."""
    for today in (date(2026, 11, 23), date(2027, 1, 1), date(2027, 8, 31), date(2028, 2, 29)):
        spans = ended_terms(today)
        assert all(span.until < today for span in spans)
        assert all(older.until + timedelta(days=1) == newer.since for newer, older in pairwise(spans))
    labels = [span.label for span in ended_terms(date(2026, 11, 23))][:3]
    assert labels == ["April to August 2026", "January to March 2026", "September to December 2025"]
    halves = [(date(2026, 9, 2), date(2026, 10, 23)), (date(2026, 11, 2), date(2026, 12, 18))]
    assert [(span.key, span.since) for span in spans_until(date(2026, 11, 23), halves)] == [
        ("half-term", date(2026, 11, 2)), ("term", date(2026, 9, 1)), ("year", date(2026, 9, 1)),
    ]  # fmt: skip


@time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False)
def test_figures_page_gives_governors_whole_terms_and_leaders_any_days(
    school: School, teacher: User, at: datetime, client_for: Callable[[User], Client]
) -> None:
    """INC-40, ORG-10: a governor is offered no days and no list; the file hides what the page hides, on record."""
    past = datetime(2026, 6, 1, 10, tzinfo=at.tzinfo)
    several(9, school, by=teacher, at=past)
    several(3, school, by=teacher, at=past, type=IncidentType.RECORDING)
    several(6, school, by=teacher, at=past, type=IncidentType.ONLINE_BULLYING)
    several(8, school, by=teacher, at=at)
    page, file = (reverse(f"incidents:{name}", args=[school.slug]) for name in ("figures", "figures-csv"))
    inbox = reverse("incidents:inbox", args=[school.slug])
    governor, head = (client_for(make_user(role, school)) for role in (Role.GOVERNOR, Role.HEADTEACHER))

    shown = governor.get(page).content.decode()
    assert "1 April 2026 to 31 August 2026" in shown
    assert "<dd>18</dd>" in shown
    assert 'name="since"' not in shown and inbox not in shown
    for wrong in ({"span": "term"}, {"span": "dates", "since": "2026-06-01", "until": "2026-06-02"}):
        assert governor.get(page, wrong).status_code == 422
        assert governor.post(file, wrong).status_code == 422

    shown = head.get(page).content.decode()
    assert "<dd>8</dd>" in shown and f'href="{inbox}?' in shown
    days = {"span": "dates", "since": "2026-06-01", "until": "2026-06-01"}
    assert "<dd>18</dd>" in head.get(page, days).content.decode()
    wrong = head.get(page, days | {"until": "2026-05-01"})
    assert wrong.status_code == 422 and "The last day comes before the first" in wrong.content.decode()

    sent = governor.post(file, {"span": "2026-04"})
    text = sent.content.decode("utf-8-sig")
    assert sent["Content-Disposition"] == 'attachment; filename="concerns-2026-04-01-to-2026-08-31.csv"'
    assert "All,All,Records,18" in text and "By type,Recording or filming,Records,hidden" in text
    assert Entry.objects.filter(action="incidents.export_figures").count() == 1
    assert client_for(teacher).get(page).status_code == 403
