"""Rows written and read by hand are the same rows that the ORM writes and reads."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django_scopes import scope

from core.audit.models import Entry
from core.kit.rows import SideBySide, insert, update
from core.people.models import Pupil, RoleHolding, School, User
from core.people.queries import holdings_of, holdings_with_user
from core.people.roles import Role
from devices.models import CustodyRecord, PupilDevice
from devices.operations import declare_no_device, hand_in_device
from devices.queries.register import declared_none, desk_devices
from devices.queries.scan import facts_of, scanned_by_code, scanned_by_number, stays_scanned
from tests.factories import give_role, make_school, make_user


def stay(device: PupilDevice, by: User, at: datetime) -> CustodyRecord:
    made = CustodyRecord(
        school=device.school, device=device, pupil=device.pupil, day=at.date(), state="stored", flags=["late"],
        rules_version=1, opened_at=at, opened_by=by,
    )  # fmt: skip
    made.stamp(by=by, at=at)
    return made


def values(row: Any, *but: str) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in but}


def test_insert_leaves_the_row_and_the_history_that_save_would(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """house 4.3: the same row, the same history row, by whom and when."""
    by_hand = stay(phone, office_user, at)
    insert(by_hand)
    assert by_hand.pk
    assert not by_hand._state.adding
    by_hand.refresh_from_db()
    left = values(by_hand, "id"), values(by_hand.history.get(), "id", "history_id")
    CustodyRecord.objects.update(state="returned", closed_at=at, closed_by=office_user)
    saved = stay(phone, office_user, at)
    saved.save()
    saved.refresh_from_db()
    assert left == (values(saved, "id"), values(saved.history.get(), "id", "history_id"))


def test_insert_of_several_gives_each_its_own_key(school: School, at: datetime) -> None:
    entries = [Entry(school_id=school.pk, action=f"act {number}", outcome="done", at=at) for number in range(3)]
    insert(*entries)
    for entry in entries:
        assert Entry.objects.get(pk=entry.pk).action == entry.action


def test_insert_raises_what_a_constraint_raises(phone: PupilDevice, office_user: User, at: datetime) -> None:
    insert(stay(phone, office_user, at))
    with pytest.raises(IntegrityError, match="devices_custody_one_open_per_device"), transaction.atomic():
        insert(stay(phone, office_user, at))


def test_update_leaves_the_row_and_the_history_that_save_would(
    phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """house 4.3: return_device writes so; every other field stays as it was."""
    later = at + timedelta(hours=7)
    left = []
    for write in (
        lambda row: update(row, "state", "closed_at", "closed_by"),
        lambda row: row.save(update_fields=["state", "closed_at", "closed_by", "changed_at", "changed_by", "version"]),
    ):
        row = stay(phone, office_user, at)
        row.save()
        row.state, row.closed_at, row.closed_by = "returned", later, office_user
        row.stamp(by=office_user, at=later)
        write(row)
        row.refresh_from_db()
        assert row.version == 2
        newest, oldest = row.history.order_by("-history_id")
        assert oldest.history_type == "+"
        left.append((values(row, "id"), values(newest, "id", "history_id")))
    assert left[0] == left[1]


def test_stays_are_scanned_by_slot_and_by_pupil(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """W3, DEV-07: whatever is scanned at hand-back finds the one open stay, with all that the desk shows."""
    here = hand_in_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    for text in (here.slot.label.lower(), here.slot.code, phone.pupil.code, phone.pupil.admission_number):
        [found] = stays_scanned(phone.school, f" {text} ")
        assert values(found) == values(CustodyRecord.objects.get(pk=here.pk)), text
        assert (found.pupil, found.device, found.slot, found.place) == (here.pupil, phone, here.slot, here.place)
        assert (found.pupil.short_name, found.device.description) == (here.pupil.short_name, phone.description)
    other = make_school("next-door")
    with scope(school=other):
        assert stays_scanned(other, here.slot.code) == stays_scanned(other, phone.pupil.code) == []
    CustodyRecord.objects.update(state="returned", closed_at=at, closed_by=office_user)
    assert stays_scanned(phone.school, here.slot.code) == stays_scanned(phone.school, "") == []


def test_insert_of_nothing_does_nothing() -> None:
    insert()


def test_side_by_side_reads_none_where_a_join_finds_nothing(pupil: Pupil) -> None:
    beside = SideBySide(("p", Pupil, "id legal_surname"), ("d", PupilDevice, "id"))
    [((found, device), (one,))] = beside.read(
        f"SELECT {beside.columns}, 1 FROM people_pupil p LEFT JOIN devices_pupildevice d ON false WHERE p.id = %s",
        [pupil.pk],
    )
    assert (found, found.legal_surname, device, one) == (pupil, pupil.legal_surname, None, 1)


@pytest.mark.parametrize(("pooled", "kept"), [(False, 1), (True, 0)])
def test_statement_is_prepared_once_unless_a_pool_would_forget_it(
    pupil: Pupil, monkeypatch: pytest.MonkeyPatch, pooled: bool, kept: int
) -> None:
    """ADR 14: planned once for each connection; behind a pool that Django is told of, sent whole each time."""
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", pooled)
    beside = SideBySide(("p", Pupil, "id"))
    asked = f"asked_{kept}"
    sql = f"SELECT {beside.columns}, 1 AS {asked} FROM people_pupil p WHERE p.id = %s"
    for _ in range(3):
        [((found,), _rest)] = beside.read(sql, [pupil.pk])
        assert found == pupil
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"PREPARE%{asked}%"])
        assert cursor.fetchone() == (kept,)


def test_scan_finds_what_the_orm_finds(phone: PupilDevice, office_user: User, at: datetime) -> None:
    """DEV-04, DEV-12: pupil, form, devices with kind and slot, and what was said of the day; by code and by number."""
    hand_in_device(
        school=phone.school, actor=office_user, at=at - timedelta(days=3), pupil=phone.pupil, switched_off=True
    )
    phone.refresh_from_db()
    CustodyRecord.objects.all().update(closed_at=at, closed_by=office_user, state="returned")
    declared = declare_no_device(school=phone.school, actor=office_user, at=at, pupil=phone.pupil)
    day = timezone.localdate(at)
    by_code = scanned_by_code(phone.school, phone.pupil.code, on=day)
    assert by_code is not None
    by_number = scanned_by_number(phone.school, phone.pupil.admission_number, on=day)[0]
    for scanned in (by_code, by_number):
        facts = facts_of(scanned, day)
        assert facts is not None
        assert facts_of(scanned, day - timedelta(days=1)) is None
        assert scanned == phone.pupil
        assert scanned.form == phone.pupil.form
        assert scanned.short_name == phone.pupil.short_name
        [expected], [device] = desk_devices(phone.pupil), facts.devices
        assert device == expected
        assert device.description == expected.description
        assert device.usual_slot is not None
        assert expected.usual_slot is not None
        assert (device.usual_slot, device.usual_slot.place) == (expected.usual_slot, expected.usual_slot.place)
        assert facts.declaration_id == declared.pk == declared_none(phone.pupil, day).pk  # type: ignore[union-attr]
        assert facts.agreed is False


def test_scan_of_another_schools_code_finds_nobody(phone: PupilDevice) -> None:
    """ORG-10"""
    other = make_school("next-door")
    with scope(school=other):
        assert scanned_by_code(other, phone.pupil.code, on=date(2026, 11, 23)) is None
        assert scanned_by_number(other, phone.pupil.admission_number, on=date(2026, 11, 23)) == []


@pytest.mark.parametrize(
    ("starts", "ends", "cut", "counts"),
    [
        (0, None, False, True),
        (1, None, False, False),
        (-9, 0, False, True),
        (-9, 0, True, False),
        (-9, -1, False, False),
        (-9, 1, True, True),
    ],
)  # fmt: skip
def test_person_read_with_every_request_holds_the_roles_that_are_live(
    school: School, starts: int, ends: int | None, cut: bool, counts: bool
) -> None:
    """ORG-05, ORG-24: by hand and by the ORM, a role counts on the same days."""
    user = make_user(Role.OFFICE, school)
    today = timezone.localdate()
    with scope(school=school):
        RoleHolding.objects.filter(user=user).update(
            starts_on=today + timedelta(days=starts),
            ends_on=None if ends is None else today + timedelta(days=ends),
            cut_at=timezone.now() if cut else None,
        )
    read = holdings_with_user(user.pk)
    again = User.objects.get(pk=user.pk)
    by_orm = holdings_of(again)
    assert bool(by_orm) is counts
    assert (read._holdings if read else []) == by_orm  # type: ignore[attr-defined]
    if read is not None:
        assert values(read) == values(again)
        assert values(read._holdings[0].school) == values(School.objects.get(pk=school.pk))  # type: ignore[attr-defined]


def test_person_with_roles_in_two_schools_has_both(school: School) -> None:
    user = make_user(Role.OFFICE, school)
    other = make_school("next-door")
    give_role(user, other, Role.GOVERNOR)
    read = holdings_with_user(user.pk)
    assert read is not None
    assert {holding.school.slug for holding in holdings_of(read)} == {school.slug, "next-door"}
