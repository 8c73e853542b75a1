"""What every plan of a desk's days asks: who stands there, whose devices come, and at which moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from core.people.calendar import LONDON
from core.people.models import Pupil, School, User
from devices.models import PupilDevice
from schoolsafe.demo.schools import DemoSchool


@dataclass(frozen=True)
class Crew:
    """Who stands at the desk."""

    office: tuple[User, ...]
    decides: User


class Planner:
    """Who and when, drawn so that the same seed gives the same days."""

    def __init__(
        self,
        school: School,
        plan: DemoSchool,
        crew: Crew,
        devices: Sequence[PupilDevice],
        rng: Random,
    ) -> None:
        self.school, self.plan, self.crew, self.rng = school, plan, crew, rng
        self.owned: dict[Pupil, list[PupilDevice]] = {}
        for device in devices:
            self.owned.setdefault(device.pupil, []).append(device)
        self.kept: set[int] = set()  # devices that nobody comes for tomorrow
        self.slipped: set[int] = set()  # devices of the day's slip

    def _office(self) -> User:
        return self.rng.choice(self.crew.office)

    def _receiver(self, device: PupilDevice) -> User:
        """Mostly the office; where the rules let any member of staff take devices in, sometimes the form's tutor."""
        tutor = device.pupil.form.tutor if device.pupil.form else None
        by_tutor = self.rng.random() < self.plan.tutors_take_in
        return tutor if by_tutor and tutor is not None else self._office()

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, LONDON)

    def _moment(self, day: date, moment: time) -> datetime:
        """About then, give or take a few minutes' worth of seconds."""
        return self._at(day, moment) + timedelta(seconds=self.rng.randrange(150))

    def _between(self, begins: datetime, until: datetime) -> datetime:
        """Somewhere between two times, the middle more often than the ends, to the second."""
        seconds = max((until - begins).total_seconds(), 0)
        return begins + timedelta(seconds=int(self.rng.triangular(0, seconds, seconds * 0.55)))
