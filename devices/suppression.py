"""Which figures of a table may be shown, so that nobody small in number can be worked out. Pure: numbers in and out.

Every cell under five is hidden, nought too, and with them the smallest of the others, so that the total does not give a
single one away. All others of that same size go too: then the hidden cells may be changed round among themselves and
the table looks the same, so that none of them can be told, nor which of them is the larger one. Where no cell is large
enough to stand in, the whole table is hidden; it is hidden as well at the one total at which that would say that each
cell is four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SMALL = 5


@dataclass(frozen=True)
class Shown:
    """What may be shown: None stands for a hidden cell, or a hidden total."""

    cells: tuple[int | None, ...]
    total: int | None

    @property
    def hides(self) -> bool:
        return None in self.cells


def suppressed(cells: Sequence[int]) -> Shown:
    """The cells of one table whose groups are a whole, and their sum (law SE-10)."""
    total = sum(cells)
    large = [cell for cell in cells if cell >= SMALL]
    if total == 0 or len(large) == len(cells):
        return Shown(tuple(cells), total)
    if not large or total == (SMALL - 1) * len(cells):
        return Shown((None,) * len(cells), total if total >= SMALL else None)
    return Shown(tuple(cell if cell > min(large) else None for cell in cells), total)


def per_hundred(number: int | None, of: int | None) -> float | None:
    """How many in a hundred, to one place; hidden where either is, or where there is nobody."""
    return None if number is None or not of else round(100 * number / of, 1)
