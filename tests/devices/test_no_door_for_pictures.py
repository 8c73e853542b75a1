"""No door for pictures: no page takes a picture, a video or an archive, whatever it is called (SEA-16, law EX-4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit.models import Entry
from core.kit.fields import SealedTextField
from core.kit.forms import BaseForm, CsvField
from schoolsafe.access import ACCESS
from tests.architecture.conftest import _stage, stage  # noqa: F401  the sweep's own stage
from tests.architecture.records import kwargs_of, named_patterns
from tests.architecture.stage import Browser, Stage, undone

CANARY = b"PICTURECANARY0123456789"
_FILES = {
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01" + CANARY,
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00" + CANARY + b"\xff\xd9",
    "mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2" + CANARY,
    "zip": b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + CANARY + b"PK\x05\x06" + b"\x00" * 18,
}
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "mp4": "video/mp4", "zip": "application/zip"}
_CALLED = {"txt": "text/plain", "csv": "text/csv", "pdf": "application/pdf"}
# The two pages to which a list is sent; each reads it by its content.
LISTS = {"roll:start": "lists", "devices:read-attendance": "attendance"}
# The page on which anybody asks whether a document is the school's: it reads a PDF, and keeps nothing.
CHECKS = {"agreements:verify"}
# The page that keeps the scan of a signed sheet: it reads pixels, draws them anew and keeps nothing of the file.
DRAWS = {"agreements:add-scan"}
POSTS = sorted(name for name, row in ACCESS.items() if "POST" in row.methods and name in named_patterns())


def uploads() -> Iterator[SimpleUploadedFile]:
    """A picture, a photograph, a video and an archive, by their own names and under three others."""
    for kind, content in _FILES.items():
        yield SimpleUploadedFile(f"IMG_0001.{kind}", content, _TYPES[kind])
        for ending, media in _CALLED.items():
            yield SimpleUploadedFile(f"list.{ending}", content, media)


def address(of: Stage, name: str) -> str:
    if "token" in kwargs_of(name):
        known = {"school": of.school.slug}
        return reverse(name, kwargs={one: known.get(one, "no-such-token") for one in kwargs_of(name)})
    return of.records().address(name)


def wrote(queries: CaptureQueriesContext) -> list[str]:
    """Statements that carry what was sent, as text or as bytes."""
    marks = (CANARY.decode(), CANARY.hex())
    return [query["sql"][:200] for query in queries.captured_queries if any(mark in query["sql"] for mark in marks)]


def send(browser: Browser, url: str, fields: dict[str, Any]) -> tuple[Any, list[str]]:
    """One multipart request, undone again; its answer, and what of the file went to the database."""
    with undone(), CaptureQueriesContext(connection) as queries:
        response = browser.keep("POST", url, fields)
    return response, wrote(queries)


@pytest.mark.parametrize("name", POSTS)
def test_page_stores_no_file_that_is_sent_to_it(name: str, stage: Stage) -> None:  # noqa: F811
    """SEA-16, law EX-4: every page that answers a POST, by somebody who may do everything: a picture, a photograph, a
    video and an archive, by their own names and then by others.

    Inside a school the answer is 415 and on record; pages of the session ask for no file and see none.
    """
    url, body = address(stage, name), stage.records().body(name)
    inside = not name.startswith("session:")
    browser = stage.everybody if inside else Browser(stage.everybody.user)
    every = list(uploads())
    for sent in (every[::4], every[1::5]):
        for file in sent:
            file.seek(0)
        fields = dict(zip(("file", "image", "photo", "attachment"), sent, strict=False))
        response, carried = send(browser, url, body | fields)
        assert not carried
        assert CANARY not in response.content
        if name in CHECKS | DRAWS:
            assert response.status_code == 422, response.status_code
        elif inside and name not in LISTS:
            assert response.status_code == 415, response.status_code
            assert b"This page takes no files" in response.content


@pytest.mark.parametrize("file", list(uploads()), ids=lambda file: f"{file.name}-{file.content_type}")
@pytest.mark.parametrize("name", LISTS)
def test_list_import_refuses_by_content(name: str, file: SimpleUploadedFile, stage: Stage) -> None:  # noqa: F811
    """SEA-16: a picture called .csv is still a picture: it is refused in words, and nothing of it is kept."""
    file.seek(0)
    response, carried = send(stage.everybody, stage.records().address(name), {LISTS[name]: file, "codes": "N"})
    assert response.status_code == 422
    assert not carried


def test_a_refused_file_is_on_record_without_its_name(stage: Stage) -> None:  # noqa: F811
    """SEA-16, ORG-09: that a file was sent to which page by whom; never the file, never its name."""
    url = stage.records().address("devices:find-for-hold")
    picture = SimpleUploadedFile("nude of somebody.png", _FILES["png"], "image/png")
    with undone():
        stage.everybody.keep("POST", url, {"query": "", "photo": picture})
        entry = Entry.objects.latest("id")
        assert (entry.outcome, entry.detail["rule"]) == ("refused", "SEA-16")
        assert "nude" not in str(entry.detail)


def test_no_table_has_a_column_for_a_file() -> None:
    """SEA-16, IMG-06, security 5.4: no FileField or ImageField anywhere; bytes are of prints and documents, made here,
    of the lists that the roll came in, and of sealed text."""
    fields = [(model, field) for model in apps.get_models() for field in model._meta.get_fields()]
    assert not [str(field) for _model, field in fields if isinstance(field, models.FileField)]
    kept = [(model, field) for model, field in fields if isinstance(field, models.BinaryField)]
    mine = {f"{model.__name__}.{field.name}" for model, field in kept if not isinstance(field, SealedTextField)}
    made_by_us = {"PrintJob.content", "IssuedDocument.content", "SealedDocument.content", "PrintRun.content"}
    assert mine == made_by_us | {"RollFile.content", "PaperScan.content"}
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def _all_forms(kind: type[forms.BaseForm]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _all_forms(one)


def test_no_form_takes_a_file_but_two_lists_a_signed_sheet_and_the_check_of_a_document() -> None:
    """SEA-16: of every form of the product, by name; the gallery of components is no page of a school."""
    from devices.forms.absences import AttendanceForm

    named_patterns()  # every view, and so every form, is imported
    takers = {
        form.__name__
        for form in _all_forms(BaseForm)
        if any(isinstance(field, forms.FileField) for field in form.base_fields.values())
        and not form.__module__.startswith(("tests", "schoolsafe.gallery"))
    }
    assert takers == {"UploadForm", "AttendanceForm", "VerifyForm", "ScanForm"}
    assert isinstance(AttendanceForm.base_fields["attendance"], CsvField)
