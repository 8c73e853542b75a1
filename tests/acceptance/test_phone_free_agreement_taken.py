"""The scenarios of the phone-free-agreement preset about devices that are taken: the custody of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.people.models import School
from core.people.roles import Role
from devices.enums import Basis, EventKind, PlaceKind, PlacePurpose, State, TakenBecause
from devices.models import Confiscation, CustodyEvent, CustodyRecord, StoragePlace
from devices.operations import add_device, add_place, seed_device_types
from devices.queries.taken import release_terms
from tests.acceptance.conftest import Person, shown
from tests.factories import make_form, make_pupil

AsRole = Callable[[Role], Person]
Clock = Callable[[int, int], None]


@pytest.fixture
def preset() -> str:
    return "phone-free-agreement"


@pytest.fixture
def drawer(place: School, at: datetime) -> StoragePlace:
    return add_place(
        school=place, actor=None, at=at, name="Pastoral safe", kind=PlaceKind.SAFE, lockable=True,
        purpose=PlacePurpose.CONFISCATED, slots=4,
    )  # fmt: skip


@pytest.fixture
def phone(place: School, at: datetime) -> Any:
    add_place(
        school=place, actor=None, at=at, name="Office safe", kind=PlaceKind.SAFE, lockable=True,
        purpose=PlacePurpose.DAILY, slots=4,
    )  # fmt: skip
    kinds = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    pupil = make_pupil(place, "Lee", "Marsh", form=make_form(place, "9C", year=9))
    return add_device(school=place, actor=None, at=at, pupil=pupil, type=kinds["phone"])


def test_roc_s2_a_phone_not_handed_in_is_collected_stored_and_can_go_to_the_pupil(
    place: School, phone: Any, drawer: StoragePlace, as_role: AsRole, clock: Clock, at: datetime
) -> None:
    """ROC-S2 (DEV-10, CNF-08, CNF-03, CNF-04): not handed in on arrival; staff take it at 10:00; it is collected, "not
    handed in" is on record, it is stored securely apart, and at 15:15 it can go to the pupil, and not before."""
    clock(10, 0)
    teacher, office = as_role(Role.TEACHER), as_role(Role.OFFICE)
    page = f"devices/take/{phone.pupil_id}/"
    assert "may use it now" not in shown(teacher.opens(page))
    taken = teacher.sends(page, device=phone.pk, because="not_handed_in", ground="behaviour", where="Corridor")
    assert "Bring it to Pastoral safe" in shown(taken)
    stay = CustodyRecord.objects.get()
    assert (stay.state, stay.basis) == (State.COLLECTED, Basis.COLLECTED)
    entry = Confiscation.objects.get()
    assert (entry.because, entry.basis, entry.taken_at.hour) == (TakenBecause.NOT_HANDED_IN, Basis.COLLECTED, 10)
    event = CustodyEvent.objects.get()
    assert (event.kind, event.from_state, event.basis) == (EventKind.TAKE, State.NOT_HANDED_IN, Basis.COLLECTED)
    assert "Collected: not handed in" in shown(as_role(Role.FORM_TUTOR).opens("devices/register/"))

    clock(10, 20)
    assert (
        "It is in Pastoral safe, slot 3."
        in office.sends(f"devices/taken/{stay.pk}/put-away/", place=drawer.pk, slot="3").content.decode()
    )
    board = shown(office.opens("devices/held/"))
    assert "Marsh" in board
    assert "Due today" in board
    assert "Pastoral safe, slot 3" in board

    clock(11, 0)
    refused = office.sends("devices/hand-back/", code="Lee Marsh")
    assert "collected, because it was not handed in" in shown(refused)
    stay.refresh_from_db()
    assert stay.is_open
    terms = release_terms(stay, at.replace(hour=11))
    assert (terms.may_pupil, terms.pupil_from) == (True, at.replace(hour=15, minute=15))


def test_roc_s2_used_after_it_was_handed_in_is_confiscated_not_collected(
    place: School, phone: Any, drawer: StoragePlace, as_role: AsRole, clock: Clock
) -> None:
    """ROC-S2, law PH-9 (NEG): what was handed in that morning cannot be recorded as not handed in."""
    as_role(Role.OFFICE).sends("devices/arrivals/", code="Lee Marsh", switched_off="on")
    clock(10, 0)
    teacher, page = as_role(Role.TEACHER), f"devices/take/{phone.pupil_id}/"
    wrong = teacher.sends(page, device=phone.pk, because="not_handed_in", ground="behaviour", where="Corridor")
    assert "It was handed in, 8:30am" in shown(wrong)
    teacher.sends(page, device=phone.pk, because="used_in_day", ground="behaviour", where="Corridor")
    stay = CustodyRecord.objects.get()
    assert (stay.state, stay.basis) == (State.CONFISCATED, Basis.CONFISCATED)
    kept = CustodyEvent.objects.order_by("id").values_list("basis", flat=True)
    assert list(kept) == [Basis.HAND_IN, Basis.HAND_IN, Basis.CONFISCATED]
