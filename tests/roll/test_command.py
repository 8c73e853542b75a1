"""`manage.py import_roll`: the report, the import, the refusals."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.people.models import Pupil, School, User
from core.roll.enums import ImportState
from core.roll.models import RollImport
from tests.roll.conftest import ROLLS
from tests.roll.defects import SOUND, defective_roll


def run(*args: object) -> str:
    out = StringIO()
    call_command("import_roll", *map(str, args), stdout=out)
    return out.getvalue()


def test_import_roll_reports_and_changes_nothing(school: School) -> None:
    """ORG-24: the dry run."""
    said = run(school.slug, *sorted((ROLLS / "barley-lane").glob("*.csv")))
    assert "Pupils: 201 new, 0 same, 0 changed, 0 not in file (kept), 0 rows with problems" in said
    assert "Contacts: 398 new" in said and "Class Teacher (7): teacher" in said and "Nothing was changed" in said
    assert Pupil.objects.count() == 0
    assert RollImport.objects.get().state == ImportState.CANCELLED


def test_import_roll_applies_in_the_name_given(school: School, administrator_user: User) -> None:
    said = run(school.slug, ROLLS / "rushmere/pupils.csv", "--apply", "--as", administrator_user.email)
    assert "Applied: 110 records." in said
    assert Pupil.objects.count() == 106
    assert Pupil.history.first().history_user == administrator_user
    assert "106 same" in run(school.slug, ROLLS / "rushmere/pupils.csv", "--apply")


def test_import_roll_defects_are_listed_and_need_consent(school: School, tmp_path: Path) -> None:
    path = tmp_path / "pupils.csv"
    path.write_bytes(defective_roll()[0].content)
    assert 'row 42, Date of birth: "31/02/2012" is not a real date' in run(school.slug, path)
    with pytest.raises(CommandError, match="60 rows with problems"):
        run(school.slug, path, "--apply")
    assert Pupil.objects.count() == 0
    run(school.slug, path, "--apply", "--without-problem-rows")
    assert Pupil.objects.count() == SOUND


def test_import_roll_closes_leavers_when_told(school: School, tmp_path: Path) -> None:
    run(school.slug, ROLLS / "rushmere/pupils.csv", "--apply")
    path = tmp_path / "pupils.csv"
    path.write_text("\n".join((ROLLS / "rushmere/pupils.csv").read_text().splitlines()[:-6]) + "\n")
    run(school.slug, path, "--apply", "--close-leavers", "--on", "2026-12-18")
    assert Pupil.objects.filter(left_on="2026-12-18").count() == 6


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere", ROLLS / "rushmere/pupils.csv"], "no school called nowhere"),
        (["harbour-view", "/nowhere.csv"], "/nowhere.csv"),
        (["harbour-view", ROLLS / "rushmere/pupils.csv", "--as", "nobody@example.org"], "no account"),
        (["harbour-view", __file__], "one column|not clear|same|more cells"),
    ],
)
def test_import_roll_refuses_in_a_sentence(args: list[object], words: str, school: School) -> None:
    with pytest.raises(CommandError, match=words):
        run(*args)
