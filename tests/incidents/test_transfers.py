"""A leaver's child-protection file: due, made, sent apart, received; and one that came from another school."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.notices.models import Notice
from core.people.models import Pupil, School, Term, User
from core.people.roles import Role
from incidents.enums import Track, TransferState, TransferStep
from incidents.models import FileArrival, FileTransfer, TransferEvent
from incidents.operations.transfers import (
    ArrivedAlready,
    PaperFirst,
    ReceiptSaysWho,
    SentWhole,
    TransferOpenAlready,
    make_transfer_paper,
    open_transfer,
    record_arrival,
    send_file,
    tell_transfers,
)
from incidents.queries.transfers import days_after
from incidents.workflow import StepNotAllowed
from tests.factories import make_contact, make_pupil, make_user
from tests.factories.cases import ACCOUNT, add_person, make_case

Clients = Callable[[User], Client]
SENT = {"to_school": "Mill Lane School", "to_dsl": "Ines Roe, their DSL", "channel": "courier", "apart": "on"}


@pytest.fixture(autouse=True)
def _now(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


def address(name: str, *keys: int) -> str:
    return reverse(f"incidents:{name}", args=["harbour-view", *keys])


def words(page: Any) -> str:
    html = page.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", html[html.index("<main") :])).split())


def filed(pupil: Pupil, at: datetime) -> Any:
    """A pupil with something in the child-protection file."""
    return make_case(pupil.school, by=make_user(Role.TEACHER, pupil.school), at=at, pupil=pupil, track=Track.SERIOUS)


def leave(pupil: Pupil, on: date, at: datetime) -> Pupil:
    pupil.joined_on, pupil.left_on = date(2025, 9, 1), on
    pupil.stamp(by=None, at=at)
    pupil.save()
    return pupil


def test_file_is_due_the_fifth_school_day_in_a_year_and_in_a_new_term(school: School) -> None:
    """SG-4: within five school days in the year; for who left at the end of a term within its first five days."""
    assert days_after(school, date(2026, 11, 20)) == date(2026, 11, 27), "the week has a weekend in it"
    for first, last in ((date(2026, 9, 2), date(2026, 12, 18)), (date(2027, 1, 5), date(2027, 3, 26))):
        term = Term(school=school, name=f"Term of {first}", starts_on=first, ends_on=last)
        term.stamp(by=None, at=datetime.fromisoformat("2026-09-01T08:00+00:00"))
        term.save()
    school.calendar_version += 1
    assert days_after(school, date(2026, 12, 18)) == date(2027, 1, 11)
    assert days_after(school, date(2026, 12, 28)) == date(2027, 1, 11), "who left in the holidays too"


def test_a_file_goes_apart_to_named_hands_and_its_receipt_is_recorded(
    pupil: Pupil, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """SG-4, SG-5: the chronology as a PDF, what, to whom, how, by whom and when; sharing before with its reason."""
    filed(pupil, at)
    about_staff = make_case(pupil.school, by=dsl_user, at=at, staff=make_user(Role.SUPPORT, pupil.school))
    add_person(about_staff, at=at, pupil=pupil)
    browser = client_for(dsl_user)
    browser.post(address("open-transfer", pupil.pk), {"leaves_on": "2026-11-20", "to_school": "Mill Lane School"})
    row = FileTransfer.objects.get()
    assert (row.state, row.due_on, row.to_school) == ("due", date(2026, 11, 27), "Mill Lane School")
    one = address("transfer", row.pk)
    early = browser.post(address("transfer-sharing", row.pk), {"share": "yes", "reason": ""})
    assert early.status_code == 422
    browser.post(address("transfer-sharing", row.pk), {"share": "yes", "reason": "A key adult is needed on day one."})
    refused = browser.post(one, SENT | {"sent_at": "2026-11-23T08:10"})
    assert refused.status_code == 422 and "Make the chronology into a PDF first" in words(refused)
    browser.post(address("make-transfer-paper", row.pk))
    pdf = browser.get(address("transfer-paper", row.pk))
    assert pdf["Cache-Control"] == "private, no-store"
    told = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf.content))
    assert ACCOUNT[:20] in told and str(about_staff) not in told
    mixed = {name: value for name, value in SENT.items() if name != "apart"}
    assert browser.post(one, mixed | {"sent_at": "2026-11-23T08:10"}).status_code == 422
    assert browser.post(one, SENT | {"sent_at": "2026-11-23T08:10"}).status_code == 302
    assert browser.post(one, SENT | {"sent_at": "2026-11-23T08:10"}).status_code == 422, "it went once"
    early = browser.post(one, {"received_by": "Ines Roe", "received_at": "2026-11-23T07:00"})
    assert early.status_code == 422, "nothing is received before it is sent"
    browser.post(one, {"received_by": "Ines Roe", "received_at": "2026-11-23T08:25"})
    row.refresh_from_db()
    assert (row.state, row.received_by, row.sent_by, row.channel) == ("received", "Ines Roe", dsl_user, "courier")
    said = words(browser.get(one))
    for expected in ("A key adult is needed on day one.", "Ines Roe, their DSL", "By courier, signed for".lower(),
                     f"entered by {dsl_user.display_name}", "Receipt recorded"):  # fmt: skip
        assert expected in said, expected
    assert [step.kind for step in row.events.all()] == ["opened", "shared", "paper", "sent", "received"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT shared_before FROM incidents_filetransfer")
        assert b"key adult" not in bytes(cursor.fetchone()[0])
    assert Entry.objects.filter(action="incidents.send_file").count() == 1


def test_clock_opens_the_transfer_of_who_left_and_chases_without_a_name(
    pupil: Pupil, dsl_user: User, at: datetime, school: School
) -> None:
    """SG-4: a task for the DSL when a pupil with a file has left; chased at day five; the notice names nobody."""
    without = leave(make_pupil(school, "Ned", "Quiet"), date(2026, 11, 20), at)
    filed(leave(pupil, date(2026, 11, 20), at), at)
    assert tell_transfers(school=school, at=at) == 1
    row = FileTransfer.objects.get()
    assert (row.pupil, row.due_on) == (pupil, date(2026, 11, 27)) and without.pk != row.pupil_id
    assert tell_transfers(school=school, at=at) == 0, "it is opened once, and due on Friday"
    friday = at + timedelta(days=4)
    assert tell_transfers(school=school, at=friday) == 1
    assert tell_transfers(school=school, at=friday + timedelta(hours=1)) == 0, "once a day"
    assert tell_transfers(school=school, at=at + timedelta(days=5)) == 0, "not on a Saturday"
    make_transfer_paper(school=school, actor=dsl_user, at=friday, transfer=row)
    send_file(school=school, actor=dsl_user, at=friday, transfer=row, **{**SENT, "apart": True})
    assert tell_transfers(school=school, at=at + timedelta(days=10)) == 0, "four school days later"
    assert tell_transfers(school=school, at=at + timedelta(days=11)) == 1, "five without a receipt"
    notices = Notice.objects.filter(kind="incidents.transfer_due")
    assert {notice.subject for notice in notices} == {
        "A child-protection file is to be sent", "A child-protection file has no receipt yet",
    }  # fmt: skip
    for notice in notices:
        assert pupil.legal_surname not in f"{notice.subject} {notice.body} {notice.url}"
    assert row.events.filter(kind=TransferStep.CHASED).count() == 2


def test_transfer_is_refused_where_it_would_not_be_safe(pupil: Pupil, dsl_user: User, at: datetime) -> None:
    """SG-4 NEG: one at a time, what is made first, into named hands, never backwards; the database says so too."""
    school = pupil.school
    asked: dict[str, Any] = {"school": school, "actor": dsl_user, "at": at}
    row = open_transfer(**asked, pupil=pupil, leaves_on=at.date())
    with pytest.raises(TransferOpenAlready):
        open_transfer(**asked, pupil=pupil, leaves_on=at.date())
    with pytest.raises(PaperFirst):
        send_file(**asked, transfer=row, **{**SENT, "apart": True})
    make_transfer_paper(**asked, transfer=row)
    for wrong in ({"apart": False}, {"to_dsl": " "}, {"channel": "fax"}, {"sent_at": at + timedelta(hours=1)}):
        with pytest.raises(SentWhole):
            send_file(**asked, transfer=row, **({**SENT, "apart": True} | wrong))
    send_file(**asked, transfer=row, **{**SENT, "apart": True})
    with pytest.raises(StepNotAllowed):
        make_transfer_paper(**asked, transfer=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        FileTransfer.objects.filter(pk=row.pk).update(to_dsl="")
    with pytest.raises(Exception, match=r"append-only|denied"), transaction.atomic():
        TransferEvent.objects.filter(transfer=row).update(kind="opened")


def test_files_are_for_who_opens_chronologies_and_never_of_ones_own_child(
    pupil: Pupil, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """ORG-10, security 5.2: others are refused; the parent among the DSLs finds nothing; a deputy opens the PDF only
    if they read each record in it."""
    filed(pupil, at)
    row = open_transfer(school=pupil.school, actor=dsl_user, at=at, pupil=pupil, leaves_on=at.date())
    make_transfer_paper(school=pupil.school, actor=dsl_user, at=at, transfer=row)
    for role in (Role.TEACHER, Role.SLT, Role.OFFICE, Role.HEAD_OF_SCHOOL):
        assert client_for(make_user(role, pupil.school)).get(address("transfers")).status_code == 403, role
    deputy = make_user(Role.DEPUTY_DSL, pupil.school)
    assert client_for(deputy).get(address("transfer-paper", row.pk)).status_code == 200
    FileTransfer.objects.filter(pk=row.pk).update(records=[*FileTransfer.objects.get(pk=row.pk).records, 999_999])
    assert client_for(deputy).get(address("transfer-paper", row.pk)).status_code == 404
    assert client_for(dsl_user).get(address("transfer-paper", row.pk)).status_code == 200, "its maker"
    parent = make_user(Role.DSL, pupil.school)
    make_contact(pupil, "Winterbourne", account=parent)
    browser = client_for(parent)
    assert pupil.legal_surname not in browser.get(address("transfers")).content.decode()
    assert browser.get(address("transfer", row.pk)).status_code == 404
    assert browser.get(address("open-transfer", pupil.pk)).status_code == 404


def test_a_file_that_came_is_written_down_once_with_its_receipt(
    pupil: Pupil, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """SG-4: the receiving side; the same form twice is one record."""
    browser = client_for(dsl_user)
    sent = {"from_school": "Mill Lane", "from_whom": "Ines Roe", "arrived_on": "2026-11-20", "channel": "hand",
            "submission": "6d0c5d5e-4a36-4a34-9f3b-7a7d0b8a9c13"}  # fmt: skip
    for _twice in range(2):
        assert browser.post(address("file-arrived", pupil.pk), sent).status_code == 302
    row = FileArrival.objects.get()
    assert row.receipt_at is None
    with pytest.raises(ArrivedAlready):
        record_arrival(school=pupil.school, actor=dsl_user, at=at, pupil=pupil, from_school="Mill Lane",
                       from_whom="Their DSL", arrived_on=date(2026, 11, 20), channel="hand")  # fmt: skip
    assert "They have our receipt" in words(browser.get(address("transfers")))
    browser.post(address("give-receipt", row.pk))
    row.refresh_from_db()
    assert (row.receipt_at, row.receipt_by) == (at, dsl_user)
    assert "Receipt given 23 November 2026" in words(browser.get(address("transfers")))
    assert ReceiptSaysWho.default_field == "received_by" and TransferState.DUE


def test_list_costs_the_same_statements_at_one_and_at_three(
    school: School, dsl_user: User, at: datetime, client_for: Clients
) -> None:
    """Speed: however many wait."""
    browser = client_for(dsl_user)

    def put() -> None:
        pupil = make_pupil(school)
        open_transfer(school=school, actor=dsl_user, at=at, pupil=pupil, leaves_on=at.date())
        record_arrival(school=school, actor=dsl_user, at=at, pupil=pupil, from_school="Mill Lane", from_whom="DSL",
                       arrived_on=at.date(), channel="hand")  # fmt: skip

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address("transfers")).status_code == 200
        return len(seen)

    put()
    cost()
    few = cost()
    put()
    put()
    assert cost() == few


@pytest.mark.django_db(transaction=True)
def test_two_people_who_begin_the_same_transfer_make_one(pupil: Pupil, dsl_user: User, at: datetime) -> None:
    """SG-4: one is told that it is on the list already; two rows cannot stand."""
    school, answers = pupil.school, []
    barrier = threading.Barrier(2)

    def begin() -> None:
        try:
            with scope(school=school):
                barrier.wait()
                open_transfer(school=school, actor=dsl_user, at=at, pupil=pupil, leaves_on=at.date())
            answers.append("begun")
        except TransferOpenAlready:
            answers.append("already")
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["already", "begun"]
    with scope(school=school):
        assert FileTransfer.objects.count() == 1
