"""The plan of an import: its changes in the order in which they can be made, its counts, and what stood in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from core.roll.checking import Checked
from core.roll.comparing.now import RollNow
from core.roll.enums import Action, Entity, FileKind
from core.roll.reading import Problem

Values = dict[str, Any]
_ORDER = {entity: place for place, entity in enumerate(Entity)}


class Keys(Protocol):
    """Gives out the keys of records that do not exist yet, so that a change can be written down with its key."""

    def take(self, entity: Entity) -> int: ...


@dataclass(slots=True)
class Planned:
    """One record to add, change or close; `old` and `new` hold only the fields that the import sets."""

    entity: Entity
    action: Action
    kind: FileKind
    target_id: int
    new: Values
    old: Values = field(default_factory=dict)
    row: int | None = None
    belongs_to: int | None = None
    label: str = ""
    expected_version: int = 0
    is_chosen: bool = True


@dataclass
class Plan:
    """What an import would do, and what keeps rows of it out."""

    effective_on: date
    first_roll: bool
    changes: list[Planned] = field(default_factory=list)
    problems: list[tuple[FileKind, Problem]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    pupil_ids: dict[str, int] = field(default_factory=dict)  # by UPN and by admission number, this import's included
    pupil_labels: dict[int, str] = field(default_factory=dict)
    tutors: dict[int, int] = field(default_factory=dict)  # form to user

    def problem(self, kind: FileKind, problem: Problem) -> None:
        self.problems.append((kind, problem))

    def count(self, kind: FileKind, what: str, number: int = 1) -> None:
        counts = self.summary[kind.value]
        counts[what] = counts.get(what, 0) + number

    def ordered(self) -> list[Planned]:
        """The changes with everything before what refers to it; closing comes last."""
        return sorted(self.changes, key=lambda change: (change.action == Action.CLOSE, _ORDER[change.entity]))


def differences(now: Any, wanted: Mapping[str, Any]) -> tuple[Values, Values]:
    """The fields of `wanted` that differ from the record as it is: (old, new)."""
    old: Values = {}
    new: Values = {}
    for name, value in wanted.items():
        before = getattr(now, name)
        if before != value:
            old[name], new[name] = before, value
    return old, new


def make_plan(
    lists: Sequence[Checked],
    now: RollNow,
    keys: Keys,
    *,
    effective_on: date,
    role_choices: Mapping[str, Sequence[str]] | None = None,
    actor_id: int | None = None,
) -> Plan:
    """Compare checked lists with the roll as it is. Reads nothing and writes nothing (ORG-24).

    Pupils are matched by UPN, then admission number, then legal name with date of birth. Whoever is not in the list
    is proposed as a leaver and stays unless a person ticks them. `actor_id` is never proposed as one.
    """
    from core.roll.comparing.contacts import plan_contacts
    from core.roll.comparing.forms import Forms
    from core.roll.comparing.pupils import plan_pupils
    from core.roll.comparing.staff import plan_staff

    plan = Plan(effective_on, first_roll=not now.pupils)
    by_kind = {checked.kind: checked for checked in lists}
    for checked in lists:
        plan.summary[checked.kind.value] = {
            "rows": len(checked.rows) + len(checked.bad_rows), "add": 0, "change": 0, "same": 0, "left": 0,
        }  # fmt: skip
        plan.problems.extend((checked.kind, problem) for problem in checked.problems)
    forms = Forms(plan, now, keys)
    pupils = by_kind.get(FileKind.PUPILS)
    matched = plan_pupils(plan, now, keys, forms, pupils)
    plan_contacts(plan, now, keys, pupils, by_kind.get(FileKind.CONTACTS), matched)
    staff = by_kind.get(FileKind.STAFF)
    if staff is not None:
        plan_staff(plan, now, keys, forms, staff, role_choices or {}, actor_id)
    forms.finish(pupils is not None)
    return plan
