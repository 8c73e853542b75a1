"""Pupils: who in the list is who on the roll, what changed, who is new, who is not in the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.kit.text import fold
from core.roll.checking import Checked, CheckedRow
from core.roll.comparing.forms import Forms
from core.roll.comparing.now import PupilNow, RollNow
from core.roll.comparing.plan import Keys, Plan, Planned, Values, differences
from core.roll.enums import Action, Entity, FileKind
from core.roll.reading import Problem

_COMPARED = (
    "upn", "admission_number", "legal_forename", "legal_surname", "preferred_forename", "date_of_birth", "gender",
    "year_group", "sen_status", "medical_note", "young_carer", "pupil_premium", "ethnicity", "is_boarder",
)  # fmt: skip
# An empty cell does not take these away: a file that lacks them is likelier than a pupil who lost them.
_KEPT_WHEN_EMPTY = frozenset({"upn", "admission_number", "date_of_birth", "medical_note", "ethnicity"})
_PUPILS = FileKind.PUPILS


class _Roll:
    """The pupils there are, by everything they can be found by."""

    def __init__(self, pupils: Sequence[PupilNow]) -> None:
        self.by_upn = {pupil.upn: pupil for pupil in pupils if pupil.upn}
        self.by_number = {pupil.admission_number.casefold(): pupil for pupil in pupils if pupil.admission_number}
        self.pupils = pupils
        self._by_name: dict[tuple[str, str, date | None], list[PupilNow]] | None = None

    def named(self, values: Values) -> list[PupilNow]:
        """Pupils of the same legal name and date of birth."""
        if self._by_name is None:
            self._by_name = {}
            for pupil in self.pupils:
                key = (fold(pupil.legal_surname), fold(pupil.legal_forename), pupil.date_of_birth)
                self._by_name.setdefault(key, []).append(pupil)
        return self._by_name.get(
            (fold(values["legal_surname"]), fold(values["legal_forename"]), values["date_of_birth"]), []
        )

    def find(self, values: Values) -> tuple[PupilNow | None, str]:
        """The pupil that a row means, or why that cannot be said."""
        upn, number = values.get("upn") or "", str(values.get("admission_number") or "").casefold()
        by_upn = self.by_upn.get(upn) if upn else None
        by_number = self.by_number.get(number) if number else None
        if by_upn is not None and by_number is not None and by_upn.id != by_number.id:
            return None, "The UPN belongs to one pupil on the roll and the admission number to another."
        if by_upn is not None:
            return by_upn, ""
        if by_number is not None:
            if by_number.upn and upn and not _alike(by_number, values):
                return None, "The admission number belongs to another pupil on the roll, with another UPN and name."
            return by_number, ""
        if not values.get("date_of_birth"):
            return None, ""
        namesakes = [
            pupil for pupil in self.named(values) if not (pupil.upn and upn) and not (pupil.admission_number and number)
        ]
        if len(namesakes) > 1:
            return None, "Two pupils on the roll have this name and date of birth. Add the UPN to tell them apart."
        return (namesakes[0], "") if namesakes else (None, "")


def _alike(pupil: PupilNow, values: Values) -> bool:
    same_name = fold(pupil.legal_surname) == fold(values["legal_surname"]) and fold(pupil.legal_forename) == fold(
        values["legal_forename"]
    )
    return same_name or (pupil.date_of_birth is not None and pupil.date_of_birth == values["date_of_birth"])


def plan_pupils(plan: Plan, now: RollNow, keys: Keys, forms: Forms, checked: Checked | None) -> dict[int, int]:
    """Plan every pupil of the list, and propose the others as leavers. Returns row number to pupil key."""
    roll = _Roll(now.pupils)
    for known in now.pupils:
        _known(plan, known.id, known.upn, known.admission_number, f"{known.legal_forename} {known.legal_surname}")
    if checked is None:
        return {}
    claimed: dict[int, int] = {}
    matched: dict[int, int] = {}
    found: list[tuple[CheckedRow, PupilNow | None]] = []
    for row in checked.rows:
        pupil, trouble = roll.find(row.values)
        if pupil is not None and pupil.id in claimed:
            trouble = f"This row and row {claimed[pupil.id]} both mean the same pupil on the roll."
        if trouble:
            _refuse(plan, checked, row, trouble)
            continue
        if pupil is not None:
            claimed[pupil.id] = row.number
        found.append((row, pupil))
    absent = _absent(now, checked, claimed)
    for known in now.pupils:
        if known.left_on is None and known.id not in claimed:
            forms.stays(known.form_id, known.year_group)
    for row, pupil in found:
        key = _plan_one(plan, now, keys, forms, checked, row, pupil)
        matched[row.number] = key
    for gone in absent:
        plan.count(_PUPILS, "left")
        plan.changes.append(
            Planned(
                Entity.PUPIL, Action.CLOSE, _PUPILS, gone.id, {"left_on": plan.effective_on}, {"left_on": None},
                belongs_to=gone.id, label=plan.pupil_labels[gone.id], expected_version=gone.version, is_chosen=False,
            )
        )  # fmt: skip
    return matched


def _plan_one(
    plan: Plan,
    now: RollNow,
    keys: Keys,
    forms: Forms,
    checked: Checked,
    row: CheckedRow,
    pupil: PupilNow | None,
) -> int:
    values = row.values
    wanted: dict[str, Any] = {name: values[name] for name in _COMPARED if name in values}
    if "form" in checked.fields:
        wanted["form_id"] = forms.for_pupil(values["form"], values["year_group"])
    label = f"{values['legal_forename']} {values['legal_surname']}"
    if pupil is None:
        key = keys.take(Entity.PUPIL)
        wanted["joined_on"] = None if plan.first_roll else plan.effective_on
        plan.changes.append(
            Planned(Entity.PUPIL, Action.ADD, _PUPILS, key, wanted, row=row.number, belongs_to=key, label=label)
        )
        plan.count(_PUPILS, "add")
    else:
        key = pupil.id
        wanted = {name: value for name, value in wanted.items() if value or name not in _KEPT_WHEN_EMPTY}
        if "form_id" not in wanted:
            forms.stays(pupil.form_id, values["year_group"])
        if pupil.left_on is not None and pupil.left_on <= plan.effective_on:
            wanted["left_on"] = None
        old, new = differences(pupil, wanted)
        if new:
            for side in (old, new):
                if side.get("form_id"):
                    side["form"] = forms.name(side["form_id"])
            plan.changes.append(
                Planned(
                    Entity.PUPIL, Action.CHANGE, _PUPILS, key, new, old, row.number, key, label,
                    expected_version=pupil.version,
                )
            )  # fmt: skip
            plan.count(_PUPILS, "change")
        else:
            plan.count(_PUPILS, "same")
    provider = values.get("placement") or ""
    if provider and (key, provider.casefold()) not in now.placements:
        plan.changes.append(
            Planned(
                Entity.PLACEMENT, Action.ADD, _PUPILS, keys.take(Entity.PLACEMENT),
                {"pupil_id": key, "provider": provider, "starts_on": None if plan.first_roll else plan.effective_on},
                row=row.number, belongs_to=key, label=f"{label}: {provider}",
            )
        )  # fmt: skip
        plan.count(_PUPILS, "placements")
    _known(plan, key, str(wanted.get("upn") or ""), str(wanted.get("admission_number") or ""), label)
    return key


def _known(plan: Plan, key: int, upn: str, number: str, label: str) -> None:
    if upn:
        plan.pupil_ids[upn] = key
    if number:
        plan.pupil_ids[number.casefold()] = key
    plan.pupil_labels[key] = label


def _refuse(plan: Plan, checked: Checked, row: CheckedRow, sentence: str) -> None:
    upn = str(row.values.get("upn") or "")
    plan.problem(_PUPILS, Problem(row.number, "", upn, sentence))
    for text in (upn, str(row.values.get("admission_number") or "").casefold()):
        if text:
            checked.refused.setdefault(text, row.number)


def _absent(now: RollNow, checked: Checked, claimed: dict[int, int]) -> list[PupilNow]:
    """Pupils on roll of whom the list says nothing; one whose row had a problem is in the list."""
    if not checked.rows:
        return []
    return [
        pupil
        for pupil in now.pupils
        if pupil.left_on is None
        and pupil.id not in claimed
        and not (pupil.upn and pupil.upn in checked.refused)
        and not (pupil.admission_number and pupil.admission_number.casefold() in checked.refused)
    ]
