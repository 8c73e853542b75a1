"""Names of the whole world: what is in the file is stored, shown, found by plain letters and comes out again as CSV."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from core.kit.csv import safe_csv
from core.kit.text import fold
from core.people.models import Pupil, School, User
from core.people.queries import search_pupils
from core.roll.models import RollImport
from core.roll.operations import Sent
from tests.roll.conftest import PUPIL_HEAD, csv_of, upn
from tests.roll.names import BAD, GOOD

Upload = Callable[..., RollImport]


def expected(name: str) -> str:
    """Composed letters and single blanks; nothing else may change."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def named(names: list[str]) -> list[list[str]]:
    return [
        [upn(number), f"{number:06d}", name, f"Ana{chr(97 + number % 26)}", "05/03/2015", "7", "7A"]
        for number, name in enumerate(names, start=1)
    ]


def test_upload_two_hundred_names_are_stored_shown_found_and_exported(
    school: School, upload: Upload, apply: Upload, administrator_user: User, client_for: Callable[[User], Client]
) -> None:
    """F27: store = show = CSV, and plain letters find accents."""
    assert len(set(GOOD)) >= 200
    found = upload(csv_of(PUPIL_HEAD, *named(GOOD)))
    assert [problem.sentence for problem in found.problems.filter(stops=True)] == []
    page = client_for(administrator_user).get(reverse("roll:preview", args=[school.slug, found.pk])).content.decode()
    for name in GOOD[:20]:
        assert escape(expected(name)) in page
    apply(found)
    stored = dict(Pupil.objects.values_list("upn", "legal_surname"))
    for number, name in enumerate(GOOD, start=1):
        assert stored[upn(number)] == expected(name)
    for pupil in Pupil.objects.all():
        assert fold(pupil.legal_surname).split()[:1] == pupil.search_text.split()[1:2] or not fold(pupil.legal_surname)
    assert {pupil.legal_surname for pupil in search_pupils(school, "lukaszewicz")} == {"Łukaszewicz"}
    assert "Nguyễn" in {pupil.legal_surname for pupil in search_pupils(school, "nguyen")}
    rows = list(csv.reader(io.StringIO(safe_csv(["Surname"], [[name] for name in stored.values()]))))[1:]
    for (cell,), name in zip(rows, stored.values(), strict=True):
        assert cell == (f"'{name}" if name[0] in "=+-@" else name)


def test_upload_hidden_and_impossible_names_are_refused_with_their_row(upload: Upload) -> None:
    """F27: controls, overrides and zero-width characters never reach the roll."""
    found = upload(csv_of(PUPIL_HEAD, *named(BAD)))
    assert set(found.problems.filter(stops=True).values_list("row", flat=True)) == set(range(2, len(BAD) + 2))
    assert found.changes.count() == 0
    for problem in found.problems.all():
        assert problem.value.isprintable()


def test_export_of_names_comes_back_as_it_was(upload: Upload, apply: Upload) -> None:
    """F28: import → export → import changes nothing."""
    apply(upload(csv_of(PUPIL_HEAD, *named(GOOD))))
    rows = [
        [pupil.upn, pupil.admission_number, pupil.legal_surname, pupil.legal_forename,
         pupil.date_of_birth.strftime("%d/%m/%Y"), str(pupil.year_group), pupil.form.name]
        for pupil in Pupil.objects.select_related("form")
    ]  # fmt: skip
    again = upload(Sent("pupils.csv", ("\ufeff" + safe_csv(PUPIL_HEAD, rows)).encode()))
    assert again.changes.count() == 0
