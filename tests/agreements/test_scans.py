"""Scans of signed paper: drawn anew from their pixels, everything else refused or gone; kept beside the signature."""

from __future__ import annotations

import io
import time
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.test import Client
from django_scopes import scope
from PIL import Image, ImageDraw
from pypdfium2 import PdfDocument

from agreements.models import AgreementEvent, PaperScan, Signatory
from agreements.operations.scans import EnoughScans, KeptAlready, NotOnPaper, keep_scan
from core.audit.models import Entry
from core.kit import redrawing
from core.kit.redrawing import NotRedrawn, Redrawn, redrawn
from core.people.models import School, User
from tests.devices.test_races import at_once
from tests.factories import make_contact, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, sign_as, signatory_of

World = tuple[School, User, Signatory]


def sheet(kind: str = "JPEG", size: tuple[int, int] = (1200, 1700), **saving: Any) -> bytes:
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).line((100, 400, 900, 700), fill="blue", width=12)
    out = io.BytesIO()
    picture.save(out, kind, **saving)
    return out.getvalue()


def pages(number: int) -> bytes:
    out = io.BytesIO()
    sheets = [Image.new("L", (300, 400), "white") for _ in range(number)]
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "a.JPG"), ("JPEG", "a.jpeg"), ("PNG", "a.png"), ("PDF", "a.pdf")])
def test_only_the_pixels_are_left(kind: str, name: str) -> None:
    """AGR-07, security 5.4: where it was taken, what was hidden behind it, and every object of the file are gone."""
    hidden = {"exif": b"Exif\x00\x00GPS-CANARY"} if kind == "JPEG" else {}
    sent = sheet(kind, **hidden) + b"<script>TAIL-CANARY</script>"
    drawn = redrawn(sent, name)
    assert drawn.pages == 1
    assert b"CANARY" not in drawn.content
    assert redrawn(sent, name) == drawn
    seen = PdfDocument(drawn.content)[0].render().to_pil().convert("RGB")
    assert seen.getpixel((3, 3)) == (255, 255, 255)
    assert seen.getextrema()[0][0] < 100  # the blue pen has no red in it


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"GIF89a", "a.gif", "PDF, JPEG or PNG"),
        (sheet("PNG"), "a.jpg", "PDF, JPEG or PNG"),
        (sheet(), "a", "PDF, JPEG or PNG"),
        (b"\xff\xd8\xff\xe0" + b"no picture" * 20, "a.jpg", "cannot be read"),
        (sheet("PNG")[:400], "a.png", "cannot be read"),
        (b"%PDF-1.7 no document", "a.pdf", "cannot be read"),
        (pages(13), "a.pdf", "more than 12"),
        (sheet("PNG", (8000, 5100)), "a.png", "40 million"),
        (b"%PDF-" + bytes(redrawing.MOST_BYTES), "a.pdf", "larger than 10 MB"),
    ],
    ids=["kind", "ending", "no ending", "no picture", "cut off", "no document", "pages", "pixels", "bytes"],
)
def test_what_is_no_scan_is_refused_in_words(content: bytes, name: str, said: str) -> None:
    with pytest.raises(NotRedrawn, match=said):
        redrawn(content, name)


def test_a_file_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """F31: whatever it does to the library that reads it, the page answers in time."""
    monkeypatch.setattr(redrawing, "_SECONDS", 0.01)
    began = time.monotonic()
    with pytest.raises(NotRedrawn, match="cannot be read"):
        redrawn(sheet(), "a.jpg")
    assert time.monotonic() - began < 2


@pytest.fixture
def world(at: datetime) -> World:
    school = make_school("harbour-view", preset="primary-by-agreement")
    office = make_user("office", school)
    pupil = make_pupil(school, "Ina", "Moss")
    make_contact(pupil, "Moss", email="", has_parental_responsibility=True)
    return school, office, signatory_of(make_agreement(school, office, at, pupil=pupil), "parent")


def on_paper(world: World, at: datetime) -> Signatory:
    _school, office, row = world
    sign_as(row.agreement, "parent", office, at, mode="paper", signed_on=at.date())
    return row


@pytest.mark.django_db
def test_kept_through_the_page_and_opened_by_the_office_alone(world: World, at: datetime, client: Client) -> None:
    """AGR-07: a sheet signed on paper, its scan beside it; sent twice it is one; others never get it."""
    school, office, row = world
    client.force_login(office)
    page = f"/{school.slug}/agreements/on-paper/{row.pk}/scan/"
    assert client.get(page).status_code == 404  # nobody signed on paper
    on_paper(world, at)
    here = client.get(f"/{school.slug}/agreements/{row.agreement_id}/").text
    assert page in here
    wrong = client.post(page, {"file": SimpleUploadedFile("a.jpg", b"no"), "submission": uuid4()})
    assert (wrong.status_code, "PDF, JPEG or PNG" in wrong.text) == (422, True)
    typed = {"submission": uuid4()}
    for _twice in range(2):
        sent = client.post(page, typed | {"file": SimpleUploadedFile("anything at all.jpg", sheet())})
        assert sent.status_code == 302
    with scope(school=school):
        scan = PaperScan.objects.get()
        assert AgreementEvent.objects.filter(kind="scanned").count() == 1
    documents = client.get(sent["Location"]).text
    address = f"/{school.slug}/agreements/scans/{scan.pk}.pdf"
    assert address in documents
    opened = client.get(address)
    assert (opened["Content-Type"], opened.content[:5]) == ("application/pdf", b"%PDF-")
    assert opened["Content-Disposition"].startswith("attachment")
    assert opened["X-Content-Type-Options"] == "nosniff"
    assert Entry.objects.filter(action="agreements.open_scan").count() == 1
    client.force_login(make_user("dsl", make_school("mill-lane")))
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_refusals_of_a_scan(world: World, at: datetime) -> None:
    school, office, row = world
    doing: dict[str, Any] = {"school": school, "actor": office, "at": at, "signatory": row}
    with scope(school=school):
        with pytest.raises(NotOnPaper):
            keep_scan(**doing, scan=Redrawn(b"%PDF-", 1))
        on_paper(world, at)
        for number in range(5):
            keep_scan(**doing, scan=Redrawn(b"%PDF-" + bytes([number]), 1))
        with pytest.raises(EnoughScans):
            keep_scan(**doing, scan=Redrawn(b"%PDF-6", 1))
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            PaperScan.objects.update(pages=9)


@pytest.mark.django_db(transaction=True)
def test_the_same_sheet_at_once_is_kept_once(world: World, at: datetime) -> None:
    school, office, _row = world
    row = on_paper(world, at)

    def keep() -> Any:
        return keep_scan(school=school, actor=office, at=at, signatory=row, scan=Redrawn(b"%PDF-", 1))

    results = at_once(school, keep, keep)
    assert sorted(type(one) for one in results if isinstance(one, Exception)) == [KeptAlready]
    with scope(school=school):
        assert PaperScan.objects.count() == 1
