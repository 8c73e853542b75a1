"""Taken devices as tests need them: written as they would stand, without the operations under test."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.people.models import Pupil, User
from devices.enums import Basis, EventKind, HoldReason, State, TakenBecause
from devices.models import Confiscation, CustodyEvent, CustodyRecord, EvidenceHold, PupilDevice, StoragePlace

_BASIS = {State.COLLECTED: Basis.COLLECTED, State.EVIDENCE_HOLD: Basis.EVIDENCE}


def make_taken(
    pupil: Pupil,
    device: PupilDevice,
    *,
    by: User,
    at: datetime,
    state: State = State.CONFISCATED,
    release_rule: str = "parent_only",
    place: StoragePlace | None = None,
    reason: HoldReason = HoldReason.CRIME,
    **fields: Any,
) -> CustodyRecord:
    """A device that staff took: collected, confiscated, waiting for a parent, or held as evidence."""
    basis = _BASIS.get(state, Basis.CONFISCATED)
    common = {"school": pupil.school, "device": device, "basis": basis}
    stay = CustodyRecord(
        **common, pupil=pupil, day=at.date(), state=state, place=place, switched_off=True, rules_version=1,
        opened_at=at, opened_by=by,
    )  # fmt: skip
    stay.stamp(by=by, at=at)
    stay.save()
    taken = State.COLLECTED if basis == Basis.COLLECTED else State.CONFISCATED
    steps = [(State.NOT_HANDED_IN, EventKind.TAKE, taken)]
    if state == State.PARENT_COLLECTION:
        steps.append((taken, EventKind.AWAIT_PARENT, state))
    if state == State.EVIDENCE_HOLD:
        steps = [(State.WITH_PUPIL_ON_SITE, EventKind.HOLD, state)]
    for origin, kind, target in steps:
        CustodyEvent.objects.create(
            **common, custody=stay, kind=kind, from_state=origin, to_state=target, at=at, recorded_at=at, by=by
        )
    values: dict[str, Any] = {
        "ground": "behaviour",
        "ground_words": "Behaviour",
        "because": TakenBecause.USED_IN_DAY,
        "seen": "Held the phone under the desk and typed.",
        "taken_where": "Room 4",
        "release_rule": release_rule,
    } | fields
    confiscation = Confiscation(
        school=pupil.school, custody=stay, pupil=pupil, basis=basis, taken_at=at, taken_by=by, **values
    )
    confiscation.stamp(by=by, at=at)
    confiscation.save()
    if state == State.EVIDENCE_HOLD:
        hold = EvidenceHold(
            school=pupil.school, custody=stay, reason=reason, was_state=State.CONFISCATED, was_basis=Basis.CONFISCATED,
            placed_at=at, placed_by=by,
        )  # fmt: skip
        hold.stamp(by=by, at=at)
        hold.save()
    return stay
