"""Which figures of a table may be shown, so that nobody small in number can be worked out. Pure: numbers in and out.

Every cell under five is hidden, nought too, and with them the smallest of the others, so that the total does not give a
single one away. All others of that same size go too: then the hidden cells may be changed round among themselves and
the table looks the same, so that none of them can be told, nor which of them is the larger one. Where no cell is large
enough to stand in, the whole table is hidden; it is hidden as well at the one total at which that would say that each
cell is four.

Where nought says nothing about anybody (no concern of that kind, none in that month) it may be shown: those cells stand
beside the others and neither hide nor are hidden, but where the whole table is. Where it would say that a hidden cell
is not nought, and that is itself something to learn (a concern about staff), it stays hidden.

One table is safe by itself, and beside others of the same records, for they share their total alone. Two tables of
spans that overlap are not: whoever shows figures to people who may not read the records gives them spans apart.
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


def suppressed(cells: Sequence[int], *, show_nought: bool = False) -> Shown:
    """The cells of one table whose groups are a whole, and their sum (law SE-10, INC-40)."""
    total = sum(cells)
    large = [cell for cell in cells if cell >= SMALL]
    plain = [cell for cell in cells if cell >= SMALL or (show_nought and cell == 0)]
    if total == 0 or len(plain) == len(cells):
        return Shown(tuple(cells), total)
    if not large or (not show_nought and total == (SMALL - 1) * len(cells)):
        return Shown((None,) * len(cells), total if total >= SMALL else None)
    return Shown(tuple(cell if cell > min(large) or (show_nought and cell == 0) else None for cell in cells), total)


def per_hundred(number: int | None, of: int | None) -> float | None:
    """How many in a hundred, to one place; hidden where either is, or where there is nobody."""
    return None if number is None or not of else round(100 * number / of, 1)
