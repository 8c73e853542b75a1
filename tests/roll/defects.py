"""A roll of a hundred pupils with sixty defects, each with the row it stands on and words of its sentence."""

from __future__ import annotations

from core.roll.operations import Sent
from tests.roll.conftest import csv_of, pupil_row, upn

HEAD = ("UPN", "Admission number", "Surname", "Forename", "Date of birth", "Year", "Form", "SEN", "Medical",
        "Contact 1 Name", "Contact 1 Relationship", "Contact 1 Mobile", "Contact 1 Email")  # fmt: skip
_COLUMN = {name: place for place, name in enumerate(HEAD)}

# (column, what is written there, words of the sentence)
DEFECTS: list[tuple[str, str, str]] = [
    ("Date of birth", "31/02/2012", "not a real date"),
    ("Date of birth", "29/02/2015", "leap year"),
    ("Date of birth", "00/01/2015", "no day 0"),
    ("Date of birth", "15/15/2015", "no month 15"),
    ("Date of birth", "32/12/2014", "no day 32"),
    ("Date of birth", "01/01/2031", "in the future"),
    ("Date of birth", "2027-05-01", "in the future"),
    ("Date of birth", "01/01/1950", "years old"),
    ("Date of birth", "01/11/2026", "less than a year"),
    ("Date of birth", "42066", "day number"),
    ("Date of birth", "last May", "cannot be read as a date"),
    ("Date of birth", "3 Foo 2015", "cannot be read as a date"),
    ("Date of birth", "########", "cannot be read as a date"),
    ("UPN", "N999400121002", "first letter does not fit"),
    ("UPN", "X99940012", "not a UPN"),
    ("UPN", "1234567890123", "not a UPN"),
    ("UPN", "I999400121001", "not a UPN"),
    ("UPN", "unknown", "not a UPN"),
    ("UPN", upn(1), "also on row 2"),
    ("UPN", upn(2), "also on row 3"),
    ("Admission number", "000001", "also on row 2"),
    ("Admission number", "000003", "also on row 4"),
    ("Admission number", "12 34", "not an admission number"),
    ("Admission number", "1" * 21, "not an admission number"),
    ("Admission number", "№7", "not an admission number"),
    ("Surname", "", "no surname"),
    ("Surname", "12345", "no letter"),
    ("Surname", "Osei2", "holds a digit"),
    ("Surname", "S" * 121, "121 characters"),
    ("Surname", "…", "no letter"),
    ("Surname", "Os\u202eei", "U+202E"),
    ("Surname", "Os\u200bei", "U+200B"),
    ("Surname", "Os\u0007ei", "U+0007"),
    ("Surname", "-", "no letter"),
    ("Forename", "", "no forename"),
    ("Forename", "F" * 130, "130 characters"),
    ("Forename", "7", "no letter"),
    ("Forename", "An\ufeffa", "U+FEFF"),
    ("Forename", "An\u2066a", "U+2066"),
    ("Forename", "??", "no letter"),
    ("Year", "", "no year group"),
    ("Year", "14", "not a year group"),
    ("Year", "99", "not a year group"),
    ("Year", "seven", "not a year group"),
    ("Year", "7A", "not a year group"),
    ("Year", "-3", "not a year group"),
    ("Form", "F" * 41, "41 characters"),
    ("SEN", "Q", "not an SEN status"),
    ("SEN", "maybe", "not an SEN status"),
    ("Medical", "m" * 301, "301 characters"),
    ("Contact 1 Name", "0770", "no letter"),
    ("Contact 1 Name", "C" * 125, "125 characters"),
    ("Contact 1 Relationship", "r" * 61, "61 characters"),
    ("Contact 1 Mobile", "0770", "not a telephone number"),
    ("Contact 1 Mobile", "ring gran", "not a telephone number"),
    ("Contact 1 Mobile", "07700 900 900 900 900", "not a telephone number"),
    ("Contact 1 Email", "nobody", "not an email address"),
    ("Contact 1 Email", "a@b", "not an email address"),
    ("Contact 1 Email", "a b@example.org", "not an email address"),
    ("Contact 1 Email", "a@@example.org", "not an email address"),
]
SOUND = 40


def defective_roll() -> tuple[Sent, dict[int, tuple[str, str]]]:
    """The file, and for each bad row its column and words of the sentence. Rows 2 to 41 are sound."""
    rows = [_row(number) for number in range(1, SOUND + 1)]
    expected: dict[int, tuple[str, str]] = {}
    for place, (column, text, words) in enumerate(DEFECTS):
        row = _row(SOUND + 1 + place)
        row[_COLUMN[column]] = text
        rows.append(row)
        expected[len(rows) + 1] = (column, words)
    return csv_of(HEAD, *rows), expected


def _row(number: int) -> list[str]:
    return [*pupil_row(number), "N", "", "Ola Osei", "Mother", "07700 900123", "ola.osei@example.org"]
