"""Rolls for the tests of the import: the sample files, small ones made on the spot, and the whole way to the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.people.models import School, User
from core.roll.models import RollImport
from core.roll.operations import Sent, apply_roll, run_roll_import, upload_roll
from core.roll.values import upn_check_letter

ROLLS = Path(__file__).parent.parent / "data" / "rolls"


def sample(folder: str) -> list[Sent]:
    """The files of one sample school."""
    return [Sent(path.name, path.read_bytes()) for path in sorted((ROLLS / folder).glob("*.csv"))]


def upn(number: int) -> str:
    """A valid UPN of the authority that is not issued."""
    digits = f"999{number:09d}"
    return upn_check_letter(digits) + digits


def csv_of(*rows: Sequence[str], name: str = "pupils.csv") -> Sent:
    """A file of these rows, the first being the headings."""
    lines = [",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in row) for row in rows]
    return Sent(name, ("\r\n".join(lines) + "\r\n").encode())


PUPIL_HEAD = ("UPN", "Admission number", "Surname", "Forename", "Date of birth", "Year", "Form")


def pupil_row(
    number: int, *, surname: str = "Osei", forename: str = "", year: str = "7", form: str = "7A"
) -> list[str]:
    """One sound pupil."""
    name = forename or "Ana" + chr(ord("a") + number % 26)
    return [upn(number), f"{number:06d}", surname, name, f"{number % 28 + 1:02d}/03/2015", year, form]


@pytest.fixture
def upload(school: School, administrator_user: User, at: datetime) -> Callable[..., RollImport]:
    """Upload files as the administrator."""

    def make(*files: Sent, **given: Any) -> RollImport:
        return upload_roll(school=school, actor=administrator_user, at=at, files=files, **given)

    return make


@pytest.fixture
def apply(school: School, administrator_user: User, at: datetime) -> Callable[..., RollImport]:
    """Apply an import and do the worker's part."""

    def make(roll_import: RollImport, *, at: datetime = at, **given: Any) -> RollImport:
        apply_roll(school=school, actor=administrator_user, at=at, roll_import=roll_import, **given)
        assert run_roll_import(import_id=roll_import.pk, at=at)
        roll_import.refresh_from_db()
        return roll_import

    return make
