"""Rows: each becomes typed values, or a problem that says where and why; nothing of a bad row goes in."""

from __future__ import annotations

from datetime import date

import pytest

from core.roll.checking import Checked, check
from core.roll.columns import recognise
from core.roll.operations import Sent
from core.roll.reading import Severity, read_table
from tests.roll.conftest import PUPIL_HEAD, csv_of, pupil_row, sample, upn
from tests.roll.defects import DEFECTS, SOUND, defective_roll

TODAY = date(2026, 11, 23)
SAMPLES = ("ashgrove", "barley-lane", "rushmere", "unity", "rochford-vale", "kingsmead")


def checked(sent: Sent) -> Checked:
    table = read_table(sent.content)
    return check(table, recognise(table, sent.name), today=TODAY)


@pytest.mark.parametrize("folder", SAMPLES)
def test_check_sample_leaves_no_row_out(folder: str) -> None:
    """ORG-24: the six rolls are sound; only letters that the oldest export lost are pointed out."""
    for sent in sample(folder):
        found = checked(sent)
        assert [problem for problem in found.problems if problem.severity == Severity.STOPS] == []
        assert bool(found.problems) == (folder == "ashgrove" and sent.name == "pupils.csv")


def test_check_sixty_defects_are_each_reported_on_their_row() -> None:
    """ORG-24: a roll with 60 defects, row by row, and the sound rows stay."""
    sent, expected = defective_roll()
    assert len(DEFECTS) == 60
    found = checked(sent)
    assert len(found.rows) == SOUND
    assert found.bad_rows == set(expected)
    for row, (column, words) in expected.items():
        said = [problem for problem in found.problems if problem.row == row]
        assert any(problem.column == column and words in problem.sentence for problem in said), (row, column, said)


def test_check_pupil_row_is_typed() -> None:
    found = checked(csv_of(PUPIL_HEAD, [upn(5), "000005", "O’Brien", "Zoë", "05/03/2015", "Year 7", "7A"]))
    assert found.rows[0].values == {
        "legal_forename": "Zoë",
        "legal_surname": "O’Brien",
        "upn": upn(5),
        "admission_number": "000005",
        "form": "7A",
        "date_of_birth": date(2015, 3, 5),
        "year_group": 7,
    }


def test_check_unlikely_age_goes_in_and_is_pointed_out() -> None:
    row = pupil_row(1)
    row[5] = "11"
    found = checked(csv_of(PUPIL_HEAD, row))
    assert len(found.rows) == 1
    assert [(problem.severity, problem.column) for problem in found.problems] == [(Severity.CHECK, "Date of birth")]


def test_check_pupil_without_anything_to_tell_them_by_is_left_out() -> None:
    found = checked(csv_of(PUPIL_HEAD, ["", "", "Osei", "Ana", "", "7", "7A"]))
    assert found.rows == []
    assert "nobody could tell them apart" in found.problems[0].sentence


CONTACT_HEAD = ("UPN", "Forename", "Surname", "Relationship", "Priority", "Telephone", "Email",
                "Parental responsibility",
                "Note")  # fmt: skip


def test_check_contact_row_is_typed() -> None:
    """ORG-13: a mobile among the telephones, parental responsibility, a court order."""
    found = checked(
        csv_of(
            CONTACT_HEAD, [upn(1), "Ola", "Osei", "Mother", "1", "07700 900123", "O@example.org", "Y", "Court order"]
        )
    )
    assert found.rows[0].values == {
        "upn": upn(1),
        "admission_number": "",
        "forename": "Ola",
        "surname": "Osei",
        "priority": 1,
        "relationship": "Mother",
        "mobile": "07700 900123",
        "phone": "",
        "email": "o@example.org",
        "has_parental_responsibility": True,
        "court_order_note": "Court order",
    }


def test_check_note_about_something_else_is_no_court_order() -> None:
    found = checked(csv_of(CONTACT_HEAD, [upn(1), "Ola", "Osei", "Mother", "1", "", "", "", "Works nights"]))
    assert found.rows[0].values["court_order_note"] == ""
    assert [problem.severity for problem in found.problems] == [Severity.CHECK]


def test_check_repeated_contact_is_left_out() -> None:
    row = [upn(1), "Ola", "Osei", "Mother", "1", "07700 900123", "", "", ""]
    found = checked(csv_of(CONTACT_HEAD, row, row))
    assert len(found.rows) == 1
    assert "same as row 2" in found.problems[0].sentence


STAFF_HEAD = ("Staff code", "Forename", "Surname", "Role", "Email", "Form")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["S2", "Kai", "Green", "Teacher", "", ""], "no email address"),
        (["S2", "Kai", "Green", "Teacher", "kai", ""], "not an email address"),
        (["S1", "Kai", "Green", "Teacher", "kai@example.org", ""], "also on row 2"),
        (["S2", "Kai", "Green", "Teacher", "ada@example.org", ""], "also on row 2"),
        (["S2", "", "Green", "Teacher", "kai@example.org", ""], "no forename"),
        (["S2", "K" * 81, "Green", "Teacher", "kai@example.org", ""], "81 characters"),
    ],
)
def test_check_staff_row_that_makes_no_account_is_left_out(row: list[str], words: str) -> None:
    found = checked(
        csv_of(STAFF_HEAD, ["S1", "Ada", "Bell", "Headteacher", "ada@example.org", ""], row, name="staff.csv")
    )
    assert len(found.rows) == 1
    assert words in found.problems[0].sentence


def test_check_list_without_a_needed_column_says_so() -> None:
    table = read_table(b"Surname,Form\nOsei,7A\n")
    found = check(table, recognise(table, "pupils.csv"), today=TODAY)
    assert found.rows == []
    assert [problem.sentence for problem in found.problems][1] == "No column holds the year group."
