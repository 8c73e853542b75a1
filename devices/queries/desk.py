"""What somebody at the desk meant by what was scanned or typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.db.models import QuerySet

from core.people.models import FormGroup, Pupil, School
from core.people.queries import all_pupils, find_pupils, forms_of, pupils_on_roll
from devices.models import PupilDevice, Slot
from devices.queries.scan import scanned_by_code, scanned_by_number

_CODE = re.compile(r"^[PSD][2-9A-HJKMNP-TV-Z]{8}$")


@dataclass(frozen=True)
class DeskMatch:
    """One of: exactly one pupil, several to choose from, a form, a slot, a pupil who has left, or nothing."""

    kind: Literal["pupil", "choose", "form", "slot", "left", "none"]
    text: str
    pupil: Pupil | None = None
    device: PupilDevice | None = None
    slot: Slot | None = None
    form: FormGroup | None = None
    pupils: list[Pupil] = field(default_factory=list)
    near: bool = False


def looks_like_code(text: str) -> bool:
    """Whether the text has the shape of a printed code or a number, which nobody needs suggestions for."""
    return bool(_CODE.match(text.strip().upper())) or any(character.isdigit() for character in text)


def looks_like_form(text: str) -> bool:
    """Whether the text could be a form's name, such as 8B or 10 Ash: figures first, then letters."""
    return bool(re.match(r"^\d{1,2}\s?[A-Za-z]", text.strip()))


def find_at_desk(school: School, text: str, *, on: date) -> DeskMatch:
    """Match in this order: printed code, admission number, form, slot number, name. Never guesses between two.

    An exact code or number costs one statement. A name that matches only with a typing error allowed is offered for
    choosing, even when it is the only one (`near`).
    """
    typed = " ".join(text.split())[:80]
    upper = typed.upper()
    if not typed:
        return DeskMatch("none", typed)
    if _CODE.match(upper):
        found = _by_code(school, upper, typed, on)
        if found is not None:
            return found
    if typed.isdigit():
        found = _by_admission_number(school, typed, on)
        if found is not None:
            return found
    form = forms_of(school).filter(name__iexact=typed).first()
    if form is not None:
        pupils = pupils_on_roll(school, on).filter(form=form).order_by("legal_surname", "legal_forename")
        return DeskMatch("form", typed, form=form, pupils=list(pupils))
    slots = list(_slots(school).filter(label__iexact=typed)[:2])
    if len(slots) == 1:
        return DeskMatch("slot", typed, slot=slots[0])
    result = find_pupils(school, typed, on=on, limit=8)
    if len(result.pupils) == 1 and not result.near:
        return DeskMatch("pupil", typed, pupil=result.pupils[0])
    if result.pupils:
        return DeskMatch("choose", typed, pupils=result.pupils, near=result.near)
    return DeskMatch("none", typed)


def match_pupil(school: School, pupil_id: int) -> Pupil | None:
    """The pupil whom the person at the desk chose from a list, on roll or not."""
    return all_pupils(school).filter(pk=pupil_id).first()


def _slots(school: School) -> QuerySet[Slot]:
    return Slot.objects.filter(school=school, place__closed_on__isnull=True).select_related("place")


def _by_code(school: School, code: str, typed: str, on: date) -> DeskMatch | None:
    if code[0] == "P":
        return _pupil_match(scanned_by_code(school, code, on=on), typed, on)
    if code[0] == "D":
        device = (
            PupilDevice.objects.filter(school=school, code=code)
            .select_related("type", "pupil__form", "usual_slot__place")
            .first()
        )
        if device is not None:
            match = _pupil_match(device.pupil, typed, on)
            return DeskMatch(match.kind, typed, pupil=match.pupil, device=device) if match else None
    slot = _slots(school).filter(code=code).first()
    return DeskMatch("slot", typed, slot=slot) if slot is not None else None


def _by_admission_number(school: School, number: str, on: date) -> DeskMatch | None:
    pupils = scanned_by_number(school, number, on=on)
    if len(pupils) > 1:
        pupils = [pupil for pupil in pupils if pupil.admission_number == number]
    return _pupil_match(pupils[0], number, on) if pupils else None


def _pupil_match(pupil: Pupil | None, typed: str, on: date) -> DeskMatch | None:
    if pupil is None:
        return None
    if pupil.left_on is not None and pupil.left_on < on:
        return DeskMatch("left", typed, pupil=pupil)
    return DeskMatch("pupil", typed, pupil=pupil)
