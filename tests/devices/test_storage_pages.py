"""Pages about places, slots and kinds of device."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.people.models import Pupil, School, User
from core.rules.operations import change_rule
from devices.enums import SlotState
from devices.models import DeviceType, PupilDevice, Slot, StoragePlace
from devices.operations import add_device, add_place, close_place, hand_in_device, seed_device_types, set_slot_state
from tests.factories import BEGAN, make_pupil

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    """What stands on the page, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


@pytest.fixture
def office(office_user: User, client_for: Clients) -> Client:
    return client_for(office_user)


def rule(school: School, key: str, value: Any) -> None:
    """Let a rule hold from the first day."""
    change_rule(
        school=school, actor=None, at=BEGAN, key=key, value=value, effective_from=BEGAN.date(), reason="For a test."
    )
    school.refresh_from_db()


def test_storage_first_use_says_what_to_do(school: School, office: Client) -> None:
    """DEV-06, ux §5: first use says what will appear and the one thing to do."""
    page = office.get(url("storage"))
    assert "No storage places yet" in words(page)
    assert url("add-place") in page.content.decode()
    assert "No kinds of device yet" in words(page)


def test_storage_lists_places_with_what_is_taken_and_free(
    school: School, safe: StoragePlace, phone: PupilDevice, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-06"""
    hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    page = words(office.get(url("storage")))
    assert "1 of 5" in page
    assert "Meets your rule" in page
    assert "The desk cannot take devices in" not in page


def test_storage_warns_when_no_place_is_of_the_kind_the_rule_names(
    school: School, types: dict[str, Any], office: Client, at: datetime
) -> None:
    """DEV-06: without such a place the desk would have to stop."""
    rule(school, "storage_kind", "safe")
    add_place(school=school, actor=None, at=at, name="Drawer", kind="office", lockable=False, purpose="daily", slots=3)
    page = words(office.get(url("storage")))
    assert "The desk cannot take devices in" in page
    assert "Other than your rule names" in page
    assert "keep handed-in devices in a safe." in page


def test_storage_kept_for_evidence_is_no_place_for_hand_ins(
    school: School, types: dict[str, Any], office: Client, at: datetime
) -> None:
    add_place(school=school, actor=None, at=at, name="Cabinet", kind="safe", lockable=True, purpose="evidence", slots=3)
    page = words(office.get(url("storage")))
    assert "Not for hand-ins" in page
    assert "The desk cannot take devices in" in page


def test_storage_statements_do_not_grow_with_places(
    school: School, types: dict[str, Any], office: Client, at: datetime
) -> None:
    """House: statements constant in rows."""

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert office.get(url("storage")).status_code == 200
        return len(captured)

    def another(name: str) -> None:
        place = add_place(
            school=school, actor=None, at=at, name=name, kind="safe", lockable=True, purpose="daily", slots=4
        )
        closed = add_place(
            school=school, actor=None, at=at, name=f"{name} of old", kind="safe", lockable=True, purpose="daily"
        )
        close_place(school=school, actor=None, at=at, place=closed)
        assert place.pk

    another("One")
    office.get(url("storage"))
    one = statements()
    another("Two")
    another("Three")
    assert statements() == one


def test_add_place_makes_it_with_slots(school: School, office: Client) -> None:
    """DEV-06"""
    response = office.post(
        url("add-place"), {"name": "Main safe", "kind": "safe", "lockable": "on", "purpose": "daily", "slots": "30"}
    )
    assert response.status_code == 302 and response["Location"] == url("storage")
    assert Slot.objects.filter(place__name="Main safe").count() == 30


def test_add_place_that_refuses_keeps_what_was_typed(school: School, safe: StoragePlace, office: Client) -> None:
    """Ux §2: 422, the summary, the same words at the field, and nothing typed is lost."""
    response = office.post(
        url("add-place"), {"name": "office SAFE", "kind": "safe", "lockable": "on", "purpose": "daily", "slots": "12"}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("There is already a place called office SAFE.") == 2
    assert 'value="office SAFE"' in page and 'value="12"' in page
    assert "<title>Error: " in page


def test_add_place_safe_without_a_lock_is_refused_at_its_field(school: School, office: Client) -> None:
    """DEV-06"""
    response = office.post(url("add-place"), {"name": "Main safe", "kind": "safe", "purpose": "daily", "slots": "1"})
    assert response.status_code == 422
    assert "must lock" in words(response)
    assert not StoragePlace.objects.exists()


@pytest.mark.parametrize("slots", ["-1", "2001", "many"])
def test_add_place_odd_number_of_slots_is_refused(school: School, office: Client, slots: str) -> None:
    response = office.post(
        url("add-place"), {"name": "Safe", "kind": "safe", "lockable": "on", "purpose": "daily", "slots": slots}
    )
    assert response.status_code == 422
    assert not StoragePlace.objects.exists()


def test_place_shows_each_slot_and_whose_device_it_holds(
    school: School, safe: StoragePlace, phone: PupilDevice, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-06: short name and form, a link to the device, and why a slot is out of use."""
    hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    last = Slot.objects.get(place=safe, number=5)
    set_slot_state(
        school=school, actor=office_user, at=at, slot=last, state=SlotState.OUT_OF_USE, reason="The lid is broken"
    )
    page = office.get(url("place", safe.pk))
    assert "Amara K. 8B" in words(page)
    assert "Kovacs" not in words(page)
    assert url("device", phone.pk) in page.content.decode()
    assert "Out of use: The lid is broken" in words(page)
    assert words(page).count(" Free ") == 3


def test_place_shows_what_lies_there_without_a_slot(
    school: School, types: dict[str, Any], pupil: Pupil, office_user: User, office: Client, at: datetime
) -> None:
    place = add_place(school=school, actor=None, at=at, name="Tray", kind="office", lockable=False, purpose="daily")
    add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
    hand_in_device(school=school, actor=office_user, at=at, pupil=pupil, switched_off=True)
    page = words(office.get(url("place", place.pk)))
    assert "Here without a slot" in page and "Amara K. 8B" in page
    assert "and 1 without a slot" in words(office.get(url("storage")))


def test_place_statements_do_not_grow_with_slots_taken(
    school: School, safe: StoragePlace, types: dict[str, Any], office_user: User, office: Client, at: datetime
) -> None:
    """House: statements constant in rows."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(url("place", safe.pk)).status_code == 200
        return len(captured)

    def another() -> None:
        pupil = make_pupil(school)
        add_device(school=school, actor=None, at=at, pupil=pupil, type=types["phone"])
        hand_in_device(school=school, actor=office_user, at=at, pupil=pupil, switched_off=True)

    another()
    office.get(url("place", safe.pk))
    one = statements()
    another()
    another()
    assert statements() == one


def test_place_closed_can_still_be_looked_at_and_not_changed(
    school: School, safe: StoragePlace, office_user: User, office: Client, at: datetime
) -> None:
    close_place(school=school, actor=office_user, at=at, place=safe)
    page = office.get(url("place", safe.pk))
    assert "Closed on 23 November 2026" in words(page)
    assert url("add-slots", safe.pk) not in page.content.decode()
    assert office.get(url("change-place", safe.pk)).status_code == 404


def test_change_place_while_another_saved_shows_both_texts(
    school: School, safe: StoragePlace, office_user: User, headteacher_user: User, office: Client, client_for: Clients
) -> None:
    """House: two people at once see both, nothing typed is lost, and saving again takes."""
    form = {"kind": "safe", "lockable": "on", "purpose": "daily", "version": "1"}
    client_for(headteacher_user).post(url("change-place", safe.pk), form | {"name": "Head’s safe"})
    response = office.post(url("change-place", safe.pk), form | {"name": "Front office safe"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "What changed meanwhile" in page
    assert "Head’s safe" in page and 'value="Front office safe"' in page
    again = office.post(
        url("change-place", safe.pk),
        form | {"name": "Front office safe", "version": re.findall(r'name="version" value="(\d+)"', page)[0]},
    )
    assert again.status_code == 302
    safe.refresh_from_db()
    assert safe.name == "Front office safe"


def test_add_slots_numbers_on(school: School, safe: StoragePlace, office: Client) -> None:
    assert office.post(url("add-slots", safe.pk), {"slots": "3"}).status_code == 302
    assert Slot.objects.filter(place=safe).count() == 8
    assert office.post(url("add-slots", safe.pk), {"slots": ""}).status_code == 422


def test_close_place_holding_a_device_is_refused_in_words(
    school: School, safe: StoragePlace, phone: PupilDevice, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-06"""
    hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    assert "It holds 1 device." in words(office.get(url("close-place", safe.pk)))
    response = office.post(url("close-place", safe.pk))
    assert response.status_code == 422 and "Devices are still in it." in words(response)


def test_close_place_the_only_one_the_rule_accepts_warns(school: School, safe: StoragePlace, office: Client) -> None:
    assert "It is the only place your school’s rule accepts" in words(office.get(url("close-place", safe.pk)))
    assert office.post(url("close-place", safe.pk)).status_code == 302
    assert "Closed places" in words(office.get(url("storage")))


def test_slot_state_without_a_reason_is_refused_at_the_field(
    school: School, safe: StoragePlace, office: Client
) -> None:
    slot = Slot.objects.get(place=safe, number=2)
    response = office.post(url("slot-state", slot.pk), {"state": "out_of_use", "reason": ""})
    assert response.status_code == 422 and response.content.decode().count("Say why the slot is out of use.") == 2
    assert office.post(url("slot-state", slot.pk), {"state": "out_of_use", "reason": "Lid"}).status_code == 302
    slot.refresh_from_db()
    assert (slot.state, slot.out_of_use_reason) == ("out_of_use", "Lid")


def test_storage_for_the_administrator_shows_no_pupil_and_links_to_none(
    school: School, safe: StoragePlace, types: dict[str, Any], administrator_user: User, client_for: Clients
) -> None:
    """ORG-05: who sets the school up sees places, not what lies in them."""
    page = client_for(administrator_user).get(url("storage")).content.decode()
    assert url("change-place", safe.pk) in page
    assert f'"{url("place", safe.pk)}"' not in page


def test_types_empty_catalogue_offers_the_standard_list(school: School, office: Client) -> None:
    """DEV-01"""
    assert "Take the standard list" in words(office.get(url("types")))
    assert office.post(url("types")).status_code == 302
    assert DeviceType.objects.count() == 9
    assert office.post(url("types")).status_code == 302
    assert DeviceType.objects.count() == 9


def test_types_show_what_each_can_do_and_the_duty_under_the_rules(
    school: School, types: dict[str, Any], office: Client
) -> None:
    """DEV-01, DEV-38"""
    page = words(office.get(url("types")))
    assert (
        "Phone calls or sends messages, goes online, records sound, takes pictures Handed in Named in the rules."
        in page
    )
    assert "Other device none of what the rules ask about Not covered by the rules" in page
    rule(school, "handin_device_scope", "phones_only")
    page = words(office.get(url("types")))
    assert "Smart watch calls or sends messages, goes online, records sound Kept secure, not handed in" in page


def test_change_type_new_flag_brings_the_kind_under_the_rules(
    school: School, types: dict[str, Any], office: Client
) -> None:
    """DEV-01: a type is in scope when any flag is set."""
    other = types["other"]
    response = office.post(
        url("change-type", other.pk), {"label": "Walkie-talkie", "communicates": "on", "version": other.version}
    )
    assert response.status_code == 302
    assert "Walkie-talkie calls or sends messages Handed in Covered for what it can do." in words(
        office.get(url("types"))
    )


def test_change_type_name_in_use_keeps_what_was_typed(school: School, types: dict[str, Any], office: Client) -> None:
    other = types["other"]
    response = office.post(url("change-type", other.pk), {"label": "Phone", "version": other.version})
    assert response.status_code == 422 and 'value="Phone"' in response.content.decode()


def test_place_name_with_markup_is_shown_as_text(school: School, office: Client, at: datetime) -> None:
    """Security: what people type is never markup."""
    add_place(
        school=school, actor=None, at=at + timedelta(minutes=1), name="<b>Safe</b>", kind="safe", lockable=True,
        purpose="daily",
    )  # fmt: skip
    page = office.get(url("storage")).content.decode()
    assert "<b>Safe</b>" not in page and "&lt;b&gt;Safe&lt;/b&gt;" in page


def test_add_place_name_with_a_hidden_character_is_refused_in_words(school: School, office: Client) -> None:
    response = office.post(
        url("add-place"), {"name": "Sa\u202efe", "kind": "safe", "lockable": "on", "purpose": "daily"}
    )
    assert response.status_code == 422 and "hidden character" in words(response)


def test_seed_device_types_at_set_up_needs_no_person(school: School, at: datetime) -> None:
    assert seed_device_types(school=school, actor=None, at=at)
