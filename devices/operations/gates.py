"""The gates at which a school takes devices in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.roles import Permission
from devices.models import Gate


class UnableToChangeGate(Refusal):
    """A gate was not added or changed."""


class GateNameTaken(UnableToChangeGate):
    """Another gate of the school has this name."""

    default_field = "name"


class GateClosed(UnableToChangeGate):
    """The gate is not in use any more."""


@operation("devices.add_gate")
def add_gate(*, school: School, actor: User | None, at: datetime, name: str, submission: UUID | None = None) -> Gate:
    """Add a gate, last in the list (DEV-12). Who may: whoever holds MANAGE_STORAGE. Raises `GateNameTaken`."""
    require(actor, Permission.MANAGE_STORAGE, school)
    last = Gate.objects.filter(school=school).order_by("-position").first()
    gate = Gate(school=school, name=name, position=(last.position if last else 0) + 1)
    gate.stamp(by=actor, at=at)
    try:
        gate.save()
    except IntegrityError as error:
        raise GateNameTaken(f"There is a gate called “{name}” already.", rule="DEV-12") from error
    record(school=school, actor=actor, action="devices.add_gate", at=at, obj=gate, submission=submission)
    return gate


@operation("devices.close_gate")
def close_gate(*, school: School, actor: User, at: datetime, gate: Gate, submission: UUID | None = None) -> Gate:
    """Take a gate out of use; its figures stay. Who may: whoever holds MANAGE_STORAGE. Raises `GateClosed`."""
    require(actor, Permission.MANAGE_STORAGE, school)
    held: Gate = Gate.objects.select_for_update(of=("self",)).get(school=school, pk=gate.pk)
    if held.closed_on is not None:
        raise GateClosed("This gate is out of use already.", rule="DEV-12")
    held.closed_on = london_day(at)
    held.stamp(by=actor, at=at)
    held.save()
    record(school=school, actor=actor, action="devices.close_gate", at=at, obj=held, submission=submission)
    return held
