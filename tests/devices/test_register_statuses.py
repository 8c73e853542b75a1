"""Every status of the register, who is expected, and the day's book (DEV-20, DEV-35, DEV-36, DEV-38)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.people.models import FormGroup, Placement, Pupil, School, User
from core.rules.queries import for_school
from devices.enums import EventKind, Flag, MarkKind, State
from devices.models import CustodyEvent, CustodyRecord, PupilDevice
from devices.operations import add_device, declare_no_device, hand_in_device, mark_day, mark_uncollected, return_device
from devices.queries import (
    day_book,
    day_totals,
    desk_counts,
    expected_count,
    handin_types,
    not_seen,
    register_for,
    register_totals,
)
from devices.queries.day import is_placed_on
from tests.factories import make_pupil

PHONES = frozenset({"phone"})


@pytest.fixture
def owners(form_group: FormGroup, phone: PupilDevice, types: Any, at: datetime) -> dict[str, Pupil]:
    """One pupil with a phone for each thing that a day can say."""
    found = {"in": phone.pupil}
    for word in ("none", "refused", "permitted", "absent", "placed", "missing"):
        pupil = make_pupil(form_group.school, word.title(), "Marsh", form=form_group)
        add_device(school=pupil.school, actor=None, at=at, pupil=pupil, type=types["phone"])
        found[word] = pupil
    return found


def say(owners: dict[str, Pupil], office: User, at: datetime) -> School:
    """The morning: each pupil's own word is what became of them."""
    school = owners["in"].school
    hand_in_device(school=school, actor=office, at=at, pupil=owners["in"], switched_off=True)
    declare_no_device(school=school, actor=office, at=at, pupil=owners["none"])
    for kind in (MarkKind.REFUSED, MarkKind.PERMITTED, MarkKind.ABSENT):
        mark_day(school=school, actor=office, at=at, pupil=owners[kind.value], kind=kind)
    place(owners["placed"], at)
    return school


def place(pupil: Pupil, at: datetime, days: str = "") -> Placement:
    placement = Placement(school=pupil.school, pupil=pupil, provider="Forge Training", days=days)
    placement.stamp(by=None, at=at)
    placement.save()
    return placement


def test_register_every_status_in_words(owners: dict[str, Pupil], office_user: User, at: datetime) -> None:
    """DEV-36: each pupil's line says what became of the device; refused is a fact, never an offence."""
    school = say(owners, office_user, at)
    rows = {row.pupil.pk: row for row in register_for(school, at.date(), handin_types=PHONES)}
    assert {word: rows[pupil.pk].status for word, pupil in owners.items()} == {word: word for word in owners}
    assert rows[owners["refused"].pk].word == "Asked and did not hand in"
    assert rows[owners["permitted"].pk].word == "Keeps it by permission"
    assert (rows[owners["placed"].pk].word, rows[owners["placed"].pk].slot) == ("At a placement", "Forge Training")
    total = register_totals(list(rows.values()))[-1]
    assert [total[key] for key in ("in", "none", "refused", "permitted", "absent", "placed", "missing")] == [1] * 7


def test_expected_leaves_out_absent_permitted_and_placed(
    owners: dict[str, Pupil], office_user: User, at: datetime
) -> None:
    """DEV-10, DEV-20, DEV-35: expected = on roll with a device to hand in, less those nothing is expected of."""
    school, day = say(owners, office_user, at), at.date()
    totals = day_totals(school, day, handin_types=PHONES)
    assert (totals.expected, totals.seen, totals.refused, totals.not_seen) == (4, 2, 1, 1)
    assert (totals.absent, totals.permitted, totals.placed) == (1, 1, 1)
    assert list(not_seen(school, day, handin_types=PHONES)) == [owners["missing"]]


def test_desk_counter_says_the_same_as_the_register(
    owners: dict[str, Pupil], office_user: User, at: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """ux 4: "In of expected · no device · not seen" add up, in three statements for each answer of the desk."""
    school, day = say(owners, office_user, at), at.date()
    expected = expected_count(school, day, handin_types=PHONES)
    with django_assert_max_num_queries(3):
        counts = desk_counts(school, day, handin_types=PHONES)
    totals = day_totals(school, day, handin_types=PHONES)
    assert expected - counts.seen == totals.not_seen == 1
    assert expected - counts.excused == totals.expected == 4
    assert counts.refused == totals.refused == 1


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("", True), ("every day", True), ("Mondays", True), ("Tuesdays", False), ("Mon, Wed and Fri", True),
        ("Tue to Thu", False), ("Mon–Fri", True), ("Thursday and Friday", False), ("every day except Mondays", False),
        ("all week except Friday", True),
    ],
)  # fmt: skip
def test_placement_holds_on_the_days_it_names(days: str, expected: bool) -> None:
    """DEV-20: 23 November 2026 is a Monday."""
    assert is_placed_on(days, date(2026, 11, 23)) is expected


def test_pupil_at_a_placement_is_chased_on_the_other_days(
    owners: dict[str, Pupil], office_user: User, at: datetime
) -> None:
    """DEV-20"""
    school = owners["placed"].school
    placement = place(owners["placed"], at, days="Tuesdays")
    assert owners["placed"] in not_seen(school, at.date(), handin_types=PHONES)
    placement.days = "Mondays"
    placement.save()
    assert owners["placed"] not in not_seen(school, at.date(), handin_types=PHONES)
    placement.ends_on = at.date().replace(day=1)
    placement.save()
    assert owners["placed"] in not_seen(school, at.date(), handin_types=PHONES)


def test_placed_pupil_who_hands_in_is_expected_and_in(
    owners: dict[str, Pupil], office_user: User, at: datetime
) -> None:
    """A hand-in outweighs what was said; the counter stays even."""
    school, day = owners["placed"].school, at.date()
    place(owners["placed"], at)
    before = day_totals(school, day, handin_types=PHONES)
    hand_in_device(school=school, actor=office_user, at=at, pupil=owners["placed"], switched_off=True)
    after = day_totals(school, day, handin_types=PHONES)
    assert (after.expected, after.seen, after.placed) == (before.expected + 1, before.seen + 1, 0)
    counts = desk_counts(school, day, handin_types=PHONES)
    assert expected_count(school, day, handin_types=PHONES) - counts.seen == after.not_seen


def test_other_devices_are_kept_secure_not_chased(form_group: FormGroup, types: Any, safe: Any, at: datetime) -> None:
    """DEV-38: where phones alone are handed in, a tablet's owner keeps it secure and is on no chase list."""
    pupil = make_pupil(form_group.school, form=form_group)
    add_device(school=pupil.school, actor=None, at=at, pupil=pupil, type=types["tablet"])
    assert [row.word for row in register_for(pupil.school, at.date(), handin_types=PHONES)] == ["Keeps it secure"]
    assert not not_seen(pupil.school, at.date(), handin_types=PHONES)


def test_day_book_counts_each_part_by_itself(owners: dict[str, Pupil], office_user: User, at: datetime) -> None:
    """W3, DEV-07, DEV-09: in = returned + still here + lost, and what is here from earlier days."""
    school = owners["in"].school
    office, friday = office_user, at.replace(day=20)

    def take(word: str, moment: datetime) -> CustodyRecord:
        return hand_in_device(school=school, actor=office, at=moment, pupil=owners[word], switched_off=True)

    take("missing", friday)
    mark_uncollected(school=school, actor=None, at=friday.replace(hour=17))
    returned, lost = take("in", at), take("none", at)
    take("absent", at)
    return_device(school=school, actor=office, at=at, custody=returned, reason="other")
    lost.state, lost.closed_at, lost.closed_by = State.LOST_OR_DAMAGED, at, office
    lost.save()
    book = day_book(school, at.date())
    assert (book.handed_in, book.returned, book.still_here, book.lost) == (3, 1, 1, 1)
    assert (book.kept_from_before, book.uncollected, book.here_now) == (1, 1, 2)
    assert book.balances
    wrong = replace(book, lost=0)  # the database refuses what would unbalance it
    assert (wrong.balances, wrong.unexplained) == (False, 1)


def test_register_page_filters_and_flags(
    owners: dict[str, Pupil], office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """DEV-36, DOC-09: on screen narrowed to one status, in print, and as CSV; flags stand in the last column."""
    school = say(owners, office_user, at)
    stay = CustodyRecord.objects.get()
    stay.flags = [Flag.LATE, Flag.FROM_PAPER, Flag.OFFLINE, Flag.DAMAGED]
    stay.save()
    assert not CustodyEvent.objects.filter(kind=EventKind.DAMAGE).exists()
    with time_machine.travel(at, tick=False):
        desk = client_for(office_user)
        page = desk.get(f"/{school.slug}/devices/register/?show=refused").content.decode()
        sheet = desk.get(f"/{school.slug}/devices/register/print/").content.decode()
        text = desk.get(f"/{school.slug}/devices/register/?as=csv").content.decode()
    assert "Asked and did not hand in" in page
    assert "Marsh, Permitted" not in page
    for word in ("Keeps it by permission", "At a placement", "Absent"):
        assert word in sheet
        assert word in text
    for flag in (Flag.LATE, Flag.FROM_PAPER, Flag.OFFLINE, Flag.DAMAGED):
        assert str(flag.label) in text


def test_register_costs_the_same_at_one_row_and_at_three(
    owners: dict[str, Pupil], office_user: User, at: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    school = owners["in"].school
    for_school(school, on=at.date())  # the rules are read once in a process
    with django_assert_num_queries(8):
        register_for(school, at.date(), handin_types=PHONES)
    say(owners, office_user, at)
    with django_assert_num_queries(8):
        register_for(school, at.date(), handin_types=PHONES)
    types = handin_types(school, at.date())
    with django_assert_num_queries(8):
        day_totals(school, at.date(), handin_types=types)
