"""Columns: the six sample shapes and others are recognised by heading and by content."""

from __future__ import annotations

import pytest

from core.roll.columns import field_labels, recognise, with_columns
from core.roll.enums import FileKind
from core.roll.reading import read_table
from core.roll.values import DateOrder
from tests.roll.conftest import ROLLS

FILES = sorted(ROLLS.glob("*/*.csv"))


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}-{path.stem}" for path in FILES])
def test_recognise_sample_needs_no_help(path: object) -> None:
    """ORG-24: every file of the six rolls, known by its content and not by its name."""
    mapping = recognise(read_table(path.read_bytes()), "export.csv")  # type: ignore[attr-defined]
    assert mapping.kind.value == path.stem  # type: ignore[attr-defined]
    assert mapping.sure and mapping.missing() == []
    assert all(mapping.columns), "no column of the samples is left out"


def test_recognise_wide_file_finds_contacts_in_columns() -> None:
    """ORG-24: contacts in columns of the pupils' list."""
    mapping = recognise(read_table((ROLLS / "ashgrove/pupils.csv").read_bytes()))
    assert [field for field in mapping.columns if field.startswith("contact2")] == [
        "contact2.name",
        "contact2.relationship",
        "contact2.mobile",
        "contact2.email",
    ]


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("Contact 1 First Name,Contact 1 Surname,Contact 1 Home Phone", ["contact1.forename", "contact1.surname",
                                                                         "contact1.telephone"]),
        ("Parent1 Name,Parent1 Email,P1 Mobile", ["contact1.name", "contact1.email", "contact1.mobile"]),
        ("Parent/Carer 1,Parent/Carer 1 Relationship,Carer 2 Mobile",
         ["contact1.name", "contact1.relationship", "contact2.mobile"]),
    ],
)  # fmt: skip
def test_recognise_other_wide_headings(headings: str, fields: list[str]) -> None:
    table = read_table(f"DOB,Year Group,Surname,Forename,{headings}\n01/02/2015,7,Osei,Ana,x,y,z\n".encode())
    assert list(recognise(table).columns[4:]) == fields


def test_recognise_by_content_under_strange_headings() -> None:
    """ORG-24: an unknown heading is read by what stands below it."""
    text = "Nummer,Wer,Wann,Klasse,Year\n" + "".join(
        f'N999400121001,"Osei, Ana",0{day}/03/2015,7A,7\n' for day in range(1, 6)
    )
    mapping = recognise(read_table(text.encode()), "pupils.csv")
    assert mapping.columns == ("upn", "name", "date_of_birth", "", "year_group")
    assert mapping.missing() == []


def test_recognise_remembered_columns_win() -> None:
    """ORG-24: what a school corrected once is known the next time."""
    table = read_table(b"Surname,Forename,Year,DOB,Tutor set\nOsei,Ana,7,01/02/2015,7A\n")
    assert recognise(table).columns[4] == ""
    chosen = ["surname", "forename", "year_group", "date_of_birth", "form"]
    assert recognise(table, "", lambda kind: chosen).columns[4] == "form"


def test_with_columns_decides_the_order_of_dates() -> None:
    table = read_table(b"Surname,Forename,Year,DOB\nOsei,Ana,7,02/25/2015\n")
    assert recognise(table).date_order == DateOrder.MONTH_FIRST
    assert with_columns(table, FileKind.PUPILS, ["surname", "forename", "year_group", ""]).date_order == (
        DateOrder.DAY_FIRST
    )


def test_missing_names_what_a_list_cannot_do_without() -> None:
    mapping = recognise(read_table(b"Surname,Form\nOsei,7A\nBell,7B\n"), "pupils.csv")
    assert mapping.missing() == [
        "legal forename or whole name",
        "year group",
        "UPN or admission number or date of birth",
    ]


def test_field_labels_are_distinct() -> None:
    for kind in FileKind:
        labels = field_labels(kind)
        assert len(set(labels.values())) == len(labels)
