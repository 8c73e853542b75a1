"""From what was asked for to the parts of its document, with every row read at once and frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.kit.pdf import Part
from core.people.calendar import london_day
from core.people.models import School
from core.rules.queries import for_school
from core.rules.words import Words, words_for
from devices.documents.cards import card_parts
from devices.documents.labels import SHEETS, Label, device_label, label_parts, pupil_label, slot_label
from devices.documents.registers import (
    Head,
    head_of,
    morning_parts,
    register_parts,
    totals_part,
    uncollected_parts,
)
from devices.enums import PrintKind
from devices.queries import handin_types, register_for, uncollected
from devices.queries.closing import day_summary
from devices.queries.day import day_facts
from devices.queries.printing import devices_in_order, pupils_in_order, slots_to_label


@dataclass(frozen=True)
class Printout:
    """A document ready to be laid out. `total` counts what `what` names; `empty` says why there is nothing."""

    title: str
    parts: tuple[Part, ...]
    total: int
    empty: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.parts


@dataclass(frozen=True)
class _Asked:
    """What was asked for, read back from its keys."""

    school: School
    kind: PrintKind
    wanted: Mapping[str, Any]
    at: datetime

    @property
    def day(self) -> date:
        text = self.wanted.get("day")
        return date.fromisoformat(text) if text else london_day(self.at)

    @property
    def forms(self) -> list[int] | None:
        return [int(key) for key in self.wanted.get("forms", [])] or None

    @property
    def rules(self) -> Any:
        return for_school(self.school, on=self.day)

    @property
    def words(self) -> Words:
        return words_for(self.rules)

    def head(self, what: str) -> Head:
        return head_of(self.school.name, what, self.day, self.at)


def printout_for(school: School, kind: str, wanted: Mapping[str, Any], at: datetime) -> Printout:
    """The document of a kind, as the records stand now; `at` is when it was asked for. Reads only."""
    asked = _Asked(school, PrintKind(kind), wanted, at)
    return _MAKERS[asked.kind](asked)


def _labels(asked: _Asked, labels: list[Label], empty: str) -> Printout:
    title = str(asked.kind.label)
    if not labels:
        return Printout(title, (), 0, empty)
    sheet = SHEETS[asked.wanted.get("sheet") or next(iter(SHEETS))]
    parts = label_parts(
        labels,
        sheet=sheet,
        start=min(int(asked.wanted.get("start") or 1), sheet.labels),
        offset_x=Decimal(asked.wanted.get("offset_x") or 0),
        offset_y=Decimal(asked.wanted.get("offset_y") or 0),
        title=title,
    )
    return Printout(title, tuple(parts), len(labels))


def _slot_labels(asked: _Asked) -> Printout:
    place = asked.wanted.get("place")
    slots = slots_to_label(asked.school, int(place) if place else None)
    return _labels(asked, [slot_label(slot) for slot in slots], "There is no slot in use to label.")


def _pupil_labels(asked: _Asked) -> Printout:
    pupils = pupils_in_order(asked.school, asked.day, asked.forms)
    return _labels(
        asked, [pupil_label(pupil) for pupil in pupils], f"There are no {asked.words.children} on roll there."
    )


def _device_labels(asked: _Asked) -> Printout:
    devices = devices_in_order(asked.school, asked.day, asked.forms)
    return _labels(asked, [device_label(device) for device in devices], "There is no device on record there.")


def _command_cards(asked: _Asked) -> Printout:
    title = str(asked.kind.label)
    parts = card_parts(
        school_name=asked.school.name, child=asked.words.child, children=asked.words.children, title=title
    )
    return _printout(title, parts)


def _morning_register(asked: _Asked) -> Printout:
    head = asked.head("Morning register")
    pupils = pupils_in_order(asked.school, asked.day, asked.forms)
    devices = devices_in_order(asked.school, asked.day, asked.forms)
    facts = day_facts(asked.school, asked.day)
    parts = morning_parts(pupils, devices, facts, head=head, child=asked.words.child)
    return _printout(head.title, parts, f"There are no {asked.words.children} on roll there.")


def _rows(asked: _Asked) -> Any:
    types = handin_types(asked.school, asked.day)
    rows = register_for(asked.school, asked.day, handin_types=types)
    chosen = asked.forms
    return [row for row in rows if chosen is None or row.pupil.form_id in chosen]


def _day_register(asked: _Asked) -> Printout:
    head, rows = asked.head("Register"), _rows(asked)
    return _printout(head.title, register_parts(rows, head=head) if rows else [], "Nobody is on this register.")


def _uncollected(asked: _Asked) -> Printout:
    head = head_of(asked.school.name, "Uncollected devices", london_day(asked.at), asked.at)
    stays = list(uncollected(asked.school))
    parts = uncollected_parts(stays, head=head) if stays else []
    return _printout(head.title, parts, "Every device has been collected.")


def _day_summary(asked: _Asked) -> Printout:
    head = asked.head("Summary")
    types = handin_types(asked.school, asked.day)
    summary = day_summary(asked.school, asked.day, handin_types=types)
    return _printout(head.title, [totals_part(_rows(asked), head=head, summary=summary)])


def _printout(title: str, parts: list[Part], empty: str = "") -> Printout:
    return Printout(title, tuple(parts), sum(part.count for part in parts), empty)


_MAKERS: dict[PrintKind, Callable[[_Asked], Printout]] = {
    PrintKind.SLOT_LABELS: _slot_labels,
    PrintKind.PUPIL_LABELS: _pupil_labels,
    PrintKind.DEVICE_LABELS: _device_labels,
    PrintKind.COMMAND_CARDS: _command_cards,
    PrintKind.MORNING_REGISTER: _morning_register,
    PrintKind.DAY_REGISTER: _day_register,
    PrintKind.UNCOLLECTED: _uncollected,
    PrintKind.DAY_SUMMARY: _day_summary,
}
