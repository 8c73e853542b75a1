"""Checks every cell of a recognised table: a row comes out typed, or as problems that say where and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.kit.text import clean_line
from core.roll.columns import MAX_CONTACTS, ColumnMapping, field_labels
from core.roll.enums import FileKind
from core.roll.reading import Problem, Row, Severity, Table, visible
from core.roll.values import (
    BadValue,
    damage,
    parse_admission_number,
    parse_birth,
    parse_boarder,
    parse_email,
    parse_ethnicity,
    parse_name,
    parse_phone,
    parse_priority,
    parse_sen,
    parse_upn,
    parse_year_group,
    parse_yes,
    parse_yes_no,
    split_name,
)

Values = dict[str, Any]
_Parser = Callable[[str], Any]


@dataclass(slots=True)
class CheckedRow:
    """One good row: its number, the typed value of each column that the file has, and the contacts of a wide file."""

    number: int
    values: Values
    contacts: list[Values] = field(default_factory=list)


@dataclass
class Checked:
    """A whole file after checking: the good rows, and every problem, in the order of the file."""

    kind: FileKind
    rows: list[CheckedRow]
    problems: list[Problem]
    fields: frozenset[str]
    bad_rows: frozenset[int] = frozenset()
    refused: dict[str, int] = field(default_factory=dict)


class _RowCheck:
    """Collects one row's values and problems."""

    def __init__(self, row: Row, positions: dict[str, int], header: Sequence[str], wide: Sequence[int] = ()) -> None:
        self.row, self.positions, self.header, self.wide = row, positions, header, wide
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        position = self.positions.get(name)
        return self.row.cells[position] if position is not None else ""

    def value(self, name: str, parse: _Parser) -> Any:
        """The parsed cell; None when it is empty, absent or wrong."""
        text = self.text(name)
        if not text:
            return None
        try:
            return parse(text if text.isascii() else clean_line(text))
        except ValueError as error:
            self.problem(name, str(error))
            return None

    def problem(self, name: str, sentence: str, severity: Severity = Severity.STOPS) -> None:
        position = self.positions.get(name)
        column = self.header[position] if position is not None else ""
        self.problems.append(Problem(self.row.number, column, visible(self.text(name)), sentence, severity))

    @property
    def sound(self) -> bool:
        return all(problem.severity == Severity.CHECK for problem in self.problems)


def check(table: Table, mapping: ColumnMapping, *, today: date) -> Checked:
    """Type every row of `table` by `mapping`; `today` decides which dates are still to come (ORG-24)."""
    missing = mapping.missing()
    if missing:
        return Checked(
            mapping.kind, [], [Problem(1, "", "", f"No column holds the {label}.") for label in missing], frozenset()
        )
    checker = {FileKind.PUPILS: _pupil, FileKind.CONTACTS: _contact, FileKind.STAFF: _staff}[mapping.kind]
    positions = mapping.positions()
    rows: list[CheckedRow] = []
    problems = list(table.problems)
    bad = {problem.row for problem in problems}
    refused: dict[str, int] = {}
    seen: dict[str, dict[str, int]] = {name: {} for name in _UNIQUE[mapping.kind]}
    wide = [n for n in range(1, MAX_CONTACTS + 1) if any(name.startswith(f"contact{n}.") for name in positions)]
    for row in table.rows:
        about = _RowCheck(row, positions, table.header, wide)
        checked = checker(about, mapping, today)
        for name, taken in seen.items():
            key = str(checked.values.get(name) or "").casefold()
            if key and about.sound:
                if key in taken:
                    label = field_labels(mapping.kind)[name]
                    about.problem(name, f"{label} {checked.values[name]} is also on row {taken[key]}.")
                else:
                    taken[key] = row.number
        problems.extend(about.problems)
        if about.sound:
            rows.append(checked)
        else:
            bad.add(row.number)
            for text in (
                about.text("upn").upper(), about.text("admission_number").casefold(), about.text("email").casefold()
            ):  # fmt: skip
                if text:
                    refused.setdefault(text, row.number)
    if mapping.kind == FileKind.CONTACTS:
        _repeated_contacts(rows, problems, bad, table.header)
    problems.sort(key=lambda problem: problem.row)
    return Checked(mapping.kind, rows, problems, frozenset(positions), frozenset(bad), refused)


_UNIQUE: dict[FileKind, tuple[str, ...]] = {
    FileKind.PUPILS: ("upn", "admission_number"),
    FileKind.CONTACTS: (),
    FileKind.STAFF: ("staff_code", "email"),
}


def _limited(limit: int, what: str) -> _Parser:
    def parse(text: str) -> str:
        if len(text) > limit:
            raise BadValue(f"This {what} is {len(text)} characters long; {limit} is the most.")
        return text

    return parse


_form_name = _limited(40, "form")
_medical = _limited(300, "note")
_provider = _limited(160, "placement")
_relationship = _limited(60, "relationship")
_job = _limited(120, "job title")
_code = _limited(20, "staff code")
_title = _limited(20, "title")
_gender_word = _limited(20, "entry")


def _staff_name(text: str) -> str:
    return parse_name(text, 80)


def _names(
    about: _RowCheck, values: Values, *, forename: str, surname: str, who: str, parse: _Parser = parse_name
) -> None:
    """Both names, from two columns or from one; each missing or damaged one is said."""
    given: str | None
    family: str | None
    if about.text("name"):
        whole = about.value("name", parse)
        given, family = split_name(whole) if whole else (None, None)
        source = {"forename": "name", "surname": "name"}
    else:
        given, family = about.value("forename", parse), about.value("surname", parse)
        source = {"forename": "forename", "surname": "surname"}
    if about.sound:
        if not family:
            about.problem(source["surname"], f"This {who} has no surname.")
        elif not given:
            about.problem(source["forename"], f"This {who} has no forename.")
    values[forename], values[surname] = given or "", family or ""
    for name in dict.fromkeys(source.values()):
        lost = damage(about.text(name))
        if lost:
            about.problem(name, lost, Severity.CHECK)


def _pupil(about: _RowCheck, mapping: ColumnMapping, today: date) -> CheckedRow:
    values: Values = {}
    _names(about, values, forename="legal_forename", surname="legal_surname", who="pupil")
    has = about.positions.__contains__
    for name, parse in (
        ("upn", parse_upn),
        ("admission_number", parse_admission_number),
        ("preferred_forename", parse_name),
        ("form", _form_name),
        ("medical_note", _medical),
        ("placement", _provider),
        ("ethnicity", parse_ethnicity),
    ):
        if has(name):
            values[name] = about.value(name, parse) or ""
    if has("sen_status"):
        values["sen_status"] = about.value("sen_status", parse_sen) or "N"
    if has("is_boarder"):
        values["is_boarder"] = about.value("is_boarder", parse_boarder) or False
    for name in ("young_carer", "pupil_premium"):
        if has(name):
            values[name] = about.value(name, parse_yes) or False
    if has("gender"):
        word = about.value("gender", _gender_word) or ""
        values["gender"] = {"f": "Female", "m": "Male", "female": "Female", "male": "Male"}.get(word.casefold(), word)
    values["date_of_birth"] = about.value(
        "date_of_birth", lambda text: parse_birth(text, mapping.date_order, today=today)
    )
    year = about.value("year_group", parse_year_group)
    if not about.text("year_group"):
        about.problem("year_group", "This pupil has no year group.")
    values["year_group"] = year
    if about.sound and not (values.get("upn") or values.get("admission_number") or values["date_of_birth"]):
        about.problem(
            "upn", "This pupil has no UPN, admission number or date of birth, so nobody could tell them apart."
        )
    if year is not None and values["date_of_birth"] and about.sound:
        _age_fits(about, year, values["date_of_birth"], today)
    contacts = [
        contact for number in about.wide if (contact := _wide_contact(about, number, str(values["legal_surname"])))
    ]
    return CheckedRow(about.row.number, values, contacts)


def _age_fits(about: _RowCheck, year: int, born: date, today: date) -> None:
    start = date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    age = start.year - born.year - ((born.month, born.day) > (9, 1))
    if abs(age - 4 - year) > 2:
        about.problem(
            "date_of_birth",
            f"A pupil born on this day would usually be in Year {age - 4}: check the date and the year.",
            Severity.CHECK,
        )  # fmt: skip


def _wide_contact(about: _RowCheck, number: int, family: str) -> Values | None:
    prefix = f"contact{number}."
    names = [name for name in about.positions if name.startswith(prefix)]
    if not any(about.text(name) for name in names):
        return None
    values: Values = {"priority": number}
    whole = about.value(f"{prefix}name", parse_name)
    if whole:
        values["forename"], values["surname"] = split_name(whole, family)
    else:
        values["forename"] = about.value(f"{prefix}forename", parse_name) or ""
        values["surname"] = about.value(f"{prefix}surname", parse_name) or ""
    if about.sound and not values["surname"]:
        about.problem(f"{prefix}name", f"Contact {number} has no name.")
    for part in ("name", "forename", "surname"):
        lost = damage(about.text(prefix + part))
        if lost:
            about.problem(prefix + part, lost, Severity.CHECK)
    _contact_details(about, values, prefix)
    return values


def _contact(about: _RowCheck, mapping: ColumnMapping, today: date) -> CheckedRow:
    values: Values = {
        "upn": about.value("upn", parse_upn) or "",
        "admission_number": about.value("admission_number", parse_admission_number) or "",
    }
    if about.sound and not values["upn"] and not values["admission_number"]:
        about.problem("upn", "This row does not say whose contact it is.")
    if about.text("name"):
        whole = about.value("name", parse_name)
        values["forename"], values["surname"] = split_name(whole) if whole else ("", "")
        source = "name"
    else:
        values["forename"] = about.value("forename", parse_name) or ""
        values["surname"] = about.value("surname", parse_name) or ""
        source = "surname"
    if about.sound and not values["surname"]:
        about.problem(source, "This contact has no surname.")
    for name in ("name", "forename", "surname"):
        lost = damage(about.text(name))
        if lost:
            about.problem(name, lost, Severity.CHECK)
    values["priority"] = about.value("priority", parse_priority)
    _contact_details(about, values, "")
    return CheckedRow(about.row.number, values)


_ABOUT_COURT = re.compile(
    r"court|order|injunct|do not (contact|inform)|not to (contact|collect)|no contact|molest|prohibited|restrain|"
    r"barred|must not|may not",
    re.IGNORECASE,
)


def _contact_details(about: _RowCheck, values: Values, prefix: str) -> None:
    """Relationship, numbers, email, responsibility and court order; a field without a column is left out."""
    has = about.positions.__contains__
    if has(prefix + "relationship"):
        values["relationship"] = about.value(prefix + "relationship", _relationship) or ""
    mobile = about.value(prefix + "mobile", parse_phone) or ""
    phone = about.value(prefix + "telephone", parse_phone) or ""
    if phone and not mobile and re.match(r"(?:07|\+?44 ?\(?0?\)? ?7|00447)", phone):
        mobile, phone = phone, ""
    if has(prefix + "mobile") or has(prefix + "telephone"):
        values["mobile"] = mobile
    if has(prefix + "telephone"):
        values["phone"] = phone
    if has(prefix + "email"):
        values["email"] = about.value(prefix + "email", parse_email) or ""
        if "?" in values["email"]:
            about.problem(
                prefix + "email",
                f'"{values["email"]}" seems to have lost a letter, so messages to it would not arrive.',
                Severity.CHECK,
            )  # fmt: skip
    if has(prefix + "parental") and about.text(prefix + "parental"):
        values["has_parental_responsibility"] = about.value(prefix + "parental", parse_yes_no)
    if has(prefix + "court_order"):
        note = about.value(prefix + "court_order", _medical) or ""
        heading = about.header[about.positions[prefix + "court_order"]]
        if note.casefold() in {"n", "no", "none", "false", "0", "-"}:
            note = ""
        elif note.casefold() in {"y", "yes", "true", "1", "x"} and _ABOUT_COURT.search(heading):
            note = "Court order"
        elif note and not _ABOUT_COURT.search(note):
            about.problem(
                prefix + "court_order", "This note is not about a court order, so it is not brought in.", Severity.CHECK
            )
            note = ""
        values["court_order_note"] = note


def _repeated_contacts(rows: list[CheckedRow], problems: list[Problem], bad: set[int], header: Sequence[str]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    kept: list[CheckedRow] = []
    for row in rows:
        key = tuple(row.values.values())
        if key in seen:
            problems.append(
                Problem(
                    row.number,
                    "",
                    "",
                    f"This row says the same as row {seen[key]}, so it is not needed.",
                    Severity.STOPS,
                )
            )
            bad.add(row.number)
            continue
        seen[key] = row.number
        kept.append(row)
    rows[:] = kept


def _staff(about: _RowCheck, mapping: ColumnMapping, today: date) -> CheckedRow:
    values: Values = {}
    _names(about, values, forename="given_name", surname="family_name", who="person", parse=_staff_name)
    values["email"] = about.value("email", parse_email) or ""
    if about.sound and not values["email"]:
        about.problem("email", "This person has no email address, and an account needs one.")
    for name, parse in (("staff_code", _code), ("title", _title), ("job_title", _job), ("form", _form_name)):
        if name in about.positions:
            values[name] = about.value(name, parse) or ""
    return CheckedRow(about.row.number, values)
