"""What the scenarios of taken devices begin with: a pupil with a phone, a listed parent, and a teacher who took it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.people.models import Contact, Pupil, School, User
from core.people.roles import Role
from core.rules.queries import for_school
from devices.enums import State, TakenBecause
from devices.models import CustodyRecord, PupilDevice
from devices.operations import add_device, seed_device_types
from devices.operations.taken import lift_hold, take_device
from devices.queries.taken.taking import ground_choices
from tests.factories import make_contact, make_form, make_pupil, make_user

RELEASE = {"identity": "photo", "condition": "No damage seen", "place": "office", "signed": "initials"}


@dataclass(frozen=True)
class Family:
    """Amara, her phone, her mother who may collect, and a stepfather who may not."""

    amara: Pupil
    phone: PupilDevice
    mother: Contact
    stepfather: Contact
    teacher: User

    def taken(self, school: School, at: datetime, because: str = TakenBecause.USED_IN_DAY) -> CustodyRecord:
        """The phone, taken by her teacher on a ground of the school's. Where its only ground is a suspected image, it
        is held at once; then the DSL has lifted the hold within the hour."""
        listed = ground_choices(for_school(school, on=at.date()))
        stay = take_device(
            school=school, actor=self.teacher, at=at, pupil=self.amara, device=self.phone, because=because,
            ground=listed[0][0] if listed else "It rang in the lesson", seen="It rang twice in the lesson.",
            where="Room 4", switched_off=True,
        )  # fmt: skip
        if stay.state == State.EVIDENCE_HOLD:
            lift_hold(
                school=school, actor=make_user(Role.DSL, school), at=at + timedelta(minutes=50), hold=stay.holds.get(),
                because="Nothing of the kind.",
            )  # fmt: skip
            stay.refresh_from_db()
        return stay


def family(school: School, at: datetime) -> Family:
    """Everybody of the scenario."""
    types = {kind.key: kind for kind in seed_device_types(school=school, actor=None, at=at)}
    amara = make_pupil(school, "Amara", "Kovacs", form=make_form(school, "8B", year=8))
    return Family(
        amara=amara,
        phone=add_device(school=school, actor=None, at=at, pupil=amara, type=types["phone"]),
        mother=make_contact(amara, relationship="Mother", email="dana@example.org"),
        stepfather=make_contact(amara, "Grey", forename="Ned", relationship="Stepfather", may_collect=False),
        teacher=make_user(Role.TEACHER, school),
    )
