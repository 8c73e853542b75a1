"""Lists on paper for staff: the morning's paper twin, the register of a day, what was not collected, the day's figures.

Names stand on them, so every sheet says for whom it is and that it is shredded afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from core.kit.pdf import Part
from core.kit.qr import Qr, qr_code
from core.kit.times import clock, moment
from core.kit.times import day as day_in_words
from core.people.models import Pupil
from devices.models import CustodyRecord, PupilDevice
from devices.queries import RegisterRow
from devices.queries.closing import DaySummary
from devices.queries.day import DayFacts

NO_FORM = "No form"
# What is ticked by hand; the words of the desk, so that typing in afterwards needs no translation.
TICKS = ("In", "No phone", "Refused", "Permitted", "Absent")


@dataclass(frozen=True)
class Head:
    """What stands at the head and foot of every page."""

    school_name: str
    title: str
    printed: str


@dataclass(frozen=True)
class MorningLine:
    """One pupil of the morning register."""

    code: str
    name: str
    slot: str
    devices: tuple[str, ...]
    known: str = ""

    @property
    def qr(self) -> Qr:
        return qr_code(self.code)


@dataclass(frozen=True)
class DayLine:
    """One pupil, or one of a pupil's devices, on the register of a day."""

    name: str
    status: str
    device: str
    place: str
    came: str
    went: str


@dataclass(frozen=True)
class UncollectedLine:
    """One device that nobody fetched."""

    name: str
    form: str
    device: str
    place: str
    since: str


def form_name(pupil: Pupil) -> str:
    return pupil.form.name if pupil.form else NO_FORM


def morning_parts(
    pupils: Iterable[Pupil], devices: Iterable[PupilDevice], facts: DayFacts, *, head: Head, child: str
) -> list[Part]:
    """A part for each form, numbered on its own, so that each tutor gets one stack. `pupils` come form by form.

    What the day knows already, such as a permission or a placement, stands beside the name.
    """
    owned: dict[int, list[PupilDevice]] = {}
    for device in devices:
        owned.setdefault(device.pupil_id, []).append(device)
    parts = []
    for form, group in groupby(pupils, key=form_name):
        lines = [_morning_line(pupil, owned.get(pupil.pk, []), facts) for pupil in group]
        parts.append(
            Part(
                "pdf/morning_register.html",
                {"title": head.title, "head": head, "form": form, "lines": lines, "ticks": TICKS, "child": child},
                ("pdf/registers.css",),
                count=len(lines),
            )
        )
    return parts


def _morning_line(pupil: Pupil, devices: Sequence[PupilDevice], facts: DayFacts) -> MorningLine:
    slots = [device.usual_slot for device in devices if device.usual_slot]
    return MorningLine(
        code=pupil.code,
        name=pupil.sort_name,
        slot=", ".join(f"{slot.place.name} {slot.label}" for slot in slots),
        devices=tuple(device.description for device in devices),
        known=_known(pupil, facts),
    )


def _known(pupil: Pupil, facts: DayFacts) -> str:
    """ "With pupil by agreement, for: glucose monitor", "At Riverside College": why nobody looks for a device of this
    pupil today."""
    if pupil.pk in facts.permitted:
        limits = facts.limits.get(pupil.pk, "")
        return f"{facts.permitted[pupil.pk]}{f', {limits}' if limits else ''}"
    return f"At {facts.placed[pupil.pk]}" if pupil.pk in facts.placed else ""


def register_parts(rows: Sequence[RegisterRow], *, head: Head) -> list[Part]:
    """The register of a day, form after form, and the totals of each (DOC-09). `rows` come form by form."""
    forms = [
        (form, [_day_line(row) for row in group]) for form, group in groupby(rows, key=lambda row: form_name(row.pupil))
    ]
    context = {"title": head.title, "head": head, "forms": forms}
    register = Part("pdf/day_register.html", context, ("pdf/registers.css",), count=len(rows))
    return [register, totals_part(rows, head=head)]


def _day_line(row: RegisterRow) -> DayLine:
    return DayLine(
        name=row.pupil.sort_name,
        status=row.word,
        device=row.device,
        place=row.slot,
        came=clock(row.handed_in_at) if row.handed_in_at else "",
        went=clock(row.returned_at) if row.returned_at else "",
    )


def totals_part(rows: Sequence[RegisterRow], *, head: Head, summary: DaySummary | None = None) -> Part:
    """How many stand at each word of the register, by form and in all; with `summary`, the day's book above it.

    Of the summary the figures alone are taken: this sheet names no pupil.
    """
    words = list(dict.fromkeys(row.word for row in rows))
    by_form: dict[str, Counter[str]] = {}
    for row in rows:
        by_form.setdefault(form_name(row.pupil), Counter())[row.word] += 1
    in_all = sum(by_form.values(), Counter[str]())
    lines = [(form, [count[word] for word in words], count.total()) for form, count in by_form.items()]
    if len(lines) > 1:
        lines.append(("All", [in_all[word] for word in words], in_all.total()))
    return Part(
        "pdf/day_totals.html",
        {"title": head.title, "head": head, "words": words, "lines": lines, "figures": _figures(summary)},
        ("pdf/registers.css",),
        count=0 if summary is None else 1,
    )


def _figures(summary: DaySummary | None) -> list[tuple[str, str]]:
    """The day in figures, as the page of the same name gives them."""
    if summary is None:
        return []
    book = summary.totals
    figures = [
        ("Handed in", book.handed_in),
        *((f"At the gate “{gate}”", number) for gate, number in summary.gates),
        ("Given back", book.returned),
        ("Still here from this day", book.still_here),
        ("Not collected by office close", len(summary.uncollected)),
        ("Kept overnight by a decision", len(summary.kept)),
        ("Lost", book.lost),
        ("Taken since it was handed in", book.taken),
        ("Here from an earlier day", book.kept_from_before),
        ("Brought none", book.none_today),
        ("Asked and did not hand in", book.refused),
        ("Kept it by permission", book.permitted),
        ("Absent", book.absent),
        ("Not seen", book.not_seen),
        *((f"Noted: {flag[:1].lower()}{flag[1:]}", number) for flag, number in summary.flags),
    ]
    lines = [(word, str(number)) for word, number in figures]
    lines.append(("The book", "It balances." if book.balances else "It does not balance: see the register."))
    closed = summary.closes[-1] if summary.closes else None
    said = f"{moment(closed.closed_at)}, by {closed.closed_by.display_name}" if closed else "Not closed"
    return [*lines, ("The day was closed", said)]


def uncollected_parts(stays: Iterable[CustodyRecord], *, head: Head) -> list[Part]:
    """Every device that nobody fetched, oldest first, until it is dealt with (DEV-09, DOC-09)."""
    lines = [
        UncollectedLine(
            name=stay.pupil.sort_name,
            form=form_name(stay.pupil),
            device=stay.device.description,
            place=place_words(stay),
            since=day_in_words(stay.day),
        )
        for stay in stays
    ]
    context = {"title": head.title, "head": head, "forms": [("", lines)]}
    return [Part("pdf/uncollected.html", context, ("pdf/registers.css",), count=len(lines))]


def place_words(stay: CustodyRecord) -> str:
    """ "Office safe, slot 12": where a device is."""
    return ", ".join(str(part) for part in (stay.place, stay.slot) if part is not None)


def head_of(school_name: str, what: str, day: date, at: datetime) -> Head:
    """ "Morning register, 23 November 2026", and when it was made."""
    return Head(school_name, f"{what}, {day_in_words(day)}", moment(at))
