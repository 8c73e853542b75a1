"""Prints: asked for once, made once whatever dies in between, opened by the desk, gone after a day."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.kit.pdf import ForeignAddress
from core.kit.refusals import ChangedMeanwhile
from core.people.access import NotPermitted
from core.people.models import School, User
from core.rules.queries import all_presets
from devices import operations
from devices.documents import printout_for
from devices.enums import PrintKind, PrintState, State
from devices.forms.printing import OFFERED
from devices.models import CustodyRecord, DeskSettings, PrintJob, PupilDevice, StoragePlace
from devices.operations import printing
from devices.queries import device_types
from tests.devices.test_races import at_once
from tests.factories import make_form, make_pupil, make_school, make_user

LABELS = {"sheet": "3x8", "start": 1}


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The keys that the worker was rung for."""
    from devices import tasks

    keys: list[int] = []
    monkeypatch.setattr(tasks.make_print, "delay", keys.append)
    yield keys


def ask(school: School, actor: User, at: datetime, kind: str = PrintKind.SLOT_LABELS, **wanted: Any) -> PrintJob:
    job: PrintJob = operations.ask_for_print(
        school=school, actor=actor, at=at, kind=PrintKind(kind), wanted=LABELS | wanted, submission=uuid.uuid4()
    )
    return job


def make(job: PrintJob, at: datetime) -> PrintJob:
    assert operations.make_print(job_id=job.pk, at=at)
    job.refresh_from_db()
    return job


def text_of(job: PrintJob) -> str:
    document = pypdfium2.PdfDocument(bytes(job.content or b""))
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


# Asking


def test_ask_for_print_rings_after_commit_and_says_how_much(
    school: School, safe: StoragePlace, office_user: User, at: datetime, rung: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(school, office_user, at, place=safe.pk)
        assert rung == []
    assert rung == [job.pk]
    assert (job.state, job.total, job.done) == (PrintState.WAITING, 5, 0)
    entry = Entry.objects.get(action="devices.ask_for_print")
    assert entry.detail["wanted"] == {**LABELS, "place": safe.pk, "offset_x": "0", "offset_y": "0"}


def test_ask_for_print_same_form_twice_is_one_print(
    school: School, safe: StoragePlace, office_user: User, at: datetime
) -> None:
    key = uuid.uuid4()
    first, second = (
        operations.ask_for_print(
            school=school, actor=office_user, at=at, kind=PrintKind.SLOT_LABELS, wanted=LABELS, submission=key
        )
        for _ in range(2)
    )
    assert first.pk == second.pk
    assert PrintJob.objects.count() == 1


def test_ask_for_print_one_at_a_time_for_each_person(
    school: School, safe: StoragePlace, office_user: User, at: datetime, make_user: Callable[..., User]
) -> None:
    """security 5, row 10: one heavy job for each person; a colleague is not held up."""
    job = ask(school, office_user, at)
    with pytest.raises(operations.PrintStillBeingMade, match="still being made"):
        ask(school, office_user, at, PrintKind.COMMAND_CARDS)
    ask(school, make_user("office"), at)
    make(job, at)
    ask(school, office_user, at)


@pytest.mark.django_db(transaction=True)
def test_ask_for_print_hundred_clicks_at_once_is_one_print(at: datetime) -> None:
    """security 5, row 10"""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)
    results = at_once(school, *[lambda: ask(school, office, at, PrintKind.COMMAND_CARDS)] * 8)
    with scope(school=school):
        assert PrintJob.objects.count() == 1
    assert sorted({type(result).__name__ for result in results}) == ["PrintJob", "PrintStillBeingMade"]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("slot_labels", "no slot in use"),
        ("pupil_labels", "no pupils on roll"),
        ("device_labels", "no device on record"),
        ("morning_register", "no pupils on roll"),
        ("day_register", "Nobody is on this register"),
        ("uncollected", "Every device has been collected"),
    ],
)
def test_ask_for_print_of_nothing_is_refused_in_words(
    kind: str, sentence: str, school: School, office_user: User, at: datetime
) -> None:
    with pytest.raises(operations.NothingToPrint, match=sentence):
        ask(school, office_user, at, kind)
    assert PrintJob.objects.count() == 0


def test_ask_for_print_needs_the_desk(school: School, governor_user: User, at: datetime) -> None:
    for act in (
        lambda: ask(school, governor_user, at, PrintKind.COMMAND_CARDS),
        lambda: operations.change_label_offsets(
            school=school, actor=governor_user, at=at, offset_x=Decimal(1), offset_y=Decimal(1)
        ),
    ):
        with pytest.raises(NotPermitted):
            act()


# Making


def test_make_print_makes_it_once_however_often_it_is_rung(
    school: School, safe: StoragePlace, office_user: User, at: datetime
) -> None:
    """house 4.8: made once, kept with its checksum."""
    job = make(ask(school, office_user, at), at)
    assert (job.state, job.done, job.total, job.pages) == (PrintState.READY, 5, 5, 1)
    assert bytes(job.content or b"").startswith(b"%PDF-1.7")
    assert not operations.make_print(job_id=job.pk, at=at)
    again = PrintJob.objects.get(pk=job.pk)
    assert again.checksum == job.checksum
    assert Entry.objects.filter(action="devices.make_print").count() == 1


@pytest.mark.django_db(transaction=True)
def test_make_print_two_workers_at_once_make_it_once(at: datetime) -> None:
    school = make_school("harbour-view")
    with scope(school=school):
        job = ask(school, make_user("office", school), at, PrintKind.COMMAND_CARDS)
    results = at_once(school, *[lambda: operations.make_print(job_id=job.pk, at=at)] * 2)
    assert sorted(results) == [False, True]
    assert Entry.objects.filter(action="devices.make_print").count() == 1


class Killed(BaseException):
    """What a worker that is killed leaves behind: nothing is caught, nothing is tidied up."""


def test_make_print_worker_killed_half_way_is_gone_on_with_and_made_once(
    school: School, office_user: User, at: datetime, rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """stack 4: a lost worker; the periodic task finds the print, and it is made once."""
    for number in range(3):
        make_pupil(school, form=make_form(school, f"8{number}"))
    job = ask(school, office_user, at, PrintKind.MORNING_REGISTER)
    whole = printing.join_pdf

    def dies(parts: Any, *, after_each: Any, **rest: Any) -> Any:
        def note(part: Any) -> None:
            after_each(part)
            raise Killed

        return whole(parts, after_each=note, **rest)

    monkeypatch.setattr(printing, "join_pdf", dies)
    with pytest.raises(Killed):
        operations.make_print(job_id=job.pk, at=at)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.tries) == (PrintState.MAKING, 1, 3, 1)

    monkeypatch.setattr(printing, "join_pdf", whole)
    soon = at + timedelta(seconds=20)
    assert operations.resume_prints(at=soon) == []
    assert not operations.make_print(job_id=job.pk, at=soon), "somebody may still be at it"
    later = at + timedelta(minutes=4)
    assert operations.resume_prints(at=later) == [job.pk]
    assert rung == [job.pk]
    make(job, later)
    assert (job.state, job.done, job.tries) == (PrintState.READY, 3, 2)
    assert operations.resume_prints(at=later + timedelta(minutes=4)) == []
    assert Entry.objects.filter(action="devices.make_print").count() == 1


def test_make_print_worker_that_comes_back_late_keeps_nothing(
    school: School, office_user: User, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker thought dead ends its work after another has made the print: the first one kept stands."""
    job = ask(school, office_user, at, PrintKind.COMMAND_CARDS)
    whole = printing.join_pdf
    later = at + timedelta(minutes=4)

    def slow(*given: Any, **rest: Any) -> Any:
        monkeypatch.setattr(printing, "join_pdf", whole)
        made = whole(*given, **rest)
        PrintJob.objects.filter(pk=job.pk).update(claimed_at=at)  # as if it had been silent since
        assert operations.make_print(job_id=job.pk, at=later)
        return made

    monkeypatch.setattr(printing, "join_pdf", slow)
    assert not operations.make_print(job_id=job.pk, at=at)
    job.refresh_from_db()
    assert (job.state, job.tries, job.finished_at and job.finished_at >= later) == (PrintState.READY, 2, True)
    assert Entry.objects.filter(action="devices.make_print").count() == 1


def test_make_print_that_fails_three_times_waits_for_a_person(
    school: School, office_user: User, at: datetime, rung: list[int], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    job = ask(school, office_user, at, PrintKind.COMMAND_CARDS)
    with monkeypatch.context() as broken:

        def fails(*given: Any, **rest: Any) -> Any:
            raise ForeignAddress("no")

        broken.setattr(printing, "join_pdf", fails)
        for tries, state in ((1, PrintState.WAITING), (2, PrintState.WAITING), (3, PrintState.FAILED)):
            assert not operations.make_print(job_id=job.pk, at=at)
            job.refresh_from_db()
            assert (job.tries, job.state) == (tries, state)
    assert operations.resume_prints(at=at + timedelta(hours=1)) == []
    assert Entry.objects.filter(action="devices.fail_print").count() == 1

    with django_capture_on_commit_callbacks(execute=True):
        operations.try_print_again(school=school, actor=office_user, at=at, job=job, submission=uuid.uuid4())
    assert rung == [job.pk]
    make(job, at)
    with pytest.raises(operations.NotToTryAgain, match="ready"):
        operations.try_print_again(school=school, actor=office_user, at=at, job=job)


def test_make_print_whose_worker_is_killed_three_times_is_given_up(
    school: School, office_user: User, at: datetime
) -> None:
    """What kills the worker each time, such as a lack of memory, must not kill it for ever."""
    job = ask(school, office_user, at, PrintKind.COMMAND_CARDS)
    PrintJob.objects.filter(pk=job.pk).update(state=PrintState.MAKING, tries=3, claimed_at=at)
    assert not operations.make_print(job_id=job.pk, at=at + timedelta(minutes=4))
    job.refresh_from_db()
    assert job.state == PrintState.FAILED


def test_resume_prints_finds_one_that_nobody_heard(
    school: School, office_user: User, at: datetime, rung: list[int]
) -> None:
    """decision 8: the bell is only a bell."""
    job = ask(school, office_user, at, PrintKind.COMMAND_CARDS)
    assert operations.resume_prints(at=at + timedelta(seconds=10)) == []
    assert operations.resume_prints(at=at + timedelta(minutes=1)) == [job.pk]


def test_purge_prints_takes_them_away_after_a_day(school: School, office_user: User, at: datetime) -> None:
    """They may hold names: 24 hours, then the content is gone and nothing makes it again."""
    job = make(ask(school, office_user, at, PrintKind.COMMAND_CARDS), at)
    never = ask(school, office_user, at, PrintKind.COMMAND_CARDS)
    assert operations.purge_prints(at=at + timedelta(hours=23)) == 0
    assert operations.purge_prints(at=at + timedelta(hours=24, minutes=1)) == 2
    for one in (job, never):
        one.refresh_from_db()
        assert (one.state, one.content, one.checksum) == (PrintState.EXPIRED, None, "")
    assert operations.resume_prints(at=at + timedelta(days=2)) == []
    assert not operations.make_print(job_id=never.pk, at=at + timedelta(days=2))
    assert operations.purge_prints(at=at + timedelta(days=2)) == 0


# The lists


def test_make_print_every_kind_under_every_preset(
    phone: PupilDevice, at: datetime, office_user: User, school: School
) -> None:
    for preset in all_presets():
        own = school if preset == "phone-free-agreement" else make_school(preset=preset)
        with scope(school=own):
            office = make_user("office", own)
            _with_something_of_everything(own, office, at)
            for kind in OFFERED:
                job = make(ask(own, office, at, kind), at)
                assert job.state == PrintState.READY, (preset, kind)
                assert own.name in text_of(job) or "labels" in kind


def _with_something_of_everything(school: School, office: User, at: datetime) -> None:
    """A place, a pupil, a device, and one that nobody fetched on Friday."""
    operations.seed_device_types(school=school, actor=None, at=at)
    place = operations.add_place(
        school=school, actor=None, at=at, name="Another safe", kind="safe", lockable=True, purpose="daily", slots=3
    )
    pupil = make_pupil(school, "Łukasz", "Nguyễn", form=make_form(school))
    phone = device_types(school).get(key="phone")
    device = operations.add_device(school=school, actor=None, at=at, pupil=pupil, type=phone, make="Fair")
    friday = at - timedelta(days=3)
    stay = CustodyRecord(
        school=school, device=device, pupil=pupil, day=friday.date(), state=State.UNCOLLECTED, place=place,
        rules_version=school.rules_version, opened_at=friday, opened_by=office,
    )  # fmt: skip
    stay.stamp(by=office, at=friday)
    stay.save()


def test_day_register_and_uncollected_list_say_what_the_record_says(
    school: School, phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DOC-09, DEV-36: every status by form, with totals; and what nobody fetched, until it is dealt with."""
    other = make_pupil(school, "Zoë", "Ødegård", form=phone.pupil.form)
    operations.hand_in_device(school=school, actor=office_user, at=at, pupil=phone.pupil, switched_off=True)
    operations.declare_no_device(school=school, actor=office_user, at=at, pupil=other)
    late = at + timedelta(hours=10)
    register = text_of(make(ask(school, office_user, at, PrintKind.DAY_REGISTER, day=at.date().isoformat()), at))
    for word in (
        "Register, 23 November 2026", "Harbour View School", "Kovacs, Amara", "Handed in", "black phone",
        "Office safe, slot 1", "8:30am", "Ødegård, Zoë", "No device today", "Totals for each form",
    ):  # fmt: skip
        assert word in register, word

    operations.mark_uncollected(school=school, actor=None, at=late)
    listed = text_of(make(ask(school, office_user, late, PrintKind.UNCOLLECTED), late))
    for word in ("Uncollected devices", "Kovacs, Amara", "8B", "Office safe, slot 1", "23 November 2026"):
        assert word in listed, word

    summary = text_of(make(ask(school, office_user, late, PrintKind.DAY_SUMMARY), late))
    assert "Handed in 1 Given back 0 Still here from this day 1 Not collected by office close 1" in summary
    assert "Kovacs" not in summary


def test_registers_cost_the_same_statements_for_three_pupils_as_for_one(
    school: School, office_user: User, at: datetime
) -> None:
    def cost(kind: str) -> int:
        printout_for(school, kind, LABELS, at)  # rules and calendar are read once in a process
        with CaptureQueriesContext(connection) as seen:
            printout_for(school, kind, LABELS, at)
        return len(seen)

    _with_something_of_everything(school, office_user, at)
    one = {kind: cost(kind) for kind in OFFERED}
    for _ in range(2):
        pupil = make_pupil(school, form=make_form(school))
        operations.add_device(school=school, actor=None, at=at, pupil=pupil, type=device_types(school)[0])
    assert {kind: cost(kind) for kind in OFFERED} == one


# The pages


def page(client: Client, name: str, school: School, *args: Any, **query: Any) -> Any:
    return client.get(reverse(f"devices:{name}", args=[school.slug, *args]), query)


@pytest.mark.usefixtures("page_contexts")
def test_prints_page_asks_watches_and_opens(
    school: School, safe: StoragePlace, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """ux 5: 300 labels in four clicks at most: the kind, Make the PDF, Open the PDF; all without JavaScript."""
    client = client_for(office_user)
    chosen = page(client, "prints", school, kind="slot_labels")
    form = chosen.context["form"]
    sent = client.post(
        reverse("devices:prints", args=[school.slug]),
        {name: form[name].value() or "" for name in form.fields},
    )
    job = PrintJob.objects.get()
    assert sent.headers["Location"] == reverse("devices:print-job", args=[school.slug, job.pk])

    watched = client.get(sent.headers["Location"]).content.decode()
    assert '<progress class="job__bar" max="5" value="0"' in watched
    assert 'hx-trigger="every 2s"' in watched
    assert "data-poll" in watched
    assert "Check progress" in watched
    part = client.get(sent.headers["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "job-progress" in part
    assert "<html" not in part

    make(job, job.requested_at)
    ready = client.get(sent.headers["Location"]).content.decode()
    assert "Open the PDF" in ready
    assert "Actual size" in ready
    assert "<progress" not in ready
    opened = page(client, "print-file", school, job.pk)
    assert opened.content == bytes(job.content or b"")
    assert opened.headers["Content-Type"] == "application/pdf"
    assert opened.headers["Cache-Control"] == "private, no-store"
    assert opened.headers["Content-Disposition"].startswith('inline; filename="slot-labels-20')
    entry = Entry.objects.get(action="devices.open_print")
    assert (entry.outcome, entry.actor_id, entry.object_id) == (Outcome.EXPORTED, office_user.pk, job.pk)


def test_print_job_page_says_when_it_failed_and_tries_again(
    school: School, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    job = ask(school, office_user, at, PrintKind.COMMAND_CARDS)
    PrintJob.objects.filter(pk=job.pk).update(state=PrintState.FAILED, tries=3)
    client = client_for(office_user)
    url = reverse("devices:print-job", args=[school.slug, job.pk])
    assert "Try again" in client.get(url).content.decode()
    assert client.post(url, {"submission": str(uuid.uuid4())}).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.tries) == (PrintState.WAITING, 0)
    refused = client.post(url, {"submission": str(uuid.uuid4())})
    assert refused.status_code == 422
    assert "Open the page again" in refused.content.decode()


def test_print_job_page_without_a_worker_says_so(
    school: School, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """decision 8: nothing is lost, and nobody looks at a bar that never moves."""
    job = ask(school, office_user, at - timedelta(days=400), PrintKind.COMMAND_CARDS)
    shown = page(client_for(office_user), "print-job", school, job.pk).content.decode()
    assert "Waiting for the background worker" in shown
    assert "Check progress" in shown


def test_print_file_after_a_day_is_gone(
    school: School, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    job = make(ask(school, office_user, at, PrintKind.COMMAND_CARDS), at)
    operations.purge_prints(at=at + timedelta(hours=25))
    client = client_for(office_user)
    gone = page(client, "print-file", school, job.pk)
    assert gone.headers["Location"] == reverse("devices:print-job", args=[school.slug, job.pk])
    assert not gone.content
    assert "Make it again" in client.get(gone.headers["Location"]).content.decode()
    assert not Entry.objects.filter(action="devices.open_print").exists()


def test_prints_of_another_school_and_other_people(
    school: School, other_school: School, office_user: User, governor_user: User, at: datetime,
    client_for: Callable[[User], Client], make_user: Callable[..., User],
) -> None:  # fmt: skip
    job = make(ask(school, office_user, at, PrintKind.COMMAND_CARDS), at)
    assert page(client_for(make_user("office")), "print-file", school, job.pk).status_code == 200
    assert page(client_for(governor_user), "print-file", school, job.pk).status_code == 403
    neighbour = client_for(make_user("office", other_school))
    for name in ("print-job", "print-file"):
        assert page(neighbour, name, other_school, job.pk).status_code == 404
        assert page(neighbour, name, school, job.pk).status_code == 404


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("slot_labels", {"sheet": "3x8", "start": "25"}, "from 1 to 24"),
        ("slot_labels", {"sheet": "5x13", "start": "1"}, "not one of the available choices"),
        ("slot_labels", {"sheet": "3x8", "start": "1", "place": "999999"}, "not one of the available choices"),
        ("pupil_labels", {"sheet": "3x8", "start": "1", "form_groups": "999999"}, "not one of the available choices"),
        ("day_register", {"day": ""}, "Enter the day"),
    ],
)
def test_prints_page_wrong_choices_are_refused(
    kind: str, data: dict[str, str], sentence: str, school: School, safe: StoragePlace, office_user: User,
    client_for: Callable[[User], Client],
) -> None:  # fmt: skip
    """The neighbour's place or form is no choice; a label that the sheet does not have is none either."""
    refused = client_for(office_user).post(reverse("devices:prints", args=[school.slug]), {"kind": kind, **data})
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert PrintJob.objects.count() == 0


def test_prints_page_costs_the_same_for_three_prints_as_for_one(
    school: School, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    client = client_for(office_user)

    def cost() -> int:
        page(client, "prints", school)
        with CaptureQueriesContext(connection) as seen:
            assert page(client, "prints", school).status_code == 200
        assert not any('"devices_printjob"."content"' in query["sql"] for query in seen)
        return len(seen)

    def one_more() -> None:
        make(ask(school, office_user, at, PrintKind.COMMAND_CARDS), at)

    one_more()
    one = cost()
    one_more()
    one_more()
    assert cost() == one


@pytest.mark.usefixtures("page_contexts")
def test_change_label_offsets_are_remembered_and_go_into_the_next_print(
    school: School, safe: StoragePlace, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """ux 5: the offsets of the school's printer are remembered."""
    client = client_for(office_user)
    url = reverse("devices:label-offsets", args=[school.slug])
    form = client.get(url).context["form"]
    sent = {"offset_x": "1.5", "offset_y": "-0.5", "version": form["version"].value(), "submission": str(uuid.uuid4())}
    assert client.post(url, sent).status_code == 302
    settings = DeskSettings.objects.get()
    assert (settings.label_offset_x, settings.label_offset_y) == (Decimal("1.5"), Decimal("-0.5"))
    job = ask(school, office_user, at)
    assert (job.wanted["offset_x"], job.wanted["offset_y"]) == ("1.5", "-0.5")
    assert "1.5 mm" in page(client, "prints", school).content.decode()
    for wrong in ("21", "-20.5", "0.25", "far"):
        refused = client.post(url, sent | {"offset_x": wrong, "submission": str(uuid.uuid4())})
        assert refused.status_code == 422, wrong


def test_change_label_offsets_two_people_at_once(school: School, office_user: User, at: datetime) -> None:
    def change(x: str, version: int) -> DeskSettings:
        settings: DeskSettings = operations.change_label_offsets(
            school=school, actor=office_user, at=at, offset_x=Decimal(x), offset_y=Decimal(0), version=version
        )
        return settings

    first = change("1", 1)
    second = change("2", first.version)
    with pytest.raises(ChangedMeanwhile):
        change("3", first.version)
    second.refresh_from_db()
    assert second.label_offset_x == 2
