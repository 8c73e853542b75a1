"""Agreements of many printed in one go to sign on paper: which, on sheets of their own, made once, gone after a day."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from agreements.models import PrintRun
from agreements.operations import printing
from agreements.operations.printing import (
    NothingToPrint,
    RunStillBeingMade,
    TooManyToPrint,
    make_run,
    print_many,
    purge_runs,
    resume_runs,
)
from agreements.queries.printing import content_of, to_print
from core.people.models import Pupil, School, User
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as

World = tuple[School, User]


@pytest.fixture
def world(at: datetime) -> World:
    school = make_school("harbour-view", preset="primary-by-agreement")
    return school, make_user("office", school)


def family(school: School, surname: str, *, email: str = "", **fields: Any) -> Pupil:
    pupil = make_pupil(school, "Ina", surname, **fields)
    make_contact(pupil, surname, email=email, has_parental_responsibility=True)
    return pupil


def asked(world: World, at: datetime, number: int = 2) -> PrintRun:
    school, office = world
    version = make_version(school)
    for position in range(number):
        make_agreement(school, office, at, pupil=family(school, f"Family{position}"), version=version)
    with scope(school=school):
        run: PrintRun = print_many(school=school, actor=office, at=at, agreements=to_print(school))
    return run


def row(run: PrintRun) -> PrintRun:
    with scope(school=run.school):
        return PrintRun.objects.get(pk=run.pk)


@pytest.mark.django_db
def test_chosen_are_those_who_wait_for_the_family(world: World, at: datetime) -> None:
    """AGR-07, AGR-08: by form, by agreement, where nobody can be written to; what is signed is not printed."""
    school, office = world
    form = make_form(school, "2B", year=2)
    version = make_version(school)
    inside = make_agreement(school, office, at, pupil=family(school, "Moss", form=form), version=version)
    written = make_agreement(school, office, at, pupil=family(school, "Lund", email="l@example.org"), version=version)
    signed = make_agreement(school, office, at, pupil=family(school, "Sato"), version=version)
    for capacity in ("pupil", "parent"):
        sign_as(signed, capacity, office, at)
    with scope(school=school):
        assert to_print(school, form=form) == [inside]
        assert set(to_print(school)) == {inside, written}
        assert to_print(school, no_address=True) == [inside]
        assert to_print(school, kind="bring_device") == []


@pytest.mark.django_db
def test_one_pdf_with_each_on_sheets_of_its_own(world: World, at: datetime) -> None:
    """AGR-06, DOC-01: lines to sign, the page numbers of each, an empty back where it has an odd number of pages."""
    run = asked(world, at)
    assert make_run(run_id=run.pk, at=at)
    assert not make_run(run_id=run.pk, at=at)
    made = row(run)
    with scope(school=run.school):
        content = content_of(made)
    assert content is not None
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(content))]
    assert (made.state, made.done, made.pages) == ("ready", 2, len(pages))
    starts = [number for number, text in enumerate(pages) if "Page 1 of" in text]
    assert len(starts) == 2
    assert all(start % 2 == 0 for start in starts)
    assert ["Family0" in pages[starts[0]], "Family1" in pages[starts[1]]] == [True, True]


@pytest.mark.django_db
def test_refusals_and_a_day_of_keeping(world: World, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time for each person, nothing, too many; after a day the names are taken away."""
    school, office = world
    run = asked(world, at, 1)
    doing: dict[str, Any] = {"school": school, "actor": office, "at": at}
    with scope(school=school):
        with pytest.raises(RunStillBeingMade):
            print_many(**doing, agreements=to_print(school))
        doing["actor"] = make_user("office", school)
        with pytest.raises(NothingToPrint):
            print_many(**doing, agreements=[])
        monkeypatch.setattr(printing, "MOST", 0)
        with pytest.raises(TooManyToPrint):
            print_many(**doing, agreements=to_print(school))
    assert resume_runs(at=at + timedelta(minutes=1)) == [run.pk]
    assert purge_runs(at=at + timedelta(hours=23)) == 0
    assert purge_runs(at=at + timedelta(hours=25)) == 1
    assert (row(run).state, row(run).content) == ("expired", None)


@pytest.mark.django_db
def test_three_failures_wait_for_a_person(
    world: World, at: datetime, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, office = world
    run = asked(world, at, 1)
    with monkeypatch.context() as broken:
        broken.setattr(printing, "layout_of", lambda *args, **kwargs: 1 / 0)
        for _try in range(3):
            make_run(run_id=run.pk, at=at)
    client.force_login(office)
    page = f"/{school.slug}/agreements/print/{run.pk}/"
    assert "could not be made" in client.get(page).text
    assert client.get(f"/{school.slug}/agreements/print/{run.pk}.pdf").status_code == 404
    client.post(page, {"submission": uuid4()})
    assert make_run(run_id=run.pk, at=at)
    assert "Ready to print" in client.get(page).text
    assert client.get(f"/{school.slug}/agreements/print/{run.pk}.pdf").content.startswith(b"%PDF-")


@pytest.mark.django_db
def test_office_asks_through_the_page_once(world: World, at: datetime, client: Client) -> None:
    school, office = world
    make_agreement(school, office, at, pupil=family(school, "Moss"))
    client.force_login(office)
    page = f"/{school.slug}/agreements/print/"
    typed = {"form": "", "kind": "exceptional_use", "submission": uuid4()}
    assert "None of these waits" in client.post(page, typed).text
    typed |= {"kind": "", "large": "on"}
    sent, again = client.post(page, typed), client.post(page, typed)
    assert sent.status_code == again.status_code == 302
    assert sent["Location"] == again["Location"]
    with scope(school=school):
        assert PrintRun.objects.get().wanted["large"] is True


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one(world: World, at: datetime) -> None:
    run = asked(world, at, 1)
    made = at_once(run.school, lambda: make_run(run_id=run.pk, at=at), lambda: make_run(run_id=run.pk, at=at))
    assert sorted(made) == [False, True]


@pytest.mark.django_db
def test_choosing_costs_the_same_for_one_and_three(world: World, at: datetime) -> None:
    school, office = world
    version, counts = make_version(school), []
    for number in (1, 2):
        for position in range(number):
            pupil = family(school, f"Family{number}{position}")
            make_agreement(school, office, at, pupil=pupil, version=version)
        with scope(school=school), CaptureQueriesContext(connection) as seen:
            found = to_print(school)
            list(printing.agreements_in_order(school, [one.pk for one in found]))
        counts.append(len(seen))
    assert counts[0] == counts[1]
