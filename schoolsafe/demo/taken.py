"""Devices that teachers have taken in the demonstration, so that the board shows each state that the rules know."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from core.people.calendar import LONDON, calendar_for
from core.people.models import School, User
from core.people.queries import holders_of
from core.people.roles import Role
from core.rules.queries import for_school
from devices import operations
from devices.enums import TakenBecause
from devices.models import PupilDevice
from devices.queries.taken import ground_choices, taken_places
from schoolsafe.demo.evidence import devices_not_seen_since

_DAYS = 5
# How many school days before the last one, at what hour, why, what was seen and where; the newest are due still.
_TAKINGS: tuple[tuple[int, int, TakenBecause, str, str], ...] = (
    (5, 11, TakenBecause.USED_IN_DAY, "Watched a film on it in the lesson.", "Room 12"),
    (2, 12, TakenBecause.KEPT_ON_PERSON, "It fell out of a blazer pocket.", "Dining hall"),
    (1, 13, TakenBecause.SECOND_HIDDEN, "It rang in a bag; the other one was handed in.", "Changing room"),
    (0, 10, TakenBecause.NOT_HANDED_IN, "Had it at the lockers and had not handed it in.", "Corridor"),
    (0, 11, TakenBecause.USED_IN_DAY, "Typed under the desk.", "Room 4"),
)


def write_taken(school: School, *, office: User, today: date, now: datetime, rng: Random) -> None:
    """A few takings of the last school days: overdue, over a weekend, due, put away and still to be put away."""
    teachers = list(holders_of(school, Role.TEACHER, Role.FORM_TUTOR, on=today)) or [office]
    days = calendar_for(school).last_school_days(today + timedelta(days=1), _DAYS + 1)
    begins = datetime.combine(days[-1], time(0), LONDON)
    spare = devices_not_seen_since(school, begins, rng)
    for ago, hour, because, seen, where in _TAKINGS:
        at = datetime.combine(days[min(ago, len(days) - 1)], time(hour, rng.randrange(5, 55)), LONDON)
        device = next(spare, None)
        if device is None or at > now:
            continue
        stay = _take(school, rng.choice(teachers), device, at, because=because, seen=seen, where=where)
        if stay is not None and ago:
            _put_away(school, office, stay, at + timedelta(minutes=25))


def _take(school: School, teacher: User, device: PupilDevice, at: datetime, *, because: str, **said: Any) -> Any:
    rules = for_school(school, on=at.date())
    grounds = [key for key, _label in ground_choices(rules)]
    usual = [key for key in grounds if key in ("any_school_or_group_policy", "behaviour")]
    if grounds and not usual:
        return None  # the rules name no ground for ordinary use
    return operations.taken.take_device(
        school=school,
        actor=teacher,
        at=at,
        pupil=device.pupil,
        device=device,
        ground=usual[0] if usual else "Used in the lesson after being asked to put it away.",
        because=because,
        switched_off=True,
        circumstances_weighed=True,
        **said,
    )


def _put_away(school: School, office: User, stay: Any, at: datetime) -> None:
    place = taken_places(school).first()
    if place is not None:
        operations.taken.store_taken(school=school, actor=office, at=at, custody=stay, place=place, note="Brought in.")
