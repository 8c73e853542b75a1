"""Writes planned acts in bulk: the same rows as the operations write one by one, in some dozen statements a day.

`tests/demo/test_writing.py` holds the two ways against each other, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, TypeVar

from django.db import connection, models, transaction
from simple_history.utils import get_history_manager_for_model

from core.audit.models import Entry
from core.people.calendar import calendar_for, london_day
from core.people.models import School
from core.rules.queries import for_school
from devices import operations
from devices.enums import Basis, EventKind, Flag, GivenTo, State
from devices.judgement import bring_flags, desk_terms
from devices.models import BringAgreement, CustodyEvent, CustodyRecord, NoDeviceDeclaration, PupilDevice
from schoolsafe.demo.acts import Act, GiveBack, HandIn, NoneToday, Special

M = TypeVar("M", bound=models.Model)


class Desk:
    """A school's desk during the history: what it holds at the moment, and the two ways of writing an act down."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.calendar = calendar_for(school)
        self.held: dict[int, CustodyRecord] = {}
        agreements = BringAgreement.objects.filter(school=school, approval__over_at__isnull=True)
        self._agreed = [
            (found.approval.pupil_id, found.starts_on, found.ends_on) for found in agreements.select_related("approval")
        ]

    def holds(self, device: PupilDevice) -> bool:
        """Whether the device is here."""
        return device.pk in self.held

    def stay_of(self, device: PupilDevice) -> CustodyRecord:
        """The open stay of a device that is here."""
        return self.held[device.pk]

    def run(self, acts: Sequence[Act]) -> None:
        """Write acts in the order of their times: runs of like acts in bulk, the special ones by operation."""
        for kind, group in groupby(sorted(acts, key=lambda act: act.at), key=_sort_of):
            found = list(group)
            if kind == "special":
                for act in found:
                    if isinstance(act, Special):
                        act.do(self)
            elif kind == "in":
                self._take_in([act for act in found if isinstance(act, HandIn | NoneToday)])
            else:
                self._give_back([act for act in found if isinstance(act, GiveBack)])

    def run_by_operations(self, acts: Sequence[Act]) -> None:
        """Write the same acts one by one through the operations that the pages call."""
        for act in sorted(acts, key=lambda act: act.at):
            if isinstance(act, Special):
                act.do(self)
            elif isinstance(act, HandIn):
                self.held[act.device.pk] = operations.hand_in_device(
                    school=self.school,
                    actor=act.by,
                    at=act.at,
                    pupil=act.device.pupil,
                    device=act.device,
                    switched_off=act.switched_off,
                    condition=act.condition,
                    note=act.note,
                )
            elif isinstance(act, NoneToday):
                operations.declare_no_device(school=self.school, actor=act.by, at=act.at, pupil=act.pupil)
            else:
                operations.return_device(
                    school=self.school,
                    actor=act.by,
                    at=act.at,
                    custody=self.held.pop(act.device.pk),
                    given_to=act.given_to,
                    contact=act.contact,
                    reason=act.reason,
                    condition=act.condition,
                    note=act.note,
                )

    def _take_in(self, acts: Sequence[HandIn | NoneToday]) -> None:
        stays = {id(act): self._stay(act) for act in acts if isinstance(act, HandIn)}
        declared = {id(act): self._declaration(act) for act in acts if isinstance(act, NoneToday)}
        with transaction.atomic():
            _insert(CustodyRecord, list(stays.values()))
            _insert(NoDeviceDeclaration, list(declared.values()))
            CustodyEvent.objects.bulk_create([event for stay in stays.values() for event in _events_in(stay)])
            Entry.objects.bulk_create(
                [
                    self._hand_in_entry(act, stays[id(act)])
                    if isinstance(act, HandIn)
                    else self._entry(act, "devices.declare_no_device", declared[id(act)], {"new": True})
                    for act in acts
                ]
            )
        self.held |= {stay.device_id: stay for stay in stays.values()}

    def _stay(self, act: HandIn) -> CustodyRecord:
        day = london_day(act.at)
        rules = for_school(self.school, on=day)
        device = act.device
        slot = device.usual_slot
        if slot is None:
            raise ValueError("Only devices with a slot of their own are taken in.")
        stay = CustodyRecord(
            school=self.school,
            device=device,
            pupil_id=device.pupil_id,
            day=day,
            basis=Basis.HAND_IN,
            state=State.STORED,
            place=slot.place,
            slot=slot,
            switched_off=act.switched_off,
            condition=act.condition,
            note=act.note,
            bring_reason=device.bring_reason,
            flags=[flag.value for flag in self._flags(act, rules, day)],
            rules_version=rules.version,
            opened_at=act.at,
            opened_by=act.by,
        )
        stay.stamp(by=act.by, at=act.at)
        return stay

    def _flags(self, act: HandIn, rules: Any, day: date) -> list[Flag]:
        terms = desk_terms(rules)
        agreed = any(pupil == act.device.pupil_id and first <= day <= last for pupil, first, last in self._agreed)
        flags = bring_flags(
            terms, has_agreement=terms.needs_agreement and agreed, has_reason=bool(act.device.bring_reason)
        )
        cutoff = self.calendar.at(day, "cutoff")
        if terms.needs_decision:
            flags.append(Flag.UNDECIDED)
        elif cutoff is not None and self.calendar.is_school_day(day) and act.at > cutoff:
            flags.append(Flag.LATE)
        return flags

    def _declaration(self, act: NoneToday) -> NoDeviceDeclaration:
        declared = NoDeviceDeclaration(
            school=self.school, pupil=act.pupil, day=london_day(act.at), declared_at=act.at, declared_by=act.by
        )
        declared.stamp(by=act.by, at=act.at)
        return declared

    def _give_back(self, acts: Sequence[GiveBack]) -> None:
        stays = [self.held.pop(act.device.pk) for act in acts]
        was = [State(stay.state) for stay in stays]
        with transaction.atomic():
            _close(acts, stays)
            CustodyEvent.objects.bulk_create(
                [self._event_out(act, stay, origin) for act, stay, origin in zip(acts, stays, was, strict=True)]
            )
            Entry.objects.bulk_create(
                [
                    self._entry(
                        act,
                        "devices.return",
                        stay,
                        {"given_to": str(act.given_to), "reason": self._early_reason(act, stay), "was": origin.value},
                    )
                    for act, stay, origin in zip(acts, stays, was, strict=True)
                ]
            )

    def _early_reason(self, act: GiveBack, stay: CustodyRecord) -> str:
        """The reason, where the day it is given back has not ended and the rules of its day make that matter."""
        rules, day = for_school(self.school, on=stay.day), london_day(act.at)
        end = self.calendar.at(day, "end_of_day")
        in_time = end is None or act.at >= end or not self.calendar.is_school_day(day)
        return "" if in_time or rules.ordinary_return == "on_leaving_site" else str(act.reason)

    def _event_out(self, act: GiveBack, stay: CustodyRecord, origin: State) -> CustodyEvent:
        taker = stay.device.pupil.display_name
        if act.given_to == GivenTo.CONTACT and act.contact is not None:
            taker = act.contact.display_name
        return CustodyEvent(
            school=self.school,
            custody=stay,
            device_id=stay.device_id,
            basis=stay.basis,
            kind=EventKind.RETURN,
            from_state=origin,
            to_state=State.RETURNED,
            at=act.at,
            recorded_at=act.at,
            by=act.by,
            place_id=stay.place_id,
            slot_id=stay.slot_id,
            given_to=act.given_to,
            given_to_name=taker,
            condition=act.condition,
            reason=self._early_reason(act, stay),
            note=act.note,
        )

    def _hand_in_entry(self, act: HandIn, stay: CustodyRecord) -> Entry:
        label = stay.slot.label if stay.slot else ""
        return self._entry(act, "devices.hand_in", stay, {"slot": label, "flags": stay.flags})

    def _entry(self, act: HandIn | NoneToday | GiveBack, action: str, obj: models.Model, detail: Any) -> Entry:
        return Entry(
            school_id=self.school.pk,
            actor_id=act.by.pk,
            action=action,
            object_type=obj._meta.label_lower,
            object_id=obj.pk,
            detail=detail,
            at=act.at,
        )


def _sort_of(act: Act) -> str:
    if isinstance(act, Special):
        return "special"
    return "out" if isinstance(act, GiveBack) else "in"


def _events_in(stay: CustodyRecord) -> list[CustodyEvent]:
    def event(kind: EventKind, origin: State, target: State, **values: Any) -> CustodyEvent:
        return CustodyEvent(
            school_id=stay.school_id,
            custody=stay,
            device_id=stay.device_id,
            basis=stay.basis,
            kind=kind,
            from_state=origin,
            to_state=target,
            at=stay.opened_at,
            recorded_at=stay.opened_at,
            by_id=stay.opened_by_id,
            **values,
        )

    return [
        event(
            EventKind.HAND_IN,
            State.WITH_PUPIL_OFF_SITE,
            State.HANDED_IN,
            switched_off=stay.switched_off,
            condition=stay.condition,
            note=stay.note,
        ),
        event(EventKind.STORE, State.HANDED_IN, State.STORED, place_id=stay.place_id, slot_id=stay.slot_id),
    ]


def _close(acts: Sequence[GiveBack], stays: Sequence[CustodyRecord]) -> None:
    """Close the stays in one statement and add their history in another; each by its own hand at its own time."""
    for act, stay in zip(acts, stays, strict=True):
        stay.state, stay.closed_at, stay.closed_by = State.RETURNED, max(act.at, stay.opened_at), act.by
        stay.stamp(by=act.by, at=act.at)
    table = connection.ops.quote_name(CustodyRecord._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS stay SET state = %s, closed_at = now.closed_at, closed_by_id = now.by, "  # noqa: S608
            "changed_at = now.at, changed_by_id = now.by, version = now.version "
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::int[]) "
            "AS now(id, closed_at, at, by, version) WHERE stay.id = now.id",
            [
                State.RETURNED.value,
                [stay.pk for stay in stays],
                [stay.closed_at for stay in stays],
                [act.at for act in acts],
                [act.by.pk for act in acts],
                [stay.version for stay in stays],
            ],
        )
    _write_history(CustodyRecord, [stay.pk for stay in stays], "~")


def _insert(model: type[M], rows: Sequence[M]) -> None:
    """Insert stamped rows with their history. Who and when are each row's own; the kit's helper has one for all."""
    if rows:
        model._base_manager.bulk_create(list(rows), batch_size=500)
        _write_history(model, [row.pk for row in rows], "+")


def _write_history(model: type[models.Model], keys: Sequence[int], kind: str) -> None:
    history = get_history_manager_for_model(model).model
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in history.tracked_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(history._meta.db_table)} ({columns}, history_date, history_type, history_user_id) "  # noqa: S608
            f"SELECT {columns}, changed_at, %s, changed_by_id FROM {quote(model._meta.db_table)} "
            "WHERE id = ANY(%s) ORDER BY changed_at, id",
            [kind, list(keys)],
        )
