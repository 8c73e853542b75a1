"""Loss, theft and damage of a device that was with the school (DEV-23, law PH-9)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.people.models import Pupil, School, User
from core.people.roles import Role
from core.rules.operations import change_rule
from core.rules.queries import for_school
from devices.enums import Basis, EarlyReason, EventKind, Flag, LossKind, State
from devices.models import CustodyEvent, CustodyRecord, LossReport, PupilDevice
from devices.operations import (
    FoundIsHereAlready,
    LossHasEnded,
    LossReportedAlready,
    NoticedTooSoon,
    NotWithSchool,
    add_device,
    add_place,
    end_loss,
    hand_in_device,
    report_loss,
    return_device,
    seed_device_types,
)
from devices.words import disclaimer
from tests.devices.test_races import at_once
from tests.factories import make_pupil, make_school, make_user
from tests.factories.taking import make_taken

Clients = Callable[[User], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"devices:{name}", args=["harbour-view", *args])


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", page.content.decode())).split())


@pytest.fixture
def stay(phone: PupilDevice, office_user: User, at: datetime) -> CustodyRecord:
    return take_in(phone, office_user, at)


def take_in(device: PupilDevice, office: User, at: datetime) -> CustodyRecord:
    return hand_in_device(
        school=device.school, actor=office, at=at, pupil=device.pupil, device=device, switched_off=True
    )


def report(stay: CustodyRecord, actor: User, at: datetime, **given: Any) -> LossReport:
    values: dict[str, Any] = {
        "kind": LossKind.LOST, "noticed_at": at, "told_by": "The pupil", "account": "The slot is empty.",
    } | given  # fmt: skip
    return report_loss(school=stay.school, actor=actor, at=at, custody=stay, **values)


def end(lost: LossReport, actor: User, at: datetime, **given: Any) -> LossReport:
    return end_loss(school=lost.school, actor=actor, at=at, report=lost, outcome="Looked everywhere.", **given)


@pytest.mark.parametrize("kind", [LossKind.LOST, LossKind.STOLEN])
def test_report_loss_ends_the_stay_and_frees_the_slot(
    stay: CustodyRecord, office_user: User, at: datetime, kind: LossKind
) -> None:
    """DEV-23: logged against the custody entry; the slot takes another device at once."""
    report(stay, office_user, at, kind=kind)
    stay.refresh_from_db()
    assert (stay.state, stay.closed_at, stay.closed_by) == (State.LOST_OR_DAMAGED, at, office_user)
    other = add_device(
        school=stay.school, actor=None, at=at, pupil=make_pupil(stay.school), type=stay.device.type,
        usual_slot=stay.slot,
    )  # fmt: skip
    assert take_in(other, office_user, at).slot == stay.slot


def test_report_damage_leaves_the_device_where_it_is(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    """DEV-23"""
    report(stay, office_user, at, kind=LossKind.DAMAGED, account="A crack across the screen.")
    stay.refresh_from_db()
    assert (stay.state, stay.closed_at) == (State.STORED, None)
    event = CustodyEvent.objects.filter(custody=stay).latest("id")
    assert (event.kind, event.from_state, event.to_state) == (EventKind.DAMAGE, State.STORED, State.STORED)
    assert event.note == "A crack across the screen."


def test_report_damage_after_it_went_back_is_kept(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    """DEV-23: noticed at home the same evening."""
    return_device(school=stay.school, actor=office_user, at=at, custody=stay, reason=EarlyReason.TRIP)
    report(stay, office_user, at + timedelta(hours=9), kind=LossKind.DAMAGED)
    with pytest.raises(NotWithSchool, match="given back"):
        report(stay, office_user, at + timedelta(hours=9), kind=LossKind.LOST)


@pytest.mark.parametrize("kind", LossKind.values)
def test_report_loss_event_says_on_what_footing_the_school_held_it(
    stay: CustodyRecord, office_user: User, at: datetime, kind: str
) -> None:
    """Law PH-9: the basis stands on every event, and a hand-in never reads as a confiscation."""
    report(stay, office_user, at, kind=kind)
    assert set(CustodyEvent.objects.filter(custody=stay).values_list("basis", flat=True)) == {Basis.HAND_IN}


def test_report_loss_keeps_the_disclaimer_of_the_day_of_the_hand_in(
    stay: CustodyRecord, office_user: User, at: datetime
) -> None:
    """DEV-23, law PH-10, ORG-16: what the school says later changes nothing about it."""
    said = disclaimer(for_school(stay.school, on=stay.day))
    later = at + timedelta(days=3)
    change_rule(
        school=stay.school, actor=None, at=at, key="pupil_bring_rule", value="unspecified",
        effective_from=later.date(), reason="For a test.",
    )  # fmt: skip
    stay.school.refresh_from_db()
    found = report(stay, office_user, later)
    assert (found.disclaimer, found.rules_version) == (said, stay.rules_version)
    assert disclaimer(for_school(stay.school, on=later.date())) != said


@pytest.mark.parametrize(
    ("preset", "word"),
    [
        ("group-locked-storage", "pupil"),
        ("primary-by-agreement", "learner"),
        ("primary-online-safety", "pupil"),
        ("image-and-conduct", ""),
        ("phone-free-agreement", "pupil"),
    ],
)
def test_disclaimer_under_each_preset(db: None, preset: str, word: str, at: datetime) -> None:
    """DEV-23: four disclaim in the school's own word for a child; one promises and says nothing."""
    school = make_school(preset=preset)
    with scope(school=school):
        said = disclaimer(for_school(school, on=at.date()))
    if word:
        assert said.startswith(f"A {word}’s own device") and "reasonable care" in said
    else:
        assert said.startswith("The school’s policy does not say")


def test_report_loss_twice_is_refused(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    report(stay, office_user, at, kind=LossKind.DAMAGED)
    with pytest.raises(LossReportedAlready):
        report(stay, office_user, at, kind=LossKind.DAMAGED)
    report(stay, office_user, at, kind=LossKind.LOST)
    with pytest.raises(LossReportedAlready):
        report(stay, office_user, at, kind=LossKind.STOLEN)


def test_report_loss_same_form_twice_is_one_report(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    key = uuid.uuid4()
    first, second = (report(stay, office_user, at, submission=key) for _ in range(2))
    assert first.pk == second.pk and LossReport.objects.count() == 1


@pytest.mark.parametrize("minutes", [-30, 30])
def test_report_loss_noticed_before_the_hand_in_or_ahead_is_refused(
    stay: CustodyRecord, office_user: User, at: datetime, minutes: int
) -> None:
    with pytest.raises(NoticedTooSoon):
        report(stay, office_user, at, noticed_at=at + timedelta(minutes=minutes))


def test_loss_two_open_of_a_kind_are_refused_by_the_database(
    stay: CustodyRecord, office_user: User, at: datetime
) -> None:
    found = report(stay, office_user, at)
    found.pk = None
    found._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()


# --- What came of it ---


def test_end_loss_found_brings_the_stay_back_to_its_slot(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    """DEV-23: the same day it is stored again."""
    found = end(report(stay, office_user, at), office_user, at + timedelta(hours=1), found=True)
    stay.refresh_from_db()
    assert (stay.state, stay.closed_at, stay.slot is not None) == (State.STORED, None, True)
    assert found.outcome == "Looked everywhere."
    assert CustodyEvent.objects.filter(custody=stay).latest("id").kind == EventKind.FOUND


def test_end_loss_found_on_a_later_day_is_uncollected_and_without_a_slot_that_is_taken(
    stay: CustodyRecord, office_user: User, at: datetime
) -> None:
    """DEV-06, DEV-09"""
    lost = report(stay, office_user, at)
    other = add_device(
        school=stay.school, actor=None, at=at, pupil=make_pupil(stay.school), type=stay.device.type,
        usual_slot=stay.slot,
    )  # fmt: skip
    take_in(other, office_user, at)
    end(lost, office_user, at + timedelta(days=1), found=True)
    stay.refresh_from_db()
    assert (stay.state, stay.slot) == (State.UNCOLLECTED, None) and Flag.NO_SLOT in stay.flags


def test_end_loss_found_when_it_was_handed_in_again_is_refused(
    stay: CustodyRecord, office_user: User, at: datetime
) -> None:
    lost = report(stay, office_user, at)
    take_in(stay.device, office_user, at + timedelta(hours=1))
    with pytest.raises(FoundIsHereAlready):
        end(lost, office_user, at + timedelta(hours=2), found=True)
    lost.refresh_from_db()
    assert lost.ended_at is None


def test_end_loss_not_found_leaves_it_lost(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    end(report(stay, office_user, at), office_user, at)
    stay.refresh_from_db()
    assert stay.state == State.LOST_OR_DAMAGED


def test_end_loss_twice_is_refused(stay: CustodyRecord, office_user: User, at: datetime) -> None:
    found = report(stay, office_user, at)
    end(found, office_user, at)
    with pytest.raises(LossHasEnded, match=office_user.display_name):
        end(found, office_user, at)


# --- Two at once ---


@pytest.fixture
def raced(transactional_db: None, at: datetime) -> tuple[School, User, CustodyRecord]:
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user(Role.OFFICE, school)
        types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
        add_place(school=school, actor=None, at=at, name="Safe", kind="safe", lockable=True, purpose="daily", slots=3)
        device = add_device(school=school, actor=None, at=at, pupil=make_pupil(school), type=types["phone"])
        return school, office, take_in(device, office, at)


def test_report_loss_by_two_at_once_is_one_report(raced: tuple[School, User, CustodyRecord], at: datetime) -> None:
    school, office, stay = raced
    results = at_once(school, lambda: report(stay, office, at), lambda: report(stay, office, at))
    assert sorted(type(result).__name__ for result in results) == ["LossReport", "LossReportedAlready"]
    with scope(school=school):
        assert LossReport.objects.count() == 1


def test_report_loss_beside_giving_it_back_is_one_or_the_other(
    raced: tuple[School, User, CustodyRecord], at: datetime
) -> None:
    """The stay ends once: lost, or given back."""
    school, office, stay = raced
    results = at_once(
        school,
        lambda: report(stay, office, at),
        lambda: return_device(school=school, actor=office, at=at, custody=stay, reason=EarlyReason.TRIP),
    )
    refused = {type(result).__name__ for result in results if isinstance(result, Exception)}
    assert len(refused) == 1 and refused <= {"NotWithSchool", "NotInCustody"}
    with scope(school=school):
        ended = CustodyEvent.objects.filter(custody=stay, kind__in=[EventKind.LOSS, EventKind.RETURN])
        assert ended.count() == 1


def test_end_loss_found_beside_a_new_hand_in_leaves_one_open_stay(
    raced: tuple[School, User, CustodyRecord], at: datetime
) -> None:
    school, office, stay = raced
    with scope(school=school):
        lost = report(stay, office, at)
    at_once(
        school,
        lambda: end(lost, office, at, found=True),
        lambda: take_in(stay.device, office, at),
    )
    with scope(school=school):
        assert CustodyRecord.objects.filter(device=stay.device, closed_at__isnull=True).count() == 1


# --- The pages ---


def test_report_loss_by_the_page_shows_the_disclaimer_and_lists_it(
    stay: CustodyRecord, office_user: User, client_for: Clients, at: datetime
) -> None:
    """DEV-23: from the device's own page, with the words that held that day."""
    with time_machine.travel(at + timedelta(hours=1)):
        client = client_for(office_user)
        assert url("report-loss", stay.pk) in client.get(url("device", stay.device_id)).content.decode()
        assert "reasonable care" in words(client.get(url("report-loss", stay.pk)))
        form = {"kind": "stolen", "on": "2026-11-23", "time": "09:15", "told_by": "A teacher", "account": "Gone."}
        assert client.post(url("report-loss", stay.pk), form).status_code == 302
        listed = words(client.get(url("losses")))
        assert "Believed stolen" in listed and "told by A teacher" in listed
        panel = words(client.get(url("pupil-panel", stay.pupil_id)))
        assert "Reported lost" in panel and "believed stolen" in panel
        assert "Reported lost" in words(client.get(url("device", stay.device_id)))
        assert "Loss reported" in words(client.get(url("device", stay.device_id)))
        lost = LossReport.objects.get()
        ended = client.post(url("end-loss", lost.pk), {"found": "yes", "outcome": "In the staffroom"})
        assert ended.status_code == 302 and "In the staffroom" in words(client.get(url("losses")))
        assert "Reported lost" not in words(client.get(url("pupil-panel", stay.pupil_id)))


def test_report_loss_page_says_what_is_missing(stay: CustodyRecord, office_user: User, client_for: Clients) -> None:
    page = client_for(office_user).post(url("report-loss", stay.pk), {"on": "x", "time": "x"})
    assert page.status_code == 422
    for said in ("Choose what happened", "Enter a day such as", "Enter who told the school", "Enter what is known"):
        assert said in words(page)
    assert not LossReport.objects.exists()


def test_pupil_of_a_lost_device_is_not_named_in_an_address(
    stay: CustodyRecord, pupil: Pupil, office_user: User, client_for: Clients, at: datetime
) -> None:
    report(stay, office_user, at)
    page = client_for(office_user).get(url("losses")).content.decode()
    assert not [link for link in re.findall(r'href="([^"]+)"', page) if "kovacs" in link.lower()]


@pytest.mark.parametrize("state", [State.COLLECTED, State.CONFISCATED, State.PARENT_COLLECTION])
def test_end_loss_found_leaves_a_taken_device_taken(
    state: State, phone: PupilDevice, office_user: User, teacher_user: User, at: datetime
) -> None:
    """DEV-23, PH-9: what was taken, lost and found is not a hand-in afterwards; the rule on its release still holds."""
    taken = make_taken(phone.pupil, phone, by=teacher_user, at=at, state=state)
    found = report(taken, office_user, at + timedelta(hours=1))
    taken.refresh_from_db()
    assert taken.state == State.LOST_OR_DAMAGED
    end(found, office_user, at + timedelta(hours=2), found=True)
    taken.refresh_from_db()
    assert (taken.state, taken.is_open) == (state, True)
