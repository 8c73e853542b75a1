"""Devices held as evidence in the demonstration: one on hold, one lifted, one with the police, one that came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db.models import Q

from core.notices.models import Notice
from core.notices.operations import acknowledge_notice
from core.people.calendar import LONDON, calendar_for
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role
from core.rules.queries import for_school
from devices import operations
from devices.enums import HoldReason, TakenBecause, TellOfHold
from devices.models import CustodyRecord, EvidenceHold, PupilDevice
from devices.queries.taken.taking import ground_choices

_DAYS = 5
_HOUR = timedelta(hours=1)
_OFFICER: dict[str, Any] = {
    "officer_name": "PC Hale",
    "officer_number": "4417",
    "station": "Northgate neighbourhood team",
    "items": "One phone in a sealed bag",
    "condition": "Switched off, no damage seen",
    "officer_signed": True,
}


def write_evidence(school: School, *, head: User, today: date, now: datetime, rng: Random) -> None:
    """Four holds of the last days, each by a teacher and each as far on as the next: the last one is live.

    Nothing says what is on a device: the demonstration shows what the product keeps, and that is all it keeps.
    """
    dsl = holders_of(school, Role.DSL, on=today).first() or head
    teachers = list(holders_of(school, Role.TEACHER, Role.FORM_TUTOR, on=today)) or [head]
    calendar = calendar_for(school)
    days = calendar.last_school_days(today - timedelta(days=1), _DAYS)[::-1]
    after_school = datetime.combine(days[-1], time(15, 50), LONDON)
    used: set[int] = set()
    for day, further in zip(days, (_lift, _hand_over, _bring_back, _leave), strict=False):
        at = datetime.combine(day, time(10, rng.randrange(5, 55)), LONDON)
        device = spare_device(school, datetime.combine(day, time(0), LONDON), used, rng)
        if device is None:  # all of them are handed in each day: at the gate, once they have gone back
            at, device = after_school, spare_device(school, after_school, used, rng)
        if device is None or at + 5 * _HOUR > now:
            return
        used.add(device.pk)
        further(_held(school, rng.choice(teachers), device, at), dsl, head, at + _HOUR)


def spare_device(
    school: School, since: datetime, used: set[int], rng: Random, *, only_phones: bool = True
) -> PupilDevice | None:
    """A phone, or any device, that the desk has not had since then, so that its story fits together."""
    here = CustodyRecord.objects.filter(Q(opened_at__gte=since) | Q(closed_at__isnull=True) | Q(closed_at__gte=since))
    kinds = {"type__key": "phone"} if only_phones else {}
    found = list(
        PupilDevice.objects.filter(school=school, retired_on__isnull=True, **kinds)
        .exclude(pk__in=here.values("device_id"))
        .exclude(pk__in=used)
        .select_related("pupil", "type")
        .order_by("pk")
    )
    return rng.choice(found) if found else None


def devices_not_seen_since(school: School, since: datetime, rng: Random) -> Iterator[PupilDevice]:
    """Such phones, one after the other."""
    used: set[int] = set()
    while (device := spare_device(school, since, used, rng)) is not None:
        used.add(device.pk)
        yield device


def _held(school: School, teacher: User, device: PupilDevice, at: datetime) -> EvidenceHold:
    grounds = ground_choices(for_school(school, on=at.date()))
    stay: CustodyRecord = operations.taken.take_device(
        school=school,
        actor=teacher,
        at=at,
        pupil=device.pupil,
        device=device,
        ground=next((key for key, _label in grounds if key in ("behaviour", "child_protection")), "")
        or (grounds[0][0] if grounds else "Behaviour"),
        because=TakenBecause.SAFEGUARDING,
        seen="Another pupil said that threats were sent from it.",
        where="Corridor by the library",
        switched_off=True,
        sealed=True,
        bag=f"E-{device.pk % 1000:03d}",
        circumstances_weighed=True,
        hold_reason=HoldReason.CRIME,
        hold_note="Told by another pupil at break.",
    )
    return EvidenceHold.objects.get(custody=stay)


def freed(school: School, teacher: User, dsl: User, device: PupilDevice, at: datetime) -> CustodyRecord:
    """A device that was held, until the DSL lifted the hold the same hour: confiscated from then on."""
    hold = _held(school, teacher, device, at)
    because = "There is nothing to it: the sender’s own parents had read the messages. The police do not need it."
    operations.taken.lift_hold(school=school, actor=dsl, at=at + _HOUR / 2, hold=hold, because=because)
    hold.custody.refresh_from_db()
    return hold.custody


def _acknowledged(hold: EvidenceHold, dsl: User, at: datetime) -> None:
    mine = Notice.objects.filter(recipient=dsl, dedupe_key=f"devices.hold.{hold.pk}").first()
    if mine is not None:
        acknowledge_notice(school=hold.school, actor=dsl, at=at, notice=mine)


def _leave(hold: EvidenceHold, dsl: User, head: User, at: datetime) -> None:
    """It stays on hold, its notice stays to be acknowledged, and whether a parent is told stays to be decided."""


def _lift(hold: EvidenceHold, dsl: User, head: User, at: datetime) -> None:
    _acknowledged(hold, dsl, at)
    because = "The messages were read out by the sender’s own parents and are no threat. The police do not need it."
    operations.taken.lift_hold(school=hold.school, actor=dsl, at=at + _HOUR, hold=hold, because=because)


def _hand_over(hold: EvidenceHold, dsl: User, head: User, at: datetime) -> None:
    """To the police, who asked that nobody be told yet."""
    _acknowledged(hold, dsl, at)
    operations.taken.decide_telling(
        school=hold.school, actor=dsl, at=at, hold=hold, answer=TellOfHold.NOT_NOW,
        because="The police asked us to wait until they have spoken to the family.",
    )  # fmt: skip
    operations.taken.hand_to_police(
        school=hold.school, actor=head, at=at + _HOUR, custody=hold.custody, reference=f"42/{hold.pk:05d}", **_OFFICER
    )


def _bring_back(hold: EvidenceHold, dsl: User, head: User, at: datetime) -> None:
    """The police gave it back; a parent may be told of it now."""
    _hand_over(hold, dsl, head, at)
    operations.taken.take_back_from_police(
        school=hold.school, actor=head, at=at + 3 * _HOUR, handover=hold.handover, officer="PC Moss",
        condition="As it was handed over",
    )  # fmt: skip
    operations.taken.decide_telling(school=hold.school, actor=dsl, at=at + 3 * _HOUR, hold=hold, answer=TellOfHold.YES)
