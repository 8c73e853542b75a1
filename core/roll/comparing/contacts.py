"""Contacts: matched within each pupil, and the questions that their court-order notes put to the DSL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.roll.checking import Checked, Values
from core.roll.comparing.now import ContactNow, RollNow
from core.roll.comparing.plan import Keys, Plan, Planned, differences
from core.roll.enums import Action, Entity, FileKind
from core.roll.reading import Problem

_COMPARED = (
    "forename", "surname", "relationship", "priority", "mobile", "phone", "email", "has_parental_responsibility",
    "court_order_note",
)  # fmt: skip
_KEPT_WHEN_EMPTY = frozenset({"court_order_note", "relationship", "has_parental_responsibility"})
_Row = tuple[int, Values]


def plan_contacts(
    plan: Plan, now: RollNow, keys: Keys, pupils: Checked | None, contacts: Checked | None, matched: dict[int, int]
) -> None:
    """Plan the contacts of a list of their own, or those that stand in the columns of a pupils' list."""
    by_pupil: dict[int, list[_Row]] = {}
    kind = FileKind.CONTACTS
    if contacts is not None:
        refused = pupils.refused if pupils is not None else {}
        for row in contacts.rows:
            pupil = _pupil_of(plan, row.values, row.number, refused)
            if pupil is not None:
                by_pupil.setdefault(pupil, []).append((row.number, row.values))
    elif pupils is not None and any(field.startswith("contact") for field in pupils.fields):
        kind = FileKind.PUPILS
        plan.summary[FileKind.CONTACTS.value] = {"rows": 0, "add": 0, "change": 0, "same": 0, "left": 0}
        for row in pupils.rows:
            if row.number in matched:
                by_pupil[matched[row.number]] = [(row.number, values) for values in row.contacts]
                plan.count(FileKind.CONTACTS, "rows", len(row.contacts))
    present: dict[int, list[ContactNow]] = {}
    for contact in now.contacts:
        present.setdefault(contact.pupil_id, []).append(contact)
    for pupil, rows in by_pupil.items():
        _plan_pupil(plan, keys, kind, pupil, rows, present.get(pupil, []), now.proposals)


def _pupil_of(plan: Plan, values: Values, row: int, refused: dict[str, int]) -> int | None:
    upn, number = values["upn"], values["admission_number"]
    key = plan.pupil_ids.get(upn) if upn else None
    if key is None and number:
        key = plan.pupil_ids.get(number.casefold())
    if key is not None:
        return key
    left_out = refused.get(upn) or refused.get(number.casefold())
    whose = f"UPN {upn}" if upn else f"admission number {number}"
    sentence = (
        f"The pupil of this contact is left out: see row {left_out} of the pupils' list."
        if left_out
        else f"No pupil with {whose} is on the roll or in the pupils' list."
    )
    plan.problem(FileKind.CONTACTS, Problem(row, "", upn or number, sentence))
    return None


_PASSES: tuple[Callable[[ContactNow, Values], bool], ...] = (
    lambda now, row: _name(now) == _row_name(row) and now.relationship == row.get("relationship", now.relationship)
    and now.priority == row["priority"],
    lambda now, row: _name(now) == _row_name(row) and _reached_alike(now, row),
    lambda now, row: _name(now) == _row_name(row),
    lambda now, row: bool(now.email) and now.email.casefold() == row.get("email"),
    lambda now, row: bool(now.mobile) and now.mobile == row.get("mobile")
    and now.relationship == row.get("relationship", now.relationship),
)  # fmt: skip


def _name(contact: ContactNow) -> tuple[str, str]:
    return contact.forename.casefold(), contact.surname.casefold()


def _row_name(row: Values) -> tuple[str, str]:
    return row["forename"].casefold(), row["surname"].casefold()


def _reached_alike(contact: ContactNow, row: Values) -> bool:
    return (bool(contact.email) and contact.email.casefold() == row.get("email")) or (
        bool(contact.mobile) and contact.mobile == row.get("mobile")
    )


def _plan_pupil(
    plan: Plan,
    keys: Keys,
    kind: FileKind,
    pupil: int,
    rows: list[_Row],
    present: list[ContactNow],
    asked: set[tuple[int, str]],
) -> None:
    _number(rows)
    pairs: dict[int, ContactNow] = {}
    free = list(present)
    for test in _PASSES:
        if not free:
            break
        for place, (_, values) in enumerate(rows):
            if place in pairs:
                continue
            match = next((contact for contact in free if test(contact, values)), None)
            if match is not None:
                pairs[place] = match
                free.remove(match)
    for place, (number, values) in enumerate(rows):
        _plan_one(plan, keys, kind, pupil, number, values, pairs.get(place), asked)
    for contact in free:
        plan.count(FileKind.CONTACTS, "left")
        plan.changes.append(
            Planned(
                Entity.CONTACT, Action.CLOSE, kind, contact.id, {"ended_on": plan.effective_on}, {"ended_on": None},
                belongs_to=pupil, label=_label(contact.forename, contact.surname, plan, pupil),
                expected_version=contact.version, is_chosen=False,
            )
        )  # fmt: skip


def _number(rows: list[_Row]) -> None:
    """Rows without a priority come after those with one, in the order of the file."""
    last = max((values["priority"] or 0 for _, values in rows), default=0)
    for _, values in rows:
        if values["priority"] is None:
            last += 1
            values["priority"] = last


def _plan_one(
    plan: Plan,
    keys: Keys,
    kind: FileKind,
    pupil: int,
    number: int,
    values: Values,
    contact: ContactNow | None,
    asked: set[tuple[int, str]],
) -> None:
    wanted: dict[str, Any] = {name: values[name] for name in _COMPARED if name in values}
    label = _label(values["forename"], values["surname"], plan, pupil)
    note = values.get("court_order_note") or ""
    if contact is None:
        key = keys.take(Entity.CONTACT)
        wanted["pupil_id"] = pupil
        if note:
            wanted["may_collect"] = False
        plan.changes.append(
            Planned(Entity.CONTACT, Action.ADD, kind, key, wanted, row=number, belongs_to=pupil, label=label)
        )
        plan.count(FileKind.CONTACTS, "add")
    else:
        key = contact.id
        wanted = {
            name: value for name, value in wanted.items() if value not in ("", None) or name not in _KEPT_WHEN_EMPTY
        }
        if note and note != contact.court_order_note:
            wanted["may_collect"] = False
        old, new = differences(contact, wanted)
        if new:
            plan.changes.append(
                Planned(
                    Entity.CONTACT, Action.CHANGE, kind, key, new, old, number, pupil, label,
                    expected_version=contact.version,
                )
            )  # fmt: skip
            plan.count(FileKind.CONTACTS, "change")
        else:
            plan.count(FileKind.CONTACTS, "same")
    if note and (key, note) not in asked and not (contact is not None and contact.do_not_inform):
        asked.add((key, note))
        plan.count(FileKind.CONTACTS, "proposals")
        plan.changes.append(
            Planned(
                Entity.PROPOSAL, Action.ADD, kind, keys.take(Entity.PROPOSAL), {"contact_id": key, "note": note},
                row=number, belongs_to=pupil, label=label,
            )
        )  # fmt: skip


def _label(forename: str, surname: str, plan: Plan, pupil: int) -> str:
    return f"{forename} {surname}".strip() + f", for {plan.pupil_labels.get(pupil, 'a pupil')}"
