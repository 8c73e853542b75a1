"""Marks that are drawn with a signature: strokes of points on a paper of fixed size, and nothing else (AGR-07)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Final

WIDE: Final = 600
HIGH: Final = 180
MOST_POINTS: Final = 4000
_LONGEST = 80_000
_MOST_STROKES = 200

Strokes = list[list[list[float]]]


def strokes_from(text: str) -> Strokes:
    """The strokes that a page sent, on the paper and rounded; of anything else nothing: the typed name is enough."""
    if len(text) > _LONGEST:
        return []
    try:
        strokes = [[_point(x, y) for x, y in stroke] for stroke in json.loads(text or "[]")]
    except (TypeError, ValueError, OverflowError, RecursionError):
        return []
    if len(strokes) > _MOST_STROKES or sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        return []
    return [stroke for stroke in strokes if stroke]


def _point(x: object, y: object) -> list[float]:
    if not all(isinstance(one, int | float) and isfinite(one) for one in (x, y)):
        raise ValueError("not a point")
    return [round(min(max(float(x), 0), WIDE), 1), round(min(max(float(y), 0), HIGH), 1)]  # type: ignore[arg-type]


def path_of(strokes: Iterable[Sequence[Sequence[float]]]) -> str:
    """The strokes as the path of a picture that we draw: numbers in, lines out."""
    paths = []
    for stroke in strokes:
        points = [(min(max(float(x), 0), WIDE), min(max(float(y), 0), HIGH)) for x, y in stroke]
        if len(points) == 1:
            points.append((points[0][0] + 0.5, points[0][1]))
        if points:
            paths.append("M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points))
    return " ".join(paths)
