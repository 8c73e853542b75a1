"""Whom the lines of a pasted list mean: codes, admission numbers, slots and names, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from core.kit.text import fold
from core.kit.times import clock, moment
from core.kit.times import day as day_in_words
from core.people.models import Pupil, School
from core.people.queries import all_pupils, pupils_on_roll
from core.rules.queries import for_school
from devices.enums import Basis, MarkKind, PasteAct
from devices.models import CustodyRecord, PupilDevice, Slot
from devices.queries.forms import settled_by
from devices.queries.register import slots_of
from devices.queries.standing import Standing, standing_of

# How many pupils a line may fit before it is sent back: a longer choice helps nobody.
MOST_CHOICES = 12

_CODE_LENGTH, _LABEL_LENGTH = 9, 12
_NAMES = ("school_id", "admission_number", "legal_forename", "preferred_forename", "legal_surname", "search_text")


@dataclass(frozen=True)
class Choice:
    """One thing a line can mean: `key` says of which table, `label` is for the screen."""

    key: str
    label: str


@dataclass
class PasteLine:
    """One line: what was typed, what it can mean, and in words why there is nothing to record (`told`)."""

    number: int
    text: str
    choices: list[Choice] = field(default_factory=list)
    told: str = ""

    @property
    def kind(self) -> str:
        if self.told:
            return "told"
        return "one" if len(self.choices) == 1 else "several" if self.choices else "none"


@dataclass(frozen=True)
class _Meant:
    """A pupil a line can mean; with `device` or `slot` where the line named one."""

    pupil: Pupil
    device: PupilDevice | None = None
    slot: Slot | None = None


def match_lines(school: School, texts: Sequence[str], act: str, day: date, now: datetime) -> list[PasteLine]:
    """Each line with what it can mean for `act`; never guesses between two. Lines that mean the same pupil as an
    earlier one are told so."""
    meant = _Matcher(school, texts, day).all()
    keys = sorted({one.pupil.pk for found in meant for one in found})
    standing = standing_of(school, day, keys)
    stays = _open_stays(school, keys) if act == PasteAct.GIVEN_BACK else {}
    rules = for_school(school, on=day)
    lines: list[PasteLine] = []
    seen: dict[str, int] = {}
    for number, (text, found) in enumerate(zip(texts, meant, strict=True), start=1):
        line = PasteLine(number, text)
        if len(found) > MOST_CHOICES:
            line.told = f"Fits {len(found)} pupils. Type more of the name, or the admission number."
        elif act == PasteAct.GIVEN_BACK:
            _going(line, found, stays)
        else:
            _coming(line, found, act, standing, rules, day, now)
        if line.kind == "one":
            earlier = seen.setdefault(line.choices[0].key, number)
            if earlier != number:
                line.choices, line.told = [], f"The same as line {earlier}."
        lines.append(line)
    return lines


def _going(line: PasteLine, found: Sequence[_Meant], stays: dict[int, list[CustodyRecord]]) -> None:
    for one in found:
        for stay in stays.get(one.pupil.pk, []):
            if one.device is not None and stay.device_id != one.device.pk:
                continue
            if one.slot is not None and stay.slot_id != one.slot.pk:
                continue
            where = str(stay.slot) if stay.slot else stay.place.name if stay.place else ""
            line.choices.append(Choice(f"c{stay.pk}", f"{_label(one.pupil)}: {stay.device.description}, {where}"))
    if found and not line.choices:
        line.told = f"{_label(found[0].pupil)}: nothing is here." if len(found) == 1 else "Nothing of theirs is here."


def _coming(
    line: PasteLine, found: Sequence[_Meant], act: str, standing: Standing, rules: Any, day: date, now: datetime
) -> None:
    for one in found:
        if act == PasteAct.HANDED_IN and one.device is not None:
            line.choices.append(Choice(f"d{one.device.pk}", f"{_label(one.pupil)}: {one.device.description}"))
        else:
            line.choices.append(Choice(f"p{one.pupil.pk}", _label(one.pupil)))
    if len(found) == 1:
        told = _known(found[0], act, standing, rules, day, now)
        if told:
            line.choices, line.told = [], f"{_label(found[0].pupil)}: {told}"


def _known(one: _Meant, act: str, standing: Standing, rules: Any, day: date, now: datetime) -> str:
    """Why there is nothing to record of a pupil; empty when there is."""
    pupil = one.pupil
    if pupil.left_on is not None and pupil.left_on < day:
        return f"left on {day_in_words(pupil.left_on)}."
    stay = settled_by(pupil.pk, standing, rules)
    if one.device is not None and act == PasteAct.HANDED_IN:
        stays = standing.stays.get(pupil.pk, [])
        stay = next((held for held in stays if held.is_open and held.device_id == one.device.pk), None)
    if act == PasteAct.NO_DEVICE and stay is None:
        stay = next((held for held in standing.stays.get(pupil.pk, []) if held.is_open), None)
    if act == PasteAct.ABSENT and stay is not None and stay.day != day:
        stay = None
    if stay is not None:
        return f"in already, {moment(stay.opened_at, now=now)}, by {stay.opened_by.display_name}."
    declared = standing.declared.get(pupil.pk)
    if act == PasteAct.NO_DEVICE and declared is not None:
        return f"said already, {clock(declared.declared_at)}."
    marks = [mark for mark in standing.marks.get(pupil.pk, []) if mark.kind == MarkKind.ABSENT]
    if act == PasteAct.ABSENT and marks:
        return f"marked already, {clock(marks[0].marked_at)}."
    return ""


def _label(pupil: Pupil) -> str:
    where = pupil.form.name if pupil.form else "no form"
    return f"{pupil.display_name}, {where}" + (f", no. {pupil.admission_number}" if pupil.admission_number else "")


def _open_stays(school: School, keys: Sequence[int]) -> dict[int, list[CustodyRecord]]:
    found: dict[int, list[CustodyRecord]] = {}
    stays = CustodyRecord.objects.filter(school=school, pupil__in=keys, closed_at__isnull=True, basis=Basis.HAND_IN)
    for stay in stays.select_related("device__type", "slot", "place").order_by("id"):
        found.setdefault(stay.pupil_id, []).append(stay)
    return found


class _Matcher:
    """Matches every line at once: printed code, then admission number, then slot, then name, as the desk's box does."""

    def __init__(self, school: School, texts: Sequence[str], day: date) -> None:
        self.school, self.day = school, day
        self.texts = [" ".join(text.split())[:80] for text in texts]
        codes = {text.upper() for text in self.texts if len(text) == _CODE_LENGTH}
        self.pupils = {one.code: one for one in self._pupils(code__in=codes)}
        self.devices = {one.code: one for one in self._devices(code__in=codes)}
        numbers = {number for text in self.texts if text.isdecimal() for number in (text, text.zfill(6))}
        self.numbers = {one.admission_number: one for one in self._pupils(admission_number__in=numbers)}
        self._read_slots()
        self._on_roll: list[tuple[Pupil, set[str]]] | None = None

    def all(self) -> list[list[_Meant]]:
        return [self._one(text) for text in self.texts]

    def _one(self, text: str) -> list[_Meant]:
        code = text.upper()
        if code in self.pupils:
            return [_Meant(self.pupils[code])]
        if code in self.devices:
            return [_Meant(self.devices[code].pupil, device=self.devices[code])]
        number = self.numbers.get(text) or (self.numbers.get(text.zfill(6)) if text.isdecimal() else None)
        if number is not None:
            return [_Meant(number)]
        slots = self.slots.get(code, [])
        if len(slots) == 1:
            return self.in_slot.get(slots[0].pk, [])
        return [] if slots or not text else [_Meant(pupil) for pupil in self._named(text)]

    def _read_slots(self) -> None:
        """Slots by code and by number, each with what is in it, else with whose usual slot it is."""
        wanted = {text.upper() for text in self.texts if len(text) <= _LABEL_LENGTH}
        self.slots: dict[str, list[Slot]] = {}
        found = list(slots_of(self.school).filter(Q(code__in=wanted) | Q(label__in=wanted)))
        for slot in found:
            for name in {slot.code, slot.label.upper()} & wanted:
                self.slots.setdefault(name, []).append(slot)
        self.in_slot: dict[int, list[_Meant]] = {}
        owners = self._devices(usual_slot__in=found, retired_on__isnull=True)
        for device in owners:
            self.in_slot.setdefault(device.usual_slot_id or 0, []).append(_Meant(device.pupil, device=device))
        held = CustodyRecord.objects.filter(slot__in=found, closed_at__isnull=True)
        for stay in held.select_related("pupil__form", "device__type", "slot"):
            self.in_slot[stay.slot_id] = [_Meant(stay.pupil, device=stay.device, slot=stay.slot)]

    def _named(self, text: str) -> list[Pupil]:
        """Those on roll in whose names or form every word of the line begins a word; all words exactly, if any are."""
        words = fold(text.replace(",", " ")).split()
        if self._on_roll is None:
            pupils = pupils_on_roll(self.school, self.day).only(*_NAMES, "left_on", "form__name")
            self._on_roll = [
                (one, {*one.search_text.split(), *fold(one.form.name if one.form else "").split()})
                for one in pupils.order_by("legal_surname", "legal_forename", "id")
            ]
        exact = [one for one, known in self._on_roll if known.issuperset(words)]
        if exact:
            return exact
        return [
            one for one, known in self._on_roll if all(any(name.startswith(word) for name in known) for word in words)
        ]

    def _pupils(self, **which: Any) -> Iterable[Pupil]:
        pupils: Iterable[Pupil] = all_pupils(self.school).filter(**which).select_related("form")
        return pupils

    def _devices(self, **which: Any) -> Iterable[PupilDevice]:
        devices: Iterable[PupilDevice] = (
            PupilDevice.objects.filter(school=self.school, **which).select_related("type", "pupil__form").order_by("id")
        )
        return devices
