"""Figures with small numbers hidden: whoever sees the table, its total and the rule cannot work a hidden one out."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kit.suppression import SMALL, Shown, suppressed

CELLS = st.lists(st.one_of(st.integers(0, 8), st.integers(0, 60)), min_size=1, max_size=12)


@given(CELLS, st.booleans())
def test_suppressed_shows_nothing_small_and_hides_never_one_alone(cells: list[int], show_nought: bool) -> None:
    """SE-10, INC-40: no cell from one to four is shown, nor a total; beside a total never a single cell is hidden."""
    shown = suppressed(cells, show_nought=show_nought)
    if sum(cells):
        assert all(cell is None or cell >= SMALL or (show_nought and cell == 0) for cell in shown.cells)
        assert shown.total is None or shown.total >= SMALL
    hidden = [place for place, cell in enumerate(shown.cells) if cell is None]
    if shown.total is not None and hidden:
        assert len(hidden) >= 2
        rest = shown.total - sum(cell for cell in shown.cells if cell is not None)
        assert rest == sum(cells[place] for place in hidden) >= SMALL


@given(CELLS, st.booleans(), st.randoms())
def test_suppressed_hidden_cells_may_change_round(cells: list[int], show_nought: bool, chance: Any) -> None:
    """SE-10: the hidden cells in any other order give the same table, so none of them can be told."""
    shown = suppressed(cells, show_nought=show_nought)
    hidden = [place for place, cell in enumerate(shown.cells) if cell is None]
    values = [cells[place] for place in hidden]
    chance.shuffle(values)
    other = list(cells)
    for place, value in zip(hidden, values, strict=True):
        other[place] = value
    assert suppressed(other, show_nought=show_nought) == shown


def thought_of(cells: list[int], shown: Shown, place: int) -> Iterator[list[int]]:
    """Tables that an attacker has to reckon with: a hidden cell is another, or one more where another is one less."""
    for other, cell in enumerate(shown.cells):
        if cell is None and other != place:
            table = list(cells)
            table[place], table[other] = cells[other], cells[place]
            yield table
            for step in (1, -1):
                table = list(cells)
                table[place], table[other] = cells[place] + step, cells[other] - step
                yield table
    if shown.total is None:
        for step in (1, -1):
            table = list(cells)
            table[place] += step
            yield table


@given(CELLS, st.booleans())
def test_suppressed_leaves_an_attacker_with_the_total_in_doubt(cells: list[int], show_nought: bool) -> None:
    """INC-40: for each hidden cell of any table there is a table with another number there that looks the same."""
    shown = suppressed(cells, show_nought=show_nought)
    for place, cell in enumerate(shown.cells):
        if cell is None:
            assert any(
                min(table) >= 0 and table[place] != cells[place] and suppressed(table, show_nought=show_nought) == shown
                for table in thought_of(cells, shown, place)
            ), (cells, shown, place)


@pytest.mark.parametrize("show_nought", [False, True])
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_suppressed_cannot_be_worked_out_by_whoever_knows_the_rule(groups: int, show_nought: bool) -> None:
    """SE-10, INC-40: among all tables that would look the same, every hidden cell has at least two values."""
    alike: dict[Shown, list[tuple[int, ...]]] = defaultdict(list)
    for cells in itertools.product(range(15), repeat=groups):
        alike[suppressed(cells, show_nought=show_nought)].append(cells)
    for shown, tables in alike.items():
        for place, cell in enumerate(shown.cells):
            if cell is None:
                assert len({table[place] for table in tables}) >= 2, (shown, tables)
