"""A school in which two write at once: everybody who acts, and the records that they act on, each made afresh."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django_scopes import scope

from agreements.models import AccessGrant, Agreement, EquipmentUse, PasswordDisclosure, RelationshipDeclaration
from agreements.operations.access_register import add_system, grant_access
from agreements.operations.conduct import consult, declare_relationship
from agreements.operations.disclosures import ask_disclosure
from agreements.operations.equipment import authorise_equipment
from core.people.models import Contact, Pupil, School, User
from tests.agreements.test_access import acknowledge, publish
from tests.factories import make_contact, make_form, make_pupil, make_school, make_user
from tests.factories.agreements import make_agreement, make_version, sign_as

ROLES = ("office", "headteacher", "systems_manager", "dsl", "teacher")


class World:
    """A school whose four sign its agreement, with everybody who acts."""

    def __init__(self, at: datetime) -> None:
        self.at, self.today, self.numbers = at, at.date(), count()
        self.school: School = make_school(preset="phone-free-agreement")
        self.cast: dict[str, User] = {role: make_user(role, self.school) for role in ROLES}
        self.other_manager = make_user("systems_manager", self.school)
        self.form = make_form(self.school, tutor=make_user("form_tutor", self.school))
        self.version = make_version(self.school)
        with scope(school=self.school):
            self.rules = publish(self.school, at)

    def by(self, role: str) -> dict[str, Any]:
        return {"school": self.school, "actor": self.cast[role], "at": self.at}

    @property
    def office(self) -> User:
        return self.cast["office"]

    def family(self) -> tuple[Pupil, Contact, Contact]:
        pupil = make_pupil(self.school, form=self.form)
        number = next(self.numbers)
        first = make_contact(pupil, "Kovacs", email=f"dana{number}@example.org", has_parental_responsibility=True)
        return pupil, first, make_contact(pupil, "Okafor", forename="Ada", email=f"ada{number}@example.org")

    def agreement(self, *signed: str) -> Agreement:
        pupil, _first, _second = self.family()
        made = make_agreement(self.school, self.office, self.at, pupil=pupil, version=self.version)
        for capacity in signed:
            sign_as(made, capacity, self.office, self.at)
        return made

    def declaration(self, *consulted: str) -> RelationshipDeclaration:
        row: RelationshipDeclaration = declare_relationship(
            **self.by("teacher"), context="devices", nature="family", parties="A cousin", since="Always",
            circumstances="We share a chat.",
        )  # fmt: skip
        people = [self.cast[role] for role in consulted]
        return consult(**self.by("teacher"), declaration=row, people=people) if people else row

    def request(self) -> PasswordDisclosure:
        row: PasswordDisclosure = ask_disclosure(
            **self.by("headteacher"), holder=self.cast["teacher"], system="Mailbox", reason="Cover", reset_by=self.today
        )
        return row

    def authorisation(self, **given: Any) -> EquipmentUse:
        row: EquipmentUse = authorise_equipment(
            **self.by("headteacher"), user=self.cast["teacher"], equipment="Laptop 12", kind="personal",
            terms="Evenings", starts_on=self.today, ends_on=self.today, **given,
        )  # fmt: skip
        return row

    def access(self) -> AccessGrant:
        pupil, *_ = self.family()
        acknowledge(pupil, self.office, self.at, self.rules)
        system = add_system(**self.by("office"), name=f"System {next(self.numbers)}", kind="internet")
        grant: AccessGrant = grant_access(**self.by("office"), person=pupil, system=system)
        return grant
