"""Which pupils a typed list or an attendance file means, before anybody is marked (DEV-10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.kit.refusals import Refusal
from core.kit.text import fold
from core.people.models import Pupil, School
from core.people.queries import find_pupils, pupils_on_roll
from core.roll.queries import UnreadableList, read_list
from devices.enums import MarkKind
from devices.models import CustodyRecord, DayMark, NoDeviceDeclaration
from devices.queries.day import absences_of, live_marks

MOST_LINES = 300

# The statutory register's codes for a pupil who is not there; L and U came late, and are.
ABSENT_CODES = "C C1 C2 E G H I J J1 M N O Q R S T X Y Y1 Y2 Y3 Y4 Y5 Y6 Y7"
_PRESENT_CODES = frozenset(["/", "\\", "L", "U", "P", "V", "W", "B", "D", "K", "Z", "#", "-"])
_SAID_ABSENT = frozenset({"ABSENT", "ABS"})

_NUMBERS = frozenset(
    {"admission number", "admission no", "adm no", "adno", "adm", "admno", "admission", "pupil number"}
)
_UPNS = frozenset({"upn", "unique pupil number"})
_SURNAMES = frozenset({"surname", "legal surname", "last name", "family name"})
_FORENAMES = frozenset({"forename", "legal forename", "first name", "given name", "preferred forename"})
_NAMES = frozenset({"name", "pupil", "pupil name", "student", "student name", "full name"})
_MARKS = frozenset(
    {"mark", "am", "am mark", "code", "attendance code", "attendance mark", "session", "registration", "mark am"}
)


class UnreadableAttendance(Refusal):
    """The file cannot be read as an attendance list."""

    default_field = "attendance"


@dataclass(frozen=True)
class AbsenceLine:
    """One line of a list: what it said, and whom that may mean. `is_sure`: one pupil and no doubt about it."""

    row: int
    text: str
    pupils: list[Pupil] = field(default_factory=list)
    is_sure: bool = False
    said: str = ""


@dataclass(frozen=True)
class AbsencePreview:
    """What a list would do: pupils to mark, lines to choose for, lines that fit nobody, and what is passed over."""

    matched: list[Pupil]
    choose: list[AbsenceLine]
    unmatched: list[AbsenceLine]
    already: list[Pupil]
    at_desk: list[Pupil]
    present: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.matched or self.choose or self.unmatched or self.already or self.at_desk)


@dataclass(frozen=True)
class AbsenceRow:
    """A pupil marked absent; `stay` where a device of theirs came in all the same, which outweighs the mark."""

    mark: DayMark
    stay: CustodyRecord | None


def absence_rows(school: School, day: date) -> list[AbsenceRow]:
    """Who was marked absent that day, in two statements."""
    came: dict[int, CustodyRecord] = {}
    for stay in CustodyRecord.objects.filter(school=school, day=day, voided=False).order_by("-opened_at"):
        came[stay.pupil_id] = stay
    return [AbsenceRow(mark, came.get(mark.pupil_id)) for mark in absences_of(school, day)]


def known_today(school: School, day: date) -> tuple[set[int], set[int]]:
    """Pupils marked absent already, and those the desk has seen that day."""
    marks = list(live_marks(school, day).values_list("pupil_id", "kind"))
    absent = {pupil_id for pupil_id, kind in marks if kind == MarkKind.ABSENT}
    here = {pupil_id for pupil_id, kind in marks if kind != MarkKind.ABSENT}
    here |= set(CustodyRecord.objects.filter(school=school, day=day, voided=False).values_list("pupil_id", flat=True))
    declared = NoDeviceDeclaration.objects.filter(school=school, day=day, withdrawn_at__isnull=True)
    return absent, here | set(declared.values_list("pupil_id", flat=True))


def read_absences(school: School, text: str, *, on: date) -> AbsencePreview:
    """What a typed or pasted list means: on each line a name, a form and a name, a number or a code."""
    lines = [(row, " ".join(line.split())) for row, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_LINES:
        raise UnreadableAttendance(f"That is more than {MOST_LINES} lines. Send the attendance file.", field="lines")
    roll = _Roll(school, on)
    return _preview(school, on, [roll.by_line(row, line) for row, line in lines])


def read_attendance(school: School, content: bytes, *, codes: str, column: str = "", on: date) -> AbsencePreview:
    """What an attendance file means: each row's pupil by admission number or UPN first, by name where there is none.

    `codes` are the marks that mean absent; any other mark is present. `column` is the heading of the marks; empty: it
    is found by its heading, or by holding nothing but marks. Raises `UnreadableAttendance` in words.
    """
    try:
        table = read_list(content)
    except UnreadableList as error:
        raise UnreadableAttendance(error.message) from error
    meant = frozenset(_words(codes)) | _SAID_ABSENT
    columns = _Columns([_plain(name) for name in table.header])
    rows = [(row.number, row.cells) for row in table.rows]
    marks = columns.marks(column, rows, meant)
    roll, lines, present = _Roll(school, on), [], 0
    for number, cells in rows:
        if cells[marks].strip().upper() not in meant:
            present += 1
            continue
        lines.append(roll.by_row(number, columns.of(cells)))
    for problem in table.problems:
        lines.append(AbsenceLine(problem.row, "", said=f"Row {problem.row}: {problem.sentence}"))
    return _preview(school, on, lines, present)


def _preview(school: School, day: date, lines: Iterable[AbsenceLine], present: int = 0) -> AbsencePreview:
    absent, here = known_today(school, day)
    found = AbsencePreview([], [], [], [], [], present)
    seen: set[int] = set()
    for line in lines:
        if not line.is_sure:
            (found.choose if line.pupils else found.unmatched).append(line)
            continue
        pupil = line.pupils[0]
        if pupil.pk in seen:
            continue
        seen.add(pupil.pk)
        (found.already if pupil.pk in absent else found.at_desk if pupil.pk in here else found.matched).append(pupil)
    return found


class _Columns:
    """Where in the file the pupil and the mark stand."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = header
        self.number, self.upn = self._first(_NUMBERS), self._first(_UPNS)
        self.surname, self.forename, self.name = self._first(_SURNAMES), self._first(_FORENAMES), self._first(_NAMES)
        if self.number is None and self.upn is None and self.name is None and self.surname is None:
            raise UnreadableAttendance(
                "No column is headed “Admission number”, “UPN” or “Name”. Export the list with one of them."
            )

    def _first(self, names: frozenset[str]) -> int | None:
        return next((place for place, name in enumerate(self.header) if name in names), None)

    def marks(self, column: str, rows: Sequence[tuple[int, Sequence[str]]], meant: frozenset[str]) -> int:
        """The place of the marks' column."""
        if column:
            if _plain(column) not in self.header:
                raise UnreadableAttendance(f"No column is headed “{column}”.", field="column")
            return self.header.index(_plain(column))
        headed = [place for place, name in enumerate(self.header) if name in _MARKS]
        if len(headed) == 1:
            return headed[0]
        known = _PRESENT_CODES | meant
        of_pupil = {self.number, self.upn, self.surname, self.forename, self.name}
        places = headed or [
            place
            for place in range(len(self.header))
            if place not in of_pupil and _holds_marks([cells[place] for _number, cells in rows], known)
        ]
        if len(places) == 1:
            return places[0]
        told = "Several columns could hold the marks" if places else "No column holds attendance marks"
        raise UnreadableAttendance(f"{told}. Type the heading of the right one.", field="column")

    def of(self, cells: Sequence[str]) -> dict[str, str]:
        """Who the row is about, as it says."""
        return {
            name: cells[place].strip() if place is not None else ""
            for name, place in (
                ("number", self.number),
                ("upn", self.upn),
                ("surname", self.surname),
                ("forename", self.forename),
                ("name", self.name),
            )
        }


class _Roll:
    """The pupils on roll, found by number, code or whole name: one statement for a whole file."""

    def __init__(self, school: School, on: date) -> None:
        self.school, self.on = school, on
        self.numbers: dict[str, list[Pupil]] = {}
        self.names: dict[str, list[Pupil]] = {}
        for pupil in pupils_on_roll(school, on):
            for key in {
                pupil.admission_number.upper(),
                pupil.admission_number.lstrip("0").upper(),
                pupil.upn,
                pupil.code,
            }:
                if key:
                    self.numbers.setdefault(key, []).append(pupil)
            for forename in {pupil.legal_forename, pupil.forename}:
                for name in (f"{forename} {pupil.legal_surname}", f"{pupil.legal_surname} {forename}"):
                    self.names.setdefault(fold(name), []).append(pupil)

    def _numbered(self, *keys: str) -> list[Pupil]:
        """The pupil of a number, with the noughts in front that a spreadsheet takes off."""
        for key in keys:
            for written in (key.upper(), key.lstrip("0").upper()):
                if written and len(self.numbers.get(written, ())) == 1:
                    return self.numbers[written]
        return []

    def by_row(self, row: int, said: dict[str, str]) -> AbsenceLine:
        """Whom a row of a file means. A number that is not on roll is not made up for by a name."""
        text = said["number"] or said["upn"] or said["name"] or f"{said['forename']} {said['surname']}".strip()
        if said["number"] or said["upn"]:
            found = self._numbered(said["number"], said["upn"])
            return _line(row, text, found, f"Row {row}: nobody on roll has the number “{text}”.")
        name = said["name"].replace(",", " ") or f"{said['forename']} {said['surname']}"
        if not name.strip():
            return AbsenceLine(row, "", said=f"Row {row}: it names nobody.")
        found = list({pupil.pk: pupil for pupil in self.names.get(fold(name), [])}.values())
        return _line(row, text, found, f"Row {row}: nobody on roll is called “{text}”.")

    def by_line(self, row: int, text: str) -> AbsenceLine:
        """Whom a typed line means: a number or code first, then whatever the desk's box would find."""
        found = self._numbered(text)
        if found:
            return _line(row, text, found, "")
        result = find_pupils(self.school, text.replace(",", " "), on=self.on, limit=8)
        if result.near:
            return AbsenceLine(row, text, result.pupils)
        return _line(row, text, result.pupils, f"Line {row}: nobody on roll fits “{text}”.")


def _line(row: int, text: str, found: list[Pupil], said: str) -> AbsenceLine:
    return AbsenceLine(row, text, found, is_sure=len(found) == 1, said="" if found else said)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace(".", " ").casefold().split())


def _words(codes: str) -> list[str]:
    return codes.upper().replace(",", " ").replace(";", " ").split()


def _holds_marks(cells: Sequence[Any], known: frozenset[str]) -> bool:
    """Whether a column holds attendance marks: hardly anything else, and few of its cells empty."""
    filled = [cell.strip().upper() for cell in cells if cell.strip()]
    return len(filled) * 2 > len(cells) and sum(cell in known for cell in filled) * 10 >= len(filled) * 9
