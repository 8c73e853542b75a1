"""Closing the day: counted, accounted for, kept as it stood; the day on one page; what the school chose (W3)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django_scopes import scope
from pytest_django import DjangoAssertNumQueries

from core.people.access import NotPermitted
from core.people.models import School, User
from devices.enums import EventKind, Flag
from devices.models import CustodyEvent, CustodyRecord, DayClose, DeskSettings, Gate, PupilDevice
from devices.operations import (
    ClosedMeanwhile,
    DifferenceUnexplained,
    ReasonsMissing,
    add_device,
    change_desk_settings,
    close_day,
    correct_custody,
    hand_in_device,
    keep_overnight,
    mark_uncollected,
    return_device,
    send_chase,
)
from devices.queries import day_summary, desk_settings, moved_since
from tests.factories import make_pupil, make_school, make_user

CLOSE, DAY = "/harbour-view/devices/close/", "/harbour-view/devices/day/"
SETTINGS = "/harbour-view/devices/close/settings/"


@pytest.fixture
def evening(at: datetime) -> datetime:
    return at.replace(hour=15, minute=45)


@pytest.fixture
def stays(phone: PupilDevice, types: Any, office_user: User, at: datetime) -> list[CustodyRecord]:
    """Three devices that came in."""
    school, pupils = phone.school, [phone.pupil]
    for surname in ("Marsh", "Nkemelu"):
        pupils.append(make_pupil(school, "Lena", surname, form=phone.pupil.form))
        add_device(school=school, actor=None, at=at, pupil=pupils[-1], type=types["phone"])
    return [hand_in_device(school=school, actor=office_user, at=at, pupil=pupil, switched_off=True) for pupil in pupils]


def give_back(stay: CustodyRecord, user: User, at: datetime) -> CustodyRecord:
    return return_device(school=stay.school, actor=user, at=at, custody=stay)


def close(school: School, user: User, at: datetime, counted: int, **more: Any) -> DayClose:
    return close_day(school=school, actor=user, at=at, counted=counted, **more)


def test_close_day_keeps_the_figures_as_they_stood(
    stays: list[CustodyRecord], office_user: User, evening: datetime
) -> None:
    """W3, DEV-07, DEV-09: one returned, one kept by decision, one with a reason; who closed it and what was counted."""
    first, second, third = stays
    give_back(first, office_user, evening)
    keep_overnight(
        school=first.school, actor=office_user, at=evening, custody=second, reason="Trip.",
        keep_until=date(2026, 11, 24),
    )  # fmt: skip
    key = uuid.uuid4()
    reasons = {third.pk: "Bus 3:20"}
    closed = close(first.school, office_user, evening, 2, reasons=reasons, submission=key)
    assert close(first.school, office_user, evening, 2, reasons=reasons, submission=key) == closed
    assert (closed.number, closed.balances, closed.closed_by) == (1, True, office_user)
    kept = {name: closed.figures[name] for name in ("handed_in", "returned", "still_here", "kept", "counted", "aside")}
    assert kept == {"handed_in": 3, "returned": 1, "still_here": 2, "kept": 1, "counted": 2, "aside": 0}
    note = CustodyEvent.objects.get(custody=third, kind=EventKind.NOTE)
    assert note.note == "Still here when the day was closed: Bus 3:20"


def test_close_day_needs_a_decision_or_a_reason_for_each_device_left(
    stays: list[CustodyRecord], office_user: User, evening: datetime
) -> None:
    """W3: needs a reason for each device left; a decision that waits for its second name is none."""
    change_desk_settings(
        school=stays[0].school, actor=office_user, at=evening, overnight_two_names=True, tell_parents_uncollected=False
    )
    keep_overnight(
        school=stays[0].school, actor=office_user, at=evening, custody=stays[0], reason="Trip.",
        keep_until=date(2026, 11, 24),
    )  # fmt: skip
    with pytest.raises(ReasonsMissing) as refused:
        close(stays[0].school, office_user, evening, 3, reasons={stays[1].pk: "Bus"})
    assert set(refused.value.custody_ids) == {stays[0].pk, stays[2].pk}
    assert not DayClose.objects.exists()
    assert not CustodyEvent.objects.filter(kind=EventKind.NOTE).exists()


def test_close_day_difference_has_to_be_said(stays: list[CustodyRecord], office_user: User, evening: datetime) -> None:
    """W3: a count that differs does not balance, and is kept with what is known about it; the database insists too."""
    school = stays[0].school
    for stay in stays:
        give_back(stay, office_user, evening)
    with pytest.raises(DifferenceUnexplained, match="You counted 1, and 0 should be there"):
        close(school, office_user, evening, 1)
    closed = close(school, office_user, evening, 1, note="A red phone without a name lies in the safe.")
    assert (closed.balances, closed.note) == (False, "A red phone without a name lies in the safe.")
    silent = DayClose(school=school, day=evening.date(), number=9, closed_at=evening, closed_by=office_user,
                      balances=False)  # fmt: skip
    with pytest.raises(IntegrityError, match="devices_dayclose_difference_said"), transaction.atomic():
        silent.save()


def test_close_day_again_after_a_correction(stays: list[CustodyRecord], office_user: User, evening: datetime) -> None:
    """W3: a day that was put right is closed again, as number 2; the first stays as it was."""
    school, later = stays[0].school, evening + timedelta(minutes=20)
    for stay in stays:
        give_back(stay, office_user, evening)
    first = close(school, office_user, evening, 0)
    assert not moved_since(school, first)
    correct_custody(
        school=school, actor=office_user, at=later, custody=stays[0], kind="not_returned", note="Still in its slot."
    )
    assert moved_since(school, first)
    with pytest.raises(ClosedMeanwhile):
        close(school, office_user, later, 1, reasons={stays[0].pk: "Fetched tomorrow"})
    second = close(school, office_user, later, 1, reasons={stays[0].pk: "Fetched tomorrow"}, after=1)
    assert (second.number, second.figures["still_here"], first.figures["still_here"]) == (2, 1, 0)


def test_close_day_needs_the_desk_permission(school: School, governor_user: User, evening: datetime) -> None:
    with pytest.raises(NotPermitted):
        close(school, governor_user, evening, 0)


def test_close_page_lists_what_is_left_and_asks_for_reasons(
    stays: list[CustodyRecord], office_user: User, client_for: Callable[[User], Client], evening: datetime
) -> None:
    """W3: figures, slot, since when, what can be done; a missing reason is asked for beside its device."""
    give_back(stays[0], office_user, evening)
    with time_machine.travel(evening, tick=False):
        desk = client_for(office_user)
        page = desk.get(CLOSE).content.decode()
        assert "1 returned · 2 still here" in page
        for words in ("Marsh, Lena", "Keep overnight…", "since 8:30am", "2 should be there"):
            assert words in page
        fields = {"counted": "2", "after": "0", f"reason_{stays[1].pk}": "Bus 3:20"}
        refused = desk.post(CLOSE, fields)
        assert refused.status_code == 422
        assert refused.content.decode().count("Say why the device of Lena Nkemelu is still here") == 2, (
            "in the summary and at the box"
        )
        assert "Bus 3:20" in refused.content.decode(), "what was typed is kept"
        wrong = desk.post(CLOSE, fields | {f"reason_{stays[2].pk}": "Ill", "counted": "5"})
        assert "You counted 5, and 2 should be there." in wrong.content.decode()
        done = desk.post(CLOSE, fields | {f"reason_{stays[2].pk}": "Ill"}, follow=True).content.decode()
    assert "The day is closed." in done
    assert "2 counted in the places" in done
    assert DayClose.objects.get().balances


def test_close_page_does_not_show_numbers_to_who_may_not_see_contacts(
    stays: list[CustodyRecord], office_user: User, teacher_user: User, client_for: Callable[[User], Client],
    evening: datetime,
) -> None:  # fmt: skip
    """ORG-13: in a school where any staff take devices in, a teacher closes the day without the parents' numbers."""
    from tests.factories import make_contact

    make_contact(stays[0].pupil, mobile="01632 960111")
    make_contact(stays[0].pupil, "Barred", mobile="01632 960222", do_not_inform=True, may_collect=False)
    with time_machine.travel(evening, tick=False):
        office = client_for(office_user).get(CLOSE).content.decode()
        teacher = client_for(teacher_user).get(CLOSE)
    assert "01632 960111" in office
    assert "01632 960222" not in office
    assert teacher.status_code == 200
    assert "01632 960111" not in teacher.content.decode()


def test_close_page_costs_the_same_at_one_row_and_at_three(
    phone: PupilDevice, types: Any, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    with time_machine.travel(at, tick=False):
        desk = client_for(office_user)
        for number in range(3):
            pupil = make_pupil(phone.school, form=phone.pupil.form)
            add_device(school=phone.school, actor=None, at=at, pupil=pupil, type=types["phone"])
            hand_in_device(school=phone.school, actor=office_user, at=at, pupil=pupil, switched_off=True)
            desk.get(CLOSE)
            with CaptureQueriesContext(connection) as asked:
                desk.get(CLOSE)
            counts.append(len(asked))
            del number
    assert counts[0] == counts[2]


def test_day_summary_says_what_was_out_of_the_ordinary(
    stays: list[CustodyRecord],
    office_user: User,
    form_tutor_user: User,
    client_for: Callable[[User], Client],
    evening: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """W3: figures, each gate, exceptions by kind, uncollected, who decided, who was told and who closed, of any day."""
    school = stays[0].school
    gate = Gate(school=school, name="Front gate")
    gate.stamp(by=office_user, at=evening)
    gate.save()
    stays[0].gate, stays[0].flags = gate, [Flag.OFFLINE, Flag.LATE]
    stays[0].save()
    send_chase(school=school, actor=office_user, at=evening)
    keep_overnight(
        school=school, actor=office_user, at=evening, custody=stays[1], reason="Trip.", keep_until=date(2026, 11, 24)
    )
    mark_uncollected(school=school, actor=None, at=evening.replace(hour=17))
    close(school, office_user, evening, 3, reasons={stay.pk: "Late bus" for stay in stays})
    give_back(stays[0], office_user, evening + timedelta(days=1))
    with django_assert_max_num_queries(14):
        summary = day_summary(school, evening.date(), handin_types=frozenset({"phone"}))
    assert summary.gates == [("Front gate", 1), ("No gate said", 2)]
    assert summary.flags == [(str(Flag.LATE.label), 1), (str(Flag.OFFLINE.label), 1)]
    assert (summary.returned_later, len(summary.uncollected), len(summary.kept)) == (1, 3, 1)
    assert (len(summary.chases), len(summary.closes)) == (1, 1)
    with time_machine.travel(evening + timedelta(days=1), tick=False):
        browser = client_for(form_tutor_user)
        page = browser.get(f"{DAY}?day=2026-11-23").content.decode()
        sheet = browser.get(f"{DAY}print/?day=2026-11-23").content.decode()
        nothing = browser.get(f"{DAY}?day=2026-11-19").content.decode()
        assert browser.get(f"{DAY}?day=banana").status_code == 200
    for words in ("Front gate: 1", "1 on a later day", "Trip. (until 24 November 2026", "3 counted in the places"):
        assert words in page
        assert words in sheet
    assert "This day was not closed." in nothing


def test_desk_settings_change_and_two_at_once(
    school: School, office_user: User, form_tutor_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """The school's choice is versioned: the second of two people sees what the first saved."""
    assert desk_settings(school).pk is None
    assert not desk_settings(school).tell_parents_uncollected
    with time_machine.travel(at, tick=False):
        browser = client_for(office_user)
        browser.post(SETTINGS, {"overnight_two_names": "on", "version": "0"})
        assert desk_settings(school).overnight_two_names
        clash = browser.post(SETTINGS, {"tell_parents_uncollected": "on", "version": "0"})
        assert clash.status_code == 422
        assert "What changed meanwhile" in clash.content.decode()
        browser.post(SETTINGS, {"tell_parents_uncollected": "on", "version": "1"})
    settings = desk_settings(school)
    assert (settings.overnight_two_names, settings.tell_parents_uncollected, settings.version) == (False, True, 2)
    with pytest.raises(NotPermitted):
        change_desk_settings(
            school=school, actor=form_tutor_user, at=at, overnight_two_names=True, tell_parents_uncollected=True
        )


def run_at_once(school: School, act: Callable[[], Any], number: int = 3) -> list[Any]:
    gate, results = threading.Barrier(number), []

    def run() -> None:
        try:
            with scope(school=school):
                gate.wait()
                results.append(act())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(type(result).__name__ for result in results)


@pytest.mark.django_db(transaction=True)
def test_close_day_many_at_once_is_one_closing(at: datetime) -> None:
    """devices_dayclose_number_unique, by several writers at once: one closes, the others are told."""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)
    assert run_at_once(school, lambda: close(school, office, at, 0)) == [
        "ClosedMeanwhile",
        "ClosedMeanwhile",
        "DayClose",
    ]
    with scope(school=school):
        assert DayClose.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_change_desk_settings_many_at_once_is_one_row(at: datetime) -> None:
    """devices_desksettings_one_a_school, by several writers at once."""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)

    def save() -> DeskSettings:
        return change_desk_settings(
            school=school, actor=office, at=at, overnight_two_names=True, tell_parents_uncollected=False
        )

    assert run_at_once(school, save) == ["ChangedMeanwhile", "ChangedMeanwhile", "DeskSettings"]
    with scope(school=school):
        assert DeskSettings.objects.count() == 1
