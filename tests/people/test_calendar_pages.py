"""Terms, odd days and the times of a day; every change is a new version for each process (ORG-17)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.audit.models import Entry
from core.people import operations, queries
from core.people.access import NotPermitted
from core.people.calendar import calendar_for
from core.people.models import CalendarDay, DayTime, School, Term, User
from core.people.operations.calendar import DaysOutOfOrder, TermDatesOutOfOrder, TermsOverlap, TimesOutOfOrder
from core.people.roles import Role
from tests.factories import make_user
from tests.people.conftest import at_once

MONDAY = date(2026, 11, 23)


def term(school: School, actor: Any, at: datetime, **changed: Any) -> Term:
    values = {"name": "Autumn 2", "starts_on": date(2026, 11, 2), "ends_on": date(2026, 12, 18)} | changed
    return operations.save_term(school=school, actor=actor, at=at, **values)


def times(school: School, actor: Any, at: datetime, since: date = MONDAY, **given: Any) -> School:
    weekday = given.pop("weekday", None)
    return operations.set_times(school=school, actor=actor, at=at, effective_from=since, weekday=weekday, times=given)


def test_save_term_makes_its_weekdays_school_days(school: School, administrator_user: User, at: datetime) -> None:
    term(school, administrator_user, at)
    known = calendar_for(school)
    assert known.is_school_day(MONDAY)
    assert not known.is_school_day(MONDAY + timedelta(days=5))
    assert not known.is_school_day(date(2026, 12, 21))


def test_save_term_changes_and_takes_out(school: School, administrator_user: User, at: datetime) -> None:
    row = term(school, administrator_user, at)
    version = school.calendar_version
    term(school, administrator_user, at, term=row, version=1, ends_on=date(2026, 12, 17))
    assert school.calendar_version == version + 1
    operations.take_out_term(school=school, actor=administrator_user, at=at, term=row)
    assert not Term.objects.exists() and row.history.count() == 3
    assert Entry.objects.get(action="people.take_out_term").detail["old"]["name"] == "Autumn 2"


def test_save_term_overlap_and_wrong_dates_are_refused(school: School, administrator_user: User, at: datetime) -> None:
    term(school, administrator_user, at)
    with pytest.raises(TermsOverlap, match="Autumn 2"):
        term(school, administrator_user, at, starts_on=date(2026, 12, 18), ends_on=date(2027, 1, 20))
    with pytest.raises(TermDatesOutOfOrder):
        term(school, administrator_user, at, starts_on=date(2027, 1, 20), ends_on=date(2027, 1, 19))
    with pytest.raises(TermDatesOutOfOrder):
        term(school, administrator_user, at, starts_on=date(2027, 1, 20), ends_on=date(2028, 1, 19))


@pytest.mark.django_db(transaction=True)
def test_save_term_two_writers_of_one_week_leave_one(school: School, at: datetime) -> None:
    admin = make_user(Role.ADMINISTRATOR, school)
    results = at_once(
        school,
        lambda: term(school, admin, at),
        lambda: term(school, admin, at, name="Other", starts_on=date(2026, 11, 9)),
    )
    assert sorted(type(result).__name__ for result in results) == ["Term", "TermsOverlap"]


def test_set_days_makes_and_unmakes(school: School, administrator_user: User, at: datetime) -> None:
    """ORG-17: inset and holidays; weekends inside a run are left alone."""
    term(school, administrator_user, at)
    friday = date(2026, 11, 27)
    common = {"school": school, "actor": administrator_user, "at": at}
    operations.set_days(**common, first=friday, last=friday + timedelta(days=3), kind="inset", note="Training")
    assert CalendarDay.objects.count() == 2
    assert not calendar_for(school).is_school_day(friday)
    operations.set_days(**common, first=friday, last=friday, kind="")
    assert calendar_for(school).is_school_day(friday) and CalendarDay.objects.count() == 1
    saturday = date(2026, 11, 28)
    operations.set_days(**common, first=saturday, last=saturday, kind="school")
    assert calendar_for(school).is_school_day(saturday)
    with pytest.raises(DaysOutOfOrder):
        operations.set_days(**common, first=friday, last=MONDAY, kind="closed")
    with pytest.raises(DaysOutOfOrder):
        operations.set_days(**common, first=friday, last=date(2027, 11, 27), kind="closed")


def test_set_times_for_all_days_and_for_one_weekday_from_a_date(
    school: School, administrator_user: User, at: datetime
) -> None:
    """ORG-17: the weekday's own time stands above; earlier days keep theirs."""
    times(school, administrator_user, at, start=time(8, 30), end_of_day=time(15, 0))
    times(school, administrator_user, at, weekday=4, end_of_day=time(14, 0))
    later = MONDAY + timedelta(days=14)
    times(school, administrator_user, at, since=later, start=time(8, 35))
    known = calendar_for(school)
    assert known.time_on(MONDAY, "end_of_day") == time(15, 0)
    assert known.time_on(MONDAY + timedelta(days=4), "end_of_day") == time(14, 0)
    assert known.time_on(MONDAY, "start") == time(8, 30) and known.time_on(later, "start") == time(8, 35)
    assert known.time_on(MONDAY - timedelta(days=7), "start") == time(8, 45), "a default, before it was set"
    assert DayTime.objects.count() == 4


def test_set_times_again_for_the_same_day_corrects(school: School, administrator_user: User, at: datetime) -> None:
    times(school, administrator_user, at, start=time(8, 30))
    times(school, administrator_user, at, start=time(8, 40))
    assert DayTime.objects.get().time == time(8, 40)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"cutoff": time(8, 45)}, "cutoff"),
        ({"start": time(9, 30)}, "start"),
        ({"break_end": time(10, 45)}, "break_end"),
        ({"lunch_start": time(10, 50)}, "lunch_start"),
        ({"end_of_day": time(12, 0)}, "end_of_day"),
        ({"office_close": time(15, 0)}, "office_close"),
        ({"end_of_day": time(17, 0), "weekday": 2}, "end_of_day"),
    ],
)
def test_set_times_out_of_order_is_refused_at_its_field(
    school: School, administrator_user: User, at: datetime, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(TimesOutOfOrder) as caught:
        times(school, administrator_user, at, **given)
    assert caught.value.field == field and not DayTime.objects.exists()


def test_set_times_that_would_break_a_later_day_is_refused(
    school: School, administrator_user: User, at: datetime
) -> None:
    later = MONDAY + timedelta(days=7)
    times(school, administrator_user, at, since=later, weekday=2, end_of_day=time(14, 0), office_close=time(14, 30))
    with pytest.raises(TimesOutOfOrder, match="Wednesday"):
        times(school, administrator_user, at, lunch_end=time(14, 10))
    times(school, administrator_user, at, end_of_day=time(15, 30), office_close=time(16, 0))


def test_calendar_operations_need_the_permission(school: School, office_user: User, at: datetime) -> None:
    with pytest.raises(NotPermitted):
        term(school, office_user, at)
    with pytest.raises(NotPermitted):
        times(school, office_user, at, start=time(8, 30))
    with pytest.raises(NotPermitted):
        operations.set_days(school=school, actor=office_user, at=at, first=MONDAY, last=MONDAY, kind="closed")


def test_calendar_constraints_hold_in_the_database(school: School) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.create(school=school, name="X", starts_on=MONDAY, ends_on=MONDAY - timedelta(days=1))
    DayTime.objects.create(school=school, key="start", time=time(8), effective_from=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        DayTime.objects.create(school=school, key="start", time=time(9), effective_from=MONDAY)


def test_month_of_says_what_each_day_is(school: School, administrator_user: User, at: datetime) -> None:
    term(school, administrator_user, at)
    operations.set_days(
        school=school, actor=administrator_user, at=at, first=MONDAY, last=MONDAY, kind="closed", note="Boiler"
    )
    days = {day.date: day for week in queries.month_of(school, 2026, 11) for day in week}
    assert (days[MONDAY].word, days[MONDAY].note) == ("Closed", "Boiler")
    assert days[date(2026, 11, 24)].word == "School" and days[date(2026, 11, 22)].word == "Weekend"
    assert days[date(2026, 10, 30)].word == "No school" and not days[date(2026, 10, 30)].in_month


def test_calendar_pages(school: School, administrator_user: User, office_user: User, client_for: Any) -> None:
    client, base = client_for(administrator_user), f"/{school.slug}/people/calendar/"
    assert client_for(office_user).get(base).status_code == 403
    assert "every weekday counts as a school day" in client.get(base).content.decode()
    form = {"name": "Autumn 2", "starts_on": "2026-11-02", "ends_on": "2026-12-18"}
    assert client.post(base + "terms/add/", form | {"ends_on": "2026-10-01"}).status_code == 422
    assert client.post(base + "terms/add/", form).status_code == 302
    row = Term.objects.get()
    assert client.get(f"{base}terms/{row.pk}/").status_code == 200
    assert client.post(f"{base}terms/{row.pk}/", form | {"name": "Autumn B", "version": "1"}).status_code == 302
    clash = client.post(f"{base}terms/{row.pk}/", form | {"name": "Autumn C", "version": "1"})
    assert clash.status_code == 422 and "Autumn B" in clash.content.decode()
    days = {"first": "2026-11-27", "kind": "inset", "note": "Training day"}
    assert client.post(base + "days/", {"first": "2026-11-27"}).status_code == 422
    assert client.post(base + "days/", days)["Location"] == f"{base}?month=2026-11"
    assert "Training day" in client.get(base, {"month": "2026-11"}).content.decode()
    clear = client.post(base + "days/", {"first": "2026-11-27", "last": "2026-11-27", "kind": "ordinary"})
    assert clear.status_code == 302 and not CalendarDay.objects.exists()
    assert client.get(base + "times/").status_code == 200
    assert client.post(base + "times/", {"effective_from": "2026-11-23"}).status_code == 422
    early = {"effective_from": "2026-11-23", "weekday": "4", "office_close": "14:00"}
    assert "Office closes" in client.post(base + "times/", early).content.decode()
    assert client.post(base + "times/", early | {"office_close": "15:45"}).status_code == 302
    assert client.get(base, {"month": "nonsense"}).status_code == 200
    assert client.post(f"{base}terms/{row.pk}/take-out/").status_code == 302
    assert client.get(f"{base}terms/{row.pk}/").status_code == 404


def test_calendar_page_statements_do_not_grow(
    school: School, administrator_user: User, client_for: Any, statements: Any, at: datetime
) -> None:
    client, base = client_for(administrator_user), f"/{school.slug}/people/calendar/"
    term(school, administrator_user, at)
    one = statements(client, base)
    term(school, administrator_user, at, name="S", starts_on=date(2027, 1, 4), ends_on=date(2027, 2, 12))
    operations.set_days(school=school, actor=None, at=at, first=MONDAY, last=MONDAY + timedelta(days=2), kind="closed")
    client.get(base)
    assert statements(client, base) == one
