"""The document of an agreement: drawn once from what was frozen, sealed, and proved whole or altered (AGR-06, AG-3)."""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from datetime import datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from agreements.enums import MakeState
from agreements.models import Agreement, DocumentJob, SchoolSeal, SealedDocument
from agreements.operations import making
from agreements.queries.papers import answer_about
from agreements.sealing import verdict_on
from core.people.models import Pupil, School, User
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as

pytestmark = pytest.mark.django_db
MARK = [[[20, 90], [120, 30], [220, 120], [400, 60]], [[430, 100], [520, 40]]]


@pytest.fixture
def world(at: datetime) -> tuple[School, User, Pupil]:
    school = make_school("harbour-view", preset="phone-free-agreement", motto="Kind, curious, brave")
    make_user("headteacher", school)
    pupil = make_pupil(
        school, "Zoë", "Łukasiewicz", form=make_form(school, "8B", tutor=make_user("form_tutor", school))
    )
    make_contact(pupil, has_parental_responsibility=True)
    return school, make_user("office", school), pupil


def signed(world: Any, at: datetime) -> Agreement:
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    for minutes, capacity in enumerate(("pupil", "headteacher", "form_tutor")):
        sign_as(agreement, capacity, office, at + timedelta(minutes=minutes))
    sign_as(agreement, "parent", office, at + timedelta(minutes=5), mark=MARK)
    return agreement


def made(agreement: Agreement, at: datetime) -> SealedDocument:
    with scope(school=agreement.school):
        job = DocumentJob.objects.get(agreement=agreement)
        assert making.make_document(job_id=job.pk, at=at)
        return SealedDocument.objects.get(agreement=agreement)


def words(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_the_document_has_four_blocks_the_wording_and_the_evidence(world: Any, at: datetime) -> None:
    """AGR-06, DOC-01, AG-2, AG-7: header, version, page numbers, four dated blocks, how each decision is known."""
    document = made(signed(world, at), at)
    content = bytes(document.content)
    text = re.sub(r"\s+", " ", words(content))
    for part in ("Kind, curious, brave", "Zoë Łukasiewicz", "8B", "Date of agreement 23 November 2026", "Page 1 of"):
        assert part in text, part
    for capacity in ("Pupil", "Parent or carer", "Headteacher", "Form tutor"):
        assert text.count(capacity) >= 2, capacity
    assert text.count("Date 23 November 2026") == 4
    assert "Read before signing" in text
    assert "Europe/London" in text
    assert text.count(document.agreement.wording_hash[:16]) >= 4
    assert hashlib.sha256(content).hexdigest() == document.checksum
    reader = pypdfium2.PdfDocument(content)
    assert reader.count_attachments() == 1
    attached = json.loads(bytes(reader.get_attachment(0).get_data()))
    assert attached["reference"] == document.agreement.reference
    assert b"pdfaid" in content or b"/Metadata" in content


def test_the_same_snapshot_gives_the_same_bytes_whatever_changed_since(world: Any, at: datetime) -> None:
    """AG-3, house 4.8: the pupil renamed, the template rewritten: the stored document is as it was."""
    school, office, pupil = world
    agreement = signed(world, at)
    document = made(agreement, at)
    before = bytes(document.content)
    with scope(school=school):
        pupil.legal_surname = "Somebody-Else"
        pupil.stamp(by=office, at=at)
        pupil.save()
        make_version(school, template=agreement.template, title="Another title")
        job = DocumentJob.objects.get(agreement=agreement)
        assert making.drawn_from(job).checksum == document.source_checksum
        assert bytes(SealedDocument.objects.get(pk=document.pk).content) == before
        assert not making.make_document(job_id=job.pk, at=at + timedelta(days=1)), "made once"


def test_every_change_of_a_sealed_document_is_reported(world: Any, at: datetime) -> None:
    """AG-3: one byte, an appended page and another drawing are each altered; a stranger's file is not ours."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    school, office, pupil = world
    document = made(signed(world, at), at)
    content = bytes(document.content)
    with scope(school=school):
        seals = list(SchoolSeal.objects.all())
        assert verdict_on(content, seals).is_whole
        assert answer_about(school, content) == "ours"
        place = content.index(b"stream") + 40
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert answer_about(school, flipped) == "altered"
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        from pyhanko.pdf_utils import generic

        page = generic.DictionaryObject(
            {
                generic.NameObject("/Type"): generic.NameObject("/Page"),
                generic.NameObject("/MediaBox"): generic.ArrayObject(
                    [generic.NumberObject(one) for one in (0, 0, 99, 99)]
                ),
                generic.NameObject("/Resources"): generic.DictionaryObject(),
            }
        )
        writer.insert_page(page)
        out = io.BytesIO()
        writer.write(out)
        assert answer_about(school, out.getvalue()) == "altered"
        job = DocumentJob.objects.get(agreement=document.agreement)
        other = json.loads(json.dumps(job.snapshot))
        for block in other["blocks"]:
            if block["mark"]:
                block["mark"] = [[[0, 0], [10, 10]]]
        job.snapshot = other
        swapped = making.drawn_from(job).content
        assert hashlib.sha256(swapped).hexdigest() != document.source_checksum
        assert answer_about(school, swapped) == "unknown", "it has no seal"
        start = content.index(b"/ByteRange")
        grafted = swapped + content[start - 2000 :]
        assert answer_about(school, grafted) != "ours"


def test_anybody_may_ask_and_learns_nothing_else(world: Any, at: datetime, client: Client) -> None:
    """AG-3: by file or checksum: ours, altered or not ours; no name, no day, no kind; a wrong file is told so."""
    school, _office, pupil = world
    document = made(signed(world, at), at)
    url = reverse("agreements:verify", args=[school.slug])
    assert client.get(url).status_code == 200
    answer = client.post(url, {"checksum": f" {document.checksum[:32]} {document.checksum[32:].upper()} "})
    page = answer.content.decode()
    assert "This is a document of this school" in page
    for told in (pupil.legal_surname, document.agreement.reference, "2026", "Home-school"):
        assert told not in re.sub(r"(?s)<footer.*|<head>.*</head>", "", page), told
    sent = io.BytesIO(bytes(document.content))
    sent.name = "a.pdf"
    assert "This is a document of this school" in client.post(url, {"file": sent}).content.decode()
    strange = io.BytesIO(b"%PDF-1.7 nothing")
    strange.name = "b.pdf"
    assert "not a document of this school" in client.post(url, {"file": strange}).content.decode()
    assert "not a document of this school" in client.post(url, {"checksum": "0" * 64}).content.decode()
    for wrong in ({}, {"checksum": "abc"}):
        assert client.post(url, wrong).status_code == 422
    other = make_school("mill-lane")
    elsewhere = reverse("agreements:verify", args=[other.slug])
    assert "not a document of this school" in client.post(elsewhere, {"checksum": document.checksum}).content.decode()


def test_a_document_that_fails_three_times_waits_for_a_person(
    world: Any, at: datetime, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    """AGR-06: a failure is a state with its way out; the agreement itself stands."""
    school, office, _pupil = world
    agreement = signed(world, at)
    with scope(school=school):
        job = DocumentJob.objects.get(agreement=agreement)
        with monkeypatch.context() as broken:
            broken.setattr(making, "drawn_from", lambda job: (_ for _ in ()).throw(ValueError("no")))
            for _try in range(3):
                assert not making.make_document(job_id=job.pk, at=at)
        assert DocumentJob.objects.get(pk=job.pk).state == MakeState.FAILED
        assert not making.make_document(job_id=job.pk, at=at)
    client.force_login(office)
    url = reverse("agreements:documents", args=[school.slug, agreement.pk])
    assert "Try again" in client.get(url).content.decode()
    client.post(reverse("agreements:try-document-again", args=[school.slug, job.pk]))
    made(agreement, at)
    page = client.get(url).content.decode()
    with scope(school=school):
        document = SealedDocument.objects.get(agreement=agreement)
    assert document.checksum in page
    got = client.get(reverse("agreements:document-pdf", args=[school.slug, document.pk]))
    assert hashlib.sha256(got.content).hexdigest() == document.checksum


def test_a_copy_to_sign_on_paper_has_names_and_empty_lines(world: Any, at: datetime, client: Client) -> None:
    """AGR-06, AGR-07: blank lines where nobody has signed, in ordinary and in large print."""
    school, office, pupil = world
    agreement = make_agreement(school, office, at, pupil=pupil)
    client.force_login(office)
    url = reverse("agreements:blank-copy", args=[school.slug, agreement.pk])
    for query in ("", "?large"):
        text = words(client.get(url + query).content)
        assert "Please sign" in text
        assert "Dana Kovacs" in text
        assert "How this was signed" not in text


def test_the_seal_key_is_not_readable_in_the_database(world: Any, at: datetime) -> None:
    from django.db import connection

    made(signed(world, at), at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM agreements_schoolseal")
        (stored,) = cursor.fetchone()
    assert b"PRIVATE KEY" not in bytes(stored)


_WATCHED: list[list[str]] = []


def _watch(event: str, args: Any) -> None:
    """An audit hook stays for as long as the process: it writes down only while somebody watches."""
    if _WATCHED and event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        _WATCHED[-1].append(event)
    elif _WATCHED and event == "open" and "passwd" in str(args[0]):
        _WATCHED[-1].append(f"open {args[0]}")


sys.addaudithook(_watch)


def test_drawing_a_document_opens_no_connection_and_no_file_that_its_text_names(world: Any, at: datetime) -> None:
    """AGR-06, security 5: addresses in what people typed are letters on paper: 0 connections, 0 files."""
    school, office, pupil = world
    hostile = [
        'See <img src="http://127.0.0.1:9/a.png"> and <link rel="attachment" href="file:///etc/passwd">',
        "https://example.org/ @import url(https://127.0.0.1:9/b.css) url('file:///etc/passwd')",
    ]
    agreement = make_agreement(school, office, at, pupil=pupil, personal=hostile)
    for row in ("pupil", "parent", "headteacher", "form_tutor"):
        sign_as(agreement, row, office, at, name="<img src=file:///etc/passwd>")
    with scope(school=school):
        job = DocumentJob.objects.get(agreement=agreement)
        making.drawn_from(job)  # what is read once a process is read by now
        seen: list[str] = []
        _WATCHED.append(seen)
        try:
            pdf = making.drawn_from(job)
        finally:
            _WATCHED.pop()
    assert seen == []
    assert "file:///etc/passwd" in words(pdf.content), "it stands there as text"
    assert pypdfium2.PdfDocument(pdf.content).count_attachments() == 1
