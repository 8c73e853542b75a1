"""Codes to scan, as shapes that a page or a sheet of paper can hold: no picture file, nothing fetched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import segno

QUIET = 4  # modules of white on each side, without which a reader does not find the code (ISO/IEC 18004)


@dataclass(frozen=True)
class Qr:
    """A QR code of `text`: a square of `side` modules, the quiet zone with it, and the dark ones as an SVG path.

    The path is drawn with a line one module wide: half the points of squares that are filled.
    """

    text: str
    side: int
    path: str

    @property
    def modules(self) -> int:
        """How many modules wide the code is without its quiet zone."""
        return self.side - 2 * QUIET


@lru_cache(maxsize=2048)
def qr_code(text: str) -> Qr:
    """The code for `text`, never a Micro QR (which few readers know), readable with 15 % of it gone.

    Shown by `components/qr.html`. Raises ValueError when there is nothing to encode.
    """
    if not text:
        raise ValueError("A code needs a text.")
    rows = segno.make_qr(text, error="m", boost_error=False).matrix
    runs: list[str] = []
    for down, row in enumerate(rows, start=QUIET):
        start: int | None = None
        for across, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = across
            elif not dark and start is not None:
                runs.append(f"M{start + QUIET} {down}.5h{across - start}")
                start = None
    return Qr(text=text, side=len(rows) + 2 * QUIET, path="".join(runs))
