"""A pasted list: what each line means, and one step that records them all."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.audit.models import Entry
from core.people.access import NotPermitted
from core.people.models import FormGroup, Pupil, User
from devices.enums import EventKind, MarkKind, MarkSource, PasteAct
from devices.models import CustodyEvent, CustodyRecord, DayMark, NoDeviceDeclaration, PupilDevice, Slot
from devices.operations import (
    EarlyReasonNeeded,
    NothingToRecord,
    OffCheckNeeded,
    add_device,
    declare_no_device,
    hand_in_device,
    mark_day,
    record_pasted,
)
from devices.queries import PasteLine, match_lines
from tests.factories import make_pupil

PASTE = "/harbour-view/devices/paste/"


@pytest.fixture
def pupils(form_group: FormGroup, safe: Any, types: dict[str, Any], at: datetime) -> list[Pupil]:
    """Three pupils of 8B with a phone each, and a namesake of the first in no form."""
    school = form_group.school
    names = (("Amara", "Abbas"), ("Zoë", "O’Brien"), ("Lee", "Carter"))
    made = [
        make_pupil(school, *name, form=form_group, admission_number=f"00120{number}")
        for number, name in enumerate(names)
    ]
    made.append(make_pupil(school, "Amara", "Abbasi", admission_number="009999"))
    for pupil in made[:3]:
        add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    return made


@pytest.fixture
def look(pupils: list[Pupil], at: datetime) -> Callable[..., list[PasteLine]]:
    def act(*texts: str, act: str = PasteAct.HANDED_IN) -> list[PasteLine]:
        return match_lines(pupils[0].school, texts, act, at.date(), at)

    return act


@pytest.fixture
def record_list(pupils: list[Pupil], office_user: User, at: datetime) -> Callable[..., Any]:
    def act(which: PasteAct, **changes: Any) -> Any:
        values: dict[str, Any] = {
            "school": pupils[0].school, "actor": office_user, "at": at, "act": which, "switched_off": True,
            "submission": uuid.uuid4(),
        }  # fmt: skip
        return record_pasted(**values | changes)

    return act


def keys(lines: list[PasteLine]) -> list[list[str]]:
    return [[choice.key for choice in line.choices] for line in lines]


def test_match_lines_finds_codes_numbers_slots_and_names(look: Any, pupils: list[Pupil]) -> None:
    """DEV-12: every way the desk knows, whatever the case and the accents."""
    device = PupilDevice.objects.get(pupil=pupils[2])
    slot = Slot.objects.order_by("number")[3]
    device.usual_slot = slot
    device.save()
    lines = look(pupils[0].code.lower(), "1201", device.code, "obrien, zoe")
    assert keys(lines)[:3] == [[f"p{pupils[0].pk}"], [f"p{pupils[1].pk}"], [f"d{device.pk}"]]
    assert lines[3].told == "The same as line 2."
    assert keys(look("zoë o'brien"))[0] == [f"p{pupils[1].pk}"]
    assert keys(look("8b Carter"))[0] == [f"p{pupils[2].pk}"]
    assert keys(look(slot.code, slot.label)) == [[f"d{device.pk}"], []]


def test_match_lines_never_guesses_between_two(look: Any, pupils: list[Pupil]) -> None:
    """DEV-12: an exact name is one; the beginning of two names is a choice; nobody is nobody."""
    exact, several, nobody = look("Amara Abbas", "Ama Abb", "Quentin")
    assert [exact.kind, several.kind, nobody.kind] == ["one", "several", "none"]
    assert len(several.choices) == 2


def test_match_lines_says_what_is_recorded_already(
    look: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-04, DEV-11"""
    school = pupils[0].school
    hand_in_device(school=school, actor=office_user, at=at, pupil=pupils[0], switched_off=True)
    declare_no_device(school=school, actor=office_user, at=at, pupil=pupils[1])
    mark_day(school=school, actor=office_user, at=at, pupil=pupils[2], kind=MarkKind.ABSENT)
    numbers = ("1200", "1201", "1202")
    told = {act: [line.told for line in look(*numbers, act=act)] for act in PasteAct}
    assert "in already, 8:30am" in told[PasteAct.HANDED_IN][0]
    assert told[PasteAct.HANDED_IN][1:] == ["", ""]
    assert "in already" in told[PasteAct.NO_DEVICE][0]
    assert "said already, 8:30am" in told[PasteAct.NO_DEVICE][1]
    assert "marked already" in told[PasteAct.ABSENT][2]
    assert told[PasteAct.GIVEN_BACK][0] == ""
    assert "nothing is here" in told[PasteAct.GIVEN_BACK][1]


def test_match_lines_the_same_pupil_twice_is_told_so(look: Any, pupils: list[Pupil]) -> None:
    first, second = look("1200", "Amara Abbas")
    assert first.kind == "one"
    assert second.told == "The same as line 1."


def test_match_lines_costs_as_many_statements_for_forty_as_for_three(look: Any, pupils: list[Pupil]) -> None:
    """speed"""
    costs = []
    look("1200")
    for number in (1, 40):
        texts = ["1200", "Zoë", *(f"Nobody {10 + line}" for line in range(number))]
        with CaptureQueriesContext(connection) as captured:
            look(*texts)
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_record_pasted_hands_in_pupils_and_devices(record_list: Any, pupils: list[Pupil]) -> None:
    """DEV-04"""
    device = PupilDevice.objects.get(pupil=pupils[1])
    done = record_list(PasteAct.HANDED_IN, pupils=[pupils[0].pk], devices=[device.pk])
    assert (done.recorded, done.left_out) == (2, 0)
    assert set(CustodyRecord.objects.values_list("pupil", flat=True)) == {pupils[0].pk, pupils[1].pk}
    assert CustodyEvent.objects.count() == 4
    assert Entry.objects.get(action="devices.paste").detail["recorded"] == 2


def test_record_pasted_off_check_is_asked(record_list: Any, pupils: list[Pupil]) -> None:
    """DEV-05"""
    with pytest.raises(OffCheckNeeded):
        record_list(PasteAct.HANDED_IN, pupils=[pupils[0].pk], switched_off=False)


def test_record_pasted_says_who_brought_none_and_who_is_absent(record_list: Any, pupils: list[Pupil]) -> None:
    """DEV-10, DEV-11"""
    record_list(PasteAct.NO_DEVICE, pupils=[pupils[0].pk, pupils[1].pk])
    record_list(PasteAct.ABSENT, pupils=[pupils[1].pk])
    assert NoDeviceDeclaration.objects.get(withdrawn_at__isnull=True).pupil == pupils[0]
    mark = DayMark.objects.get()
    assert (mark.pupil, mark.kind, mark.source) == (pupils[1], MarkKind.ABSENT, MarkSource.TYPED)


def test_record_pasted_gives_back(record_list: Any, pupils: list[Pupil], office_user: User, at: datetime) -> None:
    """DEV-07, DEV-08"""
    stay = hand_in_device(school=pupils[0].school, actor=office_user, at=at, pupil=pupils[0], switched_off=True)
    with pytest.raises(EarlyReasonNeeded):
        record_list(PasteAct.GIVEN_BACK, custody=[stay.pk])
    record_list(PasteAct.GIVEN_BACK, custody=[stay.pk], reason="trip")
    assert CustodyEvent.objects.get(kind=EventKind.RETURN).reason == "trip"


def test_record_pasted_leaves_out_whom_a_desk_had_already(
    record_list: Any, pupils: list[Pupil], office_user: User, at: datetime
) -> None:
    """DEV-04: none doubled, and the number is told."""
    hand_in_device(school=pupils[0].school, actor=office_user, at=at, pupil=pupils[0], switched_off=True)
    done = record_list(PasteAct.HANDED_IN, pupils=[pupils[0].pk, pupils[1].pk])
    assert (done.recorded, done.left_out) == (1, 1)
    with pytest.raises(NothingToRecord):
        record_list(PasteAct.HANDED_IN, pupils=[pupils[0].pk])
    with pytest.raises(NothingToRecord):
        record_list(PasteAct.ABSENT, pupils=[pupils[0].pk])


def test_record_pasted_same_submission_is_one_act(record_list: Any, pupils: list[Pupil]) -> None:
    """security 5.11"""
    key = uuid.uuid4()
    first = record_list(PasteAct.HANDED_IN, pupils=[pupils[0].pk], submission=key)
    assert record_list(PasteAct.HANDED_IN, pupils=[pupils[0].pk], submission=key) == first
    assert CustodyRecord.objects.count() == 1


def test_record_pasted_without_the_permission_is_refused(
    record_list: Any, pupils: list[Pupil], governor_user: User
) -> None:
    """ORG-10"""
    with pytest.raises(NotPermitted):
        record_list(PasteAct.ABSENT, pupils=[pupils[0].pk], actor=governor_user)


# --- the page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(at: datetime, office_user: User, client_for: Callable[[User], Client]) -> Any:
    with time_machine.travel(at, tick=False):
        yield client_for(office_user)


def send(office: Client, text: str, step: str = "look", act: str = "handed_in", **more: Any) -> Any:
    return office.post(PASTE, {"submission": str(uuid.uuid4()), "act": act, "text": text, "step": step} | more)


def looked(html: str) -> str:
    return re.findall(r'name="looked" value="(\d+)"', html)[0]


def test_paste_page_looks_before_it_records(office: Client, pupils: list[Pupil]) -> None:
    """ux W1: the first step writes nothing and keeps the list; names stand in no address."""
    text = "1200\nAma Abb\nQuentin"
    page = send(office, text)
    html = page.content.decode()
    assert page.status_code == 200
    assert "Handed in: 3 lines, 1 clear" in html
    assert "Nobody on roll fits" in html
    assert "1200\nAma Abb\nQuentin" in html.replace("\r\n", "\n")
    assert not CustodyRecord.objects.exists()
    lines = {"line-1": f"p{pupils[0].pk}", "line-2": f"p{pupils[3].pk}"}
    done = send(office, text, "record", looked=looked(html), switched_off="on", **lines)
    assert (done.status_code, done.url) == (302, PASTE)
    assert CustodyRecord.objects.count() == 2


def test_paste_page_changed_list_is_looked_at_again(office: Client, pupils: list[Pupil]) -> None:
    html = send(office, "1200").content.decode()
    line = {"line-1": f"p{pupils[0].pk}"}
    page = send(office, "1201", "record", looked=looked(html), switched_off="on", **line)
    assert page.status_code == 422
    assert "The list was changed." in page.content.decode()
    assert not CustodyRecord.objects.exists()


def test_paste_page_refusal_keeps_what_was_chosen(office: Client, pupils: list[Pupil]) -> None:
    """DEV-05: not seen switched off; the list and the choices stand."""
    text = "1200\nAma Abb"
    html = send(office, text).content.decode()
    line = {"line-2": f"p{pupils[3].pk}"}
    page = send(office, text, "record", looked=looked(html), **line)
    html = page.content.decode()
    assert page.status_code == 422
    assert "See that each is switched off" in html
    assert re.search(rf'value="p{pupils[3].pk}"\s+selected', html)
    assert not re.search(rf'value="p{pupils[0].pk}"\s+checked', html), "left out by hand stays left out"


def test_paste_page_nothing_chosen_is_told_so(office: Client, pupils: list[Pupil]) -> None:
    html = send(office, "1200").content.decode()
    page = send(office, "1200", "record", looked=looked(html))
    assert page.status_code == 422
    assert "Choose at least one line" in page.content.decode()


def test_paste_page_too_many_lines_or_none(office: Client, pupils: list[Pupil]) -> None:
    page = send(office, "\n".join("1200" for _ in range(301)))
    assert page.status_code == 422
    assert "at most 300 lines; this one has 301" in page.content.decode()
    assert send(office, "").status_code == 422
    assert send(office, "\n".join("1200" for _ in range(300))).status_code == 200


def test_paste_page_early_return_asks_why(office: Client, pupils: list[Pupil], office_user: User, at: datetime) -> None:
    """DEV-08"""
    stay = hand_in_device(school=pupils[0].school, actor=office_user, at=at, pupil=pupils[0], switched_off=True)
    html = send(office, "1200", act="given_back").content.decode()
    assert "The day ends at 3:15pm." in html
    line = {"line-1": f"c{stay.pk}"}
    page = send(office, "1200", "record", act="given_back", looked=looked(html), **line)
    assert page.status_code == 422
    done = send(office, "1200", "record", act="given_back", looked=looked(html), reason="medical", **line)
    assert done.status_code == 302


def test_paste_page_takes_no_key_of_the_neighbour(
    office: Client, pupils: list[Pupil], other_school: Any, at: datetime
) -> None:
    """ORG-10: a key that was typed into the form by hand finds nothing of another school."""
    from django_scopes import scope

    with scope(school=other_school):
        stranger = make_pupil(other_school)
    html = send(office, "1200", act="absent").content.decode()
    page = send(office, "1200", "record", act="absent", looked=looked(html), **{"line-1": f"p{stranger.pk}"})
    assert page.status_code == 422
    with scope(school=other_school):
        assert not DayMark.objects.exists()
