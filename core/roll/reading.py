"""Turns the bytes of an uploaded file into a table of cells, and says in words why when it cannot."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from core.kit.refusals import Refusal
from core.kit.text import hidden_character

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 60_000
MAX_COLUMNS = 200
MAX_CELL = 20_000
MAX_LINES_IN_CELL = 6
_HEADER_SEARCH = 15  # rows above the headings: a report's title, its date, a blank line
_DELIMITERS = ",;\t|"
_DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

_SPREADSHEET = "This is a spreadsheet file. Open it, choose Save as, pick CSV (UTF-8), and upload that file."
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", _SPREADSHEET),
    (b"PK\x05\x06", _SPREADSHEET),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _SPREADSHEET),
    (b"%PDF", "This is a PDF. Export the list again as CSV and upload that file."),
    (b"\x1f\x8b", "This is a compressed file. Unpack it and upload the CSV file inside."),
    (b"7z\xbc\xaf\x27\x1c", "This is a compressed file. Unpack it and upload the CSV file inside."),
    (b"Rar!", "This is a compressed file. Unpack it and upload the CSV file inside."),
    (b"BZh", "This is a compressed file. Unpack it and upload the CSV file inside."),
    (b"\x89PNG", "This is a picture. Upload the list as a CSV file."),
    (b"\xff\xd8\xff", "This is a picture. Upload the list as a CSV file."),
    (b"GIF8", "This is a picture. Upload the list as a CSV file."),
    (b"{\\rtf", "This is a word-processor file. Export the list again as CSV and upload that file."),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|svg|workbook)", re.IGNORECASE)
_HIGH = re.compile(rb"[\x80-\xff]+")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


class UnreadableFile(Refusal):
    """The file cannot be read as a list at all; the sentence says what to do about it."""

    default_field = "lists"


class Severity(StrEnum):
    """Whether a problem keeps its row out, or only asks somebody to look."""

    STOPS = "stops"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row: where it is, what was read there, and why that cannot be right."""

    row: int
    column: str
    value: str
    sentence: str
    severity: Severity = Severity.STOPS


@dataclass(frozen=True, slots=True)
class Row:
    """One record and the number that a spreadsheet shows beside it (the headings are usually row 1)."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A file as read: headings, rows of exactly that width, and the rows that could not be read."""

    header: tuple[str, ...]
    rows: list[Row]
    encoding: str
    delimiter: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def delimiter_word(self) -> str:
        """The delimiter as a person calls it."""
        return _DELIMITER_WORDS[self.delimiter]


def read_table(content: bytes) -> Table:
    """Read a CSV file whatever encoding, delimiter and line ends it came with.

    Rows that cannot be read are reported in `problems`; a file that cannot be read raises `UnreadableFile` with a
    sentence for the person who uploaded it (ORG-24). Never raises anything else.
    """
    text, encoding = _decode(content)
    if not text.strip(" \t\r\n,;|\x1a"):
        raise UnreadableFile("This file is empty. Export the list again and upload that file.")
    text = text.rstrip("\x1a")
    text, skipped, stated = _without_separator_line(text)
    _refuse_endless_lines(text)
    delimiter = stated or _delimiter(text)
    return _table(text, encoding, delimiter, skipped)


def _decode(content: bytes) -> tuple[str, str]:
    if len(content) > MAX_BYTES:
        raise UnreadableFile("This file is larger than 10 MB. A whole school's list is far smaller: check the file.")
    for magic, sentence in _MAGIC:
        if content.startswith(magic):
            raise UnreadableFile(sentence)
    for mark, encoding, word in (
        (b"\xef\xbb\xbf", "utf-8", "UTF-8"),
        (b"\xff\xfe\x00\x00", "utf-32-le", "UTF-32"),
        (b"\x00\x00\xfe\xff", "utf-32-be", "UTF-32"),
        (b"\xff\xfe", "utf-16-le", "UTF-16"),
        (b"\xfe\xff", "utf-16-be", "UTF-16"),
    ):
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding, word), word
    if _MARKUP.match(content):
        raise UnreadableFile("This is a web page, not a CSV file. Export the list again, choosing CSV.")
    if b"\x00" in content[:4096]:
        guess = _utf16_without_mark(content[:4096])
        if guess:
            return _strictly(content, guess, "UTF-16"), "UTF-16"
    if b"\x00" in content:
        row = content[: content.index(b"\x00")].count(b"\n") + 1
        raise UnreadableFile(
            f"Row {row} holds a null byte, so this is not a text file or it is damaged. Export it again."
        )
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        return _windows(content, error), "Windows-1252"


def _windows(content: bytes, error: UnicodeDecodeError) -> str:
    several = len(_MULTIBYTE.findall(content))
    if several and several * 2 >= len(_HIGH.findall(content)) - several:
        row = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(
            f"Row {row} is written in another encoding than the rows around it, so some letters would be wrong. "
            "Export the list again as CSV (UTF-8)."
        )
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as undefined:
        row = content[: undefined.start].count(b"\n") + 1
        raise UnreadableFile(
            f"Row {row} holds a byte that is no letter (hexadecimal {content[undefined.start]:02X}). "
            "Export the list again as CSV (UTF-8)."
        ) from None


def _strictly(content: bytes, encoding: str, word: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(
            f"Row {row} is damaged: the file says that it is {word} and this row is not. Export the list again."
        ) from None
    if "\x00" in text:
        row = text[: text.index("\x00")].count("\n") + 1
        raise UnreadableFile(f"Row {row} holds a null character, so the file is damaged. Export it again.")
    return text


def _utf16_without_mark(sample: bytes) -> str | None:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2 or 1
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _without_separator_line(text: str) -> tuple[str, int, str | None]:
    """Excel's own first line `sep=;` states the delimiter; it still counts as a row."""
    match = re.match(r"\s*\"?sep=([,;|\t])\"?[ \t]*(?:\r\n|\r|\n)", text, re.IGNORECASE)
    return (text[match.end() :], 1, match.group(1)) if match else (text, 0, None)


def _refuse_endless_lines(text: str) -> None:
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if len(line) > MAX_CELL and max(line.count(mark) for mark in _DELIMITERS) > MAX_CELL:
            raise UnreadableFile(f"Line {number} has more than {MAX_COLUMNS} columns. Check the file it was made from.")
        if len(line) > MAX_CELL * 20:
            raise UnreadableFile(f"Line {number} is {len(line):,} characters long. Check the file it was made from.")


def _delimiter(text: str) -> str:
    """The mark that gives the headings most columns and the rows below the same number."""
    sample = [line for line in io.StringIO(text[:200_000], newline=None) if line.strip()][:60]
    best, best_score = ",", (0, 0.0)
    for mark in _DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(sample, delimiter=mark) if cells]
        except csv.Error:
            continue
        widest = sorted(widths)[len(widths) // 2] if widths else 0
        alike = sum(width == widest for width in widths) / (len(widths) or 1)
        header = max(widths[:_HEADER_SEARCH], default=0)
        score = (min(header, widest) if widest > 1 else 1 if header <= 1 else 2, alike)
        if score > best_score:
            best, best_score = mark, score
    return best


def _table(text: str, encoding: str, delimiter: str, skipped: int) -> Table:
    header: tuple[str, ...] | None = None
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, cells, problem in _records(text, delimiter, skipped):
        if problem is not None:
            if header is None:
                raise UnreadableFile(f"Row {number}: {problem.sentence}")
            problems.append(problem)
            continue
        if header is None:
            header = _header(number, cells, skipped)
            continue
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        if len(rows) >= MAX_ROWS:
            raise UnreadableFile(f"This file has more than {MAX_ROWS:,} rows. Upload one school's list.")
        checked = _fit(number, cells, header, problems)
        if checked is not None:
            rows.append(Row(number, checked))
    if header is None:
        raise UnreadableFile(
            "Only one column was found. Each value should be in a column of its own, parted by commas, semicolons or "
            "tabs."
        )
    if not rows and not problems:
        raise UnreadableFile("This file has headings and no rows below them.")
    return Table(header, rows, encoding, delimiter, problems)


def _records(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str], Problem | None]]:
    """Each record with its row number; a record that the reader cannot take apart comes with a problem instead."""
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    number = skipped
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise UnreadableFile(
                    f'Row {number} opens a quotation mark (") that is never closed, so everything after it was read as '
                    "one cell. Mend that row and upload the file again."
                ) from None
            if "field limit" in str(error):
                raise UnreadableFile(
                    f"Row {number} holds a cell of more than {MAX_CELL:,} characters. Check the file it was made from."
                ) from None
            yield (
                number,
                [],
                Problem(
                    number,
                    "",
                    "",
                    'A quotation mark (") stands in the middle of a quoted cell. Double it or take it out.',
                ),
            )
            continue
        for cell in cells:
            if cell.count("\n") > MAX_LINES_IN_CELL:
                raise UnreadableFile(
                    f'Row {number} holds a cell that runs over {cell.count(chr(10)) + 1} lines: a quotation mark (") '
                    "is probably missing. Mend that row and upload the file again."
                )
        yield number, cells, None


def _header(number: int, cells: list[str], skipped: int) -> tuple[str, ...] | None:
    """These cells as headings; None when the row is a title or blank and the headings are still to come."""
    named = [cell.strip() for cell in cells]
    while named and not named[-1]:
        named.pop()
    filled = [name for name in named if name]
    if len(filled) < 2:
        if number > _HEADER_SEARCH + skipped:
            raise UnreadableFile(
                "Only one column was found. Each value should be in a column of its own, parted by commas, semicolons "
                "or tabs."
            )
        return None
    if len(named) > MAX_COLUMNS:
        raise UnreadableFile(f"Row {number} has more than {MAX_COLUMNS} columns. Check the file it was made from.")
    seen: dict[str, int] = {}
    for position, name in enumerate(named, start=1):
        if not name:
            continue
        if len(name) > 200:
            raise UnreadableFile(f"Row {number} should hold the headings, and column {position} is too long for one.")
        hidden = hidden_character(name)
        if hidden:
            raise UnreadableFile(f"Row {number}: the heading of column {position} holds a hidden character ({hidden}).")
        key = " ".join(name.casefold().split())
        if key in seen:
            raise UnreadableFile(
                f'Row {number}: columns {seen[key]} and {position} are both headed "{name}". Rename or remove one '
                "of them."
            )
        seen[key] = position
    return tuple(name or f"Column {position}" for position, name in enumerate(named, start=1))


def _fit(number: int, cells: list[str], header: tuple[str, ...], problems: list[Problem]) -> list[str] | None:
    """The cells trimmed and as many as there are headings; None, and a problem noted, when they cannot be trusted."""
    width = len(header)
    if len(cells) > width:
        extra = [cell for cell in cells[width:] if cell.strip()]
        if extra:
            problems.append(
                Problem(
                    number,
                    "",
                    extra[0][:200],
                    f"This row has {len(cells)} cells and there are {width} headings. A cell may hold a mark that "
                    "parts columns and need quotation marks round it.",
                )
            )
            return None
        cells = cells[:width]
    fitted: list[str] = []
    sound = True
    for position, cell in enumerate(cells):
        if not cell.isprintable():
            cell = cell.replace("\u00a0", " ").replace("\u202f", " ").strip()
            hidden = None if cell.isprintable() else _hidden(cell)
            if hidden:
                sound = False
                problems.append(
                    Problem(
                        number, header[position], visible(cell), f"This cell holds {hidden}. Type it again without it."
                    )
                )
        if len(cell) > MAX_CELL:
            sound = False
            problems.append(
                Problem(number, header[position], cell[:60] + "…", f"This cell is longer than {MAX_CELL:,} characters.")
            )
        cell = cell.strip()
        if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@"):
            cell = cell[1:]  # the mark that our own exports put before what a spreadsheet would run
        fitted.append(cell)
    if not sound:
        return None
    fitted.extend([""] * (width - len(fitted)))
    return fitted


def _hidden(cell: str) -> str | None:
    if "\n" in cell or "\r" in cell:
        return "a line break"
    found = hidden_character(cell)
    return f"a hidden character ({found})" if found else None


def visible(text: str, limit: int = 200) -> str:
    """`text` with what cannot be seen written out, so that a problem list shows it and nothing acts on it."""
    shown = "".join(
        character if character.isprintable() or not hidden_character(character) else f"[U+{ord(character):04X}]"
        for character in text[:limit]
    )
    return shown + "…" if len(text) > limit else shown
