"""Exceptions at the desk: said after a scan, instead of one, or with it; devices put aside; gates."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django_scopes import scope

from core.audit.models import Entry
from core.people.models import Pupil, School, User
from core.people.roles import Role
from devices.enums import COMMANDS, DeskAct, EventKind, Flag, MarkKind, ParkedOutcome
from devices.models import CustodyEvent, CustodyRecord, DayMark, Gate, NoDeviceDeclaration, ParkedDevice, PupilDevice
from devices.operations import (
    DeviceAlreadyInCustody,
    add_device,
    add_gate,
    declare_no_device,
    hand_in_device,
    make_exception,
    mark_day,
    park_device,
    settle_parked,
    withdraw_mark,
)
from tests.factories import make_pupil, make_school, make_user

ARRIVALS = "/harbour-view/devices/arrivals/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def morning(at: datetime) -> Any:
    """Every page here is opened at 8:30 on a school day."""
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def desk(office_user: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(office_user)


def send(client: Client, **fields: Any) -> Any:
    return client.post(ARRIVALS, {"submission": str(uuid.uuid4())} | fields, headers=HTMX)


@pytest.mark.parametrize(
    ("act", "made"),
    [
        (DeskAct.NO_DEVICE, lambda pupil: NoDeviceDeclaration.objects.filter(pupil=pupil).exists()),
        (DeskAct.REFUSED, lambda pupil: DayMark.objects.filter(pupil=pupil, kind=MarkKind.REFUSED).exists()),
        (DeskAct.PERMITTED, lambda pupil: DayMark.objects.filter(pupil=pupil, kind=MarkKind.PERMITTED).exists()),
    ],
)
def test_exception_after_a_scan_takes_the_hand_in_back_and_keeps_its_events(
    desk: Client, phone: PupilDevice, act: DeskAct, made: Callable[[Pupil], bool]
) -> None:
    """ux 4, DEV-11, DEV-12, DEV-33: scan, then the card; the panel offers it for the pupil just scanned."""
    scanned = send(desk, code=phone.pupil.code, switched_off="on").content.decode()
    code = next(code for code, (known, _key) in COMMANDS.items() if known == act)
    assert f'data-desk-command="{code}"' in scanned
    assert f'name="pupil" value="{phone.pupil.pk}"' in scanned
    said = send(desk, pupil=phone.pupil.pk, act=act.value)
    assert said.status_code == 200, said.content
    assert made(phone.pupil)
    stay = CustodyRecord.objects.get()
    assert stay.voided
    assert not stay.is_open
    kinds = list(CustodyEvent.objects.filter(custody=stay).values_list("kind", flat=True))
    assert kinds == [EventKind.HAND_IN, EventKind.STORE, EventKind.CORRECTION]


def test_exception_instead_of_a_scan_needs_one_step(desk: Client, phone: PupilDevice) -> None:
    """ux 4: a name in the box and one key."""
    assert send(desk, code="amara", act="refused").status_code == 200
    assert DayMark.objects.get().kind == MarkKind.REFUSED
    assert not CustodyRecord.objects.exists()


def test_exception_long_after_the_hand_in_is_refused_and_names_correct(
    school: School, office_user: User, phone: PupilDevice, at: datetime
) -> None:
    """DEV-33: the quick key is for the queue; later it is a correction with words of its own."""
    hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    with pytest.raises(DeviceAlreadyInCustody, match="Use Correct"):
        make_exception(
            school=school, actor=office_user, at=at + timedelta(minutes=11), pupil=phone.pupil, act=DeskAct.NO_DEVICE
        )
    assert CustodyRecord.objects.get().is_open


def test_damaged_and_late_are_added_to_the_hand_in(desk: Client, phone: PupilDevice) -> None:
    """DEV-04, DEV-23: a card after the scan; a second time changes nothing."""
    send(desk, code=phone.pupil.code, switched_off="on")
    for act in ("damaged", "late", "damaged"):
        assert send(desk, pupil=phone.pupil.pk, act=act).status_code == 200
    stay = CustodyRecord.objects.get()
    assert stay.is_open
    assert stay.flags == [Flag.DAMAGED, Flag.LATE]
    assert stay.condition == "Damaged"
    assert CustodyEvent.objects.filter(custody=stay, kind=EventKind.NOTE).count() == 2


def test_damaged_with_the_hand_in_itself_is_one_step_and_survives_the_question(
    desk: Client, phone: PupilDevice
) -> None:
    """ux 4: a name in the box and the key; the off-check that is asked in between loses nothing."""
    asked = send(desk, code="amara", act="damaged").content.decode()
    assert "Is it off?" in asked
    assert 'name="act" value="damaged"' in asked
    assert send(desk, pupil=phone.pupil.pk, act="damaged", switched_off="on").status_code == 200
    assert CustodyRecord.objects.get().flags == [Flag.DAMAGED]


def test_second_device_is_asked_for_by_kind_and_stored_beside_the_first(desk: Client, phone: PupilDevice) -> None:
    """DEV-04, DEV-06: two devices of one pupil, two slots."""
    send(desk, code=phone.pupil.code, switched_off="on")
    asked = send(desk, pupil=phone.pupil.pk, act="second").content.decode()
    assert "Another smart watch" in asked
    done = send(desk, pupil=phone.pupil.pk, act="second", new_type="smartwatch", switched_off="on")
    assert done.status_code == 200
    stays = CustodyRecord.objects.order_by("pk")
    assert [stay.device.type.key for stay in stays] == ["phone", "smartwatch"]
    assert len({stay.slot_id for stay in stays}) == 2


def test_card_without_a_pupil_before_it_says_so_and_writes_nothing(desk: Client, phone: PupilDevice) -> None:
    """ux 4: never guess whom a card is meant for."""
    for code in COMMANDS:
        answer = send(desk, code=code)
        assert answer.status_code == 422
        assert "Scan the pupil first" in answer.content.decode()
    assert not Entry.objects.exclude(action="page.open").filter(action__startswith="devices.exception").exists()


def test_last_word_about_a_day_stands_and_the_earlier_stays_on_record(
    school: School, office_user: User, phone: PupilDevice, at: datetime
) -> None:
    """DEV-10, DEV-11: refused, then permitted, then none: one is in force, all can be read."""
    who = {"school": school, "actor": office_user, "at": at, "pupil": phone.pupil}
    refused = mark_day(**who, kind=MarkKind.REFUSED)
    assert mark_day(**who, kind=MarkKind.REFUSED) == refused
    mark_day(**who, kind=MarkKind.PERMITTED)
    declare_no_device(**who)
    assert not DayMark.objects.filter(withdrawn_at__isnull=True).exists()
    assert DayMark.objects.count() == 2
    absent = mark_day(**who, kind=MarkKind.ABSENT)
    assert not NoDeviceDeclaration.objects.filter(withdrawn_at__isnull=True).exists()
    withdraw_mark(school=school, actor=office_user, at=at, mark=absent, because="Came in at nine.")
    assert not DayMark.objects.filter(withdrawn_at__isnull=True).exists()
    assert absent.history.count() == 2


def test_mark_of_a_pupil_whose_device_is_here_is_refused(
    school: School, office_user: User, phone: PupilDevice, at: datetime
) -> None:
    """DEV-10: nobody is absent whose phone is in the safe."""
    hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    with pytest.raises(DeviceAlreadyInCustody, match="Already in"):
        mark_day(school=school, actor=office_user, at=at, pupil=phone.pupil, kind=MarkKind.ABSENT)


def test_unknown_device_is_put_aside_in_two_keys_and_settled_later(
    desk: Client, phone: PupilDevice, school: School, at: datetime
) -> None:
    """ux 4, market 4: an unknown code never holds up the queue; the hand-in keeps the time it was put aside."""
    unknown = send(desk, code="jmo").content.decode()
    assert "Put it aside" in unknown
    assert 'name="act" value="park"' in unknown
    parked_page = send(desk, code="jmo", act="park")
    assert parked_page.status_code == 200
    assert "T1" in parked_page.content.decode()
    parked = ParkedDevice.objects.get()
    assert (parked.typed, parked.number) == ("jmo", 1)
    url = f"/harbour-view/devices/arrivals/put-aside/{parked.pk}/"
    with time_machine.travel(at + timedelta(minutes=5), tick=False):
        wrong = desk.post(url, {"outcome": "handed_in", "whose": "nobody at all", "kind": "phone"})
        assert wrong.status_code == 422
        assert "Nobody on roll fits" in wrong.content.decode()
        assert "nobody at all" in wrong.content.decode(), "nothing typed is lost"
        done = desk.post(url, {"outcome": "handed_in", "whose": "amara", "kind": "phone", "switched_off": "on"})
    assert done.status_code == 302, done.content.decode()
    parked.refresh_from_db()
    assert parked.outcome == ParkedOutcome.HANDED_IN
    assert parked.custody.opened_at == at
    event = CustodyEvent.objects.filter(custody=parked.custody).first()
    assert (event.at, event.recorded_at) == (at, at + timedelta(minutes=5))
    assert "T1" in parked.custody.note


def test_settling_between_two_namesakes_asks_which(desk: Client, phone: PupilDevice, school: School) -> None:
    """ux 4: never guess between two."""
    other = make_pupil(school, "Amara", "Kowalska")
    park = send(desk, code="zz", act="park")
    assert park.status_code == 200
    parked = ParkedDevice.objects.get()
    url = f"/harbour-view/devices/arrivals/put-aside/{parked.pk}/"
    asked = desk.post(url, {"outcome": "handed_in", "whose": "amara", "kind": "phone", "switched_off": "on"})
    assert asked.status_code == 422
    assert "Choose which one it is" in asked.content.decode()
    done = desk.post(
        url,
        {"outcome": "handed_in", "whose": "amara", "pupil": other.pk, "kind": "phone", "switched_off": "on"},
    )
    assert done.status_code == 302, done.content.decode()
    assert CustodyRecord.objects.get().pupil == other


def test_parked_device_given_back_needs_words_and_is_settled_once(desk: Client, phone: PupilDevice) -> None:
    """DEV-33"""
    send(desk, code="zz", act="park")
    url = f"/harbour-view/devices/arrivals/put-aside/{ParkedDevice.objects.get().pk}/"
    assert desk.post(url, {"outcome": "given_back"}).status_code == 422
    assert desk.post(url, {"outcome": "given_back", "note": "A visitor’s"}).status_code == 302
    again = desk.post(url, {"outcome": "mistake", "note": "Twice"})
    assert "Somebody has settled this one already" in again.content.decode() or again.status_code == 422
    assert ParkedDevice.objects.get().outcome == ParkedOutcome.GIVEN_BACK


def test_same_key_twice_parks_once(desk: Client, phone: PupilDevice) -> None:
    """security 5.11"""
    key = str(uuid.uuid4())
    for _again in range(2):
        assert send(desk, code="zz", act="park", submission=key).status_code == 200
    assert ParkedDevice.objects.count() == 1


def test_two_desks_putting_aside_at_once_get_two_tags(transactional_db: None, at: datetime) -> None:
    """The tag is written on the device: no two carry the same one on a day."""
    school = make_school("two-desks")
    people = [make_user(Role.OFFICE, school) for _desk in range(4)]

    def park(user: User) -> int:
        try:
            with scope(school=school):
                return park_device(school=school, actor=user, at=at, typed="zz").number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(park, people)) == [1, 2, 3, 4]


def test_two_people_settling_at_once_settle_once(transactional_db: None, at: datetime) -> None:
    """One outcome, one refusal."""
    school = make_school("two-settle")
    people = [make_user(Role.OFFICE, school) for _one in range(2)]
    with scope(school=school):
        parked = park_device(school=school, actor=people[0], at=at, typed="zz")

    def settle(user: User) -> str:
        try:
            with scope(school=school):
                settle_parked(
                    school=school, actor=user, at=at, parked=parked, outcome=ParkedOutcome.LOST_PROPERTY, note="To box"
                )
                return "settled"
        except Exception as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(settle, people)) == ["AlreadySettled", "settled"]


def test_each_gate_has_its_own_count(desk: Client, phone: PupilDevice, school: School, at: datetime) -> None:
    """DEV-12, market 4: the desk remembers its gate, each gate its figure."""
    front = add_gate(school=school, actor=None, at=at, name="Front gate")
    add_gate(school=school, actor=None, at=at, name="Back gate")
    chosen = desk.post("/harbour-view/devices/arrivals/gate/", {"gate": front.pk})
    assert chosen.cookies["schoolsafe_gate"].value == f"{school.pk}-{front.pk}"
    assert chosen.cookies["schoolsafe_gate"]["httponly"]
    send(desk, code=phone.pupil.code, switched_off="on")
    assert CustodyRecord.objects.get().gate == front
    page = desk.get(ARRIVALS).content.decode()
    text = " ".join(page.split())
    assert '<dt>Front gate</dt> <dd> <span class="counter__value">1</span>' in text
    assert '<dt>Back gate</dt> <dd> <span class="counter__value">0</span>' in text


def test_gate_of_another_school_is_not_taken(desk: Client, phone: PupilDevice, at: datetime) -> None:
    """ORG-10"""
    other = make_school("next-door")
    with scope(school=other):
        theirs = add_gate(school=other, actor=None, at=at, name="Their gate")
    desk.post("/harbour-view/devices/arrivals/gate/", {"gate": theirs.pk})
    desk.cookies["schoolsafe_gate"] = f"{other.pk}-{theirs.pk}"
    send(desk, code=phone.pupil.code, switched_off="on")
    assert CustodyRecord.objects.get().gate is None


def test_gates_are_added_closed_and_never_named_alike(
    client_for: Callable[[User], Client], school: School, at: datetime
) -> None:
    """DEV-12"""
    client = client_for(make_user(Role.ADMINISTRATOR, school))
    page = "/harbour-view/devices/gates/"
    assert client.post(page, {"name": "Front gate"}).status_code == 302
    twice = client.post(page, {"name": "Front gate"})
    assert twice.status_code == 422
    assert "There is a gate called “Front gate” already." in twice.content.decode()
    gate = Gate.objects.get()
    assert client.post(f"{page}{gate.pk}/close/").status_code == 302
    gate.refresh_from_db()
    assert gate.closed_on == at.date()


def test_desk_costs_the_same_with_three_devices_put_aside(
    desk: Client, phone: PupilDevice, django_assert_num_queries: Any
) -> None:
    """speed.md: a list costs as many statements for three rows as for one."""
    from django.test.utils import CaptureQueriesContext

    page = "/harbour-view/devices/arrivals/put-aside/"
    send(desk, code="one", act="park")
    with CaptureQueriesContext(connection) as one:
        desk.get(page)
    send(desk, code="two", act="park")
    send(desk, code="three", act="park")
    with CaptureQueriesContext(connection) as three:
        assert desk.get(page).status_code == 200
    assert len(one) == len(three)


def test_reason_for_bringing_is_asked_once_and_kept(
    client_for: Callable[[User], Client], types: Any, at: datetime
) -> None:
    """DEV-37, DEV-02: under a reason-only rule the device is stored at once, the reason asked beside it."""
    from core.people.models import Pupil as PupilModel
    from devices.operations import add_place, seed_device_types

    school = make_school("by-bus", preset="primary-online-safety")
    with scope(school=school):
        office = make_user(Role.OFFICE, school)
        kinds = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(
            school=school, actor=None, at=at, name="Office", kind="office", lockable=True, purpose="daily", slots=5
        )
        pupil: PupilModel = make_pupil(school)
        device = add_device(school=school, actor=None, at=at, pupil=pupil, type=kinds["phone"])
        client = client_for(office)
        page = "/by-bus/devices/arrivals/"
        first = client.post(page, {"code": pupil.code}, headers=HTMX).content.decode()
        assert "Travels by bus or train" in first
        stay = CustodyRecord.objects.get()
        assert stay.is_open
        assert Flag.NO_REASON in stay.flags
        said = client.post(page, {"custody": stay.pk, "bring_reason": "travel"}, headers=HTMX)
        assert said.status_code == 200, said.content.decode()
        stay.refresh_from_db()
        device.refresh_from_db()
        assert (stay.bring_reason, device.bring_reason) == ("travel", "travel")
        assert Flag.NO_REASON not in stay.flags
