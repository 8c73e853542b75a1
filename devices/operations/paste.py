"""Record a pasted list: many pupils or devices, one act."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.audit.models import Entry
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.queries import pupils_on_roll
from core.people.roles import Permission
from core.rules.queries import for_school
from devices.enums import MarkKind, MarkSource, PasteAct
from devices.models import Gate, PupilDevice
from devices.operations.many import NothingToRecord, give_back, held_stays, say, take_in, twice
from devices.queries import Standing, settled_by, standing_of


@dataclass(frozen=True)
class PasteRecorded:
    """How many were recorded, and how many were left out because a desk had been quicker."""

    recorded: int
    left_out: int


def _again(entry: Entry) -> PasteRecorded:
    return PasteRecorded(entry.detail["recorded"], entry.detail["left_out"])


def record_pasted(
    *,
    school: School,
    actor: User,
    at: datetime,
    act: PasteAct,
    pupils: Collection[int] = (),
    devices: Collection[int] = (),
    custody: Collection[int] = (),
    switched_off: bool = False,
    reason: str = "",
    gate: Gate | None = None,
    submission: UUID | None = None,
) -> PasteRecorded:
    """Do `act` to everybody on a list (DEV-04, DEV-07, DEV-10, DEV-11): `pupils`, or the `devices` taken in, or the
    stays in `custody` that end, by key.

    Who may: whoever holds LOG_CUSTODY. Each is recorded as at the desk, all in one step or none. Whoever a desk has
    recorded meanwhile is left out and counted. Raises a kind of `UnableToHandIn` or `UnableToReturn`, or
    `NothingToRecord`; nothing is written then.
    """
    return twice(
        lambda: _record_pasted(
            school=school,
            actor=actor,
            at=at,
            act=act,
            pupils=pupils,
            devices=devices,
            custody=custody,
            switched_off=switched_off,
            reason=reason,
            gate=gate,
            submission=submission,
        )
    )


@operation("devices.paste", replay=_again)
def _record_pasted(
    *,
    school: School,
    actor: User,
    at: datetime,
    act: PasteAct,
    pupils: Collection[int],
    devices: Collection[int],
    custody: Collection[int],
    switched_off: bool,
    reason: str,
    gate: Gate | None,
    submission: UUID | None,
) -> PasteRecorded:
    require(actor, Permission.LOG_CUSTODY, school)
    asked = len({*pupils}) + len({*devices}) + len({*custody})
    if act == PasteAct.GIVEN_BACK:
        stays = held_stays(custody, school=school)
        done = give_back(school=school, actor=actor, at=at, stays=stays, reason=reason)
        keys = [stay.pk for stay in done]
    elif act == PasteAct.HANDED_IN:
        keys = _hand_in(school, actor, at, pupils, devices, switched_off, gate)
    else:
        keys = _said(school, actor, at, act, pupils)
    if not keys:
        raise NothingToRecord("Everybody on the list is recorded already.", rule="DEV-04")
    result = PasteRecorded(len(keys), asked - len(keys))
    record(
        school=school,
        actor=actor,
        action="devices.paste",
        at=at,
        obj=school,
        submission=submission,
        detail={"act": act.value, "recorded": result.recorded, "left_out": result.left_out, "keys": keys},
    )
    return result


def _hand_in(
    school: School,
    actor: User,
    at: datetime,
    pupils: Collection[int],
    devices: Collection[int],
    switched_off: bool,
    gate: Gate | None,
) -> list[int]:
    day = london_day(at)
    rules = for_school(school, on=day)
    named = PupilDevice.objects.filter(school=school, pk__in=devices, retired_on__isnull=True)
    chosen = {device.pupil_id: device for device in named.select_related("type", "usual_slot__place").order_by("-pk")}
    everybody = _on_roll(school, {*pupils, *chosen}, at)
    standing = standing_of(school, day, everybody)

    def is_here(key: int) -> bool:
        if key in chosen:
            return chosen[key].pk in standing.here(key)
        return settled_by(key, standing, rules) is not None

    incoming = [key for key in everybody if not is_here(key)]
    custody = take_in(
        school=school,
        actor=actor,
        at=at,
        written=at,
        pupils=incoming,
        standing=standing,
        switched_off=switched_off,
        chosen=chosen,
        gate=gate,
    )
    _write(school, actor, at, standing, {}, set(incoming))
    return custody


def _said(school: School, actor: User, at: datetime, act: PasteAct, pupils: Collection[int]) -> list[int]:
    everybody = _on_roll(school, pupils, at)
    standing = standing_of(school, london_day(at), everybody)
    kind = MarkKind.ABSENT if act == PasteAct.ABSENT else None
    said: dict[int, MarkKind | None] = {}
    for key in everybody:
        if standing.handed_in(key) is None and not (kind is None and standing.here(key)):
            said[key] = kind
    _write(school, actor, at, standing, said, ())
    return sorted(said)


def _write(
    school: School,
    actor: User,
    at: datetime,
    standing: Standing,
    said: dict[int, MarkKind | None],
    taken_in: Collection[int],
) -> None:
    say(
        school=school,
        actor=actor,
        at=at,
        written=at,
        standing=standing,
        said=said,
        taken_in=taken_in,
        source=MarkSource.TYPED,
    )


def _on_roll(school: School, keys: Collection[int], at: datetime) -> list[int]:
    found = pupils_on_roll(school, london_day(at)).filter(pk__in=keys)
    return list(found.order_by("pk").values_list("pk", flat=True))
