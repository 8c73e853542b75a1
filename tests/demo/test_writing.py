"""The demonstration's quick way of writing a day against the operations' own, row by row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from django.db import models, transaction
from django_scopes import scope

from core.audit.models import Entry
from core.people.calendar import LONDON
from core.people.models import School, User
from core.people.roles import Role
from devices import operations
from devices.enums import CorrectionKind, EarlyReason, GivenTo, PlaceKind, PlacePurpose, State
from devices.models import CustodyEvent, CustodyRecord, NoDeviceDeclaration, PupilDevice
from devices.queries import device_types, devices_visible_to, slots_with_state
from schoolsafe.demo.acts import Act, GiveBack, HandIn, NoneToday, Special
from schoolsafe.demo.writing import Desk
from tests.factories import BEGAN, make_contact, make_form, make_pupil, make_school
from tests.factories import make_user as build_user

DAY = date(2026, 11, 23)
TABLES: tuple[type[models.Model], ...] = (
    CustodyRecord,
    CustodyRecord.history.model,
    CustodyEvent,
    NoDeviceDeclaration,
    NoDeviceDeclaration.history.model,
    PupilDevice,
    PupilDevice.history.model,
)


def moment(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime.combine(DAY, time(hour, minute, second), LONDON)


def make_desk(preset: str, place: PlaceKind) -> tuple[School, User, User, list[PupilDevice]]:
    """A school with twelve pupils of whom each has a phone with a slot of its own, and one a watch too."""
    school = make_school(f"desk-{preset}", preset=preset)
    office, head = build_user(Role.OFFICE, school), build_user(Role.HEADTEACHER, school)
    with scope(school=school):
        operations.seed_device_types(school=school, actor=None, at=BEGAN)
        kinds = {kind.key: kind for kind in device_types(school)}
        made = operations.add_place(
            school=school,
            actor=None,
            at=BEGAN,
            name="Place",
            kind=place,
            lockable=True,
            purpose=PlacePurpose.DAILY,
            slots=20,
        )
        slots = iter(slots_with_state(made))
        form = make_form(school, "8B", year=8)
        for number in range(12):
            pupil = make_pupil(school, f"Robin{number}", form=form)
            make_contact(pupil)
            for key in ("phone", "smartwatch") if number == 11 else ("phone",):
                operations.add_device(
                    school=school,
                    actor=None,
                    at=BEGAN,
                    pupil=pupil,
                    type=kinds[key],
                    bring_reason="travel" if number % 3 else "",
                    usual_slot=next(slots),
                )
            if number % 2:
                operations.agree_bring_device(
                    school=school,
                    actor=head,
                    at=BEGAN,
                    pupil=pupil,
                    reason="Walks home",
                    starts_on=BEGAN.date(),
                    ends_on=BEGAN.date() + timedelta(days=360),
                )
        devices = list(devices_visible_to(office, school).order_by("id"))
    return school, office, head, devices


def plan_day(school: School, office: User, head: User, devices: list[PupilDevice]) -> list[Act]:
    """A day with everything that the bulk way writes, and two slips in the middle of it."""
    phones, watch = devices[:12], devices[12]

    def decide(desk: Desk) -> None:
        if school.preset == "image-and-conduct":
            operations.decide_hand_in(school=school, actor=head, at=moment(8, 0), reason="Until the policy says.")

    def wrong_card(desk: Desk) -> None:
        operations.correct_custody(
            school=school,
            actor=office,
            at=moment(8, 35, 30),
            custody=desk.held.pop(phones[4].pk),
            kind=CorrectionKind.NOT_HANDED_IN,
            note="The wrong card.",
        )

    def close(desk: Desk) -> None:
        for stay in operations.mark_uncollected(school=school, actor=None, at=moment(16, 1)):
            desk.held[stay.device_id] = stay

    contact = phones[2].pupil.contacts.get()
    return [
        Special(moment(8, 0), decide),
        HandIn(moment(8, 21), office, phones[0], switched_off=True),
        NoneToday(moment(8, 22), office, phones[10].pupil),
        HandIn(moment(8, 23, 5), head, phones[1], switched_off=True, condition="cracked", note="In a pouch"),
        *(HandIn(moment(8, 24 + place, 7), office, phones[place], switched_off=True) for place in range(2, 9)),
        HandIn(moment(8, 34), office, phones[11], switched_off=True),
        HandIn(moment(8, 34, 9), office, watch, switched_off=True),
        Special(moment(8, 35, 30), wrong_card),
        HandIn(moment(9, 20), office, phones[9], switched_off=True),
        GiveBack(moment(11, 30), office, phones[1], reason=EarlyReason.MEDICAL, note="Dentist"),
        GiveBack(
            moment(13, 5), head, phones[2], reason=EarlyReason.LEAVING_EARLY, given_to=GivenTo.CONTACT, contact=contact
        ),
        *(
            GiveBack(moment(15, 16 + place), office, device)
            for place, device in enumerate([phones[0], phones[3], phones[5], phones[6], phones[7], watch, phones[11]])
        ),
        Special(moment(16, 1), close),
        GiveBack(moment(16, 20), head, phones[8], condition="as it came"),
    ]


def snapshot(school: School) -> dict[str, list[dict[str, Any]]]:
    """Every row that a day leaves, with keys replaced by places in line: the two ways draw different keys."""
    stays = {pk: place for place, pk in enumerate(CustodyRecord.objects.order_by("id").values_list("pk", flat=True))}
    events = {pk: place for place, pk in enumerate(CustodyEvent.objects.order_by("id").values_list("pk", flat=True))}
    said = {
        pk: place for place, pk in enumerate(NoDeviceDeclaration.objects.order_by("id").values_list("pk", flat=True))
    }
    keys = {
        "custody_id": stays,
        "corrects_id": events,
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for model in TABLES:
        rows = []
        for row in model._base_manager.filter(school_id=school.pk).order_by("pk").values():
            row.pop("history_id", None)
            line = (
                stays
                if "custodyrecord" in model._meta.model_name
                else said
                if "nodevice" in model._meta.model_name
                else {}
            )
            row["id"] = line.get(row["id"], 0)
            rows.append(row | {name: line.get(row[name]) for name, line in keys.items() if row.get(name)})
        found[model.__name__] = rows
    entries = []
    for row in Entry.objects.filter(school_id=school.pk, at__gte=moment(0, 0)).order_by("id").values():
        row.pop("id")
        line = {"devices.custodyrecord": stays, "devices.nodevicedeclaration": said}.get(row["object_type"])
        if line is not None:
            row["object_id"] = line[row["object_id"]]
        elif row["object_type"] == "rules.recordeddecision":
            row["object_id"] = 0
        if "custody" in row["detail"]:
            row["detail"]["custody"] = [stays[pk] for pk in row["detail"]["custody"]]
        entries.append(row)
    found["Entry"] = entries
    return found


def written_by(write: Callable[[Desk], None], school: School) -> dict[str, list[dict[str, Any]]]:
    """What `write` leaves behind, and then nothing of it."""
    with transaction.atomic():
        write(Desk(school))
        found = snapshot(school)
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("preset", "place"),
    [
        ("group-locked-storage", PlaceKind.LOCKED_PLACE),
        ("primary-by-agreement", PlaceKind.SAFE),
        ("primary-online-safety", PlaceKind.OFFICE),
        ("image-and-conduct", PlaceKind.SECURE_PLACE),
        ("phone-free-agreement", PlaceKind.SECURE_PLACE),
    ],
)
def test_a_day_in_bulk_leaves_the_rows_of_a_day_by_operations(preset: str, place: PlaceKind) -> None:
    """house 4.7: custody, events, history and audit of a day do not tell which way they were written."""
    school, office, head, devices = make_desk(preset, place)
    with scope(school=school):
        acts = plan_day(school, office, head, devices)
        one_by_one = written_by(lambda desk: desk.run_by_operations(acts), school)
        in_bulk = written_by(lambda desk: desk.run(acts), school)
    assert len(one_by_one["CustodyRecord"]) == 12
    assert {row["state"] for row in one_by_one["CustodyRecord"]} == {
        State.RETURNED,
        State.UNCOLLECTED,
        State.WITH_PUPIL_OFF_SITE,
    }
    for table, rows in one_by_one.items():
        assert in_bulk[table] == rows, table


@pytest.mark.django_db
def test_a_desk_in_bulk_is_left_with_what_it_holds() -> None:
    """DEV-09: what nobody fetched is still known to the desk the next day."""
    school, office, head, devices = make_desk("phone-free-agreement", PlaceKind.SECURE_PLACE)
    with scope(school=school):
        desk = Desk(school)
        desk.run(plan_day(school, office, head, devices))
        assert desk.holds(devices[9])
        assert desk.stay_of(devices[9]).state == State.UNCOLLECTED
        desk.run([GiveBack(moment(8, 30) + timedelta(days=1), office, devices[9], reason=EarlyReason.OTHER)])
        assert not desk.held
        last = CustodyEvent.objects.filter(device=devices[9]).order_by("-id")[0]
        assert (last.from_state, last.to_state, last.reason) == (State.UNCOLLECTED, State.RETURNED, EarlyReason.OTHER)


def test_acts_of_a_day_are_written_in_the_order_of_their_times() -> None:
    """Random seeds differ, the order of writing does not: the record's keys follow the clock."""
    rng = Random(1)
    seen: list[int] = []
    acts: list[Act] = [
        Special(moment(9, minute), lambda desk, minute=minute: seen.append(minute)) for minute in range(30)
    ]
    rng.shuffle(acts)
    desk = Desk.__new__(Desk)
    desk.run(acts)
    assert seen == sorted(seen)
