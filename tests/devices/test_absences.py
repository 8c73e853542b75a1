"""Who is absent: typed, pasted, from the attendance list; a hand-in outweighs the mark (DEV-10)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django_scopes import scope

from core.people.access import NotPermitted
from core.people.models import FormGroup, Pupil, School, User
from devices.enums import MarkKind, MarkSource
from devices.models import DayMark, PupilDevice
from devices.operations import NobodyToMark, declare_no_device, hand_in_device, mark_day, record_absences, withdraw_mark
from devices.queries import ABSENT_CODES, day_totals, desk_counts, not_seen, read_absences, read_attendance
from devices.queries.absences import UnreadableAttendance
from tests.factories import make_pupil, make_school, make_user

ABSENCES = "/harbour-view/devices/absences/"
PHONES = frozenset({"phone"})


@pytest.fixture
def desk(office_user: User, client_for: Callable[[User], Client], at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield client_for(office_user)


@pytest.fixture
def form_of_three(form_group: FormGroup, pupil: Pupil) -> list[Pupil]:
    ben = make_pupil(form_group.school, "Ben", "O’Brien", form=form_group, admission_number="000412")
    zoe = make_pupil(form_group.school, "Zoë", "Fernández", form=form_group, admission_number="000413")
    return [pupil, ben, zoe]


def absent(pupils: list[Pupil], user: User, at: datetime, **more: Any) -> Any:
    return record_absences(school=pupils[0].school, actor=user, at=at, pupils=pupils, **more)


def test_record_absences_marks_each_once_and_says_what_came_of_it(
    form_of_three: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-10: the same list again marks nobody twice; who was at the desk is here, whatever the list says."""
    amara, ben, zoe = form_of_three
    declare_no_device(school=amara.school, actor=office_user, at=at, pupil=zoe)
    first = absent([amara, zoe], office_user, at, source=MarkSource.FILE)
    assert (first.marked, first.already, first.at_desk) == (1, 0, 1)
    again = absent([amara, ben, zoe], office_user, at)
    assert (again.marked, again.already, again.at_desk) == (1, 1, 1)
    assert set(DayMark.objects.values_list("pupil", "source")) == {(amara.pk, "file"), (ben.pk, "typed")}
    assert DayMark.history.count() == 2


def test_record_absences_same_form_twice_is_one_act(
    form_of_three: list[Pupil], office_user: User, at: datetime
) -> None:
    """security 5.11: a second click gets the first answer."""
    key = uuid.uuid4()
    first = absent(form_of_three, office_user, at, submission=key)
    assert absent(form_of_three, office_user, at, submission=key) == first
    assert first.marked == 3
    assert DayMark.objects.count() == 3


def test_record_absences_needs_somebody_and_the_permission(
    school: School, pupil: Pupil, office_user: User, governor_user: User, other_school: School, at: datetime
) -> None:
    with pytest.raises(NobodyToMark):
        record_absences(school=school, actor=office_user, at=at, pupils=[])
    with pytest.raises(NobodyToMark):  # nobody of another school is marked
        record_absences(school=school, actor=office_user, at=at, pupils=[make_pupil(other_school)])
    with pytest.raises(NotPermitted):
        absent([pupil], governor_user, at)


def test_absent_pupil_who_hands_in_is_not_absent(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-10: the hand-in outweighs the mark: in, not excused, and nobody is chased."""
    school, day = phone.school, at.date()
    absent([phone.pupil], office_user, at)
    totals = day_totals(school, day, handin_types=PHONES)
    assert (totals.expected, totals.absent, totals.not_seen) == (0, 1, 0)
    assert desk_counts(school, day, handin_types=PHONES).excused == 1
    hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    totals = day_totals(school, day, handin_types=PHONES)
    assert (totals.expected, totals.seen, totals.absent, totals.not_seen) == (1, 1, 0, 0)
    counts = desk_counts(school, day, handin_types=PHONES)
    assert (counts.seen, counts.excused) == (1, 0)


def test_withdrawn_absence_is_looked_for_again(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-33: the mark stays on record; the pupil is on the list again, and may be marked again."""
    absent([phone.pupil], office_user, at)
    assert not not_seen(phone.school, at.date(), handin_types=PHONES)
    mark = DayMark.objects.get()
    withdraw_mark(school=phone.school, actor=office_user, at=at, mark=mark, because="Came late")
    assert [pupil.pk for pupil in not_seen(phone.school, at.date(), handin_types=PHONES)] == [phone.pupil_id]
    assert absent([phone.pupil], office_user, at).marked == 1
    assert DayMark.objects.count() == 2


def test_read_absences_finds_by_name_number_and_code_and_never_guesses(
    form_of_three: list[Pupil], form_group: FormGroup, at: datetime
) -> None:
    """ux 4: an exact line is sure; two namesakes and a typing error are offered; nobody is said in words."""
    amara, ben, zoe = form_of_three
    twin = make_pupil(form_group.school, "Amara", "Kovacs", form=form_group)
    text = f"amara\n{ben.admission_number}\n{zoe.code}\nfernandex\n\nNobody Atall"
    found = read_absences(form_group.school, text, on=at.date())
    assert found.matched == [ben, zoe]
    assert [{pupil.pk for pupil in line.pupils} for line in found.choose] == [{amara.pk, twin.pk}, {zoe.pk}]
    assert [line.said for line in found.unmatched] == ["Line 6: nobody on roll fits “Nobody Atall”."]


FILES = [
    ("Admission No,Name,Mark\n412,x,N\n413,y,/\n", [1], 1),
    ("Name;AM\nO'Brien, Ben;I\nFernandez, Zoe;L\n", [], 0),
    ("Surname\tForename\tReg\nO'Brien\tBen\tO\nFernández\tZoë\tU\nKovacs\tAmara\t\\\n", [1], 2),
    ("Pupil,Mon AM\nBen O'Brien,absent\nZoe Fernandez,/\n", [1], 1),
]


@pytest.mark.parametrize(("text", "expected", "present"), FILES)
def test_read_attendance_takes_the_shapes_of_several_systems(
    form_of_three: list[Pupil], at: datetime, text: str, expected: list[int], present: int
) -> None:
    """DEV-10: by number without its noughts, by name; marks found by heading or by holding marks; L and U are here."""
    if ";" in text:  # a comma in a name, semicolons between columns
        expected, present = [1], 1
    found = read_attendance(form_of_three[0].school, text.encode(), codes=ABSENT_CODES, on=at.date())
    assert found.matched == [form_of_three[place] for place in expected]
    assert found.present == present


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This file is empty"),
        ("\x89PNG\r\n", "This is a picture"),
        ("Shoe size,Mark\n4,N\n", "No column is headed “Admission number”, “UPN” or “Name”"),
        ("UPN,Shoe\nA1,4\n", "No column holds attendance marks"),
        ("UPN,Mon,Tue\nA1,N,/\n", "Several columns could hold the marks"),
    ],
)
def test_read_attendance_malformed_file_is_told_in_words(
    form_of_three: list[Pupil], at: datetime, text: str, sentence: str
) -> None:
    """ORG-24"""
    content = text.encode("latin-1") if text.startswith("\x89") else text.encode()
    with pytest.raises(UnreadableAttendance, match=sentence):
        read_attendance(form_of_three[0].school, content, codes=ABSENT_CODES, on=at.date())


def test_read_attendance_problem_rows_have_their_numbers(form_of_three: list[Pupil], at: datetime) -> None:
    """ORG-24: unknown numbers and broken rows are named by row, the others stand."""
    text = "Admission number,Mark\n000412,N\n999999,N\n000413,N,what\n"
    found = read_attendance(form_of_three[0].school, text.encode(), codes="N", on=at.date())
    assert found.matched == [form_of_three[1]]
    assert [line.said[:6] for line in found.unmatched] == ["Row 3:", "Row 4:"]


def test_absences_page_records_one_name_at_once(desk: Client, form_of_three: list[Pupil]) -> None:
    """DEV-10: typing one name that fits one pupil needs no second page."""
    page = desk.post(ABSENCES, {"lines": "zoe fern", "submission": str(uuid.uuid4())}, follow=True)
    html = page.content.decode()
    assert "1 pupil marked absent." in html
    assert "Fernández, Zoë" in html
    assert DayMark.objects.get().kind == MarkKind.ABSENT


def test_absences_page_pasted_list_is_looked_at_first(desk: Client, form_of_three: list[Pupil]) -> None:
    page = desk.post(ABSENCES, {"lines": "amara\nben\nwho is this"})
    html = page.content.decode()
    assert not DayMark.objects.exists()
    assert "2 to mark, 1 not matched" in html
    ticked = [str(pupil.pk) for pupil in form_of_three[:2]]
    fields = {"pupil": ticked, "source": "typed", "submission": str(uuid.uuid4())}
    done = desk.post(f"{ABSENCES}record/", fields, follow=True)
    assert "2 pupils marked absent." in done.content.decode()
    assert desk.post(f"{ABSENCES}record/", fields, follow=True).status_code == 200
    assert DayMark.objects.count() == 2


def test_absences_page_file_is_previewed_and_not_kept(desk: Client, form_of_three: list[Pupil], tmp_path: Any) -> None:
    """DEV-10: matched, present and unmatched are shown; nothing is stored until somebody confirms."""
    rows = "Admission number,Mark\n000412,N\n000413,/\n777,N\n"
    sent = SimpleUploadedFile("marks.csv", rows.encode())
    page = desk.post(f"{ABSENCES}list/", {"attendance": sent, "codes": ABSENT_CODES})
    html = page.content.decode()
    assert "1 to mark, 1 not matched, 1 present" in html
    assert "Row 4: nobody on roll has the number “777”." in html
    assert 'value="file"' in html
    assert not DayMark.objects.exists()
    wrong = desk.post(f"{ABSENCES}list/", {"attendance": SimpleUploadedFile("a.csv", b"%PDF-1.7"), "codes": "N"})
    assert wrong.status_code == 422
    assert "This is a PDF" in wrong.content.decode()


def test_withdraw_mark_page_says_why(desk: Client, pupil: Pupil, office_user: User, at: datetime) -> None:
    mark = mark_day(school=pupil.school, actor=office_user, at=at, pupil=pupil, kind=MarkKind.ABSENT)
    url = f"/harbour-view/devices/marks/{mark.pk}/correct/"
    assert desk.post(url, {}).status_code == 422
    desk.post(url, {"because": "Came in at break"})
    mark.refresh_from_db()
    assert mark.withdrawn_because == "Came in at break"


@pytest.mark.django_db(transaction=True)
def test_record_absences_two_lists_at_once_mark_each_pupil_once(at: datetime) -> None:
    """devices_daymark_once_a_day, by two writers at once: both lists succeed, and nobody is marked twice."""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)
        pupils = [make_pupil(school) for _ in range(12)]
    gate, results = threading.Barrier(4), []

    def run() -> None:
        try:
            with scope(school=school):
                gate.wait()
                results.append(absent(pupils, office, at))
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted((one.marked, one.already) for one in results) == [(0, 12), (0, 12), (0, 12), (12, 0)]
    with scope(school=school):
        assert DayMark.objects.count() == 12
