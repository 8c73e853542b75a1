"""Pages about pupils' own devices: the record of one, its chain of custody, the pupil's panel (DEV-33, DEV-34)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import FormGroup, Pupil, School, User
from core.rules.operations import change_rule
from devices.enums import BringReason, CorrectionKind, GivenTo
from devices.models import CustodyRecord, DeviceType, PupilDevice, Slot, StoragePlace
from devices.operations import (
    add_device,
    add_place,
    change_device,
    correct_custody,
    hand_in_device,
    mark_uncollected,
    return_device,
)
from tests.factories import BEGAN, make_pupil

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    """What stands on the page, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


def chain(page: Any) -> str:
    """The timeline alone."""
    html = page.content.decode()
    found = re.search(r'<ol class="timeline".*?</ol>', html, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split())


@pytest.fixture
def office(office_user: User, client_for: Clients) -> Client:
    return client_for(office_user)


@pytest.fixture
def stay(phone: PupilDevice, office_user: User, at: datetime) -> CustodyRecord:
    """Amara's phone is in slot 1."""
    return hand_in_device(
        school=phone.school,
        actor=office_user,
        at=at,
        pupil=phone.pupil,
        switched_off=True,
        condition="Cracked corner",
        note="Left by her brother",
    )


def rule(school: School, key: str, value: Any) -> None:
    change_rule(
        school=school, actor=None, at=BEGAN, key=key, value=value, effective_from=BEGAN.date(), reason="For a test."
    )
    school.refresh_from_db()


# --- One device ---


def test_device_with_no_past_says_what_will_appear(phone: PupilDevice, office: Client) -> None:
    page = words(office.get(url("device", phone.pk)))
    assert "Nothing has happened to it yet" in page and "With the pupil" in page


def test_device_shows_where_it_is_and_the_chain_of_who_where_basis_and_when(
    stay: CustodyRecord, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-33: who held it, where, on what basis, when, newest first."""
    return_device(
        school=stay.school, actor=office_user, at=at.replace(hour=12), custody=stay, reason="medical", note="With mum"
    )
    page = office.get(url("device", stay.device_id))
    assert "With the pupil" in words(page)
    told = chain(page)
    assert "23 November 2026, 8:30am Handed in Basis: handed in by arrangement. Seen switched off." in told
    assert "Condition: Cracked corner. Left by her brother." in told
    assert "Put away: Office safe, slot 1" in told
    assert "23 November 2026, 12:30pm Given back to Amara Kovacs, the pupil Before the end of the day: medical." in told
    assert told.index("Given back") < told.index("Put away") < told.index("Basis:")
    assert f"by {office_user.display_name}" in told


def test_device_here_shows_slot_and_live_flags_with_the_rules_of_the_day(stay: CustodyRecord, office: Client) -> None:
    """DEV-02, ORG-16"""
    stay.flags = ["banned", "late"]
    stay.save()
    page = words(office.get(url("device", stay.device_id)))
    assert "Where it is now Here Office safe 1 since" in page
    assert "rule is that devices are not brought" in page
    assert "After the hand-in cut-off" in page
    assert "Judged by the school’s rules of 23 November 2026." in page
    assert url("correct", stay.pk) in office.get(url("device", stay.device_id)).content.decode()


def test_device_uncollected_says_so_and_names_no_person_for_the_mark(
    stay: CustodyRecord, office: Client, at: datetime
) -> None:
    """DEV-09"""
    mark_uncollected(school=stay.school, actor=None, at=at.replace(hour=16, minute=5))
    page = office.get(url("device", stay.device_id))
    assert "Where it is now Uncollected" in words(page)
    assert "Not collected by office close by schoolsafe, by itself" in chain(page)


def test_device_correction_stands_beside_the_entry_it_corrects(
    stay: CustodyRecord, office_user: User, headteacher_user: User, office: Client, at: datetime
) -> None:
    """DEV-33, ux §5: the original stays, marked; the correction says what it stood as."""
    correct_custody(
        school=stay.school,
        actor=headteacher_user,
        at=at + timedelta(hours=1),
        custody=stay,
        kind=CorrectionKind.NOT_HANDED_IN,
        note="It was her sister’s.",
    )
    told = chain(office.get(url("device", stay.device_id)))
    assert "Correction: it was not handed in" in told
    assert f"Before the correction: Handed in, 23 November 2026, 8:30am, by {office_user.display_name}." in told
    assert "Handed in Corrected later" in told
    assert f"Corrected 23 November 2026, 9:30am by {headteacher_user.display_name}: It was her sister’s." in told


def test_device_not_given_back_after_all_shows_return_and_correction(
    stay: CustodyRecord, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-33"""
    gone = return_device(school=stay.school, actor=office_user, at=at.replace(hour=15, minute=30), custody=stay)
    correct_custody(
        school=stay.school,
        actor=office_user,
        at=at.replace(hour=15, minute=40),
        custody=gone,
        kind=CorrectionKind.NOT_RETURNED,
        note="Wrong slot scanned.",
    )
    told = chain(office.get(url("device", stay.device_id)))
    assert "Correction: it was not given back" in told and "It is here: Office safe, slot 1." in told
    assert "Before the correction: Given back to Amara Kovacs, the pupil, 23 November 2026, 3:30pm" in told
    assert "the pupil Corrected later" in told


def test_device_moved_says_which_slot_it_was_in_before(
    stay: CustodyRecord, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-33"""
    correct_custody(
        school=stay.school,
        actor=office_user,
        at=at,
        custody=stay,
        kind=CorrectionKind.OTHER_SLOT,
        slot=Slot.objects.get(number=4),
        note="Typed wrongly.",
    )
    told = chain(office.get(url("device", stay.device_id)))
    assert "Moved: Office safe, slot 4 Typed wrongly. Before the correction: slot 1." in told


def test_device_given_to_an_adult_names_them(
    stay: CustodyRecord, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-07"""
    from tests.factories import make_contact

    mother = make_contact(stay.pupil)
    return_device(
        school=stay.school,
        actor=office_user,
        at=at.replace(hour=16),
        custody=stay,
        given_to=GivenTo.CONTACT,
        contact=mother,
    )
    assert "Given back to Dana Kovacs, a parent or carer" in chain(office.get(url("device", stay.device_id)))


def test_device_correct_link_is_for_the_desk_alone(
    stay: CustodyRecord, form_tutor_user: User, client_for: Clients
) -> None:
    rule(stay.school, "handin_point", "office")
    page = client_for(form_tutor_user).get(url("device", stay.device_id)).content.decode()
    assert url("correct", stay.pk) not in page and url("change-device", stay.device_id) not in page


def test_device_statements_do_not_grow_with_events(
    phone: PupilDevice, office_user: User, office: Client, at: datetime
) -> None:
    """House: statements constant in rows."""

    def statements(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(url(name, phone.pk)).status_code == 200
        return len(captured)

    def day(offset: int) -> None:
        moment = at + timedelta(days=offset)
        stay = hand_in_device(school=phone.school, actor=office_user, at=moment, pupil=phone.pupil, switched_off=True)
        correct_custody(
            school=phone.school, actor=office_user, at=moment, custody=stay, kind="not_handed_in", note="Not here."
        )

    day(0)
    office.get(url("device", phone.pk))
    once = statements("device"), statements("device-print")
    day(1)
    day(2)
    assert (statements("device"), statements("device-print")) == once


def test_device_long_chain_comes_in_pages(phone: PupilDevice, office_user: User, office: Client, at: datetime) -> None:
    for offset in range(14):
        moment = at + timedelta(days=offset)
        stay = hand_in_device(school=phone.school, actor=office_user, at=moment, pupil=phone.pupil, switched_off=True)
        return_device(school=phone.school, actor=office_user, at=moment.replace(hour=16), custody=stay)
    assert "1 to 40 of 42" in words(office.get(url("device", phone.pk)))
    assert "41 to 42 of 42" in words(office.get(url("device", phone.pk) + "?page=2"))


def test_device_print_is_oldest_first_and_written_to_the_record(
    stay: CustodyRecord, office_user: User, office: Client, at: datetime
) -> None:
    """DEV-33: the chain can be printed; ORG-09: who took it out is on record."""
    return_device(school=stay.school, actor=office_user, at=at.replace(hour=15, minute=30), custody=stay)
    page = office.get(url("device-print", stay.device_id))
    told = chain(page)
    assert told.index("Handed in") < told.index("Put away") < told.index("Given back")
    assert "Every entry; nothing is left out." in words(page)
    assert f"by {office_user.display_name}." in words(page)
    entry = Entry.objects.get(action="devices.print_timeline")
    assert (entry.outcome, entry.object_id, entry.actor_id) == (Outcome.EXPORTED, stay.device_id, office_user.pk)
    assert entry.detail["events"] == 3


def test_device_print_of_some_days_says_what_is_left_out(
    stay: CustodyRecord, office_user: User, office: Client, at: datetime
) -> None:
    """Ux §5: an export says what was left out."""
    return_device(school=stay.school, actor=office_user, at=at + timedelta(days=1), custody=stay, reason="trip")
    page = words(office.get(url("device-print", stay.device_id) + "?since=2026-11-24&until="))
    assert "1 entry, oldest first. Only from 24 November 2026; earlier entries are left out." in page
    assert "Handed in" not in page


def test_device_print_with_days_in_the_wrong_order_prints_nothing(stay: CustodyRecord, office: Client) -> None:
    page = office.get(url("device-print", stay.device_id) + "?since=2026-11-24&until=2026-11-01")
    assert "The last day must not be before the first." in words(page)
    assert 'class="timeline"' not in page.content.decode()
    assert not Entry.objects.filter(action="devices.print_timeline").exists()


# --- Adding and changing ---


@pytest.fixture
def filled(types: dict[str, Any]) -> dict[str, str]:
    """A form filled in."""
    return {
        "type": str(types["phone"].pk), "make": "Lumen", "model": "Four", "colour": "red", "mark": "Star sticker",
        "bring_reason": "travel", "usual_slot": "", "note": "In a green case",
    }  # fmt: skip


def test_add_device_puts_it_on_the_register(
    pupil: Pupil, safe: StoragePlace, filled: dict[str, str], office: Client
) -> None:
    """DEV-34, DEV-37"""
    response = office.post(url("add-device", pupil.pk), filled | {"usual_slot": "3"})
    device = PupilDevice.objects.get()
    assert response.status_code == 302 and response["Location"] == url("device", device.pk)
    assert device.description == "red Lumen Four phone"
    assert (device.mark, device.bring_reason, device.note) == ("Star sticker", BringReason.TRAVEL, "In a green case")
    assert device.usual_slot == Slot.objects.get(number=3)


def test_add_device_sent_twice_is_one_device(pupil: Pupil, filled: dict[str, str], office: Client) -> None:
    """Security §5.11"""
    page = office.get(url("add-device", pupil.pk)).content.decode()
    key = re.findall(r'name="submission" value="([^"]+)"', page)[0]
    for _ in range(2):
        assert office.post(url("add-device", pupil.pk), filled | {"submission": key}).status_code == 302
    assert PupilDevice.objects.count() == 1


def test_add_device_unknown_slot_keeps_what_was_typed(
    pupil: Pupil, safe: StoragePlace, filled: dict[str, str], office: Client
) -> None:
    response = office.post(url("add-device", pupil.pk), filled | {"usual_slot": "77"})
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("There is no slot 77. Check the number on the slot.") == 2
    assert 'value="Star sticker"' in page and 'value="Lumen"' in page and 'value="77"' in page


def test_add_device_slot_number_in_two_places_asks_where(
    pupil: Pupil, safe: StoragePlace, filled: dict[str, str], office: Client, at: datetime
) -> None:
    tray = add_place(
        school=pupil.school, actor=None, at=at, name="Tray", kind="office", lockable=False, purpose="daily", slots=5
    )
    response = office.post(url("add-device", pupil.pk), filled | {"usual_slot": "2"})
    assert response.status_code == 422 and "Choose where it is." in words(response)
    response = office.post(url("add-device", pupil.pk), filled | {"usual_slot": "2", "usual_place": str(tray.pk)})
    assert response.status_code == 302
    assert PupilDevice.objects.get().usual_slot == Slot.objects.get(place=tray, number=2)


def test_add_device_slot_of_another_pupil_is_said(
    phone: PupilDevice, filled: dict[str, str], office_user: User, office: Client, form_group: FormGroup, at: datetime
) -> None:
    hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    ben = make_pupil(phone.school, "Ben", "Tull", form=form_group)
    response = office.post(url("add-device", ben.pk), filled | {"usual_slot": "1"}, follow=True)
    assert "Slot 1 is also the usual slot of Amara K." in words(response)


def test_add_device_without_kinds_says_what_to_do(pupil: Pupil, office: Client) -> None:
    """DEV-01: a desk without a catalogue starts naturally."""
    page = office.get(url("add-device", pupil.pk))
    assert "No kinds of device yet" in words(page) and url("types") in page.content.decode()


def test_add_device_kind_of_another_school_is_refused(
    pupil: Pupil, filled: dict[str, str], other_school: School, office: Client
) -> None:
    foreign = DeviceType(school=other_school, key="phone", label="Phone")
    from django_scopes import scope

    with scope(school=other_school):
        foreign.save()
    assert office.post(url("add-device", pupil.pk), filled | {"type": str(foreign.pk)}).status_code == 422
    assert not PupilDevice.objects.exists()


def test_add_device_reason_is_asked_for_first_where_the_rule_wants_one(
    pupil: Pupil, filled: dict[str, str], office: Client
) -> None:
    """DEV-37: where a device comes only for a reason, saying none is a choice of its own, not an oversight."""
    before = office.get(url("add-device", pupil.pk)).content.decode()
    assert before.index("Make") < before.index("Why it is brought")
    rule(pupil.school, "pupil_bring_rule", "reason_only")
    page = office.get(url("add-device", pupil.pk)).content.decode()
    assert page.index("Why it is brought") < page.index("Make")
    assert "a device comes only for a reason" in page
    assert office.post(url("add-device", pupil.pk), filled | {"bring_reason": ""}).status_code == 422
    assert office.post(url("add-device", pupil.pk), filled | {"bring_reason": "none"}).status_code == 302
    assert PupilDevice.objects.get().bring_reason == ""


def test_add_device_for_a_pupil_who_left_is_not_found(pupil: Pupil, office: Client) -> None:
    pupil.left_on = timezone.localdate() - timedelta(days=1)
    pupil.save()
    assert office.get(url("add-device", pupil.pk)).status_code == 404


def test_change_device_saves_what_is_typed(phone: PupilDevice, filled: dict[str, str], office: Client) -> None:
    """DEV-34"""
    response = office.post(url("change-device", phone.pk), filled | {"version": str(phone.version)})
    assert response.status_code == 302
    phone.refresh_from_db()
    assert (phone.colour, phone.make) == ("red", "Lumen")
    assert Entry.objects.get(action="devices.change_device").detail["old"]["colour"] == "black"


def test_change_device_shows_both_texts_when_somebody_saved_meanwhile(
    phone: PupilDevice, filled: dict[str, str], headteacher_user: User, office: Client, at: datetime
) -> None:
    """House: nothing typed is lost; the second save, knowing both, takes."""
    change_device(
        school=phone.school,
        actor=headteacher_user,
        at=at,
        device=phone,
        version=phone.version,
        colour="navy",
        note="Ask the office",
    )
    response = office.post(url("change-device", phone.pk), filled | {"version": str(phone.version)})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody changed this device while you were typing" in page
    assert "navy" in page and "Ask the office" in page
    assert 'value="red"' in page and 'value="In a green case"' in page
    assert f"Saved by {headteacher_user.display_name}" in words(response)
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    assert office.post(url("change-device", phone.pk), filled | {"version": version}).status_code == 302
    phone.refresh_from_db()
    assert (phone.colour, phone.note) == ("red", "In a green case")


def test_change_device_opens_with_what_is_saved(stay: CustodyRecord, office: Client) -> None:
    page = office.get(url("change-device", stay.device_id)).content.decode()
    assert 'value="black"' in page
    assert re.search(r'name="usual_slot" value="1"', page)


def test_retire_device_keeps_the_record_and_leaves_the_desk(
    phone: PupilDevice, office: Client, office_user: User, at: datetime
) -> None:
    """DEV-34"""
    assert office.post(url("retire-device", phone.pk)).status_code == 302
    page = words(office.get(url("device", phone.pk)))
    assert "No longer brought since" in page
    assert "No longer brought" in words(office.get(url("pupil-panel", phone.pupil_id)))


def test_retire_device_that_is_here_is_refused(stay: CustodyRecord, office: Client) -> None:
    """DEV-34"""
    assert "It is here" in words(office.get(url("retire-device", stay.device_id)))
    response = office.post(url("retire-device", stay.device_id))
    assert response.status_code == 422 and "This device is here. Give it back first." in words(response)


# --- A pupil's panel ---


def test_panel_lists_devices_where_each_is_and_what_happened_last(
    stay: CustodyRecord, types: dict[str, Any], office: Client, at: datetime
) -> None:
    watch = add_device(school=stay.school, actor=None, at=at, pupil=stay.pupil, type=types["smartwatch"])
    with time_machine.travel(at.replace(hour=10), tick=False):
        office.force_login(User.objects.get(pk=stay.opened_by_id))
        page = office.get(url("pupil-panel", stay.pupil_id))
    said = words(page)
    assert "Black phone Here Office safe 1 since 8:30am" in said
    assert "Smart watch With the pupil" in said
    assert "23 November 2026, 8:30am: Put away: Office safe, slot 1" in said
    assert url("device", watch.pk) in page.content.decode()
    assert "<html" in page.content.decode()


def test_panel_for_htmx_is_the_fragment_alone(phone: PupilDevice, office: Client) -> None:
    page = office.get(url("pupil-panel", phone.pupil_id), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page and 'id="pupil-devices"' in page


def test_panel_without_devices_says_so(pupil: Pupil, office: Client) -> None:
    page = office.get(url("pupil-panel", pupil.pk))
    assert "No device is on record." in words(page) and url("add-device", pupil.pk) in page.content.decode()


def test_panel_says_nothing_of_an_agreement_where_the_rule_asks_for_none(phone: PupilDevice, office: Client) -> None:
    """DEV-03"""
    assert "Agreement to bring a device" not in words(office.get(url("pupil-panel", phone.pupil_id)))


def test_panel_statements_do_not_grow_with_devices(
    pupil: Pupil, safe: StoragePlace, types: dict[str, Any], office_user: User, office: Client, at: datetime
) -> None:
    """House: statements constant in rows."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(url("pupil-panel", pupil.pk)).status_code == 200
        return len(captured)

    def another() -> None:
        device = add_device(school=pupil.school, actor=None, at=at, pupil=pupil, type=types["phone"])
        hand_in_device(school=pupil.school, actor=office_user, at=at, pupil=pupil, device=device, switched_off=True)

    another()
    office.get(url("pupil-panel", pupil.pk))
    one = statements()
    another()
    another()
    assert statements() == one
