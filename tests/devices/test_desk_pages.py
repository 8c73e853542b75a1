"""The desk through its pages: fragments and whole pages, ambiguous and unknown codes, statements counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.people.models import FormGroup, Pupil, School, User
from devices.models import CustodyRecord, NoDeviceDeclaration, PupilDevice
from devices.operations import add_device, mark_uncollected, return_device
from tests.factories import make_pupil

ARRIVALS, RETURNS = "/harbour-view/devices/arrivals/", "/harbour-view/devices/hand-back/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def morning(at: datetime) -> Any:
    """Every page here is opened at 8:30 on a school day."""
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def desk(office_user: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(office_user)


def send(client: Client, url: str = ARRIVALS, **fields: Any) -> Any:
    return client.post(url, {"submission": str(uuid.uuid4())} | fields, headers=HTMX)


def test_arrivals_known_pupil_is_one_search_and_one_confirmation(desk: Client, phone: PupilDevice) -> None:
    """DEV-04, DEV-05, DEV-12: the number, then that it is off; the answer is a fragment with line and figures."""
    asked = send(desk, code=phone.pupil.admission_number)
    assert asked.status_code == 422
    assert b"Is it off?" in asked.content
    assert b"data-desk-default" in asked.content
    done = send(desk, pupil=phone.pupil.pk, switched_off="on")
    html = done.content.decode()
    assert done.status_code == 200
    assert "<html" not in html
    assert 'data-outcome="ok"' in html
    assert 'hx-swap-oob="afterbegin:#desk-recent"' in html
    assert "Amara K." in html
    assert "Kovacs" not in html, "other children can see the screen"


def test_arrivals_without_htmx_is_a_whole_page_with_the_box_ready(desk: Client, phone: PupilDevice) -> None:
    """ux 1.10: works without JavaScript."""
    page = desk.post(ARRIVALS, {"code": phone.pupil.admission_number, "switched_off": "on"})
    html = page.content.decode()
    assert "<html" in html
    assert "autofocus" in html
    assert 'data-outcome="ok"' in html


def test_arrivals_same_key_twice_gets_the_first_answer(desk: Client, phone: PupilDevice) -> None:
    """security 5.11: a lost reply and a retry make one record and the same answer."""
    key = str(uuid.uuid4())
    first = send(desk, code=phone.pupil.code, switched_off="on", submission=key)
    again = send(desk, code=phone.pupil.code, switched_off="on", submission=key)
    assert first.status_code == again.status_code == 200
    assert CustodyRecord.objects.count() == 1


def test_arrivals_second_scan_says_already_in(desk: Client, phone: PupilDevice) -> None:
    """DEV-04"""
    send(desk, code=phone.pupil.code, switched_off="on")
    again = send(desk, code=phone.pupil.code, switched_off="on")
    assert again.status_code == 422
    assert "Already in, 8:30am" in again.content.decode()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("amara", "Is it off?"),
        ("kov", "Is it off?"),
        ("KOVÁCS", "Is it off?"),
        ("kovacz", "Did you mean"),
        ("zzzz", "No match"),
    ],
)
def test_arrivals_finds_by_any_word_start_accents_folded(
    desk: Client, phone: PupilDevice, typed: str, found: str
) -> None:
    """DEV-12, ux 4: name, form; a typing error is offered, never acted on."""
    assert found in send(desk, code=typed).content.decode()


def test_arrivals_a_form_opens_its_whole_form_and_suggests_its_pupils(
    desk: Client, phone: PupilDevice, form_group: FormGroup
) -> None:
    """ux 4: "8B" and Enter is the whole form; typing it only suggests who is in it."""
    whole = f"/harbour-view/devices/forms/{form_group.pk}/"
    assert send(desk, code="8b").headers["HX-Redirect"] == whole
    assert desk.post(ARRIVALS, {"code": "8b"}).headers["Location"] == whole
    suggested = desk.post("/harbour-view/devices/arrivals/find/", {"code": "8b"}, headers=HTMX)
    assert "Amara Kovacs" in suggested.content.decode()


def test_arrivals_two_namesakes_are_never_guessed_between(
    desk: Client, phone: PupilDevice, form_group: FormGroup
) -> None:
    """ux 4: ambiguous is a named result; namesakes in one form are told apart by number."""
    twin = make_pupil(form_group.school, "Amara", "Kovacs", form=form_group)
    answer = send(desk, code="amara kovacs", switched_off="on")
    assert answer.status_code == 422
    assert f"no. {twin.admission_number}" in answer.content.decode()
    assert not CustodyRecord.objects.exists()


def test_arrivals_pupil_who_has_left_is_named_and_not_recorded(desk: Client, phone: PupilDevice, at: datetime) -> None:
    """ORG-24, "Bad input": a leaver's old card."""
    phone.pupil.left_on = at.date().replace(day=1)
    phone.pupil.save()
    answer = send(desk, code=phone.pupil.code, switched_off="on")
    assert answer.status_code == 422
    assert "Has left" in answer.content.decode()


def test_arrivals_first_device_is_added_in_the_same_step(
    desk: Client, phone: PupilDevice, form_group: FormGroup
) -> None:
    """DEV-34: Enter takes "Phone", the first kind."""
    ben = make_pupil(form_group.school, "Ben", form=form_group)
    asked = send(desk, code=ben.admission_number, switched_off="on")
    assert "First time" in asked.content.decode()
    done = send(desk, pupil=ben.pk, switched_off="on", new_type="phone")
    assert done.status_code == 200
    assert CustodyRecord.objects.get(pupil=ben).device.type.key == "phone"


def test_arrivals_no_device_today_is_said_and_listed_and_corrected(desk: Client, phone: PupilDevice) -> None:
    """DEV-11"""
    said = send(desk, code=phone.pupil.code, act="no_device")
    assert "No device" in said.content.decode()
    declaration = NoDeviceDeclaration.objects.get()
    listed = desk.get("/harbour-view/devices/no-device/")
    assert phone.pupil.sort_name in listed.content.decode()
    desk.post(f"/harbour-view/devices/no-device/{declaration.pk}/correct/", {"because": "Wrong pupil"})
    declaration.refresh_from_db()
    assert declaration.withdrawn_because == "Wrong pupil"


def test_arrivals_hidden_character_is_refused_in_words(desk: Client, phone: PupilDevice) -> None:
    """F27"""
    answer = send(desk, code=phone.pupil.code, switched_off="on", note="all\u202efine")
    assert answer.status_code == 422
    assert "hidden character (U+202E)" in answer.content.decode()


def test_arrivals_hot_post_stays_within_thirteen_statements(
    desk: Client,
    phone: PupilDevice,
    django_assert_max_num_queries: Callable[[int], DjangoAssertNumQueries],
    types: dict[str, Any],
    at: datetime,
) -> None:
    """speed.md: ≤13 statements for a known device whose usual slot is free, whatever was handed in before."""
    others = [make_pupil(phone.school) for _ in range(3)]
    for pupil in others:
        send(desk, pupil=pupil.pk, switched_off="on", new_type="phone")
        held = CustodyRecord.objects.get(pupil=pupil)
        return_device(school=phone.school, actor=held.opened_by, at=at, custody=held, reason="trip")
    counts = []
    for pupil in others:
        with django_assert_max_num_queries(14) as captured:  # the test's own savepoint stands for BEGIN and COMMIT
            assert send(desk, code=pupil.admission_number, switched_off="on").status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1, counts


def test_hand_back_by_slot_names_the_pupil_and_records_it(
    desk: Client, phone: PupilDevice, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """DEV-07, W3: scan the slot, see whose it is."""
    send(desk, code=phone.pupil.code, switched_off="on")
    with time_machine.travel(at.replace(hour=15, minute=20), tick=False):
        answer = send(client_for(office_user), RETURNS, code="1")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Give back" in html
    assert "Amara K." in html
    assert not CustodyRecord.objects.get().is_open


def test_hand_back_early_offers_the_reasons_and_takes_one(desk: Client, phone: PupilDevice) -> None:
    """DEV-08"""
    send(desk, code=phone.pupil.code, switched_off="on")
    asked = send(desk, RETURNS, code="amara")
    assert asked.status_code == 422
    assert "Leaving early" in asked.content.decode()
    done = send(desk, RETURNS, custody=CustodyRecord.objects.get().pk, reason="leaving_early")
    assert done.status_code == 200


def test_hand_back_nothing_here_says_so(desk: Client, phone: PupilDevice) -> None:
    assert "No device of this pupil is here" in send(desk, RETURNS, code="amara").content.decode()


def test_correct_page_keeps_what_was_typed_when_refused(desk: Client, phone: PupilDevice) -> None:
    """DEV-33, ux 6: bad input gets a sentence at its field and nothing typed is lost."""
    send(desk, code=phone.pupil.code, switched_off="on")
    stay = CustodyRecord.objects.get()
    url = f"/harbour-view/devices/custody/{stay.pk}/correct/"
    refused = desk.post(url, {"kind": "other_slot", "slot": "99", "note": "Put one along"})
    assert refused.status_code == 422
    assert "No slot has that number." in refused.content.decode()
    assert "Put one along" in refused.content.decode()
    done = desk.post(url, {"kind": "other_slot", "slot": "3", "note": "Put one along"})
    assert done.status_code == 302
    stay.refresh_from_db()
    assert stay.slot.label == "3"


def test_register_shows_each_status_and_balances(
    desk: Client, phone: PupilDevice, types: dict[str, Any], at: datetime
) -> None:
    """DEV-36, DEV-38: handed in, none, not seen; totals for each form."""
    form = phone.pupil.form
    none, missing = (
        make_pupil(phone.school, "Ben", "None", form=form),
        make_pupil(phone.school, "Cy", "Missing", form=form),
    )
    for pupil in (none, missing):
        add_device(school=phone.school, actor=None, at=at, pupil=pupil, type=types["phone"])
    send(desk, code=phone.pupil.code, switched_off="on")
    send(desk, code=none.code, act="no_device")
    page = desk.get("/harbour-view/devices/register/").content.decode()
    for word in ("Handed in", "No device today", "Not seen", "1 in = 0 given back + 1 still here"):
        assert word in page
    only = desk.get("/harbour-view/devices/register/?show=missing").content.decode()
    assert "Missing, Cy" in only
    assert "None, Ben" not in only


def test_register_csv_is_safe_for_a_spreadsheet_and_recorded(
    desk: Client, form_group: FormGroup, phone: PupilDevice
) -> None:
    """DEV-36, F28: a cell that starts a formula is disarmed; the export is in the record."""
    from core.audit.models import Entry

    trap = make_pupil(form_group.school, "=1+1", "@cmd", form=form_group)
    send(desk, pupil=trap.pk, switched_off="on", new_type="phone")
    csv = desk.get("/harbour-view/devices/register/?as=csv")
    assert "'=1+1" in csv.content.decode("utf-8-sig")
    assert "'@cmd" in csv.content.decode("utf-8-sig")
    assert "attachment" in csv["Content-Disposition"]
    assert Entry.objects.filter(action="devices.register", outcome="exported").exists()


def test_uncollected_lists_until_given_back(desk: Client, phone: PupilDevice, at: datetime) -> None:
    """DEV-09"""
    send(desk, code=phone.pupil.code, switched_off="on")
    mark_uncollected(school=phone.school, actor=None, at=at.replace(hour=16, minute=5))
    url = "/harbour-view/devices/uncollected/"
    assert phone.pupil.sort_name in desk.get(url).content.decode()
    send(desk, RETURNS, custody=CustodyRecord.objects.get().pk, reason="other")
    assert "Nothing is uncollected" in desk.get(url).content.decode()


@pytest.mark.parametrize(
    "page", ["arrivals/", "hand-back/", "register/", "register/print/", "uncollected/", "no-device/"]
)
def test_desk_pages_take_the_same_statements_at_one_row_and_at_three(
    page: str, desk: Client, phone: PupilDevice, django_assert_max_num_queries: Any, at: datetime
) -> None:
    """speed.md: statements constant in rows."""

    def fill(pupil: Pupil) -> None:
        send(desk, pupil=pupil.pk, switched_off="on", new_type="phone")
        other = make_pupil(phone.school, form=phone.pupil.form)
        send(desk, pupil=other.pk, act="no_device")

    def count() -> int:
        with django_assert_max_num_queries(40) as captured:
            desk.get(f"/harbour-view/devices/{page}")
        return len(captured)

    fill(make_pupil(phone.school, form=phone.pupil.form))
    mark_uncollected(school=phone.school, actor=None, at=at.replace(hour=17))
    desk.get(f"/harbour-view/devices/{page}")
    one = count()
    for _ in range(2):
        fill(make_pupil(phone.school, form=phone.pupil.form))
    mark_uncollected(school=phone.school, actor=None, at=at.replace(hour=17))
    assert count() == one


def test_desk_search_answers_nothing_for_codes_and_numbers(desk: Client, phone: PupilDevice) -> None:
    """ux 4: a scanner's burst asks for no suggestions."""
    url = "/harbour-view/devices/arrivals/find/"
    for code in (phone.pupil.code, phone.pupil.admission_number, "PABCDEFGH"):
        assert desk.post(url, {"code": code}, headers=HTMX).content == b""
    assert "Amara Kovacs" in desk.post(url, {"code": "kov"}, headers=HTMX).content.decode()


def test_teacher_may_take_devices_in_only_where_the_rule_names_any_staff(
    school: School, teacher_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """matrix 1.21: ○ = only if the preset names the role; any_staff here, office only after the change."""
    from core.rules.operations import adopt_preset

    assert client_for(teacher_user).get(ARRIVALS).status_code == 200
    adopt_preset(
        school=school, actor=None, at=at, preset="primary-by-agreement", effective_from=at.date(), reason="Test"
    )
    assert client_for(teacher_user).get(ARRIVALS).status_code == 403


def test_device_of_a_parent_says_so_when_it_goes_back(desk: Client, phone: PupilDevice, office_user: User) -> None:
    """law PH-11: whose it is stands with the device, and the desk is told at hand-back."""
    page = f"/harbour-view/devices/records/{phone.pk}/"
    changed = desk.post(
        f"{page}change/", {"type": phone.type_id, "colour": "black", "owner": "parent", "version": phone.version}
    )
    assert changed.status_code == 302, changed.content.decode()
    assert "A parent or carer" in desk.get(page).content.decode()
    send(desk, code=phone.pupil.code, switched_off="on")
    back = send(desk, RETURNS, code=phone.pupil.code, reason="other")
    assert "It belongs to a parent or carer." in back.content.decode()
