"""Sheets of labels: where each label lies on the paper, and what is on it (DEV-06, ux 5 Printing)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.kit.pdf import Part
from core.kit.qr import QUIET, Qr, qr_code
from core.people.models import Pupil
from devices.models import PupilDevice, Slot

PAPER_WIDTH, PAPER_HEIGHT = 210.0, 297.0
SMALLEST_CODE = 20.0  # millimetres of the code itself, so that a phone and an old scanner read it at arm's length
EDGE = 1.5  # white that a cutter may take from a label
WIDEST_BOX = 31.0
TEXT_ROOM = 20.0
MODULES = 21  # of the codes of pupils, slots and devices: the smallest kind of code


@dataclass(frozen=True)
class Sheet:
    """A sheet of labels on A4 as they are sold, in millimetres; the labels stand in the middle of the paper."""

    key: str
    name: str
    columns: int
    rows: int
    width: float
    height: float
    gap: float = 2.5

    @property
    def labels(self) -> int:
        return self.columns * self.rows

    @property
    def lefts(self) -> list[float]:
        """The left edge of each column."""
        first = (PAPER_WIDTH - self.columns * self.width - (self.columns - 1) * self.gap) / 2
        return [first + column * (self.width + self.gap) for column in range(self.columns)]

    @property
    def tops(self) -> list[float]:
        """The top edge of each row."""
        first = (PAPER_HEIGHT - self.rows * self.height) / 2
        return [first + row * self.height for row in range(self.rows)]

    @property
    def box(self) -> float:
        """The side of the square that the code gets, its quiet zone with it."""
        return min(self.height - 2 * EDGE, self.width - 2 * EDGE - TEXT_ROOM, WIDEST_BOX)

    @property
    def fits(self) -> bool:
        """Whether a code of 20 mm has room with its quiet zone and words beside it."""
        return self.box * MODULES / (MODULES + 2 * QUIET) >= SMALLEST_CODE


# 5 × 13 is listed to say why it is not offered: 21.2 mm hold no code of 20 mm with its white.
KNOWN_SHEETS = (
    Sheet("3x8", "24 on a sheet, 63.5 × 33.9 mm", 3, 8, 63.5, 33.9),
    Sheet("3x7", "21 on a sheet, 63.5 × 38.1 mm", 3, 7, 63.5, 38.1),
    Sheet("2x7", "14 on a sheet, 99.1 × 38.1 mm", 2, 7, 99.1, 38.1),
    Sheet("5x13", "65 on a sheet, 38.1 × 21.2 mm", 5, 13, 38.1, 21.2),
)
SHEETS = {sheet.key: sheet for sheet in KNOWN_SHEETS if sheet.fits}


@dataclass(frozen=True)
class Label:
    """What one label says: the code, large, and words for whoever reads or types. Never a name (ux 5)."""

    code: str
    big: str
    small: str

    @property
    def qr(self) -> Qr:
        return qr_code(self.code)

    @property
    def size(self) -> str:
        """How large `big` can be set."""
        return "short" if len(self.big) <= 4 else "middle" if len(self.big) <= 8 else "long"


@dataclass(frozen=True)
class Cell:
    """A label in its place on the sheet."""

    column: int
    row: int
    label: Label


def slot_label(slot: Slot) -> Label:
    """A slot's number as the desk says it, and its place."""
    return Label(slot.code, slot.label, slot.place.name)


def pupil_label(pupil: Pupil) -> Label:
    """A pupil's code and form alone, for a pouch or a card.

    A label that is found in the street must not say whose it is: no name, and no admission number either, which other
    papers carry beside the name. The morning register has the names beside the same codes, in the same order.
    """
    return Label(pupil.code, pupil.form.name if pupil.form else "", "")


def device_label(device: PupilDevice) -> Label:
    """A device's code and its kind; not whose it is."""
    return Label(device.code, "", device.type.label)


def label_parts(
    labels: Sequence[Label], *, sheet: Sheet, start: int, offset_x: Decimal, offset_y: Decimal, title: str
) -> Iterator[Part]:
    """One part for each sheet of paper; the first label goes to position `start`, counted along the rows from 1.

    The offsets, in millimetres, move everything right and down for a printer that is a little out.
    """
    placed = list(labels)
    skipped = start - 1
    first = sheet.labels - skipped
    pages = [placed[:first], *(placed[at : at + sheet.labels] for at in range(first, len(placed), sheet.labels))]
    edges = {
        "lefts": [_mm(left + float(offset_x)) for left in sheet.lefts],
        "tops": [_mm(top + float(offset_y)) for top in sheet.tops],
        "width": _mm(sheet.width),
        "height": _mm(sheet.height),
        "box": _mm(sheet.box),
        "edge": _mm(EDGE),
    }
    for number, page in enumerate(pages):
        begin = skipped if number == 0 else 0
        cells = [
            Cell((begin + position) % sheet.columns, (begin + position) // sheet.columns, label)
            for position, label in enumerate(page)
        ]
        yield Part("pdf/labels.html", {"title": title, "cells": cells, **edges}, ("pdf/labels.css",), count=len(page))


def _mm(value: float) -> str:
    return f"{value:.2f}"
