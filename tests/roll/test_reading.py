"""Bytes to table: every encoding and delimiter that schools send, and every way a file can be broken."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from core.roll.reading import UnreadableFile, read_table
from tests.roll.conftest import ROLLS
from tests.roll.malformed import readable, unreadable, with_problems

SHAPES = {
    "ashgrove/pupils.csv": ("Windows-1252", "comma", 19, 134),
    "barley-lane/pupils.csv": ("UTF-8", "comma", 10, 201),
    "rushmere/contacts.csv": ("UTF-8", "semicolon", 6, 213),
    "kingsmead/contacts.csv": ("UTF-8", "comma", 9, 2963),
}


@pytest.mark.parametrize(("path", "shape"), SHAPES.items(), ids=SHAPES)
def test_read_table_sample_is_recognised(path: str, shape: tuple[str, str, int, int]) -> None:
    """ORG-24: encoding and delimiter are found without help."""
    table = read_table((ROLLS / path).read_bytes())
    assert (table.encoding, table.delimiter_word, len(table.header), len(table.rows)) == shape
    assert table.problems == []


@pytest.mark.parametrize(("content"), [pytest.param(content, id=name) for name, content in unreadable()])
def test_read_table_broken_file_is_refused_with_a_sentence(content: bytes) -> None:
    """F24, F29: no exception but the refusal, in two seconds."""
    began = time.process_time()
    with pytest.raises(UnreadableFile) as refusal:
        read_table(content)
    assert time.process_time() - began < 2
    assert refusal.value.message.endswith(".")


def test_read_table_bomb_takes_no_memory() -> None:
    """F29: archives are known by their first bytes and never opened; endless lines are not taken apart."""
    hostile = [
        content for name, content in unreadable() if any(word in name for word in ("bomb", "archive", "million"))
    ]
    assert len(hostile) >= 6
    tracemalloc.start()
    try:
        for content in hostile:
            with pytest.raises(UnreadableFile):
                read_table(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


@pytest.mark.parametrize(("content"), [pytest.param(content, id=name) for name, content in readable()])
def test_read_table_odd_file_is_read(content: bytes) -> None:
    """F24: byte-order marks, UTF-16, line ends, delimiters, titles and short rows do no harm."""
    table = read_table(content)
    assert table.problems == []
    assert [row.cells[2:4] for row in table.rows] == [["Brånd", "Zoë"]] * 5
    assert [row.cells[1] for row in table.rows] == [f"{number:06d}" for number in range(1, 6)]


@pytest.mark.parametrize(("content"), [pytest.param(content, id=name) for name, content in with_problems()])
def test_read_table_bad_row_is_reported_and_the_others_read(content: bytes) -> None:
    """F24: what is wrong with one row is said of that row."""
    table = read_table(content)
    assert len(table.rows) + len({problem.row for problem in table.problems}) >= 5
    assert all(problem.row >= 2 and problem.sentence.endswith(".") for problem in table.problems)


def test_the_corpus_is_large_enough() -> None:
    """F24 asks for sixty malformed files."""
    assert len([*unreadable(), *with_problems()]) >= 60


def test_read_table_says_which_row() -> None:
    """F24: row numbers are those that a spreadsheet shows."""
    with pytest.raises(UnreadableFile, match=r"^Row 3 opens a quotation mark"):
        read_table(b'a,b\n1,2\n"x,3\n4,5\n')
    table = read_table(b"Title\n\na,b\n1,2,3\n\n4,5\n")
    assert [(problem.row, problem.value) for problem in table.problems] == [(4, "3")]
    assert [(row.number, row.cells) for row in table.rows] == [(6, ["4", "5"])]


def test_read_table_hidden_character_is_shown() -> None:
    """F27: what cannot be seen is written out in the problem list."""
    table = read_table("a,b\nx\u202ey,2\n3,4\n".encode())
    (problem,) = table.problems
    assert (problem.row, problem.column, problem.value) == (2, "a", "x[U+202E]y")
    assert "U+202E" in problem.sentence
