"""Scans made without the line: recorded at their own time, kept for a person, never doubled (security 5.11, F20)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from core.audit.models import Entry
from core.kit.refusals import Refusal
from core.people.models import Pupil, School, User
from devices.enums import DeskAct, Flag, OfflineOutcome, State
from devices.models import CustodyEvent, CustodyRecord, DayMark, Gate, OfflineScan, PupilDevice
from devices.operations import (
    ReasonToLetGoNeeded,
    ScanNeedsPupil,
    ScanSettledAlready,
    add_device,
    add_place,
    hand_in_device,
    record_offline_scan,
    return_device,
    seed_device_types,
    settle_offline_scan,
)
from devices.queries.offline import is_token, open_offline_count, scanner_of, sign_scanner
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user

SYNC, LIST = "/harbour-view/devices/desk/sync/", "/harbour-view/devices/desk/to-settle/"
LATER = timedelta(minutes=40)


@pytest.fixture
def send(school: School, office_user: User, at: datetime) -> Callable[..., Any]:
    """Send one kept scan forty minutes after it was made."""

    def act(code: str, act: str = "hand_in", **said: Any) -> Any:
        given = {
            "school": school, "actor": office_user, "at": at + LATER, "submission": uuid.uuid4(), "code": code,
            "act": act, "happened_at": at, "switched_off": True,
        }  # fmt: skip
        return record_offline_scan(**(given | said))

    return act


def test_record_offline_scan_keeps_the_time_of_the_desk_and_says_so(
    send: Callable[..., Any], phone: PupilDevice, at: datetime
) -> None:
    """F20: the client's time is kept, the later moment of recording too, and the hand-in is flagged."""
    assert send(phone.pupil.code).result == "recorded"
    stay = CustodyRecord.objects.get()
    assert (stay.opened_at, stay.state) == (at, State.STORED)
    assert Flag.OFFLINE in stay.flags
    assert {(event.at, event.recorded_at) for event in stay.events.all()} == {(at, at + LATER)}


@pytest.mark.parametrize("code", ["device", "admission", "slot"])
def test_record_offline_scan_every_token_finds_its_pupil(
    code: str, send: Callable[..., Any], phone: PupilDevice, safe: Any
) -> None:
    """ux 4: codes, admission numbers and slots work without the line."""
    phone.usual_slot = safe.slots.get(number=3)
    phone.stamp(by=None, at=phone.changed_at)
    phone.save()
    token = {"device": phone.code, "admission": phone.pupil.admission_number, "slot": "3"}[code]
    assert send(token).result == "recorded"
    assert CustodyRecord.objects.get().device == phone


def test_record_offline_scan_same_key_again_is_repeated(send: Callable[..., Any], phone: PupilDevice) -> None:
    """security 5.11: a lost answer and a second sending are one record."""
    key = uuid.uuid4()
    results = [send(phone.pupil.code, submission=key).result for _ in range(3)]
    assert results == ["recorded", "repeated", "repeated"]
    assert CustodyRecord.objects.count() == 1
    assert OfflineScan.objects.count() == 0


def test_record_offline_scan_desk_had_recorded_it_after_all_is_repeated(
    send: Callable[..., Any], phone: PupilDevice, school: School, office_user: User, at: datetime
) -> None:
    """F19: the answer of the desk was lost on the way; whoever sends it later, nothing waits for a person."""
    key = uuid.uuid4()
    hand_in_device(
        school=school, actor=office_user, at=at, pupil=phone.pupil, device=phone, switched_off=True, submission=key
    )
    assert send(phone.pupil.code, submission=key).result == "repeated"
    assert send(phone.pupil.code, submission=key, actor=make_user("office", school)).result == "repeated"
    assert (CustodyRecord.objects.count(), OfflineScan.objects.count()) == (1, 0)


def test_record_offline_scan_another_desk_was_there_first_waits_for_a_person(
    send: Callable[..., Any], phone: PupilDevice, school: School, office_user: User, at: datetime
) -> None:
    """security 5.11: conflicts go to a list and are never dropped."""
    hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    scanned = send(phone.pupil.code)
    assert scanned.result == "conflict"
    waiting = OfflineScan.objects.get()
    assert waiting.problem.startswith("Already in, 8:30am, by")
    assert (waiting.pupil, waiting.happened_at, waiting.token) == (phone.pupil, at, phone.pupil.code)
    assert open_offline_count(school) == 1


def test_record_offline_scan_never_opens_a_stay_behind_one_that_ended(
    send: Callable[..., Any], phone: PupilDevice, school: School, office_user: User, at: datetime
) -> None:
    """Product 1: taken in and given back at another desk meanwhile; the old scan must not bring it back."""
    stay = hand_in_device(
        school=school, actor=office_user, at=at + timedelta(minutes=5), pupil=phone.pupil, switched_off=True
    )
    return_device(school=school, actor=office_user, at=at + timedelta(minutes=9), custody=stay, reason="trip")
    assert send(phone.pupil.code).result == "conflict"
    assert CustodyRecord.objects.filter(closed_at__isnull=True).count() == 0


def test_record_offline_scan_time_in_the_future_is_now_and_too_old_waits(
    send: Callable[..., Any], phone: PupilDevice, at: datetime
) -> None:
    """F15: a desk's clock that is wrong makes no stay of tomorrow, and nothing of last month goes in by itself."""
    assert send(phone.pupil.code, happened_at=at - timedelta(days=15)).result == "conflict"
    assert OfflineScan.objects.get().problem == "It was scanned more than 14 days ago."
    assert send(phone.pupil.code, happened_at=at + timedelta(days=2)).result == "recorded"
    assert CustodyRecord.objects.get().opened_at == at + LATER


def test_record_offline_scan_off_check_that_nobody_ticked_waits(send: Callable[..., Any], phone: PupilDevice) -> None:
    """DEV-05: where the rule wants it seen, a scan without the tick is a person's to settle."""
    assert send(phone.pupil.code, switched_off=None).result == "conflict"
    assert OfflineScan.objects.get().rule == "DEV-05"


def test_record_offline_scan_unknown_code_waits_and_names_nobody(send: Callable[..., Any], safe: Any) -> None:
    assert send("P22222222").result == "conflict"
    assert OfflineScan.objects.get().pupil is None


def test_record_offline_scan_never_looks_for_a_name(send: Callable[..., Any], phone: PupilDevice) -> None:
    """House 4.9: what is kept is a token; a name that came this way finds nobody."""
    assert not is_token("KOVACS")
    assert not is_token("8B")
    assert send("Kovacs").result == "conflict"
    assert CustodyRecord.objects.count() == 0


def test_record_offline_scan_sent_by_somebody_else_names_both(
    send: Callable[..., Any], phone: PupilDevice, school: School, office_user: User
) -> None:
    """Who sends is the author; the record says who scanned."""
    other = make_user("office", school)
    send(phone.pupil.code, scanned_by=other)
    stay = CustodyRecord.objects.get()
    assert stay.opened_by == office_user
    assert f"Scanned offline by {other.display_name}, sent by {office_user.display_name}." in stay.note
    assert Entry.objects.get(action="devices.record_offline").detail["scanned_by"] == other.pk


def test_scanner_key_is_of_one_school_and_cannot_be_made_up(school: School, office_user: User) -> None:
    """security row 38: signed, one salt for each purpose and school."""
    key = sign_scanner(school, office_user)
    assert scanner_of(school, key) == office_user
    assert office_user.display_name not in key
    assert scanner_of(school, key + "x") is None
    assert scanner_of(make_school("mill-lane"), key) is None


@pytest.mark.parametrize("act", [DeskAct.NO_DEVICE, DeskAct.REFUSED, DeskAct.PERMITTED])
def test_record_offline_scan_then_its_card_corrects_the_hand_in(
    act: DeskAct, send: Callable[..., Any], phone: PupilDevice
) -> None:
    """ux 4: exceptions after a scan work without the line too, in the order they were made."""
    assert send(phone.pupil.code).result == "recorded"
    assert send(phone.pupil.code, act.value).result == "recorded"
    assert CustodyRecord.objects.filter(closed_at__isnull=True).count() == 0
    assert CustodyRecord.objects.get().voided


def test_record_offline_scan_damaged_and_late_add_to_the_hand_in_or_make_it(
    send: Callable[..., Any], phone: PupilDevice
) -> None:
    assert send(phone.pupil.code, "damaged").result == "recorded"
    assert send(phone.pupil.code, "late").result == "recorded"
    assert {Flag.DAMAGED, Flag.LATE, Flag.OFFLINE} <= set(CustodyRecord.objects.get().flags)


def test_record_offline_scan_refused_behind_a_later_hand_in_waits(
    send: Callable[..., Any], phone: PupilDevice, school: School, office_user: User, at: datetime
) -> None:
    """A refusal at 8:30 does not undo what another desk took in at 8:35."""
    hand_in_device(school=school, actor=office_user, at=at + timedelta(minutes=5), pupil=phone.pupil, switched_off=True)
    assert send(phone.pupil.code, "refused").result == "conflict"
    assert DayMark.objects.count() == 0


def test_record_offline_scan_hand_back_by_slot(
    send: Callable[..., Any], phone: PupilDevice, school: School, office_user: User, at: datetime
) -> None:
    """W3: the hand-back desk keeps slots; closed at the time it happened."""
    stay = hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    assert stay.slot is not None
    end = at.replace(hour=15, minute=45)
    sent = send(stay.slot.label, "return", happened_at=end, at=end + LATER)
    assert sent.result == "recorded"
    stay.refresh_from_db()
    assert (stay.state, stay.closed_at) == (State.RETURNED, end)
    assert send(stay.slot.label, "return", happened_at=end, at=end + LATER).result == "conflict"


def test_record_offline_scan_keeps_the_gate(send: Callable[..., Any], phone: PupilDevice, school: School) -> None:
    """DEV-12"""
    gate = Gate.objects.create(school=school, name="North gate")
    send(phone.pupil.code, gate=gate)
    assert CustodyRecord.objects.get().gate == gate


@pytest.mark.parametrize("preset", ["phone-free-agreement", "primary-by-agreement", "image-and-conduct"])
def test_record_offline_scan_under_each_rule_is_recorded_or_waits(preset: str, at: datetime, db: None) -> None:
    """Nothing is dropped whatever the school's rules: a hand-in, or a row that says why not."""
    school = make_school(f"school-{preset}", preset=preset)
    with scope(school=school):
        office = make_user("office", school)
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        for kind in ("safe", "office", "locked_place", "secure_place"):
            add_place(school=school, actor=None, at=at, name=kind, kind=kind, lockable=True, purpose="daily", slots=5)
        pupil = make_pupil(school)
        add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
        for act in [*DeskAct.values, "return"]:
            record_offline_scan(
                school=school, actor=office, at=at, submission=uuid.uuid4(), code=pupil.code, act=act, happened_at=at,
            )  # fmt: skip
        waiting = OfflineScan.objects.count()
        assert Entry.objects.filter(action="devices.record_offline").count() == len(DeskAct.values) + 1
        assert all(scan.problem for scan in OfflineScan.objects.all())
        assert waiting < len(DeskAct.values) + 1


# --- Two at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_record_offline_scan_same_key_from_four_pages_is_one_record(at: datetime) -> None:
    """F18: two tabs that both send what one of them kept."""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=5)
        known, unknown = make_pupil(school), uuid.uuid4()
        add_device(school=school, actor=None, at=at, pupil=known, type=types["phone"])

    def sending(code: str, key: uuid.UUID) -> Any:
        return record_offline_scan(
            school=school, actor=office, at=at, submission=key, code=code, act="hand_in", happened_at=at,
            switched_off=True,
        )  # fmt: skip

    key = uuid.uuid4()
    for code, one in ((known.code, key), ("P99999999", unknown)):
        results = at_once(school, *[lambda code=code, one=one: sending(code, one)] * 4)
        assert not [result for result in results if isinstance(result, Exception)], results
        assert sorted(result.result == "repeated" for result in results) == [False, True, True, True]
    with scope(school=school):
        assert (CustodyRecord.objects.count(), OfflineScan.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_record_offline_scan_while_the_desk_still_answers_is_one_record(at: datetime) -> None:
    """The desk's own request and the kept scan arrive together, with one key: one stay and nothing to settle."""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=9)
        pupils = [make_pupil(school) for _ in range(5)]
        for pupil in pupils:
            add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    for pupil in pupils:
        key = uuid.uuid4()
        said = {"school": school, "actor": office, "at": at, "switched_off": True, "submission": key}
        results = at_once(
            school,
            lambda pupil=pupil, said=said: hand_in_device(pupil=pupil, **said),
            lambda pupil=pupil, said=said: record_offline_scan(code=pupil.code, act="hand_in", happened_at=at, **said),
        )
        assert not isinstance(results[1], Exception), results
    with scope(school=school):
        assert CustodyRecord.objects.count() == len(pupils)
        assert OfflineScan.objects.count() == 0


# --- Settling --------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(send: Callable[..., Any], phone: PupilDevice) -> OfflineScan:
    """A scan of Amara's that nobody said was switched off."""
    send(phone.pupil.code, switched_off=None)
    return OfflineScan.objects.get()


def test_settle_offline_scan_records_it_at_its_own_time(
    waiting: OfflineScan, school: School, office_user: User, at: datetime
) -> None:
    """F20: a person's answer; the time is the desk's."""
    settled = settle_offline_scan(
        school=school, actor=office_user, at=at + timedelta(hours=2), scan=waiting, outcome=OfflineOutcome.RECORDED,
        switched_off=True,
    )  # fmt: skip
    assert (settled.outcome, settled.settled_by) == (OfflineOutcome.RECORDED, office_user)
    stay = CustodyRecord.objects.get()
    assert stay.opened_at == at
    assert Flag.OFFLINE in stay.flags
    assert open_offline_count(school) == 0


def test_settle_offline_scan_for_another_pupil_and_act(
    waiting: OfflineScan, pupil: Pupil, school: School, office_user: User, at: datetime
) -> None:
    other = make_pupil(school)
    settle_offline_scan(
        school=school, actor=office_user, at=at + LATER, scan=waiting, outcome=OfflineOutcome.RECORDED, pupil=other,
        act=DeskAct.REFUSED,
    )  # fmt: skip
    assert DayMark.objects.get().pupil == other


def test_settle_offline_scan_refuses_what_makes_no_sense(
    waiting: OfflineScan, school: School, office_user: User, at: datetime, send: Callable[..., Any]
) -> None:
    """Let go only with a reason; recorded only of somebody; settled once."""
    send("P22222222")
    unknown = OfflineScan.objects.get(pupil=None)

    def settle(scan: OfflineScan, outcome: OfflineOutcome, **said: Any) -> OfflineScan:
        return settle_offline_scan(school=school, actor=office_user, at=at + LATER, scan=scan, outcome=outcome, **said)

    with pytest.raises(ReasonToLetGoNeeded):
        settle(waiting, OfflineOutcome.LET_GO)
    with pytest.raises(ScanNeedsPupil):
        settle(unknown, OfflineOutcome.RECORDED)
    with pytest.raises(Refusal, match="switched off"):
        settle(waiting, OfflineOutcome.RECORDED)
    settle(waiting, OfflineOutcome.LET_GO, note="Scanned twice")
    with pytest.raises(ScanSettledAlready):
        settle(waiting, OfflineOutcome.RECORDED, switched_off=True)
    assert CustodyEvent.objects.count() == 0


# --- The pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(office_user: User, client_for: Callable[[User], Client], at: datetime) -> Any:
    with time_machine.travel(at + LATER, tick=False):
        yield client_for(office_user)


def body(code: str, at: datetime, **more: Any) -> dict[str, Any]:
    said = {"submission": str(uuid.uuid4()), "code": code, "act": "hand_in", "happened_at": at.isoformat()}
    return said | {"switched_off": "true"} | more


def test_desk_sync_hands_out_a_key_and_takes_a_scan_without_naming_anybody(
    desk: Client, phone: PupilDevice, at: datetime
) -> None:
    """security 5.11: the answer says what came of it and no more."""
    asked = desk.get(SYNC).json()
    assert asked["ok"] is True
    assert len(asked["csrf"]) >= 32
    said = body(phone.pupil.code, at)
    answers = [desk.post(SYNC, said) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"result": "recorded"}, {"result": "repeated"}]
    assert CustodyRecord.objects.get().opened_at == at
    again = desk.post(SYNC, body(phone.pupil.code, at))
    assert again.json() == {"result": "conflict"}


def test_desk_sync_takes_no_name_and_nothing_half_said(desk: Client, phone: PupilDevice, at: datetime) -> None:
    for wrong in ({"code": "Kovacs"}, {"happened_at": "yesterday"}, {"act": "sell"}, {"submission": "1"}):
        answer = desk.post(SYNC, body(phone.pupil.code, at) | wrong)
        assert (answer.status_code, answer.json()["result"]) == (400, "refused")
    assert OfflineScan.objects.count() == 0


def test_desk_sync_signed_out_or_locked_keeps_what_was_sent_on_the_device(
    desk: Client, phone: PupilDevice, at: datetime
) -> None:
    """Told to sign in by the usual header; the lock holds nothing of what a page sends by itself."""
    headers = {"HX-Request": "true", "X-Schoolsafe-Poll": "1"}
    desk.get(SYNC, headers=headers)
    session = desk.session
    session["locked"] = True
    session.save()
    for answer in (desk.get(SYNC, headers=headers), desk.post(SYNC, body(phone.pupil.code, at), headers=headers)):
        assert "/account/unlock/" in answer["HX-Redirect"]
    assert "held" not in desk.session
    assert "locked_at_path" not in desk.session
    desk.logout()
    assert "/account/login/" in desk.get(SYNC, headers=headers)["HX-Redirect"]
    assert CustodyRecord.objects.count() == 0


def test_page_that_browsers_keep_names_nobody(desk: Client, phone: PupilDevice, office_user: User) -> None:
    """security row 52: no name, no address, no token of the session in what a browser keeps."""
    page = desk.get("/harbour-view/devices/desk/offline/")
    html = page.content.decode()
    assert page["X-Schoolsafe-Shell"] == "1"
    assert "csrf" not in html.lower()
    for word in (office_user.display_name, office_user.family_name, office_user.email, phone.pupil.legal_surname):
        assert word not in html


def test_service_worker_is_at_the_root_and_says_nothing_of_anybody(client: Client, db: None) -> None:
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/"
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_camera_may_be_opened_on_a_desk_and_nowhere_else(desk: Client, phone: PupilDevice) -> None:
    """No other page may ask for it, and no page for the microphone."""
    opened = desk.get("/harbour-view/devices/arrivals/")["Permissions-Policy"]
    closed = desk.get("/harbour-view/devices/register/")["Permissions-Policy"]
    assert "camera=(self)" in opened
    assert "camera=()" in closed
    assert "microphone=()" in opened


def test_offline_scans_are_listed_and_settled(desk: Client, waiting: OfflineScan, at: datetime) -> None:
    html = desk.get(LIST).content.decode()
    assert waiting.token in html
    assert "See that it is switched off" in html
    page = f"{LIST}{waiting.pk}/"
    assert b"It is the code of <bdi>Amara Kovacs</bdi>" in desk.get(page).content
    refused = desk.post(page, {"outcome": "recorded", "act": "hand_in"})
    assert refused.status_code == 422
    done = desk.post(page, {"outcome": "recorded", "act": "hand_in", "switched_off": "on"})
    assert done.status_code == 302
    assert CustodyRecord.objects.get().opened_at == at
    assert b"Recorded after all" in desk.get(LIST).content
    assert b"This one is settled" in desk.get(page).content


def test_settle_page_asks_back_when_a_name_fits_several(
    desk: Client, send: Callable[..., Any], school: School, phone: PupilDevice
) -> None:
    """Never guess between two."""
    send("P22222222")
    page = f"{LIST}{OfflineScan.objects.get().pk}/"
    other = make_pupil(school, "Hana", "Kovacs")
    asked = desk.post(page, {"outcome": "recorded", "act": "refused", "whose": "Kovacs"})
    assert asked.status_code == 422
    assert b"Choose which one it is" in asked.content
    assert desk.post(page, {"outcome": "recorded", "act": "refused", "whose": "Zzz"}).status_code == 422
    done = desk.post(page, {"outcome": "recorded", "act": "refused", "whose": "Kovacs", "pupil": other.pk})
    assert done.status_code == 302
    assert DayMark.objects.get().pupil == other


def test_settle_page_of_a_return_offers_the_adults_who_may_collect(
    desk: Client, send: Callable[..., Any], phone: PupilDevice, school: School, office_user: User, at: datetime
) -> None:
    """DEV-08: given back early without the line; the reason is said afterwards."""
    stay = hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    contact = make_contact(phone.pupil, "Kovacs")
    send(phone.pupil.code, "return", happened_at=at + timedelta(minutes=30))
    page = f"{LIST}{OfflineScan.objects.get().pk}/"
    assert contact.display_name in desk.get(page).content.decode()
    assert desk.post(page, {"outcome": "recorded", "reason": "medical"}).status_code == 302
    stay.refresh_from_db()
    assert stay.closed_at == at + timedelta(minutes=30)


def test_offline_scans_cost_as_many_statements_for_three_as_for_one(
    desk: Client, send: Callable[..., Any], school: School, phone: PupilDevice
) -> None:
    send(phone.pupil.code, switched_off=None)
    desk.get(LIST)
    with CaptureQueriesContext(connection) as one:
        desk.get(LIST)
    for _ in range(2):
        send(make_pupil(school).code)
    with CaptureQueriesContext(connection) as three:
        desk.get(LIST)
    assert len(three) == len(one)


def test_desk_page_carries_no_name_in_what_it_may_keep(desk: Client, phone: PupilDevice, office_user: User) -> None:
    """What desk-take.js writes into each kept scan: addresses, a gate, and a signed key."""
    html = desk.get("/harbour-view/devices/arrivals/").content.decode()
    start = html.index("data-desk-line")
    kept = html[start : html.index("hidden>", start)]
    assert "data-off-check" in kept
    assert office_user.family_name not in kept
    assert json.dumps(office_user.email) not in kept
