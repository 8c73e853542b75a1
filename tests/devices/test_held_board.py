"""The pages about taken devices, the board of what is held, and what ordinary custody makes of a taken device."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.people.models import FormGroup, Pupil, User
from core.people.roles import Role
from core.rules.operations import change_rule
from devices.enums import MarkKind, PlaceKind, PlacePurpose, State, TakenBecause
from devices.models import Confiscation, CustodyRecord, PupilDevice, StoragePlace
from devices.operations import (
    TakenNotHandedIn,
    add_device,
    add_place,
    close_day,
    hand_in_device,
    mark_day,
    mark_uncollected,
    return_device,
)
from devices.operations.taken import take_device
from devices.queries import day_book, desk_counts, left_devices, register_for
from devices.queries.taken import held_board
from tests.factories import make_pupil
from tests.factories.taking import make_taken

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    html = page.content.decode()
    html = html[html.index("<main") :] if "<main" in html else html
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", html)).split())


@pytest.fixture
def ten(at: datetime) -> Iterator[datetime]:
    moment = at.replace(hour=10, minute=0)
    with time_machine.travel(moment, tick=False):
        yield moment


@pytest.fixture
def drawer(phone: PupilDevice, at: datetime) -> StoragePlace:
    return add_place(
        school=phone.school, actor=None, at=at, name="Head’s safe", kind=PlaceKind.SAFE, lockable=True,
        purpose=PlacePurpose.CONFISCATED, slots=3,
    )  # fmt: skip


def another(phone: PupilDevice, form: FormGroup, at: datetime) -> PupilDevice:
    pupil = make_pupil(phone.school, form=form)
    return add_device(school=phone.school, actor=None, at=at, pupil=pupil, type=phone.type)


def take(device: PupilDevice, actor: User, at: datetime, **given: Any) -> CustodyRecord:
    values: dict[str, Any] = {
        "ground": "behaviour", "because": TakenBecause.USED_IN_DAY, "seen": "Typed under the desk.", "where": "Room 4",
    } | given  # fmt: skip
    return take_device(school=device.school, actor=actor, at=at, pupil=device.pupil, device=device, **values)


PLAIN = {"because": TakenBecause.USED_IN_DAY.value, "ground": "behaviour", "where": "Corridor"}


def test_take_page_records_the_plain_case(
    phone: PupilDevice, drawer: StoragePlace, teacher_user: User, client_for: Clients, ten: datetime
) -> None:
    """CNF-01, CNF-02: any member of staff; the device is chosen already; then where to bring it and what comes next."""
    client = client_for(teacher_user)
    found = client.post(url("take"), {"query": "Amara Kovacs"})
    assert found.headers["Location"] == url("take-from", phone.pupil_id)
    page = client.get(url("take-from", phone.pupil_id))
    assert f'value="{phone.pk}"' in page.content.decode()
    assert "It can go back today." in words(page)
    key = str(uuid.uuid4())
    for _ in range(2):  # sent twice: one taking
        done = client.post(
            url("take-from", phone.pupil_id), PLAIN | {"device": str(phone.pk), "submission": key}, follow=True
        )
    stay = CustodyRecord.objects.get()
    assert (stay.confiscation.seen, stay.confiscation.taken_where) == ("Was seen using it.", "Corridor")
    assert "Bring it to Head’s safe" in words(done)
    assert "Who may have it back: The pupil" in words(done)
    assert done.redirect_chain[0][0] == url("taken", stay.pk)


def test_take_page_shows_a_live_permission_first(
    phone: PupilDevice, office_user: User, teacher_user: User, client_for: Clients, ten: datetime
) -> None:
    """Law CO-2, DEV-35: that they may use it stands before the form, and must be weighed; never why."""
    mark_day(school=phone.school, actor=office_user, at=ten, pupil=phone.pupil, kind=MarkKind.PERMITTED,
             day=ten.date())  # fmt: skip
    client = client_for(teacher_user)
    page = words(client.get(url("take-from", phone.pupil_id)))
    assert "Amara may use it now" in page
    assert page.index("may use it now") < page.index("Why")
    refused = client.post(url("take-from", phone.pupil_id), PLAIN | {"device": str(phone.pk)})
    assert refused.status_code == 422
    assert "Say that you have weighed this" in words(refused)
    client.post(
        url("take-from", phone.pupil_id), PLAIN | {"device": str(phone.pk), "circumstances_weighed": "on"}, follow=True
    )
    assert Confiscation.objects.get().circumstances == ["permission"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"because": ""}, "Choose what led to it"),
        ({"where": "elsewhere"}, "Say where it was"),
        ({"because": "safeguarding"}, "Say in plain facts what was seen or heard"),
        ({"because": "barred_function"}, "Choose what it was used for"),
        ({"device": "new", "new_type": ""}, "Choose the kind of device"),
        ({"slot": "99"}, "There is no such slot there."),
    ],
)
def test_take_page_says_what_is_missing(
    phone: PupilDevice, teacher_user: User, client_for: Clients, ten: datetime, given: dict[str, str], sentence: str
) -> None:
    page = client_for(teacher_user).post(url("take-from", phone.pupil_id), PLAIN | {"device": str(phone.pk)} | given)
    assert page.status_code == 422
    assert sentence in words(page)
    assert not CustodyRecord.objects.exists()


def test_take_page_adds_a_device_that_is_not_on_record(
    phone: PupilDevice, teacher_user: User, client_for: Clients, ten: datetime
) -> None:
    """DEV-21: a second device, put on the register by whoever takes it."""
    client_for(teacher_user).post(
        url("take-from", phone.pupil_id),
        PLAIN | {"device": "new", "new_type": str(phone.type_id), "new_colour": "red", "because": "second_hidden"},
    )
    assert CustodyRecord.objects.get().device.description == "red phone"


def test_taken_page_is_for_the_taker_and_for_those_who_see_the_board(
    phone: PupilDevice, teacher_user: User, office_user: User, make_user: Callable[..., User], client_for: Clients,
    ten: datetime,
) -> None:  # fmt: skip
    stay = take(phone, teacher_user, ten)
    assert client_for(teacher_user).get(url("taken", stay.pk)).status_code == 200
    assert client_for(office_user).get(url("taken", stay.pk)).status_code == 200
    assert client_for(make_user(Role.TEACHER)).get(url("taken", stay.pk)).status_code == 404


def test_taken_page_of_a_held_device_says_why_to_few(
    phone: PupilDevice, teacher_user: User, office_user: User, dsl_user: User, client_for: Clients, ten: datetime
) -> None:
    """CNF-10: the office reads "Held. Ask the DSL."; who took it and the DSL read the entry, and that is on record."""
    stay = take(phone, teacher_user, ten, hold_reason="crime")
    office = words(client_for(office_user).get(url("taken", stay.pk)))
    assert "Held. Ask the DSL." in office
    assert "Typed under the desk" not in office
    assert "Typed under the desk" in words(client_for(dsl_user).get(url("taken", stay.pk)))
    board = words(client_for(office_user).get(url("held")))
    assert "Held. Ask the DSL." in board
    assert "crime" not in board.lower()


def test_held_board_says_what_is_due_overdue_undecided_and_unsigned(
    phone: PupilDevice, form_group: FormGroup, slt_user: User, teacher_user: User, client_for: Clients, at: datetime
) -> None:
    """CNF-03, CNF-16, law CO-4: each state under its own filter, the pressing ones first."""
    change_rule(
        school=phone.school, actor=None, at=at - timedelta(days=30), key="confiscation_days_limit", value=5,
        effective_from=(at - timedelta(days=20)).date(), reason="A test.",
    )  # fmt: skip
    phone.school.refresh_from_db()
    ten = at.replace(hour=10)
    due = take(phone, teacher_user, ten)
    devices = [another(phone, form_group, at) for _ in range(4)]
    old = make_taken(
        devices[0].pupil, devices[0], by=teacher_user, at=ten - timedelta(days=7),
        expected_on=(ten - timedelta(days=7)).date(),
    )  # fmt: skip
    parent = make_taken(devices[1].pupil, devices[1], by=teacher_user, at=ten, state=State.PARENT_COLLECTION)
    undecided = make_taken(devices[2].pupil, devices[2], by=teacher_user, at=ten, release_rule="unspecified")
    held = make_taken(devices[3].pupil, devices[3], by=teacher_user, at=ten, state=State.EVIDENCE_HOLD)
    board = held_board(phone.school, ten)
    found = {row.stay.pk: row for row in board.rows}
    assert [row.stay.pk for row in board.rows] == [old.pk, undecided.pk, due.pk, parent.pk, held.pk]
    assert found[due.pk].tags >= {"due", "put_away"}
    assert found[old.pk].tags >= {"overdue", "over", "sign_off"}
    assert (found[parent.pk].word, found[held.pk].word) == ("Waits for a parent", "Held. Ask the DSL.")
    assert board.counts["decision"] == 1
    evening = held_board(phone.school, at.replace(hour=16, minute=30))
    assert {row.stay.pk for row in evening.shown("overdue")} >= {old.pk, due.pk}
    friday = held_board(phone.school, at.replace(day=27, hour=16, minute=30))
    assert friday.counts["over"] == 5
    with time_machine.travel(ten, tick=False):
        page = words(client_for(slt_user).get(url("held") + "?show=sign_off"))
        assert devices[0].pupil.sort_name in page
        assert phone.pupil.sort_name not in page
        sign = client_for(slt_user).post(url("sign-off", old.pk), {"note": "Abroad."}, follow=True)
    assert "It is signed that the device is kept." in sign.content.decode()
    assert Confiscation.objects.get(custody=old).signed_off_by == slt_user


def test_held_board_costs_the_same_for_one_and_for_three(
    phone: PupilDevice, form_group: FormGroup, office_user: User, teacher_user: User, client_for: Clients, ten: datetime
) -> None:
    take(phone, teacher_user, ten)
    client = client_for(office_user)
    client.get(url("held"))
    counts = []
    for extra in (0, 2):
        for _ in range(extra):
            take(another(phone, form_group, ten), teacher_user, ten)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url("held"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_store_taken_page_puts_it_in_a_slot(
    phone: PupilDevice, drawer: StoragePlace, teacher_user: User, office_user: User, client_for: Clients, ten: datetime
) -> None:
    """CNF-03: brought to the office, put in X slot Y."""
    stay = take(phone, teacher_user, ten)
    wrong = client_for(office_user).post(url("store-taken", stay.pk), {"place": drawer.pk, "slot": "44"})
    assert "There is no slot 44" in words(wrong)
    client_for(office_user).post(url("store-taken", stay.pk), {"place": drawer.pk, "slot": "2"})
    stay.refresh_from_db()
    assert (stay.place, stay.slot.label) == (drawer, "2")


def test_withdraw_page_keeps_the_entry(
    phone: PupilDevice, teacher_user: User, client_for: Clients, ten: datetime
) -> None:
    stay = take(phone, teacher_user, ten)
    client = client_for(teacher_user)
    assert client.post(url("withdraw-taking", stay.pk), {"note": ""}).status_code == 422
    client.post(url("withdraw-taking", stay.pk), {"note": "It was Ben’s."}, follow=True)
    assert "Withdrawn" in words(client.get(url("taken", stay.pk)))


# What ordinary custody makes of it.


def test_return_device_taken_is_given_back_at_the_release_desk(
    phone: PupilDevice, office_user: User, teacher_user: User, client_for: Clients, at: datetime
) -> None:
    """CNF-04: the hand-back desk refuses with the way to the release desk, in a sentence."""
    stay = take(phone, teacher_user, at)
    later = at.replace(hour=15, minute=20)
    with pytest.raises(TakenNotHandedIn, match=r"confiscated: 8:30am, by .* release desk"):
        return_device(school=phone.school, actor=office_user, at=later, custody=stay)
    with time_machine.travel(later, tick=False):
        page = client_for(office_user).post(url("returns"), {"code": "Amara Kovacs"})
    assert url("release", stay.pk) in page.content.decode()
    stay.refresh_from_db()
    assert stay.is_open


def test_arrivals_desk_says_that_it_is_confiscated(
    phone: PupilDevice, office_user: User, teacher_user: User, client_for: Clients, ten: datetime
) -> None:
    """DEV-04, CNF-02: a scan of its pupil says what the device is, and makes no second stay."""
    take(phone, teacher_user, ten)
    page = client_for(office_user).post(url("arrivals"), {"code": "Amara Kovacs", "switched_off": "on"})
    assert "This device is confiscated: 10:00am" in words(page)
    assert CustodyRecord.objects.count() == 1


def test_day_book_still_balances_with_taken_devices(
    phone: PupilDevice, form_group: FormGroup, office_user: User, teacher_user: User, at: datetime
) -> None:
    """Law PH-9, DEV-09: a hand-in that was taken is a part of the book of its own; one taken from a pupil is in none
    of it, is not uncollected, and lies apart from what is counted at the close."""
    hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    plain = another(phone, form_group, at)
    hand_in_device(school=phone.school, actor=office_user, at=at, pupil=plain.pupil, switched_off=True)
    take(phone, teacher_user, at.replace(hour=10))
    take(another(phone, form_group, at), teacher_user, at.replace(hour=10))
    book = day_book(phone.school, at.date())
    assert (book.handed_in, book.still_here, book.taken, book.taken_here) == (2, 1, 1, 2)
    assert book.balances
    assert desk_counts(phone.school, at.date(), handin_types=frozenset({"phone"})).handed_in == 2
    after = at.replace(hour=16, minute=5)
    assert [stay.device_id for stay in mark_uncollected(school=phone.school, actor=None, at=after)] == [plain.pk]
    left = left_devices(phone.school, at.date())
    assert [one.stay.device_id for one in left] == [plain.pk]
    closed = close_day(
        school=phone.school, actor=office_user, at=after, counted=1, reasons={left[0].stay.pk: "Not fetched."}
    )
    assert closed.balances


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.CONFISCATED, "confiscated"),
        (State.COLLECTED, "collected"),
        (State.PARENT_COLLECTION, "confiscated"),
        (State.EVIDENCE_HOLD, "held"),
    ],
)
def test_register_has_words_for_taken_devices(
    phone: PupilDevice, teacher_user: User, ten: datetime, state: State, status: str
) -> None:
    """DEV-36, CNF-08: the register of the day keeps collected, confiscated and held apart."""
    make_taken(phone.pupil, phone, by=teacher_user, at=ten, state=state)
    assert [row.status for row in register_for(phone.school, ten.date())] == [status]


def test_pupil_panel_and_may_use_show_it_and_offer_the_form(
    phone: PupilDevice, pupil: Pupil, teacher_user: User, office_user: User, client_for: Clients, ten: datetime
) -> None:
    """Law CO-2: one tap from the answer to the form, and from the pupil."""
    stay = take(phone, teacher_user, ten)
    panel = client_for(office_user).get(url("pupil-panel", pupil.pk))
    assert "Confiscated" in words(panel)
    for address in (url("taken", stay.pk), url("take-from", pupil.pk)):
        assert address in panel.content.decode()
    answer = client_for(teacher_user).get(url("may-use-of", pupil.pk))
    assert "With the school" in words(answer)
    assert url("take-from", pupil.pk) in answer.content.decode()
