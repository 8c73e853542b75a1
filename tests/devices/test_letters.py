"""Letters about several devices: asked for at once, made by the worker, each of them once whatever dies in between."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.people.access import NotPermitted
from core.people.models import Contact, School, User
from devices import operations
from devices.enums import PrintKind, PrintState
from devices.models import CustodyRecord, IssuedDocument, PrintJob, PupilDevice
from devices.operations import printing
from tests.devices.test_printing import Killed
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.taking import make_taken

Letter = tuple[CustodyRecord, Contact]
LATER = timedelta(minutes=4)  # a worker that was silent for so long is gone


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The keys that the worker was rung for."""
    from devices import tasks

    keys: list[int] = []
    monkeypatch.setattr(tasks.make_print, "delay", keys.append)
    yield keys


@pytest.fixture
def letters(phone: PupilDevice, office_user: User, at: datetime) -> list[Letter]:
    """Three taken phones, each with an adult who may be told."""
    return some_letters(phone.school, phone, office_user, at)


def some_letters(school: School, phone: PupilDevice, by: User, at: datetime) -> list[Letter]:
    made = []
    for number in range(3):
        pupil = make_pupil(school, f"Noor{'abc'[number]}", "Abbas", form=make_form(school, f"9{number}"))
        device = operations.add_device(school=school, actor=None, at=at, pupil=pupil, type=phone.type)
        stay = make_taken(pupil, device, by=by, at=at)
        stay.rules_version = school.rules_version
        stay.stamp(by=None, at=at)
        stay.save()
        made.append((stay, make_contact(pupil, "Abbas")))
    return made


def ask(letters: list[Letter], actor: User, at: datetime, key: uuid.UUID | None = None) -> PrintJob:
    job: PrintJob = operations.taken.ask_for_letters(
        school=letters[0][0].school, actor=actor, at=at, letters=letters, submission=key or uuid.uuid4()
    )
    return job


def made(job: PrintJob) -> PrintJob:
    job.refresh_from_db()
    return job


def withhold(stay: CustodyRecord, at: datetime, withheld: bool = True) -> None:
    stay.confiscation.withheld = withheld
    stay.confiscation.stamp(by=None, at=at)
    stay.confiscation.save()


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)).split())


def test_ask_for_letters_rings_after_commit_and_makes_nothing_itself(
    letters: list[Letter], office_user: User, at: datetime, rung: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    """DOC-08, decision 12: asked for in a moment, by keys alone; the same form again is the same print."""
    key = uuid.uuid4()
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(letters, office_user, at, key)
        assert rung == []
    assert rung == [job.pk]
    assert (job.kind, job.state, job.total) == (PrintKind.LETTERS, PrintState.WAITING, 3)
    assert job.wanted == {"letters": [[stay.pk, contact.pk] for stay, contact in letters]}
    assert ask(letters, office_user, at, key).pk == job.pk
    assert PrintJob.objects.count() == 1 and not IssuedDocument.objects.exists()


def test_make_print_of_letters_makes_each_once_and_one_file_of_all(
    letters: list[Letter], office_user: User, at: datetime
) -> None:
    """DOC-08, COM-06: a document for each device, kept as it was made, and one PDF to print; rung twice, made once."""
    job = ask(letters, office_user, at)
    assert operations.make_print(job_id=job.pk, at=at)
    assert not operations.make_print(job_id=job.pk, at=at)
    assert (made(job).state, job.done, job.total, job.pages) == (PrintState.READY, 3, 3, 3)
    for stay, contact in letters:
        document = IssuedDocument.objects.get(custody=stay)
        assert (document.kind, document.made_by) == ("letter", office_user)
        assert f"Dear {contact.display_name}" in text_of(bytes(document.content))
        assert f"Dear {contact.display_name}" in text_of(bytes(job.content or b""))
    assert Entry.objects.filter(action="devices.issue_document").count() == 3


def test_make_print_of_letters_killed_half_way_goes_on_and_makes_none_twice(
    letters: list[Letter], office_user: User, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-08, stack 4: what was made stays as it was made; the rest follow; every letter is in the one file."""
    job, whole = ask(letters, office_user, at), printing.join_pdf

    def dies(parts: Any, *, after_each: Any, **rest: Any) -> Any:
        def note(part: Any) -> None:
            after_each(part)
            if job.pk and PrintJob.objects.get(pk=job.pk).done == 2:
                raise Killed

        return whole(parts, after_each=note, **rest)

    monkeypatch.setattr(printing, "join_pdf", dies)
    with pytest.raises(Killed):
        operations.make_print(job_id=job.pk, at=at)
    first = dict(IssuedDocument.objects.values_list("custody", "checksum"))
    assert (made(job).state, job.done, len(first)) == (PrintState.MAKING, 2, 2)
    monkeypatch.setattr(printing, "join_pdf", whole)
    assert operations.make_print(job_id=job.pk, at=at + LATER)
    assert (made(job).state, job.done, job.pages) == (PrintState.READY, 3, 3)
    kept = dict(IssuedDocument.objects.values_list("custody", "checksum"))
    assert len(kept) == IssuedDocument.objects.count() == 3
    assert first.items() <= kept.items()


def test_make_print_of_letters_by_a_worker_thought_dead_makes_no_second_letter(
    letters: list[Letter], office_user: User, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOC-08, decision 12: another has made the print meanwhile; the late one stops at its next letter."""
    job, whole = ask(letters, office_user, at), printing.join_pdf

    def slow(parts: Any, **rest: Any) -> Any:
        monkeypatch.setattr(printing, "join_pdf", whole)
        begun = iter(parts)
        next(begun)
        PrintJob.objects.filter(pk=job.pk).update(claimed_at=at)  # as if it had been silent since
        assert operations.make_print(job_id=job.pk, at=at + LATER)
        return whole(begun, **rest)

    monkeypatch.setattr(printing, "join_pdf", slow)
    assert not operations.make_print(job_id=job.pk, at=at)
    assert (made(job).state, job.tries, job.pages) == (PrintState.READY, 2, 3)
    assert IssuedDocument.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_make_print_of_letters_two_workers_at_once_make_each_once(at: datetime) -> None:
    """DOC-08"""
    school = make_school("harbour-view")
    with scope(school=school):
        office = make_user("office", school)
        types = {kind.key: kind for kind in operations.seed_device_types(school=school, actor=None, at=at)}
        phone = operations.add_device(school=school, actor=None, at=at, pupil=make_pupil(school), type=types["phone"])
        job = ask(some_letters(school, phone, office, at), office, at)
    results = at_once(school, *[lambda: operations.make_print(job_id=job.pk, at=at)] * 2)
    assert sorted(results) == [False, True]
    with scope(school=school):
        assert IssuedDocument.objects.count() == 3


def test_ask_for_letters_all_or_none(letters: list[Letter], office_user: User, at: datetime) -> None:
    """DOC-08, CNF-13, ORG-13: one that may not go out refuses them all; so does a stranger, and more than a hundred."""
    withhold(letters[1][0], at)
    with pytest.raises(operations.taken.WithheldFromFamily):
        ask(letters, office_user, at)
    withhold(letters[1][0], at, withheld=False)
    with pytest.raises(operations.taken.ContactNotToBeTold):
        ask([(letters[0][0], letters[1][1])], office_user, at)
    with pytest.raises(operations.taken.TooManyLetters):
        ask(letters * 34, office_user, at)
    assert not PrintJob.objects.exists()


def test_ask_for_letters_is_for_those_who_release(
    letters: list[Letter], office_user: User, governor_user: User, teacher_user: User, at: datetime
) -> None:
    """Matrix 1.21; and one print at a time for each person."""
    for nobody in (governor_user, teacher_user):
        with pytest.raises(NotPermitted):
            ask(letters, nobody, at)
    ask(letters, office_user, at)
    with pytest.raises(operations.PrintStillBeingMade):
        ask(letters, office_user, at)


def test_make_print_of_letters_leaves_out_what_may_not_go_out_any_more(
    letters: list[Letter], office_user: User, at: datetime
) -> None:
    """CNF-13, NOT-02: kept back by the DSL, or gone back, between the asking and the making; the others are made."""
    job = ask(letters, office_user, at)
    withhold(letters[0][0], at)
    operations.taken.withdraw_taking(
        school=letters[1][0].school, actor=office_user, at=at, custody=letters[1][0], note="The wrong pupil."
    )
    assert operations.make_print(job_id=job.pk, at=at)
    assert (made(job).state, job.pages, len(job.wanted["left_out"])) == (PrintState.READY, 1, 2)
    assert IssuedDocument.objects.get().custody == letters[2][0]
    refused = Entry.objects.filter(action="devices.issue_document", outcome="refused")
    assert sorted(entry.detail["rule"] for entry in refused) == ["CNF-13", "DOC-08"]


# The pages


def test_letters_are_seen_first_then_made_by_the_worker_and_opened(
    letters: list[Letter], school: School, office_user: User, client_for: Callable[[User], Client], at: datetime
) -> None:
    """DOC-08: the first ones shown, nothing made; then a page that says how far it is; leave it, and come back."""
    page = reverse("devices:letters", args=[school.slug])
    chosen = {"chosen": [stay.pk for stay, _contact in letters]}
    with time_machine.travel(at, tick=False):
        client = client_for(office_user)
        assert client.post(page, {}).status_code == 422
        shown = client.post(page, chosen).content.decode()
        assert "Dear " in shown and not PrintJob.objects.exists()
        key = str(uuid.uuid4())
        first, again = (client.post(page, chosen | {"make": "1", "submission": key}) for _ in range(2))
        job = PrintJob.objects.get()
        address = reverse("devices:print-job", args=[school.slug, job.pk])
        assert first["Location"] == again["Location"] == address
        waiting = client.get(address).content.decode()
        assert "Letters to parents and carers" in waiting and "<progress" in waiting
        assert address in client.get(reverse("devices:prints", args=[school.slug])).content.decode()
        operations.make_print(job_id=job.pk, at=at)
        assert "Each letter stays among its device’s documents." in client.get(address).content.decode()
        file = client.get(reverse("devices:print-file", args=[school.slug, job.pk]))
        assert (file["Content-Type"], file["Cache-Control"]) == ("application/pdf", "private, no-store")
        assert file["Content-Disposition"] == f'inline; filename="letters-{at.date()}.pdf"'


def test_letters_are_nobodys_who_may_not_release_nor_those_of_another_school(
    letters: list[Letter], school: School, office_user: User, make_user: Callable[..., User], other_school: School,
    client_for: Callable[[User], Client], at: datetime,
) -> None:  # fmt: skip
    """DOC-08, matrix 1.21: a tutor who takes devices in prints labels, and sees no letters to families."""
    job = ask(letters, office_user, at)
    operations.make_print(job_id=job.pk, at=at)
    addresses = [reverse(f"devices:{name}", args=[school.slug, job.pk]) for name in ("print-job", "print-file")]
    with time_machine.travel(at, tick=False):
        tutor = client_for(make_user("teacher"))
        assert tutor.get(reverse("devices:prints", args=[school.slug])).status_code == 200
        for address in addresses:
            assert tutor.get(address).status_code == 404
            assert client_for(make_user("office", other_school)).get(address).status_code == 404


def test_letters_kept_back_since_are_the_dsls_alone(
    letters: list[Letter], school: School, office_user: User, dsl_user: User, client_for: Callable[[User], Client],
    at: datetime,
) -> None:  # fmt: skip
    """CNF-13: what the DSL keeps from parents after it was printed is opened by the DSL and by nobody else."""
    job = ask(letters, office_user, at)
    operations.make_print(job_id=job.pk, at=at)
    file = reverse("devices:print-file", args=[school.slug, job.pk])
    with time_machine.travel(at, tick=False):
        assert client_for(office_user).get(file).status_code == 200
        withhold(letters[0][0], at)
        assert client_for(office_user).get(file).status_code == 404
        assert client_for(dsl_user).get(file).status_code == 200
